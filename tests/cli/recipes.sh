#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The blocks of docs/recipes.md: each is tried, or checked by the program that knows its language.
# shellcheck source=tests/lib/run.sh
. "${top_srcdir:-.}/tests/lib/run.sh" || exit

tap_need "$top_srcdir/docs/recipes.md"
mkdir "$tap_tmp/blocks" "$tap_tmp/bin"
awk -v dir="$tap_tmp/blocks" '
    /^```./ { file = sprintf("%s/%02d.%s", dir, ++n, substr($0, 4)); next }
    /^```$/ { file = ""; next }
    file { print >file }' "$top_srcdir/docs/recipes.md"
blocks=$tap_tmp/blocks

# checked NAME TOOL FILE COMMAND...: the tool has nothing to say, or is not there
checked() {
    local name=$1 tool=$2
    shift 2
    if command -v "$tool" >/dev/null; then
        "$@" 2>&1 | tap_empty "$name"
    else
        tap_skip "$name" "no $tool"
    fi
}

# The command of the build tree, and stand-ins for what this machine may not have or must not do.
cat >"$tap_tmp/bin/msixshim" <<END
#!/bin/sh
command=\$1
shift
exec "$(realpath "$top_builddir")/msixshim" "\$command" --libdir "$libs" "\$@"
END
for name in apparmor_parser crosvm dpdk-testpmd dpkg-divert ln lkvm pkg-config qemu restorecon rm \
    semodule systemctl; do
    cat >"$tap_tmp/bin/$name" <<END
#!/bin/sh
echo "$name \$*"
echo "\${LD_PRELOAD-none} \${MSIXSHIM-none}"
END
done
chmod +x "$tap_tmp"/bin/*

# here FILE: the paths of the recipe become those of this test
here() {
    sed -i "s,/usr/bin/msixshim,$tap_tmp/bin/msixshim,; s,/etc/msixshim.conf,$tap_tmp/rules.conf,
        s,/usr/bin/qemu-system-x86_64,$tap_tmp/bin/qemu," "$1"
}

cat "$blocks"/*.conf >"$tap_tmp/rules.conf"
run --config "$tap_tmp/rules.conf" true
gives "the rules are rules" 0 "" ""
rules='0000:01:00.0=bar2;*=off'

scripts=() lines=()
for file in "$blocks"/*.sh; do
    checked "${file##*/}: shellcheck" shellcheck shellcheck -s sh "$file"
    if [ "$(head -n 1 "$file")" = '#!/bin/sh' ]; then
        scripts+=("$file")
    else
        lines+=("$file")
    fi
done
equal "one script" 1 ${#scripts[@]}
wrapper=$(sed -n '2s/^# //p' "${scripts[0]}")
here "${scripts[0]}"
MSIXSHIM_CONFIG=/nowhere sh "${scripts[0]}" -device 'a  b' >"$tap_tmp/out" 2>/dev/null
equal "the wrapper: QEMU's arguments, the shim and the rules" \
    "qemu -device a  b"$'\n'"$shim $rules" "$(cat "$tap_tmp/out")"

for file in "${lines[@]}"; do
    # The stand-ins and nothing else: a command that has none fails.
    PATH=$tap_tmp/bin /bin/sh "$file" >"$tap_tmp/out" 2>"$tap_tmp/err"
    equal "${file##*/}: its commands run" 0 $?
    while read -r called; do
        read -r preload rule
        case $called in
        lkvm*) want="$shim *=auto,share=bar" ;;
        crosvm*) want="$shim *=auto,caps=sparse" ;;
        dpdk*) want="$shim 0000:01:00.0=bar" ;;
        *) want="none none" ;;
        esac
        [[ "$preload $rule" == "$want"* ]]
        tap_result $? "${file##*/}: ${called:0:50}"
    done <"$tap_tmp/out"
done

for file in "$blocks"/*.xml; do
    checked "${file##*/}: XML" xmllint xmllint --noout "$file"
done
grep -ho "<emulator>.*<" "$blocks"/*.xml | diff - <(echo "<emulator>$wrapper<") |
    tap_empty "the emulator is the wrapper"
grep -o '"/[^"]*"' "$blocks"/*.toml | cut -d: -f2 | sort -u | diff - <(echo "\"$wrapper\"") |
    tap_empty "Kata's hypervisor is the wrapper"
sed -n "s/.*<qemu:env name='MSIXSHIM' value='\(.*\)'.*/\1/p" "$blocks"/*.xml |
    diff - <(echo "$rules") | tap_empty "libvirt's variable has the rules of the file"

for file in "$blocks"/*.ini; do
    here "$file"
    cp "$file" "$tap_tmp/guest.service"
    checked "${file##*/}: systemd" systemd-analyze systemd-analyze verify "$tap_tmp/guest.service"
done
for file in "$blocks"/*.apparmor; do
    { echo 'include <tunables/global>' && echo 'profile test {' && cat "$file" && echo '}'; } \
        >"$tap_tmp/profile"
    if command -v apparmor_parser >/dev/null; then
        apparmor_parser --skip-kernel-load --skip-cache "$tap_tmp/profile" 2>"$tap_tmp/err"
        tap_result $? "${file##*/}: AppArmor"
    else
        tap_skip "${file##*/}: AppArmor" "no apparmor_parser"
    fi
done

tap_done
