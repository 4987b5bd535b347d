/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTL_INPUT_H
#define CTL_INPUT_H

#include <stddef.h>
#include <sys/types.h>

/**
 * struct input - a file that is read line by line
 * @fd: the file
 * @buf: grows to hold the longest line
 * @size: of @buf
 * @start: of what has not been handed out
 * @end: of what has been read
 */
struct input {
	int fd;
	char *buf;
	size_t size;
	size_t start;
	size_t end;
};

ssize_t input_read(struct input *in);
char *input_line(struct input *in, size_t *len);
void input_free(struct input *in);

#endif
