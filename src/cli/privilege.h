/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file gives a program that is started from it. With any of these the kernel starts it in
 * secure mode, and the dynamic linker preloads nothing from outside its own directories.
 */
#ifndef MSIXSHIM_CLI_PRIVILEGE_H
#define MSIXSHIM_CLI_PRIVILEGE_H

enum privilege {
	PRIVILEGE_NONE,
	PRIVILEGE_SETUID,
	PRIVILEGE_SETGID,
	PRIVILEGE_CAPABILITIES, /* capabilities(7), File capabilities */
};

/*
 * Looks at the mode and attributes of `path`, whoever asks. 0, or a negative errno of stat().
 * Source: bprm_creds_from_file().
 */
int privilege_of_file(const char *path, enum privilege *ret);

#endif
