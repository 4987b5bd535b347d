// SPDX-License-Identifier: GPL-2.0
/* The table of operations, by families; people read it in this order. */
#include <linux/kernel.h>
#include "../compat.h"
#include "op.h"
#include "registry.h"

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

/* Those that are built in, then those of other modules. */
static const struct chp_op_desc *op_next(const struct chp_op_set *set,
					 const struct chp_op_desc *prev)
{
	unsigned int i = 0;

	if (prev) {
		while (i < ARRAY_SIZE(op_table) && &op_table[i]->desc != prev)
			i++;
		if (i == ARRAY_SIZE(op_table))
			return chp_registry_next(prev);
		i++;
	}
	return i < ARRAY_SIZE(op_table) ? &op_table[i]->desc :
					  chp_registry_next(NULL);
}

/* Looked at under chp_ops_lock(). */
const struct chp_op_set chp_ops = { .next = op_next };
EXPORT_SYMBOL_CHP_TESTS(chp_ops);

static const struct chp_arg *op_arg(const struct chp_op_stage *st,
				    unsigned int i)
{
	static const struct chp_arg none;

	return i < CHP_PARAM_MAX ? &st->spec->args[i] : &none;
}

/**
 * chp_op_given() - whether the line has an argument for a parameter
 * @st: passed to the operation's functions
 * @i: of the parameter, from 0
 *
 * Context: any.
 */
bool chp_op_given(const struct chp_op_stage *st, unsigned int i)
{
	return op_arg(st, i)->given;
}
EXPORT_SYMBOL_CHP(chp_op_given);

/**
 * chp_op_arg() - the number that the line has for a parameter
 * @st: passed to the operation's functions
 * @i: of the parameter, from 0
 *
 * Context: any.
 * Return: a number, nanoseconds, bytes, a descriptor, or a positive errno; 0
 * where an optional one was left out.
 */
s64 chp_op_arg(const struct chp_op_stage *st, unsigned int i)
{
	return op_arg(st, i)->num;
}
EXPORT_SYMBOL_CHP(chp_op_arg);

/**
 * chp_op_arg_bytes() - the text that the line has for a parameter
 * @st: passed to the operation's functions
 * @i: of the parameter, from 0
 * @len: set to its length; it is not ended by NUL
 *
 * Context: any.
 * Return: the text, until the stage is closed; NULL where there is none.
 */
const char *chp_op_arg_bytes(const struct chp_op_stage *st, unsigned int i,
			     size_t *len)
{
	const struct chp_arg *arg = op_arg(st, i);

	*len = arg->len;
	return arg->is_bytes ? arg->bytes : NULL;
}
EXPORT_SYMBOL_CHP(chp_op_arg_bytes);

/**
 * chp_op_state() - the state of a stage
 * @st: passed to the operation's functions
 *
 * Context: any.
 * Return: @chp_op.state bytes, zeroed before @chp_op.open; for all workers.
 */
void *chp_op_state(const struct chp_op_stage *st)
{
	return st->state;
}
EXPORT_SYMBOL_CHP(chp_op_state);

/**
 * chp_op_fail_job() - end the job with an error
 * @st: passed to the operation's functions
 * @err: negative errno; of several the first stage's is the job's status
 *
 * Context: the operation's functions.
 * Return: CHP_STOP, for the function to return after chp_item_drop().
 */
int chp_op_fail_job(struct chp_op_stage *st, int err)
{
	/* Read after all workers have ended. */
	WRITE_ONCE(st->failed, -err);
	return CHP_STOP;
}
EXPORT_SYMBOL_CHP(chp_op_fail_job);

/**
 * chp_op_refuse() - say why a line cannot be accepted
 * @why: passed to @chp_op.open
 * @err: negative errno
 * @fmt: the reason, for people, without a newline
 *
 * Context: @chp_op.open.
 * Return: @err, to be returned.
 */
int chp_op_refuse(struct chp_reject *why, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(why->reason, sizeof(why->reason), fmt, args);
	va_end(args);
	return err;
}
EXPORT_SYMBOL_CHP(chp_op_refuse);
