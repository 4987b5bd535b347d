/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations: named functions on items that a stage runs.
 *
 * An operation is one struct chp_op in the file of its family, and one entry
 * in the table of op.c.
 */
#ifndef CHP_JOBS_OP_H
#define CHP_JOBS_OP_H

#include <linux/container_of.h>
#include <linux/errno.h>
#include <chanpat/stage.h>
#include "item.h"
#include "spec.h"

struct chp_quota;

/**
 * struct chp_op_stage - an operation at work in a stage of a job
 * @op: what it does
 * @spec: its arguments
 * @index: of the stage, from 0
 * @quota: to charge byte strings to
 * @files: descriptors are those of current, with its rights
 * @failed: a positive errno when the source cannot go on; ends the job
 * @state: of @op->state bytes, zeroed; for all workers of the stage
 */
struct chp_op_stage {
	const struct chp_op *op;
	const struct chp_stage_spec *spec;
	unsigned int index;
	struct chp_quota *quota;
	bool files;
	int failed;
	void *state;
};

/**
 * struct chp_op - an operation
 * @desc: what the parser has to know
 * @state: bytes of state for a stage
 * @sleeps: @item blocks for long, so the workers are threads
 * @open: in the context of the one who submits the line, may sleep; a negative
 *	errno rejects the line, with the reason, when @why is set, in it
 * @close: undoes @open, may sleep
 * @item: as in struct chp_stage_ops; the item is of a type that @desc takes.
 *	A negative errno makes it an item error, and the stage goes on
 * @end: as in struct chp_stage_ops
 */
struct chp_op {
	struct chp_op_desc desc;
	size_t state;
	bool sleeps;
	int (*open)(struct chp_op_stage *st, struct chp_reject *why);
	void (*close)(struct chp_op_stage *st);
	int (*item)(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item);
	int (*end)(struct chp_op_stage *st, struct chp_item *item);
};

static inline const struct chp_op *chp_op_of(const struct chp_op_desc *desc)
{
	return container_of(desc, struct chp_op, desc);
}

static inline s64 chp_op_num(const struct chp_op_stage *st, unsigned int i)
{
	return st->spec->args[i].num;
}

extern const struct chp_op_set chp_ops;

/* Sources, in source.c and lines.c. */
extern const struct chp_op chp_op_gen;
extern const struct chp_op chp_op_rand;
extern const struct chp_op chp_op_values;
extern const struct chp_op chp_op_tick;
extern const struct chp_op chp_op_lines;
/* Numbers, in number_ops.c. */
extern const struct chp_op chp_op_double;
extern const struct chp_op chp_op_add;
extern const struct chp_op chp_op_mul;
extern const struct chp_op chp_op_gt;
extern const struct chp_op chp_op_lt;
extern const struct chp_op chp_op_even;
extern const struct chp_op chp_op_odd;
/* Reductions, in reduce.c. */
extern const struct chp_op chp_op_count;
extern const struct chp_op chp_op_sum;
extern const struct chp_op chp_op_min;
extern const struct chp_op chp_op_max;
/* Byte strings, in bytes_ops.c and digest.c. */
extern const struct chp_op chp_op_grep;
extern const struct chp_op chp_op_upper;
extern const struct chp_op chp_op_len;
extern const struct chp_op chp_op_crc32c;
extern const struct chp_op chp_op_sha256;
/* What steers the flow, in flow.c. */
extern const struct chp_op chp_op_take;
extern const struct chp_op chp_op_sleep;
extern const struct chp_op chp_op_fail;
extern const struct chp_op chp_op_null;

#endif
