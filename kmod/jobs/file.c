// SPDX-License-Identifier: GPL-2.0
/* Files that operations read and write; see file.h. */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/kernel.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "file.h"
#include "op.h"

static int file_refuse(struct chp_reject *why, int err, int fd,
		       const char *reason)
{
	scnprintf(why->reason, sizeof(why->reason), "descriptor %d %s", fd,
		  reason);
	return err;
}

/* Both functions at once is what the kernel refuses with a warning. */
static bool file_can(const struct file *file, fmode_t mode)
{
	const struct file_operations *fop = file->f_op;

	return mode == FMODE_READ ? fop->read_iter && !fop->read :
				    fop->write_iter && !fop->write;
}

/* A job that reads or writes the device would wait for itself. */
static int file_check(const struct file *file, int fd, fmode_t mode,
		      struct chp_reject *why)
{
	bool read = mode == FMODE_READ;

	if (!(file->f_mode & mode))
		return file_refuse(why, -EBADF, fd,
				   read ? "is not open for reading" :
					  "is not open for writing");
	if (S_ISDIR(file_inode(file)->i_mode))
		return file_refuse(why, -EISDIR, fd, "is a directory");
	/*
	 * The queue of a socket can hold files, the one of this session among
	 * them: nothing would ever be closed again.
	 */
	if (S_ISSOCK(file_inode(file)->i_mode))
		return file_refuse(why, -EINVAL, fd,
				   "is a socket, give a pipe or a file");
	if (file->f_op->owner == THIS_MODULE)
		return file_refuse(why, -ELOOP, fd, "is chanpat itself");
	if (!file_can(file, mode))
		return file_refuse(why, -EINVAL, fd,
				   read ? "is of a kind that the kernel cannot read" :
					  "is of a kind that the kernel cannot write");
	return 0;
}

/*
 * Opens the file that the first argument of the operation names. @mode is
 * FMODE_READ or FMODE_WRITE. In the context of the one who submits the line.
 */
int chp_op_file_open(struct chp_op_stage *st, struct chp_op_file *f,
		     fmode_t mode, struct chp_reject *why)
{
	int fd = chp_op_num(st, 0), err;
	struct file *file;

	if (!st->files)
		return file_refuse(why, -EPERM, fd,
				   "must be named in a whole line, by one with the rights of who opened the device");
	/* Gone where a kernel thread writes. */
	file = current->files ? fget(fd) : NULL;
	if (!file)
		return file_refuse(why, -EBADF, fd, "is not open");
	err = file_check(file, fd, mode, why);
	if (err) {
		fput(file);
		return err;
	}
	f->file = file;
	f->pos = READ_ONCE(file->f_pos);
	return 0;
}

static bool file_is_stream(const struct chp_op_file *f)
{
	return f->file->f_mode & FMODE_STREAM;
}

/*
 * Reading it takes as long as a disk does, and no longer. What a network or a
 * process stands behind may answer never; fuseblk has both a disk and a process.
 */
bool chp_op_file_is_quick(const struct chp_op_file *f)
{
	const struct inode *inode = file_inode(f->file);
	const struct super_block *sb = inode->i_sb;

	if (!S_ISREG(inode->i_mode) || file_is_stream(f))
		return false;
	if (sb->s_magic == TMPFS_MAGIC || sb->s_magic == RAMFS_MAGIC)
		return true;
	return sb->s_bdev && sb->s_magic != FUSE_SUPER_MAGIC;
}

void chp_op_file_close(struct chp_op_file *f)
{
	if (f->thread) {
		chp_ctx_after_stop(&f->wake);
		put_task_struct(f->thread);
	}
	fput(f->file);
}

static void file_wake(struct work_struct *work)
{
	struct chp_op_file *f = container_of(work, struct chp_op_file,
					     wake.work);

	send_sig(SIGKILL, f->thread, 1);
}

/* In the worker's thread, which is known only now; again does nothing. */
void chp_op_file_begin(struct chp_op_file *f, struct chp_worker *worker)
{
	if (f->thread)
		return;
	allow_signal(SIGKILL);
	f->thread = get_task_struct(current);
	INIT_WORK(&f->wake.work, file_wake);
	chp_ctx_after(chp_worker_ctx(worker), &f->wake);
}

/*
 * With the rights of who opened the file, as some files look at each read; and
 * with a position of our own, so that the descriptor does not move.
 */
ssize_t chp_op_file_read(struct chp_op_file *f, void *buf, size_t len)
{
	const struct cred *old = override_creds(f->file->f_cred);
	ssize_t n;

	n = kernel_read(f->file, buf, len, file_is_stream(f) ? NULL : &f->pos);
	revert_creds(old);
	return n;
}

/*
 * Moves the descriptor, so that others who write to it go on behind. The lock
 * is the one that write() takes, and for the same files.
 */
static ssize_t file_write_on(struct file *file, const void *buf, size_t len)
{
	bool lock = file->f_mode & FMODE_ATOMIC_POS;
	loff_t pos;
	ssize_t n;

	if (lock && mutex_lock_interruptible(&file->f_pos_lock))
		return -ERESTARTSYS;
	pos = file->f_pos;
	n = kernel_write(file, buf, len, &pos);
	if (n > 0)
		file->f_pos = pos;
	if (lock)
		mutex_unlock(&file->f_pos_lock);
	return n;
}

ssize_t chp_op_file_write(struct chp_op_file *f, const void *buf, size_t len)
{
	const struct cred *old = override_creds(f->file->f_cred);
	ssize_t n;

	if (file_is_stream(f))
		n = kernel_write(f->file, buf, len, NULL);
	else
		n = file_write_on(f->file, buf, len);
	revert_creds(old);
	return n;
}

/*
 * The verdict after a read or a write that failed. What was interrupted
 * because the job ends has not failed.
 */
int chp_op_file_failed(struct chp_op_stage *st, struct chp_worker *worker,
		       int err)
{
	if (!chp_ctx_err(chp_worker_ctx(worker)))
		st->failed = err == -ERESTARTSYS ? EINTR : -err;
	return CHP_STOP;
}
