// SPDX-License-Identifier: GPL-2.0
/*
 * Several items in one byte string: batch and join. Numbers are written in
 * decimal. They keep state: one worker.
 *
 * An item that does not fit any more is -EMSGSIZE in its place, and the string
 * that it belongs to is not made: it would be a wrong value without it.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "op.h"
#include "quota.h"

/**
 * struct join_state - the string in the making
 * @buf: of CHP_BYTES_MAX bytes
 * @len: of what is in it
 * @count: items that have come for it
 * @failed: one of them did not fit
 */
struct join_state {
	char *buf;
	u32 len;
	u64 count;
	bool failed;
};

static int join_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct join_state *join = st->state;
	int err = chp_quota_charge(st->quota, CHP_BYTES_MAX);

	if (err)
		return err;
	join->buf = kvmalloc(CHP_BYTES_MAX, GFP_KERNEL_ACCOUNT);
	if (join->buf)
		return 0;
	chp_quota_release(st->quota, CHP_BYTES_MAX);
	return -ENOMEM;
}

static void join_close(struct chp_op_stage *st)
{
	struct join_state *join = st->state;

	kvfree(join->buf);
	chp_quota_release(st->quota, CHP_BYTES_MAX);
}

static bool join_append(struct join_state *join, const void *data, u32 len)
{
	if (len > CHP_BYTES_MAX - join->len)
		return false;
	memcpy(join->buf + join->len, data, len);
	join->len += len;
	return true;
}

static bool join_append_item(struct join_state *join,
			     const struct chp_item *item)
{
	char num[24];

	if (item->type == CHP_ITEM_BYTES)
		return join_append(join, item->bytes->data, item->bytes->len);
	return join_append(join, num, sprintf(num, "%lld", item->num));
}

/* Takes the item, unless it makes it an error. */
static int join_add(struct join_state *join, struct chp_item *item,
		    const char *sep, u32 sep_len)
{
	bool first = !join->count++;

	if (!join->failed) {
		join->failed = !(first || join_append(join, sep, sep_len)) ||
			       !join_append_item(join, item);
		if (join->failed)
			return -EMSGSIZE;
	}
	chp_item_drop(item);
	return CHP_DROP;
}

static void join_restart(struct join_state *join)
{
	join->len = 0;
	join->count = 0;
	join->failed = false;
}

/* The string, and on to the next one. */
static int join_emit(struct chp_op_stage *st, struct chp_item *item)
{
	struct join_state *join = st->state;
	struct chp_bytes *bytes = chp_bytes_alloc(st->quota, join->len);

	if (!IS_ERR(bytes)) {
		memcpy(bytes->data, join->buf, join->len);
		chp_item_set_bytes(item, bytes);
	}
	join_restart(join);
	return PTR_ERR_OR_ZERO(bytes) ?: CHP_EMIT;
}

static int batch_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	struct join_state *join = st->state;
	int verdict = join_add(join, item, " ", 1);

	if (join->count < chp_op_num(st, 0))
		return verdict;
	if (!join->failed)
		return join_emit(st, item);
	join_restart(join);
	return verdict;
}

static int batch_end(struct chp_op_stage *st, struct chp_item *item)
{
	struct join_state *join = st->state;

	return join->count && !join->failed ? join_emit(st, item) : CHP_DROP;
}

const struct chp_op chp_op_batch = {
	.desc = {
		.name = "batch",
		.help = "N items in one byte string, with blanks between them",
		.flags = CHP_OP_STATE | CHP_OP_MANY,
		.takes = CHP_T_ANY,
		.makes = CHP_T_BYTES,
		.params = { { .name = "N", .kind = CHP_P_NUM, .bounded = true,
			      .min = 1 } },
	},
	.state = sizeof(struct join_state),
	.open = join_open,
	.close = join_close,
	.item = batch_item,
	.end = batch_end,
};

static int join_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	const struct chp_arg *sep = &st->spec->args[0];

	if (!sep->given)
		return join_add(st->state, item, " ", 1);
	return join_add(st->state, item, sep->bytes, sep->len);
}

/* As the sum of nothing is 0, nothing joined is the empty string. */
static int join_end(struct chp_op_stage *st, struct chp_item *item)
{
	struct join_state *join = st->state;

	return join->failed ? CHP_DROP : join_emit(st, item);
}

const struct chp_op chp_op_join = {
	.desc = {
		.name = "join",
		.help = "all items in one byte string, with SEP or a blank between them",
		.flags = CHP_OP_STATE | CHP_OP_MANY,
		.takes = CHP_T_ANY,
		.makes = CHP_T_BYTES,
		.params = { { .name = "SEP", .kind = CHP_P_BYTES,
			      .optional = true } },
	},
	.state = sizeof(struct join_state),
	.open = join_open,
	.close = join_close,
	.item = join_item,
	.end = join_end,
};
