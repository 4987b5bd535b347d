// SPDX-License-Identifier: GPL-2.0
/*
 * A pool against a fan: the same items are made by one task, worked on by a
 * pool of four, by a fan with a limit, or by a fan without one, and counted by
 * one more task. The channels between them hold 64.
 *
 * The work is a short computation, or a wait, as for a disk. Of each it is
 * measured how many tasks work at most, how much memory everything takes at
 * most, from the channels to the workers, and for each item the instructions,
 * where waiting is none, and the time, where it is.
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/seq_file.h>
#include <chanpat/chan.h>
#include <chanpat/pipeline.h>
#include "bench.h"

#define ITEMS		100000
#define ITEMS_REPEATS	3
#define ITEMS_BUF	64
#define COMPUTE_ROUNDS	100
#define WAIT_NS		(10 * NSEC_PER_MSEC)

/* How items are worked on. */
struct way {
	const char *name;
	unsigned int workers;
	bool fan;
};

/* What is done with an item. */
struct work {
	const char *name;
	struct chp_stage_ops ops;
};

struct items_spread {
	struct spread instructions;
	struct spread time;
	struct spread tasks;
	struct spread memory;
};

static int make_item(struct chp_worker *worker, void *elem)
{
	u64 made = chp_worker_seq(worker);

	*(u64 *)elem = made;
	return made < ITEMS ? CHP_EMIT : CHP_STOP;
}

static const struct chp_stage_ops make_ops = { .item = make_item };

static int count_item(struct chp_worker *worker, void *elem)
{
	++*(u64 *)chp_worker_data(worker);
	return CHP_DROP;
}

static const struct chp_stage_ops count_ops = { .item = count_item };

static int compute_item(struct chp_worker *worker, void *elem)
{
	u64 *value = elem;
	int i;

	for (i = 0; i < COMPUTE_ROUNDS; i++)
		*value = *value * 6364136223846793005ULL + 1442695040888963407ULL;
	return CHP_EMIT;
}

static int wait_item(struct chp_worker *worker, void *elem)
{
	chp_worker_delay(worker, WAIT_NS);
	return CHP_EMIT;
}

static int items_build(struct chp_pipeline *p, const struct way *way,
		       const struct work *work, u64 *counted)
{
	const struct chp_stage_config make = {
		.name = "make", .ops = &make_ops, .workers = 1,
	};
	const struct chp_stage_config middle = {
		.name = "work", .ops = &work->ops, .workers = way->workers,
		.fan = way->fan,
	};
	const struct chp_stage_config count = {
		.name = "count", .ops = &count_ops, .workers = 1,
		.data = counted,
	};

	return chp_pipeline_add(p, &make, 0) ?:
	       chp_pipeline_add(p, &middle, ITEMS_BUF) ?:
	       chp_pipeline_add(p, &count, ITEMS_BUF);
}

/* Returns the most tasks that worked on items, or an error. */
static int items_run(const struct way *way, const struct work *work)
{
	struct chp_pipeline *p = chp_pipeline_alloc(NULL, sizeof(u64), 3);
	struct chp_stage_stats stats = {};
	u64 counted = 0, none;
	int err, ended;

	if (IS_ERR(p))
		return PTR_ERR(p);
	err = items_build(p, way, work, &counted) ?: chp_pipeline_start(p);
	if (!err) {
		/* Nothing comes out but the end. */
		chp_recv(NULL, chp_pipeline_out(p), &none);
		chp_pipeline_stats(p, 1, &stats);
	}
	ended = chp_pipeline_wait(p);
	if (err || ended)
		return err ?: ended;
	return counted == ITEMS ? stats.most : -ENODATA;
}

static int items_measure(const struct way *way, const struct work *work,
			 struct items_spread *spread)
{
	u64 began = bench_clock();
	ktime_t start = ktime_get();
	int most = items_run(way, work);

	if (most < 0)
		return most;
	bench_spread_add(&spread->time,
			 ktime_to_ns(ktime_sub(ktime_get(), start)));
	bench_spread_add(&spread->instructions, bench_clock() - began);
	bench_spread_add(&spread->tasks, most);
	return 0;
}

/* The same once more, only to see what memory it takes. */
static int items_weigh(const struct way *way, const struct work *work,
		       struct items_spread *spread)
{
	int err = heap_watch();

	if (err)
		return err;
	err = items_run(way, work);
	bench_spread_add(&spread->memory, heap_unwatch());
	return min(err, 0);
}

static void items_compare(struct seq_file *m, const struct way *way,
			  const struct work *work)
{
	struct items_spread spread = {};
	int i, err = 0;

	for (i = 0; i < ITEMS_REPEATS && !err; i++)
		err = items_measure(way, work, &spread);
	err = err ?: items_weigh(way, work, &spread);
	if (err) {
		seq_printf(m, "error chanpat items_%s_%s %d\n", way->name,
			   work->name, err);
		return;
	}
	bench_report(m, "chanpat", "tasks", &spread.tasks, 1,
		     "items_%s_%s_tasks", way->name, work->name);
	bench_report(m, "chanpat", "bytes", &spread.memory, 1,
		     "items_%s_%s_memory", way->name, work->name);
	bench_report(m, "chanpat", "instructions", &spread.instructions, ITEMS,
		     "items_%s_%s", way->name, work->name);
	bench_report(m, "chanpat", "ns", &spread.time, ITEMS,
		     "items_%s_%s_time", way->name, work->name);
}

void compare_pool_fan(struct seq_file *m)
{
	static const struct way ways[] = {
		{ "pool_4", 4 },
		{ "fan_64", 64, true },
		{ "fan", 0, true },
	};
	static const struct work works[] = {
		{ "compute", { .item = compute_item } },
		{ "wait", { .item = wait_item } },
	};
	unsigned int i, j;

	if (!bench_wanted("items"))
		return;
	for (j = 0; j < ARRAY_SIZE(works); j++)
		for (i = 0; i < ARRAY_SIZE(ways); i++)
			items_compare(m, &ways[i], &works[j]);
}
