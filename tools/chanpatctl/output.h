/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

#include <stddef.h>

#define OUTPUT_BUFFER (64 * 1024)

/**
 * struct output - lines for stdout
 * @len: bytes that wait
 * @buf: them
 */
struct output {
	size_t len;
	char buf[OUTPUT_BUFFER];
};

int output_flush(struct output *out);
int output_line(struct output *out, const char *text, size_t len);

#endif
