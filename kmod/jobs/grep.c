// SPDX-License-Identifier: GPL-2.0
/* The operation "grep", by the kernel's textsearch. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/textsearch.h>
#include "op.h"

/* A string is searched in pieces of as many bytes where case is ignored. */
#define FOLD_BLOCK 128

/**
 * struct grep_state - what is searched for
 * @patterns: any of them will do
 * @nr: how many there are; 0 when every string has one
 */
struct grep_state {
	struct ts_config **patterns;
	u32 nr;
};

/**
 * struct fold - a string that is read in small letters
 * @bytes: the string
 * @block: a piece of it
 */
struct fold {
	const struct chp_bytes *bytes;
	u8 block[FOLD_BLOCK];
};

/*
 * ASCII alone. The kernel's own way to ignore case changes bytes of UTF-8 too,
 * and finds characters that are not there.
 */
static u8 fold_byte(u8 c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static void fold_copy(u8 *to, const u8 *from, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		to[i] = fold_byte(from[i]);
}

static unsigned int fold_next(unsigned int consumed, const u8 **block,
			      struct ts_config *pattern,
			      struct ts_state *state)
{
	struct fold *fold = *(struct fold **)state->cb;
	u32 len = min_t(u32, fold->bytes->len - consumed, FOLD_BLOCK);

	fold_copy(fold->block, fold->bytes->data + consumed, len);
	*block = fold->block;
	return len;
}

/* Not "bm", which takes the cube of the length for some patterns. */
static struct ts_config *grep_prepare(const char *text, u32 len)
{
	return textsearch_prepare("kmp", text, len, GFP_KERNEL, TS_AUTOLOAD);
}

static struct ts_config *grep_prepare_folded(const char *text, u32 len)
{
	u8 *folded = kmalloc(len, GFP_KERNEL_ACCOUNT);
	struct ts_config *pattern;

	if (!folded)
		return ERR_PTR(-ENOMEM);
	fold_copy(folded, text, len);
	pattern = grep_prepare(folded, len);
	if (!IS_ERR(pattern))
		pattern->get_next_block = fold_next;
	kfree(folded);
	return pattern;
}

static bool grep_icase(const struct chp_op_stage *st)
{
	return st->spec->args[1].given;
}

static void grep_close(struct chp_op_stage *st)
{
	struct grep_state *grep = st->state;

	while (grep->nr)
		textsearch_destroy(grep->patterns[--grep->nr]);
	kfree(grep->patterns);
}

/* Every string has the empty one in it. */
static bool grep_any_empty(const struct chp_stage_spec *spec)
{
	u32 i;

	for (i = 0; i < spec->nr_more; i++)
		if (!spec->more[i].len)
			return true;
	return false;
}

static int grep_add(struct chp_op_stage *st, const struct chp_arg *text)
{
	struct grep_state *grep = st->state;
	struct ts_config *pattern;

	if (grep_icase(st))
		pattern = grep_prepare_folded(text->bytes, text->len);
	else
		pattern = grep_prepare(text->bytes, text->len);
	if (IS_ERR(pattern))
		return PTR_ERR(pattern);
	grep->patterns[grep->nr++] = pattern;
	return 0;
}

static int grep_open(struct chp_op_stage *st, struct chp_reject *why)
{
	const struct chp_stage_spec *spec = st->spec;
	struct grep_state *grep = st->state;
	int err = 0;
	u32 i;

	if (grep_any_empty(spec))
		return 0;
	grep->patterns = kcalloc(spec->nr_more, sizeof(*grep->patterns),
				 GFP_KERNEL_ACCOUNT);
	if (!grep->patterns)
		return -ENOMEM;
	for (i = 0; !err && i < spec->nr_more; i++)
		err = grep_add(st, &spec->more[i]);
	if (!err)
		return 0;
	grep_close(st);
	if (err == -ENOENT)
		scnprintf(why->reason, sizeof(why->reason),
			  "the kernel's text search \"kmp\" (module ts_kmp) is not there");
	return err;
}

static bool grep_find(struct ts_config *pattern, const struct chp_bytes *bytes,
		      bool icase)
{
	struct fold fold = { .bytes = bytes };
	struct ts_state state = {};

	if (!icase)
		return textsearch_find_continuous(pattern, &state, bytes->data,
						  bytes->len) != UINT_MAX;
	*(struct fold **)state.cb = &fold;
	return textsearch_find(pattern, &state) != UINT_MAX;
}

static int grep_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	struct grep_state *grep = st->state;
	u32 i;

	for (i = 0; i < grep->nr; i++)
		if (grep_find(grep->patterns[i], item->bytes, grep_icase(st)))
			return CHP_EMIT;
	if (!grep->nr)
		return CHP_EMIT;
	chp_item_drop(item);
	return CHP_DROP;
}

const struct chp_op chp_op_grep = {
	.desc = {
		.name = "grep",
		.help = "only byte strings with one of the TEXTs in them; icase: A is a",
		.flags = CHP_OP_MANY,
		.takes = CHP_T_BYTES,
		.makes = CHP_T_BYTES,
		.params = {
			{ .name = "TEXT", .kind = CHP_P_BYTES, .many = true },
			{ .name = "icase", .kind = CHP_P_FLAG, .keyword = true,
			  .optional = true },
		},
	},
	.state = sizeof(struct grep_state),
	.open = grep_open,
	.close = grep_close,
	.item = grep_item,
};
