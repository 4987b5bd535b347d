// SPDX-License-Identifier: GPL-2.0
/*
 * A write is cut into lines, each of which is taken by the file's session. A
 * line that has begun is kept with the file until its newline is written, or
 * the file is closed.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include "file.h"
#include "limits.h"
#include "line.h"
#include "session.h"
#include "text_writer.h"

/* Bytes of a write that are copied at a time. */
#define WRITE_CHUNK 4096

/* One byte more than a line may have: the parser says what is wrong with it. */
static int writer_reserve(struct chp_text_writer *w)
{
	size_t size = READ_ONCE(chp_limits.line) + 1;
	char *buf;

	if (size <= w->size)
		return 0;
	buf = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	if (w->buf)
		memcpy(buf, w->buf, w->len);
	kvfree(w->buf);
	w->buf = buf;
	w->size = size;
	return 0;
}

static int writer_take_line(struct chp_file *f, size_t len, unsigned int flags)
{
	struct chp_line line = {
		.text = f->line.buf,
		.len = len,
		.flags = flags,
	};
	struct chp_reject why;
	int err = chp_session_line(f->session, &line, &why);

	if (why.err && err == why.err && !(flags & CHP_LINE_UNHEARD))
		chp_file_rejected(f, &why, 0);
	return err;
}

/*
 * The end of a line. What had been kept of it stays when the writer will give
 * the end of it again: there is no place, or the error is not heard yet.
 */
static int writer_end_line(struct chp_file *f, const char *buf, size_t len,
			   unsigned int flags)
{
	struct chp_text_writer *w = &f->line;
	size_t room = w->size - w->len;
	int err;

	memcpy(w->buf + w->len, buf, min(len, room));
	err = writer_take_line(f, w->len + min(len, room), flags);
	if (err == -EBUSY || err == -EAGAIN || err == -ERESTARTSYS)
		return err;
	if (!err || !(flags & CHP_LINE_UNHEARD))
		w->len = 0;
	return err;
}

/*
 * The beginning of a line that is to be continued. When it is too long already
 * it is rejected now.
 */
static int writer_keep(struct chp_file *f, const char *buf, size_t len,
		       unsigned int flags)
{
	struct chp_text_writer *w = &f->line;

	if (len >= w->size - w->len)
		return writer_end_line(f, buf, len, flags);
	memcpy(w->buf + w->len, buf, len);
	w->len += len;
	return 0;
}

/*
 * Takes the lines in @buf. Returns how much of it was taken: all, or what
 * stands before a line with an error, which is in *@err. Only the error of the
 * first line can be returned to the writer; before a later one the write is
 * short, and that line comes again as the first.
 */
static size_t writer_take(struct chp_file *f, const char *buf, size_t len,
			  unsigned int flags, int *err)
{
	const char *pos = buf, *end = buf + len, *nl;

	while (pos < end) {
		nl = memchr(pos, '\n', end - pos);
		if (nl)
			*err = writer_end_line(f, pos, nl - pos, flags);
		else
			*err = writer_keep(f, pos, end - pos, flags);
		if (*err)
			break;
		flags |= CHP_LINE_UNHEARD;
		pos = nl ? nl + 1 : end;
	}
	return pos - buf;
}

static size_t writer_write(struct chp_file *f, struct iov_iter *from,
			   char *buf, unsigned int flags, int *err)
{
	size_t done = 0, len, taken;

	*err = writer_reserve(&f->line);
	while (!*err && iov_iter_count(from)) {
		cond_resched();
		/* What waits asks for itself: see chp_session_wait_news(). */
		if (done && signal_pending(current)) {
			*err = -ERESTARTSYS;
			break;
		}
		len = copy_from_iter(buf, WRITE_CHUNK, from);
		if (!len)
			*err = -EFAULT;
		taken = writer_take(f, buf, len, flags, err);
		if (taken)
			flags |= CHP_LINE_UNHEARD;
		done += taken;
	}
	return done;
}

/**
 * chp_text_write() - take lines that are written
 * @f: its @writing is held by the caller
 * @from: what is written
 * @flags: CHP_LINE_*
 * @err: set to why not all was taken, or to 0: -EBUSY when there is no place and
 *	it is not to be waited for, -EAGAIN when a lock is not to be waited for,
 *	-ERESTARTSYS, -EFAULT, -ENOMEM, or why a line was rejected
 *
 * Context: may sleep.
 * Return: how much was taken.
 */
size_t chp_text_write(struct chp_file *f, struct iov_iter *from,
		      unsigned int flags, int *err)
{
	char *buf = kmalloc(WRITE_CHUNK, GFP_KERNEL_ACCOUNT);
	size_t done = 0;

	*err = -ENOMEM;
	if (buf)
		done = writer_write(f, from, buf, flags, err);
	kfree(buf);
	return done;
}

/*
 * A line without a newline ends with the file. Nobody can be told it failed,
 * and whoever closes the file last need not be who wrote the line: it cannot
 * name descriptors.
 */
void chp_text_write_rest(struct chp_file *f)
{
	if (f->line.len)
		writer_take_line(f, f->line.len,
				 CHP_LINE_NONBLOCK | CHP_LINE_NO_FILES);
}

void chp_text_writer_free(struct chp_text_writer *w)
{
	kvfree(w->buf);
}
