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

#define LABEL_ALL	"all"	/* what "cancel" takes in place of a job */

/* The word is this one, without quotes. */
static bool word_is(const struct chp_word *word, const char *name)
{
	return word->kind == CHP_WORD_TEXT && chp_text_is(&word->all, name);
}

/* A word that a name can stand in: no string, no NAME=VALUE. */
static bool is_plain(const struct chp_word *word)
{
	return word->kind == CHP_WORD_TEXT && !word->name.len &&
	       !word->value.quoted;
}

int chp_reject_operator(struct chp_parser *p)
{
	return chp_reject(p->why, -EINVAL, p->word.col,
			  "\"%c\" has no meaning here, put it in quotes if it is text",
			  *p->word.all.at);
}

/* Labels */

static bool is_label_char(char c)
{
	return chp_is_name_start(c) || chp_is_digit(c) || c == '.' || c == '-';
}

/* The first @len bytes of the word, as a label. */
static int take_label_text(struct chp_parser *p, u32 len)
{
	const struct chp_text *text = &p->word.all;
	u32 i;

	if (!len || !chp_is_name_start(text->at[0]))
		return chp_reject(p->why, -EINVAL, text->col,
				  "a label begins with a letter or \"_\"");
	for (i = 0; i < len; i++)
		if (!is_label_char(text->at[i]))
			return chp_reject(p->why, -EINVAL, text->col + i,
					  "a label has only letters, digits, \"_\", \".\" and \"-\"");
	if (len >= CHP_LABEL_MAX)
		return chp_reject(p->why, -EINVAL, text->col,
				  "a label has at most %d bytes",
				  CHP_LABEL_MAX - 1);
	memcpy(p->spec->label, text->at, len);
	p->spec->label[len] = '\0';
	p->spec->label_col = text->col;
	return 0;
}

static bool ends_in_colon(const struct chp_word *word)
{
	return is_plain(word) && word->all.at[word->all.len - 1] == ':';
}

static int check_after_label(struct chp_parser *p)
{
	if (ends_in_colon(&p->word))
		return chp_reject(p->why, -EINVAL, p->word.col,
				  "a job has only one label");
	if (word_is(&p->word, "cancel"))
		return chp_reject(p->why, -EINVAL, p->word.col,
				  "\"cancel\" cannot have a label");
	return 0;
}

static int take_label(struct chp_parser *p)
{
	int err;

	if (!ends_in_colon(&p->word))
		return 0;
	if (word_is(&p->word, LABEL_ALL ":"))
		return chp_reject(p->why, -EINVAL, p->word.col,
				  "\"all\" means all jobs and cannot be a label");
	err = take_label_text(p, p->word.all.len - 1);
	if (!err)
		err = chp_next_word(p);
	return err ? err : check_after_label(p);
}

/* Control lines */

static int take_job_number(struct chp_parser *p)
{
	const struct chp_text *text = &p->word.value;
	s64 num;
	u32 i;

	for (i = 0; i < text->len; i++)
		if (!chp_is_digit(text->at[i]))
			return chp_reject(p->why, -EINVAL, text->col + i,
					  "the number of a job has only digits");
	if (chp_text_number(text, &num) || !num)
		return chp_reject(p->why, -ERANGE, text->col,
				  "no job can have this number");
	snprintf(p->spec->label, CHP_LABEL_MAX, "%lld", (long long)num);
	p->spec->label_col = text->col;
	return 0;
}

static int parse_cancel(struct chp_parser *p)
{
	int err;

	p->spec->kind = CHP_LINE_CANCEL;
	if (!is_plain(&p->word))
		return chp_reject(p->why, -EINVAL, p->word.col,
				  "\"cancel\" needs the label or the number of a job, or all");
	if (chp_is_digit(*p->word.value.at))
		err = take_job_number(p);
	else
		err = take_label_text(p, p->word.all.len);
	if (!err)
		err = chp_next_word(p);
	if (err || p->word.kind == CHP_WORD_END)
		return err;
	return chp_reject(p->why, -EINVAL, p->word.col,
			  "\"cancel\" takes one job: cancel JOB|all");
}

static const struct control {
	const char *name;
	int (*parse)(struct chp_parser *p);
} controls[] = {
	{ "cancel", parse_cancel },
};

static const struct control *find_control(const struct chp_word *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(controls); i++)
		if (word_is(word, controls[i].name))
			return &controls[i];
	return NULL;
}

/* Operations, and what may stand next to each other */

