// SPDX-License-Identifier: GPL-2.0
/* Lines that a session takes: a job to start, or something to do; see line.h. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../jobs/input.h"
#include "../jobs/registry.h"
#include "../jobs/reject.h"
#include "limits.h"
#include "line.h"
#include "session.h"

/* -EBUSY when too many are unread; the line is then given again. */
static int line_reject(struct chp_session *session, const struct chp_reject *why)
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

static int line_reject_job(const struct chp_spec *spec, struct chp_reject *why)
{
	return chp_reject(why, -ESRCH, spec->label_col, "no job \"%s\"",
			  spec->label);
}

/* A number that a job had, but has no more, is no mistake: it has ended. */
static bool line_knew(struct chp_session *session, const char *label)
{
	u32 id;

	return !kstrtou32(label, 10, &id) && id && id < session->next_id;
}

static void line_cancel(struct chp_session *session, const struct chp_spec *spec,
			struct chp_reject *why)
{
	const char *label = spec->label;
	bool all = !strcmp(label, "all");
	struct chp_job *job;

	list_for_each_entry(job, &session->jobs, node)
		if (all || !strcmp(job->label, label))
			chp_job_cancel(job);
	if (!all && !line_find_job(session, label) &&
	    !line_knew(session, label))
		line_reject_job(spec, why);
}

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
static int line_tell(struct chp_session *session, const struct chp_spec *spec,
		     struct chp_reject *why)
{
	struct chp_job *job = line_find_job(session, spec->label);

	return job ? line_tell_job(job, spec, why) : line_reject_job(spec, why);
}

static int line_check_names(struct chp_session *session,
			    const struct chp_spec *spec,
			    const struct chp_line *line, struct chp_reject *why)
{
	if (spec->label[0] && line_find_job(session, spec->label))
		return chp_reject(why, -EEXIST, spec->label_col,
				  "the label \"%s\" is in use", spec->label);
	if (line->cookie && chp_session_find_job(session, line->cookie))
		return chp_reject(why, -EEXIST, 0, "the cookie is in use");
	return 0;
}

static int line_add_job(struct chp_session *session, struct chp_spec *spec,
			const struct chp_line *line, struct chp_reject *why)
{
	struct chp_job *job;
	int err = line_check_names(session, spec, line, why);

	if (err) {
		chp_ops_free(spec);
		return err;
	}
	/* The user's other sessions may have been faster. */
	if (chp_user_add_job(&session->member)) {
		chp_ops_free(spec);
		return -EBUSY;
	}
	job = chp_job_create(&session->owner, spec, line->text, line->len,
			     session->next_id,
			     !(line->flags & CHP_LINE_NO_FILES), why);
	if (IS_ERR(job)) {
		chp_user_job_over(&session->member);
		return PTR_ERR(job);
	}
	job->cookie = line->cookie;
	session->next_id++;
	atomic_inc(&session->active);
	list_add_tail(&job->node, &session->jobs);
	chp_job_run(job);
	return 0;
}

static int line_submit(struct chp_session *session, struct chp_spec *spec,
		       const struct chp_line *line, struct chp_reject *why)
{
	if (chp_session_has_place(session))
		return line_add_job(session, spec, line, why);
	chp_ops_free(spec);
	return -EBUSY;
}

/* Under the session's lock. */
static int line_run_spec(struct chp_session *session, struct chp_spec *spec,
			 const struct chp_line *line, struct chp_reject *why)
{
	int err = 0;

	if (spec->kind == CHP_LINE_JOB)
		return line_submit(session, spec, line, why);
	if (line->cookie)
		err = chp_reject(why, -EINVAL, 1,
				 "a cookie names a job, and this line starts none");
	else if (spec->kind == CHP_LINE_CANCEL)
		line_cancel(session, spec, why);
	else if (spec->kind == CHP_LINE_SEM)
		err = chp_sems_set(&session->sems, spec, why);
	else if (spec->kind != CHP_LINE_EMPTY)
		err = line_tell(session, spec, why);
	chp_ops_free(spec);
	return err ?: why->err;
}

static int line_run(struct chp_session *session, struct chp_spec *spec,
		    const struct chp_line *line, struct chp_reject *why)
{
	int err = chp_session_lock(session, line->flags & CHP_LINE_NOWAIT);

	if (err) {
		chp_ops_free(spec);
		return err;
	}
	err = line_run_spec(session, spec, line, why);
	mutex_unlock(&session->lock);
	return err;
}

static int line_parse(const struct chp_line *line, struct chp_spec **spec,
		      struct chp_reject *why)
{
	struct chp_limits limits = {
		.line = READ_ONCE(chp_limits.line),
		.stages = READ_ONCE(chp_limits.stages),
		.workers = READ_ONCE(chp_limits.workers),
		.buf = READ_ONCE(chp_limits.buf),
	};

	return chp_ops_parse(line->text, line->len, &limits, spec, why);
}

static int line_try(struct chp_session *session, const struct chp_line *line,
		    struct chp_reject *why)
{
	struct chp_spec *spec;
	int err;

	*why = (struct chp_reject){ };
	err = line_parse(line, &spec, why);
	if (!err)
		err = line_run(session, spec, line, why);
	if (!why->err || line->flags & (CHP_LINE_UNHEARD | CHP_LINE_QUIET))
		return err;
	return line_reject(session, why);
}

/**
 * chp_session_line() - take a line: start a job, or do what it says
 * @session: a session
 * @line: the line
 * @why: filled when the line is rejected; else its err is 0
 *
 * Context: may sleep.
 * Return: 0; -EBUSY when there is no place now and it is not to be waited for;
 * -EAGAIN when a lock is not to be waited for; -ERESTARTSYS. After these the line
 * can be given again. Any other error rejects the line, and its reason can be
 * read, unless the line is quiet or given again.
 */
int chp_session_line(struct chp_session *session, const struct chp_line *line,
		     struct chp_reject *why)
{
	int err, news;

	do {
		news = chp_session_news(session);
		err = line_try(session, line, why);
		if (err != -EBUSY || line->flags & CHP_LINE_NONBLOCK)
			return err;
		err = chp_session_wait_news(session, news);
	} while (!err);
	return err;
}
