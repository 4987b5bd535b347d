// SPDX-License-Identifier: GPL-2.0
/* Lines that a session takes: a job to start, or something to do; see line.h. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../jobs/input.h"
#include "../jobs/registry.h"
#include "limits.h"
#include "line.h"
#include "session.h"

/* Something a line may wait for has happened since @news was read. */
static bool line_has_news(struct chp_session *session, int news)
{
	/* Pairs with the increments, which come after what they tell of. */
	return atomic_read_acquire(&session->news) != news;
}

/* -EBUSY when too many are unread; the line is then given again. */
static int line_reject(struct chp_session *session,
			  const struct chp_reject *why)
{
	struct chp_reject_record *record;

	if (READ_ONCE(session->nr_rejects) >= CHP_SESSION_REJECTS)
		return -EBUSY;
	record = kmalloc(sizeof(*record), GFP_KERNEL_ACCOUNT);
	if (!record)
		return why->err;
	record->why = *why;
	mutex_lock(&session->lock);
	list_add_tail(&record->node, &session->rejects);
	WRITE_ONCE(session->nr_rejects, session->nr_rejects + 1);
	mutex_unlock(&session->lock);
	chp_session_tell_readers(session);
	return why->err;
}

static struct chp_job *line_find_job(struct chp_session *session,
					const char *label)
{
	struct chp_job *job;

	list_for_each_entry(job, &session->jobs, node)
		if (!strcmp(job->label, label))
			return job;
	return NULL;
}

static int line_reject_job(const struct chp_spec *spec,
			      struct chp_reject *why)
{
	*why = (struct chp_reject){ .err = -ESRCH, .col = spec->label_col };
	scnprintf(why->reason, sizeof(why->reason), "no job \"%s\"",
		  spec->label);
	return why->err;
}

/* A number that a job had, but has no more, is no mistake: it has ended. */
static bool line_knew(struct chp_session *session, const char *label)
{
	u32 id;

	return !kstrtou32(label, 10, &id) && id && id < session->next_id;
}

static int line_cancel(struct chp_session *session,
			  const struct chp_spec *spec, struct chp_reject *why)
{
	const char *label = spec->label;
	bool all = !strcmp(label, "all");
	struct chp_job *job;

	mutex_lock(&session->lock);
	list_for_each_entry(job, &session->jobs, node)
		if (all || !strcmp(job->label, label))
			chp_job_cancel(job);
	if (!all && !line_find_job(session, label) &&
	    !line_knew(session, label))
		line_reject_job(spec, why);
	mutex_unlock(&session->lock);
	return why->err;
}

/* Under the lock. */
static int line_tell_job(struct chp_job *job, const struct chp_spec *spec,
			    struct chp_reject *why)
{
	switch (spec->kind) {
	case CHP_LINE_PUSH:
		return chp_input_push(job, spec, why);
	case CHP_LINE_END:
		return chp_input_end(job, spec->label_col, why);
	default:
		return chp_job_resize(job, spec, READ_ONCE(chp_limits.workers),
				      why);
	}
}

/* A line about one job that runs. -EBUSY: it is to be given again. */
static int line_tell(struct chp_session *session,
			const struct chp_spec *spec, struct chp_reject *why)
{
	struct chp_job *job;
	int err;

	mutex_lock(&session->lock);
	job = line_find_job(session, spec->label);
	if (job)
		err = line_tell_job(job, spec, why);
	else
		err = line_reject_job(spec, why);
	mutex_unlock(&session->lock);
	return err;
}

static int line_add_job(struct chp_session *session, struct chp_spec *spec,
			   const char *line, size_t len,
			   unsigned int flags, struct chp_reject *why)
{
	struct chp_job *job;

	if (spec->label[0] && line_find_job(session, spec->label)) {
		*why = (struct chp_reject){ .err = -EEXIST,
					    .col = spec->label_col };
		scnprintf(why->reason, sizeof(why->reason),
			  "the label \"%s\" is in use", spec->label);
		chp_ops_free(spec);
		return why->err;
	}
	job = chp_job_create(&session->owner, spec, line, len, session->next_id,
			     !(flags & CHP_LINE_NO_FILES), why);
	if (IS_ERR(job))
		return PTR_ERR(job);
	session->next_id++;
	atomic_inc(&session->active);
	list_add_tail(&job->node, &session->jobs);
	chp_job_run(job);
	return 0;
}

static int line_submit(struct chp_session *session, struct chp_spec *spec,
			  const char *line, size_t len, unsigned int flags,
			  struct chp_reject *why)
{
	int err;

	mutex_lock(&session->lock);
	if (chp_session_has_place(session)) {
		err = line_add_job(session, spec, line, len, flags, why);
	} else {
		chp_ops_free(spec);
		err = -EBUSY;
	}
	mutex_unlock(&session->lock);
	return err;
}

static int line_run_spec(struct chp_session *session, struct chp_spec *spec,
			    const char *line, size_t len, unsigned int flags,
			    struct chp_reject *why)
{
	int err;

	switch (spec->kind) {
	case CHP_LINE_JOB:
		return line_submit(session, spec, line, len, flags, why);
	case CHP_LINE_CANCEL:
		err = line_cancel(session, spec, why);
		break;
	case CHP_LINE_SEM:
		err = chp_sems_set(&session->sems, spec, why);
		break;
	case CHP_LINE_EMPTY:
		err = 0;
		break;
	default:
		err = line_tell(session, spec, why);
	}
	chp_ops_free(spec);
	return err;
}

static int line_try_line(struct chp_session *session, const char *line,
			    size_t len, unsigned int flags)
{
	struct chp_limits limits = {
		.line = READ_ONCE(chp_limits.line),
		.stages = READ_ONCE(chp_limits.stages),
		.workers = READ_ONCE(chp_limits.workers),
		.buf = READ_ONCE(chp_limits.buf),
	};
	struct chp_reject why = {};
	struct chp_spec *spec;
	int err;

	err = chp_ops_parse(line, len, &limits, &spec, &why);
	if (!err)
		err = line_run_spec(session, spec, line, len, flags, &why);
	if (!why.err || flags & CHP_LINE_UNHEARD)
		return err;
	return line_reject(session, &why);
}

/**
 * chp_session_line() - take a line: start a job, or do what it says
 * @session: a session
 * @line: without its newline
 * @len: of @line
 * @flags: CHP_LINE_*
 *
 * Context: may sleep.
 * Return: 0; -EAGAIN or -ERESTARTSYS when there is no place for a job, and the
 * line can be given again; any other error rejects the line, and its reason can
 * be read, unless it is given again.
 */
int chp_session_line(struct chp_session *session, const char *line, size_t len,
		     unsigned int flags)
{
	int err, news;

	do {
		news = atomic_read_acquire(&session->news);
		err = line_try_line(session, line, len, flags);
		if (err != -EBUSY)
			return err;
		if (flags & CHP_LINE_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(session->wq,
					       line_has_news(session, news));
	} while (!err);
	return err;
}
