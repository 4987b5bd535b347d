// SPDX-License-Identifier: GPL-2.0
/*
 * Operations that pick items by their place: take, skip, first, last. Errors
 * pass, and are not counted. They keep state: one worker.
 */
#include "op.h"

static int pick_up_to(struct chp_op_stage *st, struct chp_item *item, u64 n)
{
	u64 *taken = st->state;

	if (*taken >= n) {
		chp_item_drop(item);
		return CHP_STOP;
	}
	return ++*taken == n ? CHP_LAST : CHP_EMIT;
}

static int take_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	return pick_up_to(st, item, chp_op_num(st, 0));
}

const struct chp_op chp_op_take = {
	.desc = {
		.name = "take",
		.help = "the first N items, then the end",
		.flags = CHP_OP_STATE | CHP_OP_MANY,
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
		.params = { { .name = "N", .kind = CHP_P_NUM, .bounded = true } },
	},
	.light = true,
	.state = sizeof(u64),
	.item = take_item,
};

static int first_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	return pick_up_to(st, item, 1);
}

const struct chp_op chp_op_first = {
	.desc = {
		.name = "first",
		.help = "the first item, then the end",
		.flags = CHP_OP_STATE | CHP_OP_MANY,
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
	},
	.light = true,
	.state = sizeof(u64),
	.item = first_item,
};

static int skip_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	u64 *skipped = st->state;

	if (*skipped >= chp_op_num(st, 0))
		return CHP_EMIT;
	++*skipped;
	chp_item_drop(item);
	return CHP_DROP;
}

const struct chp_op chp_op_skip = {
	.desc = {
		.name = "skip",
		.help = "all items but the first N",
		.flags = CHP_OP_STATE | CHP_OP_MANY,
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
		.params = { { .name = "N", .kind = CHP_P_NUM, .bounded = true } },
	},
	.light = true,
	.state = sizeof(u64),
	.item = skip_item,
};

/**
 * struct last_state - what could be the last item
 * @any: there was an item
 * @item: the latest one
 */
struct last_state {
	bool any;
	struct chp_item item;
};

static int last_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	struct last_state *last = st->state;

	chp_item_drop(&last->item);
	last->item = *item;
	/* It has left its flight; what is said at the end is in none. */
	last->item.flight = 0;
	last->any = true;
	return CHP_DROP;
}

static int last_end(struct chp_op_stage *st, struct chp_item *item)
{
	struct last_state *last = st->state;

	if (!last->any)
		return CHP_DROP;
	*item = last->item;
	chp_item_set_num(&last->item, 0);
	return CHP_EMIT;
}

static void last_close(struct chp_op_stage *st)
{
	struct last_state *last = st->state;

	chp_item_drop(&last->item);
}

const struct chp_op chp_op_last = {
	.desc = {
		.name = "last",
		.help = "the last item, if any came",
		.flags = CHP_OP_STATE | CHP_OP_MANY,
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
	},
	.light = true,
	.state = sizeof(struct last_state),
	.close = last_close,
	.item = last_item,
	.end = last_end,
};
