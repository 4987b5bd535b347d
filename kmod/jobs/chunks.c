// SPDX-License-Identifier: GPL-2.0
/*
 * The source "chunks": an open file in pieces of the same size. A piece from a
 * pipe is waited for until it is full, or the end has come.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "file.h"
#include "op.h"
#include "quota.h"

/**
 * struct chunks_state - where the reading is
 * @file: what is read
 * @buf: of a chunk's size
 * @eof: nothing more can be read
 */
struct chunks_state {
	struct chp_op_file file;
	char *buf;
	bool eof;
};

static size_t chunks_size(const struct chp_op_stage *st)
{
	return chp_op_num(st, 1);
}

static int chunks_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct chunks_state *chunks = st->state;
	size_t size = chunks_size(st);
	int err;

	if (size > CHP_BYTES_MAX) {
		scnprintf(why->reason, sizeof(why->reason),
			  "size of \"chunks\" must be from 1 to %d",
			  CHP_BYTES_MAX);
		return -ERANGE;
	}
	err = chp_op_file_open(st, &chunks->file, FMODE_READ, why);
	if (err)
		return err;
	err = chp_quota_charge(st->quota, size);
	if (err)
		goto close;
	chunks->buf = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (chunks->buf)
		return 0;
	err = -ENOMEM;
	chp_quota_release(st->quota, size);
close:
	chp_op_file_close(&chunks->file);
	return err;
}

static void chunks_close(struct chp_op_stage *st)
{
	struct chunks_state *chunks = st->state;

	chp_op_file_close(&chunks->file);
	kvfree(chunks->buf);
	chp_quota_release(st->quota, chunks_size(st));
}

/* Fills the buffer as far as the file goes: how many bytes, or an error. */
static ssize_t chunks_fill(struct chunks_state *chunks, size_t size,
			   const struct chp_ctx *ctx)
{
	size_t have = 0;
	ssize_t n;

	while (have < size && !chunks->eof) {
		n = chp_ctx_err(ctx) ?:
		    chp_op_file_read(&chunks->file, chunks->buf + have,
				     size - have);
		if (n < 0)
			return n;
		chunks->eof = !n;
		have += n;
	}
	return have;
}

/* Read before it has memory: what has none is an error in its place. */
static int chunks_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	struct chunks_state *chunks = st->state;
	struct chp_bytes *bytes;
	ssize_t len;

	chp_op_file_begin(&chunks->file, worker);
	len = chunks_fill(chunks, chunks_size(st), chp_worker_ctx(worker));
	if (!len)
		return CHP_STOP;
	if (len < 0)
		return chp_op_file_failed(st, worker, len);
	bytes = chp_bytes_alloc(st->quota, len);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	memcpy(bytes->data, chunks->buf, len);
	chp_item_set_bytes(item, bytes);
	return CHP_EMIT;
}

const struct chp_op chp_op_chunks = {
	.desc = {
		.name = "chunks",
		.help = "an open file in byte strings of SIZE, the last may be shorter",
		.flags = CHP_OP_SOURCE,
		.makes = CHP_T_BYTES,
		.params = {
			{ .name = "fd", .kind = CHP_P_FD, .keyword = true },
			{ .name = "size", .kind = CHP_P_SIZE, .keyword = true,
			  .bounded = true, .min = 1 },
		},
	},
	.state = sizeof(struct chunks_state),
	.sleeps = true,
	.open = chunks_open,
	.close = chunks_close,
	.item = chunks_item,
};
