// SPDX-License-Identifier: GPL-2.0
/* Sessions; see session.h. */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include "../core/group.h"
#include "../core/live.h"
#include "limits.h"
#include "result.h"
#include "session.h"

/* Results that wait for a reader before jobs park. */
#define SESSION_RESULTS 256

/* What a session takes from its user at a time. */
#define SESSION_CHUNK_BYTES	65536
#define SESSION_CHUNK_TASKS	64
#define SESSION_CHUNK_ITEMS	256

/* Protects the list, and the count of files of each session in it. */
static DEFINE_MUTEX(sessions_lock);
static LIST_HEAD(sessions);
static u32 sessions_next_id = 1;

/* The root of all contexts: its end is the end of all jobs. */
static struct chp_ctx *sessions_ctx;

static struct chp_session *session_of(struct chp_job_owner *owner)
{
	return container_of(owner, struct chp_session, owner);
}

/*
 * Each arrival is told, also when something was there before: who is told of
 * edges may have seen only that.
 */
static void session_wake(struct chp_session *session, __poll_t events)
{
	/* Pairs with the barrier of those who look before they sleep. */
	if (wq_has_sleeper(&session->wq))
		wake_up_interruptible_poll(&session->wq, events);
}

void chp_session_tell_readers(struct chp_session *session)
{
	session_wake(session, EPOLLIN | EPOLLRDNORM);
	kill_fasync(&session->fasync, SIGIO, POLL_IN);
}

void chp_session_tell_news(struct chp_session *session)
{
	atomic_inc_return_release(&session->news);
	session_wake(session, EPOLLOUT | EPOLLWRNORM);
	kill_fasync(&session->fasync, SIGIO, POLL_OUT);
}

int chp_session_news(struct chp_session *session)
{
	/* Pairs with the increments, which come after what they tell of. */
	return atomic_read_acquire(&session->news);
}

/* Until something has happened since @news was read; 0 or -ERESTARTSYS. */
int chp_session_wait_news(struct chp_session *session, int news)
{
	return wait_event_interruptible(session->wq,
					chp_session_news(session) != news);
}

/* 0; -EAGAIN when it is held by somebody who is not to be waited for. */
int chp_session_lock(struct chp_session *session, bool nowait)
{
	if (nowait)
		return mutex_trylock(&session->lock) ? 0 : -EAGAIN;
	mutex_lock(&session->lock);
	return 0;
}

/* The job of this name, under the session's lock; NULL for 0. */
struct chp_job *chp_session_find_job(struct chp_session *session, u64 cookie)
{
	struct chp_job *job;

	lockdep_assert_held(&session->lock);
	if (!cookie)
		return NULL;
	list_for_each_entry(job, &session->jobs, node)
		if (job->cookie == cookie)
			return job;
	return NULL;
}

static void session_sent(struct chp_job_owner *owner)
{
	chp_session_tell_readers(session_of(owner));
}

static void session_room(struct chp_job_owner *owner)
{
	chp_session_tell_news(session_of(owner));
}

/* Who would push into the job has waited in vain. */
static void session_over(struct chp_job_owner *owner, struct chp_job *job)
{
	struct chp_session *session = session_of(owner);

	/* Pairs with the barrier of those who look before they sleep. */
	if (wq_has_sleeper(&session->ends))
		wake_up_interruptible_all(&session->ends);
	chp_session_tell_news(session);
}

/*
 * Whoever sees @active go down also sees that the job's end was sent, so
 * nothing outstanding and nothing in the channel means that all was read.
 */
static void session_ended(struct chp_job_owner *owner, struct chp_job *job)
{
	struct chp_session *session = session_of(owner);

	atomic_dec_return_release(&session->active);
	chp_session_tell_readers(session);
	chp_user_job_over(&session->member);
	chp_session_tell_news(session);
}

/* A job of another session of the user has ended. */
static void session_told(struct chp_member *member)
{
	chp_session_tell_news(container_of(member, struct chp_session, member));
}

/*
 * The sessions of one user, in all its processes, can differ in what they may
 * exceed. One that several of them share is exempt as long as all are.
 */
