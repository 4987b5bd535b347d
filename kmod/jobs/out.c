// SPDX-License-Identifier: GPL-2.0
/*
 * The sink "out": writes items to an open file, as they are, each with a
 * newline behind it; with "raw" nothing but the items. One write for each, so
 * that lines of several who append to the same file are not mixed.
 *
 * Errors among the items pass: they are news for the reader, not for the file.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "file.h"
#include "op.h"
#include "quota.h"

/* Holds the longest item and its newline. */
#define OUT_BUF (CHP_BYTES_MAX + 1)

/**
 * struct out_state - where the writing is
 * @file: what is written
 * @buf: of OUT_BUF bytes
 */
struct out_state {
	struct chp_op_file file;
	char *buf;
};

static int out_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct out_state *out = st->state;
	int err;

	err = chp_op_file_open(st, &out->file, FMODE_WRITE, why);
	if (err)
		return err;
	err = chp_quota_charge(st->quota, OUT_BUF);
	if (err)
		goto close;
	out->buf = kvmalloc(OUT_BUF, GFP_KERNEL_ACCOUNT);
	if (out->buf)
		return 0;
	err = -ENOMEM;
	chp_quota_release(st->quota, OUT_BUF);
close:
	chp_op_file_close(&out->file);
	return err;
}

static void out_close(struct chp_op_stage *st)
{
	struct out_state *out = st->state;

	chp_op_file_close(&out->file);
	kvfree(out->buf);
	chp_quota_release(st->quota, OUT_BUF);
}

/* The item as it is written; its length. */
static size_t out_format(struct out_state *out, const struct chp_item *item,
			 bool raw)
{
	size_t len;

	if (item->type == CHP_ITEM_BYTES) {
		len = item->bytes->len;
		memcpy(out->buf, item->bytes->data, len);
	} else {
		len = sprintf(out->buf, "%lld", item->num);
	}
	if (!raw)
		out->buf[len++] = '\n';
	return len;
}

/* All of it, however often it takes. */
static int out_write(struct out_state *out, size_t len,
		     const struct chp_ctx *ctx)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = chp_ctx_err(ctx) ?:
		    chp_op_file_write(&out->file, out->buf + done, len - done);
		if (n < 0)
			return n;
		/* No file should take nothing; else this would never end. */
		if (!n)
			return -EIO;
		done += n;
	}
	return 0;
}

static int out_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	struct out_state *out = st->state;
	size_t len = out_format(out, item, st->spec->args[1].given);
	int err;

	chp_item_drop(item);
	chp_op_file_begin(&out->file, worker);
	err = out_write(out, len, chp_worker_ctx(worker));
	return err ? chp_op_file_failed(st, worker, err) : CHP_DROP;
}

const struct chp_op chp_op_out = {
	.desc = {
		.name = "out",
		.help = "nothing; items are written to an open file, a line each unless raw",
		.flags = CHP_OP_STATE | CHP_OP_MANY,
		.takes = CHP_T_ANY,
		.params = {
			{ .name = "fd", .kind = CHP_P_FD, .keyword = true },
			{ .name = "raw", .kind = CHP_P_FLAG, .keyword = true,
			  .optional = true },
		},
	},
	.state = sizeof(struct out_state),
	.sleeps = true,
	.open = out_open,
	.close = out_close,
	.item = out_item,
};
