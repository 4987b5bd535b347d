/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the parser share; for no one else.
 *
 * Every function returns 0, or the negative errno of the reject that it
 * filled in.
 */
#ifndef CHP_JOBS_PARSER_H
#define CHP_JOBS_PARSER_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>
#endif

#include "lexer.h"
#include "number.h"
#include "reject.h"

#define CHP_USAGE_MAX	96	/* of an operation's usage in a reason */
#define CHP_NESTING_MAX	4	/* braces in braces */

/**
 * struct chp_room - where what a spec points to is written
 * @more: for words of "many" parameters, or NULL: they are only counted
 * @bytes: for the bytes of strings, or NULL
 * @nr_more: words so far
 * @nr_bytes: bytes so far
 */
struct chp_room {
	struct chp_arg *more;
	char *bytes;
	u32 nr_more;
	u32 nr_bytes;
};

/**
 * struct chp_parser - one walk along a line
 * @lex: cuts the line into words
 * @word: the word that is to be understood next
 * @ops: where operations are found
 * @limits: what the line may ask for
 * @why: where a reject is filled in
 * @spec: the spec that is filled; its stages, if it has room for them
 * @room: for all else
 * @stage: the stage that is being read
 * @before: the operation of the stage before it, or the one whose braces it
 *	stands in; NULL where a source is needed
 * @types: what arrives at it; then, what leaves it
 * @value_types: of the CHP_P_VALUE arguments of this stage
 * @named_col: where its first NAME=VALUE or attribute stands, or 0
 * @workers_col: where its workers=N stands
 * @keys_seen: its attributes, or the job's options: bits in their table
 * @depth: open braces
 * @has_input: there is a source whose items are pushed
 */
struct chp_parser {
	struct chp_lexer lex;
	struct chp_word word;
	const struct chp_op_set *ops;
	const struct chp_limits *limits;
	struct chp_reject *why;
	struct chp_spec *spec;
	struct chp_room room;

	struct chp_stage_spec stage;
	const struct chp_op_desc *before;
	unsigned int types;
	unsigned int value_types;
	u32 named_col;
	u32 workers_col;
	unsigned int keys_seen;
	unsigned int depth;
	bool has_input;
};

static inline int chp_next_word(struct chp_parser *p)
{
	return chp_lex_word(&p->lex, &p->word);
}

/* A word that a name can stand in: no string, no NAME=VALUE. */
static inline bool chp_word_is_plain(const struct chp_word *word)
{
	return word->kind == CHP_WORD_TEXT && !word->name.len &&
	       !word->value.quoted;
}

/* The word is this one, without quotes. */
static inline bool chp_word_is(const struct chp_word *word, const char *name)
{
	return word->kind == CHP_WORD_TEXT && chp_text_is(&word->all, name);
}

static inline bool chp_word_is_operator(const struct chp_word *word, char c)
{
	return word->kind == CHP_WORD_OPERATOR && *word->all.at == c;
}

/* spec.c: the word is an operator that cannot stand here */
int chp_reject_operator(struct chp_parser *p);

/* label.c: names of jobs and semaphores */
int chp_take_label(struct chp_parser *p);
int chp_take_job(struct chp_parser *p, const char *what);
int chp_check_name(struct chp_parser *p, const struct chp_text *text, u32 len,
		   const char *what);

/* control.c: lines that are no jobs */
bool chp_is_control(const struct chp_word *word);
int chp_parse_control(struct chp_parser *p);

/* place.c: what may stand where, by its kind and by the types of items */
int chp_check_place(struct chp_parser *p);
unsigned int chp_types_after(const struct chp_parser *p);

/* keys.c: options of the job, attributes of a stage */
bool chp_is_option(const struct chp_text *name);
bool chp_is_attribute(const struct chp_text *name);
bool chp_is_flag(const struct chp_text *word);
int chp_take_option(struct chp_parser *p);
int chp_take_attribute(struct chp_parser *p);
int chp_reject_no_value(struct chp_parser *p);
void chp_guess_attributes(struct chp_guess *guess);

/* args.c: what follows an operation's name, attributes included */
int chp_take_args(struct chp_parser *p);

#endif
