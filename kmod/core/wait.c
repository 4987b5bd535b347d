// SPDX-License-Identifier: GPL-2.0
/* Ending a wait, and sleeping until it is ended. The protocol is in wait.h. */
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <chanpat/ctx.h>
#include "../compat.h"
#include "ctx.h"
#include "hook.h"
#include "lock.h"
#include "queue.h"
#include "task.h"
#include "wait.h"
#include "yield.h"

/* Waits that are claimed each time that the lock of their queue is held. */
#define END_BATCH 32

#if IS_ENABLED(CONFIG_KUNIT)
chp_hook_fn chp_hook;
EXPORT_SYMBOL_CHP_TESTS(chp_hook);
#endif

/*
 * The owner has published the wait. From now on the end of its context must
 * end it too. A thread enters the context's list here; a task stands in it
 * all its life, and looks at the context once more instead:
 *
 *	here                           chp_ctx_cancel()
 *	  state = WAITING                err = -ECANCELED
 *	  smp_mb()                       smp_mb()
 *	  read err                       claim: read state
 *
 * One of the two sees the other's store.
 *
 * Returns -EINPROGRESS when the owner has to wait, or the context's error
 * when it has ended; the owner then leaves the queues that it stands in.
 */
int chp_wait_commit(struct chp_wait *wait)
{
	int err;

	chp_window(CHP_QUEUED, wait);
	if (!wait->ctx)
		return -EINPROGRESS;
	if (wait->thread) {
		err = chp_ctx_watch(wait->ctx, wait);
	} else {
		/* Pairs with the barrier in ctx_end(). */
		smp_mb();
		err = chp_ctx_err(wait->ctx);
	}
	if (err && chp_wait_claim(wait))
		return chp_wait_abandon(wait, err);
	chp_window(CHP_COMMITTED, wait);
	return -EINPROGRESS;
}
EXPORT_SYMBOL_CHP_TESTS(chp_wait_commit);

/* Apart, so that who calls it last needs no frame on the stack. */
int chp_yielded(void)
{
	cond_resched();
	return 0;
}

/* For the one who claimed @wait. */
void chp_wait_complete(struct chp_wait *wait, int result,
		       struct chp_waiter *which)
{
	if (wait->thread)
		chp_wait_complete_thread(wait, result, which);
	else
		chp_task_complete(wait, result, which);
}
EXPORT_SYMBOL_CHP_TESTS(chp_wait_complete);

enum claim {
	CLAIM_WON,
	CLAIM_LOST,		/* the peer is somebody else's */
	CLAIM_SELF_LOST,	/* we are */
};

/*
 * @self is BUSY, and is so again afterwards unless it was lost. Under the lock
 * of the queue that holds @peer, whose owner cannot be gone.
 */
static enum claim wait_claim_busy(struct chp_wait *peer, struct chp_wait *self)
{
	int old;

	for (;;) {
		old = CHP_WAITING;
		if (atomic_try_cmpxchg(&peer->state, &old, CHP_TAKEN))
			return CLAIM_WON;
		if (old != CHP_BUSY)
			return CLAIM_LOST;
		if (self < peer) {
			cpu_relax();
			continue;
		}
		chp_wait_fall_back(self);
		while (atomic_read(&peer->state) == CHP_BUSY &&
		       atomic_read(&self->state) == CHP_WAITING)
			cpu_relax();
		if (!chp_wait_claim_self(self))
			return CLAIM_SELF_LOST;
	}
}

/*
 * As chp_waiter_claim(), for a select that is BUSY itself; its own places in
 * the queue are no peers. NULL when there is no peer, -EBUSY when somebody has
 * claimed @self meanwhile.
 */
struct chp_waiter *chp_waiter_claim_busy(struct list_head *queue,
					 struct chp_wait *self)
{
	struct chp_waiter *waiter, *next;
	enum claim claim;

	list_for_each_entry_safe(waiter, next, queue, node) {
		if (waiter->wait == self)
			continue;
		claim = wait_claim_busy(waiter->wait, self);
		if (claim == CLAIM_SELF_LOST)
			return ERR_PTR(-EBUSY);
		chp_list_del_init(&waiter->node);
		if (claim == CLAIM_WON)
			return waiter;
	}
	return NULL;
}

