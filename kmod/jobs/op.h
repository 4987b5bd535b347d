/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations: named functions on items that a stage runs.
 *
 * An operation is one struct chp_op, see <chanpat/op.h>, in the file of its
 * family, and one entry in the table of op.c.
 */
#ifndef CHP_JOBS_OP_H
#define CHP_JOBS_OP_H

#include <linux/container_of.h>
#include <linux/errno.h>
#include <chanpat/op.h>
#include "item.h"
#include "spec.h"

struct chp_chan;
struct chp_job;
struct chp_quota;
struct chp_sem;

/**
 * struct chp_op_stage - an operation at work in a stage of a job
 * @op: what it does
 * @spec: its arguments
 * @job: whose stage it is
 * @index: of the stage, from 0
 * @quota: to charge byte strings to
 * @files: descriptors are those of current, with its rights
 * @sem: a unit of it is held for each item that is worked on; or NULL
 * @input: of a source whose items are pushed; else NULL
 * @quick: set by @op->open: though @op sleeps, it never does so for long
 * @failed: a positive errno when a source or a sink cannot go on; ends the job
 * @state: of @op->state bytes, zeroed; for all workers of the stage
 */
struct chp_op_stage {
	const struct chp_op *op;
	const struct chp_stage_spec *spec;
	struct chp_job *job;
	unsigned int index;
	struct chp_quota *quota;
	bool files;
	struct chp_sem *sem;
	struct chp_chan *input;
	bool quick;
	int failed;
	void *state;
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

/* Sources, in source.c, lines.c and chunks.c. */
extern const struct chp_op chp_op_gen;
extern const struct chp_op chp_op_rand;
extern const struct chp_op chp_op_values;
extern const struct chp_op chp_op_tick;
extern const struct chp_op chp_op_lines;
/* What is pushed, in input.c; what has branches, in branches.c. */
extern const struct chp_op chp_op_in;
extern const struct chp_op chp_op_merge;
extern const struct chp_op chp_op_tee;
extern const struct chp_op chp_op_chunks;
/* Numbers, in number_ops.c. */
extern const struct chp_op chp_op_double;
extern const struct chp_op chp_op_add;
extern const struct chp_op chp_op_sub;
extern const struct chp_op chp_op_mul;
extern const struct chp_op chp_op_div;
extern const struct chp_op chp_op_mod;
extern const struct chp_op chp_op_neg;
extern const struct chp_op chp_op_abs;
extern const struct chp_op chp_op_square;
extern const struct chp_op chp_op_gt;
extern const struct chp_op chp_op_ge;
extern const struct chp_op chp_op_lt;
extern const struct chp_op chp_op_le;
extern const struct chp_op chp_op_eq;
extern const struct chp_op chp_op_ne;
extern const struct chp_op chp_op_even;
extern const struct chp_op chp_op_odd;
/* Some of the items that come, in pick.c and distinct.c. */
extern const struct chp_op chp_op_take;
extern const struct chp_op chp_op_skip;
extern const struct chp_op chp_op_first;
extern const struct chp_op chp_op_last;
extern const struct chp_op chp_op_distinct;
/* Several items in one, and one in several, in join.c and split.c. */
extern const struct chp_op chp_op_batch;
extern const struct chp_op chp_op_join;
extern const struct chp_op chp_op_split;
/* Reductions, in reduce.c. */
extern const struct chp_op chp_op_count;
extern const struct chp_op chp_op_sum;
extern const struct chp_op chp_op_min;
extern const struct chp_op chp_op_max;
extern const struct chp_op chp_op_mean;
/* Byte strings, in grep.c and bytes_ops.c. */
extern const struct chp_op chp_op_grep;
extern const struct chp_op chp_op_upper;
extern const struct chp_op chp_op_lower;
extern const struct chp_op chp_op_len;
extern const struct chp_op chp_op_int;
extern const struct chp_op chp_op_str;
extern const struct chp_op chp_op_hex;
/* Digests, in digest.c; compression, in zstd.c. */
extern const struct chp_op chp_op_crc32c;
extern const struct chp_op chp_op_xxhash;
extern const struct chp_op chp_op_sha256;
extern const struct chp_op chp_op_sha512;
extern const struct chp_op chp_op_zstd;
extern const struct chp_op chp_op_unzstd;
/* What takes time or fails, in flow.c. */
extern const struct chp_op chp_op_sleep;
extern const struct chp_op chp_op_spin;
extern const struct chp_op chp_op_fail;
/* Sinks, in flow.c and out.c. */
extern const struct chp_op chp_op_null;
extern const struct chp_op chp_op_out;

#endif
