// SPDX-License-Identifier: GPL-2.0
/* The table of operations, by families; people read it in this order. */
#include <linux/kernel.h>
#include "../compat.h"
#include "op.h"

static const struct chp_op * const op_table[] = {
	/* Sources */
	&chp_op_gen,
	&chp_op_rand,
	&chp_op_values,
	&chp_op_tick,
	&chp_op_lines,
	&chp_op_in,
	&chp_op_merge,
	&chp_op_tee,
	&chp_op_chunks,
	/* Numbers */
	&chp_op_double,
	&chp_op_add,
	&chp_op_sub,
	&chp_op_mul,
	&chp_op_div,
	&chp_op_mod,
	&chp_op_neg,
	&chp_op_abs,
	&chp_op_square,
	&chp_op_gt,
	&chp_op_ge,
	&chp_op_lt,
	&chp_op_le,
	&chp_op_eq,
	&chp_op_ne,
	&chp_op_even,
	&chp_op_odd,
	/* Both types */
	&chp_op_take,
	&chp_op_skip,
	&chp_op_first,
	&chp_op_last,
	&chp_op_distinct,
	&chp_op_batch,
	/* Reductions */
	&chp_op_count,
	&chp_op_sum,
	&chp_op_min,
	&chp_op_max,
	&chp_op_mean,
	/* Byte strings */
	&chp_op_grep,
	&chp_op_upper,
	&chp_op_lower,
	&chp_op_len,
	&chp_op_split,
	&chp_op_join,
	&chp_op_int,
	&chp_op_str,
	&chp_op_hex,
	/* Digests */
	&chp_op_crc32c,
	&chp_op_xxhash,
	&chp_op_sha256,
	&chp_op_sha512,
	/* Compression */
	&chp_op_zstd,
	&chp_op_unzstd,
	/* Control */
	&chp_op_sleep,
	&chp_op_spin,
	&chp_op_fail,
	/* Sinks */
	&chp_op_null,
	&chp_op_out,
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
