/* SPDX-License-Identifier: GPL-2.0 */
/* Records that are written: parsed, and not yet obeyed. */
#ifndef CHP_DEV_RECORD_H
#define CHP_DEV_RECORD_H

#include <linux/types.h>

struct chp_item;
struct chp_quota;
struct chp_reject;
struct iov_iter;

/**
 * struct chp_record - a record that is written
 * @type: CHANPAT_LINE, CHANPAT_NUMBERS, CHANPAT_BYTES, CHANPAT_END or
 *	CHANPAT_CANCEL
 * @cookie: the job that it is about, or is to make; 0 only for CHANPAT_LINE
 * @line: CHANPAT_LINE, not ended by NUL
 * @len: of @line
 * @items: CHANPAT_NUMBERS and CHANPAT_BYTES, until they have been pushed
 * @nr_items: of those
 */
struct chp_record {
	u16 type;
	u64 cookie;
	char *line;
	size_t len;
	struct chp_item *items;
	u32 nr_items;
};

int chp_record_parse(struct chp_record *record, struct iov_iter *from,
		     struct chp_quota *quota, struct chp_reject *why);
void chp_record_free(struct chp_record *record);

#endif
