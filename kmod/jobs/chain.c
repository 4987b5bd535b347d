// SPDX-License-Identifier: GPL-2.0
/* Chains; see chain.h. */
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/stage.h>
#include <chanpat/task.h>
#include "../patterns/stage.h"
#include "chain.h"
#include "flight.h"
#include "job.h"
#include "op.h"
#include "work.h"

/* Items that come in before other tasks have their turn. */
#define CHAIN_BUDGET 256

/* Bytes that take as long as an item itself, as a shift. */
#define CHAIN_BYTES_SHIFT 10

static bool chain_may_have(const struct chp_job *job, u32 i)
{
	const struct chp_stage_spec *spec = &job->spec->stages[i];
	const struct chp_op *op = chp_op_of(spec->op);
	bool light = op->sleeps ? job->stages[i].quick : op->light;

	/* A source takes a unit for each item, which may have to be waited for. */
	if (op->desc.flags & CHP_OP_SOURCE && job->flight.id)
		return false;
	return light && !spec->pool && !spec->fan &&
	       !spec->sem && !spec->timeout_ns && !spec->retry;
}

/*
 * The first of the stages at the end that the sink can run; how many stages there
 * are when it cannot run even the last. The buffer before a stage is a channel,
 * so it can only be before the first.
 */
u32 chp_chain_first(const struct chp_job *job)
{
	const struct chp_stage_spec *stages = job->spec->stages;
	u32 i = 0, first = 0;

	for (;;) {
		if (!chain_may_have(job, i))
			first = stages[i].next ?: job->spec->nr_stages;
		else if (stages[i].buf)
			first = i;
		if (!stages[i].next)
			return first;
		i = stages[i].next;
	}
}

/* Who waits for room in an input is told that there will never be any. */
static void chain_close_in(struct chp_chain *chain)
{
	const struct chp_op_stage *st = chain->nr ? chain->links[0].st : NULL;

	if (!chp_close(chain->in) && st && st->input)
		st->job->owner->room(st->job->owner);
}

static void chain_cut(struct work_struct *work)
{
	chain_close_in(container_of(work, struct chp_chain, cut.work));
}

/* What lines push may be anything, and what a source makes begins as a number. */
static u8 chain_takes(const struct chp_op_desc *desc)
{
	return desc->flags & CHP_OP_SOURCE ? CHP_T_ANY : desc->takes;
}

static int chain_add(struct chp_chain *chain, struct chp_job *job, u32 i)
{
	struct chp_chain_link *link = &chain->links[chain->nr];

	link->st = &job->stages[i];
	link->work = link->st->op->item;
	link->takes = chain_takes(&link->st->op->desc);
	link->drops = link->st->op->desc.flags & CHP_OP_MANY;
	chain->sleeps |= link->st->op->sleeps;
	link->worker = kzalloc(sizeof(*link->worker), GFP_KERNEL_ACCOUNT);
	if (!link->worker)
		return -ENOMEM;
	link->worker->ctx = job->ctx;
	chain->nr++;
	return 0;
}

/**
 * chp_chain_alloc() - make the chain of a job
 * @job: with its stages open, and its context
 * @first: what chp_chain_first() says
 * @in: what the stages before it send to; stays longer than the chain. NULL when
 *	there are none
 *
 * Context: may sleep.
 * Return: a chain, or ERR_PTR(-ENOMEM).
 */
struct chp_chain *chp_chain_alloc(struct chp_job *job, u32 first,
				  struct chp_chan *in)
{
	u32 nr = job->spec->nr_stages - first, i;
	struct chp_chan *input = nr ? job->stages[first].input : NULL;
	struct chp_chain *chain;

