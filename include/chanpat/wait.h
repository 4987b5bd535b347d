/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What waits: one struct chp_wait for each blocked activity, one struct
 * chp_waiter for each queue that it stands in.
 *
 * These structs are here because tasks and their owners embed them. Their
 * fields belong to chanpat; the protocol is at the top of kmod/core/wait.h.
 */
#ifndef CHANPAT_WAIT_H
#define CHANPAT_WAIT_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

struct chp_ctx;
struct chp_waiter;
struct task_struct;

/**
 * struct chp_wait - a blocked thread or a parked task
 * @state: enum chp_wait_state; whoever moves it to CHP_TAKEN ends the wait
 * @result: what the blocked operation returns; written by the one who took it
 * @which: the waiter that was served, NULL when the wait ended otherwise
 * @thread: who sleeps; NULL when the wait is embedded in a task
 * @ctx: whose end ends the wait; may be NULL
 * @on_ctx: in @ctx's list of waits, under the lock of @ctx
 */
struct chp_wait {
	atomic_t state;
	int result;
	struct chp_waiter *which;
	struct task_struct *thread;
	struct chp_ctx *ctx;
	struct list_head on_ctx;
};

/**
 * struct chp_waiter - a place in a queue: of a channel, a group, a semaphore ...
 * @node: in the queue, under @lock
 * @lock: of the queue's owner; NULL when it stands nowhere
 * @wait: who waits; the waiters of a select share one
 * @elem: where to copy from or to; owned by the claimer between claim and end
 * @ticket: how many elements had left the channel before this one (receive)
 * @tag: until then, on whose behalf it is received; see chp_chan_end_recvs()
 * @units: how many are asked for (semaphore)
 */
struct chp_waiter {
	struct list_head node;
	raw_spinlock_t *lock;
	struct chp_wait *wait;
	void *elem;
	union {
		u64 ticket;
		const void *tag;
		u64 units;
	};
};

#endif
