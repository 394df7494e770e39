/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A library that opens the device in its constructor, which runs before that of a preload. */
#include <stdio.h>
#include <string.h>

#include "surface.h"

__attribute__((constructor)) static void early(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[3], "library") == 0) {
		surface_show(argv[1], argv[2]);
		fflush(stdout);
	}
}
