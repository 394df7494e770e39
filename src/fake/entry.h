/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exported functions: what they have in common. */
#ifndef FAKE_ENTRY_H
#define FAKE_ENTRY_H

#ifdef _FORTIFY_SOURCE
#undef _FORTIFY_SOURCE
#endif

#include <dlfcn.h>
#include <errno.h>

#define EXPORT __attribute__((visibility("default")))

/*
 * The next library's function of this name and type; looked up at the first call, so
 * that calls before the constructors work too.
 */
#define NEXT(f)                                                                                    \
	({                                                                                         \
		static __typeof__(f) *next_;                                                       \
		__typeof__(f) *ret_ = __atomic_load_n(&next_, __ATOMIC_RELAXED);                   \
		if (!ret_) {                                                                       \
			ret_ = (__typeof__(f) *)dlsym(RTLD_NEXT, #f);                              \
			__atomic_store_n(&next_, ret_, __ATOMIC_RELAXED);                          \
		}                                                                                  \
		ret_;                                                                              \
	})

/* A result in the kernel's convention to one in the C library's. */
static inline long entry_ret(long r)
{
	if (r >= 0)
		return r;
	errno = (int)-r;
	return -1;
}

#endif
