// SPDX-License-Identifier: GPL-2.0
/*
 * What programs ask of an open file; see include/uapi/linux/chanpat.h. The size
 * of a structure is a part of the number, so they are told apart without it.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <uapi/linux/chanpat.h>
#include "../jobs/job.h"
#include "file.h"
#include "ioctl.h"
#include "limits.h"
#include "session.h"

#define NICE_MOST 19

/* What the caller does not know is left out; what we do not know is 0. */
static int ioctl_give(void __user *to, size_t to_size, const void *from,
		      size_t size)
{
	size_t both = min(to_size, size);

	if (copy_to_user(to, from, both) ||
	    clear_user(to + both, to_size - both))
		return -EFAULT;
	return 0;
}

static bool ioctl_is_between(const struct chp_file *f)
{
	return f->line.len || f->text.pos < f->text.len ||
	       f->batch.pos < f->batch.len;
}

/* Who reads or writes just now keeps the format that it began with. */
static int ioctl_set_format(struct chp_file *f, u32 format)
{
	int err = -EBUSY;

	if (!mutex_trylock(&f->writing))
		return err;
	if (mutex_trylock(&f->reading)) {
		if (!ioctl_is_between(f)) {
			WRITE_ONCE(f->format, format);
			err = 0;
		}
		mutex_unlock(&f->reading);
	}
	mutex_unlock(&f->writing);
	return err;
}

static int ioctl_format(struct chp_file *f, void __user *arg, size_t size)
{
	u32 format;
	int err = copy_struct_from_user(&format, sizeof(format), arg, size);

	if (err)
		return err;
	if (format != CHANPAT_FORMAT_TEXT && format != CHANPAT_FORMAT_RECORDS)
		return -EINVAL;
	return ioctl_set_format(f, format);
}

static int ioctl_info(struct chp_file *f, void __user *arg, size_t size)
{
	struct chp_session *session = f->session;
	struct chanpat_info info = {
		.abi = CHANPAT_ABI,
		.format = READ_ONCE(f->format),
		.session = session->id,
		.line = READ_ONCE(chp_limits.line),
		.stages = READ_ONCE(chp_limits.stages),
		.workers = READ_ONCE(chp_limits.workers),
		.buf = READ_ONCE(chp_limits.buf),
		.jobs = READ_ONCE(session->max_jobs),
		.memory = READ_ONCE(session->quota.limit),
		.memory_used = atomic64_read(&session->quota.used),
	};

	return ioctl_give(arg, size, &info, sizeof(info));
}

static int ioctl_reject(struct chp_file *f, void __user *arg, size_t size)
{
	struct chanpat_reject reject;

	spin_lock(&f->lock);
	chp_record_reject(&reject, &f->why, f->cookie);
	spin_unlock(&f->lock);
	if (!reject.err)
		return -ENODATA;
	return ioctl_give(arg, size, &reject, sizeof(reject));
}

static int ioctl_cancel(struct chp_file *f, void __user *arg, size_t size)
{
	struct chp_session *session = f->session;
	struct chp_job *job;
	u64 cookie;
	int err = copy_struct_from_user(&cookie, sizeof(cookie), arg, size);

	if (err)
		return err;
	err = cookie ? -ESRCH : 0;
	mutex_lock(&session->lock);
	list_for_each_entry(job, &session->jobs, node) {
		if (cookie && job->cookie != cookie)
			continue;
		chp_job_cancel(job);
		err = 0;
	}
	mutex_unlock(&session->lock);
	return err;
}

/* With a reference: a reader may let go of the job meanwhile. */
static struct chp_job *ioctl_find_job(struct chp_session *session,
				      const struct chanpat_wait *wait)
{
	struct chp_job *job, *found = NULL;

	mutex_lock(&session->lock);
	list_for_each_entry(job, &session->jobs, node)
		if (wait->cookie ? job->cookie == wait->cookie :
				   job->id == wait->job)
			found = job;
	if (found)
		refcount_inc(&found->ref);
	mutex_unlock(&session->lock);
	return found;
}

