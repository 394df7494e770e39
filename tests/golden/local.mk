# SPDX-License-Identifier: GPL-2.0-or-later
# golden: what the command says of real devices
if WITH_CLI
TESTS += %D%/golden.test
endif