static void session_set_exempt(struct chp_session *session, bool exempt)
{
	WRITE_ONCE(session->member.exempt, exempt);
	WRITE_ONCE(session->quota.exempt, exempt);
	WRITE_ONCE(session->tasks.exempt, exempt);
	WRITE_ONCE(session->items.exempt, exempt);
}

static bool session_may_exempt(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_RESOURCE);
}

static int session_join_user(struct chp_session *session)
{
	struct chp_member *member = &session->member;
	struct chp_user *user;
	int err;

	member->tell = session_told;
	member->exempt = session_may_exempt();
	err = chp_user_join(member, current_user_ns(), current_uid());
	if (err)
		return err;
	user = member->user;
	chp_quota_init(&session->quota, READ_ONCE(chp_max_memory), &user->bytes,
		       SESSION_CHUNK_BYTES);
	chp_quota_init(&session->tasks, READ_ONCE(chp_max_tasks), &user->tasks,
		       SESSION_CHUNK_TASKS);
	chp_quota_init(&session->items, READ_ONCE(chp_max_items), &user->items,
		       SESSION_CHUNK_ITEMS);
	session_set_exempt(session, member->exempt);
	return 0;
}

/* A share is worth no more than who opens the session is. */
static int session_init_share(struct chp_session *session)
{
	int err = chp_share_init(&session->share, max(task_nice(current), 0),
				 chp_share_memcg_of_current());

	if (!err)
		chp_group_set_share(&session->sinks, &session->share);
	return err;
}

static int session_init(struct chp_session *session)
{
	struct chp_job_owner *owner = &session->owner;
	int err;

	owner->ctx = chp_ctx_with_cancel(sessions_ctx);
	if (IS_ERR(owner->ctx))
		return PTR_ERR(owner->ctx);
	owner->out = chp_chan_alloc(sizeof(struct chp_result), SESSION_RESULTS,
				    "results");
	err = PTR_ERR_OR_ZERO(owner->out);
	if (err)
		goto put_ctx;
	err = chp_group_init(&session->sinks, NULL);
	if (err)
		goto put_out;
	err = session_init_share(session);
	if (err)
		goto put_sinks;
	owner->sinks = &session->sinks;
	owner->share = &session->share;
	owner->quota = &session->quota;
	owner->tasks = &session->tasks;
	owner->items = &session->items;
	owner->sems = &session->sems;
	chp_sems_init(owner->sems);
	owner->sent = session_sent;
	owner->room = session_room;
	owner->over = session_over;
	owner->ended = session_ended;
	return 0;
put_sinks:
	chp_group_wait(&session->sinks);
put_out:
	chp_chan_put(owner->out);
put_ctx:
	chp_ctx_cancel(owner->ctx);
	chp_ctx_put(owner->ctx);
	return err;
}

static struct chp_session *session_alloc(bool shared)
{
	struct chp_session *session;
	int err;

	session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);
	if (!session)
		return ERR_PTR(-ENOMEM);
	init_waitqueue_head(&session->wq);
	err = session_join_user(session);
	if (err)
		goto free_session;
	err = session_init(session);
	if (err)
		goto leave_user;
	session->uid = current_uid();
	session->ns = get_user_ns(current_user_ns());
	session->shared = shared;
	session->next_id = 1;
	session->max_jobs = READ_ONCE(chp_max_jobs);
	mutex_init(&session->lock);
	mutex_init(&session->reading);
	init_waitqueue_head(&session->ends);
	INIT_LIST_HEAD(&session->jobs);
	INIT_LIST_HEAD(&session->rejects);
	chp_live_inc(CHP_KIND_SESSION);
	return session;
leave_user:
	chp_user_leave(&session->member);
free_session:
	kfree(session);
	return ERR_PTR(err);
}

static struct chp_session *session_find_shared(void)
{
	struct chp_session *session;

	list_for_each_entry(session, &sessions, node)
		if (session->shared && session->ns == current_user_ns() &&
		    uid_eq(session->uid, current_uid()))
			return session;
	return NULL;
}

/**
 * chp_session_open() - the session for a file that is being opened
 * @shared: the one of the caller's user; otherwise a new one
 *
 * Return: a session, until chp_session_close(); ERR_PTR(-EDQUOT) when the user
 * has too many; ERR_PTR(-ENOMEM).
 */
