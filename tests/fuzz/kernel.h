/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as the parser needs, for user space.
 */
#ifndef CHP_FUZZ_KERNEL_H
#define CHP_FUZZ_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;

#define S64_MAX		LLONG_MAX

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __printf(a, b)	__attribute__((__format__(__printf__, a, b)))

#define min(a, b) ({			\
	__typeof__(a) min_a = (a);	\
	__typeof__(b) min_b = (b);	\
	min_a < min_b ? min_a : min_b;	\
})

#define check_add_overflow(a, b, to)	__builtin_add_overflow(a, b, to)
#define check_mul_overflow(a, b, to)	__builtin_mul_overflow(a, b, to)

static inline size_t size_add(size_t a, size_t b)
{
	size_t sum;

	return check_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}

static inline size_t size_mul(size_t a, size_t b)
{
	size_t product;

	return check_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

#define GFP_KERNEL_ACCOUNT	0

/*
 * Memory that can run out when a test wants it: chp_fail_alloc allocations
 * succeed, the next one fails. Negative: none fails.
 */
extern long chp_fail_alloc;
extern long chp_live_allocs;
extern size_t chp_last_alloc;

void *kvzalloc(size_t size, int flags);
void kvfree(const void *mem);

/* Nothing is exported in user space. */
#define EXPORT_SYMBOL_CHP_TESTS(sym)

#endif
