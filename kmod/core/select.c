// SPDX-License-Identifier: GPL-2.0
/*
 * Select.
 *
 * First every case is tried as if it stood alone: a select that finds one ready
 * is in no queue, nobody can claim it, and no other case is disturbed. Then its
 * wait begins, and enters the queues one by one, looking again in each: what
 * has become ready since the first look is found under the lock of its own
 * channel, by claiming the own wait and then the peer's. The protocol, and what
 * happens when two selects do that to each other, is at the top of wait.h.
 *
 * The cases stay in their queues until the select has been ended, by one of
 * them or otherwise; then the owner takes the others out, one lock at a time.
 */
#include <linux/limits.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/select.h>
#include <chanpat/task.h>
#include <chanpat/timer.h>
#include "../compat.h"
#include "chan.h"
#include "ctx.h"
#include "hook.h"
#include "select.h"
#include "task.h"
#include "timer.h"
#include "wait.h"
#include "yield.h"

/* Fair, not secret: the upper half of a linear congruential generator's state. */
static DEFINE_PER_CPU(u64, select_rnd);

void chp_select_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(select_rnd, cpu) = get_random_u64();
}

/*
 * An interrupt, or another CPU when this thread has been moved, may draw in the
 * middle of this, and get the same number: that is no harm.
 */
static __always_inline u32 select_random(void)
{
	u64 *state = raw_cpu_ptr(&select_rnd);
	u64 next = READ_ONCE(*state) * 6364136223846793005ULL +
		   1442695040888963407ULL;

	WRITE_ONCE(*state, next);
	return next >> 32;
}

/*
 * The case that is looked at after @i others: any of those that are left is as
 * likely, so all that are ready are, however many these are.
 */
static __always_inline void select_draw(struct chp_case *cases, unsigned int i,
					unsigned int n)
{
	unsigned int j;

	if (i + 1 == n)
		return;
	j = i + reciprocal_scale(select_random(), n - i);
	swap(cases[i].turn, cases[j].turn);
}

enum select_order {
	SELECT_AT_RANDOM,
	SELECT_IN_ORDER,
};

/* -EAGAIN when the case is not ready. */
static int case_try(struct chp_case *c)
{
	switch (c->kind) {
	case CHP_SEND:
		return chp_try_send(c->ch, c->waiter.elem);
	case CHP_RECV:
		return chp_try_recv_ticket(c->ch, c->waiter.elem,
					   &c->waiter.ticket);
	case CHP_DONE:
		return chp_ctx_err(c->ctx) ?: -EAGAIN;
	}
	return -EINVAL;
}

static bool case_never(const struct chp_case *c)
{
	return c->kind == CHP_DONE ? !c->ctx : !c->ch;
}

/* As chp_chan_enlist_send(); a case that is never ready stands nowhere. */
static int case_enlist(struct chp_case *c)
{
	if (case_never(c))
		return -EINPROGRESS;
	switch (c->kind) {
	case CHP_SEND:
		return chp_chan_enlist_send(c->ch, &c->waiter);
	case CHP_RECV:
		return chp_chan_enlist_recv(c->ch, &c->waiter);
	case CHP_DONE:
		return chp_ctx_enlist(c->ctx, &c->waiter);
	}
	return -EINVAL;
}

/* The index of a case that was ready and is done, or -EAGAIN. */
static __always_inline int select_try(struct chp_case *cases, unsigned int n,
				      enum select_order order)
{
	struct chp_case *c;
	unsigned int i;
	int err;

	if (n > INT_MAX)
		return -EINVAL;
	for (i = 0; i < n; i++)
		cases[i].turn = i;
	for (i = 0; i < n; i++) {
		if (order == SELECT_AT_RANDOM)
			select_draw(cases, i, n);
		c = &cases[cases[i].turn];
		err = case_try(c);
		if (err == -EAGAIN)
			continue;
		c->err = err;
		return c - cases;
	}
	return -EAGAIN;
}

/*
 * Begins @wait. Returns the index of a case that was done on the way; the wait
 * is over then. Or -EINPROGRESS: the owner has to wait, because all cases
 * stand in their queues, or because one of them has been claimed already.
 */
