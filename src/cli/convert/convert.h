/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MSIXSHIM_CLI_CONVERT_H
#define MSIXSHIM_CLI_CONVERT_H

/* `msixshim convert`: a device as a description, or as text of lspci. See cli.h. */
int convert_main(int argc, char **argv);

#endif
