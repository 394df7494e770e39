# SPDX-License-Identifier: GPL-2.0-or-later
# static: what holds for the files and the libraries as such
check_PROGRAMS += %D%/cost_calls
TESTS += \
	%D%/atomics.test %D%/cost.test %D%/exports.test \
	%D%/hardening.test %D%/inert.test %D%/layers.test %D%/lint.test %D%/manual.test
