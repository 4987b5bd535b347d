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

#endif