static int select_enlist(struct chp_wait *wait, struct chp_case *cases,
			 unsigned int n)
{
	struct chp_case *c;
	unsigned int i;
	int err;

	chp_window(CHP_SELECT_TRIED, wait);
	for (i = 0; i < n; i++)
		chp_waiter_init(&cases[i].waiter, wait);
	chp_wait_begin(wait);
	for (i = 0; i < n; i++) {
		c = &cases[cases[i].turn];
		err = case_enlist(c);
		if (err == -EBUSY)
			break;
		if (err == -EINPROGRESS) {
			chp_window(CHP_SELECT_ENLISTED, wait);
			continue;
		}
		c->err = err;
		return chp_wait_abandon(wait, c - cases);
	}
	return -EINPROGRESS;
}

/*
 * The wait is over: out of all queues but the one of the case that was served,
 * whom the server has taken out. The index of that case, or @err when it ended
 * otherwise.
 */
static int select_leave(struct chp_wait *wait, struct chp_case *cases,
			unsigned int n, int err)
{
	struct chp_case *c;
	unsigned int i;

	for (i = 0; i < n; i++) {
		c = &cases[i];
		if (wait->which != &c->waiter) {
			chp_waiter_leave(&c->waiter);
			continue;
		}
		c->err = err;
		wait->result = i;
	}
	return wait->which ? wait->result : err;
}

static bool select_never(const struct chp_case *cases, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!case_never(&cases[i]))
			return false;
	return true;
}

/* @timer: started once the select waits; NULL for none. */
static int select_block(struct chp_ctx *ctx, struct chp_case *cases,
			unsigned int n, struct chp_timer *timer, u64 ns)
{
	struct chp_wait wait;
	int err;

	chp_wait_init_thread(&wait, ctx);
	err = select_enlist(&wait, cases, n);
	if (err == -EINPROGRESS)
		err = chp_wait_commit(&wait);
	if (err == -EINPROGRESS) {
		if (timer)
			chp_timer_start(timer, &wait, ns, -ETIME);
		err = chp_wait_sleep(&wait);
		/* Late, it would find this stack frame gone. */
		if (timer)
			chp_timer_stop(timer);
	}
	return select_leave(&wait, cases, n, err);
}

static __always_inline int select_sleep(struct chp_ctx *ctx,
					struct chp_case *cases, unsigned int n,
					enum select_order order)
{
	int err = chp_ctx_look(ctx);

	chp_might_sleep();
	if (likely(!err))
		err = select_try(cases, n, order);
	if (likely(err != -EAGAIN)) {
		chp_yield();
		return err;
	}
	if (!ctx && select_never(cases, n))
		return -EDEADLK;
	return select_block(ctx, cases, n, NULL, 0);
}

/**
 * chp_select() - do the first of several operations that can be done
 * @ctx: whose end ends the wait; NULL for none
 * @cases: the operations; see CHP_CASE_SEND() and its like
 * @n: how many; with none it waits for @ctx
 *
 * An ended context wins over a ready case. Go: select.
 *
 * Context: may sleep.
 * Return: the index of the case that was done, whose @err is its result; or,
 * when none was, -ECANCELED, -ETIME, -ERESTARTSYS; -EDEADLK when nothing could
 * ever end the wait; -EINVAL when @n is more than INT_MAX. A case of no known
 * kind is done at once, with -EINVAL.
 */
int chp_select(struct chp_ctx *ctx, struct chp_case *cases, unsigned int n)
{
	return select_sleep(ctx, cases, n, SELECT_AT_RANDOM);
}
EXPORT_SYMBOL_CHP(chp_select);

/**
 * chp_select_ordered() - the same, preferring the cases that come first
 * @ctx: whose end ends the wait; NULL for none
 * @cases: the operations, the most urgent first
 * @n: how many
 *
 * Of the cases that can be done at once, the first one is; they are looked at
 * one after the other. A case that is always ready starves those behind it.
 *
 * Context: may sleep.
 * Return: as chp_select().
 */
int chp_select_ordered(struct chp_ctx *ctx, struct chp_case *cases,
		       unsigned int n)
{
	return select_sleep(ctx, cases, n, SELECT_IN_ORDER);
}
EXPORT_SYMBOL_CHP(chp_select_ordered);

