// SPDX-License-Identifier: GPL-2.0
/*
 * Memory as in the kernel, counted.
 */
#include <stdlib.h>

#include "kernel.h"

long chp_fail_alloc = -1;
long chp_live_allocs;
size_t chp_last_alloc;

void *kvzalloc(size_t size, int flags)
{
	void *mem;

	(void)flags;
	chp_last_alloc = size;
	if (!chp_fail_alloc)
		return NULL;
	if (chp_fail_alloc > 0)
		chp_fail_alloc--;
	mem = calloc(1, size);
	if (mem)
		chp_live_allocs++;
	return mem;
}

void kvfree(const void *mem)
{
	if (mem)
		chp_live_allocs--;
	free((void *)mem);
}
