// SPDX-License-Identifier: GPL-2.0
/*
 * Groups, and the threads that they own.
 *
 * The last member to leave wakes the waiters, and touches nothing of the group
 * after it has dropped the lock: the group may be on the stack of a waiter. A
 * thread that has left is still inside of this module's code, on its way out;
 * chp_group_wait() reaps it with kthread_stop(), which returns after the
 * thread has gone for good.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <chanpat/ctx.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "group.h"
#include "live.h"
#include "wait.h"

/**
 * struct group_thread - a thread of a group
 * @exited: in the group's list when it has left
 * @task: holds a reference, for kthread_stop()
 * @group: owns it
 * @fn: its code
 * @arg: for @fn
 */
struct group_thread {
	struct list_head exited;
	struct task_struct *task;
	struct chp_group *group;
	chp_thread_fn fn;
	void *arg;
};

/**
 * chp_group_init() - make a group
 * @group: the caller's; see chp_group_wait()
 * @parent: its end is the end of the group's context; may be NULL
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; then there is nothing to wait for.
 */
int chp_group_init(struct chp_group *group, struct chp_ctx *parent)
{
	struct chp_ctx *ctx = chp_ctx_with_cancel(parent);

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	raw_spin_lock_init(&group->lock);
	group->active = 0;
	group->err = 0;
	group->over = false;
	group->ctx = ctx;
	INIT_LIST_HEAD(&group->waiters);
	INIT_LIST_HEAD(&group->exited);
	chp_live_inc(CHP_KIND_GROUP);
	return 0;
}
EXPORT_SYMBOL_CHP(chp_group_init);

/**
 * chp_group_cancel() - end the group's context
 * @group: not over
 *
 * Its members end as soon as they wait for something. Not an error of the
 * group: chp_group_wait() returns what the members made of it.
 *
 * Context: any.
 */
void chp_group_cancel(struct chp_group *group)
{
	chp_ctx_cancel(group->ctx);
}
EXPORT_SYMBOL_CHP(chp_group_cancel);

int chp_group_enter(struct chp_group *group)
{
	unsigned long flags;
	int err = 0;

	raw_spin_lock_irqsave(&group->lock, flags);
	if (group->over)
		err = -ESHUTDOWN;
	else
		group->active++;
	raw_spin_unlock_irqrestore(&group->lock, flags);
	return err;
}

static bool group_fail(struct chp_group *group, int err)
{
	unsigned long flags;
	bool first;

	raw_spin_lock_irqsave(&group->lock, flags);
	first = !group->err;
	if (first)
		group->err = err;
	raw_spin_unlock_irqrestore(&group->lock, flags);
	return first;
}

/*
 * A member's last act. The error comes first: while the member is counted, the
 * group and its context are there. All waiters are claimed under the lock that
 * lets the last member go, since the group may be gone afterwards; they are
 * woken from a list of our own.
 */
void chp_group_leave(struct chp_group *group, int err, struct list_head *exited)
{
	struct chp_waiter *waiter, *tmp;
	unsigned long flags;
	LIST_HEAD(woken);

	if (err && group_fail(group, err))
		chp_ctx_cancel_cause(group->ctx, err);
	raw_spin_lock_irqsave(&group->lock, flags);
	if (exited)
		list_add_tail(exited, &group->exited);
	if (!--group->active)
		while ((waiter = chp_waiter_claim(&group->waiters)))
			list_add_tail(&waiter->node, &woken);
	raw_spin_unlock_irqrestore(&group->lock, flags);
	list_for_each_entry_safe(waiter, tmp, &woken, node)
		chp_wait_complete(waiter->wait, 0, waiter);
}

/*
 * False when the group is empty, and there is nothing to wait for; it is over
 * then when @last says so, and nobody can enter in between.
 */
static bool group_queue(struct chp_group *group, struct chp_waiter *waiter,
			bool last)
{
	unsigned long flags;
	bool wait;

	raw_spin_lock_irqsave(&group->lock, flags);
	wait = group->active;
	if (wait)
		chp_waiter_queue(waiter, &group->waiters, &group->lock);
	else if (last)
		group->over = true;
	raw_spin_unlock_irqrestore(&group->lock, flags);
	return wait;
}

