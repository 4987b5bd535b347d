// SPDX-License-Identifier: GPL-2.0
/*
 * Semaphores.
 *
 * Units are given under the lock: by who releases them, to the first who wait,
 * as long as the first one's request fits. So nobody is overtaken, and who is
 * woken has its units. A first one whose wait has ended otherwise holds up
 * those behind it only until it leaves: then the next are looked at again.
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include <chanpat/ctx.h>
#include <chanpat/sem.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "ctx.h"
#include "lock.h"
#include "task.h"
#include "wait.h"
#include "yield.h"

/* Requests that are looked at each time that the lock is held. */
#define GRANT_BATCH 32

/**
 * chp_sem_init() - make a semaphore
 * @sem: the caller's; nobody may wait for it when it goes
 * @units: of the resource
 *
 * Context: any.
 */
void chp_sem_init(struct chp_sem *sem, u64 units)
{
	raw_spin_lock_init(&sem->lock);
	sem->units = units;
	sem->used = 0;
	INIT_LIST_HEAD(&sem->waiters);
}
EXPORT_SYMBOL_CHP(chp_sem_init);

static bool sem_fits(const struct chp_sem *sem, u64 units)
{
	return sem->used <= sem->units && units <= sem->units - sem->used;
}

/* Under the lock. True when the batch is full: there may be more to look at. */
static bool sem_grant_some(struct chp_sem *sem, struct list_head *granted)
{
	struct chp_waiter *waiter;
	unsigned int n;

	for (n = 0; n < GRANT_BATCH && !list_empty(&sem->waiters); n++) {
		waiter = list_first_entry(&sem->waiters, struct chp_waiter,
					  node);
		if (!sem_fits(sem, waiter->units))
			return false;
		list_del_init(&waiter->node);
		if (!chp_wait_claim(waiter->wait))
			continue;
		sem->used += waiter->units;
		list_add_tail(&waiter->node, granted);
	}
	return n == GRANT_BATCH;
}

/*
 * Under the lock, which is dropped now and then: once a wait is claimed, for it
 * keeps the semaphore.
 */
static void sem_grant(struct chp_sem *sem, unsigned long flags,
		      struct list_head *granted)
	__must_hold(&sem->lock)
{
	while (sem_grant_some(sem, granted)) {
		if (list_empty(granted))
			continue;
		chp_unlock(&sem->lock, flags);
		flags = chp_lock(&sem->lock);
	}
}

/*
 * Gives back @units, and gives what is free to those who wait. The semaphore
 * may be gone as soon as the last who was granted something runs: hence all are
 * granted before the first is woken.
 */
static noinline int sem_give(struct chp_sem *sem, u64 units)
{
	unsigned long flags;
	LIST_HEAD(granted);

	flags = chp_lock(&sem->lock);
	if (units > sem->used) {
		chp_unlock(&sem->lock, flags);
		return -EINVAL;
	}
	sem->used -= units;
	if (!list_empty(&sem->waiters))
		sem_grant(sem, flags, &granted);
	chp_unlock(&sem->lock, flags);
	chp_waiters_complete(&granted, 0);
	return 0;
}

/* Takes the units, or enters the queue with @waiter, or -EAGAIN without one. */
static noinline int sem_take(struct chp_sem *sem, u64 units,
			     struct chp_waiter *waiter)
{
	unsigned long flags;
	int err = 0;

	flags = chp_lock(&sem->lock);
	if (units > sem->units) {
		err = -EINVAL;
	} else if (list_empty(&sem->waiters) && sem_fits(sem, units)) {
		sem->used += units;
	} else if (waiter) {
		waiter->units = units;
		chp_waiter_queue(waiter, &sem->waiters, &sem->lock);
		err = -EINPROGRESS;
	} else {
		err = -EAGAIN;
	}
	chp_unlock(&sem->lock, flags);
	return err;
}

/*
 * The short ways: who finds units free, or nobody that waits for those it gives
 * back, needs neither a call nor a frame on the stack. They change nothing where
 * they do not do the whole.
 */
static __always_inline bool sem_take_quick(struct chp_sem *sem, u64 units)
{
	unsigned long flags;

	if (!chp_trylock(&sem->lock, &flags))
		return false;
	if (unlikely(!list_empty(&sem->waiters) || !sem_fits(sem, units))) {
		chp_unlock(&sem->lock, flags);
		return false;
	}
	sem->used += units;
	chp_unlock(&sem->lock, flags);
	return true;
}

static __always_inline bool sem_give_quick(struct chp_sem *sem, u64 units)
{
	unsigned long flags;

	if (!chp_trylock(&sem->lock, &flags))
		return false;
	if (unlikely(!list_empty(&sem->waiters) || units > sem->used)) {
		chp_unlock(&sem->lock, flags);
		return false;
	}
	sem->used -= units;
	chp_unlock(&sem->lock, flags);
	return true;
}

