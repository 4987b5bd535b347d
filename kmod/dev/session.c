// SPDX-License-Identifier: GPL-2.0
/* Sessions; see session.h. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string_helpers.h>
#include <linux/user_namespace.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include "../core/live.h"
#include "../jobs/input.h"
#include "../jobs/registry.h"
#include "limits.h"
#include "session.h"

/* Results that wait for a reader before jobs park. */
#define SESSION_RESULTS 256

/* Reasons that wait for a reader before writers are told to wait. */
#define SESSION_REJECTS 64

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

static void session_sent(struct chp_job_owner *owner)
{
	struct chp_session *session = session_of(owner);

	/* Pairs with the barrier of those who look before they sleep. */
	if (wq_has_sleeper(&session->wq))
		wake_up_interruptible_poll(&session->wq, EPOLLIN | EPOLLRDNORM);
}

/* Something a line may wait for has happened since @news was read. */
static bool session_has_news(struct chp_session *session, int news)
{
	/* Pairs with the increments, which come after what they tell of. */
	return atomic_read_acquire(&session->news) != news;
}

static void session_tell_news(struct chp_session *session)
{
	atomic_inc_return_release(&session->news);
	/* Pairs with the barrier of those who look before they sleep. */
	if (wq_has_sleeper(&session->wq))
		wake_up_interruptible_all(&session->wq);
}

static void session_room(struct chp_job_owner *owner)
{
	session_tell_news(session_of(owner));
}

/*
 * Whoever sees @active go down also sees that the job's end was sent, so
 * nothing outstanding and nothing in the channel means that all was read.
 */
static void session_ended(struct chp_job_owner *owner, struct chp_job *job)
{
	struct chp_session *session = session_of(owner);

	atomic_dec_return_release(&session->active);
	session_tell_news(session);
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
	owner->sinks = &session->sinks;
	owner->quota = &session->quota;
	owner->sems = &session->sems;
	chp_sems_init(owner->sems);
	owner->sent = session_sent;
	owner->room = session_room;
	owner->ended = session_ended;
	return 0;
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
	err = session_init(session);
	if (err) {
		kfree(session);
		return ERR_PTR(err);
	}
	session->uid = current_uid();
	session->ns = get_user_ns(current_user_ns());
	session->shared = shared;
	session->next_id = 1;
	session->quota.limit = READ_ONCE(chp_max_memory);
	mutex_init(&session->lock);
	mutex_init(&session->reading);
	init_waitqueue_head(&session->wq);
	INIT_LIST_HEAD(&session->jobs);
	INIT_LIST_HEAD(&session->rejects);
	chp_live_inc(CHP_KIND_SESSION);
	return session;
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
 * Return: a session, until chp_session_close(); or ERR_PTR(-ENOMEM).
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
	}
	session->files++;
out:
	mutex_unlock(&sessions_lock);
	return session;
}

/* A list lets go of a job: after its end was read, or with the session. */
static void session_forget_job(struct chp_job *job)
{
	list_del_init(&job->node);
	chp_job_put(job);
}

static void session_drain(struct chp_session *session)
{
	struct chp_reject_record *reject, *next_reject;
	struct chp_job *job, *next_job;
	struct chp_result result;

	if (session->has_put_back)
		chp_item_drop(&session->put_back.item);
	while (!chp_try_recv(session->owner.out, &result))
		chp_item_drop(&result.item);
	list_for_each_entry_safe(job, next_job, &session->jobs, node)
		session_forget_job(job);
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
	WARN_ON_ONCE(atomic64_read(&session->quota.used));
	chp_sems_free(&session->sems);
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
	return atomic_read(&session->active) < READ_ONCE(chp_max_jobs) &&
	       READ_ONCE(session->nr_rejects) < SESSION_REJECTS;
}

static bool session_unread(struct chp_session *session)
{
	return chp_len(session->owner.out) || READ_ONCE(session->nr_rejects) ||
	       READ_ONCE(session->has_put_back);
}

/* Nothing outstanding, and nothing left to read. */
bool chp_session_over(struct chp_session *session)
{
	/* Pairs with the release in session_ended(). */
	return !atomic_read_acquire(&session->active) &&
	       !session_unread(session);
}

/* Whether a read has something to return, the end included. */
bool chp_session_readable(struct chp_session *session)
{
	return session_unread(session) || chp_session_over(session);
}