/* The rest of a time that was interrupted is not known: no restart. */
static int ioctl_wait_for(struct chp_session *session, struct chp_job *job,
			  s64 ns)
{
	ktime_t timeout = ns < 0 ? KTIME_MAX : ns_to_ktime(ns);
	int err;

	if (chp_job_is_over(job))
		return 0;
	if (!ns)
		return -EAGAIN;
	err = wait_event_interruptible_hrtimeout(session->ends,
						 chp_job_is_over(job), timeout);
	return err == -ERESTARTSYS ? -EINTR : err;
}

static int ioctl_wait(struct chp_file *f, void __user *arg, size_t size)
{
	struct chanpat_wait wait;
	struct chp_job *job;
	int err = copy_struct_from_user(&wait, sizeof(wait), arg, size);

	if (err)
		return err;
	if (wait.flags || !wait.cookie == !wait.job)
		return -EINVAL;
	job = ioctl_find_job(f->session, &wait);
	if (!job)
		return -ESRCH;
	err = ioctl_wait_for(f->session, job, wait.timeout_ns);
	if (!err) {
		chp_record_done(&wait.done, job);
		err = ioctl_give(arg, size, &wait, sizeof(wait));
	}
	chp_job_put(job);
	return err;
}

/* Under the session's lock. */
static int ioctl_set_limits(struct chp_session *session,
			    const struct chanpat_limits *limits)
{
	bool more = limits->jobs > session->max_jobs ||
		    limits->memory > session->quota.limit ||
		    (limits->nice && limits->nice < session->share.nice);

	if (more && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (limits->jobs)
		WRITE_ONCE(session->max_jobs, limits->jobs);
	if (limits->memory)
		WRITE_ONCE(session->quota.limit, limits->memory);
	if (limits->nice)
		chp_share_set_nice(&session->share, limits->nice);
	return 0;
}

static int ioctl_limit(struct chp_file *f, void __user *arg, size_t size)
{
	struct chp_session *session = f->session;
	struct chanpat_limits limits;
	int err = copy_struct_from_user(&limits, sizeof(limits), arg, size);

	if (err)
		return err;
	if (limits.nice > NICE_MOST || limits.jobs > CHP_JOBS_MAX)
		return -EINVAL;
	mutex_lock(&session->lock);
	err = ioctl_set_limits(session, &limits);
	mutex_unlock(&session->lock);
	/* There may be a place that there was not. */
	if (!err)
		chp_session_tell_news(session);
	return err;
}

/* What a line could do, or more, needs a file that lines can be written to. */
static const struct {
	unsigned int dir;
	fmode_t mode;
	int (*fn)(struct chp_file *f, void __user *arg, size_t size);
} ioctls[] = {
	[_IOC_NR(CHANPAT_IOC_FORMAT)] = { _IOC_WRITE, 0, ioctl_format },
	[_IOC_NR(CHANPAT_IOC_INFO)] = { _IOC_READ, 0, ioctl_info },
	[_IOC_NR(CHANPAT_IOC_REJECT)] = { _IOC_READ, 0, ioctl_reject },
	[_IOC_NR(CHANPAT_IOC_CANCEL)] = { _IOC_WRITE, FMODE_WRITE, ioctl_cancel },
	[_IOC_NR(CHANPAT_IOC_WAIT)] = { _IOC_READ | _IOC_WRITE, 0, ioctl_wait },
	[_IOC_NR(CHANPAT_IOC_LIMIT)] = { _IOC_WRITE, FMODE_WRITE, ioctl_limit },
};

/**
 * chp_file_ioctl() - do what a program asks
 * @file: of the device
 * @cmd: CHANPAT_IOC_*, of whatever size
 * @arg: the structure
 *
 * Context: may sleep.
 * Return: 0; -ENOTTY for another number; -EBADF for what needs a file that is open
 * for writing; -E2BIG for a structure that asks for what there is not; -EFAULT;
 * and what the header says of each.
 */
long chp_file_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	unsigned int nr = _IOC_NR(cmd);

	if (_IOC_TYPE(cmd) != CHANPAT_IOC_MAGIC || nr >= ARRAY_SIZE(ioctls) ||
	    _IOC_DIR(cmd) != ioctls[nr].dir)
		return -ENOTTY;
	nr = array_index_nospec(nr, ARRAY_SIZE(ioctls));
	if ((file->f_mode & ioctls[nr].mode) != ioctls[nr].mode)
		return -EBADF;
	return ioctls[nr].fn(file->private_data, (void __user *)arg,
			     _IOC_SIZE(cmd));
}
