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

/* A task that sends or receives @left times. */
struct mover {
	struct chp_task task;
	struct chp_chan *ch;
	u64 value;
	unsigned int left;
	enum move move;
	bool sends;
};

static int mover_step(struct chp_task *task)
{
	struct mover *m = container_of(task, struct mover, task);
	int err = chp_task_result(task);

	while (!err && m->left) {
		m->left--;
		err = m->sends ? chp_task_send(task, m->ch, &m->value) :
				 chp_task_recv(task, m->ch, &m->value);
		if (m->move == MOVE_BOTH)
			m->sends = !m->sends;
	}
	return err;
}

static void mover_init(struct mover *m, struct chp_chan *ch, unsigned int n,
		       enum move move, bool sends)
{
	m->ch = ch;
	m->value = 0;
	m->left = n;
	m->move = move;
	m->sends = sends;
	chp_task_init(&m->task, mover_step, NULL);
}

static s64 movers_run(struct mover *one, struct mover *other)
{
	struct chp_group group;
	int err = chp_group_init(&group, NULL);
	u64 took;

	if (err)
		return err;
	took = bench_clock();
	chp_task_start(&one->task, &group);
	chp_task_start(&other->task, &group);
	err = chp_group_wait(&group);
	return err ?: bench_clock() - took;
}

/*
 * One operation: an element passes from one task to another over an unbuffered
 * channel. They send and receive in turns, so the receiver is always parked.
 */
static s64 task_rendezvous(const struct bench *bench)
{
	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), 0, "bench");
	struct mover one, other;
	s64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	mover_init(&one, ch, bench->n, MOVE_BOTH, true);
	mover_init(&other, ch, bench->n, MOVE_BOTH, false);
	took = movers_run(&one, &other);
	chp_chan_put(ch);
	return took;
}

/*
 * One operation: an element passes from a task that only sends to one that
 * only receives, over a channel with @arg places.
 */
static s64 task_producer(const struct bench *bench)
{
	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), bench->arg, "bench");
	struct mover one, other;
	s64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	mover_init(&one, ch, bench->n, MOVE_SEND, true);
	mover_init(&other, ch, bench->n, MOVE_RECV, false);
	took = movers_run(&one, &other);
	chp_chan_put(ch);
	return took;
}

const struct bench task_benches[] = {
	{ "task_life", "chanpat", task_life, 10000 },
	{ "task_rendezvous", "chanpat", task_rendezvous, 50000 },
	{ "producer_consumer_0", "chanpat", task_producer, 50000, 0 },
	{ "producer_consumer_10", "chanpat", task_producer, 50000, 10 },
	{ "producer_consumer_100", "chanpat", task_producer, 50000, 100 },
	{}
};
