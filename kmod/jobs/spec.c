// SPDX-License-Identifier: GPL-2.0
/*
 * A line of the job language: its label, its options and its stages.
 *
 * The line is walked twice: the first walk checks all of it and counts what it
 * needs, the second one fills a block of just that size. So there is one
 * description of the language, a bad line allocates nothing, and a job holds
 * no more memory than it has words.
 */
#ifdef __KERNEL__
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include "../compat.h"
#endif

#include "parser.h"

int chp_reject_operator(struct chp_parser *p)
{
	return chp_reject(p->why, -EINVAL, p->word.col,
			  "\"%c\" has no meaning here, put it in quotes if it is text",
			  *p->word.all.at);
}

/* Operations, and what may stand next to each other */

/* Looks for a blank too many or too few around a label's colon. */
static int check_colon(struct chp_parser *p)
{
	struct chp_lexer lex = p->lex;
	struct chp_reject ignored;
	struct chp_word next;
	const char *colon;

	if (!chp_word_is_plain(&p->word))
		return 0;
	colon = memchr(p->word.all.at, ':', p->word.all.len);
	if (colon)
		return chp_reject(p->why, -EINVAL,
				  p->word.col + (colon - p->word.all.at) + 1,
				  "a blank must follow the \":\" of a label");
	lex.why = &ignored;
	if (!chp_lex_word(&lex, &next) && chp_word_is_plain(&next) &&
	    *next.all.at == ':')
		return chp_reject(p->why, -EINVAL, next.col,
				  "no blank may stand before the \":\" of a label");
	return 0;
}

static int reject_unknown_op(struct chp_parser *p)
{
	const struct chp_text *word = &p->word.all;
	const struct chp_op_desc *op = NULL;
	struct chp_guess guess;
	int err;

	if (p->word.value.quoted && !p->word.name.len)
		return chp_reject(p->why, -EINVAL, word->col,
				  "the name of an operation cannot stand in quotes");
	err = chp_reject_no_value(p);
	if (!err && !p->spec->nr_stages)
		err = check_colon(p);
	if (err)
		return err;
	chp_guess_start(&guess, word->at, word->len);
	while ((op = p->ops->next(p->ops, op)))
		chp_guess_try(&guess, op->name);
	return chp_reject_unknown(p->why, word->col, "operation", &guess);
}

static const struct chp_op_desc *find_op(struct chp_parser *p)
{
	const struct chp_op_desc *op = NULL;

	while ((op = p->ops->next(p->ops, op)))
		if (chp_word_is(&p->word, op->name))
			break;
	return op;
}

static int reject_no_op(struct chp_parser *p)
{
	if (p->word.kind == CHP_WORD_OPERATOR && !p->depth)
		return chp_reject_operator(p);
	if (p->depth && (p->word.kind == CHP_WORD_END ||
			 p->word.kind == CHP_WORD_OPERATOR))
		return chp_reject(p->why, -EINVAL, p->word.col,
				  "an operation is missing in the braces");
	if (p->before)
		return chp_reject(p->why, -EINVAL, p->word.col,
				  "an operation must follow \"|\"");
	return chp_reject(p->why, -EINVAL, p->word.col,
			  "a source is missing, such as gen 1 10");
}

/* Stages */

/* The name of the operation, and whether it can stand here. */
static int take_op(struct chp_parser *p)
{
	int err;

	if (p->word.kind != CHP_WORD_TEXT)
		return reject_no_op(p);
	if (p->spec->nr_stages >= p->limits->stages)
		return chp_reject(p->why, -E2BIG, p->word.col,
				  "a job has at most %u stages, its source included",
				  p->limits->stages);
	p->stage.col = p->word.col;
	p->stage.op = find_op(p);
	if (!p->stage.op)
		return reject_unknown_op(p);
	err = chp_check_place(p);
	return err ? err : chp_next_word(p);
}

static void store_stage(struct chp_parser *p, u32 index,
			const struct chp_stage_spec *stage)
{
	if (p->spec->stages)
		p->spec->stages[index] = *stage;
}

