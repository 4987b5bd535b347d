// SPDX-License-Identifier: GPL-2.0
/* Tasks: parking, waking, running a step. Where they run is exec.c's. */
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
	memset(task, 0, sizeof(*task));
	task->step = step;
	task->gone = gone;
	INIT_LIST_HEAD(&task->wait.on_ctx);
	chp_waiter_init(&task->waiter, &task->wait);
	atomic_set(&task->run, CHP_TASK_WOKEN);
}
EXPORT_SYMBOL_CHP(chp_task_init);

/**
 * chp_task_start() - let a task run as a member of a group
 * @task: prepared, not started
 * @group: owns it from now on; the group's context is the task's
 *
 * A task of a group that was cancelled runs all the same, and finds the
 * context ended.
 *
 * Context: any process context.
 * Return: 0, or -ESHUTDOWN when the group has been waited for.
 */
int chp_task_start(struct chp_task *task, struct chp_group *group)
{
	int err = chp_group_enter(group);

	if (err)
		return err;
	task->group = group;
	task->wait.ctx = group->ctx;
	/* Fails when the context has ended: then every park sees that. */
	if (group->ctx)
		chp_ctx_watch(group->ctx, &task->wait);
	chp_live_inc(CHP_KIND_TASK);
	chp_exec_ready(task);
	return 0;
}
EXPORT_SYMBOL_CHP(chp_task_start);

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

/* The task stands in a queue already, and can have been served. */
int chp_task_park_queued(struct chp_task *task)
{
	int err = chp_wait_commit(&task->wait);

	if (err != -EINPROGRESS)
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
	if (!chp_wait_claim(&task->wait))
		return false;
	chp_wait_complete(&task->wait, result, NULL);
	return true;
}
EXPORT_SYMBOL_CHP(chp_task_unpark);

/* A full barrier: what was written before is seen by the step that follows. */
void chp_task_wake(struct chp_task *task)
{
	if (atomic_xchg(&task->run, CHP_TASK_WOKEN) == CHP_TASK_PARKED)
		chp_exec_ready(task);
}

/*
 * After a park: out of the queue where the wait has been ended by
 * another. Who serves a waiter takes it out itself.
 */
static void task_settle(struct chp_task *task)
{
	if (task->wait.which)
		task->waiter.lock = NULL;
	else
		chp_waiter_leave(&task->waiter);
}

static void task_end(struct chp_task *task, int err)
{
	struct chp_group *group = task->group;

	if (group->ctx)
		chp_ctx_unwatch(group->ctx, &task->wait);
	chp_live_dec(CHP_KIND_TASK);
	if (task->gone)
		task->gone(task);
	chp_group_leave(group, err, NULL);
}

/* True when the task wants to run again, after others. */
bool chp_task_run(struct chp_task *task)
{
	int err;

	for (;;) {
		atomic_set(&task->run, CHP_TASK_RUNNING);
		task_settle(task);
		err = task->step(task);
		if (err != -EINPROGRESS)
			break;
		if (atomic_cmpxchg(&task->run, CHP_TASK_RUNNING,
				   CHP_TASK_PARKED) == CHP_TASK_RUNNING)
			return false;
		/* Pairs with the exchange in chp_task_wake(). */
		smp_acquire__after_ctrl_dep();
	}
	if (err == -EAGAIN) {
		atomic_set(&task->run, CHP_TASK_WOKEN);
		return true;
	}
	task_end(task, err);
	return false;
}
