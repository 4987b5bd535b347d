// SPDX-License-Identifier: GPL-2.0
/* Work; see work.h. */
#include <linux/bits.h>
#include "flight.h"
#include "job.h"
#include "op.h"
#include "work.h"

/* The item leaves the job, and makes room for another. */
void chp_work_drop(void *elem)
{
	struct chp_item *item = elem;

	chp_flight_end(item->flight);
	item->flight = 0;
	chp_item_drop(item);
}

/* It counts once, however many there are of it. */
int chp_work_copy(void *to, const void *from)
{
	struct chp_item *copy = to;

	*copy = *(const struct chp_item *)from;
	copy->flight = 0;
	chp_item_share(copy);
	return 0;
}

static bool makes_items(const struct chp_op_stage *st)
{
	return (st->op->desc.flags & (CHP_OP_SOURCE | CHP_OP_INPUT)) ==
	       CHP_OP_SOURCE;
}

/* What leaves the source is counted from here on; the unit was taken before. */
static void work_count(const struct chp_op_stage *st, struct chp_item *item)
{
	if (st->op->desc.flags & CHP_OP_SOURCE)
		item->flight = st->job->flight.id;
}

static bool work_takes(const struct chp_op_stage *st,
		       const struct chp_item *item)
{
	return st->op->desc.flags & CHP_OP_SOURCE ||
	       st->op->desc.takes & BIT(item->type);
}

static int work_error(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item, int err)
{
	chp_item_drop(item);
	*item = (struct chp_item){
		.type = CHP_ITEM_ERROR,
		.stage = st->index,
		.err = -err,
		.flight = item->flight,
		.seq = chp_worker_seq(worker) + 1,
	};
	work_count(st, item);
	return CHP_EMIT;
}

/* An operation of another module may break its word: no item is lost by that. */
static int work_check(const struct chp_op_stage *st, int verdict)
{
	if (verdict > CHP_EMIT &&
	    !(st->op->desc.flags & (CHP_OP_MANY | CHP_OP_SOURCE)))
		return -EPROTO;
	return verdict;
}

/* The item may have left the flight that it came with. */
static int work_settle(const struct chp_op_stage *st, struct chp_item *item,
		       u32 flight, int verdict)
{
	if (verdict == CHP_DROP || verdict == CHP_STOP)
		chp_flight_end(flight);
	else if (verdict >= 0)
		work_count(st, item);
	return verdict;
}

/* What an operation cannot work on becomes an error with its place. */
int chp_work_after(struct chp_op_stage *st, struct chp_worker *worker,
		   struct chp_item *item, u32 flight, int verdict)
{
	verdict = work_check(st, verdict);
	if (verdict < 0)
		return work_error(st, worker, item, verdict);
	return work_settle(st, item, flight, verdict);
}

/*
 * One item of a stage. Errors pass all stages: they are news for the reader.
 * Items of a source, and the second and later pieces of one, are made from
 * nothing: so the first piece is the one that counts in the flight.
 */
static int work_item(struct chp_worker *worker, void *elem)
{
	struct chp_op_stage *st = chp_worker_data(worker);
	bool made = makes_items(st) || chp_worker_piece(worker);
	struct chp_item *item = elem;
	int verdict = -EINVAL;
	u32 flight;

	if (made)
		*item = (struct chp_item){ .type = CHP_ITEM_NUM };
	else if (item->type == CHP_ITEM_ERROR)
		return CHP_EMIT;
	flight = item->flight;
	if (made || work_takes(st, item))
		verdict = work_check(st, st->op->item(st, worker, item));
	return work_settle(st, item, flight, verdict);
}

static int work_failed(struct chp_worker *worker, void *elem, int err)
{
	return work_error(chp_worker_data(worker), worker, elem, err);
}

/*
 * Nothing that was counted is left when a stage has come to its end. An error
 * has the number of the last item, for there is none of its own.
 */
int chp_work_end(struct chp_op_stage *st, struct chp_worker *worker,
		 struct chp_item *item)
{
	int verdict;

	*item = (struct chp_item){ .type = CHP_ITEM_NUM };
	verdict = st->op->end ? st->op->end(st, item) : CHP_DROP;
	if (verdict >= 0)
		return verdict;
	/* What it may have left in the item is not ours to drop. */
	chp_item_set_num(item, 0);
	return work_error(st, worker, item, verdict);
}

static int work_end(struct chp_worker *worker, void *elem)
{
	return chp_work_end(chp_worker_data(worker), worker, elem);
}

static const struct chp_stage_ops work_ops = {
	.item = work_item,
	.failed = work_failed,
	.end = work_end,
	.drop = chp_work_drop,
	.hire = chp_charge_hire,
	.leave = chp_charge_leave,
};

static struct chp_sem *work_admission(struct chp_op_stage *st)
{
	if (!(st->op->desc.flags & CHP_OP_SOURCE) || !st->job->flight.id)
		return NULL;
	return &st->job->flight.sem;
}

void chp_work_config(struct chp_op_stage *st, struct chp_stage_config *config)
{
	const struct chp_stage_spec *spec = st->spec;

	*config = (struct chp_stage_config){
		.name = st->op->desc.name,
		.ops = &work_ops,
		.data = st,
		.workers = spec->workers,
		.fan = spec->fan,
		.ordered = spec->ordered,
		.sleeps = st->op->sleeps,
		.sem = st->sem,
		.admit = work_admission(st),
		.timeout_ns = spec->timeout_ns,
		.retry = spec->retry,
	};
}
