// SPDX-License-Identifier: GPL-2.0
/* Worker pools: their making, their size and their end; see pool.h. */
#include <linux/err.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include "../compat.h"
#include "../core/chan.h"
#include "../core/live.h"
#include "pool.h"

struct chp_pool *chp_pool_get(struct chp_pool *pool)
{
	refcount_inc(&pool->ref);
	return pool;
}

static void pool_free(struct chp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < CHP_NR_PRIOS; i++)
		chp_chan_put(pool->queues[i]);
	chp_chan_put(pool->retire);
	chp_chan_put(pool->config.results);
	chp_ctx_put(pool->no_memory);
	chp_ctx_put(pool->ctx);
	if (pool->config.above)
		chp_pool_put(pool->config.above);
	mutex_destroy(&pool->resize);
	kfree(pool);
	chp_live_dec(CHP_KIND_POOL);
}

void chp_pool_put(struct chp_pool *pool)
{
	if (refcount_dec_and_test(&pool->ref))
		pool_free(pool);
}

/**
 * chp_pool_close() - take no more jobs
 * @pool: a pool
 *
 * What is queued is done, then the workers end and the results are closed. Who
 * waits for a place is told -EPIPE. Go: close(jobs).
 *
 * Context: any, hard interrupts included; it takes longer the more wait.
 */
void chp_pool_close(struct chp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < CHP_NR_PRIOS; i++)
		chp_close(pool->queues[i]);
}
EXPORT_SYMBOL_CHP(chp_pool_close);

/*
 * In this order nobody who waits for a place gets one from a worker that the end
 * of the context has made free.
 */
static void pool_end(struct chp_pool *pool, int cause)
{
	chp_pool_close(pool);
	chp_ctx_cancel_cause(pool->ctx, cause);
}

/**
 * chp_pool_cancel() - end a pool's context, and take no more jobs
 * @pool: a pool
 *
 * Work that is being done ends when it looks at its context; what is queued is
 * called with a context that has ended. chp_pool_drain() or chp_pool_stop()
 * still frees the pool.
 *
 * Context: any, hard interrupts included; it takes longer the more wait.
 */
void chp_pool_cancel(struct chp_pool *pool)
{
	pool_end(pool, -ECANCELED);
}
EXPORT_SYMBOL_CHP(chp_pool_cancel);

/*
 * A job has failed. What the end of the pool has made of a job is no error of
 * the pool.
 */
void chp_pool_fail(struct chp_pool *pool, int err)
{
	unsigned long flags;
	bool first;

	if (chp_ctx_err(pool->ctx) == err)
		return;
	raw_spin_lock_irqsave(&pool->lock, flags);
	first = !pool->err;
	if (first)
		pool->err = err;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (first)
		pool_end(pool, err);
}

static void pool_ctx_ended(struct work_struct *work)
{
	chp_pool_close(container_of(work, struct chp_pool, after.work));
}

static int pool_make_queues(struct chp_pool *pool)
{
	const struct chp_pool_config *config = &pool->config;
	struct chp_chan *ch;
	unsigned int i;

	for (i = 0; i < (config->priorities ? CHP_NR_PRIOS : 1); i++) {
		ch = chp_chan_alloc(sizeof(struct chp_pool_item),
				    config->queue, config->name);
		if (IS_ERR(ch))
			return PTR_ERR(ch);
		pool->queues[i] = ch;
	}
	ch = chp_chan_alloc(0, CHP_CAP_MAX, config->name);
	if (IS_ERR(ch))
		return PTR_ERR(ch);
	pool->retire = ch;
	return 0;
}

static int pool_make_contexts(struct chp_pool *pool, struct chp_ctx *parent)
{
	struct chp_ctx *ctx;

	if (pool->config.above)
		parent = pool->config.above->ctx;
	ctx = chp_ctx_with_cancel(parent);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	pool->ctx = ctx;
	ctx = chp_ctx_with_cancel(NULL);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	pool->no_memory = ctx;
	chp_ctx_cancel_cause(ctx, -ENOMEM);
	return 0;
}

static bool pool_config_valid(const struct chp_ctx *parent,
			      const struct chp_pool_config *config)
{
	const struct chp_pool *above = config->above;

	static_assert(CHP_WORKERS_MAX <= CHP_CAP_MAX);
	if (!config->workers || config->workers > CHP_WORKERS_MAX)
		return false;
	if (config->ordered && (config->priorities || !config->results))
		return false;
	if (config->results &&
	    config->results->elem_size != sizeof(struct chp_pool_result))
		return false;
	return !above || (!parent && (!config->sleeps || above->config.sleeps));
}

