/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions: what an open file of /dev/chanpat belongs to.
 *
 * A file that is open for reading and writing has a session of its own. Files
 * that are open for one of the two share the session of their user, which
 * lives on while it has jobs or unread results.
 */
#ifndef CHP_DEV_SESSION_H
#define CHP_DEV_SESSION_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <chanpat/group.h>
#include "../core/share.h"
#include "../jobs/job.h"
#include "../jobs/quota.h"
#include "../jobs/semaphore.h"
#include "user.h"

struct fasync_struct;
struct user_namespace;

/* Reasons that wait for a reader before writers are told to wait. */
#define CHP_SESSION_REJECTS 64

/* Results that are taken from the channel at a time. */
#define CHP_SESSION_TAKEN 32

/* Why a line was not accepted, until somebody reads it. */
struct chp_reject_record {
	struct list_head node;
	struct chp_reject why;
};

/**
 * struct chp_session - a session
 * @owner: of its jobs; what they send to
 * @node: in the list of sessions, under its lock
 * @id: its number, for people
 * @uid: whose it is
 * @ns: in which user namespace; holds a reference
 * @shared: by the files of a user
 * @files: open ones, under the lock of the list
 * @lock: protects @jobs, @next_id, @rejects, @nr_rejects and the limits
 * @jobs: that have not ended, or whose end was not read
 * @next_id: the next job's number
 * @active: jobs whose results have not all been sent
 * @max_jobs: how many of these may be
 * @share: of the CPUs, for its jobs; who opened the session pays for memory
 * @rejects: struct chp_reject_record
 * @nr_rejects: of those
 * @reading: held while results are taken, so that one reader at a time uses
 *	the job that a result points to
 * @taken: results that were taken from the channel and not read; under @reading
 * @first: of those
 * @nr_taken: how many; 1 for a moment while some are being taken
 * @news: counts what a writer may have waited for: the end of a job, a reject
 *	that was read, room in a job's input
 * @wq: readers, who wait for results, and writers, who wait for a place
 * @fasync: those who want a signal in place of that
 * @ends: those who wait until it is known how a job has ended
 * @sinks: of the jobs
 * @quota: of bytes
 * @tasks: likewise
 * @items: likewise
 * @member: of the user's sessions; its @exempt is changed under the lock of the
 *	list
 * @sems: of the jobs
 */
struct chp_session {
	struct chp_job_owner owner;
	struct list_head node;
	u32 id;
	kuid_t uid;
	struct user_namespace *ns;
	bool shared;
	unsigned int files;
	struct mutex lock;	/* @jobs, @next_id, @rejects, limits */
	struct list_head jobs;
	u32 next_id;
	atomic_t active;
	unsigned int max_jobs;
	struct chp_share share;
	struct list_head rejects;
	unsigned int nr_rejects;
	struct mutex reading;	/* @taken, @first, @nr_taken */
	struct chp_result taken[CHP_SESSION_TAKEN];
	unsigned int first;
	unsigned int nr_taken;
	atomic_t news;
	wait_queue_head_t wq;
	struct fasync_struct *fasync;
	wait_queue_head_t ends;
	struct chp_group sinks;
	struct chp_quota quota;
	struct chp_quota tasks;
	struct chp_quota items;
	struct chp_member member;
	struct chp_sems sems;
};

int chp_sessions_init(void);
void chp_sessions_exit(void);

struct chp_session *chp_session_open(bool shared);
void chp_session_close(struct chp_session *session);

void chp_sessions_each(void (*look)(struct chp_session *session, void *arg),
		       void *arg);
bool chp_session_has_place(struct chp_session *session);
void chp_session_tell_readers(struct chp_session *session);
void chp_session_tell_news(struct chp_session *session);
int chp_session_news(struct chp_session *session);
int chp_session_wait_news(struct chp_session *session, int news);
int chp_session_lock(struct chp_session *session, bool nowait);
struct chp_job *chp_session_find_job(struct chp_session *session, u64 cookie);
void chp_session_forget_job(struct chp_job *job);

#endif
