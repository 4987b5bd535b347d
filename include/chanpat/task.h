/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tasks: stackless activities, a goroutine without a stack.
 *
 * A task is a struct embedded in its owner's, and a step function. The step
 * does what it can, and says by its return value what happens next:
 *
 *	-EINPROGRESS	parked: a chp_task_*() call returned that; run the step
 *			again when the operation is done
 *	-EAGAIN		there is more to do, but let others run first
 *	anything else	the task has ended; 0, or an error for its group
 *
 * When it runs again after -EINPROGRESS, the operation has been completed by
 * the other side, and chp_task_result() is what it returned:
 *
 *	static int echo_step(struct chp_task *task)
 *	{
 *		struct echo *e = container_of(task, struct echo, task);
 *
 *		if (e->state == RECEIVING)
 *			...
 *	}
 *
 * Steps run in process context on workqueue workers, one at a time for each
 * task. They may allocate, but should not sleep for long: others wait for the
 * same worker. Where a step may block, chp_task_may_sleep() gives the task a
 * worker of its own; what blocks all the time belongs in a thread, see
 * <chanpat/group.h>. A step that is always ready returns -EAGAIN now and then.
 *
 * What a task has written before it parks is seen by who ends its wait, and
 * what that one has written before is seen by the step that follows.
 */
#ifndef CHANPAT_TASK_H
#define CHANPAT_TASK_H

#include <linux/workqueue.h>
#include <chanpat/wait.h>

struct chp_chan;
struct chp_group;
struct chp_task;
struct chp_timer;

typedef int (*chp_step_fn)(struct chp_task *task);

/**
 * struct chp_task - a task; the fields belong to chanpat
 * @wait: what the task is parked with; its context is the group's
 * @waiter: its place in one queue
 * @ready: in a queue of ready tasks, under the lock of that queue
 * @work: instead of @ready, for steps that may sleep
 * @run: enum chp_task_run
 * @flags: enum chp_task_flags; changed by nobody but the task and its starter
 * @settle: what is to be done in the next run before @step is called, to leave
 *	the queues in which the task was parked; NULL for @waiter alone
 * @step: the code
 * @gone: called when the task has ended and will not be touched again, just
 *	before it leaves its group; may be NULL
 * @group: owns the task
 */
struct chp_task {
	struct chp_wait wait;
	struct chp_waiter waiter;
	union {
		struct list_head ready;
		struct work_struct work;
	};
	atomic_t run;
	unsigned int flags;
	void (*settle)(struct chp_task *task);
	chp_step_fn step;
	void (*gone)(struct chp_task *task);
	struct chp_group *group;
};

void chp_task_init(struct chp_task *task, chp_step_fn step,
		   void (*gone)(struct chp_task *task));
void chp_task_may_sleep(struct chp_task *task);
int chp_task_start(struct chp_task *task, struct chp_group *group);
int chp_task_try_start(struct chp_task *task, struct chp_group *group);

int chp_task_send(struct chp_task *task, struct chp_chan *ch, const void *elem);
int chp_task_recv(struct chp_task *task, struct chp_chan *ch, void *elem);
int chp_task_sleep(struct chp_task *task, struct chp_timer *timer, u64 ns);
int chp_task_join(struct chp_task *task, struct chp_group *group);

int chp_task_park(struct chp_task *task);
bool chp_task_unpark(struct chp_task *task, int result);

/**
 * chp_task_result() - what the operation returned that the task was parked in
 * @task: the task whose step is running
 *
 * Return: what the chp_task_*() call would have returned without parking.
 */
static inline int chp_task_result(const struct chp_task *task)
{
	return task->wait.result;
}

/**
 * chp_task_ticket() - the number of the element that was received last
 * @task: the task whose step is running; a chp_task_recv() was its last call
 *
 * Return: how many elements had left the channel before it.
 */
static inline u64 chp_task_ticket(const struct chp_task *task)
{
	return task->waiter.ticket;
}

#endif
