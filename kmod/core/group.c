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
#include "lock.h"
#include "share.h"
#include "task.h"
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
	chp_sem_init(&group->limit, 0);
	group->ctx = ctx;
	group->share = &chp_share_root;
	INIT_LIST_HEAD(&group->waiters);
	INIT_LIST_HEAD(&group->exited);
	chp_live_inc(CHP_KIND_GROUP);
	return 0;
}
EXPORT_SYMBOL_CHP(chp_group_init);

/**
 * chp_group_set_limit() - bound how many members run at a time
 * @group: without members
 * @limit: how many; 0 for no limit, as a group begins
 *
 * Go: SetLimit().
 *
 * Context: any; before others know of the group.
 * Return: 0, or -EBUSY when it has members.
 */
int chp_group_set_limit(struct chp_group *group, unsigned int limit)
{
	unsigned long flags;
	int err = 0;

	flags = chp_lock(&group->lock);
	if (group->active)
		err = -EBUSY;
	else
		chp_sem_init(&group->limit, limit);
	chp_unlock(&group->lock, flags);
	return err;
}
EXPORT_SYMBOL_CHP(chp_group_set_limit);

/* The root share outlives all groups anyway, and would be a busy counter. */
static void group_move(struct chp_group *group, struct chp_share *share)
{
	if (share != &chp_share_root)
		atomic_inc(&share->groups);
	if (group->share != &chp_share_root)
		atomic_dec(&group->share->groups);
	group->share = share;
}

/**
 * chp_group_set_share() - make a group work for a share
 * @group: without members
 * @share: outlives the group; NULL for the root share, as a group begins
 *
 * Context: any; before others know of the group.
 * Return: 0, or -EBUSY when it has members.
 */
int chp_group_set_share(struct chp_group *group, struct chp_share *share)
{
	unsigned long flags;
	int err = 0;

	flags = chp_lock(&group->lock);
	if (group->active)
		err = -EBUSY;
	else
		group_move(group, share ?: &chp_share_root);
	chp_unlock(&group->lock, flags);
	return err;
}
EXPORT_SYMBOL_CHP_TESTS(chp_group_set_share);

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

	flags = chp_lock(&group->lock);
	if (group->over)
		err = -ESHUTDOWN;
	else
		group->active++;
	chp_unlock(&group->lock, flags);
	return err;
}

static bool group_fail(struct chp_group *group, int err)
{
	unsigned long flags;
	bool first;

	flags = chp_lock(&group->lock);
	first = !group->err;
	if (first)
		group->err = err;
	chp_unlock(&group->lock, flags);
	return first;
}

/*
 * A member's last act. The error comes first: while the member is counted, the
 * group and its context are there; afterwards they may be gone. Then its place,
 * so that who gets it finds the context of a failed group ended.
 */
void chp_group_leave(struct chp_group *group, int err, bool limited,
		     struct list_head *exited)
{
	unsigned long flags;
	LIST_HEAD(claimed);

	if (err && group_fail(group, err))
		chp_ctx_cancel_cause(group->ctx, err);
	if (limited)
		chp_sem_release(&group->limit, 1);
	flags = chp_lock(&group->lock);
	if (exited)
		list_add_tail(exited, &group->exited);
	if (!--group->active)
		chp_waiters_claim_all(&group->waiters, &group->lock, flags,
				      &claimed);
	chp_unlock(&group->lock, flags);
	chp_waiters_complete(&claimed, 0);
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

	flags = chp_lock(&group->lock);
	wait = group->active;
	if (wait)
		chp_waiter_queue(waiter, &group->waiters, &group->lock);
	else if (last)
		group->over = true;
	chp_unlock(&group->lock, flags);
	return wait;
}

static struct group_thread *group_pop_exited(struct chp_group *group)
{
	struct group_thread *thread;
	unsigned long flags;

	flags = chp_lock(&group->lock);
	thread = list_first_entry_or_null(&group->exited, struct group_thread,
					  exited);
	if (thread)
		list_del(&thread->exited);
	chp_unlock(&group->lock, flags);
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
	struct chp_call call;

	might_sleep();
	chp_call_init(&call, NULL);
	/* More than once when somebody has entered an empty group meanwhile. */
	while (group_queue(group, &call.waiter, true))
		chp_wait_sleep_uninterruptible(&call.wait);
	group_reap(group);
	chp_ctx_cancel(group->ctx);
	chp_ctx_put(group->ctx);
	group->ctx = NULL;
	group_move(group, &chp_share_root);
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
	struct chp_group *group = thread->group;
	struct chp_share_worker worker;
	int err;

	chp_share_worker_begin(&worker, group->share);
	err = thread->fn(group->ctx, thread->arg);
	chp_share_worker_end(&worker);
	chp_group_leave(group, err, chp_group_limited(group), &thread->exited);
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

static int group_add_thread(struct chp_group *group, const char *name,
			    chp_thread_fn fn, void *arg)
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
	err = group_start_thread(thread, name);
	if (err)
		kfree(thread);
	return err;
}

/* Who asks for a place is a member already: so the group cannot be over. */
static int group_place(struct chp_group *group, bool wait)
{
	if (!chp_group_limited(group))
		return 0;
	return wait ? chp_sem_acquire(group->ctx, &group->limit, 1) :
		      chp_sem_try_acquire(&group->limit, 1);
}

static int group_go(struct chp_group *group, const char *name, chp_thread_fn fn,
		    void *arg, bool wait)
{
	bool placed = false;
	int err = chp_group_enter(group);

	if (err)
		return err;
	err = group_place(group, wait);
	if (!err) {
		placed = chp_group_limited(group);
		err = group_add_thread(group, name, fn, arg);
	}
	/* Not a member's error: the caller is told, and decides. */
	if (err)
		chp_group_leave(group, 0, placed, NULL);
	return err;
}

/**
 * chp_go() - run a function in a thread of its own
 * @group: owns the thread; at its limit, this waits for a place
 * @name: of the thread, for people
 * @fn: may block anywhere; it ends soon after its context has ended
 * @arg: for @fn
 *
 * In a group whose context has ended @fn runs all the same, and finds that,
 * unless the group has a limit: then it is not started. Go: group.Go().
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; -EAGAIN when the machine can have no more threads;
 * -EINTR when the caller was killed meanwhile; -ESHUTDOWN when the group has
 * been waited for; in a group with a limit -ECANCELED or -ETIME when the
 * group's context has ended, -ECANCELED too when kthread_stop() was called for
 * the caller, -ERESTARTSYS for a signal at a user's thread.
 */
int chp_go(struct chp_group *group, const char *name, chp_thread_fn fn,
	   void *arg)
{
	return group_go(group, name, fn, arg, true);
}
EXPORT_SYMBOL_CHP(chp_go);

/**
 * chp_try_go() - the same, unless the group is at its limit
 * @group: owns the thread
 * @name: of the thread, for people
 * @fn: may block anywhere; it ends soon after its context has ended
 * @arg: for @fn
 *
 * With or without a limit, @fn runs when the group's context has ended, and
 * finds that. Go: group.TryGo().
 *
 * Context: may sleep, but does not wait for a place.
 * Return: 0; -EAGAIN when the group is at its limit, or the machine can have no
 * more threads; -ENOMEM; -EINTR when the caller was killed meanwhile;
 * -ESHUTDOWN when the group has been waited for.
 */
int chp_try_go(struct chp_group *group, const char *name, chp_thread_fn fn,
	       void *arg)
{
	return group_go(group, name, fn, arg, false);
}
EXPORT_SYMBOL_CHP(chp_try_go);
