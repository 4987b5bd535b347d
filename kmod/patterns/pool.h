/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of a pool.
 *
 * Jobs flow through a channel for each priority, and a worker selects from
 * them. What makes surplus workers leave is a channel too: as many elements in
 * @retire as there are workers too many, and workers look there first.
 *
 * The workers' group has a context that nobody ends. They end when the queues
 * are closed and empty; so whatever has been queued is called, though with an
 * ended context when the pool was cancelled. Where a worker waits for others
 * than its pool, the end of the pool's context is a case of its select.
 */
#ifndef CHP_PATTERNS_POOL_H
#define CHP_PATTERNS_POOL_H

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include <chanpat/pool.h>
#include "turns.h"

/**
 * struct chp_pool - see include/chanpat/pool.h
 * @config: as it was made; holds a reference on its results
 * @ref: its owner's, one for each who waits for a place, and the sub-pools'
 * @group: owns the workers
 * @ctx: of the jobs
 * @no_memory: an ended context, for a job that could not have one of its own
 * @after: closes the queues when @ctx has ended
 * @queues: of struct chp_pool_item; NULL where a priority is not used
 * @retire: an element for each worker that is too many
 * @looks: into the queues; decides which is preferred
 * @in_a_row: jobs that were submitted without a wait
 * @submitters: who wait for a place
 * @taken: jobs that have left the queues; ahead of @completed
 * @turns: of the results, when they are ordered
 * @resize: held while the number of workers is changed
 * @size: workers that are not to leave, under @resize; read without
 * @lock: protects all that follows
 * @alive: workers; the last one closes the results
 * @built: it was made: from then on its results are closed by the last worker
 * @busy: workers with a job
 * @most_busy: the highest value of @busy
 * @completed: jobs that are done
 * @failed: of those, with an error of their own
 * @cancelled: of those, with -ECANCELED
 * @timeouts: of those, with -ETIME
 * @err: of the first job that cancelled the pool
 */
struct chp_pool {
	struct chp_pool_config config;
	refcount_t ref;
	struct chp_group group;
	struct chp_ctx *ctx;
	struct chp_ctx *no_memory;
	struct chp_after after;
	struct chp_chan *queues[CHP_NR_PRIOS];
	struct chp_chan *retire;
	atomic_t looks;
	unsigned int in_a_row;
	atomic_t submitters;
	atomic64_t taken;
	struct chp_turns turns;
	struct mutex resize;	/* outermost; see above */
	unsigned int size;

	raw_spinlock_t lock;
	unsigned int alive;
	bool built;
	unsigned int busy;
	unsigned int most_busy;
	u64 completed;
	u64 failed;
	u64 cancelled;
	u64 timeouts;
	int err;
};

/* pool.c */
struct chp_pool *chp_pool_get(struct chp_pool *pool);
void chp_pool_put(struct chp_pool *pool);
void chp_pool_fail(struct chp_pool *pool, int err);

/* pool_worker.c */
int chp_pool_add_worker(struct chp_pool *pool);

/* pool_job.c */
int chp_pool_job_claim(struct chp_pool_job *job);
void chp_pool_job_done(struct chp_pool_job *job, int result);

#endif
