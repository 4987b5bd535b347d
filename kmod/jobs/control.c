// SPDX-License-Identifier: GPL-2.0
/*
 * Control lines: what is said to jobs that run. A new one is a function and a
 * line in a table. Those with arguments have a description as an operation has
 * one, so that they are read, and refused, in the same way.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#endif

#include "parser.h"

static const struct chp_op_desc push_desc = {
	.name = "@JOB",
	.params = { { .name = "VALUE", .kind = CHP_P_VALUE, .many = true } },
};

static const struct chp_op_desc sem_desc = {
	.name = "sem",
	.params = {
		{ .name = "NAME", .kind = CHP_P_NAME },
		{ .name = "UNITS", .kind = CHP_P_NUM, .bounded = true },
	},
};

static const struct chp_op_desc workers_desc = {
	.name = "workers JOB",
	.params = {
		{ .name = "STAGE", .kind = CHP_P_NUM, .bounded = true },
		{ .name = "N", .kind = CHP_P_NUM, .bounded = true, .min = 1 },
	},
};

/* The line's arguments, as those of a stage. */
static int take_args(struct chp_parser *p, const struct chp_op_desc *desc)
{
	int err;

	memset(&p->stage, 0, sizeof(p->stage));
	p->stage.col = p->word.col;
	p->stage.op = desc;
	p->stage.workers = 1;
	err = chp_take_args(p);
	if (err)
		return err;
	if (p->word.kind != CHP_WORD_END)
		return chp_reject_operator(p);
	if (p->spec->stages)
		p->spec->stages[0] = p->stage;
	p->spec->nr_stages = 1;
	return 0;
}

static int check_end(struct chp_parser *p, const char *usage)
{
	if (p->word.kind == CHP_WORD_END)
		return 0;
	return chp_reject(p->why, -EINVAL, p->word.col, "%s", usage);
}

static int parse_cancel(struct chp_parser *p)
{
	int err;

	p->spec->kind = CHP_LINE_CANCEL;
	err = chp_take_job(p, "\"cancel\" needs the label or the number of a job, or all");
	if (err)
		return err;
	return check_end(p, "\"cancel\" takes one job: cancel JOB|all");
}

static int check_one_job(struct chp_parser *p)
{
	if (strcmp(p->spec->label, "all"))
		return 0;
	return chp_reject(p->why, -EINVAL, p->spec->label_col,
			  "\"all\" is no single job");
}

static int parse_end(struct chp_parser *p)
{
	int err;

	p->spec->kind = CHP_LINE_END;
	err = chp_take_job(p, "\"end\" needs the label or the number of a job");
	if (!err)
		err = check_one_job(p);
	if (err)
		return err;
	return check_end(p, "\"end\" takes one job: end JOB");
}

static int parse_sem(struct chp_parser *p)
{
	p->spec->kind = CHP_LINE_SEM;
	return take_args(p, &sem_desc);
}

static int parse_workers(struct chp_parser *p)
{
	int err;

	p->spec->kind = CHP_LINE_WORKERS;
	err = chp_take_job(p,
			   "\"workers\" needs a job, by its label or number: workers JOB STAGE N");
	if (!err)
		err = check_one_job(p);
	return err ? err : take_args(p, &workers_desc);
}

static const struct control {
	const char *name;
	int (*parse)(struct chp_parser *p);
} controls[] = {
	{ "cancel", parse_cancel },
	{ "end", parse_end },
	{ "sem", parse_sem },
	{ "workers", parse_workers },
};

static const struct control *find_control(const struct chp_word *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(controls); i++)
		if (chp_word_is(word, controls[i].name))
			return &controls[i];
	return NULL;
}

static bool is_push(const struct chp_word *word)
{
	return chp_word_is_plain(word) && *word->all.at == '@';
}

/* "@" is no blank, so the name of the job is the rest of the word. */
static int parse_push(struct chp_parser *p)
{
	struct chp_text *all = &p->word.all, *value = &p->word.value;
	int err;

	p->spec->kind = CHP_LINE_PUSH;
	all->at++;
	all->len--;
	all->col++;
	*value = *all;
	if (!all->len)
		return chp_reject(p->why, -EINVAL, all->col,
				  "the label or the number of a job must follow \"@\"");
	err = chp_take_job(p, "");
	if (!err)
		err = check_one_job(p);
	return err ? err : take_args(p, &push_desc);
}

bool chp_is_control(const struct chp_word *word)
{
	return is_push(word) || find_control(word);
}

int chp_parse_control(struct chp_parser *p)
{
	const struct control *control = find_control(&p->word);
	int err;

	if (!control)
		return parse_push(p);
	err = chp_next_word(p);
	return err ? err : control->parse(p);
}
