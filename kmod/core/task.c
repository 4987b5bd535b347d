// SPDX-License-Identifier: GPL-2.0
/* Tasks: parking, waking, running a step. Where they run is exec.c's. */
#include <linux/build_bug.h>
#include <linux/sched.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include "../compat.h"
#include "ctx.h"
#include "exec.h"
#include "group.h"
#include "live.h"
#include "task.h"
#include "wait.h"

/* A million of them are meant to fit; debugging makes work items larger. */
#ifndef CONFIG_LOCKDEP
static_assert(sizeof(struct chp_task) <= 192);
#endif

/**
 * chp_task_init() - prepare a task
 * @task: embedded in the owner's struct
 * @step: its code
 * @gone: called when it has ended, before its group is told; may be NULL
 *
 * Context: any.
 */
void chp_task_init(struct chp_task *task, chp_step_fn step,
		   void (*gone)(struct chp_task *task))
{
	/* All that is read before it is written; no more, as there are many. */
	atomic_set(&task->wait.state, CHP_IDLE);
	task->wait.result = 0;
	task->wait.which = NULL;
	task->wait.thread = NULL;
	task->wait.ctx = NULL;
	INIT_LIST_HEAD(&task->wait.on_ctx);
	chp_waiter_init(&task->waiter, &task->wait);
	task->waiter.elem = NULL;
	atomic_set(&task->run, CHP_TASK_WOKEN);
	task->flags = 0;
	task->settle = NULL;
	task->step = step;
	task->gone = gone;
	task->group = NULL;
}
EXPORT_SYMBOL_CHP(chp_task_init);

/**
 * chp_task_may_sleep() - say that the steps of a task may sleep
 * @task: prepared, not started
 *
 * It then holds up nobody: its steps run on a worker of their own, and cost the
 * wake-up of that worker. At most some hundred such steps run at a time.
 *
 * Context: any.
 */
void chp_task_may_sleep(struct chp_task *task)
{
	task->flags |= CHP_TASK_SLEEPS;
	chp_exec_prepare_sleeper(task);
}
EXPORT_SYMBOL_CHP(chp_task_may_sleep);

static int task_enter(struct chp_task *task, struct chp_group *group)
{
	int err = chp_group_enter(group);

	if (err)
		return err;
	task->group = group;
	chp_live_inc(CHP_KIND_TASK);
	return 0;
}

/*
 * Not before the task has its place: who waits for one keeps its turn when the
 * context ends.
 */
static void task_watch(struct chp_task *task)
{
	struct chp_ctx *ctx = task->group->ctx;

	task->wait.ctx = ctx;
	/* Fails when the context has ended: then every park sees that. */
	if (ctx)
		chp_ctx_watch(ctx, &task->wait);
}

/* Nobody but the semaphore ends this wait: the task has its place. */
static void task_placed(struct chp_task *task)
{
	chp_task_leave(task);
	task->flags &= ~CHP_TASK_PLACING;
	task->flags |= CHP_TASK_LIMITED;
	task_watch(task);
}

/*
 * True when the task is ready. As long as it counts as running, nobody else
 * makes it so: as at the end of a step that parks.
 */
static bool task_place(struct chp_task *task)
{
	atomic_set(&task->run, CHP_TASK_RUNNING);
	task->flags |= CHP_TASK_PLACING;
	if (chp_task_acquire(task, &task->group->limit, 1) == -EINPROGRESS) {
		task->settle = task_placed;
		if (atomic_cmpxchg(&task->run, CHP_TASK_RUNNING,
				   CHP_TASK_PARKED) == CHP_TASK_RUNNING)
			return false;
		/* As in chp_task_run(). */
		smp_acquire__after_ctrl_dep();
	} else {
		task_placed(task);
	}
	atomic_set(&task->run, CHP_TASK_WOKEN);
	return true;
}

/**
 * chp_task_start() - let a task run as a member of a group
 * @task: prepared, not started
 * @group: owns it from now on; the group's context is the task's
 *
 * In a group with a limit the task is a member at once, and runs when there is
 * a place; the first that came is the first that runs. Tasks of a group that
 * was cancelled get their turn all the same, and find the context ended.
 *
 * Context: any process context.
 * Return: 0, or -ESHUTDOWN when the group has been waited for.
 */
