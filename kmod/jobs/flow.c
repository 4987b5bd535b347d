// SPDX-License-Identifier: GPL-2.0
/* Operations that steer the flow of items: take, sleep, fail, null. */
#include <linux/math64.h>
#include "op.h"

static int take_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	u64 *taken = st->state, n = chp_op_num(st, 0);

	if (*taken >= n) {
		chp_item_drop(item);
		return CHP_STOP;
	}
	return ++*taken == n ? CHP_LAST : CHP_EMIT;
}

const struct chp_op chp_op_take = {
	.desc = {
		.name = "take",
		.help = "the first N items, then the end",
		.flags = CHP_OP_STATE,
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
		.params = { { .name = "N", .kind = CHP_P_NUM, .bounded = true } },
	},
	.state = sizeof(u64),
	.item = take_item,
};

static int sleep_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	chp_worker_delay(worker, chp_op_num(st, 0));
	return CHP_EMIT;
}

const struct chp_op chp_op_sleep = {
	.desc = {
		.name = "sleep",
		.help = "the item, after a time",
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
		.params = { { .name = "DUR", .kind = CHP_P_DUR } },
	},
	.item = sleep_item,
};

static int fail_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	const struct chp_arg *err = &st->spec->args[1];
	u64 rest;

	div64_u64_rem(chp_worker_seq(worker) + 1, chp_op_num(st, 0), &rest);
	if (rest)
		return CHP_EMIT;
	return err->given ? -err->num : -EIO;
}

const struct chp_op chp_op_fail = {
	.desc = {
		.name = "fail",
		.help = "an error in place of every N-th item, EIO unless named",
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
		.params = {
			{ .name = "every", .kind = CHP_P_NUM, .keyword = true,
			  .bounded = true, .min = 1 },
			{ .name = "errno", .kind = CHP_P_ERRNO, .keyword = true,
			  .optional = true },
		},
	},
	.item = fail_item,
};

static int null_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	chp_item_drop(item);
	return CHP_DROP;
}

const struct chp_op chp_op_null = {
	.desc = {
		.name = "null",
		.help = "nothing; errors pass",
		.takes = CHP_T_ANY,
	},
	.item = null_item,
};
