// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/chanpat: its file operations. What is written and read goes through the
 * writer and the reader of the file's format.
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
#include <linux/splice.h>
#include <linux/uio.h>
#include <uapi/linux/chanpat.h>
#include "../compat.h"
#include "device.h"
#include "file.h"
#include "ioctl.h"
#include "line.h"
#include "record_writer.h"
#include "result.h"
#include "session.h"
#include "text_reader.h"

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
	spin_lock_init(&f->lock);
	file->private_data = f;
	/* So that rings do not need a thread for who would have to wait. */
	file->f_mode |= FMODE_NOWAIT;
	return stream_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	struct chp_file *f = file->private_data;

	if (f->session->shared)
		chp_text_write_rest(f);
	chp_session_close(f->session);
	chp_batch_free(&f->batch);
	chp_text_free(&f->text);
	chp_text_writer_free(&f->line);
	kfree(f);
	return 0;
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

static bool file_is_nonblock(const struct kiocb *iocb)
{
	return iocb->ki_filp->f_flags & O_NONBLOCK ||
	       iocb->ki_flags & IOCB_NOWAIT;
}

static unsigned int file_write_flags(const struct kiocb *iocb)
{
	unsigned int flags = 0;

	if (file_is_nonblock(iocb))
		flags |= CHP_LINE_NONBLOCK;
	if (iocb->ki_flags & IOCB_NOWAIT)
		flags |= CHP_LINE_NOWAIT;
	if (!file_written_by_equal(iocb->ki_filp))
		flags |= CHP_LINE_NO_FILES;
	return flags;
}

/*
 * Whether there is a place depends on what is written. Who was told that there
 * is none polls until something has changed; see file_may_write().
 */
static ssize_t file_write(struct chp_file *f, struct iov_iter *from,
			  unsigned int flags)
{
	int err, news = chp_session_news(f->session);
	size_t done;

	if (f->format == CHANPAT_FORMAT_TEXT)
		done = chp_text_write(f, from, flags, &err);
	else
		done = chp_records_write(f, from, flags, &err);
	WRITE_ONCE(f->news, news);
	/* Pairs with the acquire in file_may_write(). */
	smp_store_release(&f->blocked, err == -EBUSY);
	if (done)
		return done;
	return err == -EBUSY ? -EAGAIN : err;
}

static ssize_t device_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct chp_file *f = iocb->ki_filp->private_data;
	ssize_t done = file_lock(&f->writing, file_is_nonblock(iocb));

	if (done)
		return done;
	done = file_write(f, from, file_write_flags(iocb));
	mutex_unlock(&f->writing);
	return done;
}

static int file_wait(struct chp_file *f, bool nonblock)
{
	struct chp_session *session = f->session;

	if (nonblock)
		return chp_session_over(session) ? 0 : -EAGAIN;
	return wait_event_interruptible(session->wq,
					chp_session_readable(session));
}

static ssize_t file_read_some(struct chp_file *f, struct iov_iter *to,
			      bool nowait)
{
	if (f->format == CHANPAT_FORMAT_TEXT)
		return chp_text_read(f, to, nowait);
	return chp_records_read(f, to, nowait);
}

static ssize_t file_read(struct chp_file *f, struct iov_iter *to,
			 bool nonblock, bool nowait)
{
	ssize_t done;

	do {
		done = file_read_some(f, to, nowait);
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
	bool nonblock = file_is_nonblock(iocb);
	ssize_t done;

	if (!iov_iter_count(to))
		return 0;
	done = file_lock(&f->reading, nonblock);
	if (done)
		return done;
	done = file_read(f, to, nonblock, iocb->ki_flags & IOCB_NOWAIT);
	mutex_unlock(&f->reading);
	return done;
}

static bool file_may_read(struct chp_file *f)
{
	return READ_ONCE(f->text.pos) < READ_ONCE(f->text.len) ||
	       READ_ONCE(f->batch.pos) < READ_ONCE(f->batch.len) ||
	       chp_session_readable(f->session);
}

static bool file_may_write(struct chp_file *f)
{
	/* Pairs with the release in file_write(). */
	if (smp_load_acquire(&f->blocked) &&
	    READ_ONCE(f->news) == chp_session_news(f->session))
		return false;
	return chp_session_has_place(f->session);
}

static __poll_t device_poll(struct file *file, poll_table *wait)
{
	struct chp_file *f = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &f->session->wq, wait);
	/* Pairs with the barrier in wq_has_sleeper(). */
	smp_mb();
	if (file_may_read(f))
		events |= EPOLLIN | EPOLLRDNORM;
	if (file_may_write(f))
		events |= EPOLLOUT | EPOLLWRNORM;
	return events;
}

static int device_fasync(int fd, struct file *file, int on)
{
	struct chp_file *f = file->private_data;

	return fasync_helper(fd, file, on, &f->session->fasync);
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read_iter = device_read,
	.write_iter = device_write,
	.poll = device_poll,
	.fasync = device_fasync,
	.unlocked_ioctl = chp_file_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.splice_read = copy_splice_read,
	.splice_write = iter_file_splice_write,
	.llseek = noop_llseek,
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
