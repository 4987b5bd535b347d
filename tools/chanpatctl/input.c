// SPDX-License-Identifier: GPL-2.0
/* Lines of a file, read in large pieces. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "input.h"

/* What is read at a time, if there is so much. */
#define INPUT_READ (64 * 1024)

static int input_reserve(struct input *in)
{
	char *buf;

	memmove(in->buf, in->buf + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;
	if (in->size - in->end >= INPUT_READ)
		return 0;
	buf = realloc(in->buf, 2 * in->size + INPUT_READ);
	if (!buf)
		return -1;
	in->buf = buf;
	in->size = 2 * in->size + INPUT_READ;
	return 0;
}

/* Reads once. Returns as read(). */
ssize_t input_read(struct input *in)
{
	ssize_t n;

	if (input_reserve(in)) {
		errno = ENOMEM;
		return -1;
	}
	do {
		n = read(in->fd, in->buf + in->end, INPUT_READ);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		in->end += n;
	return n;
}

/* The next whole line, with a NUL in place of its newline; or NULL. */
char *input_line(struct input *in, size_t *len)
{
	char *line = in->buf + in->start;
	char *newline;

	if (in->start == in->end)
		return NULL;
	newline = memchr(line, '\n', in->end - in->start);
	if (!newline)
		return NULL;
	*newline = '\0';
	*len = newline - line;
	in->start += *len + 1;
	return line;
}

void input_free(struct input *in)
{
	free(in->buf);
}