/* -EBUSY when too many are unread; the line is then given again. */
static int session_reject(struct chp_session *session,
			  const struct chp_reject *why)
{
	struct chp_reject_record *record;

	if (READ_ONCE(session->nr_rejects) >= SESSION_REJECTS)
		return -EBUSY;
	record = kmalloc(sizeof(*record), GFP_KERNEL_ACCOUNT);
	if (!record)
		return why->err;
	record->why = *why;
	mutex_lock(&session->lock);
	list_add_tail(&record->node, &session->rejects);
	WRITE_ONCE(session->nr_rejects, session->nr_rejects + 1);
	mutex_unlock(&session->lock);
	session_sent(&session->owner);
	return why->err;
}

static struct chp_job *session_find_job(struct chp_session *session,
					const char *label)
{
	struct chp_job *job;

	list_for_each_entry(job, &session->jobs, node)
		if (!strcmp(job->label, label))
			return job;
	return NULL;
}

static int session_reject_job(const struct chp_spec *spec,
			      struct chp_reject *why)
{
	*why = (struct chp_reject){ .err = -ESRCH, .col = spec->label_col };
	scnprintf(why->reason, sizeof(why->reason), "no job \"%s\"",
		  spec->label);
	return why->err;
}

/* A number that a job had, but has no more, is no mistake: it has ended. */
static bool session_knew(struct chp_session *session, const char *label)
{
	u32 id;

	return !kstrtou32(label, 10, &id) && id && id < session->next_id;
}

static int session_cancel(struct chp_session *session,
			  const struct chp_spec *spec, struct chp_reject *why)
{
	const char *label = spec->label;
	bool all = !strcmp(label, "all");
	struct chp_job *job;

	mutex_lock(&session->lock);
	list_for_each_entry(job, &session->jobs, node)
		if (all || !strcmp(job->label, label))
			chp_job_cancel(job);
	if (!all && !session_find_job(session, label) &&
	    !session_knew(session, label))
		session_reject_job(spec, why);
	mutex_unlock(&session->lock);
	return why->err;
}

/* Under the lock. */
static int session_tell_job(struct chp_job *job, const struct chp_spec *spec,
			    struct chp_reject *why)
{
	switch (spec->kind) {
	case CHP_LINE_PUSH:
		return chp_input_push(job, spec, why);
	case CHP_LINE_END:
		return chp_input_end(job, spec, why);
	default:
		return chp_job_resize(job, spec, READ_ONCE(chp_limits.workers),
				      why);
	}
}

/* A line about one job that runs. -EBUSY: it is to be given again. */
static int session_tell(struct chp_session *session,
			const struct chp_spec *spec, struct chp_reject *why)
{
	struct chp_job *job;
	int err;

	mutex_lock(&session->lock);
	job = session_find_job(session, spec->label);
	if (job)
		err = session_tell_job(job, spec, why);
	else
		err = session_reject_job(spec, why);
	mutex_unlock(&session->lock);
	return err;
}

