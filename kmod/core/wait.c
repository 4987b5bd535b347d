// SPDX-License-Identifier: GPL-2.0
/* Ending a wait, and sleeping until it is ended. The protocol is in wait.h. */
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <chanpat/ctx.h>
#include "../compat.h"
#include "ctx.h"
#include "task.h"
#include "wait.h"

void chp_wait_init_thread(struct chp_wait *wait, struct chp_ctx *ctx)
{
	atomic_set(&wait->state, CHP_IDLE);
	wait->thread = current;
	wait->ctx = ctx;
	INIT_LIST_HEAD(&wait->on_ctx);
}
EXPORT_SYMBOL_CHP_TESTS(chp_wait_init_thread);

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

	if (!wait->ctx)
		return -EINPROGRESS;
	if (wait->thread) {
		err = chp_ctx_watch(wait->ctx, wait);
	} else {
		/* Pairs with the barriers in ctx_end_tree() and ctx_end_all(). */
		smp_mb();
		err = chp_ctx_err(wait->ctx);
	}
	if (err && chp_wait_claim(wait))
		return chp_wait_abandon(wait, err);
	return -EINPROGRESS;
}
EXPORT_SYMBOL_CHP_TESTS(chp_wait_commit);

/*
 * For the one who claimed @wait. A thread may see IDLE and exit before it is
 * woken: its task_struct is freed by RCU, so the read-side section keeps it.
 * A task cannot go before chp_task_wake() made it ready.
 */
void chp_wait_complete(struct chp_wait *wait, int result,
		       struct chp_waiter *which)
{
	struct task_struct *thread = wait->thread;

	wait->result = result;
	wait->which = which;
	rcu_read_lock();
	/* Pairs with the acquire in wait_sleep(); tasks are woken in order. */
	atomic_set_release(&wait->state, CHP_IDLE);
	if (thread)
		wake_up_process(thread);
	else
		chp_task_wake(container_of(wait, struct chp_task, wait));
	rcu_read_unlock();
}
EXPORT_SYMBOL_CHP_TESTS(chp_wait_complete);

void chp_waiter_init(struct chp_waiter *waiter, struct chp_wait *wait)
{
	INIT_LIST_HEAD(&waiter->node);
	waiter->lock = NULL;
	waiter->wait = wait;
	waiter->ticket = 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_waiter_init);

/* Under @lock, the one of the queue's owner. */
void chp_waiter_queue(struct chp_waiter *waiter, struct list_head *queue,
		      raw_spinlock_t *lock)
{
	lockdep_assert_held(lock);
	waiter->lock = lock;
	chp_wait_begin(waiter->wait);
	list_add_tail(&waiter->node, queue);
}
EXPORT_SYMBOL_CHP_TESTS(chp_waiter_queue);

/*
 * The first waiter whose wait could be claimed, out of the queue, under the
 * lock of the queue's owner. Those whose wait was ended otherwise are taken
 * out on the way: that is what their owner would do next.
 */
struct chp_waiter *chp_waiter_claim(struct list_head *queue)
{
	struct chp_waiter *waiter;

	while (!list_empty(queue)) {
		waiter = list_first_entry(queue, struct chp_waiter, node);
		list_del_init(&waiter->node);
		if (chp_wait_claim(waiter->wait))
			return waiter;
	}
	return NULL;
}
EXPORT_SYMBOL_CHP_TESTS(chp_waiter_claim);

/* For the owner of a wait that did not end through this queue. */
void chp_waiter_leave(struct chp_waiter *waiter)
{
	unsigned long flags;

	if (!waiter->lock)
		return;
	raw_spin_lock_irqsave(waiter->lock, flags);
	list_del_init(&waiter->node);
	raw_spin_unlock_irqrestore(waiter->lock, flags);
	waiter->lock = NULL;
}
EXPORT_SYMBOL_CHP_TESTS(chp_waiter_leave);

static int wait_sleep(struct chp_wait *wait, unsigned int mode)
{
	for (;;) {
		set_current_state(mode);
		/* Pairs with the release in chp_wait_complete(). */
		if (atomic_read_acquire(&wait->state) == CHP_IDLE)
			break;
		if (signal_pending_state(mode, current)) {
			if (chp_wait_claim(wait)) {
				chp_wait_abandon(wait, -ERESTARTSYS);
				break;
			}
			/*
			 * Another has it, and may need this CPU to complete it:
			 * sleep till then, though the signal is still pending.
			 */
			mode = TASK_UNINTERRUPTIBLE;
			continue;
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	if (wait->ctx)
		chp_ctx_unwatch(wait->ctx, wait);
	return wait->result;
}

/* A user's thread can be interrupted; a kthread never is. */
int chp_wait_sleep(struct chp_wait *wait)
{
	bool kthread = current->flags & PF_KTHREAD;

	return wait_sleep(wait, kthread ? TASK_IDLE : TASK_INTERRUPTIBLE);
}
EXPORT_SYMBOL_CHP_TESTS(chp_wait_sleep);

/* Idle: members may take as long as they like, and are no hung task or load. */
int chp_wait_sleep_uninterruptible(struct chp_wait *wait)
{
	return wait_sleep(wait, TASK_IDLE);
}
