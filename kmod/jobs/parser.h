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
 * @before: the operation of the stage before it
 * @types: what arrives at it; then, what leaves it
 * @value_types: of the CHP_P_VALUE arguments of this stage
 * @named_col: where its first NAME=VALUE or attribute stands, or 0
 * @workers_col: where its workers=N stands
 * @keys_seen: its attributes, or the job's options: bits in their table
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
};

static inline int chp_next_word(struct chp_parser *p)
{
	return chp_lex_word(&p->lex, &p->word);
}

/* spec.c: the word is an operator that cannot stand here */
int chp_reject_operator(struct chp_parser *p);

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
