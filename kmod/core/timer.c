// SPDX-License-Identifier: GPL-2.0
/* Timers that end a wait. */
#include <linux/sched.h>
#include <chanpat/ctx.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "timer.h"
#include "wait.h"

/* Too late when the wait has been claimed: then there was no timeout. */
static enum hrtimer_restart timer_expired(struct hrtimer *hrtimer)
{
	struct chp_timer *timer =
		container_of(hrtimer, struct chp_timer, hrtimer);

	if (chp_wait_claim(timer->wait))
		chp_wait_complete(timer->wait, timer->result, NULL);
	return HRTIMER_NORESTART;
}

void chp_timer_start(struct chp_timer *timer, struct chp_wait *wait, u64 ns,
		     int result)
{
	timer->wait = wait;
	timer->result = result;
	hrtimer_start(&timer->hrtimer, ns_to_ktime(min_t(u64, ns, KTIME_MAX)),
		      HRTIMER_MODE_REL_HARD);
}

void chp_timer_init_on_stack(struct chp_timer *timer)
{
	chp_hrtimer_setup_on_stack(&timer->hrtimer, timer_expired,
				   HRTIMER_MODE_REL_HARD);
}

/* Ends nothing any more, whether it was started or not. */
void chp_timer_destroy_on_stack(struct chp_timer *timer)
{
	hrtimer_cancel(&timer->hrtimer);
	destroy_hrtimer_on_stack(&timer->hrtimer);
}

/**
 * chp_timer_init() - prepare a timer
 * @timer: not running
 *
 * Context: any.
 */
void chp_timer_init(struct chp_timer *timer)
{
	chp_hrtimer_setup(&timer->hrtimer, timer_expired,
			  HRTIMER_MODE_REL_HARD);
}
EXPORT_SYMBOL_CHP(chp_timer_init);

/**
 * chp_timer_stop() - make sure that a timer ends nothing any more
 * @timer: running or not
 *
 * A task calls it in the step after the one that started the timer, before it
 * parks again: a timer that comes late would end the wrong wait.
 *
 * Context: a step, or any process context; waits for a running callback.
 */
void chp_timer_stop(struct chp_timer *timer)
{
	hrtimer_cancel(&timer->hrtimer);
}
EXPORT_SYMBOL_CHP(chp_timer_stop);

/**
 * chp_task_timeout() - bound the operation that a task was just parked in
 * @task: the task whose step is running, after a call returned -EINPROGRESS
 * @timer: stopped by the owner in the next step
 * @ns: nanoseconds from now
 * @result: what the operation returns when the time is over, as -ETIME; never
 *	0, which says that it was done
 *
 * Context: a step of @task.
 */
void chp_task_timeout(struct chp_task *task, struct chp_timer *timer, u64 ns,
		      int result)
{
	chp_timer_start(timer, &task->wait, ns, result);
}
EXPORT_SYMBOL_CHP(chp_task_timeout);

/**
 * chp_task_sleep() - park a task for a time
 * @task: the task whose step is running
 * @timer: stopped by the owner in the next step
 * @ns: nanoseconds from now
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked, the result is then 0 or the
 * context's error; otherwise the error of the context, that has ended.
 */
int chp_task_sleep(struct chp_task *task, struct chp_timer *timer, u64 ns)
{
	int err = chp_task_park(task);

	if (err == -EINPROGRESS)
		chp_timer_start(timer, &task->wait, ns, 0);
	return err;
}
EXPORT_SYMBOL_CHP(chp_task_sleep);

/**
 * chp_sleep() - sleep for a time, or until a context ends
 * @ctx: may be NULL
 * @ns: nanoseconds from now
 *
 * Context: may sleep.
 * Return: 0 after the time, -ECANCELED or -ETIME when @ctx has ended,
 * -ERESTARTSYS for a signal at a user's thread.
 */
int chp_sleep(struct chp_ctx *ctx, u64 ns)
{
	struct chp_wait wait;
	struct chp_timer timer;
	int err;

	might_sleep();
	chp_wait_init_thread(&wait, ctx);
	chp_timer_init_on_stack(&timer);
	chp_wait_begin(&wait);
	err = chp_wait_commit(&wait);
	if (err == -EINPROGRESS) {
		chp_timer_start(&timer, &wait, ns, 0);
		err = chp_wait_sleep(&wait);
	}
	chp_timer_destroy_on_stack(&timer);
	return err;
}
EXPORT_SYMBOL_CHP(chp_sleep);
