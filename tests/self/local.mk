# SPDX-License-Identifier: GPL-2.0-or-later
# self: the tests' own machinery
TESTS += %D%/jobs.test %D%/limit.test %D%/rows.test %D%/table.test %D%/traps.test
if WITH_CLI
TESTS += %D%/absent.test
if !SANITIZED
TESTS += %D%/impostor.test
endif
endif
