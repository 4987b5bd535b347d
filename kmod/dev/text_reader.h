/* SPDX-License-Identifier: GPL-2.0 */
/* Results that are read as text. */
#ifndef CHP_DEV_TEXT_READER_H
#define CHP_DEV_TEXT_READER_H

#include <linux/types.h>

struct chp_file;
struct iov_iter;

ssize_t chp_text_read(struct chp_file *f, struct iov_iter *to, bool nowait);

#endif
