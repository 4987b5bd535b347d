// SPDX-License-Identifier: GPL-2.0
/*
 * The source "lines": the lines of an open file, without their newlines.
 *
 * The file is the one that the descriptor names when the line is written; its
 * own reference is kept. A file with a position is read from where it stands,
 * with a position of our own, so that the descriptor does not move.
 *
 * Reading may block, on a pipe for ever, so it is done in a thread, which
 * takes one signal: the end of its context, so that a read is interrupted.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <chanpat/ctx.h>
#include "op.h"
#include "quota.h"

/* Holds the longest line and its newline, whatever a read returns. */
#define LINES_BUF (2 * CHP_BYTES_MAX)

/**
 * struct lines_state - where the reading is
 * @file: what is read
 * @pos: the next read; not used for streams
 * @buf: of LINES_BUF bytes
 * @start: of what has not been handed out
 * @end: of what has been read
 * @eof: nothing more can be read
 * @reader: the thread, with a reference; NULL before its first item
 * @wake: interrupts @reader
 */
struct lines_state {
	struct file *file;
	loff_t pos;
	char *buf;
	size_t start;
	size_t end;
	bool eof;
	struct task_struct *reader;
	struct chp_after wake;
};

static int lines_refuse(struct chp_reject *why, int err, int fd,
			const char *reason)
{
	scnprintf(why->reason, sizeof(why->reason), "descriptor %d %s", fd,
		  reason);
	return err;
}

/* A job that reads the device would wait for itself. */
static int lines_check(struct file *file, int fd, struct chp_reject *why)
{
	if (!(file->f_mode & FMODE_READ))
		return lines_refuse(why, -EBADF, fd, "is not open for reading");
	if (S_ISDIR(file_inode(file)->i_mode))
		return lines_refuse(why, -EISDIR, fd, "is a directory");
	/*
	 * The queue of a socket can hold files, the one of this session among
	 * them: nothing would ever be closed again.
	 */
	if (S_ISSOCK(file_inode(file)->i_mode))
		return lines_refuse(why, -EINVAL, fd,
				    "is a socket, give a pipe or a file");
	if (file->f_op->owner == THIS_MODULE)
		return lines_refuse(why, -ELOOP, fd, "is chanpat itself");
	if (!file->f_op->read_iter || file->f_op->read)
		return lines_refuse(why, -EINVAL, fd,
				    "is of a kind that the kernel cannot read");
	return 0;
}

static int lines_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct lines_state *lines = st->state;
	int fd = chp_op_num(st, 0), err;

	if (!st->files)
		return lines_refuse(why, -EPERM, fd,
				    "must be named in a whole line, by one with the rights of who opened the device");
	/* Gone where a kernel thread writes. */
	lines->file = current->files ? fget(fd) : NULL;
	if (!lines->file)
		return lines_refuse(why, -EBADF, fd, "is not open");
	err = lines_check(lines->file, fd, why);
	if (err)
		goto put;
	err = chp_quota_charge(st->quota, LINES_BUF);
	if (err)
		goto put;
	lines->buf = kvmalloc(LINES_BUF, GFP_KERNEL_ACCOUNT);
	err = -ENOMEM;
	if (!lines->buf)
		goto release;
	lines->pos = READ_ONCE(lines->file->f_pos);
	return 0;
release:
	chp_quota_release(st->quota, LINES_BUF);
put:
	fput(lines->file);
	lines->file = NULL;
	return err;
}

static void lines_close(struct chp_op_stage *st)
{
	struct lines_state *lines = st->state;

	if (!lines->file)
		return;
	if (lines->reader) {
		chp_ctx_after_stop(&lines->wake);
		put_task_struct(lines->reader);
	}
	kvfree(lines->buf);
	chp_quota_release(st->quota, LINES_BUF);
	fput(lines->file);
}

static void lines_wake(struct work_struct *work)
{
	struct lines_state *lines =
		container_of(work, struct lines_state, wake.work);

	send_sig(SIGKILL, lines->reader, 1);
}

/* In the reader's thread, which is known only now. */
static void lines_begin(struct lines_state *lines, struct chp_worker *worker)
{
	if (lines->reader)
		return;
	allow_signal(SIGKILL);
	lines->reader = get_task_struct(current);
	INIT_WORK(&lines->wake.work, lines_wake);
	chp_ctx_after(chp_worker_ctx(worker), &lines->wake);
}

/* With the rights of who opened the file, as some files look at each read. */
static ssize_t lines_read(struct lines_state *lines)
{
	bool stream = lines->file->f_mode & FMODE_STREAM;
	const struct cred *old = override_creds(lines->file->f_cred);
	ssize_t n;

	n = kernel_read(lines->file, lines->buf + lines->end,
			LINES_BUF - lines->end, stream ? NULL : &lines->pos);
	revert_creds(old);
	return n;
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
	n = lines_read(lines);
	if (n < 0)
		return n;
	lines->eof = !n;
	lines->end += n;
	return 0;
}

/*
 * Finds the end of the line at @start. Returns its length, without the
 * newline; -ENODATA when there is no more line; or the error of a read. What
 * is too long for a line is thrown away but for one byte more than fits.
 */
static ssize_t lines_find(struct lines_state *lines, const struct chp_ctx *ctx,
			  size_t *taken)
{
	size_t seen = 0, have;
	char *start, *nl;
	int err;

	for (;;) {
		start = lines->buf + lines->start;
		have = lines->end - lines->start;
		nl = memchr(start + seen, '\n', have - seen);
		if (nl) {
			*taken = nl - start + 1;
			return nl - start;
		}
		if (lines->eof) {
			*taken = have;
			return have ? have : -ENODATA;
		}
		if (have > CHP_BYTES_MAX) {
			lines->end = lines->start + CHP_BYTES_MAX + 1;
			have = CHP_BYTES_MAX + 1;
		}
		seen = have;
		/* A file may have no newline, and no end. */
		err = chp_ctx_err(ctx) ?: lines_fill(lines);
		if (err)
			return err;
	}
}

static int lines_emit(struct chp_op_stage *st, struct chp_item *item,
		      const char *line, size_t len)
{
	struct chp_bytes *bytes = chp_bytes_alloc(st->quota, len);

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

	lines_begin(lines, worker);
	len = lines_find(lines, chp_worker_ctx(worker), &taken);
	/* A read that was interrupted because the job ends has not failed. */
	if (len == -ENODATA || (len < 0 && chp_ctx_err(chp_worker_ctx(worker))))
		return CHP_STOP;
	if (len < 0) {
		st->failed = len == -ERESTARTSYS ? EINTR : -len;
		return CHP_STOP;
	}
	verdict = lines_emit(st, item, lines->buf + lines->start, len);
	lines->start += taken;
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
