/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Jobs: a line of the job language at work.
 *
 * A job is a graph of stages and a sink. The sink is a task that takes what comes out
 * and sends it, as results, to the channel of the job's owner; the last one is
 * the job's end. It parks when nobody reads, and so do the stages behind.
 */
#ifndef CHP_JOBS_JOB_H
#define CHP_JOBS_JOB_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <chanpat/task.h>
#include <chanpat/timer.h>
#include "charge.h"
#include "flight.h"
#include "item.h"
#include "op.h"
#include "spec.h"

struct chp_ctx;
struct chp_group;
struct chp_graph;
struct chp_job;
struct chp_quota;
struct chp_sems;
struct chp_share;

/* What travels through the owner's channel. */
struct chp_result {
	struct chp_job *job;
	struct chp_item item;
};

/**
 * struct chp_job_owner - whom jobs belong to
 * @ctx: its end cancels all jobs
 * @sinks: owns the sinks; its context does not end before they do
 * @share: which their stages work for; NULL for the root share
 * @out: of struct chp_result; closed when nobody will read any more
 * @quota: charged for the bytes that jobs hold
 * @tasks: likewise, for their workers; NULL: they have no limit
 * @items: likewise, for the items that there is room for
 * @sems: their semaphores
 * @sent: a result was sent; from the sink's step
 * @room: a job has taken an item of its input; from a stage's step
 * @over: how a job has ended is known, and its stages are no more; its results
 *	may still wait to be sent; from the sink's step
 * @ended: a job's sink is about to end; its results have been sent, or @out
 *	is closed; from the sink's step
 */
struct chp_job_owner {
	struct chp_ctx *ctx;
	struct chp_group *sinks;
	struct chp_share *share;
	struct chp_chan *out;
	struct chp_quota *quota;
	struct chp_quota *tasks;
	struct chp_quota *items;
	struct chp_sems *sems;
	void (*sent)(struct chp_job_owner *owner);
	void (*room)(struct chp_job_owner *owner);
	void (*over)(struct chp_job_owner *owner, struct chp_job *job);
	void (*ended)(struct chp_job_owner *owner, struct chp_job *job);
};

enum chp_job_status {
	CHP_JOB_RUNNING,
	CHP_JOB_OK,
	CHP_JOB_CANCELLED,
	CHP_JOB_TIMEOUT,
	CHP_JOB_IDLE,
	CHP_JOB_FAILED,
};

/* Results that a sink collects before it sends them, while more are there. */
#define CHP_SINK_BATCH 32

enum chp_sink_phase {
	CHP_SINK_RECV,		/* wait for the next item */
	CHP_SINK_SEND,		/* wait until there is a place for it */
	CHP_SINK_JOIN,		/* wait until all stages have ended */
	CHP_SINK_DONE,		/* wait until there is a place for the end */
};

/**
 * struct chp_job - a job
 * @ref: the sink's and the owner's
 * @node: in the owner's list of jobs
 * @owner: outlives the job
 * @id: its number
 * @cookie: what a program calls it, or 0
 * @label: what it is called in results: the number, or the line's label
 * @line: as it was written
 * @spec: the line, parsed
 * @ctx: below the owner's, with the job's timeout
 * @graph: let go of by the sink, under @lock
 * @lock: for those who look at @graph, or change it
 * @wanted: room that somebody waits for in the input, or 0
 * @flight: of its items, where their number is limited
 * @nr_stages: opened ones, in @stages
 * @charge: what the owner's quotas were charged for the job itself
 * @sink: the task
 * @timer: for idle
 * @phase: of the sink
 * @parked: the sink's operation has been started, its result is to come
 * @waiting: the sink has nothing, and nothing has come
 * @idle_at: when that is too long; where there is such a time
 * @results: in the sink's hand
 * @nr_results: of those
 * @nr_sent: of those that have been sent
 * @nr_sending: that are sent when the sink's operation is done
 * @status: set once by the sink
 * @failed: positive errno for CHP_JOB_FAILED
 * @over: @status, @failed and @ended are final; see chp_job_is_over()
 * @items: values that were sent to the owner
 * @errors: errors that were sent to the owner
 * @started: when
 * @ended: when the last item had come out
 * @stages: the source is stage 0
 */
struct chp_job {
	refcount_t ref;
	struct list_head node;
	struct chp_job_owner *owner;
	u32 id;
	u64 cookie;
	char label[CHP_LABEL_MAX];
	char *line;
	struct chp_spec *spec;
	struct chp_ctx *ctx;
	struct chp_graph *graph;
	struct mutex lock;	/* @graph, the input's places, writes of @wanted */
	u32 wanted;
	struct chp_flight flight;
	u32 nr_stages;
	struct chp_charge charge;
	struct chp_task sink;
	struct chp_timer timer;
	enum chp_sink_phase phase;
	bool parked;
	bool waiting;
	ktime_t idle_at;
	struct chp_result results[CHP_SINK_BATCH];
	u32 nr_results;
	u32 nr_sent;
	u32 nr_sending;
	enum chp_job_status status;
	int failed;
	bool over;
	u64 items;
	u64 errors;
	ktime_t started;
	ktime_t ended;
	struct chp_op_stage stages[];
};

struct chp_job *chp_job_create(struct chp_job_owner *owner,
			       struct chp_spec *spec, const char *line,
			       size_t len, u32 id, bool files,
			       struct chp_reject *why);
void chp_job_run(struct chp_job *job);
void chp_job_cancel(struct chp_job *job);
void chp_job_put(struct chp_job *job);

/* Whether the fields that say how it has ended may be read. */
static inline bool chp_job_is_over(const struct chp_job *job)
{
	/* Pairs with the release in sink_after_join(). */
	return smp_load_acquire(&job->over);
}

int chp_job_resize(struct chp_job *job, const struct chp_spec *spec, u32 most,
		   struct chp_reject *why);
bool chp_job_stage_stats(struct chp_job *job, unsigned int i,
			 struct chp_stage_stats *stats);
int chp_job_status_text(const struct chp_job *job, char *buf, size_t size);

#endif
