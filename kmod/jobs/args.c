// SPDX-License-Identifier: GPL-2.0
/*
 * The arguments of an operation: positional ones in their order, then keywords
 * and attributes mixed.
 *
 * NAME=VALUE without quotes is never positional, nor is an attribute such as
 * "ordered": so a line keeps its meaning when names are added. Text of that
 * form is put in quotes. So is text that is a flag of the operation itself, as
 * "icase" is one of grep.
 */
#include "parser.h"

typedef int (*read_fn)(struct chp_parser *p, const struct chp_param *param,
		       struct chp_arg *arg);

/*
 * Readers of one value, the word's. They set what differs from zero, and
 * return -EINVAL or -ERANGE without a reason where the common one will do.
 */
static int check_min(struct chp_parser *p, const struct chp_param *param,
		     const struct chp_arg *arg)
{
	if (!param->bounded || arg->num >= param->min)
		return 0;
	return chp_reject(p->why, -ERANGE, p->word.value.col,
			  "%s of \"%s\" must be at least %lld", param->name,
			  p->stage.op->name, (long long)param->min);
}

static int read_num(struct chp_parser *p, const struct chp_param *param,
		    struct chp_arg *arg)
{
	int err = chp_text_number(&p->word.value, &arg->num);

	return err ? err : check_min(p, param, arg);
}

static int read_size(struct chp_parser *p, const struct chp_param *param,
		     struct chp_arg *arg)
{
	int err = chp_text_count(&p->word.value, &arg->num);

	return err ? err : check_min(p, param, arg);
}

static int read_last(struct chp_parser *p, const struct chp_param *param,
		     struct chp_arg *arg)
{
	arg->inf = chp_text_is(&p->word.value, "inf");
	return arg->inf ? 0 : chp_text_number(&p->word.value, &arg->num);
}

static int read_dur(struct chp_parser *p, const struct chp_param *param,
		    struct chp_arg *arg)
{
	return chp_text_duration(&p->word.value, &arg->num);
}

static int read_bytes(struct chp_parser *p, const struct chp_param *param,
		      struct chp_arg *arg)
{
	const struct chp_text *text = &p->word.value;
	struct chp_room *room = &p->room;

	arg->is_bytes = true;
	arg->len = text->size;
	if (room->bytes) {
		chp_text_copy(text, room->bytes + room->nr_bytes);
		arg->bytes = room->bytes + room->nr_bytes;
	}
	room->nr_bytes += text->size;
	return 0;
}

static int read_name(struct chp_parser *p, const struct chp_param *param,
		     struct chp_arg *arg)
{
	const struct chp_text *text = &p->word.value;
	int err = chp_check_name(p, text, text->len, "a name");

	return err ? err : read_bytes(p, param, arg);
}

static int read_value(struct chp_parser *p, const struct chp_param *param,
		      struct chp_arg *arg)
{
	int err = chp_text_number(&p->word.value, &arg->num);

	if (err != -EINVAL) {
		p->value_types |= CHP_T_NUM;
		return err;
	}
	p->value_types |= CHP_T_BYTES;
	return read_bytes(p, param, arg);
}

static int read_fd(struct chp_parser *p, const struct chp_param *param,
		   struct chp_arg *arg)
{
	int err = chp_text_number(&p->word.value, &arg->num);

	if (!err && (arg->num < 0 || arg->num > INT_MAX))
		return -ERANGE;
	return err;
}

static int read_errno(struct chp_parser *p, const struct chp_param *param,
		      struct chp_arg *arg)
{
	const struct chp_text *text = &p->word.value;

	if (!text->quoted)
		arg->num = chp_errno_number(text->at, text->len);
	return arg->num ? 0 : -EINVAL;
}

/* That it stands there says all. */
static int read_flag(struct chp_parser *p, const struct chp_param *param,
		     struct chp_arg *arg)
{
	return 0;
}

/**
 * struct kind - a kind of parameters
 * @read: reads a value
 * @what: is needed, for people
 * @too_large: said of a value of the right form
 * @value: what the value of a keyword is called in a usage line
 */
struct kind {
	read_fn read;
	const char *what;
	const char *too_large;
	const char *value;
};

static const struct kind kinds[] = {
	[CHP_P_NUM] = { read_num, "a number",
			"number is out of range, it must fit in 64 bits with its sign",
			"N" },
	[CHP_P_LAST] = { read_last, "a number or inf",
			 "number is out of range, it must fit in 64 bits with its sign",
			 "N|inf" },
	[CHP_P_DUR] = { read_dur, "a duration such as 500ms",
			"duration is out of range, the longest is 292 years",
			"DUR" },
	[CHP_P_BYTES] = { read_bytes, "a word or a string", "", "TEXT" },
	[CHP_P_NAME] = { read_name, "a name", "", "NAME" },
	[CHP_P_VALUE] = { read_value, "a number or a string",
			  "number is out of range, put it in quotes to make it a string",
			  "VALUE" },
	[CHP_P_FD] = { read_fd, "the number of a file descriptor",
		       "number is out of range for a file descriptor", "N" },
	[CHP_P_ERRNO] = { read_errno, "the name of an error such as EIO", "",
			  "NAME" },
	[CHP_P_SIZE] = { read_size, "a size such as 4k",
			 "size is out of range, it must fit in 64 bits with its sign",
			 "SIZE" },
	[CHP_P_FLAG] = { read_flag, "", "", "" },
};

