#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same where mremap() moves no more than one mapping, as before Linux 6.17.
OLDER_KERNEL=yes "${top_srcdir:-.}/tests/shim/remap.sh"
