# SPDX-License-Identifier: GPL-2.0-or-later
# What a machine with pages of -v pages=16K measured: one row for each of no relocation, QEMU's and
# the shim's, as docs/pages.md has them, and two results for reads and for writes. Reads lines
# "none|native|shim direct|reads|writes NUMBER".

function lowest(key) { return rate[key, 1] }
function highest(key) { return rate[key, count[key]] }
function part(key, of) { return rate[key, int((count[key] + 1) * of + 0.5)] }
function median(key) { return part(key, 1 / 2) }
function spread(key) { return part(key, 3 / 4) / part(key, 1 / 4) }
function max(a, b) { return a > b ? a : b }

function digits(n) {
    n = sprintf("%d", n)
    return length(n) > 3 ? digits(substr(n, 1, length(n) - 3)) "," substr(n, length(n) - 2) : n
}

function told(key) {
    return digits(median(key)) " (" digits(lowest(key)) " to " digits(highest(key)) ")"
}

function result(good, what) { print (good ? "ok - " : "not ok - ") pages " pages: " what }

# A trapped access costs some hundred times what a direct one does. A busy machine moves the medians
# of a run, which are taken by turns, by a few times: 50 is far from both.
function far_above(who, kind) {
    return count["none " kind] && median(who " " kind) >= 50 * median("none " kind)
}

# The guest reaches the same page of the same device in the same way: what is left is what the
# samples of one way differ by among themselves, without the lowest and the highest quarter. On a
# machine that does nothing else that can be less than what two boots differ by: a quarter is allowed;
# and never more than a factor of three, when even the samples of one way say little.
function same(kind,    most, ratio, what) {
    what = "as many " kind " with the shim as natively"
    if (!count["native " kind] || !count["shim " kind])
        return result(0, what)
    most = max(1.25, max(spread("native " kind), spread("shim " kind)))
    if (most > 3)
        most = 3
    ratio = median("shim " kind) / median("native " kind)
    return result(ratio <= most && ratio >= 1 / most, \
        what sprintf(": %.2f times, of %.2f to %.2f", ratio, 1 / most, most))
}

$2 == "direct" {
    direct[$1] = $3
    next
}

NF == 3 {
    key = $1 " " $2
    for (i = ++count[key]; i > 1 && rate[key, i - 1] > $3 + 0; i--)
        rate[key, i] = rate[key, i - 1]
    rate[key, i] = $3 + 0
}

END {
    split("none native shim", ways, " ")
    split("reads writes", kinds, " ")
    for (i = 1; i <= 3; i++)
        print "# | " pages " | " ways[i] " | " digits(direct[ways[i]]) " | " told(ways[i] " reads") \
            " | " told(ways[i] " writes") " |"
    for (i = 1; i <= 2; i++) {
        result(far_above("native", kinds[i]) && far_above("shim", kinds[i]),
            "50 times as many " kinds[i] " and more, native and shim, than not relocated")
        same(kinds[i])
    }
}