/* Apart, so that who need not wait has no wait to prepare. */
static noinline int sem_acquire_slow(struct chp_ctx *ctx, struct chp_sem *sem,
				     u64 units)
{
	struct chp_call call;
	int err;

	chp_call_init(&call, ctx);
	err = sem_take(sem, units, &call.waiter);
	if (err != -EINPROGRESS)
		return err;
	err = chp_call_block(&call);
	if (err)
		sem_give(sem, 0);
	return err;
}

/**
 * chp_sem_acquire() - acquire units, wait as long as needed
 * @ctx: whose end ends the wait; NULL for none
 * @sem: a semaphore
 * @units: all of them or none
 *
 * An ended context wins over free units. Go: Acquire(), which waits for its
 * context where this returns -EINVAL.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL when @sem has not that many units at all; -ECANCELED or
 * -ETIME when @ctx has ended, -ECANCELED too after kthread_stop() for the
 * caller; -ERESTARTSYS for a signal at a user's thread.
 */
int chp_sem_acquire(struct chp_ctx *ctx, struct chp_sem *sem, u64 units)
{
	int err = chp_ctx_look(ctx);

	chp_might_sleep();
	if (unlikely(err))
		return err;
	return sem_take_quick(sem, units) ? chp_done_yield() :
					    sem_acquire_slow(ctx, sem, units);
}
EXPORT_SYMBOL_CHP(chp_sem_acquire);

/**
 * chp_sem_try_acquire() - acquire units if that needs no waiting
 * @sem: a semaphore
 * @units: all of them or none
 *
 * Go: TryAcquire().
 *
 * Context: any, hard interrupts included, on PREEMPT_RT too.
 * Return: 0; -EAGAIN when it would have to wait, for units or behind others;
 * -EINVAL when @sem has not that many units at all.
 */
int chp_sem_try_acquire(struct chp_sem *sem, u64 units)
{
	return sem_take_quick(sem, units) ? 0 : sem_take(sem, units, NULL);
}
EXPORT_SYMBOL_CHP(chp_sem_try_acquire);

/**
 * chp_sem_release() - give units back
 * @sem: a semaphore
 * @units: no more than are held
 *
 * Go: Release(), which panics where this returns -EINVAL.
 *
 * Context: any, hard interrupts included; it takes longer the more requests
 * are granted.
 * Return: 0; -EINVAL when less than @units are held: then nothing is changed.
 */
int chp_sem_release(struct chp_sem *sem, u64 units)
{
	return sem_give_quick(sem, units) ? 0 : sem_give(sem, units);
}
EXPORT_SYMBOL_CHP(chp_sem_release);

/**
 * chp_sem_resize() - change how many units there are
 * @sem: a semaphore
 * @units: of the resource from now on
 *
 * Units that are held stay so: when they are more than @units, nobody gets any
 * until enough were released. A request for more than @units that waits
 * already goes on waiting, and holds up those behind it.
 *
 * Context: any, hard interrupts included; it takes longer the more requests
 * are granted.
 */
void chp_sem_resize(struct chp_sem *sem, u64 units)
{
	unsigned long flags;
	LIST_HEAD(granted);

	flags = chp_lock(&sem->lock);
	sem->units = units;
	sem_grant(sem, flags, &granted);
	chp_unlock(&sem->lock, flags);
	chp_waiters_complete(&granted, 0);
}
EXPORT_SYMBOL_CHP(chp_sem_resize);

/**
 * chp_sem_held() - units that are held
 * @sem: a semaphore
 *
 * Context: any. A snapshot: it may be old when the caller looks at it.
 */
u64 chp_sem_held(struct chp_sem *sem)
{
	unsigned long flags;
	u64 held;

	flags = chp_lock(&sem->lock);
	held = sem->used;
	chp_unlock(&sem->lock, flags);
	return held;
}
EXPORT_SYMBOL_CHP(chp_sem_held);

/*
 * The wait is over; who ended it otherwise has given no units, whatever the
 * result: then the next ones are looked at again.
 */
static void sem_task_acquired(struct chp_task *task)
{
	chp_task_leave(task);
	if (!task->wait.which)
		sem_give(task->waiter.elem, 0);
}

/**
 * chp_task_acquire() - acquire units in a task
 * @task: the task whose step is running
 * @sem: a semaphore; must stay valid until the task runs again
 * @units: all of them or none
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked: its step returns that, and in
 * its next run chp_task_result() is the result; otherwise as chp_sem_acquire().
 */
int chp_task_acquire(struct chp_task *task, struct chp_sem *sem, u64 units)
{
	int err = chp_ctx_look(task->wait.ctx);

	if (unlikely(err))
		return err;
	if (sem_take_quick(sem, units))
		return 0;
	task->waiter.elem = sem;
	err = sem_take(sem, units, &task->waiter);
	if (err != -EINPROGRESS)
		return err;
	err = chp_task_park_queued(task);
	if (err == -EINPROGRESS)
		task->settle = sem_task_acquired;
	else
		sem_give(sem, 0);
	return err;
}
EXPORT_SYMBOL_CHP(chp_task_acquire);
