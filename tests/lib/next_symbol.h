/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For libraries that are preloaded among others: the function of that name that stands behind. */
#ifndef TESTS_LIB_NEXT_SYMBOL_H
#define TESTS_LIB_NEXT_SYMBOL_H

#include <dlfcn.h>
#include <string.h>

/* A function pointer, which ISO C does not let a void pointer become. */
#define NEXT(name)                                                                                 \
	({                                                                                         \
		__typeof__(name) *next_;                                                           \
		void *found_ = dlsym(RTLD_NEXT, #name);                                            \
		memcpy(&next_, &found_, sizeof(found_));                                           \
		next_;                                                                             \
	})

#endif
