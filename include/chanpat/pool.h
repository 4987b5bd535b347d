/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Worker pools: a fixed number of workers takes work from one queue.
 *
 *	struct chp_pool *pool = chp_pool_alloc(ctx, "hash", 4, 64);
 *
 *	err = chp_pool_submit(ctx, pool, hash_block, block);
 *	...
 *	err = chp_pool_drain(pool);	// or chp_pool_stop(pool)
 *
 * Workers are tasks, so a pool of a thousand is cheap; what is submitted
 * should not sleep for long.
 */
#ifndef CHANPAT_POOL_H
#define CHANPAT_POOL_H

#include <chanpat/stage.h>

struct chp_ctx;
struct chp_pool;

/* The work; @ctx is the pool's. The first error cancels the pool. */
typedef int (*chp_work_fn)(struct chp_ctx *ctx, void *arg);

struct chp_pool *chp_pool_alloc(struct chp_ctx *parent, const char *name,
				unsigned int workers, unsigned int queue);
int chp_pool_submit(struct chp_ctx *ctx, struct chp_pool *pool, chp_work_fn fn,
		    void *arg);
int chp_pool_try_submit(struct chp_pool *pool, chp_work_fn fn, void *arg);
int chp_pool_drain(struct chp_pool *pool);
int chp_pool_stop(struct chp_pool *pool);
void chp_pool_stats(const struct chp_pool *pool, struct chp_stage_stats *stats);

#endif
