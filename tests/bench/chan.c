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

/* One operation: a channel with room for ten is made, and goes again. */
static s64 chan_make(const struct bench *bench)
{
	struct chp_chan *ch;
	unsigned int i;
	u64 took;

	took = bench_clock();
	for (i = 0; i < bench->n; i++) {
		ch = chp_chan_alloc(sizeof(u64), 10, "bench");
		if (IS_ERR(ch))
			return PTR_ERR(ch);
		chp_chan_put(ch);
	}
	return bench_clock() - took;
}

const struct bench chan_benches[] = {
	{ "buffered_pair", "chanpat", chan_buffered, 100000 },
	{ "try_recv_empty", "chanpat", chan_try_recv, 100000 },
	{ "recv_closed", "chanpat", chan_recv_closed, 100000 },
	{ "make_channel", "chanpat", chan_make, 20000 },
	{}
};
