#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Memory decoding off, D3hot, resets with and without the program's knowledge: what a program sees of a
# real device is the same with the shim and without, by reads, writes and mappings. What the shim keeps in
# its own memory is as it was, and reset with the device if the program itself asks for that.
# shellcheck source=lab/lib.sh
. "${top_srcdir:-.}/lab/lib.sh" || exit

program_tap faults 6 <<'END'
# without the shim, as it has to be
./faults "$group" "$address" >/tmp/none
[ $? = 0 ] && ! grep -vxFf /tmp/none <<'FACTS'
memory off: version: pread EIO a5a5a5a5; preadv EIO a5a5a5a5 a5a5a5a5; mapping SIGBUS
memory off: interrupt mask: pwrite EIO; mapping SIGBUS
emulated table, memory off: pread 16: ones
emulated PBA, memory off: pread EIO
memory on again: version: pread 4 00010400; preadv 8 00010400 00000000; mapping 00010400
D3hot: version: pread EIO a5a5a5a5; preadv EIO a5a5a5a5 a5a5a5a5; mapping SIGBUS
reset while it is read: reads in each; 0 reads with something else
after RESET: version: pread 4 00010400; preadv 8 00010400 00000000; mapping 00010400
after FLR: version: pread 4 00010400; preadv 8 00010400 00000000; mapping 00010400
after FLR: trigger 0, fired 1
end
FACTS
result $? "nvme, -, a program, group, -, none: $(wc -l </tmp/none) lines, as the kernel has it"

# Where the kernel has a hole that reads ones, the shim has the table.
table='/^emulated table/s/ones$/as written/; /^emulated table.*\(RESET\|FLR\)/s/as written$/as after a reset/'
while read -r rules changes; do
    LD_PRELOAD=/share/libmsixshim.so MSIXSHIM=$rules ./faults "$group" "$address" >/tmp/shim
    status=$?
    sed "$changes" /tmp/none | diff - /tmp/shim >/tmp/differences && [ $status = 0 ]
    result $? "nvme, $rules, a program, group, -, shim: $(wc -l </tmp/shim) lines as without"
    sed 's/^/# /' /tmp/differences
done <<ROWS
off
bar2 $table
bar0 $table
any $table
bar0,map=compose $table; /^emulated PBA/s/EIO/8/
ROWS
END
tap_done