static int check_workers(struct chp_parser *p)
{
	const struct chp_op_desc *op = p->stage.op;

	if (!(op->flags & CHP_OP_STATE) ||
	    (p->stage.workers == 1 && !p->stage.fan))
		return 0;
	return chp_reject(p->why, -EINVAL, p->workers_col,
			  "\"%s\" keeps state from item to item and cannot have workers",
			  op->name);
}

/* What follows the name of an operation that works on items. */
static int parse_plain(struct chp_parser *p, u32 index)
{
	int err = chp_take_args(p);

	if (!err)
		err = check_workers(p);
	if (err)
		return err;
	p->types = chp_types_after(p);
	p->before = p->stage.op;
	store_stage(p, index, &p->stage);
	return 0;
}

static int parse_pipe(struct chp_parser *p);

/* What is between braces: @op decides what arrives in each branch. */
static int parse_branch(struct chp_parser *p, const struct chp_op_desc *op,
			unsigned int types, unsigned int *made)
{
	int err;

	p->before = op->flags & CHP_OP_SOURCE ? NULL : op;
	p->types = types;
	err = parse_pipe(p);
	*made |= p->types;
	return err;
}

static int reject_brace(struct chp_parser *p, u32 col, const char *reason)
{
	return chp_reject(p->why, -EINVAL, col, "%s", reason);
}

/* The first one has been opened; the branches are linked by their first stages. */
static int parse_braces(struct chp_parser *p, const struct chp_op_desc *op,
			unsigned int types, unsigned int *made)
{
	u32 before = 0, first;
	int err;

	for (;;) {
		err = chp_next_word(p);
		if (err)
			return err;
		first = p->spec->nr_stages;
		err = parse_branch(p, op, types, made);
		if (err)
			return err;
		if (before && p->spec->stages)
			p->spec->stages[before].sibling = first;
		before = first;
		if (chp_word_is_operator(&p->word, '}'))
			return chp_next_word(p);
		if (!chp_word_is_operator(&p->word, ';'))
			return reject_brace(p, p->word.col,
					    "a \"}\" is missing");
	}
}

/* An operation with branches: its name, and then nothing but the braces. */
static int parse_branches(struct chp_parser *p, u32 index)
{
	struct chp_stage_spec stage = p->stage;
	unsigned int types = p->types, made = 0;
	int err;

	if (!chp_word_is_operator(&p->word, '{'))
		return chp_reject(p->why, -EINVAL, p->word.col,
				  "\"%s\" needs braces: %s { ... ; ... }",
				  stage.op->name, stage.op->name);
	if (p->depth == CHP_NESTING_MAX)
		return chp_reject(p->why, -E2BIG, p->word.col,
				  "braces can be nested %d deep",
				  CHP_NESTING_MAX);
	stage.branch = index + 1;
	store_stage(p, index, &stage);
	p->depth++;
	err = parse_braces(p, stage.op, types, &made);
	p->depth--;
	p->types = made;
	p->before = stage.op;
	if (!err && p->word.kind == CHP_WORD_TEXT)
		return reject_brace(p, p->word.col,
				    "only \"|\" can follow the braces");
	return err;
}

static int parse_stage(struct chp_parser *p)
{
	u32 index;
	int err;

	memset(&p->stage, 0, sizeof(p->stage));
	p->stage.workers = 1;
	p->keys_seen = 0;
	err = take_op(p);
	if (err)
		return err;
	index = p->spec->nr_stages++;
	if (p->stage.op->flags & CHP_OP_BRANCHES)
		return parse_branches(p, index);
	return parse_plain(p, index);
}

/* Stages joined by pipes, up to the end of the line or of their braces. */
static int parse_pipe(struct chp_parser *p)
{
	u32 before = p->spec->nr_stages;
	int err = parse_stage(p);

	while (!err && p->word.kind == CHP_WORD_PIPE) {
		err = chp_next_word(p);
		if (err)
			return err;
		if (p->spec->stages)
			p->spec->stages[before].next = p->spec->nr_stages;
		before = p->spec->nr_stages;
		err = parse_stage(p);
	}
	return err;
}

/* The line */

