// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/chanpat.
 *
 * A write is cut into lines, each of which is taken by the file's session. A
 * line that has begun is kept with the file until its newline is written, or
 * the file is closed. A read takes results from the session, and makes text of
 * them; what did not fit into the reader's buffer is kept with the file.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include "device.h"
#include "limits.h"
#include "line.h"
#include "result.h"
#include "session.h"
#include "text.h"

/* Bytes of a write that are copied at a time. */
#define WRITE_CHUNK 4096

/**
 * struct chp_file - an open file
 * @session: that it belongs to
 * @writing: held by a writer; protects @line and @line_len
 * @line: a line that has begun; NULL before the first write
 * @line_len: of @line
 * @line_size: what @line can hold
 * @reading: held by a reader; protects @text
 * @text: a line of output, from which something may be left
 */
struct chp_file {
	struct chp_session *session;
	struct mutex writing;	/* @line, @line_len, @line_size */
	char *line;
	size_t line_len;
	size_t line_size;
	struct mutex reading;	/* @text */
	struct chp_text text;
};

static int device_open(struct inode *inode, struct file *file)
{
	fmode_t both = FMODE_READ | FMODE_WRITE;
	bool shared = (file->f_mode & both) != both;
	struct chp_file *f;

	f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	f->session = chp_session_open(shared);
	if (IS_ERR(f->session)) {
		int err = PTR_ERR(f->session);

		kfree(f);
		return err;
	}
	mutex_init(&f->writing);
	mutex_init(&f->reading);
	file->private_data = f;
	return stream_open(inode, file);
}

/*
 * A line without a newline ends with the file. Nobody can be told it failed,
 * and whoever closes the file last need not be who wrote the line: it cannot
 * name descriptors.
 */
static int device_release(struct inode *inode, struct file *file)
{
	struct chp_file *f = file->private_data;

	if (f->line_len && f->session->shared)
		chp_session_line(f->session, f->line, f->line_len,
				 CHP_LINE_NONBLOCK | CHP_LINE_NO_FILES);
	chp_session_close(f->session);
	chp_text_free(&f->text);
	kvfree(f->line);
	kfree(f);
	return 0;
}

/* One byte more than a line may have: the parser says what is wrong with it. */
static int file_reserve_line(struct chp_file *f)
{
	size_t size = READ_ONCE(chp_limits.line) + 1;
	char *line;

	if (size <= f->line_size)
		return 0;
	line = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!line)
		return -ENOMEM;
	if (f->line)
		memcpy(line, f->line, f->line_len);
	kvfree(f->line);
	f->line = line;
	f->line_size = size;
	return 0;
}

/*
 * The end of a line. What had been kept of it stays when the writer will give
 * the end of it again: there is no place, or the error is not heard yet.
 */
static int file_end_line(struct chp_file *f, const char *buf, size_t len,
			 unsigned int flags)
{
	size_t room = f->line_size - f->line_len;
	int err;

	memcpy(f->line + f->line_len, buf, min(len, room));
	err = chp_session_line(f->session, f->line,
			       f->line_len + min(len, room), flags);
	if (!err || !(err == -EAGAIN || err == -ERESTARTSYS ||
		      flags & CHP_LINE_UNHEARD))
		f->line_len = 0;
	return err;
}

/*
 * The beginning of a line that is to be continued. When it is too long already
 * it is rejected now.
 */
static int file_keep(struct chp_file *f, const char *buf, size_t len,
		     unsigned int flags)
{
	if (len >= f->line_size - f->line_len)
		return file_end_line(f, buf, len, flags);
	memcpy(f->line + f->line_len, buf, len);
	f->line_len += len;
	return 0;
}

/*
 * Takes the lines in @buf. Returns how much of it was taken: all, or what
 * stands before a line with an error, which is in *@err. Only the error of the
 * first line can be returned to the writer; before a later one the write is
 * short, and that line comes again as the first.
 */
static size_t file_take_lines(struct chp_file *f, const char *buf, size_t len,
			      unsigned int flags, int *err)
{
	const char *pos = buf, *end = buf + len, *nl;

	while (pos < end) {
		nl = memchr(pos, '\n', end - pos);
		if (nl)
			*err = file_end_line(f, pos, nl - pos, flags);
		else
			*err = file_keep(f, pos, end - pos, flags);
		if (*err)
			break;
		flags |= CHP_LINE_UNHEARD;
		pos = nl ? nl + 1 : end;
	}
	return pos - buf;
}

static ssize_t file_write(struct chp_file *f, struct iov_iter *from, char *buf,
			  unsigned int flags)
{
	ssize_t done = 0;
	size_t len, taken;
	int err;

	err = file_reserve_line(f);
	while (!err && iov_iter_count(from)) {
		cond_resched();
		if (signal_pending(current)) {
			err = -ERESTARTSYS;
			break;
		}
		len = copy_from_iter(buf, WRITE_CHUNK, from);
		if (!len)
			err = -EFAULT;
		taken = file_take_lines(f, buf, len, flags, &err);
		if (taken)
			flags |= CHP_LINE_UNHEARD;
		done += taken;
	}
	return done ?: err;
}

/*
 * A file can be passed on to a process that may do more than the one that
 * opened it, and be written to unawares, as a standard output is: then the
 * writer's descriptors are not for the line to use.
 */
