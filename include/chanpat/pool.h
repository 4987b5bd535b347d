/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Worker pools: a fixed number of workers takes jobs from one queue.
 *
 *	struct chp_pool *pool = chp_pool_alloc(ctx, "hash", 4, 64);
 *
 *	err = chp_pool_submit(ctx, pool, hash_block, block);
 *	...
 *	err = chp_pool_drain(pool);	// or chp_pool_stop(pool)
 *
 * Workers are tasks, so a pool of a thousand is cheap; what is submitted should
 * not sleep for long. Where it does, &chp_pool_config.sleeps makes them threads.
 * A job of the pool is called exactly once, whatever becomes of the pool: when
 * its turn comes after the end of the pool's context, it finds that ended.
 *
 * Who wants to know what has become of a job embeds one:
 *
 *	struct chp_pool_job job;
 *
 *	chp_pool_job_init(&job, hash_block, block);
 *	job.timeout = 10 * NSEC_PER_MSEC;	// of the work
 *	job.prio = CHP_PRIO_NORMAL;		// see &chp_pool_config.priorities
 *	err = chp_pool_submit_job(ctx, pool, &job);
 *	if (!err)
 *		err = chp_pool_job_wait(NULL, &job) ?: job.result;
 *
 * There are two time limits: @ctx bounds the wait for a place in the queue, and
 * @timeout the work; the context that the work is given ends then.
 *
 * Several jobs with the same &chp_pool_job.set are waited for together. Results
 * can also be read from a channel, see &chp_pool_config.results: the pool closes
 * it when it is over. In the end chp_pool_close() takes no more jobs, the results
 * are read, chp_pool_drain() frees the pool.
 *
 * A pool can be resized while it works. A sub-pool has workers and a queue of
 * its own, but each job that it begins is done by a worker of the pool above.
 */
#ifndef CHANPAT_POOL_H
#define CHANPAT_POOL_H

#include <chanpat/stage.h>
#include <chanpat/waitgroup.h>

struct chp_chan;
struct chp_ctx;
struct chp_pool;
struct chp_pool_job;
struct chp_task;

/* The work; @ctx ends with the pool, or when the time for the work is over. */
typedef int (*chp_work_fn)(struct chp_ctx *ctx, void *arg);

/**
 * enum chp_prio - which job is taken first
 * @CHP_PRIO_NORMAL: what a zeroed job has
 * @CHP_PRIO_HIGH: before all others
 * @CHP_PRIO_LOW: after all others
 * @CHP_NR_PRIOS: how many there are
 *
 * Of CHP_POOL_FAIR looks into the queues one prefers low jobs and one normal
 * ones. So whatever the flood, the first job of each queue waits for no more
 * than CHP_POOL_FAIR others that are taken before it, and one for each worker.
 */
enum chp_prio {
	CHP_PRIO_NORMAL,
	CHP_PRIO_HIGH,
	CHP_PRIO_LOW,
	CHP_NR_PRIOS,
};

#define CHP_POOL_FAIR	8

/* A job's @timeout: the work may take as long as it likes. */
#define CHP_POOL_NO_TIMEOUT	U64_MAX

/**
 * struct chp_pool_config - how a pool is made
 * @name: for people; must live as long as the pool
 * @workers: how many work at the same time, 1 to CHP_WORKERS_MAX
 * @queue: how many jobs of each priority may wait for a worker, up to
 *	CHP_CAP_MAX; with 0 a submit waits until a worker has taken the job
 * @sleeps: the work blocks for long: the workers are threads. A sub-pool has
 *	the workers of the pool above, and is as that one
 * @priorities: jobs may be of high and low priority; not with @ordered
 * @goes_on: an error is the job's own; otherwise the first error cancels the
 *	pool, as in Go's errgroup
 * @timeout: nanoseconds that the work of a job may take, if the job does not
 *	say otherwise; 0 for no limit
 * @results: of struct chp_pool_result, one for each job that was called; the
 *	pool sends, and closes it after the last. A worker waits until its result
 *	is taken. Results that have no place when the pool's context has ended
 *	are thrown away, and so are those that come when the reader has closed
 *	the channel. NULL for none
 * @ordered: results are sent in the order of submission; a worker then waits
 *	with its result for those that are slower
 * @above: the pool whose workers do the work, this one is a sub-pool; NULL for
 *	none
 */
struct chp_pool_config {
	const char *name;
	unsigned int workers;
	unsigned int queue;
	bool sleeps;
	bool priorities;
	bool goes_on;
	bool ordered;
	u64 timeout;
	struct chp_chan *results;
	struct chp_pool *above;
};

