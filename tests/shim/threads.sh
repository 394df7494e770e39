#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ThreadSanitizer over the shim: it and the layers below are compiled into a program of 8 threads
# with 8 devices. THREADS_SECONDS and THREADS_SEED change how long and what it does.
# shellcheck source=tests/lib/preload.sh
. "${top_srcdir:-.}/tests/lib/preload.sh" || exit
[ -z "${MEMCHECK:-}" ] || tap_skip_all "ThreadSanitizer does not run under valgrind"

seconds=${THREADS_SECONDS:-10}
seed=${THREADS_SEED:-$RANDOM}
flags=(-std=gnu11 -D_GNU_SOURCE "-I$top_srcdir/src" "-I$top_srcdir/include" "-I$top_srcdir" -fvisibility=hidden -fno-strict-aliasing
    -U_FORTIFY_SOURCE -fPIE -O1 -g -fsanitize=thread)

# Address spaces that are more random than old versions of ThreadSanitizer can stand.
fixed=()
! setarch -R true 2>/dev/null || fixed=(setarch -R)

echo 'int main(void) { return 0; }' >"$tap_tmp/none.c"
if ! "${cc[@]}" -pie "${flags[@]}" "$tap_tmp/none.c" -o "$tap_tmp/none" 2>/dev/null ||
    ! "${fixed[@]}" "$tap_tmp/none" 2>/dev/null; then
    tap_skip_all "no ThreadSanitizer with $CC"
fi

# What the program calls is the shim's; what ThreadSanitizer calls before it is ready is not.
{ echo '{ local:' && manifest_names "$top_srcdir/src/shim/shim.map" | sed 's/$/;/' && echo '};'; } \
    >"$tap_tmp/own.map"

# program NAME [OBJECT...]: links the shim, and these objects in the place of those of the same name.
program() {
    local name=$1 object
    local -A objects
    shift
    for object in "$tap_tmp/objects"/*.o "$@"; do
        objects[${object##*/}]=$object
    done
    "${cc[@]}" -pie "${flags[@]}" -Wl,--version-script="$tap_tmp/own.map" \
        "${objects[@]}" -o "$tap_tmp/$name"
}

# run NAME SECONDS [OPTION...]: the program over the fake, whose own locks order nothing. A program
# that ends at its first report leaves the files of the fake.
run() {
    local name=$1 seconds=$2
    shift 2
    mkdir "$tap_tmp/$name.calls"
    FAKEVFIO="$tap_tmp/devices.desc" FAKEVFIO_LOG="$tap_tmp/$name.log" MSIXSHIM="$rules" \
        TMPDIR="$tap_tmp" LD_PRELOAD="$libs/libfakevfio.so" \
        TSAN_OPTIONS="suppressions=$tap_tmp/fake.supp exitcode=66 $*" \
        "${fixed[@]}" "$tap_tmp/$name" "$seconds" "$seed" "$tap_tmp/$name.calls" \
        >"$tap_tmp/$name.out" 2>&1
}
# It keeps book of descriptors, and knows nothing of those that the fake makes.
printf '%s\n' called_from_lib:libfakevfio.so race:tsan_interceptors_posix.cpp >"$tap_tmp/fake.supp"

# By their ids: what names a node by its number in sysfs is not the fake with every compiler.
rules='' count=0
while read -r device group target; do
    cat <<END
device 0000:$device
group $group
id 8086:5a0$count
class 010802
bar 0 mem64 16K zero
pm at 0x40
pcie at 0x70 flr
msix at 0xb0 vectors 64 table 0:0x2000 pba 0:0x3000
END
    rules+="8086:5a0$count=$target;"
    count=$((count + 1))
done >"$tap_tmp/devices.desc" <<'END'
01:00.0 1 bar0
01:00.1 1 bar2
01:00.2 1 bar4
01:00.3 1 off
02:00.0 2 bar0
03:00.0 3 bar2
04:00.0 4 bar5
05:00.0 5 bar0
END

mkdir "$tap_tmp/objects" "$tap_tmp/rw" "$tap_tmp/fdtab"
(cd "$tap_tmp/objects" && "${cc[@]}" "${flags[@]}" -c "$top_srcdir"/src/{core,vfio,shim,shim/log,shim/compose}/*.c \
    "$top_srcdir/tests/shim/threads.c") && program sound
tap_result $? "the shim is compiled into a program"

run sound "$seconds"
status=$?
sed 's/^/# /' "$tap_tmp/sound.out" | head -n 100
[ $status = 0 ]
tap_result $status "8 threads with 8 devices, $seconds s, seed $seed: no report, all values as written"

# What the program did, and what the device saw. The shim reads all of the configuration space of a
# device that is handed out, and behind its end at an access to what the shim shows there.
seen=$tap_tmp/sound.log
calls='^[0-9a-f:.]* (pread|pwrite|mmap|reset) '
handed_out=' pread config\+0x0 4096$'
behind=' pread config\+0x1000 1$'
sed -Ei 's/ (prot=[0-9]+ )?= .*//; /:00\.[1-3] reset hot$/d' "$seen"
cat "$tap_tmp/sound.calls"/* | sort >"$tap_tmp/made"

# at_most PATTERN N DESCRIPTION: the device saw some of these, and no more than N.
at_most() {
    local n
    n=$(grep -cE "$1" "$seen")
    [ "$n" -gt 0 ] && [ "$n" -le "$2" ]
    tap_result $? "$3: $n, $2"
}
at_most "$handed_out" $(($(grep -c ' opened$' "$tap_tmp/made") + 1)) "of devices handed out, and opened"
at_most "$behind" "$(grep -c ' config' "$tap_tmp/made")" "of reads behind the configuration space, and in it"
grep -E "$calls" "$seen" | grep -vE "$handed_out|$behind" | sort >"$tap_tmp/left"
sed -i '/ opened$/d' "$tap_tmp/made"
[ "$(wc -l <"$tap_tmp/made")" -gt 1000 ]
tap_result $? "$(wc -l <"$tap_tmp/made") accesses were made"
diff "$tap_tmp/made" "$tap_tmp/left" | head -n 20 | tap_empty "the transcript has these, and no other"

# seeded FILE: the same without the locks of that source.
seeded() {
    local name=${1##*/}
    name=${name%.c}
    sed '/^	*pthread_mutex_\(un\)\?lock(/d' "$top_srcdir/$1" >"$tap_tmp/$name/$name.c"
    "${cc[@]}" "${flags[@]}" -c "$tap_tmp/$name/$name.c" \
        -o "$tap_tmp/$name/$name.o" && program "seeded-$name" "$tap_tmp/$name/$name.o" || return
    run "seeded-$name" "$seconds" halt_on_error=1
    [ $? = 66 ] && grep -q 'WARNING: ThreadSanitizer: data race' "$tap_tmp/seeded-$name.out"
}
for source in src/vfio/rw.c src/shim/fdtab.c; do
    seeded $source
    tap_result $? "without the locks of $source a race is reported" && continue
    head -n 40 "$tap_tmp/seeded-"*.out | sed 's/^/# /'
done
tap_done
