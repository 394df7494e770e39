#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The two libraries, and the programs of their tests, with musl in place of glibc:
# musl.sh DIR builds in DIR.
set -euo pipefail

here=$(dirname "${BASH_SOURCE[0]}")
mkdir -p "$1"
dir=$(cd "$1" && pwd)
cmocka=$dir/cmocka

skip() {
    echo "skipped: $1"
    exit 77
}

# musl-gcc looks for no header beside musl's own. The kernel's are among glibc's, so these three
# directories are linked to where there is nothing else; the host's compiler knows where they are.
link_kernel_headers() {
    local name found
    mkdir -p "$dir/headers"
    for name in linux asm asm-generic; do
        found=$(gcc -M -include "$name/types.h" -x c /dev/null | grep -o "/[^ ]*/$name/types\.h")
        ln -sfn "${found%/*}" "$dir/headers/$name"
    done
}

# The source package, from where this machine has its packages; apt checks that it is Debian's.
# What apt keeps of it is kept here, so that this takes neither root nor a change of the machine.
fetch_cmocka() {
    local apt=(apt-get -q -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$cmocka/sources"
        -o "Dir::State::Lists=$cmocka/lists" -o "Dir::Cache=$cmocka/cache"
        -o APT::Sandbox::User= -o Acquire::Retries=1 -o Acquire::http::Timeout=30)
    local parts=/etc/apt/sources.list.d

    rm -rf "$cmocka"
    mkdir -p "$cmocka/sources" "$cmocka/lists/partial" "$cmocka/cache/archives/partial"
    sed -s -n 's/^deb[[:space:]]/deb-src /p' /etc/apt/sources.list "$parts"/*.list \
        >"$cmocka/sources/deb-src.list"
    for source in "$parts"/*.sources; do
        sed 's/^Types:.*/Types: deb-src/' "$source" >"$cmocka/sources/${source##*/}"
    done
    cd "$cmocka" && "${apt[@]}" update && "${apt[@]}" source cmocka
}

# Debian's library is linked with glibc. All of it is one source file.
build_cmocka() {
    local has=(INTTYPES_H MALLOC_H SIGNAL_H STRINGS_H CLOCK_REALTIME CLOCK_GETTIME
        GCC_THREAD_LOCAL_STORAGE SIGLONGJMP STRSIGNAL STRUCT_TIMESPEC)

    cd "$cmocka"
    mv cmocka-*/ unpacked
    musl-gcc -O2 -w "${has[@]/#/-DHAVE_}" -Iunpacked/include -c unpacked/src/cmocka.c
    ar rc libcmocka.a cmocka.o
}

command -v musl-gcc >/dev/null || skip "no musl-gcc"
link_kernel_headers
if ! [ -e "$cmocka/libcmocka.a" ]; then
    command -v apt-get >/dev/null || skip "no apt-get to fetch the source of cmocka with"
    (fetch_cmocka) >"$dir/cmocka.log" 2>&1 ||
        skip "no source of cmocka: $(grep -m 1 '^[EW]: ' "$dir/cmocka.log")"
    (build_cmocka)
fi

# pkg-config would find the libraries for glibc.
PKG_CONFIG=false "$here/build.sh" "$dir" --enable-strict --without-cli CC=musl-gcc \
    CPPFLAGS="-idirafter $dir/headers" CMOCKA_CFLAGS="-I$cmocka/unpacked/include" \
    CMOCKA_LIBS="$cmocka/libcmocka.a"
