#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes docs/vfio-pci.md of the logs of the tests here: page.sh LOG... >docs/vfio-pci.md. Of each it counts
# the runs: who did the same with the same device, target, VMM, API and accelerator. table.sh has a row for
# each of them.
[ $# != 0 ] || { sed -n '3,5p' "$0" >&2 && exit 2; }
here=$(dirname "${BASH_SOURCE[0]}")

cat <<'END'
<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
<!-- Made by lab/page.sh. -->
# Devices of vfio-pci

Which devices of the kernel's vfio-pci were tried with the shim, how, and whether they worked. Kernels, QEMU
and drivers are Debian's; a kernel with pages of 64K is built of Debian's source. The machine is emulated, and
its devices are QEMU's: this says nothing of hardware.

A run is one device at one target in one way: *none* is not relocated, *native* relocated by QEMU's
`x-msix-relocation`, *shim* by this project. A guest's run failed unless Linux's own driver started, data came
back as it was written, interrupts fired, and the table was where it was planned. Without a guest, a program
compared what it saw with the shim to what it saw without, or with QEMU's relocation. kvmtool is a program with
kvmtool's calls: its drive works in a new BAR alone, and that it stops in all other runs is as expected.

END

# what TEST: the first sentence of its head
what() {
    sed -n '3,/^[^#]/{/shellcheck/d;s/^# //p}' "$here/$1.test" | tr '\n' ' ' | sed 's/[.:] .*//'
}

for log; do
    name=$(basename "$log" .log)
    printf '%s\t%s\n' "$name" "$(what "$name")"
done | awk -F '\t' '
# table HEAD NAMES ABOUT COUNT: a line for each name
function table(head, names, about, count,    i, n) {
	printf "\n| %s | none | native | shim | failed |\n|---|---|---|---|---|---|\n", head
	for (i = 1; i <= count; i++) {
		n = names[i]
		printf "| %s | %s | %d | %d | %d | %d |\n", n, about[n], runs[n, "none"], runs[n, "native"],
		    runs[n, "shim"], failed[n]
	}
}

# run NAME WHO BAD FIRST: counts it for a device or a test
function run(name, who, bad, first) {
	runs[name, who] += first
	failed[name] += bad
}

NR == FNR {
	about_test[$1] = $2
	next
}
FNR == 1 {
	title = FILENAME
	sub(/.*\//, "", title)
	sub(/\.log$/, "", title)
	tests[++nr_tests] = title
}
/^# L1: / {
	sub(/^# L1: /, "")
	if (index(versions, $0) == 0)
		versions = versions (versions == "" ? "" : "; ") $0
}
/^(not )?ok [0-9]+ - / && !/# SKIP/ {
	bad = /^not /
	sub(/^(not )?ok [0-9]+ - /, "")
	at = index($0, ": ")
	key = substr($0, 1, at - 1)
	if (split(key, f, ", ") != 6 || f[6] !~ /^(none|native|shim)$/)
		next
	if (!(f[1] in about_device)) {
		devices[++nr_devices] = f[1]
		about_device[f[1]] = "-"
	}
	if (match($0, /driver [a-z0-9_]+/))
		about_device[f[1]] = substr($0, RSTART + 7, RLENGTH - 7)
	first = !seen[title, key]++
	bad = bad && !bads[title, key]++
	run(f[1], f[6], bad, first)
	run(title, f[6], bad, first)
	total += first
	total_bad += bad
}
END {
	printf "%s.\n\n%d runs, %d of them failed.\n", versions, total, total_bad
	table("device | driver", devices, about_device, nr_devices)
	table("test in `lab/` | what it does", tests, about_test, nr_tests)
}' - "$@"
cat <<'END'

To make this again, in a build directory in the source tree; `lab/table.sh` has a row for each run:

```sh
make -j2 check-kernel-full
../lab/page.sh lab/*.log >../docs/vfio-pci.md
../lab/table.sh lab/*.log
```
END