static int session_add_job(struct chp_session *session, struct chp_spec *spec,
			   const char *line, size_t len,
			   unsigned int flags, struct chp_reject *why)
{
	struct chp_job *job;

	if (spec->label[0] && session_find_job(session, spec->label)) {
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

static int session_submit(struct chp_session *session, struct chp_spec *spec,
			  const char *line, size_t len, unsigned int flags,
			  struct chp_reject *why)
{
	int err;

	mutex_lock(&session->lock);
	if (chp_session_has_place(session)) {
		err = session_add_job(session, spec, line, len, flags, why);
	} else {
		chp_ops_free(spec);
		err = -EBUSY;
	}
	mutex_unlock(&session->lock);
	return err;
}

static int session_run_spec(struct chp_session *session, struct chp_spec *spec,
			    const char *line, size_t len, unsigned int flags,
			    struct chp_reject *why)
{
	int err;

	switch (spec->kind) {
	case CHP_LINE_JOB:
		return session_submit(session, spec, line, len, flags, why);
	case CHP_LINE_CANCEL:
		err = session_cancel(session, spec, why);
		break;
	case CHP_LINE_SEM:
		err = chp_sems_set(&session->sems, spec, why);
		break;
	case CHP_LINE_EMPTY:
		err = 0;
		break;
	default:
		err = session_tell(session, spec, why);
	}
	chp_ops_free(spec);
	return err;
}

static int session_try_line(struct chp_session *session, const char *line,
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
		err = session_run_spec(session, spec, line, len, flags, &why);
	if (!why.err || flags & CHP_LINE_UNHEARD)
		return err;
	return session_reject(session, &why);
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
		err = session_try_line(session, line, len, flags);
		if (err != -EBUSY)
			return err;
		if (flags & CHP_LINE_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(session->wq,
					       session_has_news(session, news));
	} while (!err);
	return err;
}

static struct chp_reject_record *session_pop_reject(struct chp_session *session)
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
	*reject = session_pop_reject(session);
	if (*reject) {
		session_tell_news(session);
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
	session_forget_job(job);
	mutex_unlock(&session->lock);
	/* Other readers may have been waiting for what was just taken. */
	if (chp_session_over(session))
		wake_up_interruptible_all(&session->wq);
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

static unsigned int session_count_jobs(struct chp_session *session)
{
	struct chp_job *job;
	unsigned int n = 0;

	mutex_lock(&session->lock);
	list_for_each_entry(job, &session->jobs, node)
		n++;
	mutex_unlock(&session->lock);
	return n;
}

/**
 * chp_sessions_show() - a line for each session
 * @m: where to write them
 *
 * Context: may sleep.
 */
void chp_sessions_show(struct seq_file *m)
{
	struct chp_session *s;

	mutex_lock(&sessions_lock);
	list_for_each_entry(s, &sessions, node)
		seq_printf(m, "%u uid=%u %s files=%u jobs=%u active=%d unread=%u rejects=%u bytes=%lld\n",
			   s->id, from_kuid_munged(&init_user_ns, s->uid),
			   s->shared ? "shared" : "private", s->files,
			   session_count_jobs(s), atomic_read(&s->active),
			   chp_len(s->owner.out), READ_ONCE(s->nr_rejects),
			   atomic64_read(&s->quota.used));
	mutex_unlock(&sessions_lock);
}

static void job_show_stages(struct seq_file *m, struct chp_job *job)
{
	struct chp_stage_stats stats;
	unsigned int i;

	for (i = 0; i < job->spec->nr_stages; i++) {
		if (!chp_job_stage_stats(job, i, &stats))
			continue;
		seq_printf(m, "  stage %u %s workers=%u busy=%u taken=%llu sent=%llu most=%u\n",
			   i, job->spec->stages[i].op->name, stats.workers,
			   stats.busy, stats.taken, stats.sent, stats.most);
	}
}

static void job_show(struct seq_file *m, struct chp_session *session,
		     struct chp_job *job)
{
	char status[32];

	chp_job_status_text(job, status, sizeof(status));
	seq_printf(m, "%u.%u %s %s items=%llu errors=%llu age_ms=%lld ",
		   session->id, job->id, job->label, status,
		   READ_ONCE(job->items), READ_ONCE(job->errors),
		   ktime_ms_delta(ktime_get(), job->started));
	seq_escape_mem(m, job->line, strlen(job->line), ESCAPE_SPACE |
		       ESCAPE_SPECIAL | ESCAPE_HEX | ESCAPE_NP, NULL);
	seq_putc(m, '\n');
	job_show_stages(m, job);
}

/**
 * chp_jobs_show() - each job, with a line for each of its stages
 * @m: where to write them
 *
 * Context: may sleep.
 */
void chp_jobs_show(struct seq_file *m)
{
	struct chp_session *session;
	struct chp_job *job;

	mutex_lock(&sessions_lock);
	list_for_each_entry(session, &sessions, node) {
		mutex_lock(&session->lock);
		list_for_each_entry(job, &session->jobs, node)
			job_show(m, session, job);
		mutex_unlock(&session->lock);
	}
	mutex_unlock(&sessions_lock);
}

/**
 * chp_semaphores_show() - a line for each semaphore of each session
 * @m: where to write them
 *
 * Context: may sleep.
 */
void chp_semaphores_show(struct seq_file *m)
{
	struct chp_session *session;

	mutex_lock(&sessions_lock);
	list_for_each_entry(session, &sessions, node)
		chp_sems_show(m, &session->sems, session->id);
	mutex_unlock(&sessions_lock);
}
