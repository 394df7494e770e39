# SPDX-License-Identifier: GPL-2.0-or-later
# Part of Makefile.am: the programs and scripts of the fake tier.

# --- fake alone: what the kernel does ----------------------------------------------
EXTRA_DIST += tests/fake/edge.desc
FAKE_TESTS = tests/fake/outside.sh tests/fake/state.sh
check_PROGRAMS += tests/fake/show
if HAVE_CMOCKA
FAKE_TESTS += tests/fake/mapping.sh
check_PROGRAMS += tests/fake/test_mapping
FAKE_TESTS += \
	tests/fake/cdev.sh tests/fake/device.sh tests/fake/feature.sh tests/fake/group.sh tests/fake/hwpt.sh \
	tests/fake/iommufd.sh tests/fake/iommufd_vfio.sh tests/fake/irqs.sh \
	tests/fake/process.sh tests/fake/share.sh
check_PROGRAMS += \
	tests/fake/test_cdev tests/fake/test_device tests/fake/test_feature tests/fake/test_group tests/fake/test_hwpt \
	tests/fake/test_iommufd tests/fake/test_iommufd_vfio \
	tests/fake/test_irqs tests/fake/test_process tests/fake/test_share
fake_user = \
	tests/lib/vfio_user.h tests/lib/vfio_user.c tests/lib/user.h tests/lib/user.c
tests_fake_test_device_SOURCES = tests/fake/test_device.c $(fake_user)
# asks for more bytes than its buffers have, which is libc's to punish where it is fortified
tests_fake_test_device_CFLAGS = $(AM_CFLAGS) -U_FORTIFY_SOURCE
tests_fake_test_device_LDADD = $(CMOCKA_LIBS)
tests_fake_test_feature_SOURCES = tests/fake/test_feature.c $(fake_user)
tests_fake_test_feature_LDADD = $(CMOCKA_LIBS)
tests_fake_test_group_SOURCES = tests/fake/test_group.c $(fake_user)
tests_fake_test_group_LDADD = $(CMOCKA_LIBS)
iommufd_user = tests/lib/iommufd_user.h tests/lib/iommufd_user.c $(fake_user)
tests_fake_test_cdev_SOURCES = tests/fake/test_cdev.c $(iommufd_user)
tests_fake_test_cdev_LDADD = $(CMOCKA_LIBS)
tests_fake_test_hwpt_SOURCES = tests/fake/test_hwpt.c $(iommufd_user)
tests_fake_test_hwpt_LDADD = $(CMOCKA_LIBS)
tests_fake_test_iommufd_SOURCES = tests/fake/test_iommufd.c $(iommufd_user)
tests_fake_test_iommufd_LDADD = $(CMOCKA_LIBS)
tests_fake_test_iommufd_vfio_SOURCES = tests/fake/test_iommufd_vfio.c $(iommufd_user)
tests_fake_test_iommufd_vfio_LDADD = $(CMOCKA_LIBS)
tests_fake_test_irqs_SOURCES = tests/fake/test_irqs.c $(fake_user)
tests_fake_test_irqs_LDADD = $(CMOCKA_LIBS)
tests_fake_test_mapping_SOURCES = tests/fake/test_mapping.c $(fake_user)
tests_fake_test_mapping_LDADD = $(CMOCKA_LIBS)
tests_fake_test_process_SOURCES = tests/fake/test_process.c $(fake_user)
tests_fake_test_process_LDADD = $(CMOCKA_LIBS)
tests_fake_test_share_SOURCES = tests/fake/test_share.c $(iommufd_user)
tests_fake_test_share_LDADD = $(CMOCKA_LIBS)
endif
TESTS += $(FAKE_TESTS)
dist_noinst_SCRIPTS += $(FAKE_TESTS)

# --- shim over fake: programs under both libraries ---------------------------------
SHIM_TESTS = \
	tests/shim/adopt.sh \
	tests/shim/cycles.sh \
	tests/shim/entries.sh \
	tests/shim/foreign.sh \
	tests/shim/held.sh \
	tests/shim/inherit.sh \
	tests/shim/jail.sh \
	tests/shim/log.sh \
	tests/shim/refusal.sh \
	tests/shim/rules.sh \
	tests/shim/signals.sh \
	tests/shim/surface.sh \
	tests/shim/threads.sh \
	tests/shim/vmms.sh
