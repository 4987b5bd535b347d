// SPDX-License-Identifier: GPL-2.0
/* Parsing of the device's lines, in place. */
#include <stdlib.h>
#include <string.h>
#include "record.h"

/* Cuts the next word off, and steps over it. */
static char *next_word(char **pos)
{
	char *word = *pos;
	char *blank = strchr(word, ' ');

	if (blank) {
		*blank = '\0';
		*pos = blank + 1;
	} else {
		*pos = word + strlen(word);
	}
	return word;
}

/* The value of the next word, which has the form NAME=VALUE; else "". */
static const char *next_value(char **pos, const char *name)
{
	size_t len = strlen(name);
	char *word = next_word(pos);

	return !strncmp(word, name, len) && word[len] == '=' ? word + len + 1 :
							       "";
}

static unsigned long long next_number(char **pos, const char *name)
{
	return strtoull(next_value(pos, name), NULL, 10);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/*
 * The byte of an escape, whose backslash is s[0]. The device writes \0 for NUL
 * and two digits after \x, so what follows belongs to the text.
 */
static char unescape_one(const char *s, size_t len, size_t *used)
{
	static const char names[] = "nrtfvabe0";
	static const char bytes[] = "\n\r\t\f\v\a\b\033";
	const char *found;

	if (s[1] == 'x' && len > 3 && hex_digit(s[2]) >= 0 &&
	    hex_digit(s[3]) >= 0) {
		*used = 4;
		return hex_digit(s[2]) * 16 + hex_digit(s[3]);
	}
	*used = 2;
	found = strchr(names, s[1]);
	return found ? bytes[found - names] : s[1];
}

/* Returns the length of what is left. */
static size_t unescape(char *text, size_t len)
{
	char *to = memchr(text, '\\', len);
	size_t i, used;

	if (!to)
		return len;
	for (i = to - text; i < len; i += used) {
		used = 1;
		if (text[i] == '\\' && i + 1 < len)
			*to++ = unescape_one(text + i, len - i, &used);
		else
			*to++ = text[i];
	}
	return to - text;
}

static bool parse_item(char *pos, size_t len, struct record *record)
{
	record->kind = RECORD_ITEM;
	if (*pos != '"') {
		record->value = pos;
		record->len = len;
		return len;
	}
	if (len < 2 || pos[len - 1] != '"')
		return false;
	record->value = pos + 1;
	record->len = unescape(pos + 1, len - 2);
	return true;
}

static bool parse_error(char *pos, struct record *record)
{
	record->kind = RECORD_ERROR;
	record->word = next_word(&pos);
	record->stage = next_number(&pos, "stage");
	record->op = next_value(&pos, "op");
	record->seq = next_number(&pos, "seq");
	return *record->op;
}

static bool parse_done(char *pos, struct record *record)
{
	record->kind = RECORD_DONE;
	record->word = next_word(&pos);
	record->items = next_number(&pos, "items");
	record->errors = next_number(&pos, "errors");
	record->time_us = next_number(&pos, "time_us");
	return *record->word;
}

static bool parse_reject(char *pos, struct record *record)
{
	record->kind = RECORD_REJECT;
	record->word = next_word(&pos);
	record->col = next_number(&pos, "col");
	record->reason = pos;
	return record->col;
}

/* False when the line is none that the device could have given. */
bool record_parse(char *line, size_t len, struct record *record)
{
	char *pos = line, *kind;

	memset(record, 0, sizeof(*record));
	next_word(&pos);
	kind = next_word(&pos);
	if (!strcmp(kind, "item"))
		return parse_item(pos, line + len - pos, record);
	if (!strcmp(kind, "error"))
		return parse_error(pos, record);
	if (!strcmp(kind, "done"))
		return parse_done(pos, record);
	return !strcmp(kind, "reject") && parse_reject(pos, record);
}
