// SPDX-License-Identifier: GPL-2.0
/* What there is to read in a session: see result.h. */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include "result.h"
#include "session.h"

static bool result_unread(struct chp_session *session)
{
	return chp_len(session->owner.out) || READ_ONCE(session->nr_rejects) ||
	       READ_ONCE(session->has_put_back);
}

/* Nothing outstanding, and nothing left to read. */
bool chp_session_over(struct chp_session *session)
{
	/* Pairs with the release in session_ended(). */
	return !atomic_read_acquire(&session->active) &&
	       !result_unread(session);
}

/* Whether a read has something to return, the end included. */
bool chp_session_readable(struct chp_session *session)
{
	return result_unread(session) || chp_session_over(session);
}

static struct chp_reject_record *result_pop_reject(struct chp_session *session)
{
	struct chp_reject_record *record;

	mutex_lock(&session->lock);
	record = list_first_entry_or_null(&session->rejects,
					  struct chp_reject_record, node);
	if (record) {
		list_del(&record->node);
		WRITE_ONCE(session->nr_rejects, session->nr_rejects - 1);
	}
	mutex_unlock(&session->lock);
	return record;
}

/**
 * chp_session_take() - the next thing to read
 * @session: its @reading is held by the caller
 * @result: filled when it is a result
 * @reject: set when it is a reject, which then is the caller's; else NULL
 *
 * Return: 0 or -EAGAIN when there is nothing now.
 */
int chp_session_take(struct chp_session *session, struct chp_result *result,
		     struct chp_reject_record **reject)
{
	lockdep_assert_held(&session->reading);
	*reject = result_pop_reject(session);
	if (*reject) {
		chp_session_tell_news(session);
		return 0;
	}
	if (!session->has_put_back)
		return chp_try_recv(session->owner.out, result);
	*result = session->put_back;
	WRITE_ONCE(session->has_put_back, false);
	return 0;
}

/* What was taken last could not be read: it will be taken next. */
void chp_session_put_back(struct chp_session *session,
			  const struct chp_result *result,
			  struct chp_reject_record *reject)
{
	lockdep_assert_held(&session->reading);
	if (!reject) {
		session->put_back = *result;
		WRITE_ONCE(session->has_put_back, true);
		return;
	}
	mutex_lock(&session->lock);
	list_add(&reject->node, &session->rejects);
	WRITE_ONCE(session->nr_rejects, session->nr_rejects + 1);
	mutex_unlock(&session->lock);
}

/* The end of @job was read: nothing will point to it any more. */
void chp_session_job_read(struct chp_session *session, struct chp_job *job)
{
	mutex_lock(&session->lock);
	chp_session_forget_job(job);
	mutex_unlock(&session->lock);
	/* Other readers may have been waiting for what was just taken. */
	if (chp_session_over(session))
		wake_up_interruptible_all(&session->wq);
}
