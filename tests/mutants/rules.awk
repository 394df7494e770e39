# SPDX-License-Identifier: GPL-2.0-or-later
# Deliberate faults in C files, by rules.
#
#   awk -f rules.awk FILE...                            lists them: FILE LINE RULE
#   awk -v line=LINE -v rule=RULE -f rules.awk FILE     prints the file with that one
#
# A rule changes the first place of a line that it fits. It goes by how the code here is laid out:
# blanks stand around operators, and what is in a function begins with a tab.

# swapped(S, A, B): the first of the two texts in `s` becomes the other one; "" if it has neither
function swapped(s, a, b,    i, j) {
    i = index(s, a)
    j = index(s, b)
    if (i && (!j || i < j))
        return substr(s, 1, i - 1) b substr(s, i + length(a))
    return j ? substr(s, 1, j - 1) a substr(s, j + length(b)) : ""
}

# replaced(S, PATTERN, BY): the first match; "" if there is none
function replaced(s, pattern, by) {
    return sub(pattern, by, s) ? s : ""
}

function is_balanced(s,    opened) {
    opened = gsub("[(]", "(", s)
    return opened == gsub("[)]", ")", s)
}

# a statement that is all on this line
function deleted(s, pattern) {
    return s ~ pattern && is_balanced(s) ? "\t;" : ""
}

# the condition of an if that is all on this line
function conditioned(s, negated,    start, rest, end) {
    if (s !~ "if [(].*[)]( [{])?$" || !is_balanced(s))
        return ""
    start = index(s, "if (") + 3
    rest = substr(s, start + 1)
    end = match(rest, "[)]( [{])?$")
    return substr(s, 1, start) (negated ? "!(" substr(rest, 1, end - 1) ")" : "0") substr(rest, end)
}

function bound(s) {
    if (s ~ "<=" || s ~ " < ")
        return swapped(s, " <= ", " < ")
    return swapped(s, " >= ", " > ")
}

function other_errno(s,    name, end) {
    if (!match(s, "[^A-Z_]E(INVAL|IO|NOMEM|FAULT|2BIG|MFILE|NOTTY|SPIPE|ISDIR|BADF|OPNOTSUPP|LOOP|PIPE)"))
        return ""
    end = RSTART + RLENGTH
    name = substr(s, RSTART + 1, RLENGTH - 1)
    if (substr(s, end, 1) ~ "[A-Z_]")
        return ""
    return substr(s, 1, RSTART) (name == "EINVAL" ? "EIO" : "EINVAL") substr(s, end)
}

function offset(s) {
    return s ~ " [+-] 1[^0-9]" ? replaced(s, " [+-] 1", "") : swapped(s, " + ", " - ")
}

function not(s,    at) {
    at = match(s, "![a-z(*]")
    return at ? substr(s, 1, at - 1) substr(s, at + 1) : ""
}

function result(s) {
    if (s ~ "return 0;")
        return replaced(s, "return 0;", "return -5;")
    return replaced(s, "return (rc|n|result);", "return 0;")
}

# mutated(RULE, S): the line with the fault; "" where the rule does not fit
function mutated(rule, s) {
    if (rule == "bound") return bound(s)
    if (rule == "equal") return swapped(s, " == ", " != ")
    if (rule == "negated") return conditioned(s, 1)
    if (rule == "unchecked") return conditioned(s, 0)
    if (rule == "logic") return swapped(s, " && ", " || ")
    if (rule == "not") return not(s)
    if (rule == "errno") return other_errno(s)
    if (rule == "offset") return offset(s)
    if (rule == "index") return replaced(s, " = 0;", " = 1;")
    if (rule == "lock") return deleted(s, lock)
    if (rule == "flag") return replaced(s, " [|] [A-Z][A-Z_0-9]+", "")
    if (rule == "truth") return swapped(s, "true", "false")
    if (rule == "call") return s ~ lock ? "" : deleted(s, "^\t+[a-z_]+[(].*;$")
    if (rule == "assigned") return deleted(s, "^\t+[]a-z_.>[*-]+ [|&+-]?= .*;$")
    if (rule == "result") return result(s)
    return ""
}

BEGIN {
    lock = "^\t+(pthread_mutex_|start_change|end_change|lock|unlock|renew_locks)[a-z_]*[(]"
    count = split("bound equal negated unchecked logic not errno offset index lock flag truth call " \
        "assigned result", rules, " ")
}

FNR == 1 { in_comment = 0 }

{
    text = $0
    sub("[ \t]*/[*].*[*]/$", "", text)
    # not a comment, and no text, which an operator may stand in
    is_code = text ~ "^\t" && text !~ "[\"']|^\t*([/ ][*]|[*] )" && !in_comment
    if (line) {
        print line == FNR ? mutated(rule, text) : $0
    } else if (is_code) {
        for (i = 1; i <= count; i++)
            if (mutated(rules[i], text) != "")
                print FILENAME, FNR, rules[i]
    }
}

/\/\*/ { in_comment = 1 }
/\*\// { in_comment = 0 }
