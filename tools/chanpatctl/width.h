/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTL_WIDTH_H
#define CTL_WIDTH_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct glyph - a character of UTF-8, as a terminal shows it
 * @bytes: that it takes in the text; at least 1
 * @width: columns
 * @visible: false for what moves the cursor or changes other characters
 */
struct glyph {
	size_t bytes;
	unsigned int width;
	bool visible;
};

struct glyph width_glyph(const char *text, size_t len);
unsigned int width_terminal(int fd);

#endif
