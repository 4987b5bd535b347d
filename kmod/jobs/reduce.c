// SPDX-License-Identifier: GPL-2.0
/* Reductions: one item for all that came. They keep state: one worker. */
#include <linux/minmax.h>
#include <linux/overflow.h>
#include "op.h"

/**
 * struct reduce_state - what has come so far
 * @value: the result
 * @any: there was an item
 * @failed: it does not fit, and no result will be given
 */
struct reduce_state {
	s64 value;
	bool any;
	bool failed;
};

static int reduce_end_always(struct chp_op_stage *st, struct chp_item *item)
{
	struct reduce_state *r = st->state;

	if (r->failed)
		return CHP_DROP;
	chp_item_set_num(item, r->value);
	return CHP_EMIT;
}

/* The least of nothing is nothing. */
static int reduce_end_any(struct chp_op_stage *st, struct chp_item *item)
{
	struct reduce_state *r = st->state;

	return r->any ? reduce_end_always(st, item) : CHP_DROP;
}

static int count_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	struct reduce_state *r = st->state;

	r->value++;
	chp_item_drop(item);
	return CHP_DROP;
}

/* The error takes the place of the sum: a part of it would be a wrong value. */
static int sum_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	struct reduce_state *r = st->state;

	if (r->failed)
		return CHP_DROP;
	r->failed = check_add_overflow(r->value, item->num, &r->value);
	return r->failed ? -EOVERFLOW : CHP_DROP;
}

static int min_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	struct reduce_state *r = st->state;

	r->value = r->any ? min(r->value, item->num) : item->num;
	r->any = true;
	return CHP_DROP;
}

static int max_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	struct reduce_state *r = st->state;

	r->value = r->any ? max(r->value, item->num) : item->num;
	r->any = true;
	return CHP_DROP;
}

/**
 * struct mean_state - a sum of 128 bits, which as many numbers as can come fit in
 * @high: of the sum, with its sign
 * @low: of the sum
 * @count: of the numbers
 */
struct mean_state {
	s64 high;
	u64 low;
	u64 count;
};

static int mean_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	struct mean_state *m = st->state;

	m->high += check_add_overflow(m->low, (u64)item->num, &m->low);
	m->high -= item->num < 0;
	m->count++;
	return CHP_DROP;
}

/* @high:@low divided by @by, where @high is less: so the quotient has 64 bits. */
static u64 mean_divide(u64 high, u64 low, u64 by)
{
	int i;

	for (i = 0; i < 64; i++) {
		high = high << 1 | low >> 63;
		low <<= 1;
		if (high >= by) {
			high -= by;
			low |= 1;
		}
	}
	return low;
}

/* Cut off towards zero, as by div. The mean of nothing is nothing. */
static int mean_end(struct chp_op_stage *st, struct chp_item *item)
{
	struct mean_state *m = st->state;
	bool negative = m->high < 0;
	u64 high = m->high, low = m->low;

	if (!m->count)
		return CHP_DROP;
	if (negative) {
		low = -low;
		high = ~high + !low;
	}
	low = mean_divide(high, low, m->count);
	/* No more than the largest amount among the numbers: it fits. */
	chp_item_set_num(item, negative ? -low : low);
	return CHP_EMIT;
}

#define REDUCE_OP(NAME, HELP, TAKES, STATE, END)			\
	const struct chp_op chp_op_##NAME = {				\
		.desc = {						\
			.name = #NAME,					\
			.help = HELP,					\
			.flags = CHP_OP_STATE | CHP_OP_MANY,		\
			.takes = TAKES,					\
			.makes = CHP_T_NUM,				\
		},							\
		.state = sizeof(struct STATE),				\
		.light = true,						\
		.item = NAME##_item,					\
		.end = END,						\
	}

REDUCE_OP(count, "how many items came", CHP_T_ANY, reduce_state,
	  reduce_end_always);
REDUCE_OP(sum, "the sum of the numbers", CHP_T_NUM, reduce_state,
	  reduce_end_always);
REDUCE_OP(min, "the least number, if any came", CHP_T_NUM, reduce_state,
	  reduce_end_any);
REDUCE_OP(max, "the greatest number, if any came", CHP_T_NUM, reduce_state,
	  reduce_end_any);
REDUCE_OP(mean, "the mean of the numbers, cut off towards zero, if any came",
	  CHP_T_NUM, mean_state, mean_end);
