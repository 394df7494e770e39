#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a test of the kernel's says where its machine can't be had: `make check` skips it in any case;
# `make check-kernel` fails where the packages are out of reach, and skips what this machine can't do.
# shellcheck source=tests/lib/tap.sh
. "${top_srcdir:-.}/tests/lib/tap.sh" || exit

# A cache that is empty, and apt without sources.
export MSIXSHIM_CACHE=$tap_tmp/cache APT_CONFIG=$tap_tmp/apt.conf top_srcdir
printf 'Dir::Etc::SourceList "/dev/null";\nDir::Etc::SourceParts "/dev/null";\n' >"$APT_CONFIG"

cat >"$tap_tmp/test" <<'END'
. "$top_srcdir/lab/lib.sh" || exit
need_machine amd64
tap_result 0 "there is a machine"
tap_done
END

# says STATUS LINE DESCRIPTION COMMAND...: how it ends, and what with
says() {
    local status=$1 line=$2 description=$3 got
    shift 3
    "$@" >"$tap_tmp/out" 2>&1
    got=$?
    [ $got = "$status" ] && [ "$(tail -n 1 "$tap_tmp/out")" = "$line" ]
    tap_result $? "$description" || { echo "# status $got" && sed 's/^/# /' "$tap_tmp/out"; }
}

says 0 "1..0 # SKIP make check-kernel runs it, in an emulated machine" "make check skips it" \
    env MSIXSHIM_KERNEL= SANITIZER= bash "$tap_tmp/test"
if command -v apt-get >/dev/null && [ -r /usr/share/keyrings/debian-archive-keyring.gpg ] &&
    [ "$(uname -m)" = x86_64 ]; then
    says 1 "Bail out! image: apt knows no mirror of Debian: apt-get update" \
        "make check-kernel fails without packages" \
        env MSIXSHIM_KERNEL=yes SANITIZER= bash "$tap_tmp/test"
else
    tap_skip "make check-kernel fails without packages" "no Debian for x86-64"
fi

mkdir -p "$MSIXSHIM_CACHE/kernel/kernel-amd64/usr/lib/modules/6.12" "$tap_tmp/bin"
printf '#!/bin/sh\nexit 1\n' >"$tap_tmp/bin/unshare"
chmod +x "$tap_tmp/bin/unshare"
says 77 "iommufd: neither root nor user namespaces: the modules for iommufd can't be built" \
    "iommufd is skipped without root and namespaces" \
    env PATH="$tap_tmp/bin:$PATH" "$top_srcdir/lab/iommufd.sh"
tap_done
