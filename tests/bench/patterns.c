// SPDX-License-Identifier: GPL-2.0
/*
 * Patterns, as their users write them. Numbers flow through each, and a task
 * counts what comes out. Nothing is computed but adding one.
 */
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <chanpat/chan.h>
#include <chanpat/generator.h>
#include <chanpat/group.h>
#include <chanpat/pipeline.h>
#include <chanpat/pool.h>
#include <chanpat/task.h>
#include "bench.h"

#define PIPELINE_STAGES	3
#define POOL_WORKERS	4
/* As JOBS of worker.c. */
#define POOL_RUN_BUF	256
#define POOL_BUF	64

/* A task that receives until the end; elements may be of two sizes. */
struct reader {
	struct chp_task task;
	struct chp_chan *ch;
	unsigned int count;
	union {
		u64 value;
		struct chp_pool_result result;
	};
};

static int reader_step(struct chp_task *task)
{
	struct reader *r = container_of(task, struct reader, task);
	int err = chp_task_result(task);

	/* Each result is that of a receive; see reader_start(). */
	while (!err) {
		r->count++;
		err = chp_task_recv(task, r->ch, &r->value);
	}
	return err == -EPIPE ? 0 : err;
}

/* The first step has a result, too, and has received nothing. */
static int reader_start(struct reader *r, struct chp_chan *ch,
			struct chp_group *group)
{
	r->ch = ch;
	r->count = UINT_MAX;
	chp_task_init(&r->task, reader_step, NULL);
	return chp_task_start(&r->task, group);
}

/* What @began and was to bring @n took, or the error. */
static s64 reader_took(const struct reader *r, int err, unsigned int n,
		       u64 began)
{
	u64 took = bench_clock() - began;

	if (err)
		return err;
	return r->count == n ? took : -ENODATA;
}

/* The numbers that are still to be made. */
struct numbers {
	u64 next;
	u64 end;
};

static int number_next(struct chp_ctx *ctx, void *data, void *elem)
{
	struct numbers *numbers = data;

	if (numbers->next == numbers->end)
		return 1;
	*(u64 *)elem = numbers->next++;
	return 0;
}

/*
 * One operation: a generator makes a number, and a task receives it, over an
 * unbuffered channel.
 */
static s64 generator(const struct bench *bench)
{
	struct numbers numbers = { .end = bench->n };
	const struct chp_generator_config config = {
		.name = "bench", .elem_size = sizeof(u64),
		.next = number_next, .data = &numbers,
	};
	struct chp_group group;
	struct chp_chan *ch;
	struct reader r;
	u64 began;
	int err = chp_group_init(&group, NULL);

	if (err)
		return err;
	began = bench_clock();
	ch = chp_generator(&group, &config);
	if (IS_ERR(ch)) {
		chp_group_wait(&group);
		return PTR_ERR(ch);
	}
	err = reader_start(&r, ch, &group);
	err = chp_group_wait(&group) ?: err;
	chp_chan_put(ch);
	return reader_took(&r, err, bench->n, began);
}

static int number_item(struct chp_worker *worker, void *elem)
{
	return number_next(NULL, chp_worker_data(worker), elem) ? CHP_STOP :
								  CHP_EMIT;
}

static const struct chp_stage_ops number_ops = { .item = number_item };

static int add_one_item(struct chp_worker *worker, void *elem)
{
	++*(u64 *)elem;
	return CHP_EMIT;
}

static const struct chp_stage_ops add_one_ops = { .item = add_one_item };

static int pipeline_build(struct chp_pipeline *p, struct numbers *numbers,
			  const struct chp_stage_config *stage,
			  unsigned int stages, unsigned int buf)
{
	const struct chp_stage_config source = {
		.name = "numbers", .ops = &number_ops, .data = numbers,
		.workers = 1,
	};
	int err = chp_pipeline_add(p, &source, 0);

	while (!err && stages--)
		err = chp_pipeline_add(p, stage, buf);
	return err;
}

