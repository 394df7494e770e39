# SPDX-License-Identifier: GPL-2.0-or-later
# shim: over the fake; scripts that run programs/ and clients/, and cmocka programs with a row in
# tests/rows
TESTS += %D%/adopt.test %D%/cycles.test %D%/encoding.test %D%/entries.test %D%/foreign.test \
	%D%/handout.test %D%/held.test %D%/inherit.test %D%/jail.test %D%/log.test %D%/odd.test \
	%D%/refusal.test %D%/regions.test %D%/rules.test %D%/signals.test %D%/surface.test \
	%D%/threads.test %D%/vmms.test
if HAVE_CMOCKA
shim_tests = %D%/test_adopt %D%/test_advise %D%/test_compose %D%/test_extended %D%/test_forks \
	%D%/test_kernels %D%/test_lifetime %D%/test_places %D%/test_places_composed %D%/test_remap \
	%D%/test_remap_older
%C%_test_places_composed_SOURCES = %D%/test_places.c
%C%_test_remap_older_SOURCES = %D%/test_remap.c
check_PROGRAMS += $(shim_tests) %D%/test_children %D%/test_clones %D%/test_many %D%/test_stale
%C%_test_stale_SOURCES = %D%/test_stale.c %D%/stale_call.c
TESTS += $(shim_tests) %D%/children.test %D%/clones.test %D%/many.test %D%/stale.test
endif

check_PROGRAMS += %D%/programs/closing %D%/programs/crowd %D%/programs/cycles %D%/programs/devices \
	%D%/programs/entries %D%/programs/fork_faults %D%/programs/handouts %D%/programs/held \
	%D%/programs/inherit %D%/programs/jailed %D%/programs/log_signals %D%/programs/log_user \
	%D%/programs/no_stderr %D%/programs/odd_user %D%/programs/on_stderr \
	%D%/programs/other_user %D%/programs/passed %D%/programs/refused %D%/programs/regions \
	%D%/programs/signals %D%/programs/surface %D%/clients/vmms
# its sigaction() is to be found by libraries
%C%_programs_log_signals_LDFLAGS = $(AM_LDFLAGS) -Wl,--export-dynamic
%C%_programs_entries_SOURCES = %D%/programs/entries.c %D%/programs/entries_fd.c \
	%D%/programs/entries_io.c %D%/programs/entries_map.c
libtests_la_SOURCES += %D%/clients/vmm.c %D%/clients/vmm_alioth.c \
	%D%/clients/vmm_cloud_hypervisor.c %D%/clients/vmm_crosvm.c %D%/clients/vmm_dpdk.c \
	%D%/clients/vmm_kvmtool.c %D%/programs/surface.c
%C%_programs_surface_SOURCES = %D%/programs/surface_main.c
%C%_programs_surface_LDADD = libtests.la libearly.la
# linked though nothing is called: its constructor is what counts
%C%_programs_surface_LDFLAGS = $(AM_LDFLAGS) -no-install -Wl,--no-as-needed
check_LTLIBRARIES += libearly.la
libearly_la_SOURCES = %D%/programs/surface.c %D%/programs/surface_lib.c tests/lib/user.c
libearly_la_LDFLAGS = $(AM_LDFLAGS) -shared -avoid-version -rpath /nowhere
