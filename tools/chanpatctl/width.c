// SPDX-License-Identifier: GPL-2.0
/*
 * How many columns a character takes. The C library would need the data of a
 * locale for it, which a static program may not find.
 */
#include <sys/ioctl.h>
#include "width.h"

struct range {
	unsigned int first;
	unsigned int last;
};

/* Not seen themselves, but they change how others are. */
static const struct range hidden[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },
	{ 0x061c, 0x061c }, { 0x180e, 0x180e }, { 0x200b, 0x200c },
	{ 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
	{ 0xd800, 0xdfff }, { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb },
	{ 0xe0000, 0xe0fff },
};

/* Drawn over the character before. */
static const struct range combining[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0900, 0x0902 },
	{ 0x093c, 0x093c }, { 0x0941, 0x0948 }, { 0x094d, 0x094d },
	{ 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e },
	{ 0x1160, 0x11ff }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },
	{ 0x200d, 0x200d }, { 0x20d0, 0x20ff }, { 0x302a, 0x302d },
	{ 0x3099, 0x309a }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	{ 0x1f3fb, 0x1f3ff },
};

static const struct range wide[] = {
	{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x23e9, 0x23ec },
	{ 0x2e80, 0x303e }, { 0x3041, 0x33ff }, { 0x3400, 0x4dbf },
	{ 0x4e00, 0x9fff }, { 0xa000, 0xa4cf }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
	{ 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

#define IN(table, code) \
	is_in(table, sizeof(table) / sizeof((table)[0]), code)

static bool is_in(const struct range *table, size_t n, unsigned int code)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (code >= table[i].first && code <= table[i].last)
			return true;
	return false;
}

/* The length of the character that begins so, or 0. */
static size_t utf8_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Returns the length of the character, or 0 where it is none. */
static size_t utf8_decode(const char *text, size_t len, unsigned int *code)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t size = utf8_length(s[0]), i;

	if (!size || size > len)
		return 0;
	*code = size == 1 ? s[0] : s[0] & (0x7fu >> size);
	for (i = 1; i < size; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	return size;
}

/* The first character of a text that is not empty. */
struct glyph width_glyph(const char *text, size_t len)
{
	unsigned int code;
	size_t size = utf8_decode(text, len, &code);

	if (!size)
		return (struct glyph){ .bytes = 1, .width = 1 };
	if (IN(hidden, code))
		return (struct glyph){ .bytes = size, .width = 1 };
	return (struct glyph){
		.bytes = size,
		.width = IN(combining, code) ? 0 : IN(wide, code) ? 2 : 1,
		.visible = true,
	};
}

/* The columns of a terminal, or what is usual. */
unsigned int width_terminal(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col;
}
