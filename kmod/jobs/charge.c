// SPDX-License-Identifier: GPL-2.0
/* What a job is charged for; see charge.h. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "../patterns/stage.h"
#include "charge.h"
#include "input.h"
#include "job.h"
#include "op.h"
#include "quota.h"

/* An owner need not have a limit for everything. */
static int charge(struct chp_quota *quota, u64 n)
{
	return quota ? chp_quota_charge(quota, n) : 0;
}

static void release(struct chp_quota *quota, u64 n)
{
	if (quota && n)
		chp_quota_release(quota, n);
}

static unsigned int count_branches(const struct chp_spec *spec, u32 i)
{
	unsigned int n = 0;

	for (i = spec->stages[i].branch; i; i = spec->stages[i].sibling)
		n++;
	return n;
}

/* That stage @i begins with: one of a fan, and one to and from each branch. */
static u64 stage_tasks(const struct chp_spec *spec, u32 i)
{
	const struct chp_stage_spec *st = &spec->stages[i];

	if (st->op->flags & CHP_OP_BRANCHES)
		return 1 + count_branches(spec, i);
	return st->fan ? 1 : max(st->workers, 1U);
}

static u64 stage_items(const struct chp_spec *spec, u32 i)
{
	u64 items = spec->stages[i].buf + stage_tasks(spec, i);

	if (spec->stages[i].op->flags & CHP_OP_INPUT)
		items += CHP_INPUT_MAX;
	return items;
}

/* Roughly: workers and buffers are most. */
static void charge_count(const struct chp_job *job, struct chp_charge *n)
{
	const struct chp_spec *spec = job->spec;
	u32 i;

	*n = (struct chp_charge){
		.bytes = sizeof(struct chp_job) + strlen(job->line),
	};
	for (i = 0; i < spec->nr_stages; i++) {
		n->tasks += stage_tasks(spec, i);
		n->items += stage_items(spec, i);
	}
	n->bytes += spec->nr_stages * sizeof(struct chp_op_stage) +
		    n->tasks * sizeof(struct chp_worker) +
		    n->items * sizeof(struct chp_item);
}

/**
 * chp_charge_reject() - say whose limit it was
 * @why: gets the reason
 * @quota: that has refused
 * @what: CHP_CHARGE_*
 *
 * Context: any.
 * Return: -EDQUOT.
 */
int chp_charge_reject(struct chp_reject *why, struct chp_quota *quota,
		      const char *what)
{
	why->err = -EDQUOT;
	scnprintf(why->reason, sizeof(why->reason),
		  "the jobs of this %s would %s",
		  chp_quota_above(quota) ? "user" : "session", what);
	return why->err;
}

static int charge_or_reject(struct chp_quota *quota, u64 n, u64 *charged,
			    const char *what, struct chp_reject *why)
{
	if (charge(quota, n))
		return chp_charge_reject(why, quota, what);
	*charged = n;
	return 0;
}

/**
 * chp_charge_job() - charge the owner of a job for it
 * @job: nothing of it has been charged; what has been before a refusal is in
 *	its @charge
 * @why: filled after an error
 *
 * All of it is refused at once, for nobody knows whether and when other jobs end.
 *
 * Context: process.
 * Return: 0 or -EDQUOT.
 */
int chp_charge_job(struct chp_job *job, struct chp_reject *why)
{
	struct chp_job_owner *owner = job->owner;
	struct chp_charge n;
	int err;

	charge_count(job, &n);
	err = charge_or_reject(owner->quota, n.bytes, &job->charge.bytes,
			       CHP_CHARGE_BYTES, why);
	if (!err)
		err = charge_or_reject(owner->tasks, n.tasks,
				       &job->charge.tasks, CHP_CHARGE_TASKS,
				       why);
	if (!err)
		err = charge_or_reject(owner->items, n.items,
				       &job->charge.items, CHP_CHARGE_ITEMS,
				       why);
	return err;
}

/* May be called twice; the second time there is nothing left. */
void chp_charge_stages_over(struct chp_job *job)
{
	release(job->owner->tasks, job->charge.tasks);
	release(job->owner->items, job->charge.items);
	job->charge.tasks = 0;
	job->charge.items = 0;
}

void chp_charge_job_over(struct chp_job *job)
{
	release(job->owner->quota, job->charge.bytes);
}

/* A worker more than the stage began with: it may have an item in its hands. */
int chp_charge_hire(void *stage)
{
	const struct chp_op_stage *st = stage;
	struct chp_job_owner *owner = st->job->owner;
	int err = charge(owner->tasks, 1);

	if (err)
		return err;
	err = charge(owner->items, 1);
	if (err)
		release(owner->tasks, 1);
	return err;
}

void chp_charge_leave(void *stage)
{
	const struct chp_op_stage *st = stage;

	release(st->job->owner->tasks, 1);
	release(st->job->owner->items, 1);
}