int chp_task_start(struct chp_task *task, struct chp_group *group)
{
	int err = task_enter(task, group);

	if (err)
		return err;
	if (!chp_group_limited(group))
		task_watch(task);
	else if (!task_place(task))
		return 0;
	chp_exec_ready(task);
	return 0;
}
EXPORT_SYMBOL_CHP(chp_task_start);

/**
 * chp_task_try_start() - let a task run if there is a place for it
 * @task: prepared, not started
 * @group: owns it from now on, when this returns 0
 *
 * Go: TryGo().
 *
 * Context: any process context.
 * Return: 0; -EAGAIN when the group is at its limit; -ESHUTDOWN when it has
 * been waited for.
 */
int chp_task_try_start(struct chp_task *task, struct chp_group *group)
{
	int err = task_enter(task, group);

	if (err)
		return err;
	if (chp_group_limited(group)) {
		err = chp_sem_try_acquire(&group->limit, 1);
		if (err) {
			chp_live_dec(CHP_KIND_TASK);
			chp_group_leave(group, 0, false, NULL);
			return err;
		}
		task->flags |= CHP_TASK_LIMITED;
	}
	task_watch(task);
	chp_exec_ready(task);
	return 0;
}
EXPORT_SYMBOL_CHP(chp_task_try_start);

/**
 * chp_task_park() - park a task that stands in no queue
 * @task: the task whose step is running
 *
 * For those who build ways of waiting: chp_task_unpark() ends it. Called under
 * the lock under which the other side finds the task.
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS, or the error of the context, that has ended.
 */
int chp_task_park(struct chp_task *task)
{
	chp_wait_begin(&task->wait);
	return chp_task_park_queued(task);
}
EXPORT_SYMBOL_CHP(chp_task_park);

/* The context has ended, and need not have told this task. */
int chp_task_park_ended(struct chp_task *task)
{
	int err = chp_ctx_err(task->wait.ctx);

	if (!chp_wait_claim(&task->wait)) {
		chp_window(CHP_COMMITTED, &task->wait);
		return -EINPROGRESS;
	}
	chp_wait_abandon(&task->wait, err);
	chp_waiter_leave(&task->waiter);
	return err;
}

/**
 * chp_task_unpark() - end the wait of a task that chp_task_park() parked
 * @task: a task that cannot go meanwhile
 * @result: what chp_task_result() will return
 *
 * Context: any.
 * Return: false when its wait has ended otherwise.
 */
bool chp_task_unpark(struct chp_task *task, int result)
{
	/*
	 * One that waits for its place has not come to chp_task_park() yet.
	 * Pairs with the release in chp_wait_begin(): who sees the wait for the
	 * place sees PLACING, who sees a later one sees it cleared.
	 */
	if (atomic_read_acquire(&task->wait.state) == CHP_IDLE ||
	    READ_ONCE(task->flags) & CHP_TASK_PLACING ||
	    !chp_wait_claim(&task->wait))
		return false;
	chp_wait_complete(&task->wait, result, NULL);
	return true;
}
EXPORT_SYMBOL_CHP(chp_task_unpark);

/* The queues that the last operation has left it in are not @waiter's alone. */
void chp_task_settle(struct chp_task *task)
{
	void (*settle)(struct chp_task *task) = task->settle;

	task->settle = NULL;
	settle(task);
}

static void task_end(struct chp_task *task, int err)
{
	struct chp_group *group = task->group;
	bool limited = task->flags & CHP_TASK_LIMITED;

	if (group->ctx)
		chp_ctx_unwatch(group->ctx, &task->wait);
	chp_live_dec(CHP_KIND_TASK);
	if (task->gone)
		task->gone(task);
	chp_group_leave(group, err, limited, NULL);
}

/* A step that has not parked. True when the task is ready to run again. */
bool chp_task_stepped(struct chp_task *task, int err)
{
	/* The step has parked, and forgotten to say so. */
	WARN_ON_ONCE(atomic_read(&task->wait.state) != CHP_IDLE);
	if (err == -EAGAIN) {
		atomic_set(&task->run, CHP_TASK_WOKEN);
		return true;
	}
	task_end(task, err);
	return false;
}
