// SPDX-License-Identifier: GPL-2.0
/*
 * What one operation costs while there are more and more of a thing: channels,
 * jobs, elements, contexts. Few of them are done with many times, so that what
 * is measured is long enough.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/pool.h>
#include "bench.h"

#define GROWTH_MAX	1000000

/**
 * struct growth - a thing of which there are more and more
 * @name: for people
 * @most: of them
 * @least: operations that are measured
 * @run: does an operation with each of @n, @rounds times; returns the
 *	instructions that it took, or an error
 */
struct growth {
	const char *name;
	unsigned int most;
	unsigned int least;
	s64 (*run)(unsigned int n, unsigned int rounds);
};

static void channels_free(struct chp_chan **chans, unsigned int n)
{
	while (n--)
		chp_chan_put(chans[n]);
	kvfree(chans);
}

static struct chp_chan **channels_alloc(unsigned int n)
{
	struct chp_chan **chans = kvmalloc_array(n, sizeof(*chans), GFP_KERNEL);
	unsigned int i;

	for (i = 0; chans && i < n; i++) {
		chans[i] = chp_chan_alloc(sizeof(u64), 1, "bench");
		if (IS_ERR(chans[i])) {
			channels_free(chans, i);
			return NULL;
		}
	}
	return chans;
}

/* One operation: a send to one of @n channels, and a receive from it. */
static s64 growth_channels(unsigned int n, unsigned int rounds)
{
	struct chp_chan **chans = channels_alloc(n);
	unsigned int i;
	u64 value = 0;
	int err = 0;
	u64 took;

	if (!chans)
		return -ENOMEM;
	took = bench_clock();
	while (rounds-- && !err)
		for (i = 0; i < n && !err; i++)
			err = chp_send(NULL, chans[i], &value) ?:
			      chp_recv(NULL, chans[i], &value);
	took = bench_clock() - took;
	channels_free(chans, n);
	return err ?: took;
}

/* One operation: an element is sent and received, @n of them at a time. */
static s64 growth_items(unsigned int n, unsigned int rounds)
{
	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), n, "bench");
	unsigned int i;
	u64 value = 0;
	int err = 0;
	u64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	took = bench_clock();
	while (rounds--) {
		for (i = 0; i < n && !err; i++)
			err = chp_send(NULL, ch, &value);
		for (i = 0; i < n && !err; i++)
			err = chp_recv(NULL, ch, &value);
	}
	took = bench_clock() - took;
	chp_chan_put(ch);
	return err ?: took;
}

struct jobs_left {
	atomic_t left;
	struct completion done;
};

static int job_count(struct chp_ctx *ctx, void *arg)
{
	struct jobs_left *jobs = arg;

	if (atomic_dec_and_test(&jobs->left))
		complete(&jobs->done);
	return 0;
}

static int jobs_once(struct chp_pool *pool, struct jobs_left *jobs,
		     unsigned int n)
{
	int err = 0;

	atomic_set(&jobs->left, n);
	while (n-- && !err)
		err = chp_pool_submit(NULL, pool, job_count, jobs);
	if (!err)
		wait_for_completion(&jobs->done);
	return err;
}

/*
 * One operation: a job that does nothing is submitted to a pool of four, and
 * done, with @n of them from one wait for all to the next.
 */
static s64 growth_jobs(unsigned int n, unsigned int rounds)
{
	struct chp_pool *pool = chp_pool_alloc(NULL, "bench", 4, 64);
	struct jobs_left jobs;
	int err = 0, end;
	u64 took;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	init_completion(&jobs.done);
	took = bench_clock();
	while (rounds-- && !err)
		err = jobs_once(pool, &jobs, n);
	took = bench_clock() - took;
	end = chp_pool_drain(pool);
	return err ?: end ?: took;
}

static void contexts_put(struct chp_ctx **ctx, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n && !IS_ERR_OR_NULL(ctx[i]); i++)
		chp_ctx_put(ctx[i]);
	kvfree(ctx);
}

/* As many as @n, or fewer; below @parents in turns, or below none. */
static struct chp_ctx **contexts_alloc(struct chp_ctx **parents,
				       unsigned int nr_parents, unsigned int n)
{
	struct chp_ctx **ctx = kvcalloc(n, sizeof(*ctx), GFP_KERNEL);
	unsigned int i;

	for (i = 0; ctx && i < n; i++) {
		ctx[i] = chp_ctx_with_cancel(parents ? parents[i % nr_parents] :
						       NULL);
		if (IS_ERR(ctx[i])) {
			contexts_put(ctx, n);
			return NULL;
		}
	}
	return ctx;
}

/* One operation: a context is cancelled, as one of @n children of another. */
static s64 growth_children(unsigned int n, unsigned int rounds)
{
	struct chp_ctx **parents = contexts_alloc(NULL, 0, rounds);
	struct chp_ctx **children = NULL;
	unsigned int i;
	u64 took;

	if (!parents)
		return -ENOMEM;
	children = contexts_alloc(parents, rounds, rounds * n);
	took = bench_clock();
	for (i = 0; i < rounds; i++)
		chp_ctx_cancel(parents[i]);
	took = bench_clock() - took;
	if (children)
		contexts_put(children, rounds * n);
	contexts_put(parents, rounds);
	return children ? took : -ENOMEM;
}

static void growth_report(struct seq_file *m, const struct growth *growth,
			  unsigned int n)
{
	unsigned int rounds = max(growth->least / n, 1u);
	struct spread spread = {};
	unsigned int i;
	s64 took;

	for (i = 0; i < SCALE_REPEATS; i++) {
		took = growth->run(n, rounds);
		if (took < 0) {
			seq_printf(m, "error chanpat scale_%s_%u %lld\n",
				   growth->name, n, took);
			return;
		}
		bench_spread_add(&spread, took);
		cond_resched();
	}
	bench_report(m, "chanpat", "instructions", &spread, n * rounds,
		     "scale_%s_%u", growth->name, n);
}

void scale_growth(struct seq_file *m)
{
	static const struct growth growths[] = {
		{ "channel", GROWTH_MAX, 100000, growth_channels },
		{ "item", CHP_CAP_MAX, 100000, growth_items },
		{ "job", GROWTH_MAX, 10000, growth_jobs },
		{ "child", GROWTH_MAX, 1000, growth_children },
	};
	const struct growth *growth;
	unsigned int i, n;

	if (!bench_wanted("scale_growth"))
		return;
	for (i = 0; i < ARRAY_SIZE(growths); i++) {
		growth = &growths[i];
		for (n = 1; n < growth->most; n *= 10)
			growth_report(m, growth, n);
		growth_report(m, growth, growth->most);
	}
}
