#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes docs/vmms.md of logs of vmms.test: page.sh LOG... >docs/vmms.md. A row for each VMM and device.
[ $# != 0 ] || { sed -n '3p' "$0" >&2 && exit 2; }

cat <<END
<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
<!-- Made by lab/vmms/page.sh. -->
# VMMs other than QEMU

What came of devices of the kernel's vfio-pci in the guests of other VMMs, which were built of their source
without changes. The machine is emulated, and its devices are QEMU's. A guest has all the devices of a column
at once, or one where no interrupt comes. To make this again, in a build directory in the source tree, with DIR
as \`lab/vmms.test\` says:

\`\`\`sh
MSIXSHIM_VMMS=DIR make check-vmms
../lab/vmms/page.sh lab/vmms.log >../docs/vmms.md
\`\`\`

*works*: Linux's own driver started, the data that it wrote came back the same, and interrupts fired.
*no interrupt*: the driver asked for vectors, and none of them fired in twenty seconds. Then comes where the
guest sees the MSI-X table, and how large that BAR is. A guest of alioth has the e1000e alone: alioth stops at
a 64-bit BAR that is not prefetchable.

END
day=$(date -u -r "$1" +%F)
awk -v day="$day" '
/^# L1: / && machine == "" { machine = substr($0, 7) }
/^(not )?ok [0-9]+ - / && !/ # SKIP/ {
	state = /^not / ? "**not ok:** " : ""
	sub(/^(not )?ok [0-9]+ - /, "")
	at = index($0, ": ")
	if (split(substr($0, 1, at - 1), f, ", ") != 6 || f[6] !~ /^(none|shim)$/)
		next
	results++
	failed += state != ""
	vmm = f[3]
	did = substr($0, at + 2)
	if (!(vmm in rows)) {
		rows[vmm] = ""
		order[++vmms] = vmm
	}
	if (match(did, /^seccomp [a-z]+/)) {
		more[vmm] = more[vmm] "* " state f[1] ", `" f[2] "`, `--" substr(did, 1, RLENGTH) "`" \
		    substr(did, RLENGTH + 1) "\n"
		next
	}
	if (state == "" && did ~ /fired [1-9]/) {
		place = did
		sub(/.*; table /, "", place)
		did = "works, " place
	}
	to = f[2] ~ /^(-|auto|any)$/ ? f[2] : "larger"
	if (to == "larger")
		did = did " (`" f[2] "`)"
	if (!((vmm, f[1]) in seen)) {
		seen[vmm, f[1]]
		rows[vmm] = rows[vmm] f[1] "\n"
	}
	cell[vmm, f[1], to] = state did
}
function get(vmm, device, to) {
	return (vmm, device, to) in cell ? cell[vmm, device, to] : "-"
}
END {
	printf "%s, %s: %d results, %d of them not as expected.\n", day, machine, results, failed
	for (i = 1; i <= vmms; i++) {
		vmm = order[i]
		print "\n## " vmm
		n = split(rows[vmm], d, "\n")
		if (n > 1) {
			print "\n| device | without the shim | `auto` | `any` | a larger BAR |"
			print "|---|---|---|---|---|"
		}
		for (j = 1; j < n; j++)
			printf "| %s | %s | %s | %s | %s |\n", d[j], get(vmm, d[j], "-"), get(vmm, d[j], "auto"),
			    get(vmm, d[j], "any"), get(vmm, d[j], "larger")
		if (vmm in more)
			printf "\nPlugged into a running guest, with standard error a pipe:\n\n%s", more[vmm]
	}
}' "$@"
