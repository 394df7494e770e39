/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of errno values, as traces print them. Not strerrorname_np(), which not every C library
 * has.
 */
#ifndef MSIXSHIM_ERRNO_NAME_H
#define MSIXSHIM_ERRNO_NAME_H

/* "EINVAL" for EINVAL; NULL for a value without a name here. Static. */
const char *errno_name(int error);

#endif
