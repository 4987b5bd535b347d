// SPDX-License-Identifier: GPL-2.0
/* The source "lines": the lines of an open file, without their newlines. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "file.h"
#include "find.h"
#include "op.h"
#include "quota.h"

/* Holds the longest line and its newline, whatever a read returns. */
#define LINES_BUF (2 * CHP_BYTES_MAX)

/* What is allocated for a line at least, so that the next one fits, too. */
#define LINES_ROOM 256

/**
 * struct lines_state - where the reading is
 * @file: what is read
 * @buf: of LINES_BUF bytes
 * @start: of what has not been handed out
 * @end: of what has been read
 * @seen: bytes from @start on that are no newline
 * @due: others have had their turn, and a read is next
 * @eof: nothing more can be read
 * @spare: the byte string that went out last; when nobody else has it any more,
 *	it is the next one
 */
struct lines_state {
	struct chp_op_file file;
	char *buf;
	size_t start;
	size_t end;
	size_t seen;
	bool due;
	bool eof;
	struct chp_bytes *spare;
};

static int lines_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct lines_state *lines = st->state;
	int err;

	err = chp_op_file_open(st, &lines->file, FMODE_READ, why);
	if (err)
		return err;
	st->quick = chp_op_file_is_quick(&lines->file);
	err = chp_quota_charge(st->quota, LINES_BUF);
	if (err)
		goto close;
	lines->buf = kvmalloc(LINES_BUF, GFP_KERNEL_ACCOUNT);
	if (lines->buf)
		return 0;
	err = -ENOMEM;
	chp_quota_release(st->quota, LINES_BUF);
close:
	chp_op_file_close(&lines->file);
	return err;
}

static void lines_close(struct chp_op_stage *st)
{
	struct lines_state *lines = st->state;

	chp_op_file_close(&lines->file);
	chp_bytes_put(lines->spare);
	kvfree(lines->buf);
	chp_quota_release(st->quota, LINES_BUF);
}

/* Adds to the buffer; 0 at the end of the file too. */
static int lines_fill(struct lines_state *lines)
{
	ssize_t n;

	if (lines->start) {
		memmove(lines->buf, lines->buf + lines->start,
			lines->end - lines->start);
		lines->end -= lines->start;
		lines->start = 0;
	}
	n = chp_op_file_read(&lines->file, lines->buf + lines->end,
			     LINES_BUF - lines->end);
	if (n < 0)
		return n;
	lines->eof = !n;
	lines->end += n;
	return 0;
}

/*
 * Where the sink of a job reads itself, what it has made is sent before a read,
 * which may take as long as a disk does, and the job's times are looked at. A
 * file may have no newline, and no end.
 */
static int lines_read_on(struct lines_state *lines, bool quick)
{
	lines->due = quick && !lines->due;
	return lines->due ? -EINPROGRESS : lines_fill(lines);
}

/*
 * Finds the end of the line at @start. Returns its length, without the
 * newline; -ENODATA when there is no more line; -EINPROGRESS when it is to be
 * called again; or the error of a read. What is too long for a line is thrown
 * away but for one byte more than fits.
 */
static ssize_t lines_find(struct lines_state *lines, bool quick,
			  struct chp_worker *worker, size_t *taken)
{
	size_t have, nl;
	char *start;
	int err;

	for (;;) {
		start = lines->buf + lines->start;
		have = lines->end - lines->start;
		nl = lines->seen + chp_find_byte(start + lines->seen,
						 have - lines->seen, '\n');
		if (nl < have) {
			*taken = nl + 1;
			return nl;
		}
		if (lines->eof) {
			*taken = have;
			return have ? have : -ENODATA;
		}
		if (have > CHP_BYTES_MAX) {
			lines->end = lines->start + CHP_BYTES_MAX + 1;
			have = CHP_BYTES_MAX + 1;
		}
		lines->seen = have;
		err = chp_ctx_err(chp_worker_ctx(worker)) ?:
		      lines_read_on(lines, quick);
		if (err)
			return err;
	}
}

/* Ours for the next line, and with a reference for it. */
static struct chp_bytes *lines_alloc(struct chp_op_stage *st, size_t len)
{
	struct lines_state *lines = st->state;
	struct chp_bytes *bytes = lines->spare;

	if (!bytes || !chp_bytes_reuse(bytes, len)) {
		bytes = chp_bytes_alloc_room(st->quota, len, LINES_ROOM);
		if (IS_ERR(bytes))
			return bytes;
		chp_bytes_put(lines->spare);
		lines->spare = bytes;
	}
	return chp_bytes_get(bytes);
}

static int lines_emit(struct chp_op_stage *st, struct chp_item *item,
		      const char *line, size_t len)
{
	struct chp_bytes *bytes = lines_alloc(st, len);

	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	memcpy(bytes->data, line, len);
	chp_item_set_bytes(item, bytes);
	return CHP_EMIT;
}

static int lines_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	struct lines_state *lines = st->state;
	size_t taken = 0;
	ssize_t len;
	int verdict;

	if (!st->quick)
		chp_op_file_begin(&lines->file, worker);
	len = lines_find(lines, st->quick, worker, &taken);
	if (len == -ENODATA)
		return CHP_STOP;
	if (len == -EINPROGRESS)
		return CHP_DROP;
	if (len < 0)
		return chp_op_file_failed(st, worker, len);
	verdict = lines_emit(st, item, lines->buf + lines->start, len);
	lines->start += taken;
	lines->seen = 0;
	return verdict;
}

const struct chp_op chp_op_lines = {
	.desc = {
		.name = "lines",
		.help = "the lines of an open file, without their newlines",
		.flags = CHP_OP_SOURCE,
		.makes = CHP_T_BYTES,
		.params = {
			{ .name = "fd", .kind = CHP_P_FD, .keyword = true },
		},
	},
	.state = sizeof(struct lines_state),
	.sleeps = true,
	.open = lines_open,
	.close = lines_close,
	.item = lines_item,
};
