/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Chains: the light stages at the end of a job, which its sink runs itself.
 *
 * An operation such as "double" takes a fraction of what it costs to hand an item
 * from one task to another. So the last stages of a line that have no attributes
 * and only light operations are not tasks with channels between them: the sink
 * takes an item from what comes before them, or has the first one make it, and
 * calls one after the other. Nobody can tell but by the speed: there was one
 * worker for each of them, which kept the order, and could hold one item. The
 * lines of a file that is always there are read so, too.
 *
 * A chain belongs to the sink's step. Others may look at its counts.
 */
#ifndef CHP_JOBS_CHAIN_H
#define CHP_JOBS_CHAIN_H

#include <linux/types.h>
#include <chanpat/ctx.h>
#include "item.h"

struct chp_chan;
struct chp_job;
struct chp_op_stage;
struct chp_stage_stats;
struct chp_task;
struct chp_worker;

/**
 * struct chp_chain_link - a stage in a chain
 * @work: its operation's function
 * @st: the stage
 * @worker: runs nothing; has the numbers that operations may ask for
 * @takes: the types of items that @work is for, as bits
 * @drops: it may say CHP_DROP
 * @taken: items that have come
 * @sent: items that have gone on
 */
struct chp_chain_link {
	int (*work)(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item);
	struct chp_op_stage *st;
	struct chp_worker *worker;
	u8 takes;
	bool drops;
	u64 taken;
	u64 sent;
};

/**
 * struct chp_chain - the stages that a sink runs
 * @in: where items come from; NULL when the first link makes them
 * @got: an item that was received while the task was parked
 * @has: there is one
 * @waiting: the task is parked; for those who look
 * @sleeps: some link may, so the task has a worker of its own
 * @budget: of the task's turn; what is long costs more
 * @ended: no more items come in
 * @over: links that have come to their end, once @ended
 * @cut: closes an @in that lines push into, when the job ends
 * @first: the stage that is the first link
 * @nr: of @links; may be 0
 * @links: the stages, in their order
 */
struct chp_chain {
	struct chp_chan *in;
	struct chp_item got;
	bool has;
	bool waiting;
	bool sleeps;
	int budget;
	bool ended;
	u32 over;
	struct chp_after cut;
	u32 first;
	u32 nr;
	struct chp_chain_link links[];
};

u32 chp_chain_first(const struct chp_job *job);
struct chp_chain *chp_chain_alloc(struct chp_job *job, u32 first,
				  struct chp_chan *in);
void chp_chain_free(struct chp_chain *chain);
int chp_chain_next(struct chp_chain *chain, struct chp_item *item);
int chp_chain_park(struct chp_chain *chain, struct chp_task *task);
int chp_chain_woken(struct chp_chain *chain, int result);
void chp_chain_stats(const struct chp_chain *chain, u32 stage,
		     struct chp_stage_stats *stats);

static inline bool chp_chain_has(const struct chp_chain *chain, u32 stage)
{
	return stage - chain->first < chain->nr;
}

#endif
