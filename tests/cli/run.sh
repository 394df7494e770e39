#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# msixshim run: the program gets the shim or is not started, and it is as if run had never been.
# shellcheck disable=SC2016 # the inner shells' variables
# shellcheck source=tests/lib/run.sh
. "${top_srcdir:-.}/tests/lib/run.sh" || exit

# A shell by a name that is not known to start other programs: run says nothing about it.
program=$tap_tmp/program
cp "$(command -v bash)" "$program"

# --- what goes through: the program takes the place of run ---

run "$program" -c 'exit 3'
gives "exit status" 3 "" ""
run "$program" -c 'kill -TERM $$'
equal "death by a signal" $((128 + $(kill -l TERM))) "$status"
run "$program" -c 'echo out; echo err >&2'
gives "both outputs" 0 out err
equal "standard input" typed "$(echo typed | bare cat)"
equal "the process id" 1 "$(sh -c 'echo $$; exec "$@"' - "${run[@]}" "$program" -c 'echo $$' | uniq | wc -l)"
run "$program" -c 'echo "$0 $*"' a 'b  c' --log
gives "arguments" 0 "a b  c --log" ""
run -- "$program" -c 'echo started >>"$0"' "$tap_tmp/starts"
equal "the program is started once" started "$(cat "$tap_tmp/starts")"

descriptors='echo /proc/self/fd/*'
exec 9</dev/null
equal "descriptors: those of before and no more" "$(bash -c "$descriptors")" \
    "$(bare "$program" -c "$descriptors")"
exec 9<&-
if [ -e "/proc/$$/task/$$/children" ]; then
    run "$program" -c 'read -r child </proc/$$/task/$$/children; echo "child: $child"'
    gives "no children" 0 "child: " ""
else
    tap_skip "no children" "this kernel does not list them"
fi
equal "SIGCHLD stays ignored" "$(trap '' CHLD && grep SigIgn /proc/self/status)" \
    "$(trap '' CHLD && bare grep SigIgn /proc/self/status)"

mkfifo "$tap_tmp/ready"
exec 8<>"$tap_tmp/ready"
set -m # a process group for the job
# What starts the tests may ignore it, as a shell does for what it runs behind itself. The program
# waits without a system call: had it been about to make one, that would wait in spite of the signal.
env --default-signal=INT "${run[@]}" "$program" -c 'trap "exit 5" INT; echo >"$0"; while :; do :; done' \
    "$tap_tmp/ready" &
set +m
read -r -t 60 -u 8
kill -INT -- -$!
wait $!
equal "SIGINT to the process group" 5 $?
exec 8<&-

# --- programs that are not there ---

run -- ./does/not/exist
refused "a path that is not there" 127 "./does/not/exist: No such file or directory"
PATH=/bin:/usr/bin run no-such-command-anywhere
refused "a name that is not in PATH" 127 "no-such-command-anywhere: No such file or directory"
PATH=$tap_tmp/nowhere "${run[@]}" sh 2>"$tap_tmp/err" >"$tap_tmp/out"
equal "PATH without it" 127 $?
run ''
refused "an empty name" 127 ": No such file or directory"
run /etc
refused "a directory" 126 "/etc: Permission denied"
echo hello >"$tap_tmp/text"
run "$tap_tmp/text"
refused "a file without the permission" 126 "text: Permission denied"
chmod +x "$tap_tmp/text"
run "$tap_tmp/text"
refused "a text" 126 "text is neither a program nor a script that starts with #!"
cp "$(command -v env)" "$tap_tmp/here"
equal "an empty entry of PATH is the current directory" "LD_PRELOAD=$shim" \
    "$(cd "$tap_tmp" && PATH=:$PATH bare here | grep '^LD_PRELOAD=')"

# trap V10
# --- programs that can't have the shim ---

# as_program NAME BYTES: an executable of these bytes, filled up with zeros
as_program() {
    # shellcheck disable=SC2059 # the bytes are octal there
    printf "$2" >"$tap_tmp/$1"
    truncate -s 64 "$tap_tmp/$1"
    chmod +x "$tap_tmp/$1"
}
as_program i386 '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0\1\0\0\0'
run "$tap_tmp/i386"
refused "32 bits" 125 "i386 is a 32-bit program"
as_program alpha '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\46\220\1\0\0\0'
run "$tap_tmp/alpha"
refused "another machine" 125 "alpha is a program for "
as_program damaged '\177ELF'
run "$tap_tmp/damaged"
refused "a damaged program" 125 "$tap_tmp/damaged"

echo 'int main(void) { return 0; }' >"$tap_tmp/main.c"
if "${cc[@]}" -static -o "$tap_tmp/static" "$tap_tmp/main.c" 2>/dev/null; then
    run "$tap_tmp/static"
    refused "a static program" 125 "static is statically linked"
    printf '#!%s\n' "$tap_tmp/static" >"$tap_tmp/script"
    chmod +x "$tap_tmp/script"
    run "$tap_tmp/script"
    refused "a script whose interpreter is static" 125 "static is statically linked"
else
    tap_skip "static programs" "no static libc to build one"
fi