	chain = kzalloc(struct_size(chain, links, nr), GFP_KERNEL_ACCOUNT);
	if (!chain)
		return ERR_PTR(-ENOMEM);
	chain->budget = CHAIN_BUDGET;
	chain->first = first;
	chain->in = input ?: in;
	for (i = 0; i < nr; i++) {
		if (!chain_add(chain, job, first + i))
			continue;
		chp_chain_free(chain);
		return ERR_PTR(-ENOMEM);
	}
	/*
	 * Stages before the chain close what they send to when the job ends. It
	 * may have ended: the links are there before that can be told.
	 */
	INIT_WORK(&chain->cut.work, chain_cut);
	chp_ctx_after(input ? job->ctx : NULL, &chain->cut);
	return chain;
}

/* Also one whose links could not all be made, without a @cut. Context: may sleep. */
void chp_chain_free(struct chp_chain *chain)
{
	chp_ctx_after_stop(&chain->cut);
	if (chain->has)
		chp_work_drop(&chain->got);
	while (chain->nr)
		kfree(chain->links[--chain->nr].worker);
	kfree(chain);
}

/* Nothing comes in any more, and the links up to @i have nothing to say. */
static void chain_end(struct chp_chain *chain, u32 over)
{
	WRITE_ONCE(chain->over, max(chain->over, over));
	WRITE_ONCE(chain->ended, true);
	if (chain->in)
		chain_close_in(chain);
}

static bool chain_judge(struct chp_chain *chain, u32 i, int verdict)
{
	struct chp_chain_link *link = &chain->links[i];

	WARN_ON_ONCE(verdict == CHP_MORE);
	if (verdict == CHP_LAST || verdict == CHP_STOP)
		chain_end(chain, i + 1);
	if (verdict == CHP_DROP || verdict == CHP_STOP)
		return false;
	/* A lone word, for those who look; so are all counts here. */
	WRITE_ONCE(link->sent, link->sent + 1);
	return true;
}

static noinline bool chain_judge_rest(struct chp_chain *chain, u32 i,
				      struct chp_item *item, u32 flight,
				      int verdict)
{
	struct chp_chain_link *link = &chain->links[i];

	return chain_judge(chain, i, chp_work_after(link->st, link->worker, item,
						    flight, verdict));
}

static int chain_refuse(const struct chp_item *item)
{
	return item->type == CHP_ITEM_ERROR ? CHP_EMIT : -EINVAL;
}

/* What is common is decided here: an item of the right type goes on or not. */
static __always_inline bool chain_work(struct chp_chain *chain, u32 i,
				       struct chp_item *item)
{
	struct chp_chain_link *link = &chain->links[i];
	u32 flight = item->flight;
	int verdict;

	link->worker->seq = link->taken;
	WRITE_ONCE(link->taken, link->taken + 1);
	if (likely(link->takes & BIT(item->type)))
		verdict = link->work(link->st, link->worker, item);
	else
		verdict = chain_refuse(item);
	if (likely(verdict == CHP_EMIT)) {
		WRITE_ONCE(link->sent, link->sent + 1);
		return true;
	}
	if (verdict != CHP_DROP || !link->drops)
		return chain_judge_rest(chain, i, item, flight, verdict);
	chp_flight_end(flight);
	return false;
}

/*
 * The first link makes an item: it counts when it is there. When it has none yet
 * it is about to do what may take long, and the sink has its turn before that.
 */
static bool chain_make(struct chp_chain *chain, struct chp_item *item)
{
	struct chp_chain_link *link = &chain->links[0];
	int verdict;

	*item = (struct chp_item){ .type = CHP_ITEM_NUM };
	link->worker->seq = link->taken;
	verdict = link->work(link->st, link->worker, item);
	if (verdict == CHP_DROP)
		chain->budget = 0;
	if (verdict != CHP_EMIT && !chain_judge_rest(chain, 0, item, 0, verdict))
		return false;
	WRITE_ONCE(link->taken, link->taken + 1);
	WRITE_ONCE(link->sent, link->taken);
	return true;
}

