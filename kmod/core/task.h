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
#include <chanpat/task.h>

enum chp_task_run {
	CHP_TASK_PARKED,
	CHP_TASK_RUNNING,
	CHP_TASK_WOKEN,		/* or READY: in a queue, or about to be */
};

enum chp_task_flags {
	CHP_TASK_SLEEPS = BIT(0),	/* has a work item of its own */
	CHP_TASK_PLACING = BIT(1),	/* waits for a place in its group */
	CHP_TASK_LIMITED = BIT(2),	/* holds one */
};

void chp_task_wake(struct chp_task *task);
bool chp_task_run(struct chp_task *task);
int chp_task_park_queued(struct chp_task *task);
void chp_task_leave(struct chp_task *task);

#endif