/* For the owner of a wait that did not end through this queue. */
void chp_waiter_leave(struct chp_waiter *waiter)
{
	unsigned long flags;

	if (!waiter->lock)
		return;
	flags = chp_lock(waiter->lock);
	chp_list_del_init(&waiter->node);
	chp_unlock(waiter->lock, flags);
	waiter->lock = NULL;
}
EXPORT_SYMBOL_CHP_TESTS(chp_waiter_leave);

void chp_waiters_complete(struct list_head *claimed, int result)
{
	struct chp_waiter *waiter, *next;

	/* The waiter is its owner's again as soon as the wait is complete. */
	list_for_each_entry_safe(waiter, next, claimed, node)
		chp_wait_complete(waiter->wait, result, waiter);
}

/* Looks at the first ones. False when none are left. */
static bool waiters_claim_some(struct list_head *queue,
			       struct list_head *claimed)
{
	struct chp_waiter *waiter;
	unsigned int n;

	for (n = 0; n < END_BATCH && !list_empty(queue); n++) {
		waiter = list_first_entry(queue, struct chp_waiter, node);
		chp_list_del_init(&waiter->node);
		if (chp_wait_claim(waiter->wait))
			list_add_tail(&waiter->node, claimed);
	}
	return !list_empty(queue);
}

/*
 * Claims all waits of a queue, under @lock, which is dropped now and then. Those
 * who come meanwhile wait for the next time. The queue's owner may be gone as
 * soon as the last wait is complete, and a wait that is claimed keeps it:
 * hence the caller completes them after it has dropped the lock for good, and
 * before the first is claimed the lock is not dropped at all.
 */
void chp_waiters_claim_all(struct list_head *queue, raw_spinlock_t *lock,
			   unsigned long flags, struct list_head *claimed)
	__must_hold(lock)
{
	LIST_HEAD(waiting);

	list_splice_init(queue, &waiting);
	while (waiters_claim_some(&waiting, claimed)) {
		if (list_empty(claimed))
			continue;
		chp_unlock(lock, flags);
		flags = chp_lock(lock);
	}
}

/* What ends the sleep of this thread from outside of chanpat. */
static int wait_interrupted(unsigned int mode)
{
	if (current->flags & PF_KTHREAD)
		return kthread_should_stop() ? -ECANCELED : 0;
	return signal_pending_state(mode, current) ? -ERESTARTSYS : 0;
}

static int wait_sleep(struct chp_wait *wait, unsigned int mode, bool heeds)
{
	int err;

	for (;;) {
		set_current_state(mode);
		/* Pairs with the release in chp_wait_complete_thread(). */
		if (atomic_read_acquire(&wait->state) == CHP_IDLE)
			break;
		err = heeds ? wait_interrupted(mode) : 0;
		if (!err) {
			schedule();
			continue;
		}
		if (chp_wait_claim(wait)) {
			chp_wait_abandon(wait, err);
			break;
		}
		/*
		 * Another has it, and may need this CPU to complete it: sleep
		 * till then, though the signal is still pending.
		 */
		mode = TASK_UNINTERRUPTIBLE;
		heeds = false;
	}
	__set_current_state(TASK_RUNNING);
	if (wait->ctx)
		chp_ctx_unwatch(wait->ctx, wait);
	return wait->result;
}

/*
 * A signal interrupts a user's thread. A kthread has none, but may be told to
 * stop; it sleeps idle, which is no load, and can be frozen where it is.
 */
static unsigned int wait_mode(void)
{
	return current->flags & PF_KTHREAD ? TASK_IDLE | TASK_FREEZABLE :
					     TASK_INTERRUPTIBLE;
}

int chp_wait_sleep(struct chp_wait *wait)
{
	return wait_sleep(wait, wait_mode(), true);
}
EXPORT_SYMBOL_CHP_TESTS(chp_wait_sleep);

/* Idle: members may take as long as they like, and are no hung task or load. */
int chp_wait_sleep_uninterruptible(struct chp_wait *wait)
{
	return wait_sleep(wait, TASK_IDLE | (wait_mode() & TASK_FREEZABLE),
			  false);
}

/* Where it is no matter of instructions. */
int chp_call_block(struct chp_call *call)
{
	return chp_call_sleep(call);
}
