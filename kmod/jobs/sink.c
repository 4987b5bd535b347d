// SPDX-License-Identifier: GPL-2.0
/*
 * The sink of a job: a task that runs the last stages, hands what comes out to the
 * owner, decides how the job ended, and says so last.
 *
 * The sink has no context that could end under it. A cancelled job's stages
 * end and close the pipeline's output, and an owner that goes away closes its
 * channel: both are errors of an operation here, so the sink always comes to
 * its end, and the stages are over before the job's end is reported.
 */
#include <linux/bug.h>
#include <linux/minmax.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include "chain.h"
#include "graph.h"
#include "job.h"
#include "sink.h"
#include "work.h"

/* sink_next() says that the sink has ended. */
#define SINK_OVER 1

/* What a sink does before other tasks have their turn. */
#define SINK_BUDGET 256

/* How long nothing has come, from the first time that this was so. */
static s64 sink_idle_left(struct chp_job *job)
{
	if (!job->waiting)
		job->idle_at = ktime_add_safe(ktime_get(), job->spec->idle_ns);
	job->waiting = true;
	return ktime_to_ns(ktime_sub(job->idle_at, ktime_get()));
}

static int sink_park(struct chp_job *job)
{
	int err = chp_chain_park(job->graph->chain, &job->sink);

	if (err == -EINPROGRESS && job->spec->idle_ns)
		chp_task_timeout(&job->sink, &job->timer,
				 max(sink_idle_left(job), 0LL), -ETIME);
	return err;
}

static int sink_recv(struct chp_job *job)
{
	struct chp_chain *chain = job->graph->chain;
	int err;

	/* What a cancelled job still has in its channels is not reported. */
	if (chp_ctx_err(job->ctx) || !chain)
		return -EPIPE;
	err = chp_chain_next(chain, &job->results[job->nr_results].item);
	/* First those that are there are sent. */
	if (!err || job->nr_results)
		return err;
	if (err == -EAGAIN)
		return sink_park(job);
	if (err == -EBUSY && job->spec->idle_ns && sink_idle_left(job) <= 0)
		return -ETIME;
	return err;
}

/* As many as there are places; else the first of them, when there is one. */
static int sink_send(struct chp_job *job)
{
	struct chp_result *next = &job->results[job->nr_sent];
	struct chp_chan *out = job->owner->out;
	int n = chp_try_send_many(out, next, job->nr_results - job->nr_sent);

	job->nr_sending = max(n, 1);
	if (n == -EAGAIN)
		return chp_task_send(&job->sink, out, next);
	return min(n, 0);
}

static int sink_begin(struct chp_job *job)
{
	switch (job->phase) {
	case CHP_SINK_RECV:
		return sink_recv(job);
	case CHP_SINK_SEND:
		return sink_send(job);
	case CHP_SINK_JOIN:
		return chp_task_join(&job->sink,
				     &job->graph->group);
	default:
		return chp_task_send(&job->sink, job->owner->out,
				     &job->results[0]);
	}
}

static int sink_resume(struct chp_job *job)
{
	int result = chp_task_result(&job->sink);

	if (!job->parked)
		return sink_begin(job);
	job->parked = false;
	if (job->phase != CHP_SINK_RECV)
		return result;
	if (job->spec->idle_ns)
		chp_timer_stop(&job->timer);
	return chp_chain_woken(job->graph->chain, result);
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

/*
 * No more are collected than can be sent at once, so that when nobody reads one
 * item is made ahead, and not many.
 */
static bool sink_is_full(const struct chp_job *job)
{
	const struct chp_chan *out = job->owner->out;

	return job->nr_results == CHP_SINK_BATCH ||
	       job->nr_results + chp_len(out) >= chp_cap(out);
}

static int sink_received(struct chp_job *job)
{
	struct chp_item *item = &job->results[job->nr_results].item;
	bool is_error = item->type == CHP_ITEM_ERROR;

	job->waiting = false;
	if (is_error && job->spec->errors == CHP_ERRORS_SKIP) {
		sink_count_error(job);
		chp_work_drop(item);
		return 0;
	}
	/* The first one is the last thing that is shown. */
	if (is_error && job->spec->errors == CHP_ERRORS_STOP)
		job->failed = item->err;
	job->nr_results++;
	if (sink_is_full(job) || job->failed)
		job->phase = CHP_SINK_SEND;
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
	if (!err)
		return sink_received(job);
	if (job->nr_results)
		job->phase = CHP_SINK_SEND;
	else if (err != -EAGAIN && err != -EBUSY)
		return sink_end(job, err);
	return 0;
}

/* The reader has it, who owns it from now on: the job may make another. */
static void sink_sent(struct chp_job *job)
{
	const struct chp_item *item = &job->results[job->nr_sent++].item;

	chp_flight_end(item->flight);
	if (item->type == CHP_ITEM_ERROR)
		sink_count_error(job);
	else
		WRITE_ONCE(job->items, job->items + 1);
}

static int sink_all_sent(struct chp_job *job)
{
	job->nr_results = 0;
	job->nr_sent = 0;
	job->phase = CHP_SINK_RECV;
	return job->failed ? sink_end(job, -EPIPE) : 0;
}

static int sink_after_send(struct chp_job *job, int err)
{
	/* Nobody will read any more: the owner is going. */
	if (err) {
		while (job->nr_sent < job->nr_results)
			chp_work_drop(&job->results[job->nr_sent++].item);
		chp_ctx_cancel(job->ctx);
		return sink_all_sent(job);
	}
	while (job->nr_sending--)
		sink_sent(job);
	job->owner->sent(job->owner);
	return job->nr_sent == job->nr_results ? sink_all_sent(job) : 0;
}

static int sink_after_join(struct chp_job *job)
{
	chp_job_release_stages(job);
	/* A source that could not go on has said so when its stage ended. */
	if (job->failed && job->status == CHP_JOB_OK)
		WRITE_ONCE(job->status, CHP_JOB_FAILED);
	/* Pairs with the acquire in chp_job_is_over(). */
	smp_store_release(&job->over, true);
	job->owner->over(job->owner, job);
	job->results[0].item.type = CHP_ITEM_DONE;
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
		if (err == -EBUSY || !budget--)
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
	int i;

	for (i = 0; i < CHP_SINK_BATCH; i++)
		job->results[i].job = job;
	chp_timer_init(&job->timer);
	chp_task_init(&job->sink, sink_step, sink_gone);
	if (job->graph->chain && job->graph->chain->sleeps)
		chp_task_may_sleep(&job->sink);
	/* The owner waits for its sinks only after the last job was started. */
	WARN_ON(chp_task_start(&job->sink, job->owner->sinks));
}
