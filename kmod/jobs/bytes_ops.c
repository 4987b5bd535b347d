// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on byte strings, and from one type to the other: upper, lower,
 * len, int, str, hex.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "../compat.h"
#include "number.h"
#include "op.h"

/* ASCII alone: the kernel's toupper() would change bytes of UTF-8. */
static int upper_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	int err = chp_item_own(item);
	struct chp_bytes *bytes = item->bytes;
	u32 i;

	if (err)
		return err;
	for (i = 0; i < bytes->len; i++)
		if (bytes->data[i] >= 'a' && bytes->data[i] <= 'z')
			bytes->data[i] -= 'a' - 'A';
	return CHP_EMIT;
}

const struct chp_op chp_op_upper = {
	.desc = {
		.name = "upper",
		.help = "the string with a to z in capital letters",
		.takes = CHP_T_BYTES,
		.makes = CHP_T_BYTES,
	},
	.light = true,
	.item = upper_item,
};

static int lower_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	int err = chp_item_own(item);
	struct chp_bytes *bytes = item->bytes;
	u32 i;

	if (err)
		return err;
	for (i = 0; i < bytes->len; i++)
		if (bytes->data[i] >= 'A' && bytes->data[i] <= 'Z')
			bytes->data[i] += 'a' - 'A';
	return CHP_EMIT;
}

const struct chp_op chp_op_lower = {
	.desc = {
		.name = "lower",
		.help = "the string with A to Z in small letters",
		.takes = CHP_T_BYTES,
		.makes = CHP_T_BYTES,
	},
	.light = true,
	.item = lower_item,
};

static int len_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	u32 len = item->bytes->len;

	chp_item_drop(item);
	chp_item_set_num(item, len);
	return CHP_EMIT;
}

const struct chp_op chp_op_len = {
	.desc = {
		.name = "len",
		.help = "the length of the string in bytes",
		.takes = CHP_T_BYTES,
		.makes = CHP_T_NUM,
	},
	.light = true,
	.item = len_item,
};

/* -EINVAL for what is no number, -ERANGE for one that does not fit. */
static int int_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	const struct chp_text text = {
		.at = item->bytes->data,
		.len = item->bytes->len,
	};
	s64 num;
	int err = chp_text_number(&text, &num);

	if (err)
		return err;
	chp_item_drop(item);
	chp_item_set_num(item, num);
	return CHP_EMIT;
}

const struct chp_op chp_op_int = {
	.desc = {
		.name = "int",
		.help = "the number that the string says, decimal or 0x",
		.takes = CHP_T_BYTES,
		.makes = CHP_T_NUM,
	},
	.light = true,
	.item = int_item,
};

static int str_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	struct chp_bytes *bytes;
	char num[24];
	int len = sprintf(num, "%lld", item->num);

	bytes = chp_bytes_alloc(st->quota, len);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	memcpy(bytes->data, num, len);
	chp_item_set_bytes(item, bytes);
	return CHP_EMIT;
}

const struct chp_op chp_op_str = {
	.desc = {
		.name = "str",
		.help = "the number as a byte string, decimal",
		.takes = CHP_T_NUM,
		.makes = CHP_T_BYTES,
	},
	.light = true,
	.item = str_item,
};

/* -EMSGSIZE for a string of which twice the length does not fit. */
static int hex_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	size_t len = item->bytes->len;
	struct chp_bytes *hex = chp_bytes_alloc(st->quota, 2 * len);

	if (IS_ERR(hex))
		return PTR_ERR(hex);
	bin2hex(hex->data, item->bytes->data, len);
	chp_item_drop(item);
	chp_item_set_bytes(item, hex);
	return CHP_EMIT;
}

const struct chp_op chp_op_hex = {
	.desc = {
		.name = "hex",
		.help = "the bytes of the string in hexadecimal",
		.takes = CHP_T_BYTES,
		.makes = CHP_T_BYTES,
	},
	.item = hex_item,
};
