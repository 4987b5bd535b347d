// SPDX-License-Identifier: GPL-2.0
/*
 * Wait groups. Who brings the count to zero ends all waits, and touches
 * nothing of the wait group after the last one has ended: it may be on the
 * stack of a waiter.
 */
#include <linux/overflow.h>
#include <linux/sched.h>
#include <chanpat/ctx.h>
#include <chanpat/task.h>
#include <chanpat/waitgroup.h>
#include "../compat.h"
#include "task.h"
#include "wait.h"

/**
 * chp_waitgroup_init() - make a wait group
 * @wg: the caller's; nobody may wait for it when it goes
 *
 * Context: any.
 */
void chp_waitgroup_init(struct chp_waitgroup *wg)
{
	raw_spin_lock_init(&wg->lock);
	wg->count = 0;
	INIT_LIST_HEAD(&wg->waiters);
}
EXPORT_SYMBOL_CHP(chp_waitgroup_init);

/**
 * chp_waitgroup_add() - change the count
 * @wg: a wait group
 * @n: may be negative; at zero all waits end
 *
 * Go: Add(), which panics where this returns -EINVAL.
 *
 * Context: any, hard interrupts included; the end takes longer the more wait.
 * Return: 0; -EINVAL when the count would become negative or overflow: then
 * nothing is changed.
 */
int chp_waitgroup_add(struct chp_waitgroup *wg, int n)
{
	unsigned long flags;
	LIST_HEAD(claimed);
	int count;

	raw_spin_lock_irqsave(&wg->lock, flags);
	if (check_add_overflow((int)wg->count, n, &count) || count < 0) {
		raw_spin_unlock_irqrestore(&wg->lock, flags);
		return -EINVAL;
	}
	wg->count = count;
	if (!count)
		chp_waiters_claim_all(&wg->waiters, &wg->lock, flags, &claimed);
	raw_spin_unlock_irqrestore(&wg->lock, flags);
	chp_waiters_complete(&claimed, 0);
	return 0;
}
EXPORT_SYMBOL_CHP(chp_waitgroup_add);

/**
 * chp_waitgroup_done() - count one less
 * @wg: a wait group
 *
 * Go: Done().
 *
 * Context: any, hard interrupts included.
 * Return: 0; -EINVAL when the count is zero already.
 */
int chp_waitgroup_done(struct chp_waitgroup *wg)
{
	return chp_waitgroup_add(wg, -1);
}
EXPORT_SYMBOL_CHP(chp_waitgroup_done);

/* 0 when the count is zero, or -EINPROGRESS: @waiter is in the queue. */
static int waitgroup_queue(struct chp_waitgroup *wg, struct chp_waiter *waiter)
{
	unsigned long flags;
	int err = 0;

	raw_spin_lock_irqsave(&wg->lock, flags);
	if (wg->count) {
		chp_waiter_queue(waiter, &wg->waiters, &wg->lock);
		err = -EINPROGRESS;
	}
	raw_spin_unlock_irqrestore(&wg->lock, flags);
	return err;
}

/**
 * chp_waitgroup_wait() - wait until the count is zero
 * @ctx: whose end ends the wait; NULL for none
 * @wg: a wait group
 *
 * Go: Wait().
 *
 * Context: may sleep.
 * Return: 0; -ECANCELED or -ETIME when @ctx has ended, -ECANCELED too after
 * kthread_stop() for the caller; -ERESTARTSYS for a
 * signal at a user's thread.
 */
int chp_waitgroup_wait(struct chp_ctx *ctx, struct chp_waitgroup *wg)
{
	struct chp_call call;
	int err = chp_ctx_err(ctx);

	chp_might_sleep();
	if (err)
		return err;
	chp_call_init(&call, ctx);
	err = waitgroup_queue(wg, &call.waiter);
	return err == -EINPROGRESS ? chp_call_block(&call) : err;
}
EXPORT_SYMBOL_CHP(chp_waitgroup_wait);

/**
 * chp_task_waitgroup_wait() - park a task until the count is zero
 * @task: the task whose step is running
 * @wg: a wait group; must stay valid until the task runs again
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked: its step returns that, and in
 * its next run chp_task_result() is the result; otherwise 0, or the error of
 * the task's context, that has ended.
 */
int chp_task_waitgroup_wait(struct chp_task *task, struct chp_waitgroup *wg)
{
	int err = chp_ctx_err(task->wait.ctx);

	if (!err)
		err = waitgroup_queue(wg, &task->waiter);
	return err == -EINPROGRESS ? chp_task_park_queued(task) : err;
}
EXPORT_SYMBOL_CHP(chp_task_waitgroup_wait);
