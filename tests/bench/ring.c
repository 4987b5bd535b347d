// SPDX-License-Identifier: GPL-2.0
/*
 * Queues that the kernel has: what a module would use where a buffered channel
 * is used here.
 */
#include <linux/kfifo.h>
#include <linux/ptr_ring.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include "bench.h"

/* Both are at their best with more places than one. */
#define PLACES 64

static __always_inline s64 ring_run(const struct bench *bench, bool any)
{
	struct ptr_ring ring;
	int err = ptr_ring_init(&ring, PLACES, GFP_KERNEL);
	unsigned int i;
	u64 value = 0;
	void *out;
	u64 took;

	if (err)
		return err;
	took = bench_clock();
	for (i = 0; i < bench->n && !err; i++) {
		err = any ? ptr_ring_produce_any(&ring, &value) :
			    ptr_ring_produce(&ring, &value);
		out = any ? ptr_ring_consume_any(&ring) :
			    ptr_ring_consume(&ring);
		if (!out)
			err = -ENODATA;
	}
	took = bench_clock() - took;
	ptr_ring_cleanup(&ring, NULL);
	return err ?: took;
}

/*
 * One operation: a pointer is put into a ring, and taken out. Who finds it full
 * or empty has to see by itself what to do: it knows no waiting. Those who use
 * it so are all in process context.
 */
static s64 ring_pair(const struct bench *bench)
{
	return ring_run(bench, false);
}

/* The same, for users in any context, as a channel's are. */
static s64 ring_any_pair(const struct bench *bench)
{
	return ring_run(bench, true);
}

/**
 * struct waiting_fifo - a queue with a place to wait on each side
 * @fifo: the elements
 * @lock: of @fifo
 * @senders: who wait for room
 * @receivers: who wait for an element
 */
struct waiting_fifo {
	DECLARE_KFIFO(fifo, u64, PLACES);
	spinlock_t lock; /* protects @fifo */
	wait_queue_head_t senders;
	wait_queue_head_t receivers;
};

static int fifo_send(struct waiting_fifo *wf, u64 value)
{
	int err = 0;

	while (!err && !kfifo_in_spinlocked(&wf->fifo, &value, 1, &wf->lock))
		err = wait_event_interruptible(wf->senders,
					       !kfifo_is_full(&wf->fifo));
	if (!err)
		wake_up_interruptible(&wf->receivers);
	return err;
}

static int fifo_recv(struct waiting_fifo *wf, u64 *value)
{
	int err = 0;

	while (!err && !kfifo_out_spinlocked(&wf->fifo, value, 1, &wf->lock))
		err = wait_event_interruptible(wf->receivers,
					       !kfifo_is_empty(&wf->fifo));
	if (!err)
		wake_up_interruptible(&wf->senders);
	return err;
}

/* One operation: an element is put into a kfifo, and taken out; nobody waits. */
static s64 fifo_pair(const struct bench *bench)
{
	static struct waiting_fifo wf;
	unsigned int i;
	int err = 0;
	u64 value;
	u64 took;

	INIT_KFIFO(wf.fifo);
	spin_lock_init(&wf.lock);
	init_waitqueue_head(&wf.senders);
	init_waitqueue_head(&wf.receivers);
	took = bench_clock();
	for (i = 0; i < bench->n && !err; i++)
		err = fifo_send(&wf, i) ?: fifo_recv(&wf, &value);
	return err ?: bench_clock() - took;
}

const struct bench ring_benches[] = {
	{ "buffered_pair", "ptr_ring", ring_pair, 100000 },
	{ "buffered_pair", "ptr_ring_any", ring_any_pair, 100000 },
	{ "buffered_pair", "kfifo_wq", fifo_pair, 100000 },
	{}
};
