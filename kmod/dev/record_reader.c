// SPDX-License-Identifier: GPL-2.0
/*
 * A read takes results from the session, as many as are there and fit, and
 * makes records of them, in the file's memory: consecutive items of the same
 * job and kind are values of one record. What was made stays until it has been
 * copied to the reader, so a bad pointer loses nothing. A long string is a record of
 * its own, and is copied from where jobs have worked on it.
 */
#include <linux/align.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <uapi/linux/chanpat.h>
#include "../compat.h"
#include "../jobs/job.h"
#include "file.h"
#include "record_reader.h"
#include "result.h"
#include "session.h"

#define RECORD_ALIGN 8

/* Bytes from which on a string is not worth gathering with others. */
#define READER_LONG 1024

static_assert(CHANPAT_RUNNING == (int)CHP_JOB_RUNNING);
static_assert(CHANPAT_OK == (int)CHP_JOB_OK);
static_assert(CHANPAT_CANCELLED == (int)CHP_JOB_CANCELLED);
static_assert(CHANPAT_TIMEOUT == (int)CHP_JOB_TIMEOUT);
static_assert(CHANPAT_IDLE == (int)CHP_JOB_IDLE);
static_assert(CHANPAT_FAILED == (int)CHP_JOB_FAILED);
static_assert(CHANPAT_REASON == CHP_REASON_MAX);

/**
 * chp_batch_start() - begin with no records
 * @batch: all of its records have been read
 * @room: bytes of records that there may be
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int chp_batch_start(struct chp_batch *batch, size_t room)
{
	void *buf;

	room = min_t(size_t, room, CHANPAT_RECORD_MAX);
	if (room > batch->size) {
		buf = kvmalloc(room, GFP_KERNEL_ACCOUNT);
		if (!buf)
			return -ENOMEM;
		kvfree(batch->buf);
		batch->buf = buf;
		batch->size = room;
	}
	batch->room = room;
	WRITE_ONCE(batch->pos, 0);
	WRITE_ONCE(batch->len, 0);
	batch->last = NULL;
	return 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_batch_start);

static bool batch_begin(struct chp_batch *batch, const struct chp_job *job,
			u16 type, size_t size)
{
	if (batch->room - batch->len < sizeof(*batch->last) + size)
		return false;
	batch->last = batch->buf + batch->len;
	*batch->last = (struct chanpat_record){
		.size = sizeof(*batch->last),
		.type = type,
		.cookie = job ? job->cookie : 0,
		.job = job ? job->id : 0,
	};
	WRITE_ONCE(batch->len, batch->len + sizeof(*batch->last));
	return true;
}

static bool batch_continues(const struct chp_batch *batch,
			    const struct chp_job *job, u16 type)
{
	return batch->last && batch->last->type == type && job &&
	       batch->last->job == job->id;
}

/* Where a value of @size bytes stands; NULL when there is no room for it. */
static void *batch_add(struct chp_batch *batch, const struct chp_job *job,
		       u16 type, size_t size)
{
	void *value;

	if (!batch_continues(batch, job, type)) {
		if (!batch_begin(batch, job, type, size))
			return NULL;
	} else if (batch->room - batch->len < size) {
		return NULL;
	}
	value = batch->buf + batch->len;
	batch->last->size += size;
	batch->last->count++;
	WRITE_ONCE(batch->len, batch->len + size);
	return value;
}

static int batch_number(struct chp_batch *batch, const struct chp_job *job,
			s64 num)
{
	s64 *value = batch_add(batch, job, CHANPAT_NUMBERS, sizeof(num));

	if (!value)
		return -EMSGSIZE;
	*value = num;
	return 0;
}

static int batch_bytes(struct chp_batch *batch, const struct chp_job *job,
		       const struct chp_bytes *bytes)
{
	size_t padded = ALIGN(bytes->len, RECORD_ALIGN);
	struct chanpat_bytes *value;

	value = batch_add(batch, job, CHANPAT_BYTES, sizeof(*value) + padded);
	if (!value)
		return -EMSGSIZE;
	value->len = bytes->len;
	value->reserved = 0;
	memcpy(value->data, bytes->data, bytes->len);
	memset(value->data + bytes->len, 0, padded - bytes->len);
	return 0;
}

