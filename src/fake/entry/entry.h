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
 * The function `of` by another name, too, that of 64-bit offsets. That name is in the assembler
 * label alone: the header of a C library may lack it, or turn it into a macro.
 */
#define ALIAS(of, name)                                                                            \
	extern __typeof__(of) alias_##name __asm__(#name)                                          \
		__attribute__((visibility("default"), alias(#of))) ATTRIBUTES_OF(of);

/*
 * The function `name` of the next library, which *kept keeps: it is looked up at the first call, so
 * that calls before the constructors work too. NULL if there is none. The shim can't do so, in a
 * program that may not expect dlsym() then: see shim/next.h.
 */
static inline void *entry_next(void **kept, const char *name)
{
	void *next = __atomic_load_n(kept, __ATOMIC_RELAXED);

	if (!next) {
		next = dlsym(RTLD_NEXT, name);
		__atomic_store_n(kept, next, __ATOMIC_RELAXED);
	}
	return next;
}

/* The next library's function of this name and type. */
#define NEXT(f)                                                                                    \
	({                                                                                         \
		static void *kept_;                                                                \
		(__typeof__(f) *)entry_next(&kept_, #f);                                           \
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