/* Empty, and never to have workers unless pool_build() goes well. */
static struct chp_pool *pool_prepare(const struct chp_pool_config *config)
{
	struct chp_pool *pool = kzalloc(sizeof(*pool), GFP_KERNEL_ACCOUNT);

	if (!pool)
		return NULL;
	chp_live_inc(CHP_KIND_POOL);
	pool->config = *config;
	chp_chan_get(config->results);
	if (config->above)
		chp_pool_get(config->above);
	refcount_set(&pool->ref, 1);
	raw_spin_lock_init(&pool->lock);
	mutex_init(&pool->resize);
	chp_turns_init(&pool->turns);
	INIT_WORK(&pool->after.work, pool_ctx_ended);
	return pool;
}

/* Under @resize, or before others know of the pool. */
static int pool_set_size(struct chp_pool *pool, unsigned int size)
{
	int err;

	while (pool->size < size) {
		/* One that was to leave, and has not begun to, may stay. */
		err = chp_try_recv(pool->retire, NULL);
		if (err)
			err = chp_pool_add_worker(pool);
		if (err)
			return err;
		WRITE_ONCE(pool->size, pool->size + 1);
	}
	while (pool->size > size) {
		/* There is room for as many as there can be workers. */
		WARN_ON_ONCE(chp_try_send(pool->retire, pool));
		WRITE_ONCE(pool->size, pool->size - 1);
	}
	return 0;
}

/*
 * The workers have ended when the queues are closed and empty. Only then the
 * context goes: Go's cancel() after Wait().
 */
static int pool_finish(struct chp_pool *pool)
{
	int err;

	chp_group_wait(&pool->group);
	chp_ctx_after_stop(&pool->after);
	chp_ctx_cancel(pool->ctx);
	err = pool->err;
	chp_pool_put(pool);
	return err;
}

/* The workers may all have ended already, with the parent. */
static void pool_built(struct chp_pool *pool)
{
	unsigned long flags;
	bool over;

	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->built = true;
	over = !pool->alive;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (over)
		chp_close(pool->config.results);
}

/* The results are the caller's until the pool is there. */
static void pool_give_up(struct chp_pool *pool)
{
	chp_chan_put(pool->config.results);
	pool->config.results = NULL;
	chp_pool_stop(pool);
}

static int pool_build(struct chp_pool *pool, struct chp_ctx *parent)
{
	int err = pool_make_queues(pool);

	if (!err)
		err = pool_make_contexts(pool, parent);
	if (!err)
		err = chp_group_init(&pool->group, NULL);
	if (err)
		chp_pool_put(pool);
	return err;
}

/**
 * chp_pool_alloc_config() - make a pool, and let its workers wait for jobs
 * @parent: its end stops the pool; NULL for none. A sub-pool ends with the pool
 *	above: then NULL
 * @config: copied
 *
 * Context: may sleep.
 * Return: a pool, which chp_pool_drain() or chp_pool_stop() frees;
 * ERR_PTR(-EINVAL) for numbers beyond the limits, for an ordered pool with
 * priorities or without results, for a sub-pool with a parent, or one that
 * sleeps where the pool above does not; ERR_PTR(-ENOMEM), or the error of
 * chp_go() where the workers are threads.
 */
struct chp_pool *chp_pool_alloc_config(struct chp_ctx *parent,
				       const struct chp_pool_config *config)
{
	struct chp_pool *pool;
	int err;

	if (!pool_config_valid(parent, config))
		return ERR_PTR(-EINVAL);
	pool = pool_prepare(config);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	err = pool_build(pool, parent);
	if (err)
		return ERR_PTR(err);
	chp_ctx_after(pool->ctx, &pool->after);
	err = pool_set_size(pool, config->workers);
	if (err) {
		pool_give_up(pool);
		return ERR_PTR(err);
	}
	pool_built(pool);
	return pool;
}
EXPORT_SYMBOL_CHP(chp_pool_alloc_config);

