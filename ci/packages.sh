#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs the Debian packages that jobs of the table take: packages.sh [--yes] JOB...
#
# Calls apt only if one is missing. Asks a person first, unless --yes has answered: there is one at a
# terminal, if CI is not set. Exit status 1, with the reason, where packages are missing in the end.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=ci/table.sh
. ci/table.sh

ask=
[ -t 0 ] && [ -t 1 ] && [ -z "${CI-}" ] && ask=yes
[ "$1" != --yes ] || { ask=; shift; }

if ! command -v dpkg-query >/dev/null; then
    echo "quickstart: not a Debian system; going on with what is installed." \
         "Debian calls what is needed: $(job_needs "$@" | paste -s -d ' ')" >&2
    exit 0
fi
mapfile -t missing < <(job_missing "$@")
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
    root=()
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    root=(sudo)
else
    echo "quickstart: these packages are missing, and it takes root to install them:" >&2
    echo "    apt-get install ${missing[*]}" >&2
    exit 1
fi

if [ -n "$ask" ]; then
    echo "quickstart: these packages are missing: ${missing[*]}"
    read -r -p "Install them? [y/N] " answer || answer=
    [[ $answer = [yY]* ]] || { echo "quickstart: nothing was installed" >&2; exit 1; }
else
    echo "quickstart: installing ${missing[*]}"
fi
apt_get() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
        -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@" </dev/null
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A failing update need not matter: one source of many may be out of reach.
apt_get update >"$log" 2>&1 || true
if ! apt_get install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "quickstart: apt-get could not install: ${missing[*]}" >&2
    exit 1
fi
