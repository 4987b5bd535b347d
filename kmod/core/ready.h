/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ready tasks of a CPU: shares take turns, and the tasks of a share are
 * first in, first out.
 *
 * What runs is charged to the share whose turn it is: the time between two
 * looks at the clock, times what time costs the share. The share that has used
 * least has the next turn, so in the long run all have used the same. The clock
 * is looked at only while several shares compete, and not at every run.
 *
 * A share that comes to compete begins where the one stands whose turn it is,
 * at @floor, and so can claim nothing for the time that it was away. One that
 * has used more than that, in a step longer than its part, stays behind until
 * the others have caught up; when the CPU has nothing to do, that is forgiven.
 *
 * There is no lock here: the executor's queue has one.
 */
#ifndef CHP_CORE_READY_H
#define CHP_CORE_READY_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <chanpat/task.h>
#include "queue.h"
#include "share.h"

/**
 * struct chp_ready - the ready tasks of a CPU
 * @len: all of them; read without the lock as a hint
 * @turn: the share that runs, with or without further tasks; NULL between runs
 *	of the executor
 * @waiting: the other shares that have tasks, by what they have used
 * @nr_waiting: how many these are
 * @runs: since the clock was looked at last
 * @tick: jiffies then
 * @since: the time then; what is later has not been charged to @turn
 * @floor: where shares begin that have used less
 * @most: what the share that has used most has used
 * @clock: nanoseconds; the tests have one of their own
 */
struct chp_ready {
	unsigned int len;
	struct chp_share_cpu *turn;
	struct rb_root_cached waiting;
	unsigned int nr_waiting;
	unsigned int runs;
	unsigned long tick;
	u64 since;
	u64 floor;
	u64 most;
	u64 (*clock)(void);
};

void chp_ready_init(struct chp_ready *ready, u64 (*clock)(void));
void chp_ready_end(struct chp_ready *ready);
void chp_ready_enter(struct chp_ready *ready, struct chp_share_cpu *sc);
void chp_ready_compete(struct chp_ready *ready, unsigned int runs);
void chp_ready_forget(struct chp_ready *ready, struct chp_share_cpu *sc);
unsigned int chp_ready_take_half(struct chp_ready *ready, struct list_head *to);

static inline void chp_ready_count(struct chp_ready *ready,
				   struct chp_share_cpu *sc)
{
	sc->len++;
	WRITE_ONCE(ready->len, ready->len + 1);
	if (sc != ready->turn && RB_EMPTY_NODE(&sc->waits))
		chp_ready_enter(ready, sc);
}

/* For the end of its share's queue. */
static inline void chp_ready_add(struct chp_ready *ready,
				 struct chp_share_cpu *sc,
				 struct chp_task *task)
{
	chp_list_add_tail(&task->ready, &sc->tasks);
	chp_ready_count(ready, sc);
}

/* For its beginning. */
static inline void chp_ready_add_first(struct chp_ready *ready,
				       struct chp_share_cpu *sc,
				       struct chp_task *task)
{
	list_add(&task->ready, &sc->tasks);
	chp_ready_count(ready, sc);
}

static inline struct chp_task *chp_ready_remove(struct chp_ready *ready,
						struct chp_share_cpu *sc)
{
	struct chp_task *task;

	task = list_first_entry(&sc->tasks, struct chp_task, ready);
	chp_list_del_init(&task->ready);
	sc->len--;
	WRITE_ONCE(ready->len, ready->len - 1);
	return task;
}

/*
 * The task that runs next, or NULL; @runs is how many have run since the last
 * call, this one included.
 */
static inline struct chp_task *chp_ready_pop(struct chp_ready *ready,
					     unsigned int runs)
{
	if (!RB_EMPTY_ROOT(&ready->waiting.rb_root))
		chp_ready_compete(ready, runs);
	if (!ready->len)
		return NULL;
	return chp_ready_remove(ready, ready->turn);
}

#endif
