// SPDX-License-Identifier: GPL-2.0
/* Selects that need not wait. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <chanpat/chan.h>
#include <chanpat/select.h>
#include "bench.h"

static int select_drain(struct chp_chan *const *ch, unsigned int n)
{
	u64 value;
	struct chp_case cases[] = {
		CHP_CASE_RECV(ch[0], &value),
		CHP_CASE_RECV(ch[1], &value),
	};
	int err = 0;

	while (n-- && err >= 0)
		err = chp_select(NULL, cases, ARRAY_SIZE(cases));
	return min(err, 0);
}

static void select_fill(struct chp_chan *const *ch, unsigned int n)
{
	u64 value = 0;

	while (n--) {
		chp_try_send(ch[0], &value);
		chp_try_send(ch[1], &value);
	}
}

/*
 * One operation: a select of receives from two channels. Each has as many
 * elements as there are operations, so both are ready each time.
 */
static s64 select_ready(const struct bench *bench)
{
	struct chp_chan *ch[2];
	int err;
	u64 took;

	ch[0] = chp_chan_alloc(sizeof(u64), bench->n, "bench");
	ch[1] = chp_chan_alloc(sizeof(u64), bench->n, "bench");
	select_fill(ch, bench->n);
	took = bench_clock();
	err = select_drain(ch, bench->n);
	took = bench_clock() - took;
	chp_chan_put(ch[0]);
	chp_chan_put(ch[1]);
	return err ?: took;
}

/* One operation: @ch[i] had the element, the other one gets it. */
static int select_swap(struct chp_chan *const *ch, struct chp_case *cases,
		       u64 *value)
{
	int i = chp_select(NULL, cases, 2);

	return i < 0 ? i : chp_send(NULL, ch[!i], value);
}

/*
 * One operation: a select of receives from two channels, of which one is ready,
 * and a send to the other one. In Go's own suite it is "contended" when all
 * share the channels, who are one on one CPU.
 */
static s64 select_uncontended(const struct bench *bench)
{
	struct chp_chan *ch[2];
	u64 value = 0;
	struct chp_case cases[2];
	unsigned int i;
	int err;
	u64 took;

	for (i = 0; i < 2; i++) {
		ch[i] = chp_chan_alloc(sizeof(u64), 1, "bench");
		cases[i] = (struct chp_case)CHP_CASE_RECV(ch[i], &value);
	}
	err = chp_send(NULL, ch[0], &value);
	took = bench_clock();
	for (i = 0; i < bench->n && !err; i++)
		err = select_swap(ch, cases, &value);
	took = bench_clock() - took;
	chp_chan_put(ch[0]);
	chp_chan_put(ch[1]);
	return err ?: took;
}

static int select_try_all(struct chp_chan *const *ch, u64 *value)
{
	return chp_try_recv(ch[0], value) == -EAGAIN &&
	       chp_try_send(ch[1], value) == -EAGAIN &&
	       chp_try_recv(ch[2], value) == -EAGAIN &&
	       chp_try_send(ch[3], value) == -EAGAIN ? 0 : -EINVAL;
}

/*
 * One operation: four attempts: a receive from an unbuffered channel, a send to
 * one, a receive from an empty buffered channel, and a send to one that is full.
 * As in Go, what they come to is not looked at each time.
 */
static s64 select_nonblock(const struct bench *bench)
{
	struct chp_chan *ch[4];
	unsigned int i;
	u64 value = 0;
	u64 took;
	int err;

	for (i = 0; i < ARRAY_SIZE(ch); i++)
		ch[i] = chp_chan_alloc(sizeof(u64), i / 2, "bench");
	chp_try_send(ch[3], &value);
	took = bench_clock();
	for (i = 0; i < bench->n; i++) {
		chp_try_recv(ch[0], &value);
		chp_try_send(ch[1], &value);
		chp_try_recv(ch[2], &value);
		chp_try_send(ch[3], &value);
	}
	took = bench_clock() - took;
	err = select_try_all(ch, &value);
	for (i = 0; i < ARRAY_SIZE(ch); i++)
		chp_chan_put(ch[i]);
	return err ?: took;
}

const struct bench select_benches[] = {
	{ "select_two_ready", "chanpat", select_ready, 10000 },
	{ "select_uncontended", "chanpat", select_uncontended, 50000 },
	{ "select_async_contended", "chanpat", select_uncontended, 50000 },
	{ "select_nonblock", "chanpat", select_nonblock, 50000 },
	{}
};
