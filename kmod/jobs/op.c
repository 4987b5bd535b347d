// SPDX-License-Identifier: GPL-2.0
/* The table of operations. */
#include <linux/kernel.h>
#include "../compat.h"
#include "op.h"

static const struct chp_op * const op_table[] = {
	&chp_op_gen,
	&chp_op_rand,
	&chp_op_values,
	&chp_op_tick,
	&chp_op_lines,
	&chp_op_double,
	&chp_op_add,
	&chp_op_mul,
	&chp_op_gt,
	&chp_op_lt,
	&chp_op_even,
	&chp_op_odd,
	&chp_op_take,
	&chp_op_count,
	&chp_op_sum,
	&chp_op_min,
	&chp_op_max,
	&chp_op_grep,
	&chp_op_upper,
	&chp_op_len,
	&chp_op_crc32c,
	&chp_op_sha256,
	&chp_op_sleep,
	&chp_op_fail,
	&chp_op_null,
};

static const struct chp_op_desc *op_next(const struct chp_op_set *set,
					 const struct chp_op_desc *prev)
{
	unsigned int i = 0;

	if (prev)
		while (&op_table[i++]->desc != prev)
			;
	return i < ARRAY_SIZE(op_table) ? &op_table[i]->desc : NULL;
}

const struct chp_op_set chp_ops = { .next = op_next };
EXPORT_SYMBOL_CHP_TESTS(chp_ops);
