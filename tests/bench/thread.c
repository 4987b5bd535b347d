// SPDX-License-Identifier: GPL-2.0
/* Elements that pass from one kthread to another. */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <chanpat/chan.h>
#include <chanpat/group.h>
#include "bench.h"

/* Two threads that send and receive in turns. */
struct thread_pair {
	struct chp_chan *ch;
	unsigned int n;
	bool heeds;
};

static int pair_move(struct chp_ctx *ctx, struct thread_pair *pair, bool sends)
{
	unsigned int i;
	u64 value = 0;
	int err = 0;

	if (!pair->heeds)
		ctx = NULL;
	for (i = 0; i < pair->n && !err; i++) {
		err = sends ? chp_send(ctx, pair->ch, &value) :
			      chp_recv(ctx, pair->ch, &value);
		sends = !sends;
	}
	return err;
}

static int pair_one(struct chp_ctx *ctx, void *arg)
{
	return pair_move(ctx, arg, true);
}

static int pair_other(struct chp_ctx *ctx, void *arg)
{
	return pair_move(ctx, arg, false);
}

static s64 pair_run(struct thread_pair *pair)
{
	struct chp_group group;
	int err = chp_group_init(&group, NULL);
	u64 took;

	if (err)
		return err;
	took = bench_clock();
	err = chp_go(&group, "bench", pair_one, pair);
	if (!err)
		err = chp_go(&group, "bench", pair_other, pair);
	if (err)
		chp_close(pair->ch);
	err = chp_group_wait(&group) ?: err;
	return err ?: bench_clock() - took;
}

/*
 * One operation: an element passes from one thread to another over an
 * unbuffered channel. They send and receive in turns: the receiver is always
 * asleep, so each element wakes a thread and is followed by one switch. With
 * @arg they wait under the context of their group.
 */
static s64 thread_rendezvous(const struct bench *bench)
{
	struct thread_pair pair = { .n = bench->n, .heeds = bench->arg };
	s64 took;

	pair.ch = chp_chan_alloc(sizeof(u64), 0, "bench");
	if (IS_ERR(pair.ch))
		return PTR_ERR(pair.ch);
	took = pair_run(&pair);
	chp_chan_put(pair.ch);
	return took;
}

/* The same with nothing but the scheduler: whose turn it is, is the element. */
struct bare_pair {
	struct task_struct *thread[2];
	struct completion done;
	unsigned int turn;
	unsigned int n;
};

static void bare_wait_turn(struct bare_pair *pair, unsigned int self)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		/* Pairs with the store in bare_pass(); the wake orders it. */
		if (READ_ONCE(pair->turn) == self)
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static void bare_pass(struct bare_pair *pair, unsigned int other)
{
	/* Pairs with the look in bare_wait_turn(). */
	WRITE_ONCE(pair->turn, other);
	wake_up_process(pair->thread[other]);
}

/* A thread that has ended stays until it is stopped. */
static int bare_end(struct bare_pair *pair)
{
	complete(&pair->done);
	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int bare_one(void *arg)
{
	struct bare_pair *pair = arg;
	unsigned int i;

	for (i = 0; i < pair->n; i += 2) {
		bare_pass(pair, 1);
		bare_wait_turn(pair, 0);
	}
	return bare_end(pair);
}

static int bare_other(void *arg)
{
	struct bare_pair *pair = arg;
	unsigned int i;

	for (i = 0; i < pair->n; i += 2) {
		bare_wait_turn(pair, 1);
		bare_pass(pair, 0);
	}
	return bare_end(pair);
}

/* One operation: one thread wakes the other, and goes to sleep: one switch. */
static s64 bare_handover(const struct bench *bench)
{
	struct bare_pair pair = { .n = bench->n };
	u64 took;

	init_completion(&pair.done);
	took = bench_clock();
	pair.thread[0] = kthread_create(bare_one, &pair, "bench/0");
	if (IS_ERR(pair.thread[0]))
		return PTR_ERR(pair.thread[0]);
	pair.thread[1] = kthread_create(bare_other, &pair, "bench/1");
	if (IS_ERR(pair.thread[1])) {
		kthread_stop(pair.thread[0]);
		return PTR_ERR(pair.thread[1]);
	}
	wake_up_process(pair.thread[1]);
	wake_up_process(pair.thread[0]);
	wait_for_completion(&pair.done);
	wait_for_completion(&pair.done);
	kthread_stop(pair.thread[0]);
	kthread_stop(pair.thread[1]);
	return bench_clock() - took;
}

const struct bench thread_benches[] = {
	{ "thread_rendezvous", "chanpat", thread_rendezvous, 50000, false },
	{ "thread_rendezvous", "kernel", bare_handover, 50000 },
	{ "thread_rendezvous_ctx", "chanpat", thread_rendezvous, 50000, true },
	{ "thread_rendezvous_ctx", "kernel", bare_handover, 50000 },
	{}
};
