// SPDX-License-Identifier: GPL-2.0
/* The ready tasks of a CPU: what is to be done when several shares compete. */
#include <linux/jiffies.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include "../compat.h"
#include "ready.h"

/* Runs between two looks at the clock, unless a tick comes earlier. */
#define READY_RUNS 64
/* Tasks that another CPU takes at a time, with interrupts off. */
#define READY_TAKE_MAX 128

void chp_ready_init(struct chp_ready *ready, u64 (*clock)(void))
{
	*ready = (struct chp_ready){
		.waiting = RB_ROOT_CACHED,
		.clock = clock,
	};
}
EXPORT_SYMBOL_CHP_TESTS(chp_ready_init);

static u64 ready_later(u64 a, u64 b)
{
	return (s64)(a - b) > 0 ? a : b;
}

/*
 * Charges what has passed to the share that had it. Where nobody competed, that
 * is no debt: the others can have caught up in that time.
 */
static void ready_look(struct chp_ready *ready)
{
	struct chp_share_cpu *turn = ready->turn;
	u64 now = ready->clock();
	s64 passed = now - ready->since;

	ready->since = now;
	ready->tick = jiffies;
	ready->runs = 0;
	/* The clock may go back a little when it is adjusted. */
	if (!turn || passed < 0)
		return;
	turn->used += (u64)passed * READ_ONCE(turn->share->cost) /
		      CHP_SHARE_COST;
	ready->most = ready_later(ready->most, turn->used);
	if (!ready->nr_waiting)
		ready->floor = ready_later(ready->floor, turn->used);
}

static bool ready_before(struct rb_node *a, const struct rb_node *b)
{
	u64 used = rb_entry(a, struct chp_share_cpu, waits)->used;

	return (s64)(used - rb_entry(b, struct chp_share_cpu, waits)->used) < 0;
}

static void ready_wait(struct chp_ready *ready, struct chp_share_cpu *sc)
{
	rb_add_cached(&sc->waits, &ready->waiting, ready_before);
	ready->nr_waiting++;
}

static void ready_wait_no_more(struct chp_ready *ready,
			       struct chp_share_cpu *sc)
{
	rb_erase_cached(&sc->waits, &ready->waiting);
	RB_CLEAR_NODE(&sc->waits);
	ready->nr_waiting--;
}

static struct chp_share_cpu *ready_first(struct chp_ready *ready)
{
	struct rb_node *node = rb_first_cached(&ready->waiting);

	return rb_entry_safe(node, struct chp_share_cpu, waits);
}

/*
 * A share that had no tasks has one. When nobody competed until now, the clock
 * has not been looked at.
 */
void chp_ready_enter(struct chp_ready *ready, struct chp_share_cpu *sc)
{
	if (ready->turn && !ready->nr_waiting)
		ready_look(ready);
	sc->used = ready_later(sc->used, ready->floor);
	ready_wait(ready, sc);
}
EXPORT_SYMBOL_CHP_TESTS(chp_ready_enter);

/* Several shares have tasks: decides whose turn it is. */
void chp_ready_compete(struct chp_ready *ready, unsigned int runs)
{
	struct chp_share_cpu *turn = ready->turn, *first = ready_first(ready);
	bool goes_on = turn && turn->len;

	ready->runs += runs;
	if (goes_on && ready->runs < READY_RUNS &&
	    time_before_eq(jiffies, ready->tick))
		return;
	ready_look(ready);
	if (!goes_on || (s64)(first->used - turn->used) < 0) {
		ready_wait_no_more(ready, first);
		if (goes_on)
			ready_wait(ready, turn);
		ready->turn = first;
	}
	/* Nobody has used less who has tasks. */
	ready->floor = ready_later(ready->floor, ready->turn->used);
}
EXPORT_SYMBOL_CHP_TESTS(chp_ready_compete);

/*
 * The executor gives way to others, or has nothing to do. What passes until it
 * runs the next task is nobody's.
 */
void chp_ready_end(struct chp_ready *ready)
{
	struct chp_share_cpu *turn = ready->turn;

	if (ready->len)
		ready_look(ready);
	else
		ready->floor = ready->most;
	if (turn && turn->len)
		ready_wait(ready, turn);
	ready->turn = NULL;
}
EXPORT_SYMBOL_CHP_TESTS(chp_ready_end);

/* All tasks of the share have ended; its last step may just be returning. */
void chp_ready_forget(struct chp_ready *ready, struct chp_share_cpu *sc)
{
	WARN_ON_ONCE(sc->len || !RB_EMPTY_NODE(&sc->waits));
	if (ready->turn == sc)
		ready->turn = NULL;
}
EXPORT_SYMBOL_CHP_TESTS(chp_ready_forget);

static unsigned int ready_take(struct chp_ready *ready,
			       struct chp_share_cpu *sc, struct list_head *to,
			       unsigned int most)
{
	unsigned int i, n = min(DIV_ROUND_UP(sc->len, 2), most);

	for (i = 0; i < n; i++)
		list_add_tail(&chp_ready_remove(ready, sc)->ready, to);
	return n;
}

/*
 * Moves up to half of the tasks to @to, and at least one if there is any: from
 * each share up to half of what it has, and no more than its part of what is
 * moved. So a share with many tasks does not fill up the CPU that takes them.
 */
unsigned int chp_ready_take_half(struct chp_ready *ready, struct list_head *to)
{
	unsigned int left = min(DIV_ROUND_UP(ready->len, 2), READY_TAKE_MAX);
	struct chp_share_cpu *sc, *turn = ready->turn;
	unsigned int n, taken = 0, shares = ready->nr_waiting;
	struct rb_node *node = rb_first_cached(&ready->waiting);

	if (turn && turn->len) {
		shares++;
		taken = ready_take(ready, turn, to, DIV_ROUND_UP(left, shares));
		shares--;
	}
	for (; node && taken < left; shares--) {
		sc = rb_entry(node, struct chp_share_cpu, waits);
		node = rb_next(node);
		n = DIV_ROUND_UP(left - taken, shares);
		taken += ready_take(ready, sc, to, n);
		if (!sc->len)
			ready_wait_no_more(ready, sc);
	}
	return taken;
}
EXPORT_SYMBOL_CHP_TESTS(chp_ready_take_half);
