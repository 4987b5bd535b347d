/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of a task between its runs.
 *
 *	PARKED --wake--> READY --executor--> RUNNING --parks--> PARKED
 *	                   ^                    |
 *	                   +------- yields -----+
 *
 * A wake can come while the step that parked is still on its way out: the
 * waker then finds RUNNING, leaves WOKEN, and the executor runs the step
 * again. So a step never runs twice at a time, and no wake is lost.
 */
#ifndef CHP_CORE_TASK_H
#define CHP_CORE_TASK_H

#include <chanpat/task.h>

enum chp_task_run {
	CHP_TASK_PARKED,
	CHP_TASK_RUNNING,
	CHP_TASK_WOKEN,		/* or READY: in a queue, or about to run again */
};

void chp_task_wake(struct chp_task *task);
bool chp_task_run(struct chp_task *task);

#endif
