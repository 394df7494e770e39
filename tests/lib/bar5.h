/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For cmocka tests under MSIXSHIM=bar5 over the SAS3008: is a descriptor the relocated device? */
#ifndef TESTS_LIB_BAR5_H
#define TESTS_LIB_BAR5_H

#include "fixture.h"

/* Where the emulated table is. */
#define TABLE (5ULL << 40)

/* The first dword of the emulated table, or -errno. */
int64_t table_get(int fd);
/* Writes it, which must succeed. */
void table_put(int fd, uint32_t v);

/* 4096 under the shim; 0 where the device is as it is, or `fd` is another file. */
uint64_t bar5_size(int fd);

#endif