/**
 * chp_select_timeout() - do the first operation that can be done in time
 * @ctx: whose end ends the wait; NULL for none
 * @cases: the operations
 * @n: how many
 * @ns: nanoseconds to wait at most; with 0 a case that is ready is still done
 *
 * Go: select with a case <-time.After(ns).
 *
 * Context: may sleep.
 * Return: as chp_select(); -ETIME too when the time is over.
 */
int chp_select_timeout(struct chp_ctx *ctx, struct chp_case *cases,
		       unsigned int n, u64 ns)
{
	struct chp_timer timer;
	int err = chp_ctx_look(ctx);

	chp_might_sleep();
	if (likely(!err))
		err = select_try(cases, n, SELECT_AT_RANDOM);
	if (err != -EAGAIN) {
		chp_yield();
		return err;
	}
	chp_timer_init_on_stack(&timer);
	err = select_block(ctx, cases, n, &timer, ns);
	chp_timer_destroy_on_stack(&timer);
	return err;
}
EXPORT_SYMBOL_CHP(chp_select_timeout);

/**
 * chp_try_select() - do one of several operations if that needs no waiting
 * @cases: the operations
 * @n: how many
 *
 * The cases are looked at one after the other: one that becomes ready meanwhile
 * may be missed. Go: select with a default case.
 *
 * Context: any, hard interrupts included, on PREEMPT_RT too.
 * Return: the index of the case that was done; -EAGAIN when none was; -EINVAL
 * as chp_select().
 */
int chp_try_select(struct chp_case *cases, unsigned int n)
{
	return select_try(cases, n, SELECT_AT_RANDOM);
}
EXPORT_SYMBOL_CHP(chp_try_select);

/**
 * chp_try_select_ordered() - do the first operation that needs no waiting
 * @cases: the operations, the most urgent first
 * @n: how many
 *
 * The cases are looked at one after the other, as by chp_try_select().
 *
 * Context: any, hard interrupts included, on PREEMPT_RT too.
 * Return: as chp_try_select().
 */
int chp_try_select_ordered(struct chp_case *cases, unsigned int n)
{
	return select_try(cases, n, SELECT_IN_ORDER);
}
EXPORT_SYMBOL_CHP(chp_try_select_ordered);

/* The task's own place is in no queue: it keeps what the end needs to know. */
static void task_select_end(struct chp_task *task)
{
	struct chp_wait *wait = &task->wait;

	wait->result = select_leave(wait, task->waiter.elem, task->waiter.units,
				    wait->result);
}

static int task_select(struct chp_task *task, struct chp_case *cases,
		       unsigned int n, enum select_order order)
{
	struct chp_wait *wait = &task->wait;
	int err = chp_ctx_err(wait->ctx);

	if (!err)
		err = select_try(cases, n, order);
	if (err != -EAGAIN)
		return err;
	err = select_enlist(wait, cases, n);
	if (err == -EINPROGRESS)
		err = chp_wait_commit(wait);
	if (err != -EINPROGRESS)
		return select_leave(wait, cases, n, err);
	task->waiter.elem = cases;
	task->waiter.units = n;
	task->settle = task_select_end;
	return err;
}

/**
 * chp_task_select() - do the first of several operations, in a task
 * @task: the task whose step is running
 * @cases: the operations; they must stay valid until the task runs again
 * @n: how many; with none it waits for the context
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked: its step returns that, and in
 * its next run chp_task_result() is the result; otherwise as chp_select().
 */
int chp_task_select(struct chp_task *task, struct chp_case *cases,
		    unsigned int n)
{
	return task_select(task, cases, n, SELECT_AT_RANDOM);
}
EXPORT_SYMBOL_CHP(chp_task_select);

/**
 * chp_task_select_ordered() - the same, preferring the cases that come first
 * @task: the task whose step is running
 * @cases: the operations, the most urgent first; they must stay valid until
 *	the task runs again
 * @n: how many
 *
 * Context: a step of @task.
 * Return: as chp_task_select().
 */
int chp_task_select_ordered(struct chp_task *task, struct chp_case *cases,
			    unsigned int n)
{
	return task_select(task, cases, n, SELECT_IN_ORDER);
}
EXPORT_SYMBOL_CHP(chp_task_select_ordered);
