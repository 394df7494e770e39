# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced: reads ci/jobs, the table of the jobs. The caller stands in the top of the source.

# All names, one a line.
job_names() {
    sed -n 's/^\([a-z][^ ]*\) .*/\1/p' ci/jobs
}

# job_what NAME, job_packages NAME, job_fetches NAME: a cell of its row; nothing for "-"
job_cell() {
    awk -F ' *[|] *' -v name="$1" -v column="$2" '$1 == name && $column != "-" { print $column }' ci/jobs
}
job_what() { job_cell "$1" 2; }
job_packages() { job_cell "$1" 3; }
job_fetches() { job_cell "$1" 4; }

# job_needs NAME...: the packages that they take, one a line: the demo's, and for another job the basic one's
job_needs() {
    local name
    [ "$*" = demo ] || set -- basic "$@"
    for name in demo "$@"; do
        job_packages "$name"
    done | tr ' ' '\n' | sort -u
}

# job_missing NAME...: those that are not installed; none where nobody can say
job_missing() {
    local package status
    command -v dpkg-query >/dev/null || return 0
    job_needs "$@" | while read -r package; do
        # it fails for a package that it has never heard of, as nearly all on a bare system
        status=$(dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null || true)
        grep -qx installed <<<"$status" || echo "$package"
    done
}
