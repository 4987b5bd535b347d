/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting, and the claim that ends it.
 *
 * A wait is ended by exactly one of many: a peer on a channel, the end of its
 * context, a timer, a signal. They race, and the state decides:
 *
 *	IDLE ----owner----> WAITING ----winner----> TAKEN ----winner----> IDLE
 *	                      | ^                     ^
 *	                owner v | owner               |
 *	                      BUSY -------owner-------+
 *
 *  - chp_wait_begin() makes it WAITING before anybody can find it.
 *  - The winner is who moves WAITING to TAKEN. Until it calls
 *    chp_wait_complete() the wait, its waiters and the memory that they point
 *    to stay valid, for the owner cannot return: the winner may copy without
 *    a lock. Losers leave the wait alone.
 *  - chp_wait_complete() stores the result, then IDLE with release, then wakes
 *    the owner, who reads IDLE with acquire. After that store the winner
 *    touches nothing of the wait.
 *
 * A wait stands in the queues of channels (under each channel's lock) and in
 * the list of its context (under the context's lock). Whoever finds it there
 * claims it under that lock, so that the owner, who takes the same lock to
 * leave, cannot be gone in between.
 *
 * A select stands in several queues, and enters them one by one. Once it is in
 * the first it can be claimed; when it then finds a peer in the next, two waits
 * have to be claimed: its own and the peer's. Its own comes first.
 *
 *  - BUSY is its own claim, undecided: nobody else may claim the wait while it
 *    looks for a peer. It lasts for a few instructions, under the lock of one
 *    channel with interrupts off, so a claimer spins until it is over;
 *    passing the wait over instead would lose a wake-up when the select finds
 *    no peer, and falls back to WAITING.
 *  - Two selects can find each other at the same time, both BUSY, each holding
 *    the lock of another channel. Then the one at the higher address falls
 *    back to WAITING, where the other can claim it, and tries again when that
 *    other is no longer BUSY. A BUSY wait spins only for one at a higher
 *    address, so that no ring of them can close; one that has fallen back is
 *    not waited for by anybody.
 *
 * tests/model/ checks this, and shows what each step is needed for.
 */
#ifndef CHP_CORE_WAIT_H
#define CHP_CORE_WAIT_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <chanpat/wait.h>
#include "hook.h"
#include "queue.h"

/*
 * might_sleep(), but no preemption point: who has just woken a peer, and comes
 * to wait for it, would be switched away here, and once more when it waits.
 */
#define chp_might_sleep() __might_sleep(__FILE__, __LINE__)

enum chp_wait_state {
	CHP_IDLE,
	CHP_WAITING,
	CHP_BUSY,
	CHP_TAKEN,
};

/*
 * True for the one caller that may end this wait. A full barrier when it
 * succeeds, as every value-returning atomic.
 */
static inline bool chp_wait_claim(struct chp_wait *wait)
{
	int old = CHP_WAITING;

	while (!atomic_try_cmpxchg(&wait->state, &old, CHP_TAKEN)) {
		if (old != CHP_BUSY)
			return false;
		cpu_relax();
		old = CHP_WAITING;
	}
	return true;
}

/*
 * For the owner of a wait that others can find: keeps them off. False when one
 * of them has it: the owner then sleeps until it is ended.
 */
static inline bool chp_wait_claim_self(struct chp_wait *wait)
{
	int old = CHP_WAITING;

	return atomic_try_cmpxchg(&wait->state, &old, CHP_BUSY);
}

/*
 * The select is decided, and keeps its wait: those who spin lose. Before the
 * lock is dropped and interrupts come: one that spun here would spin for ever.
 */
static inline void chp_wait_keep(struct chp_wait *wait)
{
	atomic_set(&wait->state, CHP_TAKEN);
}

/*
 * Lets them have it again. Release: who claims it next sees all that was
 * written before.
 */
static inline void chp_wait_fall_back(struct chp_wait *wait)
{
	atomic_set_release(&wait->state, CHP_WAITING);
}

/* For the owner that has claimed its own wait: nobody needs to be woken. */
static inline int chp_wait_abandon(struct chp_wait *wait, int result)
{
	wait->result = result;
	wait->which = NULL;
	atomic_set(&wait->state, CHP_IDLE);
	return result;
}

/*
 * The wait can be claimed from here on: a task stands in the list of its
 * context already. Release: who claims it, and then wakes the task, sees that
 * the task runs, and does not take it for parked. Pairs with the claim.
 */
static inline void chp_wait_begin(struct chp_wait *wait)
{
	atomic_set_release(&wait->state, CHP_WAITING);
}

/* For a wait that has begun. Under @lock, the one of the queue's owner. */
static __always_inline void chp_waiter_enlist(struct chp_waiter *waiter,
					      struct list_head *queue,
					      raw_spinlock_t *lock)
{
	lockdep_assert_held(lock);
	waiter->lock = lock;
	chp_list_add_tail(&waiter->node, queue);
}

/* Likewise, for a wait that begins with its place in this queue. */
static __always_inline void chp_waiter_queue(struct chp_waiter *waiter,
					     struct list_head *queue,
					     raw_spinlock_t *lock)
{
	chp_wait_begin(waiter->wait);
	chp_waiter_enlist(waiter, queue, lock);
}

/*
 * The first waiter whose wait could be claimed, out of the queue, under the
 * lock of the queue's owner. Those whose wait was ended otherwise are taken
 * out on the way: that is what their owner would do next.
 */
static __always_inline struct chp_waiter *
chp_waiter_claim(struct list_head *queue)
{
	struct chp_waiter *waiter;

	while (!list_empty(queue)) {
		waiter = list_first_entry(queue, struct chp_waiter, node);
		chp_list_del_init(&waiter->node);
		if (likely(chp_wait_claim(waiter->wait)))
			return waiter;
	}
	return NULL;
}

/* A thread in the middle of a wait in one queue. */
struct chp_call {
	struct chp_wait wait;
	struct chp_waiter waiter;
};

static __always_inline void chp_wait_init_thread(struct chp_wait *wait,
						 struct chp_ctx *ctx)
{
	atomic_set(&wait->state, CHP_IDLE);
	wait->thread = current;
	wait->ctx = ctx;
	INIT_LIST_HEAD(&wait->on_ctx);
}

static __always_inline void chp_waiter_init(struct chp_waiter *waiter,
					    struct chp_wait *wait)
{
	INIT_LIST_HEAD(&waiter->node);
	waiter->lock = NULL;
	waiter->wait = wait;
	/* And so @tag: nobody's, until its owner says whose. */
	waiter->ticket = 0;
}

static __always_inline void chp_call_init(struct chp_call *call,
					  struct chp_ctx *ctx)
{
	chp_wait_init_thread(&call->wait, ctx);
	chp_waiter_init(&call->waiter, &call->wait);
}

int chp_wait_commit(struct chp_wait *wait);
void chp_wait_complete(struct chp_wait *wait, int result,
		       struct chp_waiter *which);
struct chp_waiter *chp_waiter_claim_busy(struct list_head *queue,
					 struct chp_wait *self);
void chp_waiter_leave(struct chp_waiter *waiter);
void chp_waiters_complete(struct list_head *claimed, int result);
void chp_waiters_claim_all(struct list_head *queue, raw_spinlock_t *lock,
			   unsigned long flags, struct list_head *claimed);
int chp_wait_sleep(struct chp_wait *wait);
int chp_wait_sleep_uninterruptible(struct chp_wait *wait);
int chp_call_block(struct chp_call *call);

/*
 * For the one who claimed @wait, of a thread. It may see IDLE and exit before it is
 * woken: its task_struct is freed by RCU, so a read-side section keeps it; this
 * kind is no call.
 */
static __always_inline void chp_wait_complete_thread(struct chp_wait *wait,
						     int result,
						     struct chp_waiter *which)
{
	struct task_struct *thread = wait->thread;

	wait->result = result;
	wait->which = which;
	rcu_read_lock_sched();
	/* Pairs with the acquire in wait_sleep() and chp_wait_nap(). */
	atomic_set_release(&wait->state, CHP_IDLE);
	wake_up_process(thread);
	rcu_read_unlock_sched();
}

/*
 * The sleep of a kthread that nobody disturbs. False when there is more to it:
 * then it has not begun, or is over, and chp_wait_sleep() does the whole.
 */
static __always_inline bool chp_wait_nap(struct chp_wait *wait)
{
	if (unlikely(!(current->flags & PF_KTHREAD)))
		return false;
	set_current_state(TASK_IDLE | TASK_FREEZABLE);
	if (atomic_read(&wait->state) == CHP_IDLE || kthread_should_stop())
		__set_current_state(TASK_RUNNING);
	else
		schedule();
	/* Pairs with the release in chp_wait_complete_thread(). */
	return atomic_read_acquire(&wait->state) == CHP_IDLE;
}

/* The call is in a queue, or nowhere when nobody but the context can end it. */
static __always_inline int chp_call_sleep(struct chp_call *call)
{
	struct chp_wait *wait = &call->wait;
	int err = -EINPROGRESS;

	/* As chp_wait_commit(), which has nothing else to do without a context. */
	if (wait->ctx)
		err = chp_wait_commit(wait);
	else
		chp_window(CHP_QUEUED, wait);
	if (likely(err == -EINPROGRESS)) {
		if (!wait->ctx && likely(chp_wait_nap(wait)))
			err = wait->result;
		else
			err = chp_wait_sleep(wait);
	}
	if (unlikely(!wait->which))
		chp_waiter_leave(&call->waiter);
	return err;
}

#endif
