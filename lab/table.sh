#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All that came of devices of vfio-pci, a row each run: table.sh LOG... It takes the results of the form
# "DEVICE, TARGET, VMM, API, ACCEL, WHO: WHAT" (l1.sh) from the logs of the tests here. page.sh counts them.
[ $# != 0 ] || { sed -n '3,4p' "$0" >&2 && exit 2; }

cat <<'END'
# Devices of vfio-pci, each run

A heading is the test's name; `lab/NAME.test` says in its head what it does. Below it are the
kernel of the emulated machine and its QEMU. *Target*: what the shim's rule says, or the VMM's own
option. *API*: how the VMM opens the device, by its VFIO group or by iommufd. Debian's kernel has no
iommufd: the modules for it are built of Debian's source. *Accelerator*: what the guest ran under,
KVM or TCG (QEMU's own emulation); with qtest there was none, but a program that looked at what a
guest would see.

*native*: the VMM's own relocation. *shim*: this project's. *none*: no relocation; one run serves
all targets. *Guest* is what is the same in all that were run, the columns after it what differs. What
a guest said more than once, as *interrupts fire* after each event, stands there once.
`off` and `auto` may leave a device as it is. `-`: not run.

* *vectors 2, fired 1*: the driver asked for two interrupts, and one of them came. Linux 6.1 asks for
  one of xHCI that it uses for nothing.
* *data same*: what was written through the device came back the same.
* *link 1000*: a network link of 1000 Mbit/s. It may have been taken down and up again until there was
  an interrupt for it. *bytes counted*: the card's counters have them.
* *table bar2+0x0 of 0x1000*: where the guest sees the MSI-X table, and how large that BAR is.
* *BAR0 direct 16384*: so many bytes of the BAR with the hardware's table are reached without a trap.
* *QEMU ended with 137*: by SIGKILL, which the test sent.
* *83 lines as without*: each tells one access of `lab/faults.c`, and is the same in both.
* *values as native's*: of QEMU's relocation and the shim's, compared by the test itself. The reasons of
  the others are in its log, and in `tests/vmm/diff.c`. *skipped: interrupts*: no register of the
  device makes them fire.

END

awk '
# add WHAT MORE: its items, and those of the other that are new
function add(what, more,    items, n, i) {
	n = split(more, items, "; ")
	for (i = 1; i <= n; i++)
		if (!has(what, items[i]))
			what = what (what == "" ? "" : "; ") items[i]
	return what
}

# has WHAT ITEM: whether it is one of its items
function has(what, item) {
	return index("; " what "; ", "; " item "; ")
}

# rest WHAT COMMON: the items of one that are not in the other
function rest(what, common,    items, n, i, left) {
	if (what == "")
		return "-"
	n = split(what, items, "; ")
	for (i = 1; i <= n; i++)
		if (!has(common, items[i]))
			left = left (left == "" ? "" : "; ") items[i]
	return left == "" ? "same" : left
}

# row KEY NATIVE SHIM NONE: a line of the table
function row(key, native, shim, none,    items, common, n, i) {
	n = split(native != "" ? native : shim != "" ? shim : none, items, "; ")
	for (i = 1; i <= n; i++)
		if ((native == "" || has(native, items[i])) && (shim == "" || has(shim, items[i])) &&
		    (none == "" || has(none, items[i])))
			common = common (common == "" ? "" : "; ") items[i]
	gsub(SUBSEP, " | ", key)
	lines = lines sprintf("| %s | %s | %s | %s | %s |\n", key, common, rest(native, common),
	    rest(shim, common), rest(none, common))
	rows++
}

# end_log: the table of one log, which ends with how many results there are
function end_log(    i, f) {
	others += title != "" && !whole
	lines = ""
	for (i = 1; i <= keys; i++) {
		split(key[i], f, SUBSEP)
		if (f[2] != "-")
			row(key[i], what[key[i], "native"], what[key[i], "shim"], none[f[1], f[3], f[4], f[5]])
		else if (!relocated[f[1], f[3], f[4], f[5]])
			row(key[i], "", "", none[f[1], f[3], f[4], f[5]])
	}
	if (lines != "")
		text = text "\n## " title "\n\n" machines \
		    "\n| device | target | VMM | API | accelerator | guest | native | shim | none |" \
		    "\n|---|---|---|---|---|---|---|---|---|\n" lines
	split("", key); split("", what); split("", none); split("", relocated); split("", seen)
	keys = whole = 0
	machines = ""
}

FNR == 1 {
	logs++
	end_log()
	title = FILENAME
	sub(/.*\//, "", title)
	sub(/\.log$/, "", title)
}
/^1\.\.[0-9]/ {
	whole = 1
}
/^# L1: / {
	sub(/^# L1: /, "")
	machines = machines $0 ".\n"
	versions = add(versions, $0)
}
/^(not )?ok [0-9]+ - / && !/ # SKIP/ {
	state = /^not / ? "**not ok** " : ""
	sub(/^(not )?ok [0-9]+ - /, "")
	at = index($0, ": ")
	if (split(substr($0, 1, at - 1), f, ", ") != 6 || f[6] !~ /^(none|native|shim)$/) {
		others += state != ""
		next
	}
	did = state substr($0, at + 2)
	results++
	failed += state != ""
	if (f[6] == "none") {
		none[f[1], f[3], f[4], f[5]] = add(none[f[1], f[3], f[4], f[5]], did)
		f[2] = "-"
	} else {
		what[f[1], f[2], f[3], f[4], f[5], f[6]] = add(what[f[1], f[2], f[3], f[4], f[5], f[6]], did)
		relocated[f[1], f[3], f[4], f[5]] = 1
	}
	if (!seen[f[1], f[2], f[3], f[4], f[5]]++)
		key[++keys] = f[1] SUBSEP f[2] SUBSEP f[3] SUBSEP f[4] SUBSEP f[5]
}
END {
	end_log()
	others += ARGC - 1 - logs
	printf "%s.\n\n%d results, %d of them not as expected, in %d rows%s.\n", versions, results, failed, rows,
	    others ? sprintf("; %d more of no device, not as expected or not at their end", others) : ""
	printf "%s", text # as one argument of sprintf() it would be too long for mawk
}' "$@"
