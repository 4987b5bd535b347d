// SPDX-License-Identifier: GPL-2.0
/* Channels that nobody waits on: what a call costs by itself. */
#include <linux/err.h>
#include <linux/errno.h>
#include <chanpat/chan.h>
#include "bench.h"

/* One operation: a send to a channel with room, and a receive from it. */
static s64 chan_buffered(const struct bench *bench)
{
	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), 1, "bench");
	unsigned int i;
	int err = 0;
	u64 value = 0;
	u64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	took = bench_clock();
	for (i = 0; i < bench->n && !err; i++)
		err = chp_send(NULL, ch, &value) ?: chp_recv(NULL, ch, &value);
	took = bench_clock() - took;
	chp_chan_put(ch);
	return err ?: took;
}

/* One operation: an attempt to receive from an empty channel. */
static s64 chan_try_recv(const struct bench *bench)
{
	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), 1, "bench");
	int err = -EAGAIN;
	unsigned int i;
	u64 value;
	u64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	took = bench_clock();
	for (i = 0; i < bench->n && err == -EAGAIN; i++)
		err = chp_try_recv(ch, &value);
	took = bench_clock() - took;
	chp_chan_put(ch);
	return err == -EAGAIN ? took : -EINVAL;
}

/* One operation: a receive from a closed and empty channel. */
static s64 chan_recv_closed(const struct bench *bench)
{
	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), 1, "bench");
	int err = -EPIPE;
	unsigned int i;
	u64 value;
	u64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	chp_close(ch);
	took = bench_clock();
	for (i = 0; i < bench->n && err == -EPIPE; i++)
		err = chp_recv(NULL, ch, &value);
	took = bench_clock() - took;
	chp_chan_put(ch);
	return err == -EPIPE ? took : -EINVAL;
}

/* Sends and receives that nobody waits for, on one channel. */
struct chan_plan {
	size_t elem_size;
	unsigned int cap;
	int (*op)(struct chp_chan *ch);
};

/* Each operation returns 0, or an error that ends it all. */
static s64 chan_run(const struct bench *bench, const struct chan_plan *plan)
{
	struct chp_chan *ch = chp_chan_alloc(plan->elem_size, plan->cap,
					     "bench");
	unsigned int i;
	int err = 0;
	u64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	took = bench_clock();
	for (i = 0; i < bench->n && !err; i++)
		err = plan->op(ch);
	took = bench_clock() - took;
	chp_chan_put(ch);
	return err ?: took;
}

static int hundred_op(struct chp_chan *ch)
{
	unsigned int i;
	u64 value = 0;
	int err = 0;

	for (i = 0; i < 100 && !err; i++)
		err = chp_send(NULL, ch, &value);
	for (i = 0; i < 100 && !err; i++)
		err = chp_recv(NULL, ch, &value);
	return err;
}

/*
 * One operation: a hundred sends, then a hundred receives. In Go's own suite it
 * is "contended" when all share the channel, who are one on one CPU.
 */
static s64 chan_hundred(const struct bench *bench)
{
	static const struct chan_plan plan = { sizeof(u64), 100, hundred_op };

	return chan_run(bench, &plan);
}

static int signal_op(struct chp_chan *ch)
{
	return chp_send(NULL, ch, NULL) ?: chp_recv(NULL, ch, NULL);
}

/*
 * One operation: a place of a channel of signals is taken by a send, and given
 * back by a receive, as one does in Go for want of a semaphore.
 */
static s64 chan_sem(const struct bench *bench)
{
	static const struct chan_plan plan = { 0, 1, signal_op };

	return chan_run(bench, &plan);
}

static int nonblocking_op(struct chp_chan *ch)
{
	u64 value;

	return chp_try_recv(ch, &value) == -EAGAIN ? 0 : -EINVAL;
}

/* One operation: an attempt to receive from an unbuffered channel. */
static s64 chan_nonblocking(const struct bench *bench)
{
	static const struct chan_plan plan = { sizeof(u64), 0, nonblocking_op };

	return chan_run(bench, &plan);
}

/* One operation: an attempt to receive from a closed channel of signals. */
static s64 chan_closed(const struct bench *bench)
{
	struct chp_chan *ch = chp_chan_alloc(0, 0, "bench");
	int err = -EPIPE;
	unsigned int i;
	u64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	chp_close(ch);
	took = bench_clock();
	for (i = 0; i < bench->n && err == -EPIPE; i++)
		err = chp_try_recv(ch, NULL);
	took = bench_clock() - took;
	chp_chan_put(ch);
	return err == -EPIPE ? took : -EINVAL;
}

/*
 * One operation: a signal is received from a closed channel that still has
 * some: as many as there are operations.
 */
static s64 chan_drain(const struct bench *bench)
{
	struct chp_chan *ch = chp_chan_alloc(0, bench->n, "bench");
	unsigned int n = bench->n;
	u64 took;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	while (n && !chp_try_send(ch, NULL))
		n--;
	chp_close(ch);
	took = bench_clock();
	while (!chp_recv(NULL, ch, NULL))
		n++;
	took = bench_clock() - took;
	chp_chan_put(ch);
	return n == bench->n ? took : -EINVAL;
}

const struct bench chan_benches[] = {
	{ "buffered_pair", "chanpat", chan_buffered, 100000 },
	{ "try_recv_empty", "chanpat", chan_try_recv, 100000 },
	{ "recv_closed", "chanpat", chan_recv_closed, 100000 },
	{ "chan_uncontended", "chanpat", chan_hundred, 1000 },
	{ "chan_contended", "chanpat", chan_hundred, 1000 },
	{ "chan_nonblocking", "chanpat", chan_nonblocking, 100000 },
	{ "chan_sem", "chanpat", chan_sem, 100000 },
	{ "chan_closed", "chanpat", chan_closed, 100000 },
	{ "receive_data_from_closed", "chanpat", chan_drain, 50000 },
	{}
};