EXTRA_DIST += \
	tests/lib/gaps.h \
	tests/lib/memcheck.sh \
	tests/lib/memcheck.supp \
	tests/lib/preload.sh \
	tests/shim/threads.c \
	tests/shim/trace.golden
check_PROGRAMS += \
	tests/shim/cycles \
	tests/shim/devices \
	tests/shim/entries \
	tests/shim/fork_faults \
	tests/shim/held \
	tests/shim/inherit \
	tests/shim/jailed \
	tests/shim/log_user \
	tests/shim/no_stderr \
	tests/shim/other_user \
	tests/shim/passed \
	tests/shim/signals \
	tests/shim/surface \
	tests/shim/vmms
tests_shim_cycles_SOURCES = tests/shim/cycles.c tests/lib/user.h tests/lib/user.c
tests_shim_devices_SOURCES = tests/shim/devices.c tests/lib/user.h tests/lib/user.c
tests_shim_entries_SOURCES = \
	tests/shim/entries.h tests/shim/entries.c tests/shim/entries_fd.c tests/shim/entries_io.c tests/shim/entries_map.c \
	tests/lib/user.h tests/lib/user.c
tests_shim_log_user_SOURCES = tests/shim/log_user.c tests/lib/user.h tests/lib/user.c
tests_shim_fork_faults_SOURCES = tests/shim/fork_faults.c
tests_shim_inherit_SOURCES = tests/shim/inherit.c tests/lib/user.h tests/lib/user.c
tests_shim_held_SOURCES = tests/shim/held.c tests/preloads/hold.h tests/lib/user.h tests/lib/user.c
tests_shim_jailed_SOURCES = tests/shim/jailed.c tests/preloads/jail.h tests/lib/user.h tests/lib/user.c
tests_shim_no_stderr_SOURCES = tests/shim/no_stderr.c tests/lib/user.h tests/lib/user.c
tests_shim_other_user_SOURCES = tests/shim/other_user.c
tests_shim_passed_SOURCES = tests/shim/passed.c tests/lib/user.h tests/lib/user.c
tests_shim_signals_SOURCES = tests/shim/signals.c tests/preloads/jail.h tests/lib/user.h tests/lib/user.c
tests_shim_vmms_SOURCES = \
	tests/shim/vmm.h tests/shim/vmm.c tests/shim/vmm_cloud_hypervisor.c \
	tests/shim/vmm_crosvm.c tests/shim/vmm_dpdk.c tests/shim/vmm_kvmtool.c \
	tests/shim/vmms.c tests/lib/user.h tests/lib/user.c
SHIM_TESTS += tests/shim/regions.sh
check_PROGRAMS += tests/shim/regions
tests_shim_regions_SOURCES = \
	tests/shim/vmm.h tests/shim/vmm.c tests/shim/regions.c tests/lib/user.h tests/lib/user.c
check_LTLIBRARIES += libfault.la libhold.la libjail.la libnewerkernel.la libotherdriver.la libpagesize.la
libfault_la_SOURCES = tests/preloads/fault.c tests/lib/next_symbol.h
libfault_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere
libhold_la_SOURCES = tests/preloads/hold.h tests/preloads/hold.c tests/lib/next_symbol.h
libhold_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere
libjail_la_SOURCES = tests/preloads/jail.h tests/preloads/jail.c tests/preloads/jail_env.c tests/preloads/jail_rules.c tests/lib/next_symbol.h
libjail_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere
libnewerkernel_la_SOURCES = tests/preloads/newer_kernel.c tests/lib/user.h tests/lib/next_symbol.h
libnewerkernel_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere
libolderkernel_la_SOURCES = tests/preloads/older_kernel.c tests/lib/next_symbol.h
libolderkernel_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere
libotherdriver_la_SOURCES = tests/preloads/other_driver.c
libotherdriver_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere
libpagesize_la_SOURCES = tests/preloads/page_size.c tests/lib/next_symbol.h
libpagesize_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere
tests_shim_surface_SOURCES = \
	tests/shim/surface.h tests/shim/surface.c tests/shim/surface_main.c \
	tests/lib/user.h tests/lib/user.c
tests_shim_surface_LDADD = libearly.la
# linked though nothing is called: its constructor is what counts
tests_shim_surface_LDFLAGS = $(AM_LDFLAGS) -no-install -Wl,--no-as-needed
check_LTLIBRARIES += libearly.la
libearly_la_SOURCES = \
	tests/shim/surface.h tests/shim/surface.c tests/shim/surface_lib.c \
	tests/lib/user.h tests/lib/user.c