/* Looks for a blank too many or too few around a label's colon. */
static int check_colon(struct chp_parser *p)
{
	struct chp_lexer lex = p->lex;
	struct chp_reject ignored;
	struct chp_word next;
	const char *colon;

	if (p->spec->nr_stages || !is_plain(&p->word))
		return 0;
	colon = memchr(p->word.all.at, ':', p->word.all.len);
	if (colon)
		return chp_reject(p->why, -EINVAL,
				  p->word.col + (colon - p->word.all.at) + 1,
				  "a blank must follow the \":\" of a label");
	lex.why = &ignored;
	if (!chp_lex_word(&lex, &next) && is_plain(&next) &&
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
	if (!err)
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
		if (word_is(&p->word, op->name))
			break;
	return op;
}

static int reject_no_op(struct chp_parser *p)
{
	if (p->word.kind == CHP_WORD_OPERATOR)
		return chp_reject_operator(p);
	if (p->spec->nr_stages)
		return chp_reject(p->why, -EINVAL, p->word.col,
				  "an operation must follow \"|\"");
	return chp_reject(p->why, -EINVAL, p->word.col,
			  "a source is missing, such as gen 1 10");
}

static int check_place(struct chp_parser *p)
{
	const struct chp_op_desc *op = p->stage.op;
	bool first = !p->spec->nr_stages;

	if (first && !(op->flags & CHP_OP_SOURCE))
		return chp_reject(p->why, -EINVAL, p->stage.col,
				  "\"%s\" is not a source, a job begins with one such as gen 1 10",
				  op->name);
	if (!first && op->flags & CHP_OP_SOURCE)
		return chp_reject(p->why, -EINVAL, p->stage.col,
				  "\"%s\" is a source and can only begin a job",
				  op->name);
	if (!first && !p->before->makes)
		return chp_reject(p->why, -EINVAL, p->stage.col,
				  "\"%s\" hands nothing on, so nothing can stand after it",
				  p->before->name);
	return 0;
}

static const char *type_name(unsigned int types)
{
	switch (types & CHP_T_ANY) {
	case CHP_T_NUM:
		return "numbers";
	case CHP_T_BYTES:
		return "byte strings";
	default:
		return "items";
	}
}

static int check_types(struct chp_parser *p)
{
	const struct chp_op_desc *op = p->stage.op;

	if (op->flags & CHP_OP_SOURCE || p->types & op->takes)
		return 0;
	return chp_reject(p->why, -EINVAL, p->stage.col,
			  "\"%s\" takes %s, but \"%s\" %s %s", op->name,
			  type_name(op->takes), p->before->name,
			  p->before->makes & CHP_T_SAME ? "hands on" : "makes",
			  type_name(p->types));
}

/* The types that leave the stage, from those that arrive. */
static unsigned int types_after(const struct chp_parser *p)
{
	const struct chp_op_desc *op = p->stage.op;
	unsigned int types = op->makes & CHP_T_ANY;

	if (op->makes & CHP_T_SAME)
		types |= p->types & op->takes;
	if (op->flags & CHP_OP_SOURCE && p->value_types)
		types &= p->value_types;
	return types;
}

static int check_workers(struct chp_parser *p)
{
	const struct chp_op_desc *op = p->stage.op;

	if (!(op->flags & CHP_OP_STATE) || p->stage.workers == 1)
		return 0;
	return chp_reject(p->why, -EINVAL, p->workers_col,
			  "\"%s\" keeps state from item to item and cannot have workers",
			  op->name);
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
	err = check_place(p);
	if (!err)
		err = check_types(p);
	return err ? err : chp_next_word(p);
}

static void store_stage(struct chp_parser *p)
{
	p->types = types_after(p);
	p->before = p->stage.op;
	if (p->spec->stages)
		p->spec->stages[p->spec->nr_stages] = p->stage;
	p->spec->nr_stages++;
}

static int parse_stage(struct chp_parser *p)
{
	int err;

	memset(&p->stage, 0, sizeof(p->stage));
	p->stage.workers = 1;
	p->keys_seen = 0;
	err = take_op(p);
	if (!err)
		err = chp_take_args(p);
	if (!err)
		err = check_workers(p);
	if (!err)
		store_stage(p);
	return err;
}

static int parse_stages(struct chp_parser *p)
{
	int err = parse_stage(p);

	while (!err && p->word.kind == CHP_WORD_PIPE) {
		err = chp_next_word(p);
		if (!err)
			err = parse_stage(p);
	}
	return err;
}

/* The line */

static int parse_job(struct chp_parser *p)
{
	int err;

	p->spec->kind = CHP_LINE_JOB;
	err = take_label(p);
	while (!err && p->word.kind == CHP_WORD_TEXT && p->word.name.len)
		err = chp_take_option(p);
	return err ? err : parse_stages(p);
}

static int parse_line(struct chp_parser *p)
{
	const struct control *control;
	int err;

	err = chp_next_word(p);
	if (err || p->word.kind == CHP_WORD_END)
		return err;
	control = find_control(&p->word);
	if (!control)
		return parse_job(p);
	err = chp_next_word(p);
	return err ? err : control->parse(p);
}

/* Starts a walk along the line that fills @spec. */
static void rewind_to(struct chp_parser *p, struct chp_spec *spec)
{
	p->lex.pos = 0;
	p->keys_seen = 0;
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
