// SPDX-License-Identifier: GPL-2.0
/* Doing something once, with others waiting for it. */
#include <linux/sched.h>
#include <chanpat/ctx.h>
#include <chanpat/once.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "task.h"
#include "wait.h"

/**
 * chp_once_init() - make something to do once
 * @once: the caller's; nobody may wait for it when it goes
 *
 * Context: any.
 */
void chp_once_init(struct chp_once *once)
{
	raw_spin_lock_init(&once->lock);
	once->begun = false;
	once->done = false;
	once->result = 0;
	INIT_LIST_HEAD(&once->waiters);
}
EXPORT_SYMBOL_CHP(chp_once_init);

/*
 * 1: the caller is the one. -EINPROGRESS: @waiter is in the queue. Never without
 * the lock: who sees that it is done may free it when nobody else waits, and
 * chp_once_end() must be out of it by then.
 */
static int once_queue(struct chp_once *once, struct chp_waiter *waiter)
{
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&once->lock, flags);
	if (once->done) {
		err = once->result;
	} else if (once->begun) {
		chp_waiter_queue(waiter, &once->waiters, &once->lock);
		err = -EINPROGRESS;
	} else {
		once->begun = true;
		err = 1;
	}
	raw_spin_unlock_irqrestore(&once->lock, flags);
	return err;
}

/**
 * chp_once_begin() - find out who does it
 * @ctx: whose end ends the wait for another who does it; NULL for none
 * @once: what is to be done once
 *
 * Context: may sleep.
 * Return: 1 when it is the caller's to do, who then calls chp_once_end(); the
 * result, 0 or a negative errno, when another has done it; -ECANCELED or -ETIME
 * when @ctx has ended; -ERESTARTSYS for a signal at a user's thread.
 */
int chp_once_begin(struct chp_ctx *ctx, struct chp_once *once)
{
	struct chp_call call;
	int err = chp_ctx_err(ctx);

	chp_might_sleep();
	if (err)
		return err;
	chp_call_init(&call, ctx);
	err = once_queue(once, &call.waiter);
	return err == -EINPROGRESS ? chp_call_block(&call) : err;
}
EXPORT_SYMBOL_CHP(chp_once_begin);

/**
 * chp_task_once_begin() - find out who does it, in a task
 * @task: the task whose step is running
 * @once: what is to be done once; must stay valid until the task runs again
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked: its step returns that, and in
 * its next run chp_task_result() is the result; otherwise as chp_once_begin().
 */
int chp_task_once_begin(struct chp_task *task, struct chp_once *once)
{
	int err = chp_ctx_err(task->wait.ctx);

	if (!err)
		err = once_queue(once, &task->waiter);
	return err == -EINPROGRESS ? chp_task_park_queued(task) : err;
}
EXPORT_SYMBOL_CHP(chp_task_once_begin);

/**
 * chp_once_end() - it has been done
 * @once: what chp_once_begin() has given to the caller
 * @result: for all who ask, now and later; 0 or a negative errno
 *
 * A failure is final too, as in Go.
 *
 * Context: any; it takes longer the more wait.
 * Return: @result; -EINVAL when it is positive or -EINPROGRESS, which then is
 * the result.
 */
int chp_once_end(struct chp_once *once, int result)
{
	unsigned long flags;
	LIST_HEAD(claimed);

	if (result > 0 || result == -EINPROGRESS)
		result = -EINVAL;
	raw_spin_lock_irqsave(&once->lock, flags);
	once->result = result;
	once->done = true;
	chp_waiters_claim_all(&once->waiters, &once->lock, flags, &claimed);
	raw_spin_unlock_irqrestore(&once->lock, flags);
	chp_waiters_complete(&claimed, result);
	return result;
}
EXPORT_SYMBOL_CHP(chp_once_end);

/**
 * chp_once_do() - call a function unless that has been done
 * @ctx: whose end ends the wait for another who does it; NULL for none
 * @once: what is to be done once
 * @fn: called in at most one of all calls with this @once; not interrupted by
 *	the end of @ctx
 * @arg: for @fn
 *
 * Go: OnceValue().
 *
 * Context: may sleep.
 * Return: what @fn has returned, to whoever called it; or as chp_once_begin().
 */
int chp_once_do(struct chp_ctx *ctx, struct chp_once *once,
		int (*fn)(void *arg), void *arg)
{
	int err = chp_once_begin(ctx, once);

	return err > 0 ? chp_once_end(once, fn(arg)) : err;
}
EXPORT_SYMBOL_CHP(chp_once_do);
