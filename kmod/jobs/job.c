// SPDX-License-Identifier: GPL-2.0
/* Jobs: made from a parsed line, freed after their end was read. */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include "../compat.h"
#include "../core/live.h"
#include "../patterns/stage.h"
#include "chain.h"
#include "graph.h"
#include "job.h"
#include "registry.h"
#include "semaphore.h"
#include "sink.h"

/* The semaphore that the line names has to be there already. */
static int job_find_sem(struct chp_job *job, struct chp_op_stage *st,
			struct chp_reject *why)
{
	const struct chp_stage_spec *spec = st->spec;

	if (!spec->sem)
		return 0;
	st->sem = chp_sems_get(job->owner->sems, spec->sem, spec->sem_len);
	if (st->sem)
		return 0;
	why->col = spec->sem_col;
	scnprintf(why->reason, sizeof(why->reason),
		  "no semaphore \"%.*s\", a line such as sem %.*s 4 makes one",
		  (int)spec->sem_len, spec->sem, (int)spec->sem_len, spec->sem);
	return -ENOENT;
}

static int job_open_op(struct chp_op_stage *st, struct chp_reject *why)
{
	const struct chp_op *op = st->op;
	int err;

	if (op->lacks) {
		why->col = st->spec->col;
		return chp_op_refuse(why, -EOPNOTSUPP,
				     "\"%s\" needs %s, which this kernel was built without",
				     op->desc.name, op->lacks);
	}
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

static int job_open_stage(struct chp_job *job, struct chp_op_stage *st,
			  struct chp_reject *why)
{
	int err = job_find_sem(job, st, why);

	if (err)
		return err;
	err = job_open_op(st, why);
	if (err)
		chp_sems_put(job->owner->sems, st->sem);
	return err;
}

static void job_close_stages(struct chp_job *job)
{
	while (job->nr_stages) {
		struct chp_op_stage *st = &job->stages[--job->nr_stages];

		if (st->op->close)
			st->op->close(st);
		kfree(st->state);
		chp_sems_put(job->owner->sems, st->sem);
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
		st->job = job;
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
	job->graph = chp_graph_alloc(job->ctx, job);
	if (!IS_ERR(job->graph))
		return 0;
	err = PTR_ERR(job->graph);
	job->graph = NULL;
	return err;
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
	struct chp_graph *graph;
	u32 i;

	mutex_lock(&job->lock);
	graph = job->graph;
	job->graph = NULL;
	mutex_unlock(&job->lock);
	if (graph)
		chp_graph_wait(graph);
	for (i = 0; i < job->nr_stages && !job->failed; i++)
		job->failed = job->stages[i].failed;
	/* Who pushes or looks finds the graph gone before it finds them closed. */
	mutex_lock(&job->lock);
	job_close_stages(job);
	mutex_unlock(&job->lock);
	chp_charge_stages_over(job);
	chp_ctx_cancel(job->ctx);
}

static void job_free(struct chp_job *job)
{
	chp_job_release_stages(job);
	chp_flight_free(&job->flight);
	chp_ctx_put(job->ctx);
	chp_charge_job_over(job);
	chp_ops_free(job->spec);
	kfree(job->line);
	kvfree(job);
	chp_live_dec(CHP_KIND_JOB);
}

static int job_refuse(struct chp_job_owner *owner, struct chp_reject *why,
		      int err)
{
	why->err = err;
	if (why->reason[0])
		return err;
	if (err == -EDQUOT)
		return chp_charge_reject(why, owner->quota, CHP_CHARGE_BYTES);
	scnprintf(why->reason, sizeof(why->reason),
		  "the job could not be started: %s",
		  chp_errno_name(-err) ?: "unknown error");
	return err;
}

static int job_prepare(struct chp_job *job, bool files, struct chp_reject *why)
{
	int err = chp_charge_job(job, why);

	if (err)
		return err;
	if (job->spec->limit)
		err = chp_flight_init(&job->flight, job->spec->limit);
	if (!err)
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
		chp_ops_free(spec);
		return ERR_PTR(job_refuse(owner, why, -ENOMEM));
	}
	err = job_prepare(job, files, why);
	if (!err)
		return job;
	job_free(job);
	return ERR_PTR(job_refuse(owner, why, err));
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
	int err = chp_graph_start(job->graph, job);

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

static int graph_resize_stage(struct chp_graph *graph, unsigned int i, u32 n)
{
	if (graph->chain && chp_chain_has(graph->chain, i))
		return -EOPNOTSUPP;
	return graph->stages[i] ? chp_stage_resize(graph->stages[i], n) :
				  -EINVAL;
}

static int job_resize_stage(struct chp_job *job, unsigned int i, u32 n)
{
	int err = -EPIPE;

	mutex_lock(&job->lock);
	if (job->graph)
		err = graph_resize_stage(job->graph, i, n);
	mutex_unlock(&job->lock);
	return err;
}

static int resize_reject(struct chp_reject *why, int err, u32 col,
			 const char *fmt, u32 n)
{
	why->err = err;
	why->col = col;
	scnprintf(why->reason, sizeof(why->reason), fmt, n);
	return err;
}

/**
 * chp_job_resize() - change the workers of a stage while it runs
 * @job: running, or over
 * @spec: of a line "workers JOB STAGE N"
 * @most: workers that a stage may have
 * @why: filled after an error
 *
 * Context: may sleep.
 * Return: 0; -ERANGE for numbers beyond the limits; -EINVAL for a stage that
 * has one worker by its nature, or is light and was not given any by its line;
 * -EPIPE when the job has ended; -EDQUOT, -ENOMEM and the like when not all
 * workers could be had.
 */
int chp_job_resize(struct chp_job *job, const struct chp_spec *spec, u32 most,
		   struct chp_reject *why)
{
	s64 i = spec->stages[0].args[0].num, n = spec->stages[0].args[1].num;
	u32 col = spec->stages[0].col;
	int err;

	if (i >= job->spec->nr_stages)
		return resize_reject(why, -ERANGE, col,
				     "the last stage of the job is %u",
				     job->spec->nr_stages - 1);
	if (n > most)
		return resize_reject(why, -ERANGE, col,
				     "a stage has at most %u workers", most);
	if (job->spec->stages[i].op->flags & (CHP_OP_STATE | CHP_OP_SOURCE |
					      CHP_OP_BRANCHES))
		return resize_reject(why, -EINVAL, col,
				     "stage %u cannot have workers", i);
	err = job_resize_stage(job, i, n);
	if (err == -EPIPE)
		return resize_reject(why, err, spec->label_col,
				     "the job has ended", 0);
	if (err == -EOPNOTSUPP)
		return resize_reject(why, -EINVAL, col,
				     "stage %u is no pool, write workers=1 in the job's line for one",
				     i);
	if (err == -EDQUOT)
		return resize_reject(why, err, col,
				     "too many tasks: stage %u has fewer workers than that",
				     i);
	return err ? resize_reject(why, err, col,
				   "stage %u has fewer workers than that", i) : 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_job_resize);

static bool graph_stage_stats(struct chp_graph *graph, unsigned int i,
			      struct chp_stage_stats *stats)
{
	if (graph->chain && chp_chain_has(graph->chain, i)) {
		chp_chain_stats(graph->chain, i, stats);
		return true;
	}
	if (graph->stages[i])
		chp_stage_stats(graph->stages[i], stats);
	return graph->stages[i];
}

/**
 * chp_job_stage_stats() - look at a stage of a job
 * @job: running, or over
 * @i: which one
 * @stats: filled when this returns true
 *
 * Context: may sleep.
 * Return: false when the job has no stages any more, or no workers in this one.
 */
bool chp_job_stage_stats(struct chp_job *job, unsigned int i,
			 struct chp_stage_stats *stats)
{
	bool found;

	mutex_lock(&job->lock);
	found = job->graph && graph_stage_stats(job->graph, i, stats);
	mutex_unlock(&job->lock);
	return found;
}
EXPORT_SYMBOL_CHP_TESTS(chp_job_stage_stats);

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
