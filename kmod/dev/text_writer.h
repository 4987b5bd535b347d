/* SPDX-License-Identifier: GPL-2.0 */
/* Text that is written, cut into lines. */
#ifndef CHP_DEV_TEXT_WRITER_H
#define CHP_DEV_TEXT_WRITER_H

#include <linux/types.h>

struct chp_file;
struct iov_iter;

/**
 * struct chp_text_writer - a line that has begun
 * @buf: NULL before the first write
 * @len: of what there is of the line
 * @size: what @buf can hold
 */
struct chp_text_writer {
	char *buf;
	size_t len;
	size_t size;
};

size_t chp_text_write(struct chp_file *f, struct iov_iter *from,
		      unsigned int flags, int *err);
void chp_text_write_rest(struct chp_file *f);
void chp_text_writer_free(struct chp_text_writer *w);

#endif
