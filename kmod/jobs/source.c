// SPDX-License-Identifier: GPL-2.0
/* Sources that make their items: gen, rand, values, tick. */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/string.h>
#include "op.h"

struct gen_state {
	s64 next;
	bool over;
};

static int gen_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct gen_state *gen = st->state;
	const struct chp_arg *step = &st->spec->args[2];

	gen->next = chp_op_num(st, 0);
	if (!step->given || step->num)
		return 0;
	strscpy(why->reason, "the step of \"gen\" must not be 0",
		sizeof(why->reason));
	return -EINVAL;
}

static bool gen_passed(const struct chp_op_stage *st, s64 value, s64 step)
{
	const struct chp_arg *last = &st->spec->args[1];

	if (last->inf)
		return false;
	return step > 0 ? value > last->num : value < last->num;
}

/* Where the numbers end a sequence with a LAST is over; "inf" has failed. */
static int gen_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	struct gen_state *gen = st->state;
	const struct chp_arg *arg = &st->spec->args[2];
	s64 step = arg->given ? arg->num : 1, value = gen->next;

	if (gen->over) {
		if (!st->spec->args[1].inf)
			return CHP_STOP;
		st->failed = EOVERFLOW;
		return CHP_STOP;
	}
	if (gen_passed(st, value, step))
		return CHP_STOP;
	gen->over = check_add_overflow(value, step, &gen->next);
	chp_item_set_num(item, value);
	return CHP_EMIT;
}

const struct chp_op chp_op_gen = {
	.desc = {
		.name = "gen",
		.help = "numbers from FIRST to LAST, which is included",
		.flags = CHP_OP_SOURCE,
		.makes = CHP_T_NUM,
		.params = {
			{ .name = "FIRST", .kind = CHP_P_NUM },
			{ .name = "LAST", .kind = CHP_P_LAST },
			{ .name = "STEP", .kind = CHP_P_NUM, .optional = true },
		},
	},
	.light = true,
	.state = sizeof(struct gen_state),
	.open = gen_open,
	.item = gen_item,
};

static int rand_open(struct chp_op_stage *st, struct chp_reject *why)
{
	const struct chp_arg *seed = &st->spec->args[2];

	prandom_seed_state(st->state,
			   seed->given ? (u64)seed->num : get_random_u64());
	return 0;
}

static u64 rand_u64(struct rnd_state *rnd)
{
	u64 high = prandom_u32_state(rnd);

	return high << 32 | prandom_u32_state(rnd);
}

/* Values below the remainder would be drawn more often: draw again. */
static u64 rand_below(struct rnd_state *rnd, u64 max)
{
	u64 value, rest;

	div64_u64_rem(-max, max, &rest);
	do {
		value = rand_u64(rnd);
	} while (value < rest);
	div64_u64_rem(value, max, &rest);
	return rest;
}

static int rand_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	if (chp_worker_seq(worker) >= chp_op_num(st, 0))
		return CHP_STOP;
	chp_item_set_num(item, rand_below(st->state, chp_op_num(st, 1)));
	return CHP_EMIT;
}

const struct chp_op chp_op_rand = {
	.desc = {
		.name = "rand",
		.help = "COUNT random numbers from 0 to MAX - 1",
		.flags = CHP_OP_SOURCE,
		.makes = CHP_T_NUM,
		.params = {
			{ .name = "COUNT", .kind = CHP_P_NUM, .bounded = true },
			{ .name = "MAX", .kind = CHP_P_NUM, .bounded = true,
			  .min = 1 },
			{ .name = "seed", .kind = CHP_P_NUM, .keyword = true,
			  .optional = true },
		},
	},
	.light = true,
	.state = sizeof(struct rnd_state),
	.open = rand_open,
	.item = rand_item,
};

static int values_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	u64 i = chp_worker_seq(worker);
	const struct chp_arg *value;
	struct chp_bytes *bytes;

	if (i >= st->spec->nr_more)
		return CHP_STOP;
	value = &st->spec->more[i];
	if (!value->is_bytes) {
		chp_item_set_num(item, value->num);
		return CHP_EMIT;
	}
	bytes = chp_bytes_alloc(st->quota, value->len);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	memcpy(bytes->data, value->bytes, value->len);
	chp_item_set_bytes(item, bytes);
	return CHP_EMIT;
}

const struct chp_op chp_op_values = {
	.desc = {
		.name = "values",
		.help = "the numbers and strings that stand in the line",
		.flags = CHP_OP_SOURCE,
		.makes = CHP_T_ANY,
		.params = {
			{ .name = "V", .kind = CHP_P_VALUE, .many = true },
		},
	},
	.light = true,
	.item = values_item,
};

struct tick_state {
	ktime_t next;
};

static int tick_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct tick_state *tick = st->state;

	tick->next = ktime_get();
	return 0;
}

/*
 * Ticks stand at multiples of the period after the start, whatever an item
 * takes. A reader that is late misses the times, as with Go's tickers, but no
 * item.
 */
static int tick_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	struct tick_state *tick = st->state;
	s64 period = chp_op_num(st, 0), wait;
	u64 seq = chp_worker_seq(worker);

	if (seq >= chp_op_num(st, 1))
		return CHP_STOP;
	tick->next = ktime_add_safe(tick->next, period);
	wait = ktime_sub(tick->next, ktime_get());
	if (wait > 0)
		chp_worker_delay(worker, wait);
	else if (period)
		tick->next += div64_s64(-wait, period) * period;
	chp_item_set_num(item, seq + 1);
	return CHP_EMIT;
}

const struct chp_op chp_op_tick = {
	.desc = {
		.name = "tick",
		.help = "the numbers from 1 to COUNT, one every DUR",
		.flags = CHP_OP_SOURCE,
		.makes = CHP_T_NUM,
		.params = {
			{ .name = "DUR", .kind = CHP_P_DUR },
			{ .name = "COUNT", .kind = CHP_P_NUM, .bounded = true },
		},
	},
	.state = sizeof(struct tick_state),
	.open = tick_open,
	.item = tick_item,
};
