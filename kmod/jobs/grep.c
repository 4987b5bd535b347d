// SPDX-License-Identifier: GPL-2.0
/* The operation "grep", by the kernel's textsearch. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/textsearch.h>
#include "find.h"
#include "op.h"

/* A string is searched in pieces of as many bytes where case is ignored. */
#define FOLD_BLOCK 128

/* Places that look like the pattern, and are not, before textsearch goes on. */
#define GREP_TRIES 16

/**
 * struct grep_pattern - a text that is searched for
 * @search: finds it, in a time that grows with the string alone
 * @text: of the line
 * @rare: where in @text the byte stands that strings hardly have, so that looking
 *	for it alone passes over most of them
 */
struct grep_pattern {
	struct ts_config *search;
	const struct chp_arg *text;
	u32 rare;
};

/**
 * struct grep_state - what is searched for
 * @patterns: any of them will do
 * @nr: how many there are; 0 when every string has one
 */
struct grep_state {
	struct grep_pattern *patterns;
	u32 nr;
};

/* Bytes in texts, the most common one first; all others are rare. */
static const char grep_common[] =
	" etaoinsr0123456789hldcumf.-/:pgwybvkxjqz_";

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
		textsearch_destroy(grep->patterns[--grep->nr].search);
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

static size_t grep_rank(u8 byte)
{
	return chp_find_byte(grep_common, sizeof(grep_common) - 1, byte);
}

static u32 grep_rarest(const struct chp_arg *text)
{
	u32 i, rarest = 0;

	for (i = 1; i < text->len; i++)
		if (grep_rank(text->bytes[i]) > grep_rank(text->bytes[rarest]))
			rarest = i;
	return rarest;
}

static int grep_add(struct chp_op_stage *st, const struct chp_arg *text)
{
	struct grep_state *grep = st->state;
	struct ts_config *search;

	if (grep_icase(st))
		search = grep_prepare_folded(text->bytes, text->len);
	else
		search = grep_prepare(text->bytes, text->len);
	if (IS_ERR(search))
		return PTR_ERR(search);
	grep->patterns[grep->nr++] = (struct grep_pattern){
		.search = search,
		.text = text,
		.rare = grep_rarest(text),
	};
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

static bool grep_find_folded(const struct grep_pattern *pattern,
			     const struct chp_bytes *bytes)
{
	struct fold fold = { .bytes = bytes };
	struct ts_state state = {};

	*(struct fold **)state.cb = &fold;
	return textsearch_find(pattern->search, &state) != UINT_MAX;
}

static bool grep_find_rest(const struct grep_pattern *pattern, const u8 *rest,
			   u32 len)
{
	struct ts_state state = {};

	return textsearch_find_continuous(pattern->search, &state, rest,
					  len) != UINT_MAX;
}

/* @at is where the text may begin: as far as its rare byte can stand. */
static bool grep_find(const struct grep_pattern *pattern,
		      const struct chp_bytes *bytes)
{
	const struct chp_arg *text = pattern->text;
	const u8 *at = bytes->data;
	unsigned int tries = GREP_TRIES;
	u8 first = text->bytes[0], rare = text->bytes[pattern->rare];
	u32 places, i;

	if (bytes->len < text->len)
		return false;
	for (places = bytes->len - text->len + 1; places; places -= i + 1) {
		i = chp_find_byte(at + pattern->rare, places, rare);
		if (i == places)
			return false;
		at += i;
		if (*at == first && !memcmp(at, text->bytes, text->len))
			return true;
		at++;
		if (!--tries)
			return grep_find_rest(pattern, at,
					      bytes->data + bytes->len - at);
	}
	return false;
}

static int grep_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	struct grep_state *grep = st->state;
	bool icase = grep_icase(st);
	u32 i;

	for (i = 0; i < grep->nr; i++)
		if (icase ? grep_find_folded(&grep->patterns[i], item->bytes) :
			    grep_find(&grep->patterns[i], item->bytes))
			return CHP_EMIT;
	if (!grep->nr)
		return CHP_EMIT;
	chp_item_drop(item);
	return CHP_DROP;
}

#define GREP_LACKS	(IS_ENABLED(CONFIG_TEXTSEARCH) ? NULL : "CONFIG_TEXTSEARCH")

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
	.lacks = GREP_LACKS,
	.light = true,
	.open = GREP_LACKS ? NULL : grep_open,
	.close = GREP_LACKS ? NULL : grep_close,
	.item = GREP_LACKS ? NULL : grep_item,
};