static int parse_job(struct chp_parser *p)
{
	int err;

	p->spec->kind = CHP_LINE_JOB;
	err = chp_take_label(p);
	while (!err && p->word.kind == CHP_WORD_TEXT && p->word.name.len)
		err = chp_take_option(p);
	if (!err)
		err = parse_pipe(p);
	if (err || p->word.kind == CHP_WORD_END)
		return err;
	return chp_reject_operator(p);
}

static int parse_line(struct chp_parser *p)
{
	int err;

	err = chp_next_word(p);
	if (err || p->word.kind == CHP_WORD_END)
		return err;
	return chp_is_control(&p->word) ? chp_parse_control(p) : parse_job(p);
}

/* Starts a walk along the line that fills @spec. */
static void rewind_to(struct chp_parser *p, struct chp_spec *spec)
{
	p->lex.pos = 0;
	p->keys_seen = 0;
	p->before = NULL;
	p->types = 0;
	p->depth = 0;
	p->has_input = false;
	p->spec = spec;
	p->room.nr_more = 0;
	p->room.nr_bytes = 0;
}

/* One block for all that the first walk counted; the pointers lead into it. */
static struct chp_spec *alloc_spec(struct chp_parser *p,
				   const struct chp_spec *counted)
{
	size_t stages = size_mul(counted->nr_stages,
				 sizeof(struct chp_stage_spec));
	size_t more = size_mul(p->room.nr_more, sizeof(struct chp_arg));
	size_t size = size_add(size_add(sizeof(struct chp_spec), stages),
			       size_add(more, p->room.nr_bytes));
	struct chp_spec *spec = kvzalloc(size, GFP_KERNEL_ACCOUNT);

	if (!spec)
		return NULL;
	spec->stages = (struct chp_stage_spec *)(spec + 1);
	p->room.more = (struct chp_arg *)(spec->stages + counted->nr_stages);
	p->room.bytes = (char *)(p->room.more + p->room.nr_more);
	return spec;
}

static int parse_twice(struct chp_parser *p, struct chp_spec **spec)
{
	struct chp_spec counted = { };
	struct chp_spec *filled;
	int err;

	rewind_to(p, &counted);
	err = parse_line(p);
	if (err)
		return err;
	filled = alloc_spec(p, &counted);
	if (!filled)
		return chp_reject(p->why, -ENOMEM, 1, "out of memory");

	rewind_to(p, filled);
	err = parse_line(p);
	if (err)
		chp_spec_free(filled);
	else
		*spec = filled;
	return err;
}

/**
 * chp_spec_parse() - understand a line of the job language
 * @line: the line, without its newline; a carriage return at its end is not
 *	counted as part of it
 * @len: bytes of the line
 * @ops: the operations that there are
 * @limits: what the line may ask for
 * @spec: what it says, to be freed with chp_spec_free(); NULL on error
 * @why: why it is not accepted
 *
 * Neither the line nor the set of operations may change meanwhile, and the
 * operations must live as long as the spec.
 *
 * Return: 0, or the negative errno that is also in @why.
 */
int chp_spec_parse(const char *line, size_t len, const struct chp_op_set *ops,
		   const struct chp_limits *limits, struct chp_spec **spec,
		   struct chp_reject *why)
{
	struct chp_parser p = {
		.lex = { .line = line, .why = why },
		.ops = ops,
		.limits = limits,
		.why = why,
	};

	*spec = NULL;
	memset(why, 0, sizeof(*why));
	if (len && line[len - 1] == '\r')
		len--;
	if (len > limits->line)
		return chp_reject(why, -EMSGSIZE, limits->line + 1,
				  "a line has at most %u bytes", limits->line);
	p.lex.len = len;
	return parse_twice(&p, spec);
}
EXPORT_SYMBOL_CHP_TESTS(chp_spec_parse);

/**
 * chp_spec_free() - let go of a parsed line
 * @spec: the line, or NULL
 */
void chp_spec_free(struct chp_spec *spec)
{
	kvfree(spec);
}
EXPORT_SYMBOL_CHP_TESTS(chp_spec_free);
