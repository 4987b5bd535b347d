/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of a task between its runs.
 *
 *	PARKED --wake--> READY --executor--> RUNNING --parks--> PARKED
 *	                   ^                    |
 *	                   +------- yields -----+
 *
 * A wake can come while the step that parked is still on its way out: the
 * waker then finds RUNNING, leaves WOKEN, and the executor makes it READY
 * again. So a step never runs twice at a time, no wake is lost, and a task
 * that is always woken in time has no advantage over one that yields.
 */
#ifndef CHP_CORE_TASK_H
#define CHP_CORE_TASK_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <chanpat/task.h>
#include "ctx.h"
#include "exec.h"
#include "hook.h"
#include "wait.h"

enum chp_task_run {
	CHP_TASK_PARKED,
	CHP_TASK_RUNNING,
	CHP_TASK_WOKEN,		/* or READY: in a queue, or about to be */
};

enum chp_task_flags {
	CHP_TASK_SLEEPS = BIT(0),	/* has a work item of its own */
	CHP_TASK_PLACING = BIT(1),	/* waits for a place in its group */
	CHP_TASK_LIMITED = BIT(2),	/* holds one */
	CHP_TASK_MAKES = BIT(3),	/* sends what a struct chp_maker makes */
};

int chp_task_park_ended(struct chp_task *task);
void chp_task_settle(struct chp_task *task);
bool chp_task_stepped(struct chp_task *task, int err);

/* A full barrier: what was written before is seen by the step that follows. */
static __always_inline void chp_task_wake(struct chp_task *task)
{
	if (atomic_xchg(&task->run, CHP_TASK_WOKEN) == CHP_TASK_PARKED)
		chp_exec_ready(task);
}

/* As chp_wait_complete(). A task cannot go before it is made ready here. */
static __always_inline void chp_task_complete(struct chp_wait *wait, int result,
					      struct chp_waiter *which)
{
	wait->result = result;
	wait->which = which;
	/* Whoever claims the next wait sees this one over: pairs with the claim. */
	atomic_set_release(&wait->state, CHP_IDLE);
	chp_task_wake(container_of(wait, struct chp_task, wait));
}

/* As chp_wait_commit(). The task stands in a queue, and can have been served. */
static __always_inline int chp_task_park_queued(struct chp_task *task)
{
	chp_window(CHP_QUEUED, &task->wait);
	if (task->wait.ctx) {
		/* Pairs with the barrier in ctx_end(). */
		smp_mb();
		if (unlikely(chp_ctx_look(task->wait.ctx)))
			return chp_task_park_ended(task);
	}
	chp_window(CHP_COMMITTED, &task->wait);
	return -EINPROGRESS;
}

/*
 * After a park: out of the queue where the wait has been ended by
 * another. Who serves a waiter takes it out itself.
 */
static __always_inline void chp_task_leave(struct chp_task *task)
{
	if (likely(task->wait.which))
		task->waiter.lock = NULL;
	else if (task->waiter.lock)
		chp_waiter_leave(&task->waiter);
}

/* True when the task is ready to run again, after others. */
static __always_inline bool chp_task_run(struct chp_task *task)
{
	int err;

	atomic_set(&task->run, CHP_TASK_RUNNING);
	if (unlikely(task->settle)) {
		chp_task_settle(task);
	} else {
		chp_task_leave(task);
		task->wait.result = chp_ctx_wins(task->wait.ctx,
						 task->wait.result);
	}
	err = task->step(task);
	if (unlikely(err != -EINPROGRESS))
		return chp_task_stepped(task, err);
	/* Fails when it has been woken: pairs with chp_task_wake(). */
	if (likely(atomic_cmpxchg(&task->run, CHP_TASK_RUNNING,
				  CHP_TASK_PARKED) == CHP_TASK_RUNNING))
		return false;
	/* The next run sees what was written before that. */
	smp_acquire__after_ctrl_dep();
	return true;
}

#endif
