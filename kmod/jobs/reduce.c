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

#define REDUCE_OP(NAME, HELP, TAKES, END)				\
	const struct chp_op chp_op_##NAME = {				\
		.desc = {						\
			.name = #NAME,					\
			.help = HELP,					\
			.flags = CHP_OP_STATE,				\
			.takes = TAKES,					\
			.makes = CHP_T_NUM,				\
		},							\
		.state = sizeof(struct reduce_state),			\
		.item = NAME##_item,					\
		.end = END,						\
	}

REDUCE_OP(count, "how many items came", CHP_T_ANY, reduce_end_always);
REDUCE_OP(sum, "the sum of the numbers", CHP_T_NUM, reduce_end_always);
REDUCE_OP(min, "the least number, if any came", CHP_T_NUM, reduce_end_any);
REDUCE_OP(max, "the greatest number, if any came", CHP_T_NUM, reduce_end_any);
