# SPDX-License-Identifier: GPL-2.0-or-later
# cli: the command; a folder a subcommand, and what they share
if WITH_CLI
noinst_LTLIBRARIES += libcli.la
libcli_la_SOURCES = \
	%D%/cli.c %D%/columns.c %D%/device.c %D%/elf.c %D%/file.c %D%/host.c %D%/json.c \
	%D%/library.c %D%/names/names.c %D%/names/names_find.c %D%/options.c %D%/plan/layout.c \
	%D%/privilege.c %D%/tree.c %D%/vmm.c
libcli_la_CPPFLAGS = $(AM_CPPFLAGS) $(FORTIFY_CPPFLAGS)
libcli_la_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS) $(PCI_CFLAGS)
libcli_la_LIBADD = libqemu.la libdesc.la $(PCI_LIBS)

bin_PROGRAMS += msixshim
msixshim_SOURCES = \
	%D%/convert/convert.c %D%/demo/demo.c %D%/demo/demo_check.c %D%/demo/demo_run.c \
	%D%/demo/demo_show.c %D%/doctor/doctor.c %D%/doctor/doctor_device.c \
	%D%/doctor/doctor_kernel.c %D%/doctor/doctor_library.c %D%/doctor/doctor_vmm.c \
	%D%/main.c %D%/plan/plan.c %D%/plan/plan_json.c %D%/plan/plan_report.c \
	%D%/plan/plan_svg.c %D%/plan/plan_text.c %D%/run/run.c %D%/run/run_env.c \
	%D%/run/run_proof.c %D%/run/run_rules.c %D%/run/run_target.c %D%/scan/scan.c \
	%D%/scan/scan_json.c %D%/scan/scan_text.c
msixshim_CPPFLAGS = $(AM_CPPFLAGS) $(FORTIFY_CPPFLAGS) \
	-DPKGLIBDIR='"$(pkglibdir)"' -DPKGDATADIR='"$(pkgdatadir)"'
msixshim_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS) $(JSON_CFLAGS)
msixshim_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS) -Wl,-z,relro,-z,now
msixshim_LDADD = libcli.la

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = completions/msixshim
endif
