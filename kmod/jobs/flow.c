// SPDX-License-Identifier: GPL-2.0
/* Operations that take time, fail, or swallow: sleep, spin, fail, null. */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <chanpat/ctx.h>
#include "op.h"

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

/* What a worker takes from a CPU before it lets others have it. */
#define SPIN_SLICE	(100 * NSEC_PER_USEC)

static void spin_for(u64 ns)
{
	u64 start = ktime_get_ns();

	while (ktime_get_ns() - start < ns)
		cpu_relax();
}

/*
 * In a thread: the scheduler shares the CPUs between all who want them. The
 * time between two slices does not count, so that two workers on one CPU take
 * twice as long. When the context has ended the item goes nowhere.
 */
static int spin_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	u64 left = chp_op_num(st, 0), slice;

	while (left && !chp_ctx_err(chp_worker_ctx(worker))) {
		slice = min_t(u64, left, SPIN_SLICE);
		spin_for(slice);
		left -= slice;
		cond_resched();
	}
	return CHP_EMIT;
}

const struct chp_op chp_op_spin = {
	.desc = {
		.name = "spin",
		.help = "the item, after a time that keeps a CPU busy",
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
		.params = { { .name = "DUR", .kind = CHP_P_DUR } },
	},
	.sleeps = true,
	.item = spin_item,
};

static int fail_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	const struct chp_arg *err = &st->spec->args[1];
	u64 rest;

	/* An attempt that follows is a new chance. */
	if (chp_worker_attempt(worker))
		return CHP_EMIT;
	div64_u64_rem(chp_worker_seq(worker) + 1, chp_op_num(st, 0), &rest);
	if (rest)
		return CHP_EMIT;
	return err->given ? -err->num : -EIO;
}

const struct chp_op chp_op_fail = {
	.desc = {
		.name = "fail",
		.help = "an error in place of every N-th item, EIO unless named; a retry helps",
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
		.flags = CHP_OP_MANY,
		.takes = CHP_T_ANY,
	},
	.light = true,
	.item = null_item,
};
