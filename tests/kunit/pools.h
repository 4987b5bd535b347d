/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of pools share: a crew is a pool and what a test knows about
 * its work, a chore is a job of it.
 */
#ifndef CHP_KUNIT_POOLS_H
#define CHP_KUNIT_POOLS_H

#include <chanpat/pool.h>
#include "helpers.h"

/* Chores whose order a crew remembers. */
#define CHP_CREW_LOG	256

/**
 * struct chp_crew - a pool and its work
 * @pool: NULL when it has been let go
 * @above: counts what this crew does too; may be NULL
 * @gate: chores at the gate wait until this is raised, or their context ends
 * @begun: calls
 * @ended: calls that have returned
 * @inside: at work now
 * @most: at work at the same time, so far
 * @late: calls with an ended context
 * @log: the numbers of the first chores, in the order in which they began
 */
struct chp_crew {
	struct chp_pool *pool;
	struct chp_crew *above;
	bool gate;
	atomic_t begun;
	atomic_t ended;
	atomic_t inside;
	atomic_t most;
	atomic_t late;
	u32 log[CHP_CREW_LOG];
};

/**
 * struct chp_chore - a job that knows its crew
 * @job: of the pool
 * @crew: who does it
 * @number: its own
 * @err: what its work returns
 * @open: its own gate
 * @calls: of its work
 */
struct chp_chore {
	struct chp_pool_job job;
	struct chp_crew *crew;
	u32 number;
	int err;
	bool open;
	atomic_t calls;
};

struct chp_crew *chp_test_crew(struct kunit *test, struct chp_ctx *parent,
			       struct chp_crew *above,
			       const struct chp_pool_config *config);
int chp_crew_drain(struct chp_crew *crew);
int chp_crew_stop(struct chp_crew *crew);
struct chp_pool_stats chp_crew_stats(struct chp_crew *crew);

struct chp_chore *chp_test_chores(struct kunit *test, struct chp_crew *crew,
				  unsigned int n, chp_work_fn work);
void chp_test_called_once(struct kunit *test, struct chp_chore *chores,
			  unsigned int n);

/* Works: at once; at the crew's gate; at its own; until its context ends. */
int chp_chore_quick(struct chp_ctx *ctx, void *arg);
int chp_chore_gate(struct chp_ctx *ctx, void *arg);
int chp_chore_own_gate(struct chp_ctx *ctx, void *arg);
int chp_chore_until_end(struct chp_ctx *ctx, void *arg);
int chp_chore_nap(struct chp_ctx *ctx, void *arg);

#endif
