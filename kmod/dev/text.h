/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_DEV_TEXT_H
#define CHP_DEV_TEXT_H

#include <linux/types.h>

struct chp_reject;
struct chp_result;

/**
 * struct chp_text - a buffer for one line of output
 * @buf: grows as needed
 * @size: of @buf
 * @len: of the line
 * @pos: how much of it has been read
 */
struct chp_text {
	char *buf;
	size_t size;
	size_t len;
	size_t pos;
};

int chp_text_result(struct chp_text *text, const struct chp_result *result);
int chp_text_reject(struct chp_text *text, const struct chp_reject *why);
void chp_text_free(struct chp_text *text);

#endif
