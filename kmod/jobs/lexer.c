// SPDX-License-Identifier: GPL-2.0
/*
 * Words, strings and their escapes, comments.
 *
 * A string is a word of its own, or the value after NAME=. A quote in any
 * other place is refused, since people differ in what they expect of it.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#endif

#include "lexer.h"
#include "reject.h"

bool chp_is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool chp_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_operator(char c)
{
	return c == '|' || c == ';' || c == '{' || c == '}';
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool at_end(const struct chp_lexer *lex)
{
	return lex->pos == lex->len;
}

static char peek(const struct chp_lexer *lex)
{
	return lex->line[lex->pos];
}

static bool at_word_end(const struct chp_lexer *lex)
{
	return at_end(lex) || is_blank(peek(lex)) || is_operator(peek(lex));
}

static int reject_here(struct chp_lexer *lex, const char *reason)
{
	return chp_reject(lex->why, -EINVAL, lex->pos + 1, "%s", reason);
}

int chp_hex_digit(char c)
{
	if (chp_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte for \c, or -1 where c is not the name of one. */
static int named_escape(char c)
{
	static const char names[] = "ntrabfve\\\"'";
	static const char bytes[] = "\n\t\r\a\b\f\v\033\\\"'";
	const char *found = c ? strchr(names, c) : NULL;

	return found ? (unsigned char)bytes[found - names] : -1;
}

/*
 * The two kinds of numeric escapes. @s starts after the backslash, and after
 * its "x"; @used is raised by the number of digits.
 */
static int octal_escape(const char *s, u32 len, u32 *used)
{
	int byte = 0;
	u32 i;

	for (i = 0; i < len && i < 3 && s[i] >= '0' && s[i] <= '7'; i++)
		byte = byte * 8 + s[i] - '0';
	*used += i;
	return i && byte <= 0xff ? byte : -1;
}

static int hex_escape(const char *s, u32 len, u32 *used)
{
	int byte = 0;
	u32 i;

	for (i = 0; i < len && i < 2 && chp_hex_digit(s[i]) >= 0; i++)
		byte = byte * 16 + chp_hex_digit(s[i]);
	*used += i;
	return i ? byte : -1;
}

/*
 * The byte for the escape whose backslash is s[0], or -1; @used is its length
 * in the line.
 */
static int escape(const char *s, u32 len, u32 *used)
{
	*used = 1;
	if (len < 2)
		return -1;
	if (s[1] >= '0' && s[1] <= '7')
		return octal_escape(s + 1, len - 1, used);
	*used = 2;
	if (s[1] == 'x')
		return hex_escape(s + 2, len - 2, used);
	return named_escape(s[1]);
}

/* A backslash that ends the line is left to who misses the closing quote. */
static int lex_escape(struct chp_lexer *lex)
{
	const char *s = lex->line + lex->pos;
	u32 len = lex->len - lex->pos;
	u32 used;

	if (escape(s, len, &used) >= 0 || len == 1) {
		lex->pos += used;
		return 0;
	}
	if (s[1] == 'x')
		return reject_here(lex, "\\x needs one or two hexadecimal digits");
	if (used > 2)
		return reject_here(lex, "octal escape is larger than \\377");
	return reject_here(lex, "unknown escape, use \\\\ for a backslash");
}

/* The text of a string, up to its closing quote. */
static int lex_quoted(struct chp_lexer *lex, struct chp_text *text)
{
	int err;

	while (!at_end(lex) && peek(lex) != '"') {
		if (peek(lex) != '\\') {
			lex->pos++;
		} else {
			err = lex_escape(lex);
			if (err)
				return err;
		}
		text->size++;
	}
	if (!at_end(lex))
		return 0;
	return chp_reject(lex->why, -EINVAL, text->col,
			  "the string has no closing quote");
}

static int lex_string(struct chp_lexer *lex, struct chp_text *text)
{
	int err;

	text->quoted = true;
	text->at = lex->line + ++lex->pos;
	err = lex_quoted(lex, text);
	if (err)
		return err;

	text->len = lex->line + lex->pos - text->at;
	lex->pos++;
	if (!at_word_end(lex))
		return reject_here(lex, "a blank must follow the closing quote");
	return 0;
}

static int lex_plain(struct chp_lexer *lex, struct chp_text *text)
{
	for (; !at_word_end(lex); lex->pos++) {
		if (peek(lex) == '"')
			return reject_here(lex,
					   "a quote cannot stand inside a word, put all of it in quotes");
		if (is_control(peek(lex)))
			return reject_here(lex,
					   "control characters can only stand in quotes");
	}
	text->len = lex->line + lex->pos - text->at;
	text->size = text->len;
	return 0;
}

static void start_text(const struct chp_lexer *lex, struct chp_text *text)
{
	memset(text, 0, sizeof(*text));
	text->at = lex->line + lex->pos;
	text->col = lex->pos + 1;
}

/* Steps over "NAME=", where that is what comes next. */
static void lex_name(struct chp_lexer *lex, struct chp_text *name)
{
	u32 end = lex->pos;

	start_text(lex, name);
	while (end < lex->len && (chp_is_name_start(lex->line[end]) ||
				  (end > lex->pos && chp_is_digit(lex->line[end]))))
		end++;
	if (end == lex->pos || end == lex->len || lex->line[end] != '=')
		return;
	name->len = end - lex->pos;
	name->size = name->len;
	lex->pos = end + 1;
}

static int lex_text(struct chp_lexer *lex, struct chp_word *word)
{
	int err;

	word->kind = CHP_WORD_TEXT;
	lex_name(lex, &word->name);
	start_text(lex, &word->value);
	if (!at_end(lex) && peek(lex) == '"')
		err = lex_string(lex, &word->value);
	else
		err = lex_plain(lex, &word->value);
	if (err)
		return err;
	word->all.len = lex->line + lex->pos - word->all.at;
	word->all.size = word->all.len;
	return 0;
}

/**
 * chp_lex_word() - the next word of the line
 * @lex: where it stands
 * @word: the word; at the end of the line, again and again the end
 *
 * Return: 0, or the negative errno of the reject that it filled in.
 */
int chp_lex_word(struct chp_lexer *lex, struct chp_word *word)
{
	memset(word, 0, sizeof(*word));
	while (!at_end(lex) && is_blank(peek(lex)))
		lex->pos++;
	word->col = lex->pos + 1;
	start_text(lex, &word->all);
	if (at_end(lex) || peek(lex) == '#')
		return 0;
	if (!is_operator(peek(lex)))
		return lex_text(lex, word);

	word->kind = peek(lex) == '|' ? CHP_WORD_PIPE : CHP_WORD_OPERATOR;
	word->all.len = 1;
	word->all.size = 1;
	lex->pos++;
	return 0;
}

bool chp_text_is(const struct chp_text *text, const char *name)
{
	return !text->quoted && strlen(name) == text->len &&
	       !memcmp(name, text->at, text->len);
}

void chp_text_copy(const struct chp_text *text, char *to)
{
	u32 used, i;

	if (!text->quoted) {
		memcpy(to, text->at, text->len);
		return;
	}
	for (i = 0; i < text->len; i += used) {
		used = 1;
		if (text->at[i] == '\\')
			*to++ = escape(text->at + i, text->len - i, &used);
		else
			*to++ = text->at[i];
	}
}