# flags of its own, so that objects get names of their own
libearly_la_CFLAGS = $(AM_CFLAGS)
libearly_la_LDFLAGS = $(AM_LDFLAGS) -shared -avoid-version -rpath /nowhere
if HAVE_CMOCKA
SHIM_TESTS += \
	tests/shim/children.sh tests/shim/clones.sh tests/shim/compose.sh tests/shim/extended.sh \
	tests/shim/kernels.sh tests/shim/lifetime.sh tests/shim/many.sh tests/shim/stale.sh \
	tests/shim/unknown.sh
check_PROGRAMS += \
	tests/shim/test_adopt tests/shim/test_compose tests/shim/test_extended tests/shim/test_lifetime \
	tests/shim/test_children tests/shim/test_clones tests/shim/test_kernels tests/shim/test_many \
	tests/shim/test_stale
fixture = tests/lib/fixture.h tests/lib/fixture.c tests/lib/user.h tests/lib/user.c
bar5 = tests/lib/bar5.h tests/lib/bar5.c $(fixture)
tests_shim_test_adopt_SOURCES = tests/shim/test_adopt.c tests/lib/next_symbol.h $(bar5)
tests_shim_test_adopt_LDADD = $(CMOCKA_LIBS)
tests_shim_test_compose_SOURCES = tests/shim/test_compose.c $(fixture)
tests_shim_test_compose_LDADD = $(CMOCKA_LIBS)
tests_shim_test_extended_SOURCES = tests/shim/test_extended.c $(fixture)
tests_shim_test_extended_LDADD = $(CMOCKA_LIBS)
tests_shim_test_children_SOURCES = tests/shim/test_children.c $(bar5)
tests_shim_test_children_LDADD = $(CMOCKA_LIBS)
tests_shim_test_clones_SOURCES = tests/shim/test_clones.c $(bar5)
tests_shim_test_clones_LDADD = $(CMOCKA_LIBS)
tests_shim_test_kernels_SOURCES = tests/shim/test_kernels.c $(fixture)
tests_shim_test_kernels_LDADD = $(CMOCKA_LIBS)
tests_shim_test_lifetime_SOURCES = tests/shim/test_lifetime.c $(bar5)
tests_shim_test_lifetime_LDADD = $(CMOCKA_LIBS)
tests_shim_test_many_SOURCES = tests/shim/test_many.c tests/lib/user.h tests/lib/user.c
tests_shim_test_many_LDADD = $(CMOCKA_LIBS)
check_LTLIBRARIES += libothertopology.la
libothertopology_la_SOURCES = tests/preloads/other_topology.c tests/lib/next_symbol.h
libothertopology_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere
tests_shim_test_stale_SOURCES = \
	tests/shim/stale_call.h tests/shim/stale_call.c tests/shim/test_stale.c tests/lib/user.h tests/lib/user.c
tests_shim_test_stale_LDADD = $(CMOCKA_LIBS)
SHIM_TESTS += \
	tests/shim/advise.sh \
	tests/shim/places.sh \
	tests/shim/places_composed.sh \
	tests/shim/remap.sh \
	tests/shim/remap_older.sh
check_PROGRAMS += \
	tests/shim/test_advise \
	tests/shim/test_places \
	tests/shim/test_remap
shim_pages = tests/lib/pages.h tests/lib/pages.c $(fixture)
tests_shim_test_advise_SOURCES = tests/shim/test_advise.c $(shim_pages)
tests_shim_test_advise_LDADD = $(CMOCKA_LIBS)
tests_shim_test_places_SOURCES = tests/shim/test_places.c tests/lib/user.h tests/lib/user.c
tests_shim_test_places_LDADD = $(CMOCKA_LIBS)
tests_shim_test_remap_SOURCES = tests/shim/test_remap.c $(shim_pages)
tests_shim_test_remap_LDADD = $(CMOCKA_LIBS)
check_LTLIBRARIES += libolderkernel.la
endif
TESTS += $(SHIM_TESTS)
dist_noinst_SCRIPTS += $(SHIM_TESTS)

table-update: all tests/shim/entries$(EXEEXT)
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
		$(srcdir)/tests/shim/entries.sh --update
.PHONY: table-update
