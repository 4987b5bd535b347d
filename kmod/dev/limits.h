/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_DEV_LIMITS_H
#define CHP_DEV_LIMITS_H

#include <linux/bits.h>
#include "../jobs/spec.h"

/* What chp_max_jobs, and the jobs of a session, can be at most. */
#define CHP_JOBS_MAX	BIT(20)

/* What lines and sessions may ask for: the module's parameters. */
extern struct chp_limits chp_limits;
extern unsigned int chp_max_jobs;
extern unsigned long chp_max_memory;
extern unsigned int chp_max_tasks;
extern unsigned int chp_max_items;

/**
 * struct chp_user_limits - what the sessions of a user may have together
 * @sessions: open
 * @jobs: running
 * @tasks: workers of stages
 * @items: in flight
 * @memory: bytes
 */
struct chp_user_limits {
	unsigned int sessions;
	unsigned int jobs;
	unsigned int tasks;
	unsigned int items;
	unsigned long memory;
};

extern struct chp_user_limits chp_user_limits;

#endif