/**
 * struct chp_pool_result - what comes out of &chp_pool_config.results
 * @arg: of the work
 * @err: what it returned
 *
 * The pool has finished with the job of this result.
 */
struct chp_pool_result {
	void *arg;
	int err;
};

/**
 * struct chp_pool_item - what flows through a queue; belongs to chanpat
 * @fn: the work; NULL when @arg is a struct chp_pool_job
 * @arg: for @fn
 */
struct chp_pool_item {
	chp_work_fn fn;
	void *arg;
};

/**
 * struct chp_pool_set - jobs that are waited for together
 * @pending: how many are not done
 * @err: of the first one that failed
 */
struct chp_pool_set {
	struct chp_waitgroup pending;
	int err;
};

/**
 * struct chp_pool_job - a job that can be waited for
 * @fn: the work
 * @arg: for @fn
 * @timeout: nanoseconds that the work may take; 0: as the pool says;
 *	CHP_POOL_NO_TIMEOUT for no limit
 * @prio: which is done first
 * @set: that it belongs to; may be NULL
 * @gone: called when it is done, and will not be touched by the pool again:
 *	may free it or submit it again. Then nobody waits for it. May be NULL
 * @result: what the work returned, once it is done
 * @pending: 1 from the submission on until it is done; belongs to chanpat
 * @item: belongs to chanpat
 *
 * Its owner keeps it until it is done. Then it can be submitted again.
 */
struct chp_pool_job {
	chp_work_fn fn;
	void *arg;
	u64 timeout;
	enum chp_prio prio;
	int result;
	struct chp_pool_set *set;
	void (*gone)(struct chp_pool_job *job);
	struct chp_waitgroup pending;
	struct chp_pool_item item;
};

/**
 * struct chp_pool_stats - a snapshot of a pool
 * @size: how many workers it is meant to have
 * @workers: that are alive; more than @size until surplus ones have finished
 * @busy: that have a job in hand, or its result
 * @idle: that have none
 * @most_busy: at the same time, so far
 * @queued: jobs that wait for a worker
 * @submitters: who wait for a place in a queue
 * @submitted: jobs that were taken in
 * @completed: jobs that are done, whatever they returned
 * @failed: of those, with an error other than the next two
 * @cancelled: of those, with -ECANCELED
 * @timeouts: of those, with -ETIME
 */
struct chp_pool_stats {
	unsigned int size;
	unsigned int workers;
	unsigned int busy;
	unsigned int idle;
	unsigned int most_busy;
	unsigned int queued;
	unsigned int submitters;
	u64 submitted;
	u64 completed;
	u64 failed;
	u64 cancelled;
	u64 timeouts;
};

struct chp_pool *chp_pool_alloc(struct chp_ctx *parent, const char *name,
				unsigned int workers, unsigned int queue);
struct chp_pool *chp_pool_alloc_config(struct chp_ctx *parent,
				       const struct chp_pool_config *config);
int chp_pool_resize(struct chp_pool *pool, unsigned int workers);
void chp_pool_close(struct chp_pool *pool);
void chp_pool_cancel(struct chp_pool *pool);
int chp_pool_drain(struct chp_pool *pool);
int chp_pool_stop(struct chp_pool *pool);
void chp_pool_stats(struct chp_pool *pool, struct chp_pool_stats *stats);

int chp_pool_submit(struct chp_ctx *ctx, struct chp_pool *pool, chp_work_fn fn,
		    void *arg);
int chp_pool_try_submit(struct chp_pool *pool, chp_work_fn fn, void *arg);

void chp_pool_job_init(struct chp_pool_job *job, chp_work_fn fn, void *arg);
int chp_pool_submit_job(struct chp_ctx *ctx, struct chp_pool *pool,
			struct chp_pool_job *job);
int chp_pool_try_submit_job(struct chp_pool *pool, struct chp_pool_job *job);
int chp_task_pool_submit(struct chp_task *task, struct chp_pool *pool,
			 struct chp_pool_job *job);
int chp_pool_job_wait(struct chp_ctx *ctx, struct chp_pool_job *job);
int chp_task_pool_job_wait(struct chp_task *task, struct chp_pool_job *job);

void chp_pool_set_init(struct chp_pool_set *set);
int chp_pool_set_wait(struct chp_ctx *ctx, struct chp_pool_set *set);
int chp_task_pool_set_wait(struct chp_task *task, struct chp_pool_set *set);

#endif
