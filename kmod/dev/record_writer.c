// SPDX-License-Identifier: GPL-2.0
/* Records that are written; see record_writer.h. */
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include <uapi/linux/chanpat.h>
#include "../jobs/input.h"
#include "../jobs/job.h"
#include "../jobs/reject.h"
#include "file.h"
#include "line.h"
#include "record.h"
#include "record_writer.h"
#include "session.h"

static int writer_push(struct chp_job *job, struct chp_record *record,
		       struct chp_reject *why)
{
	int err = chp_input_push_items(job, record->items, record->nr_items,
				       why);

	if (!err)
		record->nr_items = 0;
	return err;
}

/* Under the session's lock. */
static int writer_tell(struct chp_session *session, struct chp_record *record,
		       struct chp_reject *why)
{
	struct chp_job *job = chp_session_find_job(session, record->cookie);

	if (!job)
		return chp_reject(why, -ESRCH, 0, "no job has this cookie");
	switch (record->type) {
	case CHANPAT_END:
		return chp_input_end(job, 0, why);
	case CHANPAT_CANCEL:
		chp_job_cancel(job);
		return 0;
	default:
		return writer_push(job, record, why);
	}
}

static int writer_try(struct chp_session *session, struct chp_record *record,
		      unsigned int flags, struct chp_reject *why)
{
	int err = chp_session_lock(session, flags & CHP_LINE_NOWAIT);

	if (err)
		return err;
	err = writer_tell(session, record, why);
	mutex_unlock(&session->lock);
	return err;
}

/* A record about one job, which may have no room for more items now. */
static int writer_job(struct chp_session *session, struct chp_record *record,
		      unsigned int flags, struct chp_reject *why)
{
	int err, news;

	do {
		news = chp_session_news(session);
		err = writer_try(session, record, flags, why);
		if (err != -EBUSY || flags & CHP_LINE_NONBLOCK)
			return err;
		err = chp_session_wait_news(session, news);
	} while (!err);
	return err;
}

static int writer_line(struct chp_session *session,
		       const struct chp_record *record, unsigned int flags,
		       struct chp_reject *why)
{
	struct chp_line line = {
		.text = record->line,
		.len = record->len,
		.cookie = record->cookie,
		.flags = flags | CHP_LINE_QUIET,
	};

	return chp_session_line(session, &line, why);
}

/* Where an error is not heard, the record comes again, and is judged again. */
static int writer_record(struct chp_file *f, struct iov_iter *from,
			 unsigned int flags)
{
	struct chp_session *session = f->session;
	size_t before = iov_iter_count(from);
	struct chp_record record;
	struct chp_reject why;
	int err;

	err = chp_record_parse(&record, from, &session->quota, &why);
	if (!err && record.type == CHANPAT_LINE)
		err = writer_line(session, &record, flags, &why);
	else if (!err)
		err = writer_job(session, &record, flags, &why);
	if (err)
		iov_iter_revert(from, before - iov_iter_count(from));
	if (err && err == why.err && !(flags & CHP_LINE_UNHEARD))
		chp_file_rejected(f, &why, record.cookie);
	chp_record_free(&record);
	return err;
}

/**
 * chp_records_write() - take records that are written
 * @f: its @writing is held by the caller
 * @from: what is written; afterwards what was not taken of it
 * @flags: CHP_LINE_*
 * @err: set as by chp_text_write()
 *
 * Context: may sleep.
 * Return: how many bytes were taken, whole records.
 */
size_t chp_records_write(struct chp_file *f, struct iov_iter *from,
			 unsigned int flags, int *err)
{
	size_t before = iov_iter_count(from), done = 0;

	*err = 0;
	while (iov_iter_count(from)) {
		cond_resched();
		/* What waits asks for itself: see chp_session_wait_news(). */
		*err = done && signal_pending(current) ?
		       -ERESTARTSYS : writer_record(f, from, flags);
		if (*err)
			break;
		flags |= CHP_LINE_UNHEARD;
		done = before - iov_iter_count(from);
	}
	return done;
}
