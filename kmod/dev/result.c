// SPDX-License-Identifier: GPL-2.0
/* What there is to read in a session: see result.h. */
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include "result.h"
#include "session.h"

static bool result_unread(struct chp_session *session)
{
	bool unread = chp_len(session->owner.out);

	/* Pairs with that in result_take_some(): they are in one or the other. */
	smp_rmb();
	return unread || READ_ONCE(session->nr_taken) ||
	       READ_ONCE(session->nr_rejects);
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

/* 0; -EAGAIN when somebody reads who is not to be waited for; -ERESTARTSYS. */
int chp_session_lock_reading(struct chp_session *session, bool nowait)
{
	if (nowait)
		return mutex_trylock(&session->reading) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&session->reading) ? -ERESTARTSYS : 0;
}

/* What was just read may have been the last that others waited for. */
static void result_was_read(struct chp_session *session)
{
	if (chp_session_over(session))
		chp_session_tell_readers(session);
}

/**
 * chp_session_peek_reject() - look at the next reason, which goes before results
 * @session: its @reading is held by the caller
 *
 * It stays what there is to read, for those who look meanwhile.
 *
 * Context: may sleep.
 * Return: one that is there until chp_session_pass_reject(); or NULL.
 */
struct chp_reject_record *chp_session_peek_reject(struct chp_session *session)
{
	struct chp_reject_record *record;

	lockdep_assert_held(&session->reading);
	if (!READ_ONCE(session->nr_rejects))
		return NULL;
	mutex_lock(&session->lock);
	record = list_first_entry_or_null(&session->rejects,
					  struct chp_reject_record, node);
	mutex_unlock(&session->lock);
	return record;
}

/**
 * chp_session_pass_reject() - the next reason has been read
 * @session: its @reading is held by the caller
 * @record: what chp_session_peek_reject() gave; freed
 *
 * Context: may sleep.
 */
void chp_session_pass_reject(struct chp_session *session,
			     struct chp_reject_record *record)
{
	lockdep_assert_held(&session->reading);
	mutex_lock(&session->lock);
	list_del(&record->node);
	WRITE_ONCE(session->nr_rejects, session->nr_rejects - 1);
	mutex_unlock(&session->lock);
	kfree(record);
	chp_session_tell_news(session);
	result_was_read(session);
}

/* Nobody else takes any: what is there stays until it was taken. */
static void result_take_some(struct chp_session *session)
{
	int n;

	if (!chp_len(session->owner.out))
		return;
	WRITE_ONCE(session->nr_taken, 1);
	/* Before they leave the channel; pairs with that in result_unread(). */
	smp_wmb();
	n = chp_try_recv_many(session->owner.out, session->taken,
			      CHP_SESSION_TAKEN);
	session->first = 0;
	WRITE_ONCE(session->nr_taken, max(n, 0));
}

/**
 * chp_session_peek() - look at the next result
 * @session: its @reading is held by the caller
 *
 * Context: may sleep.
 * Return: a result, whose job is there until chp_session_pass(); or NULL when
 * there is none now.
 */
const struct chp_result *chp_session_peek(struct chp_session *session)
{
	lockdep_assert_held(&session->reading);
	if (!session->nr_taken)
		result_take_some(session);
	return session->nr_taken ? &session->taken[session->first] : NULL;
}

/**
 * chp_session_pass() - the next result has been read
 * @session: its @reading is held by the caller; chp_session_peek() gave one
 *
 * Lets go of the item; of the job, too, when that was its end.
 *
 * Context: may sleep.
 */
void chp_session_pass(struct chp_session *session)
{
	struct chp_result *result = &session->taken[session->first++];
	bool done = result->item.type == CHP_ITEM_DONE;

	lockdep_assert_held(&session->reading);
	chp_item_drop(&result->item);
	WRITE_ONCE(session->nr_taken, session->nr_taken - 1);
	if (!done)
		return;
	mutex_lock(&session->lock);
	chp_session_forget_job(result->job);
	mutex_unlock(&session->lock);
	result_was_read(session);
}
