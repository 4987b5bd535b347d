/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_CORE_YIELD_H
#define CHP_CORE_YIELD_H

#include <linux/preempt.h>
#include <linux/sched.h>

/*
 * cond_resched(), which is a function that mostly finds nothing to do. Where RCU
 * does not wait for it either, a look is enough to know.
 */
static __always_inline bool chp_should_yield(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RCU))
		return unlikely(should_resched(0));
	return true;
}

static __always_inline void chp_yield(void)
{
	if (chp_should_yield())
		cond_resched();
}

int chp_yielded(void);

/* The same at the end of a call that returns 0, and needs no frame for it. */
static __always_inline int chp_done_yield(void)
{
	return chp_should_yield() ? chp_yielded() : 0;
}

/*
 * Whether others wait for this CPU already: looked at before a peer is woken, who
 * may be one of them afterwards. Who is to wait for that peer would be switched
 * away now, and once more when it waits.
 */
static __always_inline bool chp_others_wait(void)
{
	return unlikely(should_resched(0));
}

#endif
