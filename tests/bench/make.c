// SPDX-License-Identifier: GPL-2.0
/* Channels that are made, and go again. */
#include <linux/err.h>
#include <chanpat/chan.h>
#include "bench.h"

static s64 make_and_free(const struct bench *bench, size_t elem_size,
			 unsigned int cap)
{
	struct chp_chan *ch;
	unsigned int i;
	u64 took;

	took = bench_clock();
	for (i = 0; i < bench->n; i++) {
		ch = chp_chan_alloc(elem_size, cap, "bench");
		if (IS_ERR(ch))
			return PTR_ERR(ch);
		chp_chan_put(ch);
	}
	return bench_clock() - took;
}

/* One operation: a channel with room for ten is made, and goes again. */
static s64 make_channel(const struct bench *bench)
{
	return make_and_free(bench, sizeof(u64), 10);
}

/* The same with room for eight elements of @arg bytes. */
static s64 make_chan(const struct bench *bench)
{
	return make_and_free(bench, bench->arg, 8);
}

/*
 * One operation: a channel with room for one is made, an element is sent and
 * received, and it goes again.
 */
static s64 make_and_use(const struct bench *bench)
{
	struct chp_chan *ch;
	unsigned int i;
	u64 value = 0;
	int err = 0;
	u64 took;

	took = bench_clock();
	for (i = 0; i < bench->n && !err; i++) {
		ch = chp_chan_alloc(sizeof(u64), 1, "bench");
		if (IS_ERR(ch))
			return PTR_ERR(ch);
		err = chp_send(NULL, ch, &value) ?: chp_recv(NULL, ch, &value);
		chp_chan_put(ch);
	}
	return err ?: bench_clock() - took;
}

const struct bench make_benches[] = {
	{ "make_channel", "chanpat", make_channel, 100000 },
	{ "make_chan_byte", "chanpat", make_chan, 100000, 1 },
	{ "make_chan_int", "chanpat", make_chan, 100000, sizeof(u64) },
	{ "make_chan_ptr", "chanpat", make_chan, 100000, sizeof(void *) },
	{ "make_chan_struct_0", "chanpat", make_chan, 100000, 0 },
	{ "make_chan_struct_32", "chanpat", make_chan, 100000, 32 },
	{ "make_chan_struct_40", "chanpat", make_chan, 100000, 40 },
	{ "chan_creation", "chanpat", make_and_use, 100000 },
	{}
};
