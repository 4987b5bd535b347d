// SPDX-License-Identifier: GPL-2.0
/* Users, sessions, their jobs and their semaphores, a line for each; see view.h. */
#include <linux/cred.h>
#include <linux/seq_file.h>
#include <linux/string_helpers.h>
#include <linux/user_namespace.h>
#include <chanpat/chan.h>
#include "session.h"
#include "view.h"

static unsigned int view_count_jobs(struct chp_session *session)
{
	struct chp_job *job;
	unsigned int n = 0;

	mutex_lock(&session->lock);
	list_for_each_entry(job, &session->jobs, node)
		n++;
	mutex_unlock(&session->lock);
	return n;
}

static void view_session(struct chp_session *s, void *m)
{
	seq_printf(m, "%u uid=%u %s files=%u jobs=%u active=%d unread=%u rejects=%u bytes=%lld nice=%d\n",
		   s->id, from_kuid_munged(&init_user_ns, s->uid),
		   s->shared ? "shared" : "private", s->files,
		   view_count_jobs(s), atomic_read(&s->active),
		   chp_len(s->owner.out) + READ_ONCE(s->nr_taken),
		   READ_ONCE(s->nr_rejects), atomic64_read(&s->quota.used),
		   READ_ONCE(s->share.nice));
}

/**
 * chp_sessions_show() - a line for each session
 * @m: where to write them
 *
 * Context: may sleep.
 */
void chp_sessions_show(struct seq_file *m)
{
	chp_sessions_each(view_session, m);
}

static void view_user(struct chp_user *u, void *m)
{
	unsigned int sessions, jobs;

	spin_lock(&u->root->lock);
	sessions = u->sessions;
	jobs = u->jobs;
	spin_unlock(&u->root->lock);
	seq_printf(m, "uid=%u ns=%u sessions=%u jobs=%u bytes=%lld tasks=%lld items=%lld\n",
		   from_kuid_munged(&init_user_ns, u->uid), u->ns->ns.inum,
		   sessions, jobs,
		   atomic64_read(&u->bytes.used), atomic64_read(&u->tasks.used),
		   atomic64_read(&u->items.used));
}

/**
 * chp_users_show() - a line for each user who has a session
 * @m: where to write them
 *
 * Bytes, tasks and items are what is in use, and the reserve of each session.
 *
 * Context: may sleep.
 */
void chp_users_show(struct seq_file *m)
{
	chp_users_each(view_user, m);
}

static void view_stages(struct seq_file *m, struct chp_job *job)
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

static void view_job(struct seq_file *m, struct chp_session *session,
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
	view_stages(m, job);
}

static void view_jobs(struct chp_session *session, void *m)
{
	struct chp_job *job;

	mutex_lock(&session->lock);
	list_for_each_entry(job, &session->jobs, node)
		view_job(m, session, job);
	mutex_unlock(&session->lock);
}

/**
 * chp_jobs_show() - each job, with a line for each of its stages
 * @m: where to write them
 *
 * Context: may sleep.
 */
void chp_jobs_show(struct seq_file *m)
{
	chp_sessions_each(view_jobs, m);
}

static void view_semaphores(struct chp_session *session, void *m)
{
	chp_sems_show(m, &session->sems, session->id);
}

/**
 * chp_semaphores_show() - a line for each semaphore of each session
 * @m: where to write them
 *
 * Context: may sleep.
 */
void chp_semaphores_show(struct seq_file *m)
{
	chp_sessions_each(view_semaphores, m);
}