static struct group_thread *group_pop_exited(struct chp_group *group)
{
	struct group_thread *thread;
	unsigned long flags;

	raw_spin_lock_irqsave(&group->lock, flags);
	thread = list_first_entry_or_null(&group->exited, struct group_thread,
					  exited);
	if (thread)
		list_del(&thread->exited);
	raw_spin_unlock_irqrestore(&group->lock, flags);
	return thread;
}

static void group_reap(struct chp_group *group)
{
	struct group_thread *thread;

	while ((thread = group_pop_exited(group))) {
		kthread_stop(thread->task);
		put_task_struct(thread->task);
		chp_live_dec(CHP_KIND_THREAD);
		kfree(thread);
	}
}

/**
 * chp_group_wait() - wait for all members, and let go of the group
 * @group: used no more afterwards; its memory is the caller's again
 *
 * Signals do not interrupt it. The group's context is cancelled at the end,
 * so that what is left below it goes too. Go: Wait().
 *
 * Context: may sleep.
 * Return: the error of the first member that failed, or 0.
 */
int chp_group_wait(struct chp_group *group)
{
	struct chp_waiter waiter;
	struct chp_wait wait;

	might_sleep();
	chp_wait_init_thread(&wait, NULL);
	chp_waiter_init(&waiter, &wait);
	/* More than once when somebody has entered an empty group meanwhile. */
	while (group_queue(group, &waiter, true))
		chp_wait_sleep_uninterruptible(&wait);
	group_reap(group);
	chp_ctx_cancel(group->ctx);
	chp_ctx_put(group->ctx);
	group->ctx = NULL;
	chp_live_dec(CHP_KIND_GROUP);
	return group->err;
}
EXPORT_SYMBOL_CHP(chp_group_wait);

/**
 * chp_task_join() - park a task until a group has no members
 * @task: the task whose step is running; not a member of @group
 * @group: stays valid until @task runs again; it is not let go of
 *
 * Context: a step of @task.
 * Return: 0 when it has none; -EINPROGRESS when the task is parked; or the
 * error of the task's context, that has ended.
 */
int chp_task_join(struct chp_task *task, struct chp_group *group)
{
	int err = chp_ctx_err(task->wait.ctx);

	if (err)
		return err;
	if (!group_queue(group, &task->waiter, false))
		return 0;
	return chp_task_park_queued(task);
}
EXPORT_SYMBOL_CHP(chp_task_join);

static int group_thread_main(void *data)
{
	struct group_thread *thread = data;
	int err = thread->fn(thread->group->ctx, thread->arg);

	chp_group_leave(thread->group, err, &thread->exited);
	return 0;
}

static int group_start_thread(struct group_thread *thread, const char *name)
{
	struct task_struct *task;

	task = kthread_create(group_thread_main, thread, "chp/%s", name);
	if (IS_ERR(task))
		return PTR_ERR(task);
	thread->task = get_task_struct(task);
	chp_live_inc(CHP_KIND_THREAD);
	wake_up_process(task);
	return 0;
}

/**
 * chp_go() - run a function in a thread of its own
 * @group: owns the thread
 * @name: of the thread, for people
 * @fn: may block anywhere; it ends soon after its context has ended
 * @arg: for @fn
 *
 * Go: group.Go().
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; -EINTR when the caller was killed meanwhile; -ESHUTDOWN
 * when the group has been waited for.
 */
int chp_go(struct chp_group *group, const char *name, chp_thread_fn fn,
	   void *arg)
{
	struct group_thread *thread;
	int err;

	group_reap(group);
	thread = kmalloc(sizeof(*thread), GFP_KERNEL_ACCOUNT);
	if (!thread)
		return -ENOMEM;
	thread->group = group;
	thread->fn = fn;
	thread->arg = arg;
	err = chp_group_enter(group);
	if (err)
		goto free;
	err = group_start_thread(thread, name);
	if (!err)
		return 0;
	/* Not a member's error: the caller is told, and decides. */
	chp_group_leave(group, 0, NULL);
free:
	kfree(thread);
	return err;
}
EXPORT_SYMBOL_CHP(chp_go);
