#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same with map=compose: by pages of the kernel's and of the shim's.
COMPOSED=yes "${top_srcdir:-.}/tests/shim/places.sh"