static int batch_error(struct chp_batch *batch, const struct chp_job *job,
		       const struct chp_item *item)
{
	struct chanpat_error *value;

	value = batch_add(batch, job, CHANPAT_ERRORS, sizeof(*value));
	if (!value)
		return -EMSGSIZE;
	*value = (struct chanpat_error){
		.seq = item->seq,
		.err = item->err,
		.stage = item->stage,
	};
	return 0;
}

/* How a job has ended, which is over. */
void chp_record_done(struct chanpat_done *done, const struct chp_job *job)
{
	*done = (struct chanpat_done){
		.items = READ_ONCE(job->items),
		.errors = READ_ONCE(job->errors),
		.time_ns = ktime_to_ns(ktime_sub(job->ended, job->started)),
		.status = job->status,
		.err = job->status == CHP_JOB_FAILED ? job->failed : 0,
	};
}

/* @reject has no padding, and is all written. */
void chp_record_reject(struct chanpat_reject *reject,
		       const struct chp_reject *why, u64 cookie)
{
	memset(reject, 0, sizeof(*reject));
	reject->cookie = cookie;
	reject->err = -why->err;
	reject->col = why->col;
	strscpy(reject->reason, why->reason, sizeof(reject->reason));
}

static int batch_done(struct chp_batch *batch, const struct chp_job *job)
{
	struct chanpat_done *value;

	value = batch_add(batch, job, CHANPAT_DONE, sizeof(*value));
	if (!value)
		return -EMSGSIZE;
	chp_record_done(value, job);
	return 0;
}

/**
 * chp_batch_result() - add a result to the records
 * @batch: begun
 * @result: whose job is there
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE when there is no room for it.
 */
int chp_batch_result(struct chp_batch *batch, const struct chp_result *result)
{
	const struct chp_item *item = &result->item;

	switch (item->type) {
	case CHP_ITEM_NUM:
		return batch_number(batch, result->job, item->num);
	case CHP_ITEM_BYTES:
		return batch_bytes(batch, result->job, item->bytes);
	case CHP_ITEM_ERROR:
		return batch_error(batch, result->job, item);
	default:
		return batch_done(batch, result->job);
	}
}
EXPORT_SYMBOL_CHP_TESTS(chp_batch_result);

/**
 * chp_batch_reject() - add a reason to the records
 * @batch: begun
 * @why: the reason
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE when there is no room for it.
 */
int chp_batch_reject(struct chp_batch *batch, const struct chp_reject *why)
{
	struct chanpat_reject *value;

	value = batch_add(batch, NULL, CHANPAT_REJECT, sizeof(*value));
	if (!value)
		return -EMSGSIZE;
	chp_record_reject(value, why, 0);
	return 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_batch_reject);

void chp_batch_free(struct chp_batch *batch)
{
	kvfree(batch->buf);
}
EXPORT_SYMBOL_CHP_TESTS(chp_batch_free);

static int reader_add_reject(struct chp_file *f,
			     struct chp_reject_record *reject)
{
	int err = chp_batch_reject(&f->batch, &reject->why);

	if (!err)
		chp_session_pass_reject(f->session, reject);
	return err;
}

static bool reader_is_long(const struct chp_result *result)
{
	return result->item.type == CHP_ITEM_BYTES &&
	       result->item.bytes->len >= READER_LONG;
}

static int reader_add(struct chp_file *f)
{
	struct chp_reject_record *reject;
	const struct chp_result *result;
	int err;

	reject = chp_session_peek_reject(f->session);
	if (reject)
		return reader_add_reject(f, reject);
	result = chp_session_peek(f->session);
	if (!result)
		return -EAGAIN;
	/* Its turn comes when what is here has been copied. */
	if (reader_is_long(result))
		return -EMSGSIZE;
	err = chp_batch_result(&f->batch, result);
	if (!err)
		chp_session_pass(f->session);
	return err;
}

