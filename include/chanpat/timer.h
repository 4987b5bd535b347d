/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers that end a wait, and sleeping. Times are nanoseconds, CLOCK_MONOTONIC.
 */
#ifndef CHANPAT_TIMER_H
#define CHANPAT_TIMER_H

#include <linux/hrtimer.h>

struct chp_ctx;
struct chp_task;
struct chp_wait;

/**
 * struct chp_timer - ends a wait; the fields belong to chanpat
 * @hrtimer: expires in hard interrupts
 * @wait: what it ends
 * @result: what the ended operation returns
 */
struct chp_timer {
	struct hrtimer hrtimer;
	struct chp_wait *wait;
	int result;
};

void chp_timer_init(struct chp_timer *timer);
void chp_timer_stop(struct chp_timer *timer);
void chp_task_timeout(struct chp_task *task, struct chp_timer *timer, u64 ns,
		      int result);
int chp_sleep(struct chp_ctx *ctx, u64 ns);

#endif
