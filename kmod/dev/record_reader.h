/* SPDX-License-Identifier: GPL-2.0 */
/* Results that are read as records. */
#ifndef CHP_DEV_RECORD_READER_H
#define CHP_DEV_RECORD_READER_H

#include <linux/types.h>

struct chanpat_done;
struct chanpat_record;
struct chanpat_reject;
struct chp_file;
struct chp_job;
struct chp_reject;
struct chp_result;
struct iov_iter;

/**
 * struct chp_batch - records that are made of results
 * @buf: grows as needed
 * @size: of @buf
 * @room: how much of it may be filled
 * @len: of the records
 * @pos: how much of them has been read, whole records
 * @last: the last record, which may take more values; NULL: none
 */
struct chp_batch {
	void *buf;
	size_t size;
	size_t room;
	size_t len;
	size_t pos;
	struct chanpat_record *last;
};

int chp_batch_start(struct chp_batch *batch, size_t room);
int chp_batch_result(struct chp_batch *batch, const struct chp_result *result);
int chp_batch_reject(struct chp_batch *batch, const struct chp_reject *why);
void chp_batch_free(struct chp_batch *batch);

void chp_record_done(struct chanpat_done *done, const struct chp_job *job);
void chp_record_reject(struct chanpat_reject *reject,
		       const struct chp_reject *why, u64 cookie);

ssize_t chp_records_read(struct chp_file *f, struct iov_iter *to, bool nowait);

#endif
