// SPDX-License-Identifier: GPL-2.0
/*
 * The operation "split": the pieces of a byte string, empty ones included. It
 * keeps the string while its pieces go out one by one: one worker.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "op.h"

/**
 * struct split_state - a string that is being split
 * @whole: the string, or the number 0 when there is none
 * @pos: of the next piece in it
 */
struct split_state {
	struct chp_item whole;
	u32 pos;
};

static int split_open(struct chp_op_stage *st, struct chp_reject *why)
{
	if (st->spec->args[0].len)
		return 0;
	scnprintf(why->reason, sizeof(why->reason),
		  "SEP of \"split\" must not be empty");
	return -EINVAL;
}

static void split_close(struct chp_op_stage *st)
{
	struct split_state *split = st->state;

	chp_item_drop(&split->whole);
}

/* Where the separator stands at @pos or after it; or @len. */
static u32 split_find(const struct chp_bytes *bytes, u32 pos,
		      const struct chp_arg *sep)
{
	const u8 *at = bytes->data + pos, *end = bytes->data + bytes->len;

	while ((at = memchr(at, sep->bytes[0], end - at))) {
		if (end - at < sep->len)
			break;
		if (!memcmp(at, sep->bytes, sep->len))
			return at - bytes->data;
		at++;
	}
	return bytes->len;
}

static int split_emit(struct chp_op_stage *st, struct chp_item *item,
		      const u8 *data, u32 len)
{
	struct chp_bytes *bytes = chp_bytes_alloc(st->quota, len);

	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	memcpy(bytes->data, data, len);
	chp_item_set_bytes(item, bytes);
	return CHP_MORE;
}

/* A piece that has no memory is an error, and no other follows it. */
static int split_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	const struct chp_arg *sep = &st->spec->args[0];
	struct split_state *split = st->state;
	const struct chp_bytes *bytes;
	int verdict;
	u32 end;

	if (!chp_worker_piece(worker)) {
		split->whole = *item;
		split->pos = 0;
		chp_item_set_num(item, 0);
	}
	bytes = split->whole.bytes;
	end = split_find(bytes, split->pos, sep);
	verdict = split_emit(st, item, bytes->data + split->pos,
			     end - split->pos);
	split->pos = end + sep->len;
	if (verdict == CHP_MORE && end < bytes->len)
		return CHP_MORE;
	chp_item_drop(&split->whole);
	return verdict < 0 ? verdict : CHP_EMIT;
}

const struct chp_op chp_op_split = {
	.desc = {
		.name = "split",
		.help = "the pieces of the string between SEP, empty ones too",
		.flags = CHP_OP_STATE | CHP_OP_MANY,
		.takes = CHP_T_BYTES,
		.makes = CHP_T_BYTES,
		.params = { { .name = "SEP", .kind = CHP_P_BYTES } },
	},
	.state = sizeof(struct split_state),
	.open = split_open,
	.close = split_close,
	.item = split_item,
};
