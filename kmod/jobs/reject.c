// SPDX-License-Identifier: GPL-2.0
/*
 * Reasons for people: one line, short, and without anything in it that could
 * fool a terminal, whatever the user's line contains.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#else
#include <stdarg.h>
#endif

#include "reject.h"

#define ELLIPSIS	"..."

/* Characters that are not seen, or that change how others are seen. */
static const struct {
	u32 first;
	u32 last;
} hidden[] = {
	{ 0x0080, 0x009f }, { 0x00ad, 0x00ad }, { 0x061c, 0x061c },
	{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0xd800, 0xdfff }, { 0xfeff, 0xfeff },
	{ 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff },
};

/* Cuts a reason that did not fit, between two characters of UTF-8. */
static void shorten(char *reason)
{
	size_t end = CHP_REASON_MAX - sizeof(ELLIPSIS);

	while (end && (reason[end] & 0xc0) == 0x80)
		end--;
	memcpy(reason + end, ELLIPSIS, sizeof(ELLIPSIS));
}

/**
 * chp_reject() - fill in why a line is not accepted
 * @why: to be filled in
 * @err: negative errno
 * @col: the column that it is about, from 1
 * @fmt: the reason, as for printf; texts of the user go through chp_quote()
 *
 * Return: @err.
 */
int chp_reject(struct chp_reject *why, int err, u32 col, const char *fmt, ...)
{
	va_list args;
	int len;

	why->err = err;
	why->col = col;
	va_start(args, fmt);
	len = vsnprintf(why->reason, sizeof(why->reason), fmt, args);
	va_end(args);
	if (len >= CHP_REASON_MAX)
		shorten(why->reason);
	return err;
}

static unsigned int utf8_length(unsigned char first)
{
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static bool is_visible(u32 code, unsigned int len)
{
	static const u32 smallest[] = { [2] = 0x80, [3] = 0x800, [4] = 0x10000 };
	unsigned int i;

	if (code < smallest[len] || code > 0x10ffff)
		return false;
	for (i = 0; i < ARRAY_SIZE(hidden); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return false;
	return true;
}

/* The length of the visible UTF-8 character at @s, or 0. */
static unsigned int utf8_visible(const unsigned char *s, u32 len)
{
	unsigned int size = utf8_length(s[0]);
	unsigned int i;
	u32 code;

	if (!size || size > len)
		return 0;
	code = s[0] & (0x7f >> size);
	for (i = 1; i < size; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	return is_visible(code, size) ? size : 0;
}

/*
 * One character of @s in a form that can be shown, of at most 4 bytes.
 * Returns how many bytes of @s it is.
 */
static unsigned int show(const char *s, u32 len, char out[5])
{
	const unsigned char *u = (const unsigned char *)s;
	unsigned int size = utf8_visible(u, len);

	if (size)
		snprintf(out, 5, "%.*s", (int)size, s);
	else if (*s == '"' || *s == '\\')
		snprintf(out, 5, "\\%c", *s);
	else if (*u >= 0x20 && *u < 0x7f)
		snprintf(out, 5, "%c", *s);
	else
		snprintf(out, 5, "\\x%02x", *u);
	return size ? size : 1;
}

/**
 * chp_quote() - make a piece of the user's line fit for a reason
 * @quote: room for it
 * @text: the piece
 * @len: its bytes
 *
 * Return: visible characters only, and no quote without a backslash; with
 * "..." at the end where it would get too long.
 */
const char *chp_quote(struct chp_quote *quote, const char *text, u32 len)
{
	u32 room = CHP_QUOTE_MAX - sizeof(ELLIPSIS);
	char *to = quote->text;
	char one[5];
	u32 i, used;

	*to = '\0';
	for (i = 0; i < len; i += used) {
		used = show(text + i, len - i, one);
		if (strlen(one) > room) {
			memcpy(to, ELLIPSIS, sizeof(ELLIPSIS));
			break;
		}
		room -= strlen(one);
		memcpy(to, one, strlen(one) + 1);
		to += strlen(one);
	}
	return quote->text;
}

static unsigned int min3_of(unsigned int a, unsigned int b, unsigned int c)
{
	return min(a, min(b, c));
}

/* The cost of a[0..i] to b[0..j] in the table of which three rows are kept. */
static unsigned int cell(u8 rows[3][CHP_GUESS_MAX + 1], const char *a,
			 const char *b, unsigned int i, unsigned int j)
{
	const u8 *above = rows[(i + 2) % 3];
	unsigned int cost;

	cost = min3_of(above[j] + 1U, rows[i % 3][j - 1] + 1U,
		       above[j - 1] + (a[i - 1] != b[j - 1]));
	if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
		cost = min(cost, rows[(i + 1) % 3][j - 2] + 1U);
	return cost;
}

/*
 * How many letters have to be put in, left out, changed or swapped with their
 * neighbour. Both words have at most CHP_GUESS_MAX bytes.
 */
static unsigned int slips(const char *a, unsigned int a_len, const char *b,
			  unsigned int b_len)
{
	u8 rows[3][CHP_GUESS_MAX + 1];
	unsigned int i, j;

	for (j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (i = 1; i <= a_len; i++) {
		rows[i % 3][0] = i;
		for (j = 1; j <= b_len; j++)
			rows[i % 3][j] = cell(rows, a, b, i, j);
	}
	return rows[a_len % 3][b_len];
}

void chp_guess_start(struct chp_guess *guess, const char *word, u32 len)
{
	guess->word = word;
	guess->len = len;
	guess->name = NULL;
	guess->distance = min(2U, len / 2);
}

/* Keeps @name if it is nearer than those tried before, and near enough. */
void chp_guess_try(struct chp_guess *guess, const char *name)
{
	size_t len = strlen(name);
	unsigned int distance;

	if (guess->len > CHP_GUESS_MAX || len > CHP_GUESS_MAX)
		return;
	distance = slips(guess->word, guess->len, name, len);
	if (distance < guess->distance + !guess->name) {
		guess->distance = distance;
		guess->name = name;
	}
}

/* Rejects the word that the guess is about: an unknown @what. */
int chp_reject_unknown(struct chp_reject *why, u32 col, const char *what,
		       const struct chp_guess *guess)
{
	struct chp_quote word;

	chp_quote(&word, guess->word, guess->len);
	if (guess->name)
		return chp_reject(why, -EINVAL, col,
				  "unknown %s \"%s\", did you mean \"%s\"?",
				  what, word.text, guess->name);
	return chp_reject(why, -EINVAL, col, "unknown %s \"%s\"", what,
			  word.text);
}
