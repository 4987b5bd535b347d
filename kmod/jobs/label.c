// SPDX-License-Identifier: GPL-2.0
/* Names that lines give: labels of jobs, names of semaphores. */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#endif

#include "parser.h"

#define LABEL_ALL	"all"	/* what "cancel" takes in place of a job */

static bool is_label_char(char c)
{
	return chp_is_name_start(c) || chp_is_digit(c) || c == '.' || c == '-';
}

/* The first @len bytes of the text are a name; @what it is called in a reason. */
int chp_check_name(struct chp_parser *p, const struct chp_text *text, u32 len,
		   const char *what)
{
	u32 i;

	if (text->quoted || !len || !chp_is_name_start(text->at[0]))
		return chp_reject(p->why, -EINVAL, text->col,
				  "%s begins with a letter or \"_\"", what);
	for (i = 0; i < len; i++)
		if (!is_label_char(text->at[i]))
			return chp_reject(p->why, -EINVAL, text->col + i,
					  "%s has only letters, digits, \"_\", \".\" and \"-\"",
					  what);
	if (len >= CHP_LABEL_MAX)
		return chp_reject(p->why, -EINVAL, text->col,
				  "%s has at most %d bytes", what,
				  CHP_LABEL_MAX - 1);
	return 0;
}

/* The first @len bytes of the word, as a label. */
static int take_label_text(struct chp_parser *p, u32 len)
{
	const struct chp_text *text = &p->word.all;
	int err = chp_check_name(p, text, len, "a label");

	if (err)
		return err;
	memcpy(p->spec->label, text->at, len);
	p->spec->label[len] = '\0';
	p->spec->label_col = text->col;
	return 0;
}

static bool ends_in_colon(const struct chp_word *word)
{
	return chp_word_is_plain(word) &&
	       word->all.at[word->all.len - 1] == ':';
}

static int check_after_label(struct chp_parser *p)
{
	const struct chp_text *word = &p->word.all;

	if (ends_in_colon(&p->word))
		return chp_reject(p->why, -EINVAL, word->col,
				  "a job has only one label");
	if (!chp_is_control(&p->word))
		return 0;
	return chp_reject(p->why, -EINVAL, word->col,
			  "\"%.*s\" cannot have a label",
			  *word->at == '@' ? 1 : (int)word->len, word->at);
}

/* Where there is one: the word that ends in a colon. */
int chp_take_label(struct chp_parser *p)
{
	int err;

	if (!ends_in_colon(&p->word))
		return 0;
	if (chp_word_is(&p->word, LABEL_ALL ":"))
		return chp_reject(p->why, -EINVAL, p->word.col,
				  "\"all\" means all jobs and cannot be a label");
	err = take_label_text(p, p->word.all.len - 1);
	if (!err)
		err = chp_next_word(p);
	return err ? err : check_after_label(p);
}

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

/*
 * The label or the number of a job that there is, or was; and on to the next
 * word. "all" is a label here: who takes it knows.
 */
int chp_take_job(struct chp_parser *p, const char *what)
{
	int err;

	if (!chp_word_is_plain(&p->word))
		return chp_reject(p->why, -EINVAL, p->word.col, "%s", what);
	if (chp_is_digit(*p->word.value.at))
		err = take_job_number(p);
	else
		err = take_label_text(p, p->word.all.len);
	return err ? err : chp_next_word(p);
}
