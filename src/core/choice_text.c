/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/choice.h"

const char *choice_defect_text(enum msix_defect defect)
{
	switch (defect) {
	case MSIX_SOUND:
		return "the MSI-X capability is sound";
	case MSIX_TABLE_NOWHERE:
		return "the MSI-X table is in no memory BAR";
	case MSIX_PBA_NOWHERE:
		return "the PBA is in no memory BAR";
	case MSIX_TABLE_OUTSIDE:
		return "the MSI-X table runs over the end of its BAR";
	case MSIX_PBA_OUTSIDE:
		return "the PBA runs over the end of its BAR";
	case MSIX_OVERLAP:
		return "MSI-X table and PBA overlap";
	}
	return "unknown defect";
}

const char *choice_cause_text(enum choice_cause cause)
{
	switch (cause) {
	case CHOICE_NOTHING:
		return "there is nothing to relocate";
	case CHOICE_NO_GAIN:
		return "no page with MSI-X holds a 4 KiB block of anything else: nothing to gain";
	case CHOICE_BROKEN:
		return "the MSI-X capability can't be used as it is";
	case CHOICE_SHARED_PAGE:
		return "a page of the host holds MSI-X structures and other parts of the BAR";
	case CHOICE_SHARED_BLOCK:
		return "registers stand before the MSI-X structures in the same 4 KiB";
	case CHOICE_SHARED_BAR:
		return "the BAR with the MSI-X structures holds other things as well";
	case CHOICE_ASKED:
		return "nothing is gained, but a relocation was asked for";
	case CHOICE_KNOWN:
		return "the device is known to make its MSI-X capability unusable";
	}
	return "unknown cause";
}

const char *choice_verdict_text(enum choice_verdict verdict)
{
	switch (verdict) {
	case VERDICT_CHOSEN:
		return "chosen";
	case VERDICT_REFUSED:
		return "not possible";
	case VERDICT_KNOWN_FAIL:
		return "the device is known to fail with it";
	case VERDICT_KNOWN_OTHER:
		return "another target is known to work";
	case VERDICT_BEFORE_FIRST:
		return "it would come before the first memory BAR, which drivers take for their "
		       "registers";
	case VERDICT_DISPLAY:
		return "VMMs have workarounds tied to BARs 1, 4 and 5 of a display controller";
	case VERDICT_MEASURED:
		return "drivers take the length of this BAR for that of the memory in it";
	case VERDICT_EXTENDS:
		return "it extends a BAR, and a new BAR is possible";
	case VERDICT_IN_BETWEEN:
		return "it lies between other BARs, and a new BAR after them is possible";
	case VERDICT_NARROW:
		return "it would be a 32-bit BAR, and a 64-bit one is possible";
	case VERDICT_HIGHER_SLOT:
		return "a new BAR in a lower slot is as good";
	case VERDICT_RESIZABLE:
		return "it extends a resizable BAR, and another one can be extended";
	case VERDICT_MORE_MMIO:
		return "it takes more address space than the chosen one";
	case VERDICT_LOWER_SLOT:
		return "extending a BAR in a higher slot is as good";
	}
	return "unknown verdict";
}

const char *choice_why(const struct choice *choice)
{
	switch (choice->cause) {
	case CHOICE_NOTHING:
		return plan_reason_text(choice->nothing);
	case CHOICE_NO_GAIN:
		return choice_cause_text(choice->cause);
	default:
		break;
	}
	if (choice->target == PLAN_OFF)
		return "no target is left: each is impossible or would break a driver";
	if (choice->cause == CHOICE_BROKEN)
		return choice_defect_text(choice->defect);
	if (choice->cause == CHOICE_KNOWN)
		return choice->known->problem;
	return choice_cause_text(choice->cause);
}

const char *choice_why_not(const struct choice *choice, int target)
{
	if (target < 0 || target >= PCI_BARS)
		return "there is no such BAR";

	const struct choice_target *t = &choice->targets[target];

	if (t->verdict == VERDICT_REFUSED)
		return plan_reason_text(t->reason);
	if (t->verdict == VERDICT_KNOWN_FAIL)
		return choice->known->why;
	return choice_verdict_text(t->verdict);
}
