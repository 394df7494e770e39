#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A program that opens no VFIO device can't tell that the shim is loaded: same output, same
# status, no other file, thread or process.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh" || exit

[ -z "$SANITIZER" ] || tap_skip_all "a sanitized library can't be preloaded into other programs"

shim=$top_builddir/.libs/libmsixshim.so
tap_need "$shim"

traced='open,openat,creat,mkdir,mkdirat,mknod,mknodat,unlink,unlinkat,rename,renameat2,link,linkat'
traced="$traced,symlink,symlinkat,socket,memfd_create,execve,clone,clone3,fork,vfork"
if strace -o /dev/null true 2>/dev/null; then
    trace=(strace -f -qq -e "trace=$traced" -e signal=none)
else
    trace=()
    echo "# strace is missing or not permitted: files are compared in HOME and TMPDIR alone"
fi

# run NAME PRELOAD COMMAND...: leaves its output, status and calls in files called NAME.*
run() {
    local out=$tap_tmp/$1 preload=$2 home=$tap_tmp/$1.home
    shift 2
    mkdir "$home"
    (
        cd "$home" || exit
        export HOME=$home TMPDIR=$home
        if [ ${#trace[@]} -gt 0 ]; then
            exec "${trace[@]}" -o "$out.trace" -E "LD_PRELOAD=$preload" "$@"
        fi
        LD_PRELOAD=$preload exec "$@"
    ) <"$tap_tmp/input" >"$out.stdout" 2>"$out.stderr"
    echo $? >"$out.status"
    (cd "$home" && find . | sort) >"$out.files"
    # Numbers differ from run to run: processes, addresses, descriptors. The loader's own
    # opening of the shim is what was asked for.
    [ ${#trace[@]} = 0 ] ||
        grep -vF "$shim" "$out.trace" | sed -E "s/^[0-9]+ +//; s,$home,HOME,g; s/\)? += .*//
            s/,? *<unfinished .*//; /^<.* resumed>/d; s,/proc/[0-9]+,/proc/PID,g
            s/^(clone3?|v?fork)\(.*/\1/; s,0x[0-9a-f]+.*,," | sort >"$out.calls"
    rm -rf "$home"
}

# inert NAME INPUT COMMAND...
inert() {
    local name=$1 what
    if ! command -v "$3" >/dev/null; then
        tap_skip "$name" "no $3"
        return
    fi
    printf '%b' "$2" >"$tap_tmp/input"
    shift 2
    rm -rf "$tap_tmp"/{plain,shim}.*
    run plain "" "$@"
    run shim "$shim" "$@"
    for what in status stdout stderr files calls; do
        [ ! -e "$tap_tmp/plain.$what" ] ||
            diff "$tap_tmp/plain.$what" "$tap_tmp/shim.$what" | sed "s/^/$what: /"
    done | tap_empty "$name"
}

inert "ls" "" ls -la /usr /proc/self/fd/0
inert "ls that fails" "" ls /nonexistent
# shellcheck disable=SC2016 # expanded by the bash that is looked at
inert "bash with a pipe and a child" "" bash -c 'ls / | (read -r first; echo "$first $0")'
inert "python3 -c ''" "" python3 -c ''
inert "git --version" "" git --version
inert "qemu -version" "" qemu-system-x86_64 -version
inert "qemu, a machine without VFIO" 'info qtree\ninfo pci\nquit\n' \
    qemu-system-x86_64 -accel tcg -machine q35 -m 64 -S -display none -nodefaults \
    -device nec-usb-xhci -monitor stdio

tap_done
