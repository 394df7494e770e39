# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# For the tests that run msixshim: TAP, and the command with its output in $out and $err.

n=0
dir=$(mktemp -d)
out=$dir/out
err=$dir/err
status=0
trap 'rm -rf "$dir"' EXIT

# The rest of the test needs QEMU.
need_qemu()
{
	command -v qemu-system-x86_64 >/dev/null && return
	echo '1..0 # SKIP qemu-system-x86_64 is not installed'
	exit 0
}

# ok NAME COMMAND...: one line of TAP; the output that the command looked at follows a failure.
ok()
{
	n=$((n + 1))
	name=$1
	shift
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name (exit status $status)"
		sed 's/^/# /' "$out" "$err"
	fi
}

# Runs msixshim demo from the build tree.
demo()
{
	# shellcheck disable=SC2154 # of the test environment
	"$top_builddir/msixshim" demo --libdir "$top_builddir/.libs" \
		--descriptions "$top_srcdir/descriptions" "$@" >"$out" 2>"$err"
	status=$?
}

# The command failed, and stderr is one line that contains $1.
one_line()
{
	[ "$status" = 1 ] && [ "$(wc -l <"$err")" = 1 ] && grep -qF -- "$1" "$err"
}
