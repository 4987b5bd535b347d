// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes that kmalloc() has given out, as it rounds them up, and that were not
 * given back: counted with its own tracepoints, so to the byte, where free pages
 * would show nothing of a few small objects. That is of the whole kernel, which
 * does nothing else; and it makes everything slower, so nothing is timed
 * meanwhile. Memory that goes by RCU is missed when it goes in bulk.
 */
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/slab.h>
#include <trace/events/kmem.h>
#include "bench.h"

static atomic_long_t heap_bytes;
static long heap_most;

static void heap_add(long bytes)
{
	long now = atomic_long_add_return(bytes, &heap_bytes);

	/* There is one CPU, and an interrupt in between has given back by now. */
	if (now > READ_ONCE(heap_most))
		WRITE_ONCE(heap_most, now);
}

static void heap_kmalloc(void *data, unsigned long call_site, const void *ptr,
			 size_t bytes_req, size_t bytes_alloc, gfp_t gfp_flags,
			 int node)
{
	if (ptr)
		heap_add(bytes_alloc);
}

/* Called before it is given back: its size can still be asked for. */
static void heap_kfree(void *data, unsigned long call_site, const void *ptr)
{
	heap_add(-(long)ksize(ptr));
}

int heap_watch(void)
{
	int err;

	atomic_long_set(&heap_bytes, 0);
	WRITE_ONCE(heap_most, 0);
	err = register_trace_kmalloc(heap_kmalloc, NULL);
	if (err)
		return err;
	err = register_trace_kfree(heap_kfree, NULL);
	if (err)
		unregister_trace_kmalloc(heap_kmalloc, NULL);
	return err;
}

/* Returns the most bytes that were in use at a time since heap_watch(). */
u64 heap_unwatch(void)
{
	unregister_trace_kfree(heap_kfree, NULL);
	unregister_trace_kmalloc(heap_kmalloc, NULL);
	/* The module, or what it counts next, may go as soon as this returns. */
	tracepoint_synchronize_unregister();
	return READ_ONCE(heap_most);
}