struct chp_session *chp_session_open(bool shared)
{
	struct chp_session *session = NULL;

	mutex_lock(&sessions_lock);
	if (shared)
		session = session_find_shared();
	if (!session) {
		session = session_alloc(shared);
		if (IS_ERR(session))
			goto out;
		session->id = sessions_next_id++;
		list_add_tail(&session->node, &sessions);
	} else if (!session_may_exempt()) {
		session_set_exempt(session, false);
	}
	session->files++;
out:
	mutex_unlock(&sessions_lock);
	return session;
}

/* A list lets go of a job: after its end was read, or with the session. */
void chp_session_forget_job(struct chp_job *job)
{
	list_del_init(&job->node);
	chp_job_put(job);
}

static void session_drain(struct chp_session *session)
{
	struct chp_reject_record *reject, *next_reject;
	struct chp_job *job, *next_job;
	struct chp_result result;

	while (session->nr_taken)
		chp_item_drop(&session->taken[session->first +
					      --session->nr_taken].item);
	while (!chp_try_recv(session->owner.out, &result))
		chp_item_drop(&result.item);
	list_for_each_entry_safe(job, next_job, &session->jobs, node)
		chp_session_forget_job(job);
	list_for_each_entry_safe(reject, next_reject, &session->rejects, node)
		kfree(reject);
}

/*
 * Nobody else can find the session any more. The sinks end because the channel
 * is closed, and after their stages have.
 */
static void session_free(struct chp_session *session)
{
	chp_ctx_cancel(session->owner.ctx);
	chp_close(session->owner.out);
	chp_group_wait(&session->sinks);
	session_drain(session);
	chp_ctx_put(session->owner.ctx);
	chp_chan_put(session->owner.out);
	WARN_ON_ONCE(atomic64_read(&session->quota.used) ||
		     atomic64_read(&session->tasks.used) ||
		     atomic64_read(&session->items.used));
	chp_user_leave(&session->member);
	chp_sems_free(&session->sems);
	chp_share_exit(&session->share);
	put_user_ns(session->ns);
	kfree(session);
	chp_live_dec(CHP_KIND_SESSION);
}

/**
 * chp_session_close() - a file of the session is closed
 * @session: gone afterwards, unless it is shared and has more files, jobs,
 *	results that nobody has read, or semaphores
 *
 * Context: may sleep, until the jobs of a session of one file have ended.
 */
void chp_session_close(struct chp_session *session)
{
	bool gone;

	mutex_lock(&sessions_lock);
	gone = !--session->files &&
	       (!session->shared || (chp_session_over(session) &&
				     chp_sems_empty(&session->sems)));
	if (gone)
		list_del(&session->node);
	mutex_unlock(&sessions_lock);
	if (gone)
		session_free(session);
}

bool chp_session_has_place(struct chp_session *session)
{
	return atomic_read(&session->active) < READ_ONCE(session->max_jobs) &&
	       READ_ONCE(session->nr_rejects) < CHP_SESSION_REJECTS &&
	       chp_user_has_place(&session->member);
}

/**
 * chp_sessions_each() - look at all sessions
 * @look: called for each, with @arg; the session stays as long
 * @arg: for @look
 *
 * Context: may sleep.
 */
void chp_sessions_each(void (*look)(struct chp_session *session, void *arg),
		       void *arg)
{
	struct chp_session *session;

	mutex_lock(&sessions_lock);
	list_for_each_entry(session, &sessions, node)
		look(session, arg);
	mutex_unlock(&sessions_lock);
}

int chp_sessions_init(void)
{
	sessions_ctx = chp_ctx_with_cancel(NULL);
	return PTR_ERR_OR_ZERO(sessions_ctx);
}

/* No file is open: only shared sessions are left, with jobs or results. */
void chp_sessions_exit(void)
{
	struct chp_session *session, *next;

	chp_ctx_cancel(sessions_ctx);
	list_for_each_entry_safe(session, next, &sessions, node) {
		list_del(&session->node);
		session_free(session);
	}
	chp_ctx_put(sessions_ctx);
}
