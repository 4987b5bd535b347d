/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of a stage: stage.c has its staff, worker.c what a worker does, and row.c
 * what most do, who need not wait for anything but elements.
 */
#ifndef CHP_PATTERNS_STAGE_H
#define CHP_PATTERNS_STAGE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <chanpat/stage.h>
#include <chanpat/task.h>
#include <chanpat/timer.h>
#include "../core/maker.h"
#include "turns.h"

/* What a worker does next, or is parked in. */
enum chp_worker_phase {
	CHP_W_RECV,	/* wait for an element */
	CHP_W_ADMIT,	/* wait until one more element may be in flight */
	CHP_W_PLACE,	/* wait for a unit of the stage's semaphore */
	CHP_W_WORK,	/* the stage's function runs */
	CHP_W_JUDGE,	/* it has returned, and that is to be looked at */
	CHP_W_DELAY,	/* sleep as the function has asked */
	CHP_W_TURN,	/* wait until all earlier elements have left */
	CHP_W_SEND,	/* wait until the element is taken */
};

/**
 * struct chp_stage - see include/chanpat/stage.h
 * @config: as it was made
 * @elem_size: bytes of an element
 * @in: holds a reference; NULL for a generator
 * @out: holds a reference; NULL for a pool
 * @group: owns the workers
 * @base: elements that had left @in before the stage was started
 * @ordered: elements are sent in the order of their numbers
 * @turns: whose turn it is, then
 * @lock: protects what follows, but for lockless looks at @alive and @target
 * @staff: workers that have not ended
 * @spare: workers that have not begun
 * @alive: workers that have not ended; the last one closes @out
 * @hiring: workers that were started and have not joined yet
 * @target: more than these are too many; of a fan, the most at a time
 * @receivers: of a fan: workers that receive, or are about to; one at most
 * @most: alive at a time
 * @taken: of workers that have ended
 * @sent: likewise
 * @stopped: no more input is taken, also not what is buffered
 * @scratch: room for an element, for chp_stage_drain()
 */
struct chp_stage {
	struct chp_stage_config config;
	size_t elem_size;
	struct chp_chan *in;
	struct chp_chan *out;
	struct chp_group *group;
	u64 base;
	bool ordered;
	struct chp_turns turns;
	spinlock_t lock;	/* @staff to @sent */
	struct list_head staff;
	struct list_head spare;
	unsigned int alive;
	unsigned int hiring;
	unsigned int target;
	unsigned int receivers;
	unsigned int most;
	u64 taken;
	u64 sent;
	bool stopped;
	u8 scratch[] __aligned(8);
};

/* What a row has made in the step of its reader. */
enum chp_row_pull {
	CHP_ROW_ELEM,	/* the element that is sent, if any */
	CHP_ROW_NONE,	/* that was sent, and there is no other */
	CHP_ROW_ODD,	/* likewise, and one is in the hand of a worker */
};

/**
 * struct chp_worker - one of a stage's workers
 * @task: also carries the wait of a worker that is a thread
 * @timer: for @delay, and for the time that an element may take
 * @stage: the worker's own
 * @node: in the stage's staff, or among its spare workers
 * @item: the stage's function
 * @down: the worker that this one's task runs after it; see row.c
 * @tail: of a row that this one heads, the last; itself where it is alone
 * @turn: its place in the order of the stage
 * @ctx: of the element in hand, where that has a time limit and the worker is a
 *	thread; else NULL
 * @phase: written by the worker, looked at by statistics
 * @parked: the phase's operation has been started, its result is to come
 * @plain: it waits for nothing but elements: it may run in a row
 * @led: it is run by the task of another, and has none yet
 * @sending: of a head: the task is parked with what @tail sends
 * @maker: of a head: makes the next one in the step of who took the last
 * @pulled: what has come of that
 * @at: the worker that has something to say, then
 * @hired: it was hired later
 * @joins: likewise, and it has not begun
 * @placed: it holds a unit of the stage's semaphore
 * @admitted: it holds a unit that is to leave with the element
 * @emit: there is an element to send when the turn has come
 * @more: the function is called again for the same element
 * @has_turn: no other element may leave in between
 * @last: the stage ends after this element
 * @ended: the input has ended, and this is the last worker
 * @late: the delay is longer than the time that is left
 * @verdict: of the function, to be judged
 * @attempt: how often the element in hand has been tried in vain
 * @deadline: of this attempt
 * @delay: nanoseconds, before the element is sent
 * @seq: of the element in hand, from 0
 * @piece: of it that have been sent
 * @taken: elements received or made
 * @sent: elements sent
 * @elem: the element in hand
 */
struct chp_worker {
	struct chp_task task;
	struct chp_timer timer;
	struct chp_stage *stage;
	struct list_head node;
	int (*item)(struct chp_worker *worker, void *elem);
	struct chp_worker *down;
	struct chp_worker *tail;
	struct chp_turn turn;
	struct chp_ctx *ctx;
	enum chp_worker_phase phase;
	struct chp_maker maker;
	enum chp_row_pull pulled;
	struct chp_worker *at;
	bool parked;
	bool plain;
	bool led;
	bool sending;
	bool hired;
	bool joins;
	bool placed;
	bool admitted;
	bool emit;
	bool more;
	bool has_turn;
	bool last;
	bool ended;
	bool late;
	int verdict;
	unsigned int attempt;
	ktime_t deadline;
	u64 delay;
	u64 seq;
	u64 piece;
	u64 taken;
	u64 sent;
	u8 elem[] __aligned(8);
};

static inline bool chp_stage_has_surplus(const struct chp_stage *stage)
{
	/* Lone words; who leaves looks again under the lock. */
	return READ_ONCE(stage->alive) > READ_ONCE(stage->target);
}

static inline void chp_worker_set_phase(struct chp_worker *worker,
					enum chp_worker_phase phase)
{
	/* For chp_stage_stats(), which looks at it while the worker works. */
	WRITE_ONCE(worker->phase, phase);
}

/* An attempt is no more than a call of the function. */
static inline bool chp_stage_is_plain(const struct chp_stage_config *config)
{
	return !config->sem && !config->admit && !config->timeout_ns;
}

/* It waits for nothing but elements, and its own order is that of the stage. */
static inline bool chp_worker_is_plain(const struct chp_stage_config *config)
{
	return chp_stage_is_plain(config) && !config->ordered &&
	       !config->sleeps;
}

bool chp_stage_join(struct chp_stage *stage, struct chp_worker *worker);
bool chp_stage_may_leave(struct chp_stage *stage, bool receives);
bool chp_stage_leave(struct chp_stage *stage, bool receives);
void chp_stage_relay(struct chp_stage *stage);
void chp_stage_forget(struct chp_worker *worker);
void chp_stage_drain(struct chp_stage *stage);

int chp_worker_start(struct chp_worker *worker);
void chp_worker_look_again(const struct chp_stage *stage);

/* row.c */

/* Of chp_row_run(), besides errors: no phase follows. */
#define CHP_ROW_OVER 2

bool chp_row_make(struct chp_maker *maker);
bool chp_row_may_have(const struct chp_stage_config *config);
void chp_row_add(struct chp_stage *head, struct chp_stage *stage);
void chp_row_give_up(struct chp_worker *head);
int chp_row_run(struct chp_worker *head, int *budget);

/* The worker is between two elements, or parked in what row.c has begun. */
static inline bool chp_row_is_at(const struct chp_worker *worker)
{
	return worker->plain &&
	       (worker->phase == CHP_W_RECV || worker->sending);
}

#endif
