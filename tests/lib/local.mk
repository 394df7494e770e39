# SPDX-License-Identifier: GPL-2.0-or-later
# What the tiers share: what each test runs under, and what its programs are linked with. Other
# folders add to libtests.la; a program takes of it, and of what follows, what it calls.
check_PROGRAMS += %D%/limit
check_LTLIBRARIES += libtests.la
libtests_la_SOURCES = %D%/user.c
libtests_la_LIBADD = libvfio.la libdesc.la
LDADD = libtests.la
if HAVE_CMOCKA
AM_CPPFLAGS += $(CMOCKA_CFLAGS)
libtests_la_SOURCES += \
	%D%/bar5.c %D%/fixture.c %D%/iommufd_user.c %D%/pages.c %D%/vfio_user.c
LDADD += $(CMOCKA_LIBS)
endif
if WITH_CLI
AM_CPPFLAGS += $(JSON_CFLAGS)
LDADD += libcli.la
check_PROGRAMS += %D%/json_get
endif

# Each test ends within so many seconds of processor time (0 is no limit), or if for so many seconds it
# does nothing; and with it all that it started.
TEST_LIMIT = 900
TEST_QUIET = 300
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(top_srcdir)/%D%/driver.sh $(top_srcdir)/build-aux/tap-driver.sh
LOG_COMPILER = $(top_builddir)/%D%/limit$(EXEEXT)
AM_LOG_FLAGS = $(AM_TEST_LOG_FLAGS) $(top_srcdir)/%D%/row.sh
TEST_LOG_DRIVER = $(LOG_DRIVER)
TEST_LOG_COMPILER = $(LOG_COMPILER)
AM_TEST_LOG_FLAGS = $(TEST_LIMIT) $(TEST_QUIET) $(top_srcdir)/%D%/hang.sh
AM_TESTS_ENVIRONMENT = \
	export CMOCKA_MESSAGE_OUTPUT=TAP; \
	export top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)'; \
	export CC='$(CC)' NM='$(NM)' READELF='$(READELF)' SANITIZER='$(SANITIZER_CFLAGS)';