/* @stages like @stage between a source and a reader. */
static s64 pipeline_run(const struct bench *bench, unsigned int stages,
			const struct chp_stage_config *stage)
{
	struct chp_pipeline *p = chp_pipeline_alloc(NULL, sizeof(u64),
						    stages + 1);
	struct numbers numbers = { .end = bench->n };
	struct chp_group readers;
	struct reader r;
	u64 began;
	int err;

	if (IS_ERR(p))
		return PTR_ERR(p);
	err = chp_group_init(&readers, NULL);
	if (err) {
		chp_pipeline_wait(p);
		return err;
	}
	began = bench_clock();
	err = pipeline_build(p, &numbers, stage, stages, bench->arg);
	err = err ?: chp_pipeline_start(p);
	err = err ?: reader_start(&r, chp_pipeline_out(p), &readers);
	err = chp_group_wait(&readers) ?: err;
	err = chp_pipeline_wait(p) ?: err;
	return reader_took(&r, err, bench->n, began);
}

/*
 * One operation: a number passes from a source through three stages, each of
 * which adds one, to a reader; @arg places before each stage.
 */
static s64 pipeline(const struct bench *bench)
{
	const struct chp_stage_config add_one = {
		.name = "add_one", .ops = &add_one_ops, .workers = 1,
	};

	return pipeline_run(bench, PIPELINE_STAGES, &add_one);
}

/*
 * One operation: a number passes from a source to a task of its own, which adds
 * one and ends, and what they all send is read from one channel. Nothing is
 * buffered, and nothing bounds the number of tasks.
 */
static s64 task_per_item(const struct bench *bench)
{
	const struct chp_stage_config add_one = {
		.name = "add_one", .ops = &add_one_ops, .fan = true,
	};

	return pipeline_run(bench, 1, &add_one);
}

static int add_one_work(struct chp_ctx *ctx, void *arg)
{
	++*(u64 *)arg;
	return 0;
}

static int pool_submit_all(struct chp_pool *pool, u64 *sums, unsigned int n)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = chp_pool_submit(NULL, pool, add_one_work,
				      &sums[i % POOL_WORKERS]);
	return err;
}

/*
 * One operation: a thread submits a job to a pool of four, which adds one, and a
 * task reads its result. 64 jobs may wait for a worker, and 64 results for the
 * reader.
 */
static s64 pool_job(const struct bench *bench)
{
	struct chp_pool_config config = {
		.name = "bench", .workers = POOL_WORKERS, .queue = POOL_BUF,
	};
	u64 sums[POOL_WORKERS] = {}, began;
	struct chp_chan *results;
	struct chp_group readers;
	struct chp_pool *pool;
	struct reader r;
	int err = chp_group_init(&readers, NULL);

	if (err)
		return err;
	results = chp_chan_alloc(sizeof(struct chp_pool_result), POOL_BUF,
				 "results");
	if (IS_ERR(results)) {
		err = PTR_ERR(results);
		goto wait;
	}
	config.results = results;
	began = bench_clock();
	pool = chp_pool_alloc_config(NULL, &config);
	if (IS_ERR(pool)) {
		err = PTR_ERR(pool);
		goto put;
	}
	err = reader_start(&r, results, &readers);
	err = pool_submit_all(pool, sums, bench->n) ?: err;
	err = chp_pool_drain(pool) ?: err;
put:
	chp_chan_put(results);
wait:
	err = chp_group_wait(&readers) ?: err;
	return reader_took(&r, err, bench->n, began);
}

/*
 * One operation: a job is submitted to a pool of four, and done. Nobody is told, but
 * in the end all of them are waited for, as is done with a workqueue. As many may
 * wait for a worker as there are work items at a time.
 */
static s64 pool_run(const struct bench *bench)
{
	struct chp_pool_config config = {
		.name = "bench", .workers = POOL_WORKERS, .queue = POOL_RUN_BUF,
	};
	u64 sums[POOL_WORKERS] = {}, sum = 0, took;
	struct chp_pool *pool;
	unsigned int i;
	int err;

	took = bench_clock();
	pool = chp_pool_alloc_config(NULL, &config);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = pool_submit_all(pool, sums, bench->n);
	err = chp_pool_drain(pool) ?: err;
	took = bench_clock() - took;
	for (i = 0; i < POOL_WORKERS; i++)
		sum += sums[i];
	if (sum != bench->n)
		err = err ?: -EINVAL;
	return err ?: took;
}

const struct bench pattern_benches[] = {
	{ "generator", "chanpat", generator, 50000 },
	{ "pipeline_unbuffered", "chanpat", pipeline, 20000, 0 },
	{ "pipeline_buffered", "chanpat", pipeline, 20000, 64 },
	{ "pool_job", "chanpat", pool_job, 20000 },
	{ "pool_run", "chanpat", pool_run, 20000 },
	{ "task_per_item", "chanpat", task_per_item, 10000 },
	{}
};