for mode in u g; do
    cp "$(command -v env)" "$tap_tmp/$mode+s"
    chmod $mode+s "$tap_tmp/$mode+s"
    run "$tap_tmp/$mode+s"
    refused "set${mode}id" 125 "$mode+s is set${mode}id, and nothing can be preloaded"
done
while read -r name out; do
    cp "$(command -v env)" "$tap_tmp/$name"
    chmod u+s "$tap_tmp/$name"
    run "$tap_tmp/$name"
    refused "$name, which is setuid" 125 "$name is setuid, and nothing can be preloaded into such a \
program; put $name before msixshim: $out"
done <<'END'
sudo sudo msixshim run ...
su su -c 'msixshim run ...'
doas doas msixshim run ...
pkexec pkexec msixshim run ...
END
cp "$(command -v env)" "$tap_tmp/capable"
if PATH=$PATH:/sbin:/usr/sbin setcap cap_net_admin+ep "$tap_tmp/capable" 2>/dev/null; then
    run "$tap_tmp/capable"
    refused "file capabilities" 125 "capable has file capabilities"
else
    tap_skip "file capabilities" "setcap is missing or may not set them here"
fi
if [ "$(id -u)" = 0 ] && setpriv --ruid 65534 true 2>/dev/null && strace -o /dev/null true 2>/dev/null; then
    # the library in a directory that the real user may not enter: the kernel asks for the effective one
    mkdir -m 700 "$tap_tmp/closed"
    cp "$shim" "$tap_tmp/closed"
    setpriv --ruid 65534 "${run[@]}" --libdir "$tap_tmp/closed" env 2>"$tap_tmp/err" >"$tap_tmp/out"
    status=$?
    refused "ids with which the kernel starts it in secure mode" 125 "/env in secure mode"
else
    tap_skip "secure mode" "not root, or tracing is not allowed"
fi

# --- the proof ---

run --libdir "$tap_tmp" env
refused "no library" 125 "$tap_tmp/libmsixshim.so: No such file or directory; \
install it, or name its directory with --libdir"
mkdir "$tap_tmp/a b" "$tap_tmp/empty"
cp "$shim" "$tap_tmp/a b"
run --libdir "$tap_tmp/a b" env
refused "a blank in the library's path" 125 "cannot name a path with a space or a colon"
: >"$tap_tmp/empty/libmsixshim.so"
run --libdir "$tap_tmp/empty" env
refused "a library that can't be loaded" 125 \
    "env would run without $tap_tmp/empty/libmsixshim.so; its dynamic linker says: ERROR"

: >"$tap_tmp/loader"
for loader in "$tap_tmp/nowhere" "$tap_tmp/loader"; do
    "${cc[@]}" -o "$tap_tmp/other" "$tap_tmp/main.c" -Wl,--dynamic-linker="$loader"
    run "$tap_tmp/other"
    refused "a dynamic linker that can't be executed: ${loader##*/}" 125 \
        "$loader, the dynamic linker of $tap_tmp/other, can't be asked: "
done
if command -v musl-gcc >/dev/null; then
    mkdir "$tap_tmp/musl.d"
    musl-gcc -o "$tap_tmp/musl" "$tap_tmp/main.c"
    musl-gcc -shared -fPIC -o "$tap_tmp/musl.d/libmsixshim.so" -x c - <<<'int shim;'
    run --libdir "$tap_tmp/musl.d" "$tap_tmp/musl"
    gives "musl: a library for musl" 0 "" ""
    run "$tap_tmp/musl"
    refused "musl: a library for glibc" 125 "musl would run without $shim"
else
    tap_skip "musl" "no musl-gcc"
fi

# --- scripts, and programs that start others ---

printf '#!/bin/sh -u\nenv\n' >"$tap_tmp/script"
printf '#! %s\n' "$tap_tmp/script" >"$tap_tmp/outer"
printf '#!%s\n' "$tap_tmp/loop" >"$tap_tmp/loop"
chmod +x "$tap_tmp/script" "$tap_tmp/outer" "$tap_tmp/loop"
run "$tap_tmp/script"
grep -qx "LD_PRELOAD=$shim" "$tap_tmp/out"
tap_result $? "a script has the shim"
says "and a note" "note: $tap_tmp/script is a script; that its interpreter /bin/sh has the shim"
run "$tap_tmp/outer"
says "a script of a script" "note: $tap_tmp/outer is a script; that its interpreter /bin/sh has"
printf "#!/no/such/shell\n" >"$tap_tmp/orphan"
chmod +x "$tap_tmp/orphan"
run "$tap_tmp/orphan"
refused "a script without interpreter" 127 "/no/such/shell: No such file or directory, the interp"
run "$tap_tmp/loop"
refused "a script of itself" 126 "loop is neither a program nor a script"

note="starts other programs; that it has the shim itself is proven, that what it starts has it is not"
printf '#!/bin/sh\n' >"$tap_tmp/true"
chmod +x "$tap_tmp/true"
for name in env sh bash nohup nice; do
    run "$name" "$tap_tmp/true"
    gives "$name" 0 "" "msixshim: run: note: $(command -v "$name") $note"
done
run sh -c 'exit 3'
equal "its exit status is passed on" 3 "$status"
run --libdir "$tap_tmp/empty" env
refused "no note where it is not started" 125 "would run without"

tap_done
