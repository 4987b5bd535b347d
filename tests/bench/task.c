// SPDX-License-Identifier: GPL-2.0
/* Tasks: their life, and elements that pass from one to another. */
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/group.h>
#include <chanpat/task.h>
#include "bench.h"

static int empty_step(struct chp_task *task)
{
	return 0;
}

static void empty_gone(struct chp_task *task)
{
	kfree(task);
}

static int empty_start(struct chp_group *group)
{
	struct chp_task *task = kmalloc(sizeof(*task), GFP_KERNEL);
	int err;

	if (!task)
		return -ENOMEM;
	chp_task_init(task, empty_step, empty_gone);
	err = chp_task_start(task, group);
	if (err)
		kfree(task);
	return err;
}

/*
 * One operation: a task is allocated, started in a group, runs a step that does
 * nothing, ends, and is freed. All are started, then waited for.
 */
static s64 task_life(const struct bench *bench)
{
	struct chp_group group;
	int err = chp_group_init(&group, NULL);
	unsigned int i;
	u64 took;

	if (err)
		return err;
	took = bench_clock();
	for (i = 0; i < bench->n && !err; i++)
		err = empty_start(&group);
	err = chp_group_wait(&group) ?: err;
	return err ?: bench_clock() - took;
}

enum move {
	MOVE_SEND,
	MOVE_RECV,
	MOVE_BOTH,	/* in turns */
};

/* A task that sends or receives @left times, each after @rounds of work. */
struct mover {
	struct chp_task task;
	struct chp_chan *ch;
	u64 value;
	unsigned int left;
	unsigned int rounds;
	enum move move;
	bool sends;
};

static __always_inline int mover_move(struct chp_task *task, bool works)
{
	struct mover *m = container_of(task, struct mover, task);
	int err = chp_task_result(task);

	while (!err && m->left) {
		m->left--;
		if (works)
			m->value = bench_work(m->value, m->rounds);
		err = m->sends ? chp_task_send(task, m->ch, &m->value) :
				 chp_task_recv(task, m->ch, &m->value);
		if (m->move == MOVE_BOTH)
			m->sends = !m->sends;
	}
	return err;
}

static int mover_step(struct chp_task *task)
{
	return mover_move(task, false);
}

static int mover_work_step(struct chp_task *task)
{
	return mover_move(task, true);
}

static void mover_init(struct mover *m, const struct mover *like)
{
	*m = *like;
	chp_task_init(&m->task, m->rounds ? mover_work_step : mover_step, NULL);
}

/* From the start of the two, which have been prepared, to the end of both. */
s64 bench_two_tasks(struct chp_task *one, struct chp_task *other)
{
	struct chp_group group;
	int err = chp_group_init(&group, NULL);
	u64 took;

	if (err)
		return err;
	took = bench_clock();
	chp_task_start(one, &group);
	chp_task_start(other, &group);
	err = chp_group_wait(&group);
	return err ?: bench_clock() - took;
}

/*
 * One operation: an element passes from one task to another over an unbuffered
 * channel. They send and receive in turns, so the receiver is always parked.
 * Each works @arg rounds before that.
 */
static s64 task_rendezvous(const struct bench *bench)
{
	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), 0, "bench");
	struct mover mover = {
		.ch = ch, .left = bench->n, .rounds = bench->arg,
		.move = MOVE_BOTH, .sends = true,
	};
	struct mover one, other;
	s64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	mover_init(&one, &mover);
	mover.sends = false;
	mover_init(&other, &mover);
	took = bench_two_tasks(&one.task, &other.task);
	chp_chan_put(ch);
	return took;
}

static s64 produce(const struct bench *bench, unsigned int rounds)
{
	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), bench->arg, "bench");
	struct mover mover = {
		.ch = ch, .left = bench->n, .rounds = rounds,
		.move = MOVE_SEND, .sends = true,
	};
	struct mover one, other;
	s64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	mover_init(&one, &mover);
	mover.sends = false;
	mover.move = MOVE_RECV;
	mover_init(&other, &mover);
	took = bench_two_tasks(&one.task, &other.task);
	chp_chan_put(ch);
	return took;
}

/*
 * One operation: an element passes from a task that only sends to one that
 * only receives, over a channel with @arg places.
 */
static s64 task_producer(const struct bench *bench)
{
	return produce(bench, 0);
}

/* The same, and each of the two works a hundred rounds for it. */
static s64 task_producer_work(const struct bench *bench)
{
	return produce(bench, 100);
}

const struct bench task_benches[] = {
	{ "task_life", "chanpat", task_life, 10000 },
	{ "task_rendezvous", "chanpat", task_rendezvous, 50000 },
	{ "chan_sync_work", "chanpat", task_rendezvous, 10000, 1000 },
	{ "producer_consumer_0", "chanpat", task_producer, 50000, 0 },
	{ "producer_consumer_10", "chanpat", task_producer, 50000, 10 },
	{ "producer_consumer_100", "chanpat", task_producer, 50000, 100 },
	{ "producer_consumer_work_0", "chanpat", task_producer_work, 20000, 0 },
	{ "producer_consumer_work_10", "chanpat", task_producer_work, 20000, 10 },
	{ "producer_consumer_work_100", "chanpat", task_producer_work, 20000,
	  100 },
	{}
};