/**
 * chp_pool_alloc() - make a pool that needs no more than two numbers
 * @parent: its end stops the pool; may be NULL
 * @name: for people; must live as long as the pool
 * @workers: how many work at the same time, 1 to CHP_WORKERS_MAX
 * @queue: how much work may wait for a worker, up to CHP_CAP_MAX; with 0 a
 *	submit waits until a worker has taken it
 *
 * Context: may sleep.
 * Return: a pool, which chp_pool_drain() or chp_pool_stop() frees;
 * ERR_PTR(-EINVAL) for numbers beyond the limits; ERR_PTR(-ENOMEM).
 */
struct chp_pool *chp_pool_alloc(struct chp_ctx *parent, const char *name,
				unsigned int workers, unsigned int queue)
{
	struct chp_pool_config config = {
		.name = name,
		.workers = workers,
		.queue = queue,
	};

	return chp_pool_alloc_config(parent, &config);
}
EXPORT_SYMBOL_CHP(chp_pool_alloc);

/**
 * chp_pool_resize() - change the number of workers while they work
 * @pool: not being freed
 * @workers: how many there are to be, 1 to CHP_WORKERS_MAX
 *
 * New workers begin at once. Surplus ones that are idle leave at once, others
 * when they have finished what they have; this does not wait for them.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a number beyond the limits; -ENOMEM, or the error of
 * chp_go() where the workers are threads: then the pool has as many workers as
 * could be had, and no less than before.
 */
int chp_pool_resize(struct chp_pool *pool, unsigned int workers)
{
	int err;

	if (!workers || workers > CHP_WORKERS_MAX)
		return -EINVAL;
	mutex_lock(&pool->resize);
	err = pool_set_size(pool, workers);
	mutex_unlock(&pool->resize);
	return err;
}
EXPORT_SYMBOL_CHP(chp_pool_resize);

/**
 * chp_pool_drain() - take no more jobs, do what is queued, free the pool
 * @pool: freed; nobody comes to submit any more, who waits for a place already
 *	is told -EPIPE
 *
 * Somebody must take the results while this waits. Sub-pools should be drained
 * before: what is left in them is called with an ended context.
 *
 * Context: may sleep.
 * Return: the error of the job that cancelled the pool, or 0.
 */
int chp_pool_drain(struct chp_pool *pool)
{
	chp_pool_close(pool);
	return pool_finish(pool);
}
EXPORT_SYMBOL_CHP(chp_pool_drain);

/**
 * chp_pool_stop() - take no more jobs, stop at once, free the pool
 * @pool: freed; nobody comes to submit any more, who waits for a place already
 *	is told -EPIPE
 *
 * Work that is being done ends when it looks at its context; what is queued is
 * called with a context that has ended. Sub-pools end too; each is still freed
 * by a call of its own.
 *
 * Context: may sleep.
 * Return: the error of the job that cancelled the pool, or 0.
 */
int chp_pool_stop(struct chp_pool *pool)
{
	chp_pool_cancel(pool);
	return pool_finish(pool);
}
EXPORT_SYMBOL_CHP(chp_pool_stop);

static unsigned int pool_queued(const struct chp_pool *pool)
{
	unsigned int i, sum = 0;

	for (i = 0; i < CHP_NR_PRIOS; i++)
		sum += chp_len(pool->queues[i]);
	return sum;
}

/**
 * chp_pool_stats() - look at a pool while it works
 * @pool: a pool
 * @stats: filled; what the workers count is of one moment, the other numbers are
 *	read one after the other
 *
 * Context: any.
 */
void chp_pool_stats(struct chp_pool *pool, struct chp_pool_stats *stats)
{
	unsigned long flags;

	*stats = (struct chp_pool_stats){
		.size = READ_ONCE(pool->size),
		.queued = pool_queued(pool),
		.submitters = atomic_read(&pool->submitters),
	};
	raw_spin_lock_irqsave(&pool->lock, flags);
	stats->workers = pool->alive;
	stats->busy = pool->busy;
	stats->most_busy = pool->most_busy;
	stats->completed = pool->completed;
	stats->failed = pool->failed;
	stats->cancelled = pool->cancelled;
	stats->timeouts = pool->timeouts;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	stats->idle = stats->workers - stats->busy;
	/* Last: each job counts there before it counts elsewhere. */
	stats->submitted = atomic64_read(&pool->taken) + stats->queued;
}
EXPORT_SYMBOL_CHP(chp_pool_stats);
