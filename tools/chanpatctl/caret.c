// SPDX-License-Identifier: GPL-2.0
/* A line with a mark below one of its characters. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "caret.h"
#include "width.h"

#define INDENT "  "
#define CUT "..."

/**
 * struct window - the part of a line that is shown, in columns of the line
 * @left: the first
 * @right: behind the last
 * @end: behind the last of the line
 */
struct window {
	size_t left;
	size_t right;
	size_t end;
};

/* The column at which the byte with this index begins. */
static size_t column_of(const char *line, size_t len, size_t index)
{
	struct glyph glyph;
	size_t column = 0, i;

	for (i = 0; i < len && i < index; i += glyph.bytes) {
		glyph = width_glyph(line + i, len - i);
		column += glyph.width;
	}
	return column;
}

static struct window window_around(size_t column, size_t end, size_t room)
{
	struct window window = { .right = end, .end = end };

	if (end <= room)
		return window;
	if (column > room / 2)
		window.left = column - room / 2;
	if (window.left > end - room)
		window.left = end - room;
	window.right = window.left + room;
	return window;
}

/* Tabs and what cannot be seen become one column, as they were counted. */
static void show_glyph(const char *at, struct glyph glyph)
{
	if (glyph.visible)
		fwrite(at, glyph.bytes, 1, stderr);
	else
		fputc(*at == '\t' ? ' ' : '?', stderr);
}

/* Between the cuts; half of a wide character at a cut is a blank. */
static void show_inside(const char *line, size_t len, size_t from, size_t to)
{
	size_t column = 0, shown = from, i;
	struct glyph glyph;

	for (i = 0; i < len; i += glyph.bytes, column += glyph.width) {
		glyph = width_glyph(line + i, len - i);
		if (column < from || column + glyph.width > to)
			continue;
		for (; shown < column; shown++)
			fputc(' ', stderr);
		show_glyph(line + i, glyph);
		shown += glyph.width;
	}
}

static void show_window(const char *line, size_t len,
			const struct window *window)
{
	bool left = window->left, right = window->right < window->end;

	fprintf(stderr, INDENT "%s", left ? CUT : "");
	show_inside(line, len, window->left + (left ? strlen(CUT) : 0),
		    window->right - (right ? strlen(CUT) : 0));
	fprintf(stderr, "%s\n", right ? CUT : "");
}

/* To stderr; @col counts bytes from 1, and one behind the last is allowed. */
void caret_show(const char *line, size_t col)
{
	size_t len = strlen(line), column, room;
	struct window window;

	room = width_terminal(STDERR_FILENO);
	room = room > 24 ? room - strlen(INDENT) - 1 : 20;
	column = column_of(line, len, col - 1);
	/* The caret may stand behind the last character. */
	window = window_around(column, column_of(line, len, len), room - 1);
	show_window(line, len, &window);
	fprintf(stderr, INDENT "%*s^\n", (int)(column - window.left), "");
}
