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

#if __has_attribute(copy)
#define ATTRIBUTES_OF(f) __attribute__((copy(f))) /* gcc warns where an alias has less of them */
#else
#define ATTRIBUTES_OF(f)
#endif

/*
 * The function `of` by another name, too, that of 64-bit offsets. It stands in the assembler label
 * alone: the header of a C library may lack it, or turn it into a macro.
 */
#define ALIAS(of, name)                                                                            \
	extern __typeof__(of) alias_##name __asm__(#name)                                          \
		__attribute__((visibility("default"), alias(#of))) ATTRIBUTES_OF(of);

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

/* Calls the next library's function, or does `call` where there is none: the system call. */
#define NEXT_OR(f, args, call)                                                                     \
	({                                                                                         \
		__typeof__(f) *found_ = NEXT(f);                                                   \
		found_ ? found_ args : (call);                                                     \
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
