// SPDX-License-Identifier: GPL-2.0
/*
 * The sink of a job: a task that hands its results to the owner, decides how
 * the job ended, and says so last.
 *
 * The sink has no context that could end under it. A cancelled job's stages
 * end and close the pipeline's output, and an owner that goes away closes its
 * channel: both are errors of an operation here, so the sink always comes to
 * its end, and the stages are over before the job's end is reported.
 */
#include <linux/bug.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include "graph.h"
#include "job.h"
#include "sink.h"
#include "work.h"

/* sink_next() says that the sink has ended. */
#define SINK_OVER 1

/* Results that a sink handles before other tasks have their turn. */
#define SINK_BUDGET 64

static int sink_recv(struct chp_job *job)
{
	struct chp_chan *out = job->graph->out;
	int err = chp_ctx_err(job->ctx);

	/* What a cancelled job still has in its channels is not reported. */
	if (err || !out)
		return -EPIPE;
	err = chp_task_recv(&job->sink, out, &job->result.item);
	if (err == -EINPROGRESS && job->spec->idle_ns)
		chp_task_timeout(&job->sink, &job->timer, job->spec->idle_ns,
				 -ETIME);
	return err;
}

static int sink_begin(struct chp_job *job)
{
	switch (job->phase) {
	case CHP_SINK_RECV:
		return sink_recv(job);
	case CHP_SINK_JOIN:
		return chp_task_join(&job->sink,
				     &job->graph->group);
	default:
		return chp_task_send(&job->sink, job->owner->out, &job->result);
	}
}

static int sink_resume(struct chp_job *job)
{
	if (!job->parked)
		return sink_begin(job);
	job->parked = false;
	if (job->phase == CHP_SINK_RECV && job->spec->idle_ns)
		chp_timer_stop(&job->timer);
	return chp_task_result(&job->sink);
}

static enum chp_job_status sink_decide(const struct chp_job *job, int recv_err)
{
	int err = chp_ctx_err(job->ctx);

	if (job->failed)
		return CHP_JOB_FAILED;
	if (recv_err == -ETIME)
		return CHP_JOB_IDLE;
	if (err == -ETIME)
		return CHP_JOB_TIMEOUT;
	return err ? CHP_JOB_CANCELLED : CHP_JOB_OK;
}

static void sink_count_error(struct chp_job *job)
{
	/* A lone word for those who look; the reader is ordered by the channel. */
	WRITE_ONCE(job->errors, job->errors + 1);
}

static int sink_received(struct chp_job *job)
{
	struct chp_item *item = &job->result.item;

	if (item->type != CHP_ITEM_ERROR ||
	    job->spec->errors != CHP_ERRORS_SKIP) {
		job->phase = CHP_SINK_SEND;
		return 0;
	}
	sink_count_error(job);
	chp_work_drop(item);
	return 0;
}

/* No more items: the status is decided here, whatever ends afterwards. */
static int sink_end(struct chp_job *job, int err)
{
	job->ended = ktime_get();
	WRITE_ONCE(job->status, sink_decide(job, err));
	chp_ctx_cancel(job->ctx);
	job->phase = CHP_SINK_JOIN;
	return 0;
}

static int sink_after_recv(struct chp_job *job, int err)
{
	return err ? sink_end(job, err) : sink_received(job);
}

/* The reader has it, who owns it from now on: the job may make another. */
static int sink_sent(struct chp_job *job)
{
	struct chp_item *item = &job->result.item;

	chp_flight_end(item->flight);
	job->owner->sent(job->owner);
	if (item->type != CHP_ITEM_ERROR) {
		WRITE_ONCE(job->items, job->items + 1);
		return 0;
	}
	sink_count_error(job);
	if (job->spec->errors != CHP_ERRORS_STOP)
		return 0;
	job->failed = item->err;
	return sink_end(job, -EPIPE);
}

static int sink_after_send(struct chp_job *job, int err)
{
	job->phase = CHP_SINK_RECV;
	if (!err)
		return sink_sent(job);
	/* Nobody will read any more: the owner is going. */
	chp_work_drop(&job->result.item);
	chp_ctx_cancel(job->ctx);
	return 0;
}

static int sink_after_join(struct chp_job *job)
{
	chp_job_release_stages(job);
	/* A source that could not go on has said so when its stage ended. */
	if (job->failed && job->status == CHP_JOB_OK)
		WRITE_ONCE(job->status, CHP_JOB_FAILED);
	job->result.item.type = CHP_ITEM_DONE;
	job->phase = CHP_SINK_DONE;
	return 0;
}

static int sink_next(struct chp_job *job, int err)
{
	switch (job->phase) {
	case CHP_SINK_RECV:
		return sink_after_recv(job, err);
	case CHP_SINK_SEND:
		return sink_after_send(job, err);
	case CHP_SINK_JOIN:
		return sink_after_join(job);
	default:
		return SINK_OVER;
	}
}

static int sink_step(struct chp_task *task)
{
	struct chp_job *job = container_of(task, struct chp_job, sink);
	int err = sink_resume(job), budget = SINK_BUDGET;

	while (err != -EINPROGRESS) {
		if (sink_next(job, err))
			return 0;
		if (!budget--)
			return -EAGAIN;
		err = sink_begin(job);
	}
	job->parked = true;
	return -EINPROGRESS;
}

static void sink_gone(struct chp_task *task)
{
	struct chp_job *job = container_of(task, struct chp_job, sink);

	job->owner->ended(job->owner, job);
	chp_job_put(job);
}

void chp_sink_start(struct chp_job *job)
{
	job->result.job = job;
	chp_timer_init(&job->timer);
	chp_task_init(&job->sink, sink_step, sink_gone);
	/* The owner waits for its sinks only after the last job was started. */
	WARN_ON(chp_task_start(&job->sink, job->owner->sinks));
}
