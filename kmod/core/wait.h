/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting, and the claim that ends it.
 *
 * A wait is ended by exactly one of many: a peer on a channel, the end of its
 * context, a timer, a signal. They race, and the state decides:
 *
 *	IDLE ----owner----> WAITING ----winner----> TAKEN ----winner----> IDLE
 *	                      | ^
 *	                owner v | owner
 *	                      BUSY
 *
 *  - chp_wait_begin() makes it WAITING before anybody can find it.
 *  - The winner is who moves WAITING to TAKEN. Until it calls
 *    chp_wait_complete() the wait, its waiters and the memory that they point
 *    to stay valid, for the owner cannot return: the winner may copy without
 *    a lock. Losers leave the wait alone.
 *  - chp_wait_complete() stores the result, then IDLE with release, then wakes
 *    the owner, who reads IDLE with acquire. After that store the winner
 *    touches nothing of the wait.
 *  - BUSY is the place of a select that, already standing in other queues, has
 *    found a peer: nobody else may claim it while it tries to claim the peer.
 *    It lasts for a few instructions under one channel's lock with interrupts
 *    off, so a claimer spins until it is over; skipping the wait instead would
 *    lose a wake-up when the select falls back to WAITING.
 *
 * A wait stands in the queues of channels (under each channel's lock) and in
 * the list of its context (under the context's lock). Whoever finds it there
 * claims it under that lock, so that the owner, who takes the same lock to
 * leave, cannot be gone in between.
 */
#ifndef CHP_CORE_WAIT_H
#define CHP_CORE_WAIT_H

#include <linux/processor.h>
#include <chanpat/wait.h>

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

/* For the owner that has claimed its own wait: nobody needs to be woken. */
static inline int chp_wait_abandon(struct chp_wait *wait, int result)
{
	wait->result = result;
	wait->which = NULL;
	atomic_set(&wait->state, CHP_IDLE);
	return result;
}

/*
 * The wait can be claimed from the moment that its owner publishes it: the
 * lock of the queue orders this store before any claim through that queue.
 */
static inline void chp_wait_begin(struct chp_wait *wait)
{
	atomic_set(&wait->state, CHP_WAITING);
}

void chp_wait_init_thread(struct chp_wait *wait, struct chp_ctx *ctx);
int chp_wait_commit(struct chp_wait *wait);
void chp_wait_complete(struct chp_wait *wait, int result,
		       struct chp_waiter *which);
void chp_waiter_init(struct chp_waiter *waiter, struct chp_wait *wait);
void chp_waiter_queue(struct chp_waiter *waiter, struct list_head *queue,
		      raw_spinlock_t *lock);
struct chp_waiter *chp_waiter_claim(struct list_head *queue);
void chp_waiter_leave(struct chp_waiter *waiter);
int chp_wait_sleep(struct chp_wait *wait);
int chp_wait_sleep_uninterruptible(struct chp_wait *wait);

#endif
