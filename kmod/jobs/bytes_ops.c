// SPDX-License-Identifier: GPL-2.0
/* Operations on byte strings: grep, upper, len. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/textsearch.h>
#include "op.h"

struct grep_state {
	struct ts_config *pattern;	/* NULL when every string has it */
};

static int grep_open(struct chp_op_stage *st, struct chp_reject *why)
{
	const struct chp_arg *text = &st->spec->args[0];
	struct grep_state *grep = st->state;
	struct ts_config *pattern;

	if (!text->len)
		return 0;
	/* Not "bm", which takes the cube of the length for some patterns. */
	pattern = textsearch_prepare("kmp", text->bytes, text->len, GFP_KERNEL,
				     TS_AUTOLOAD);
	if (!IS_ERR(pattern)) {
		grep->pattern = pattern;
		return 0;
	}
	if (PTR_ERR(pattern) == -ENOENT)
		scnprintf(why->reason, sizeof(why->reason),
			  "the kernel's text search \"kmp\" (module ts_kmp) is not there");
	return PTR_ERR(pattern);
}

static void grep_close(struct chp_op_stage *st)
{
	struct grep_state *grep = st->state;

	if (grep->pattern)
		textsearch_destroy(grep->pattern);
}

static int grep_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	struct grep_state *grep = st->state;
	struct ts_state state = {};

	if (!grep->pattern)
		return CHP_EMIT;
	if (textsearch_find_continuous(grep->pattern, &state, item->bytes->data,
				       item->bytes->len) != UINT_MAX)
		return CHP_EMIT;
	chp_item_drop(item);
	return CHP_DROP;
}

const struct chp_op chp_op_grep = {
	.desc = {
		.name = "grep",
		.help = "only byte strings with TEXT in them",
		.takes = CHP_T_BYTES,
		.makes = CHP_T_BYTES,
		.params = { { .name = "TEXT", .kind = CHP_P_BYTES } },
	},
	.state = sizeof(struct grep_state),
	.open = grep_open,
	.close = grep_close,
	.item = grep_item,
};

/* ASCII alone: the kernel's toupper() would change bytes of UTF-8. */
static int upper_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	struct chp_bytes *bytes = item->bytes;
	u32 i;

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
	.item = upper_item,
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
	.item = len_item,
};
