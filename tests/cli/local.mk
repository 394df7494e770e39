# SPDX-License-Identifier: GPL-2.0-or-later
# cli: the command, as a shell sees it
if WITH_CLI
TESTS += \
	%D%/completion.test %D%/convert.test %D%/decisions.test %D%/doctor.test %D%/plan.test \
	%D%/recipes.test %D%/run.test %D%/run_env.test %D%/scan.test %D%/texts.test
endif
