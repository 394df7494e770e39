# SPDX-License-Identifier: GPL-2.0-or-later
# What a list of faults says: paragraphs of a comment, a file, lines that
# begin with "-", which stand there once, one after the other, and lines with "+" in their place.
# Blanks at the start and the end of a line don't count.
#
#   awk -f apply.awk LIST                     prints of each: FILE, a tab, its comment
#   awk -v number=N -f apply.awk LIST FILE    prints the file with the N-th
#
# Fails where that does not fit.

function trimmed(s) {
    gsub("^[ \t]+|[ \t]+$", "", s)
    return s
}

function fail(why) {
    print FILENAME ": " why >"/dev/stderr"
    failed = 1
    exit 1
}

# the paragraph is complete
function finish() {
    if (file && ++paragraph && !number)
        print file "\t" words
    file = words = ""
}

FNR == 1 && NR > 1 { finish(); in_file = 1 }

!in_file && /^#/ { if (file) finish(); words = words (words ? " " : "") trimmed(substr($0, 2)); next }
!in_file && /^-/ { if (paragraph + 1 == number) old[++olds] = trimmed(substr($0, 2)); next }
!in_file && /^\+/ { if (paragraph + 1 == number) new[++news] = substr($0, 2); next }
!in_file && !NF { finish(); next }
!in_file { file = $1; next }

{ lines[FNR] = $0; count = FNR }

END {
    if (failed)
        exit 1
    if (!in_file) {
        finish()
        exit
    }
    for (i = 1; i + olds - 1 <= count; i++) {
        for (j = 1; j <= olds && trimmed(lines[i + j - 1]) == old[j]; j++)
            ;
        if (j > olds) {
            found++
            at = i
        }
    }
    if (!olds || found != 1)
        fail("line " (olds ? "found " found + 0 " times" : "missing") ": " old[1])
    for (i = 1; i <= count; i++) {
        if (i == at)
            for (j = 1; j <= news; j++)
                print new[j]
        if (i < at || i >= at + olds)
            print lines[i]
    }
}
