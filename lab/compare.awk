# SPDX-License-Identifier: GPL-2.0-or-later
# compare.awk FAKE REAL: compares two transcripts of contract. Prints the differences that have no
# reason, then how many lines were compared and how many differ for each reason. Status 1 if the
# lists are not the same, or something differs without a reason.

function number(text,    i, v) {
    if (text !~ /^0x/)
        return text + 0
    v = 0
    for (i = 3; i <= length(text); i++)
        v = v * 16 + index("0123456789abcdef", tolower(substr(text, i, 1))) - 1
    return v
}

# Bytes whose bits the device itself lets change, or not.
function hardware(from, len, why,    i) {
    for (i = from; i < from + len; i++)
        reason_of[i] = why
}

function registers(    line, word, at, n, express) {
    express = "bits of PCI Express that the device does not have"
    hardware(4, 1, "bits of COMMAND that the device does not have")
    while ((getline line <description) > 0) {
        n = split(line, word, " ")
        at = 0
        for (i = 1; i < n; i++)
            if (word[i] == "at")
                at = number(word[i + 1])
        if (line ~ /^pm at/)
            hardware(at + 4, 2, "bits of PMCSR that the device does not have")
        else if (line ~ /^pcie at/)
            hardware(at + 8, 52, express)
        else if (line ~ /^cap 10 at/) # version 1, of 20 bytes
            hardware(at + 8, 12, express)
        else if (line ~ /^msi at.*mask/)
            hardware(at + 16, 8, "mask bits of MSI that the device does not have")
        else if (line ~ /^extcap 0001/)
            hardware(at + 4, 60, "bits of Advanced Error Reporting that the device does not have")
        else if (line ~ /^extcap 0003/)
            hardware(at + 4, 8, "the serial number, which convert leaves out")
        extended = extended || line ~ /^extcap/
    }
    if (!extended)
        hardware(256, 4, "the place of the first extended capability, which the device keeps free")
}

# The reason if only hardware's registers differ, in lines that end with bytes of configuration space.
function by_register(a, b,    word, base, x, y, i, why) {
    if (a !~ /^config: (read|write|readv) 0x/)
        return ""
    split(a, word, /[ ,:]+/)
    base = number(word[3])
    if (a ~ /^config: write/)
        base -= base % 4
    x = a; y = b
    sub(/.*; /, "", x); sub(/.*; /, "", y)
    if (substr(a, 1, length(a) - length(x)) != substr(b, 1, length(b) - length(y)))
        return ""
    gsub(/ /, "", x); gsub(/ /, "", y)
    for (i = 0; 2 * i < length(x); i++) {
        if (substr(x, 2 * i + 1, 2) == substr(y, 2 * i + 1, 2))
            continue
        if (!((base + i) in reason_of))
            return ""
        why = reason_of[base + i]
    }
    return why
}

function by_table(a, b,    i, x) {
    for (i = 1; i <= rows; i++) {
        if (a !~ asked[i])
            continue
        x = a
        sub(": " fake[i], ": " real[i], x)
        if (x == b)
            return reason[i]
    }
    return ""
}

BEGIN {
    while ((getline line <differences) > 0) {
        if (line ~ /^#/ || split(line, field, "\t") != 4)
            continue
        asked[++rows] = field[1]; real[rows] = field[2]; fake[rows] = field[3]; reason[rows] = field[4]
    }
    if (!rows) {
        print "no file of differences"
        exit 1
    }
    registers()
    other = ARGV[2]
    ARGV[2] = ""
}
{
    compared++
    if ((getline line <other) <= 0) {
        print "the kernel's transcript ends before: " $0
        failed = 1
        exit
    }
    if ($0 == line)
        next
    why = by_register($0, line)
    if (why == "")
        why = by_table($0, line)
    if (why != "") {
        count[why]++
        next
    }
    if (++failed <= 20) {
        print "fake   " $0
        print "kernel " line
    }
}
END {
    if ((getline line <other) > 0) {
        print "the fake's transcript ends before: " line
        failed = 1
    }
    print compared + 0 " accesses compared, " failed + 0 " differ without a reason"
    for (why in count)
        print count[why] " differ: " why
    exit failed > 0 || !compared
}