/* From link @i to the last. False when the item has not come out. */
static bool chain_pass(struct chp_chain *chain, u32 i, struct chp_item *item)
{
	if (item->type == CHP_ITEM_BYTES)
		chain->budget -= item->bytes->len >> CHAIN_BYTES_SHIFT;
	for (; i < chain->nr; i++)
		if (!chain_work(chain, i, item))
			return false;
	return true;
}

/* The next link that has not come to its end does, and may have an item to say. */
static bool chain_say_end(struct chp_chain *chain, struct chp_item *item)
{
	u32 i = chain->over;
	struct chp_chain_link *link = &chain->links[i];
	int verdict = chp_work_end(link->st, link->worker, item);

	WRITE_ONCE(chain->over, i + 1);
	return chain_judge(chain, i, verdict) && chain_pass(chain, i + 1, item);
}

static int chain_take(struct chp_chain *chain, struct chp_item *item)
{
	if (!chain->has)
		return chp_try_recv(chain->in, item);
	*item = chain->got;
	chain->has = false;
	return 0;
}

static int chain_step(struct chp_chain *chain, struct chp_item *item)
{
	int err;

	if (unlikely(chain->ended)) {
		if (chain->over == chain->nr)
			return -EPIPE;
		return chain_say_end(chain, item) ? 0 : -EBUSY;
	}
	if (!chain->in)
		return chain_make(chain, item) && chain_pass(chain, 1, item) ?
			       0 : -EBUSY;
	err = chain_take(chain, item);
	if (!err)
		return chain_pass(chain, 0, item) ? 0 : -EBUSY;
	if (err != -EPIPE)
		return err;
	chain_end(chain, 0);
	return -EBUSY;
}

/**
 * chp_chain_next() - the next item that comes out of a chain
 * @chain: a chain
 * @item: filled in, when this returns 0
 *
 * Context: a step of the sink.
 * Return: 0; -EAGAIN when nothing has come in: chp_chain_park() waits for that;
 * -EBUSY when much has come in: others should have their turn;
 * -EPIPE after the last one.
 */
int chp_chain_next(struct chp_chain *chain, struct chp_item *item)
{
	int err;

	while (chain->budget-- > 0) {
		err = chain_step(chain, item);
		if (err != -EBUSY)
			return err;
	}
	chain->budget = CHAIN_BUDGET;
	return -EBUSY;
}

/**
 * chp_chain_park() - wait for something to come in
 * @chain: its last chp_chain_next() was -EAGAIN
 * @task: the sink
 *
 * Context: a step of the sink.
 * Return: -EINPROGRESS when it is parked; chp_chain_woken() is told what comes of
 * it. -EAGAIN: chp_chain_next() is to be called.
 */
int chp_chain_park(struct chp_chain *chain, struct chp_task *task)
{
	int err;

	WRITE_ONCE(chain->waiting, true);
	err = chp_task_recv(task, chain->in, &chain->got);
	return err == -EINPROGRESS ? err : chp_chain_woken(chain, err);
}

/* What the task was woken with. -EAGAIN as above, or -ETIME. */
int chp_chain_woken(struct chp_chain *chain, int result)
{
	WRITE_ONCE(chain->waiting, false);
	chain->has = !result;
	return result == -ETIME ? result : -EAGAIN;
}

/*
 * Lone words, written by the sink; nothing is ordered. Once the job has been ended
 * nothing is worked on, though the sink may still have something to send.
 */
void chp_chain_stats(const struct chp_chain *chain, u32 stage,
		     struct chp_stage_stats *stats)
{
	u32 i = stage - chain->first;
	const struct chp_chain_link *link = &chain->links[i];
	bool alive = !chp_ctx_err(link->worker->ctx) &&
		     (!READ_ONCE(chain->ended) || READ_ONCE(chain->over) <= i);

	*stats = (struct chp_stage_stats){
		.workers = alive,
		.busy = alive && !READ_ONCE(chain->waiting),
		.most = 1,
		.taken = READ_ONCE(link->taken),
		.sent = READ_ONCE(link->sent),
	};
}