/* All of it, or nothing is lost and @to is where it was. */
static ssize_t reader_copy_string(const struct chp_result *result,
				  struct iov_iter *to)
{
	const struct chp_bytes *bytes = result->item.bytes;
	static const u8 zeroes[RECORD_ALIGN];
	size_t padding = ALIGN(bytes->len, RECORD_ALIGN) - bytes->len, n;
	struct {
		struct chanpat_record record;
		struct chanpat_bytes bytes;
	} head = {
		.record = {
			.size = sizeof(head) + bytes->len + padding,
			.type = CHANPAT_BYTES,
			.cookie = result->job->cookie,
			.job = result->job->id,
			.count = 1,
		},
		.bytes.len = bytes->len,
	};

	if (iov_iter_count(to) < head.record.size)
		return -EMSGSIZE;
	n = copy_to_iter(&head, sizeof(head), to);
	n += copy_to_iter(bytes->data, bytes->len, to);
	n += copy_to_iter(zeroes, padding, to);
	if (n == head.record.size)
		return n;
	iov_iter_revert(to, n);
	return -EFAULT;
}

/* The bytes of a long string that is the next to be read; 0 when none is. */
static ssize_t reader_long(struct chp_file *f, struct iov_iter *to)
{
	const struct chp_result *result;
	ssize_t n;

	if (chp_session_peek_reject(f->session))
		return 0;
	result = chp_session_peek(f->session);
	if (!result || !reader_is_long(result))
		return 0;
	n = reader_copy_string(result, to);
	if (n > 0)
		chp_session_pass(f->session);
	return n;
}

/* Takes only what fits. */
static int reader_gather(struct chp_file *f)
{
	int err;

	do {
		err = reader_add(f);
	} while (!err);
	return f->batch.len ? 0 : err;
}

/* Bytes that have been copied already, or 0 when there is a batch to copy. */
static ssize_t reader_fill(struct chp_file *f, struct iov_iter *to, bool nowait)
{
	ssize_t n = chp_batch_start(&f->batch, iov_iter_count(to));

	if (!n)
		n = chp_session_lock_reading(f->session, nowait);
	if (n)
		return n;
	n = reader_long(f, to);
	if (!n)
		n = reader_gather(f);
	mutex_unlock(&f->session->reading);
	return n;
}

/* How much of the next @n bytes are whole records. */
static size_t reader_whole(const struct chp_batch *batch, size_t n)
{
	const struct chanpat_record *record;
	size_t whole = 0;

	n = min(n, batch->len - batch->pos);
	while (whole < n) {
		record = batch->buf + batch->pos + whole;
		if (record->size > n - whole)
			break;
		whole += record->size;
	}
	return whole;
}

static ssize_t reader_copy(struct chp_batch *batch, struct iov_iter *to)
{
	size_t want = reader_whole(batch, iov_iter_count(to)), n, whole;

	if (!want)
		return -EMSGSIZE;
	n = copy_to_iter(batch->buf + batch->pos, want, to);
	whole = n < want ? reader_whole(batch, n) : n;
	iov_iter_revert(to, n - whole);
	WRITE_ONCE(batch->pos, batch->pos + whole);
	return whole ?: -EFAULT;
}

/**
 * chp_records_read() - read whole records, as many as there are and fit
 * @f: its @reading is held by the caller
 * @to: not empty
 * @nowait: do not wait for a lock
 *
 * Context: may sleep.
 * Return: bytes; -EAGAIN when there is nothing now; -EMSGSIZE when the first
 * record or its first value does not fit; -ERESTARTSYS; -EFAULT and -ENOMEM, and
 * nothing is lost.
 */
ssize_t chp_records_read(struct chp_file *f, struct iov_iter *to, bool nowait)
{
	struct chp_batch *batch = &f->batch;
	ssize_t done = 0, n;

	do {
		cond_resched();
		n = 0;
		if (batch->pos == batch->len)
			n = reader_fill(f, to, nowait);
		if (!n)
			n = reader_copy(batch, to);
		if (n < 0)
			return done ?: n;
		done += n;
	} while (iov_iter_count(to));
	return done;
}
