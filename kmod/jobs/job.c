// SPDX-License-Identifier: GPL-2.0
/* Jobs: made from a parsed line, freed after their end was read. */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include <chanpat/pipeline.h>
#include "../compat.h"
#include "../core/live.h"
#include "../patterns/stage.h"
#include "job.h"
#include "quota.h"
#include "sink.h"

/*
 * One item of a stage. Errors pass all stages: they are news for the reader.
 * What an operation cannot work on becomes an error with its place.
 */
static int job_item(struct chp_worker *worker, void *elem)
{
	struct chp_op_stage *st = chp_worker_data(worker);
	const struct chp_op_desc *desc = &st->op->desc;
	struct chp_item *item = elem;
	int verdict = -EINVAL;

	if (desc->flags & CHP_OP_SOURCE)
		chp_item_set_num(item, 0);
	else if (item->type == CHP_ITEM_ERROR)
		return CHP_EMIT;
	if (desc->flags & CHP_OP_SOURCE || desc->takes & BIT(item->type))
		verdict = st->op->item(st, worker, item);
	if (verdict >= 0)
		return verdict;
	chp_item_drop(item);
	*item = (struct chp_item){
		.type = CHP_ITEM_ERROR,
		.stage = st->index,
		.err = -verdict,
		.seq = chp_worker_seq(worker) + 1,
	};
	return CHP_EMIT;
}

static int job_stage_end(struct chp_worker *worker, void *elem)
{
	struct chp_op_stage *st = chp_worker_data(worker);

	return st->op->end ? st->op->end(st, elem) : CHP_DROP;
}

static void job_drop(void *elem)
{
	chp_item_drop(elem);
}

static const struct chp_stage_ops job_stage_ops = {
	.item = job_item,
	.end = job_stage_end,
	.drop = job_drop,
};

static int job_open_stage(struct chp_job *job, struct chp_op_stage *st,
			  struct chp_reject *why)
{
	const struct chp_op *op = st->op;
	int err;

	if (op->state) {
		st->state = kzalloc(op->state, GFP_KERNEL_ACCOUNT);
		if (!st->state)
			return -ENOMEM;
	}
	err = op->open ? op->open(st, why) : 0;
	if (err) {
		kfree(st->state);
		why->col = st->spec->col;
	}
	return err;
}

static void job_close_stages(struct chp_job *job)
{
	while (job->nr_stages) {
		struct chp_op_stage *st = &job->stages[--job->nr_stages];

		if (st->op->close)
			st->op->close(st);
		kfree(st->state);
	}
}

static int job_open_stages(struct chp_job *job, bool files,
			   struct chp_reject *why)
{
	struct chp_op_stage *st;
	unsigned int i;
	int err;

	for (i = 0; i < job->spec->nr_stages; i++) {
		st = &job->stages[i];
		st->spec = &job->spec->stages[i];
		st->op = chp_op_of(st->spec->op);
		st->index = i;
		st->quota = job->owner->quota;
		st->files = files;
		err = job_open_stage(job, st, why);
		if (err)
			return err;
		job->nr_stages++;
	}
	return 0;
}

static int job_add_stages(struct chp_job *job)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < job->nr_stages; i++) {
		struct chp_op_stage *st = &job->stages[i];
		struct chp_stage_config config = {
			.name = st->op->desc.name,
			.ops = &job_stage_ops,
			.data = st,
			.workers = st->spec->workers,
			.ordered = st->spec->ordered,
			.sleeps = st->op->sleeps,
		};

		err = chp_pipeline_add(job->pipeline, &config, st->spec->buf);
	}
	return err;
}

static int job_build(struct chp_job *job)
{
	u64 timeout = job->spec->timeout_ns;
	struct chp_ctx *parent = job->owner->ctx;
	int err;

	/* Before the deadline is set: a job that timed out took that long. */
	job->started = ktime_get();
	job->ctx = timeout ? chp_ctx_with_timeout(parent, timeout) :
			     chp_ctx_with_cancel(parent);
	if (IS_ERR(job->ctx)) {
		err = PTR_ERR(job->ctx);
		job->ctx = NULL;
		return err;
	}
	job->pipeline = chp_pipeline_alloc(job->ctx, sizeof(struct chp_item),
					   job->nr_stages);
	if (!IS_ERR(job->pipeline))
		return job_add_stages(job);
	err = PTR_ERR(job->pipeline);
	job->pipeline = NULL;
	return err;
}

/* What the job holds itself, roughly: its workers and buffers are most. */
static size_t job_charge(const struct chp_spec *spec, size_t line)
{
	size_t bytes = sizeof(struct chp_job) + line;
	unsigned int i;

	for (i = 0; i < spec->nr_stages; i++)
		bytes += sizeof(struct chp_op_stage) +
			 spec->stages[i].workers * sizeof(struct chp_worker) +
			 spec->stages[i].buf * sizeof(struct chp_item);
	return bytes;
}

static struct chp_job *job_alloc(struct chp_job_owner *owner,
				 struct chp_spec *spec, const char *line,
				 size_t len, u32 id)
{
	struct chp_job *job;

	job = kvzalloc(struct_size(job, stages, spec->nr_stages),
		       GFP_KERNEL_ACCOUNT);
	if (!job)
		return NULL;
	job->line = kmemdup_nul(line, len, GFP_KERNEL_ACCOUNT);
	if (!job->line) {
		kvfree(job);
		return NULL;
	}
	refcount_set(&job->ref, 1);
	INIT_LIST_HEAD(&job->node);
	mutex_init(&job->lock);
	job->owner = owner;
	job->spec = spec;
	job->id = id;
	if (spec->label[0])
		strscpy(job->label, spec->label, sizeof(job->label));
	else
		snprintf(job->label, sizeof(job->label), "%u", id);
	chp_live_inc(CHP_KIND_JOB);
	return job;
}

