/* SPDX-License-Identifier: GPL-2.0 */
/* Records that are written: what the session does with them. */
#ifndef CHP_DEV_RECORD_WRITER_H
#define CHP_DEV_RECORD_WRITER_H

#include <linux/types.h>

struct chp_file;
struct iov_iter;

size_t chp_records_write(struct chp_file *f, struct iov_iter *from,
			 unsigned int flags, int *err);

#endif
