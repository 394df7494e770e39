# SPDX-License-Identifier: GPL-2.0-or-later
# Part of Makefile.am: the programs and scripts of the fake tier.

# --- fake alone: what the kernel does ----------------------------------------------
EXTRA_DIST += tests/fake/edge.desc
FAKE_TESTS = tests/fake/outside.test tests/fake/state.test
check_PROGRAMS += tests/fake/show
if HAVE_CMOCKA
check_PROGRAMS += tests/fake/test_mapping
FAKE_TESTS += tests/fake/group.test
rows = tests/fake/test_cdev tests/fake/test_device tests/fake/test_feature tests/fake/test_hwpt \
	tests/fake/test_iommufd tests/fake/test_iommufd_vfio tests/fake/test_irqs tests/fake/test_mapping \
	tests/fake/test_process tests/fake/test_share
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
	tests/shim/adopt.test \
	tests/shim/cycles.test \
	tests/shim/entries.test \
	tests/shim/foreign.test \
	tests/shim/held.test \
	tests/shim/inherit.test \
	tests/shim/jail.test \
	tests/shim/log.test \
	tests/shim/refusal.test \
	tests/shim/rules.test \
	tests/shim/signals.test \
	tests/shim/surface.test \
	tests/shim/threads.test \
	tests/shim/vmms.test
EXTRA_DIST += \
	tests/lib/gaps.h \
	tests/lib/memcheck.sh \
	tests/lib/memcheck.supp \
	tests/lib/preload.sh \
	tests/shim/programs/threads.c \
	tests/shim/trace.golden
check_PROGRAMS += \
	tests/shim/programs/cycles \
	tests/shim/programs/devices \
	tests/shim/programs/entries \
	tests/shim/programs/fork_faults \
	tests/shim/programs/held \
	tests/shim/programs/inherit \
	tests/shim/programs/jailed \
	tests/shim/programs/log_user \
	tests/shim/programs/no_stderr \
	tests/shim/programs/other_user \
	tests/shim/programs/passed \
	tests/shim/programs/signals \
	tests/shim/programs/surface \
	tests/shim/clients/vmms
tests_shim_programs_cycles_SOURCES = tests/shim/programs/cycles.c tests/lib/user.h tests/lib/user.c
tests_shim_programs_devices_SOURCES = tests/shim/programs/devices.c tests/lib/user.h tests/lib/user.c
tests_shim_programs_entries_SOURCES = \
	tests/shim/programs/entries.h tests/shim/programs/entries.c tests/shim/programs/entries_fd.c tests/shim/programs/entries_io.c tests/shim/programs/entries_map.c \
	tests/lib/user.h tests/lib/user.c
tests_shim_programs_log_user_SOURCES = tests/shim/programs/log_user.c tests/lib/user.h tests/lib/user.c
tests_shim_programs_fork_faults_SOURCES = tests/shim/programs/fork_faults.c
tests_shim_programs_inherit_SOURCES = tests/shim/programs/inherit.c tests/lib/user.h tests/lib/user.c
tests_shim_programs_held_SOURCES = tests/shim/programs/held.c tests/preloads/hold.h tests/lib/user.h tests/lib/user.c
tests_shim_programs_jailed_SOURCES = tests/shim/programs/jailed.c tests/preloads/jail.h tests/lib/user.h tests/lib/user.c
tests_shim_programs_no_stderr_SOURCES = tests/shim/programs/no_stderr.c tests/lib/user.h tests/lib/user.c
tests_shim_programs_other_user_SOURCES = tests/shim/programs/other_user.c
tests_shim_programs_passed_SOURCES = tests/shim/programs/passed.c tests/lib/user.h tests/lib/user.c
tests_shim_programs_signals_SOURCES = tests/shim/programs/signals.c tests/preloads/jail.h tests/lib/user.h tests/lib/user.c
tests_shim_clients_vmms_SOURCES = \
	tests/shim/clients/vmm.h tests/shim/clients/vmm.c tests/shim/clients/vmm_cloud_hypervisor.c \
	tests/shim/clients/vmm_crosvm.c tests/shim/clients/vmm_dpdk.c tests/shim/clients/vmm_kvmtool.c \
	tests/shim/clients/vmms.c tests/lib/user.h tests/lib/user.c
SHIM_TESTS += tests/shim/regions.test
check_PROGRAMS += tests/shim/programs/regions
tests_shim_programs_regions_SOURCES = \
	tests/shim/clients/vmm.h tests/shim/clients/vmm.c tests/shim/programs/regions.c tests/lib/user.h tests/lib/user.c
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
tests_shim_programs_surface_SOURCES = \
	tests/shim/programs/surface.h tests/shim/programs/surface.c tests/shim/programs/surface_main.c \
	tests/lib/user.h tests/lib/user.c
tests_shim_programs_surface_LDADD = libearly.la
# linked though nothing is called: its constructor is what counts
tests_shim_programs_surface_LDFLAGS = $(AM_LDFLAGS) -no-install -Wl,--no-as-needed
check_LTLIBRARIES += libearly.la
libearly_la_SOURCES = \
	tests/shim/programs/surface.h tests/shim/programs/surface.c tests/shim/programs/surface_lib.c \
	tests/lib/user.h tests/lib/user.c
# flags of its own, so that objects get names of their own
libearly_la_CFLAGS = $(AM_CFLAGS)
libearly_la_LDFLAGS = $(AM_LDFLAGS) -shared -avoid-version -rpath /nowhere
if HAVE_CMOCKA
SHIM_TESTS += \
	tests/shim/children.test tests/shim/clones.test tests/shim/many.test tests/shim/stale.test
rows += tests/shim/test_adopt tests/shim/test_advise tests/shim/test_compose tests/shim/test_extended \
	tests/shim/test_kernels tests/shim/test_lifetime tests/shim/test_places \
	tests/shim/test_places_composed tests/shim/test_remap tests/shim/test_remap_older
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
check_PROGRAMS += \
	tests/shim/test_advise \
	tests/shim/test_places \
	tests/shim/test_places_composed \
	tests/shim/test_remap \
	tests/shim/test_remap_older
tests_shim_test_places_composed_SOURCES = $(tests_shim_test_places_SOURCES)
tests_shim_test_places_composed_LDADD = $(CMOCKA_LIBS)
tests_shim_test_remap_older_SOURCES = $(tests_shim_test_remap_SOURCES)
tests_shim_test_remap_older_LDADD = $(CMOCKA_LIBS)
shim_pages = tests/lib/pages.h tests/lib/pages.c $(fixture)
tests_shim_test_advise_SOURCES = tests/shim/test_advise.c $(shim_pages)
tests_shim_test_advise_LDADD = $(CMOCKA_LIBS)
tests_shim_test_places_SOURCES = tests/shim/test_places.c tests/lib/user.h tests/lib/user.c
tests_shim_test_places_LDADD = $(CMOCKA_LIBS)
tests_shim_test_remap_SOURCES = tests/shim/test_remap.c $(shim_pages)
tests_shim_test_remap_LDADD = $(CMOCKA_LIBS)
check_LTLIBRARIES += libolderkernel.la
TESTS += $(rows)
endif
EXTRA_DIST += tests/rows tests/lib/row.sh tests/shim/neighbour.desc tests/shim/places.desc tests/shim/vf.desc
TESTS += $(SHIM_TESTS)
dist_noinst_SCRIPTS += $(SHIM_TESTS)

table-update: all tests/shim/programs/entries$(EXEEXT)
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
		$(srcdir)/tests/shim/entries.test --update
.PHONY: table-update