/*
 * The stages are over, or were never started. Files are closed and memory is
 * given back here, not when somebody reads the job's end.
 */
void chp_job_release_stages(struct chp_job *job)
{
	struct chp_pipeline *pipeline;
	u32 i;

	mutex_lock(&job->lock);
	pipeline = job->pipeline;
	job->pipeline = NULL;
	mutex_unlock(&job->lock);
	if (pipeline)
		chp_pipeline_wait(pipeline);
	for (i = 0; i < job->nr_stages && !job->failed; i++)
		job->failed = job->stages[i].failed;
	job_close_stages(job);
	chp_ctx_cancel(job->ctx);
}

static void job_free(struct chp_job *job)
{
	chp_job_release_stages(job);
	chp_ctx_put(job->ctx);
	chp_quota_release(job->owner->quota, job->charge);
	chp_spec_free(job->spec);
	kfree(job->line);
	kvfree(job);
	chp_live_dec(CHP_KIND_JOB);
}

static int job_refuse(struct chp_reject *why, int err)
{
	why->err = err;
	if (why->reason[0])
		return err;
	if (err == -EDQUOT)
		strscpy(why->reason,
			"the jobs of this session would hold too much memory",
			sizeof(why->reason));
	else
		scnprintf(why->reason, sizeof(why->reason),
			  "the job could not be started: %s",
			  chp_errno_name(-err) ?: "unknown error");
	return err;
}

static int job_prepare(struct chp_job *job, bool files, struct chp_reject *why)
{
	size_t charge = job_charge(job->spec, strlen(job->line));
	int err = chp_quota_charge(job->owner->quota, charge);

	if (err)
		return err;
	job->charge = charge;
	err = job_open_stages(job, files, why);
	return err ? err : job_build(job);
}

/**
 * chp_job_create() - make a job, and open what it needs with the caller's rights
 * @owner: whose it is
 * @spec: a job; belongs to the job from now on, also after an error
 * @line: its text
 * @len: of @line
 * @id: its number
 * @files: whether the line may name descriptors, which are those of current
 * @why: filled after an error
 *
 * Context: may sleep.
 * Return: a job that does not run yet, with one reference, the owner's; or
 * ERR_PTR of @why->err.
 */
struct chp_job *chp_job_create(struct chp_job_owner *owner,
			       struct chp_spec *spec, const char *line,
			       size_t len, u32 id, bool files,
			       struct chp_reject *why)
{
	struct chp_job *job = job_alloc(owner, spec, line, len, id);
	int err;

	*why = (struct chp_reject){ .col = 1 };
	if (!job) {
		chp_spec_free(spec);
		return ERR_PTR(job_refuse(why, -ENOMEM));
	}
	err = job_prepare(job, files, why);
	if (!err)
		return job;
	job_free(job);
	return ERR_PTR(job_refuse(why, err));
}
EXPORT_SYMBOL_CHP_TESTS(chp_job_create);

/**
 * chp_job_run() - let it run
 * @job: created, and in the owner's list
 *
 * Whatever goes wrong now is the job's status.
 *
 * Context: may sleep.
 */
void chp_job_run(struct chp_job *job)
{
	int err = chp_pipeline_start(job->pipeline);

	if (err) {
		job->failed = -err;
		chp_ctx_cancel(job->ctx);
	}
	refcount_inc(&job->ref);
	chp_sink_start(job);
}
EXPORT_SYMBOL_CHP_TESTS(chp_job_run);

/**
 * chp_job_cancel() - end it; its end is a result as ever
 * @job: running, or over
 *
 * Context: any.
 */
void chp_job_cancel(struct chp_job *job)
{
	chp_ctx_cancel(job->ctx);
}
EXPORT_SYMBOL_CHP_TESTS(chp_job_cancel);

/**
 * chp_job_put() - drop a reference
 * @job: a job
 *
 * Context: may sleep.
 */
void chp_job_put(struct chp_job *job)
{
	if (refcount_dec_and_test(&job->ref))
		job_free(job);
}
EXPORT_SYMBOL_CHP_TESTS(chp_job_put);

/**
 * chp_job_status_text() - the status in the words of the device
 * @job: a job
 * @buf: where to write it
 * @size: of @buf
 *
 * Context: any.
 * Return: as scnprintf().
 */
int chp_job_status_text(const struct chp_job *job, char *buf, size_t size)
{
	static const char * const words[] = {
		[CHP_JOB_RUNNING] = "running",
		[CHP_JOB_OK] = "ok",
		[CHP_JOB_CANCELLED] = "cancelled",
		[CHP_JOB_TIMEOUT] = "timeout",
		[CHP_JOB_IDLE] = "idle",
		[CHP_JOB_FAILED] = "failed",
	};
	enum chp_job_status status = READ_ONCE(job->status);
	const char *name;

	if (status != CHP_JOB_FAILED)
		return scnprintf(buf, size, "%s", words[status]);
	name = chp_errno_name(job->failed);
	if (name)
		return scnprintf(buf, size, "failed:%s", name);
	return scnprintf(buf, size, "failed:%d", job->failed);
}
EXPORT_SYMBOL_CHP_TESTS(chp_job_status_text);
