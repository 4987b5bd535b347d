// SPDX-License-Identifier: GPL-2.0
/* Worker pools: a stage without an output; see include/chanpat/pool.h. */
#include <linux/err.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include <chanpat/pool.h>
#include "../compat.h"

/* What flows through the pool's queue. */
struct pool_work {
	chp_work_fn fn;
	void *arg;
};

/**
 * struct chp_pool - see include/chanpat/pool.h
 * @group: owns the workers
 * @queue: of struct pool_work; closed when the pool takes no more
 * @stage: the workers
 */
struct chp_pool {
	struct chp_group group;
	struct chp_chan *queue;
	struct chp_stage *stage;
};

static int pool_item(struct chp_worker *worker, void *elem)
{
	struct pool_work *work = elem;
	int err = work->fn(chp_worker_ctx(worker), work->arg);

	return err ? err : CHP_DROP;
}

static const struct chp_stage_ops pool_ops = { .item = pool_item };

static int pool_build(struct chp_pool *pool, const char *name,
		      unsigned int workers, unsigned int queue)
{
	struct chp_stage_config config = {
		.name = name,
		.ops = &pool_ops,
		.workers = workers,
	};

	pool->queue = chp_chan_alloc(sizeof(struct pool_work), queue, name);
	if (IS_ERR(pool->queue))
		return PTR_ERR(pool->queue);
	pool->stage = chp_stage_alloc(&config, sizeof(struct pool_work),
				      pool->queue, NULL);
	if (!IS_ERR(pool->stage))
		return 0;
	chp_chan_put(pool->queue);
	return PTR_ERR(pool->stage);
}

/**
 * chp_pool_alloc() - make a pool, and let its workers wait for work
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
	struct chp_pool *pool = kzalloc(sizeof(*pool), GFP_KERNEL_ACCOUNT);
	int err;

	if (!pool)
		return ERR_PTR(-ENOMEM);
	err = pool_build(pool, name, workers, queue);
	if (err)
		goto free;
	err = chp_group_init(&pool->group, parent);
	if (err)
		goto unbuild;
	/* Workers are tasks: starting them cannot fail. */
	WARN_ON(chp_stage_start(pool->stage, &pool->group));
	return pool;
unbuild:
	chp_stage_free(pool->stage);
	chp_chan_put(pool->queue);
free:
	kfree(pool);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_CHP(chp_pool_alloc);

/**
 * chp_pool_submit() - hand work to the pool, wait for a place in its queue
 * @ctx: whose end ends the wait; may be NULL
 * @pool: a pool
 * @fn: called once by a worker; it is called with an ended context when the
 *	pool was stopped before its turn came, so that it can clean up
 * @arg: for @fn
 *
 * Context: may sleep.
 * Return: 0 when @fn has been or will be called; -EPIPE when the pool takes no
 * more; -ECANCELED, -ETIME or -ERESTARTSYS as chp_send().
 */
int chp_pool_submit(struct chp_ctx *ctx, struct chp_pool *pool, chp_work_fn fn,
		    void *arg)
{
	struct pool_work work = { .fn = fn, .arg = arg };

	return chp_send(ctx, pool->queue, &work);
}
EXPORT_SYMBOL_CHP(chp_pool_submit);

/**
 * chp_pool_try_submit() - hand work to the pool if that needs no waiting
 * @pool: a pool
 * @fn: as for chp_pool_submit()
 * @arg: for @fn
 *
 * Context: any, hard interrupts included.
 * Return: 0 when @fn has been or will be called; -EAGAIN when the queue is
 * full; -EPIPE when the pool takes no more.
 */
int chp_pool_try_submit(struct chp_pool *pool, chp_work_fn fn, void *arg)
{
	struct pool_work work = { .fn = fn, .arg = arg };

	return chp_try_send(pool->queue, &work);
}
EXPORT_SYMBOL_CHP(chp_pool_try_submit);

static void pool_run_rest(struct chp_pool *pool, struct chp_ctx *ended)
{
	struct pool_work work;

	while (!chp_try_recv(pool->queue, &work))
		work.fn(ended, work.arg);
}

/*
 * Workers that were cancelled leave work in the queue. It is called here, with
 * the context that outlives the group for that.
 */
static int pool_finish(struct chp_pool *pool)
{
	struct chp_ctx *ctx = chp_ctx_get(pool->group.ctx);
	int err = chp_group_wait(&pool->group);

	chp_close(pool->queue);
	pool_run_rest(pool, ctx);
	chp_ctx_put(ctx);
	chp_stage_free(pool->stage);
	chp_chan_put(pool->queue);
	kfree(pool);
	return err;
}

/**
 * chp_pool_drain() - take no more work, do what is queued, free the pool
 * @pool: freed
 *
 * Context: may sleep.
 * Return: the first error of the work, or 0.
 */
int chp_pool_drain(struct chp_pool *pool)
{
	chp_close(pool->queue);
	return pool_finish(pool);
}
EXPORT_SYMBOL_CHP(chp_pool_drain);

/**
 * chp_pool_stop() - take no more work, stop at once, free the pool
 * @pool: freed
 *
 * Work that is being done ends when it looks at its context.
 *
 * Context: may sleep.
 * Return: the first error of the work, or 0.
 */
int chp_pool_stop(struct chp_pool *pool)
{
	chp_close(pool->queue);
	chp_group_cancel(&pool->group);
	return pool_finish(pool);
}
EXPORT_SYMBOL_CHP(chp_pool_stop);

/**
 * chp_pool_stats() - look at a pool while it works
 * @pool: a pool
 * @stats: filled
 *
 * Context: any.
 */
void chp_pool_stats(const struct chp_pool *pool, struct chp_stage_stats *stats)
{
	chp_stage_stats(pool->stage, stats);
}
EXPORT_SYMBOL_CHP(chp_pool_stats);
