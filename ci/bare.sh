#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The two commands of the README in a tree that has nothing but Debian's base: bare.sh SUITE
# As root. Prints what each took. The tree is made anew, in the cache.
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

suite=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for tool in debootstrap unshare; do
    command -v $tool >/dev/null || { echo "skipped: no $tool" && exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: chroot takes root" && exit 77; }
uri=$(mirror)
[ -n "$uri" ] || { echo "skipped: apt knows no mirror of Debian" && exit 77; }

tree=$cache/bare/$suite
trap 'rm -rf "$tree"' EXIT
rm -rf "$tree" && mkdir -p "$tree"
debootstrap --variant=minbase "$suite" "$tree" "$uri" >"$cache/bare/$suite.log" 2>&1 ||
    { tail -n 5 "$cache/bare/$suite.log" >&2 && unavailable "debootstrap failed"; }
mkdir "$tree/msixshim"
"$here/ci/files.sh" "$tree/msixshim"
cp /etc/hosts "$tree/etc"
cp -L /etc/resolv.conf "$tree/etc" 2>/dev/null || true

cat >"$tree/try" <<'END'
cd /msixshim || exit
packages() { dpkg-query -f 'x\n' -W | wc -l; }
fetched() { du -sk /var/cache/apt/archives | cut -f 1; }
mount -t proc proc /proc || exit
for command in demo check; do
    had=$(packages) kb=$(fetched) TIMEFORMAT='%R s, %U + %S s of processor time'
    time CI=yes ./quickstart $command >/log 2>&1 || { tail -n 40 /log && exit 1; }
    echo "$command: $(tail -n 1 /log); $(($(packages) - had)) packages installed, $(($(fetched) - kb)) KB of them fetched"
done
END
# shellcheck disable=SC2016 # $0 is the inner shell's
unshare --mount --pid --fork --kill-child bash -c '
    mount --rbind /dev "$0/dev" && mount --rbind /sys "$0/sys" &&
        chroot "$0" env -i HOME=/tmp LANG=C TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin bash /try' "$tree" </dev/null
