/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cuts a line of the job language into words.
 */
#ifndef CHP_JOBS_LEXER_H
#define CHP_JOBS_LEXER_H

#include "spec.h"

/**
 * struct chp_text - a stretch of the line
 * @at: its first byte; of a string, the first one after the quote
 * @len: bytes in the line; of a string, without the quotes
 * @size: bytes that it stands for, which are fewer where a string has escapes
 * @col: where it starts in the line, from 1; of a string, the quote
 * @quoted: it is a string, so never a number, a name or an operator
 */
struct chp_text {
	const char *at;
	u32 len;
	u32 size;
	u32 col;
	bool quoted;
};

enum chp_word_kind {
	CHP_WORD_END,		/* the end of the line, or a comment */
	CHP_WORD_TEXT,		/* VALUE, "VALUE", NAME=VALUE or NAME="VALUE" */
	CHP_WORD_PIPE,		/* | */
	CHP_WORD_OPERATOR,	/* any other character that ends a word */
};

/**
 * struct chp_word - one word of the line
 * @kind: what it is
 * @col: where it starts in the line, from 1
 * @all: the word as it stands there
 * @name: what is before "=", or empty where the word has no name
 * @value: what is after "=", or else the whole word
 */
struct chp_word {
	enum chp_word_kind kind;
	u32 col;
	struct chp_text all;
	struct chp_text name;
	struct chp_text value;
};

struct chp_lexer {
	const char *line;
	u32 len;
	u32 pos;
	struct chp_reject *why;
};

int chp_lex_word(struct chp_lexer *lex, struct chp_word *word);

/* Whether it is this name, without quotes. */
bool chp_text_is(const struct chp_text *text, const char *name);

/* Writes the @size bytes that it stands for. */
void chp_text_copy(const struct chp_text *text, char *to);

bool chp_is_name_start(char c);	/* a letter or "_" */
bool chp_is_digit(char c);

/* What the digit counts, or -1 where it is none. */
int chp_hex_digit(char c);

#endif