static bool file_written_by_equal(const struct file *file)
{
	const struct cred *opener = file->f_cred, *writer = current_cred();

	return opener->user_ns == writer->user_ns &&
	       uid_eq(opener->uid, writer->uid) &&
	       uid_eq(opener->euid, writer->euid) &&
	       uid_eq(opener->fsuid, writer->fsuid) &&
	       gid_eq(opener->fsgid, writer->fsgid) &&
	       cap_issubset(writer->cap_effective, opener->cap_effective);
}

static int file_lock(struct mutex *lock, bool nonblock)
{
	if (nonblock)
		return mutex_trylock(lock) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(lock) ? -ERESTARTSYS : 0;
}

static ssize_t device_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct chp_file *f = iocb->ki_filp->private_data;
	bool nonblock = iocb->ki_filp->f_flags & O_NONBLOCK ||
			iocb->ki_flags & IOCB_NOWAIT;
	unsigned int flags = 0;
	ssize_t done;
	char *buf;

	if (nonblock)
		flags |= CHP_LINE_NONBLOCK;
	if (!file_written_by_equal(iocb->ki_filp))
		flags |= CHP_LINE_NO_FILES;
	buf = kmalloc(WRITE_CHUNK, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	done = file_lock(&f->writing, nonblock);
	if (!done) {
		done = file_write(f, from, buf, flags);
		mutex_unlock(&f->writing);
	}
	kfree(buf);
	return done;
}

/* Copies what is left of the line; nothing of it is lost when that faults. */
static ssize_t file_copy_text(struct chp_file *f, struct iov_iter *to)
{
	struct chp_text *text = &f->text;
	size_t n = copy_to_iter(text->buf + text->pos, text->len - text->pos,
				to);

	if (!n && iov_iter_count(to))
		return -EFAULT;
	text->pos += n;
	return n;
}

static void file_was_read(struct chp_session *session,
			  struct chp_result *result,
			  struct chp_reject_record *reject)
{
	if (!reject) {
		if (result->item.type == CHP_ITEM_DONE)
			chp_session_job_read(session, result->job);
		chp_item_drop(&result->item);
	}
	kfree(reject);
}

/*
 * Makes the next line. The session's lock is held meanwhile, for the result's
 * job is there until its end was read, and somebody else might read that.
 */
static int file_next_text(struct chp_file *f)
{
	struct chp_session *session = f->session;
	struct chp_reject_record *reject;
	struct chp_result result;
	int err;

	if (mutex_lock_interruptible(&session->reading))
		return -ERESTARTSYS;
	err = chp_session_take(session, &result, &reject);
	if (err)
		goto unlock;
	err = reject ? chp_text_reject(&f->text, &reject->why) :
		       chp_text_result(&f->text, &result);
	if (err)
		chp_session_put_back(session, &result, reject);
	else
		file_was_read(session, &result, reject);
unlock:
	mutex_unlock(&session->reading);
	return err;
}

static int file_wait(struct chp_file *f, bool nonblock)
{
	struct chp_session *session = f->session;

	if (nonblock)
		return chp_session_over(session) ? 0 : -EAGAIN;
	return wait_event_interruptible(session->wq,
					chp_session_readable(session));
}

/*
 * Whole lines, as many as fit. A first line that does not fit is read in
 * parts; a later one is left for the next read.
 */
static ssize_t file_fill(struct chp_file *f, struct iov_iter *to)
{
	struct chp_text *text = &f->text;
	ssize_t done = 0, n;

	for (;;) {
		if (text->pos == text->len) {
			n = file_next_text(f);
			if (n)
				return done ?: n;
		}
		if (done && text->len - text->pos > iov_iter_count(to))
			return done;
		n = file_copy_text(f, to);
		if (n < 0)
			return done ?: n;
		done += n;
		if (!iov_iter_count(to))
			return done;
	}
}

static ssize_t file_read(struct chp_file *f, struct iov_iter *to, bool nonblock)
{
	ssize_t done;

	do {
		done = file_fill(f, to);
		if (done != -EAGAIN)
			return done;
		done = file_wait(f, nonblock);
		if (done)
			return done;
	} while (!chp_session_over(f->session));
	return 0;
}

static ssize_t device_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct chp_file *f = iocb->ki_filp->private_data;
	bool nonblock = iocb->ki_filp->f_flags & O_NONBLOCK ||
			iocb->ki_flags & IOCB_NOWAIT;
	ssize_t done;

	if (!iov_iter_count(to))
		return 0;
	done = file_lock(&f->reading, nonblock);
	if (done)
		return done;
	done = file_read(f, to, nonblock);
	mutex_unlock(&f->reading);
	return done;
}

static __poll_t device_poll(struct file *file, poll_table *wait)
{
	struct chp_file *f = file->private_data;
	struct chp_session *session = f->session;
	__poll_t events = 0;

	poll_wait(file, &session->wq, wait);
	/* Pairs with the barrier in wq_has_sleeper(). */
	smp_mb();
	if (READ_ONCE(f->text.pos) < READ_ONCE(f->text.len) ||
	    chp_session_readable(session))
		events |= EPOLLIN | EPOLLRDNORM;
	if (chp_session_has_place(session))
		events |= EPOLLOUT | EPOLLWRNORM;
	return events;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read_iter = device_read,
	.write_iter = device_write,
	.poll = device_poll,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "chanpat",
	.fops = &device_fops,
	.mode = 0600,
};

int chp_device_init(void)
{
	return misc_register(&device);
}

void chp_device_exit(void)
{
	misc_deregister(&device);
}