/* It is written NAME=VALUE. */
static bool has_value(const struct chp_param *param)
{
	return param->keyword && param->kind != CHP_P_FLAG;
}

/* What a line shows for one parameter: " N", " [STEP]", " V...", " [seed=N]". */
static int show_param(const struct chp_param *param, char *buf, size_t size)
{
	return snprintf(buf, size, " %s%s%s%s%s%s%s",
			param->optional ? "[" : "", param->name,
			has_value(param) ? "=" : "",
			has_value(param) ? kinds[param->kind].value : "",
			!param->keyword && param->kind == CHP_P_LAST ? "|inf" : "",
			param->many ? "..." : "", param->optional ? "]" : "");
}

/**
 * chp_op_usage() - how an operation is written
 * @op: the operation
 * @buf: where to write it
 * @size: of @buf; 0 to learn the length only
 *
 * Return: the length of the whole, which is cut where it does not fit.
 */
int chp_op_usage(const struct chp_op_desc *op, char *buf, size_t size)
{
	const struct chp_param *param;
	int len;

	len = snprintf(buf, size, "%s", op->name);
	for (param = op->params; param->kind != CHP_P_END; param++) {
		if ((size_t)len < size)
			len += show_param(param, buf + len, size - len);
		else
			len += show_param(param, NULL, 0);
	}
	return len;
}

/* Rejects for an operation: its usage line shows what would be right. */
static int reject_use(struct chp_parser *p, u32 col, const char *reason)
{
	char usage[CHP_USAGE_MAX];

	chp_op_usage(p->stage.op, usage, sizeof(usage));
	return chp_reject(p->why, -EINVAL, col, "\"%s\" %s: %s",
			  p->stage.op->name, reason, usage);
}

static int reject_missing(struct chp_parser *p, u32 col,
			  const struct chp_param *param)
{
	struct chp_param wanted = *param;
	char usage[CHP_USAGE_MAX];
	char name[32];

	wanted.many = false;
	show_param(&wanted, name, sizeof(name));
	chp_op_usage(p->stage.op, usage, sizeof(usage));
	return chp_reject(p->why, -EINVAL, col, "\"%s\" needs%s: %s",
			  p->stage.op->name, name, usage);
}

static int reject_value(struct chp_parser *p, const struct chp_param *param)
{
	const struct chp_text *text = &p->word.value;
	struct chp_quote quote;

	if (text->quoted)
		return chp_reject(p->why, -EINVAL, text->col,
				  "\"%s\" needs %s for %s, not a string",
				  p->stage.op->name, kinds[param->kind].what,
				  param->name);
	return chp_reject(p->why, -EINVAL, text->col,
			  "\"%s\" needs %s for %s, not \"%s\"",
			  p->stage.op->name, kinds[param->kind].what,
			  param->name,
			  chp_quote(&quote, text->at, text->len));
}

/* The word's value, for this parameter; and on to the next word. */
static int take_value(struct chp_parser *p, const struct chp_param *param,
		      struct chp_arg *arg)
{
	int err;

	memset(arg, 0, sizeof(*arg));
	arg->given = true;
	p->why->err = 0;
	err = kinds[param->kind].read(p, param, arg);
	if (!err)
		return chp_next_word(p);
	if (p->why->err)
		return err;
	if (err == -ERANGE)
		return chp_reject(p->why, err, p->word.value.col, "%s",
				  kinds[param->kind].too_large);
	return reject_value(p, param);
}

static int take_many(struct chp_parser *p, const struct chp_param *param,
		     struct chp_arg *first)
{
	struct chp_room *room = &p->room;
	struct chp_arg one;
	int err;

	err = take_value(p, param, &one);
	if (err)
		return err;
	first->given = true;
	if (room->more) {
		room->more[room->nr_more] = one;
		p->stage.more = &room->more[room->nr_more - p->stage.nr_more];
	}
	room->nr_more++;
	p->stage.nr_more++;
	return 0;
}

/* The positional parameter that comes next: the first one not yet given. */
static const struct chp_param *next_positional(const struct chp_parser *p)
{
	const struct chp_param *param = p->stage.op->params;
	const struct chp_arg *arg = p->stage.args;

	while (param->kind != CHP_P_END &&
	       (param->keyword || (arg->given && !param->many))) {
		param++;
		arg++;
	}
	return param;
}

static bool has_params(const struct chp_op_desc *op)
{
	return op->params[0].kind != CHP_P_END;
}

