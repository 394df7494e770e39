# SPDX-License-Identifier: GPL-2.0-or-later
# mutants: do the tests see deliberate faults? Some 20 minutes on two processors.
MUTANTS = --count 160 --seed 1
check-mutants: all
	$(srcdir)/%D%/mutants.sh $(MUTANTS)
print-tests:
	@echo $(TESTS)
.PHONY: check-mutants print-tests
