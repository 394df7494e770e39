#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The directory of FAKEVFIO_STATE: who makes it, what is said if it can't be, what stays.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit

[ -z "${MEMCHECK:-}" ] || tap_skip_all "the shell that starts valgrind has the library, and speaks, too"
show=$top_builddir/tests/fake/show
inherit=$top_builddir/tests/shim/inherit
tap_need "$show" "$inherit"
class=/sys/bus/pci/devices/$bdf/class
fake=$libs/libfakevfio.so
state=$tap_tmp/state
export TMPDIR=$tap_tmp/tmp
mkdir "$TMPDIR"

# cat_as DESCRIPTION FILE...: what is shown and said of files, with the state.
cat_as() {
    local description=$1
    shift
    FAKEVFIO=$description FAKEVFIO_STATE=$state LD_PRELOAD=$fake "$show" cat "$@" 2>&1
}

cat_as "$descriptions/sas3008.desc" "$class" | diff <(echo 0x010700) - |
    tap_empty "the first program makes the directory and the devices"
stat -c %a "$state" | diff <(echo 700) - | tap_empty "which is nobody else's"
cat_as "$descriptions/nvme-136.desc" "$class" | diff <(echo 0x010700) - |
    tap_empty "the next one finds the devices, whatever it names"
cat_as /nowhere /dev/vfio/vfio | tap_empty "even if nothing is there"
find "$TMPDIR" -mindepth 1 | tap_empty "no other directory is made"

rm -r "$state"
cat_as "$descriptions/nvme-136.desc" "$class" | diff <(echo 0x010802) - |
    tap_empty "once it is removed, all starts anew"

rm -r "$state"
printf 'device 01:00.0\nbar 9 io 4\n' >"$tap_tmp/bad.desc"
for who in first second; do
    cat_as "$tap_tmp/bad.desc" /dev/vfio/vfio | diff - <(
        echo "fakevfio: $tap_tmp/bad.desc:2:5: expected a BAR number, 0 to 5"
        echo "show: /dev/vfio/vfio: Invalid argument"
    ) | tap_empty "a wrong description is told by the $who program that reads it"
done
cat_as "$descriptions/sas3008.desc" "$class" | diff <(echo 0x010700) - |
    tap_empty "until one comes with another one"

# Whoever was killed on the way left no more than this.
truncate -s 0 "$state/state" && truncate -s 1M "$state/state"
cat_as "$descriptions/nvme-136.desc" /dev/vfio/vfio | tap_empty "one that was not finished is made again"

echo 'another one' >"$state/state"
cat_as "$descriptions/sas3008.desc" /dev/vfio/vfio | diff - <(
    echo "fakevfio: $state: another version of the library made it"
    echo "show: /dev/vfio/vfio: Invalid argument"
) | tap_empty "one of another version is refused"

state=$descriptions/sas3008.desc cat_as "$descriptions/sas3008.desc" /dev/vfio/vfio | diff - <(
    echo "fakevfio: $descriptions/sas3008.desc: Not a directory"
    echo "show: /dev/vfio/vfio: Invalid argument"
) | tap_empty "so is what is no directory"

# inherit has the device and the socket while the command runs.
rm -r "$state"
export socket=$tap_tmp/socket show fake
# shellcheck disable=SC2016 # for the inner shell
FAKEVFIO=$descriptions/sas3008.desc FAKEVFIO_STATE=$state FAKEVFIO_CONTROL=$socket \
    RECEIVER='' LD_PRELOAD=$fake "$inherit" nothing "$group" "$bdf" /bin/bash -c '
        [ -S "$socket" ] || echo "no socket"
        LD_PRELOAD=$fake "$show" cat /dev/vfio/vfio
        [ -S "$socket" ] || echo "the socket is gone"' 2>/dev/null |
    tap_empty "the first program keeps the socket for commands"
find "$socket" 2>/dev/null | tap_empty "and takes it away"
tap_done