static int reject_surplus(struct chp_parser *p)
{
	int err = chp_reject_no_value(p);

	if (err)
		return err;
	if (has_params(p->stage.op))
		return reject_use(p, p->word.col, "has too many arguments");
	return chp_reject(p->why, -EINVAL, p->word.col,
			  "\"%s\" takes no arguments", p->stage.op->name);
}

static int take_positional(struct chp_parser *p)
{
	const struct chp_param *param = next_positional(p);
	struct chp_arg *arg;

	if (param->kind == CHP_P_END)
		return reject_surplus(p);
	if (p->named_col)
		return reject_use(p, p->word.col,
				  "has its arguments before its attributes");
	arg = &p->stage.args[param - p->stage.op->params];
	if (param->many)
		return take_many(p, param, arg);
	return take_value(p, param, arg);
}

static const struct chp_param *find_keyword(const struct chp_op_desc *op,
					    const struct chp_text *name)
{
	const struct chp_param *param;

	for (param = op->params; param->kind != CHP_P_END; param++)
		if (param->keyword && chp_text_is(name, param->name))
			return param;
	return NULL;
}

static int take_keyword(struct chp_parser *p, const struct chp_param *param)
{
	struct chp_arg *arg = &p->stage.args[param - p->stage.op->params];
	const struct chp_word *word = &p->word;

	if (arg->given)
		return chp_reject(p->why, -EINVAL, word->col,
				  "\"%s\" is given twice", param->name);
	if (!has_value(param) && word->name.len)
		return chp_reject(p->why, -EINVAL, word->col,
				  "\"%s\" takes no value", param->name);
	if (!word->value.len && !word->value.quoted)
		return chp_reject(p->why, -EINVAL, word->value.col,
				  "\"%s\" needs a value: %s=%s", param->name,
				  param->name, kinds[param->kind].value);
	return take_value(p, param, arg);
}

/* The word, which has no "=", is a flag of the operation. */
static bool is_own_flag(const struct chp_parser *p)
{
	const struct chp_param *param =
		find_keyword(p->stage.op, &p->word.value);

	return param && !has_value(param);
}

static bool takes_text(const struct chp_op_desc *op)
{
	const struct chp_param *param;

	for (param = op->params; param->kind != CHP_P_END; param++)
		if (!param->keyword && (param->kind == CHP_P_BYTES ||
					param->kind == CHP_P_VALUE))
			return true;
	return false;
}

static int reject_name(struct chp_parser *p)
{
	const struct chp_text *name = &p->word.name;
	const struct chp_param *param;
	struct chp_guess guess;
	struct chp_quote quote;

	if (chp_is_option(name))
		return chp_reject(p->why, -EINVAL, name->col,
				  "\"%.*s\" is an option of the job and stands before its source",
				  (int)name->len, name->at);
	chp_guess_start(&guess, name->at, name->len);
	for (param = p->stage.op->params; param->kind != CHP_P_END; param++)
		if (param->keyword)
			chp_guess_try(&guess, param->name);
	chp_guess_attributes(&guess);
	if (guess.name || !takes_text(p->stage.op))
		return chp_reject_unknown(p->why, name->col, "attribute",
					  &guess);
	return chp_reject(p->why, -EINVAL, name->col,
			  "unknown attribute \"%s\", put the word in quotes if it is text",
			  chp_quote(&quote, name->at, name->len));
}

static int take_named(struct chp_parser *p)
{
	const struct chp_text *name = &p->word.name;
	const struct chp_param *param =
		find_keyword(p->stage.op, name->len ? name : &p->word.value);

	if (!p->named_col)
		p->named_col = p->word.col;
	if (param)
		return take_keyword(p, param);
	if (!name->len || chp_is_attribute(name))
		return chp_take_attribute(p);
	return reject_name(p);
}

static int check_missing(struct chp_parser *p)
{
	const struct chp_param *param = p->stage.op->params;
	const struct chp_arg *arg = p->stage.args;
	u32 col = p->word.col;

	for (; param->kind != CHP_P_END; param++, arg++) {
		if (param->optional || arg->given)
			continue;
		if (!param->keyword && p->named_col)
			col = p->named_col;
		return reject_missing(p, col, param);
	}
	return 0;
}

static bool ends_branch(const struct chp_parser *p)
{
	return p->depth && (chp_word_is_operator(&p->word, ';') ||
			    chp_word_is_operator(&p->word, '}'));
}

/*
 * All words up to the end of the stage: the next pipe, or the end of its branch
 * or of the line.
 */
int chp_take_args(struct chp_parser *p)
{
	const struct chp_word *word = &p->word;
	int err = 0;

	p->named_col = 0;
	p->workers_col = 0;
	p->value_types = 0;
	while (!err && word->kind == CHP_WORD_TEXT) {
		if (word->name.len || chp_is_flag(&word->value) ||
		    is_own_flag(p))
			err = take_named(p);
		else
			err = take_positional(p);
	}
	if (err)
		return err;
	if (word->kind == CHP_WORD_OPERATOR && !ends_branch(p))
		return chp_reject_operator(p);
	return check_missing(p);
}
