// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts.
 *
 * A child holds a reference on its parent; the parent's list of children holds
 * none, so a child may go first. The end of a context goes down the tree
 * breadth first with one lock at a time, and takes one entry of a list for
 * each time it holds the lock: ten thousand children or waits are no long time
 * with interrupts off. A hard interrupt, which is all of it with interrupts
 * off, tells no more than CTX_IRQ_BUDGET of them and leaves the rest to a work
 * item.
 *
 * @err is written once, under the lock, before anything that hangs on the
 * context is told. Everything that is added to a context is added under the
 * same lock after a look at @err; the one exception are parked tasks, see
 * chp_wait_commit().
 */
#include <linux/build_bug.h>
#include <linux/kconfig.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <chanpat/ctx.h>
#include "../compat.h"
#include "cache.h"
#include "ctx.h"
#include "exec.h"
#include "live.h"
#include "lock.h"
#include "queue.h"
#include "wait.h"

/**
 * struct chp_ctx - see include/chanpat/ctx.h
 * @err: 0, then for ever -ECANCELED or -ETIME; read without the lock, by
 *	chp_ctx_look() too
 * @ref: the makers' references, the children's, and one of an armed @timer
 * @lock: protects @err, @cause, @hung and the lists of what hangs on it; never
 *	held together with another
 * @cause: why; written before @err, so it is valid once @err is seen
 * @hung: something hangs on it, or has: the four lists below are valid. Not
 *	written any more once @err is
 * @armed: @timer was started, and may run; not so where an ancestor ends earlier.
 *	Written by the maker, before others see the context, and by who ends it
 * @joined: in the parent's @children, or its last put has to look whether it is.
 *	Written by the maker, and by who ends the parent, with a reference
 * @detached: its parent does not end it
 * @keep: its memory may be kept afterwards; see cache.h
 * @parent: NULL for a root
 * @node: in the parent's @children, under the parent's lock; while the tree
 *	is being cancelled, in a list of the one who does it; valid when @joined
 * @children: contexts that end with this one
 * @waits: struct chp_wait that end with it
 * @waiters: struct chp_waiter of the selects that have its end as a case
 * @afters: functions to call after it
 * @deadline: KTIME_MAX where there is none; set before others see the context
 * @timer: ends it then; valid when it was started
 * @on_armed: in the list of @armed_on, under its lock, while @timer has a reference
 * @armed_on: where it was armed
 * @rest: tells those whom a hard interrupt left out; holds a reference
 * @rcu: frees it in any context, hard interrupts on PREEMPT_RT included
 */
struct chp_ctx {
	int err;
	refcount_t ref;
	raw_spinlock_t lock;
	int cause;
	struct chp_ctx *parent;
	ktime_t deadline;
	bool hung;
	bool armed;
	bool joined;
	bool detached;
	bool keep;
	int armed_on;
	struct list_head node;
	struct list_head children;
	struct list_head waits;
	struct list_head waiters;
	struct list_head afters;
	struct list_head on_armed;
	struct hrtimer timer;
	struct work_struct rest;
	struct rcu_head rcu;
};

#define CTX_SHELF chp_cache_shelf(sizeof(struct chp_ctx))

static_assert(offsetof(struct chp_ctx, err) ==
	      offsetof(struct chp_ctx_state, err));

/**
 * struct ctx_armed - the contexts that were armed on a CPU
 * @lock: innermost
 * @list: of them
 *
 * Nobody else need have a reference on an armed context. The module cannot go
 * before their timers are stopped, so it has to find them.
 */
struct ctx_armed {
	raw_spinlock_t lock;
	struct list_head list;
};

static DEFINE_PER_CPU(struct ctx_armed, ctx_armed);

static void ctx_tell_rest(struct work_struct *work);

/* Waits, after-functions and children that a hard interrupt tells of the end. */
#define CTX_IRQ_BUDGET 64

/**
 * chp_ctx_err() - whether a context has ended
 * @ctx: a context, or NULL
 *
 * Context: any.
 * Return: 0 while it goes on, -ECANCELED or -ETIME after its end; Go: Err().
 */
int chp_ctx_err(const struct chp_ctx *ctx)
{
	return chp_ctx_look(ctx);
}
EXPORT_SYMBOL_CHP(chp_ctx_err);

/**
 * chp_ctx_cause() - why a context has ended
 * @ctx: a context, or NULL
 *
 * Context: any.
 * Return: 0 while it goes on; after its end the value that was given to
 * chp_ctx_cancel_cause() for it or for the ancestor that ended first, or what
 * chp_ctx_err() returns where none was given; Go: Cause().
 */
int chp_ctx_cause(const struct chp_ctx *ctx)
{
	return chp_ctx_err(ctx) ? ctx->cause : 0;
}
EXPORT_SYMBOL_CHP(chp_ctx_cause);

/**
 * chp_ctx_get() - take a reference
 * @ctx: a context that the caller has a reference on, or NULL
 *
 * Context: any.
 * Return: @ctx.
 */
struct chp_ctx *chp_ctx_get(struct chp_ctx *ctx)
{
	if (ctx)
		refcount_inc(&ctx->ref);
	return ctx;
}
EXPORT_SYMBOL_CHP(chp_ctx_get);

static noinline void ctx_unlink(struct chp_ctx *ctx)
{
	struct chp_ctx *parent = ctx->parent;
	unsigned long flags;

	flags = chp_lock(&parent->lock);
	chp_list_del_init(&ctx->node);
	chp_unlock(&parent->lock, flags);
}

/*
 * Before something is added, under the lock, to a context that has not ended. What
 * nothing ever hangs on is spared the lists.
 */
static void ctx_hang(struct chp_ctx *ctx)
{
	if (ctx->hung)
		return;
	INIT_LIST_HEAD(&ctx->children);
	INIT_LIST_HEAD(&ctx->waits);
	INIT_LIST_HEAD(&ctx->waiters);
	INIT_LIST_HEAD(&ctx->afters);
	ctx->hung = true;
}

/* Nothing but children, who have a reference each, may hang on what goes. */
static bool ctx_forgotten(const struct chp_ctx *ctx)
{
	return !ctx->hung || (list_empty(&ctx->waits) &&
			      list_empty(&ctx->waiters) &&
			      list_empty(&ctx->afters));
}

/* kfree() takes locks that sleep on PREEMPT_RT. */
static bool ctx_may_kfree(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible();
}

static noinline void ctx_free(struct chp_ctx *ctx)
{
	/* The timer's callback may be on its way out: a read-side section. */
	if (ctx->armed || !ctx_may_kfree())
		kfree_rcu(ctx, rcu);
	else
		kfree(ctx);
}

/* What has gone had a reference on its parent: that is the caller's then. */
static __always_inline struct chp_ctx *ctx_release(struct chp_ctx *ctx)
{
	struct chp_ctx *parent = ctx->parent;

	if (ctx->joined)
		ctx_unlink(ctx);
	WARN_ON_ONCE(!ctx_forgotten(ctx));
	chp_live_dec(CHP_KIND_CTX);
	if (ctx->armed || !ctx->keep || !chp_cache_keep(ctx, CTX_SHELF))
		ctx_free(ctx);
	return parent;
}

/**
 * chp_ctx_put() - drop a reference
 * @ctx: a context, or NULL
 *
 * Does not cancel it: a deadline stays armed, and keeps the memory until it
 * has passed. Call chp_ctx_cancel() first when the work is over.
 *
 * Context: any.
 */
void chp_ctx_put(struct chp_ctx *ctx)
{
	while (ctx && refcount_dec_and_test(&ctx->ref))
		ctx = ctx_release(ctx);
}
EXPORT_SYMBOL_CHP(chp_ctx_put);

static __always_inline bool ctx_mark(struct chp_ctx *ctx, int err, int cause)
{
	unsigned long flags;
	bool first;

	flags = chp_lock(&ctx->lock);
	first = !ctx->err;
	if (first) {
		ctx->cause = cause;
		/* Pairs with the acquire in chp_ctx_err(): @cause is valid. */
		smp_store_release(&ctx->err, err);
	}
	chp_unlock(&ctx->lock, flags);
	return first;
}

static void ctx_note_armed(struct chp_ctx *ctx)
{
	struct ctx_armed *armed;
	unsigned long flags;

	ctx->armed = true;
	ctx->armed_on = raw_smp_processor_id();
	armed = per_cpu_ptr(&ctx_armed, ctx->armed_on);
	flags = chp_lock(&armed->lock);
	chp_list_add_tail(&ctx->on_armed, &armed->list);
	chp_unlock(&armed->lock, flags);
}

/* The timer has run, or never will: the caller drops its reference. */
static void ctx_note_disarmed(struct chp_ctx *ctx)
{
	struct ctx_armed *armed = per_cpu_ptr(&ctx_armed, ctx->armed_on);
	unsigned long flags;

	flags = chp_lock(&armed->lock);
	chp_list_del_init(&ctx->on_armed);
	chp_unlock(&armed->lock, flags);
}

/*
 * For who ends it, and has a reference. A callback that is running already finds
 * the context ended, and drops the timer's reference itself. One that was taken
 * back never runs: nothing has to wait for it.
 */
static void ctx_disarm(struct chp_ctx *ctx)
{
	if (ctx->armed && hrtimer_try_to_cancel(&ctx->timer) == 1) {
		ctx->armed = false;
		ctx_note_disarmed(ctx);
		/* Not the last one: the caller has its own. */
		refcount_dec(&ctx->ref);
	}
}

/*
 * The first wait, out of the list; NULL if it is found TAKEN or IDLE: then it is
 * ended by somebody else.
 */
static struct chp_wait *ctx_take_wait(struct chp_ctx *ctx)
{
	struct chp_wait *wait =
		list_first_entry(&ctx->waits, struct chp_wait, on_ctx);

	chp_list_del_init(&wait->on_ctx);
	return chp_wait_claim(wait) ? wait : NULL;
}

/* Likewise. For a select it is a case that is done, not what ends it otherwise. */
static struct chp_waiter *ctx_take_waiter(struct chp_ctx *ctx)
{
	struct chp_waiter *waiter =
		list_first_entry(&ctx->waiters, struct chp_waiter, node);

	chp_list_del_init(&waiter->node);
	return chp_wait_claim(waiter->wait) ? waiter : NULL;
}

/*
 * A child whose last reference is gone waits for our lock to unlink itself;
 * it is left to that. Others are moved to @todo with a reference.
 */
static void ctx_take_child(struct chp_ctx *ctx, struct list_head *todo)
{
	struct chp_ctx *child =
		list_first_entry(&ctx->children, struct chp_ctx, node);

	chp_list_del_init(&child->node);
	if (refcount_inc_not_zero(&child->ref))
		chp_list_add_tail(&child->node, todo);
}

/* With the kernel's own lock: the one who is woken may have to run at once. */
static void ctx_start_after(struct chp_ctx *ctx)
{
	struct chp_after *after;
	unsigned long flags;

	raw_spin_lock_irqsave(&ctx->lock, flags);
	after = list_first_entry_or_null(&ctx->afters, struct chp_after, node);
	if (after) {
		chp_list_del_init(&after->node);
		/* Under the lock: chp_ctx_after_stop() then sees it queued. */
		chp_exec_queue_work(&after->work);
	}
	raw_spin_unlock_irqrestore(&ctx->lock, flags);
}

/* The first of all, the after-functions last. */
static void ctx_tell_one(struct chp_ctx *ctx, struct list_head *todo)
{
	struct chp_waiter *waiter = NULL;
	struct chp_wait *wait = NULL;
	unsigned long flags;
	bool after = false;

	flags = chp_lock(&ctx->lock);
	if (!list_empty(&ctx->waits))
		wait = ctx_take_wait(ctx);
	else if (!list_empty(&ctx->waiters))
		waiter = ctx_take_waiter(ctx);
	else if (!list_empty(&ctx->children))
		ctx_take_child(ctx, todo);
	else
		after = true;
	chp_unlock(&ctx->lock, flags);
	if (wait)
		chp_wait_complete(wait, ctx->err, NULL);
	else if (waiter)
		chp_wait_complete(waiter->wait, ctx->err, waiter);
	else if (after)
		ctx_start_after(ctx);
}

/*
 * Nothing hangs on the context. It has ended, so nothing is added any more,
 * and what was added before was added under the lock that ctx_mark() took: what
 * is empty stays so.
 */
static bool ctx_alone(const struct chp_ctx *ctx)
{
	return list_empty(&ctx->waits) && list_empty(&ctx->waiters) &&
	       list_empty(&ctx->children) && list_empty(&ctx->afters);
}

/*
 * The context has ended; what hangs on it is told, as far as @budget goes. Only the
 * one who ended it leaves a rest, and only once.
 */
static void ctx_tell(struct chp_ctx *ctx, struct list_head *todo, int *budget)
{
	while (!ctx_alone(ctx)) {
		if (in_hardirq() && (*budget)-- <= 0) {
			chp_ctx_get(ctx);
			INIT_WORK(&ctx->rest, ctx_tell_rest);
			chp_exec_queue_work(&ctx->rest);
			return;
		}
		ctx_tell_one(ctx, todo);
	}
}

/* Those below a context that was marked go to @todo. */
static void ctx_end(struct chp_ctx *ctx, struct list_head *todo, int *budget)
{
	ctx_disarm(ctx);
	if (!ctx->hung)
		return;
	/* Pairs with the barrier in chp_wait_commit(). */
	smp_mb();
	ctx_tell(ctx, todo, budget);
}

/* Ends all on @todo, which holds a reference on each, and all below them. */
static void ctx_end_all(struct list_head *todo, int err, int cause, int budget)
{
	struct chp_ctx *ctx;

	while (!list_empty(todo)) {
		ctx = list_first_entry(todo, struct chp_ctx, node);
		chp_list_del_init(&ctx->node);
		/* Its last put finds this: our reference goes before. */
		ctx->joined = false;
		if (ctx_mark(ctx, err, cause))
			ctx_end(ctx, todo, &budget);
		chp_ctx_put(ctx);
	}
}

/* A node of @ctx itself is in its parent's list, and stays there. */
static noinline void ctx_end_below(struct chp_ctx *ctx, int err, int cause)
{
	int budget = CTX_IRQ_BUDGET;
	LIST_HEAD(todo);

	ctx_end(ctx, &todo, &budget);
	if (!list_empty(&todo))
		ctx_end_all(&todo, err, cause, budget);
}

/*
 * After ctx_mark() had the lock, @hung is what it will ever be, and only who has
 * marked the context changes @armed.
 */
static __always_inline void ctx_end_tree(struct chp_ctx *ctx, int err, int cause)
{
	if (ctx_mark(ctx, err, cause) && (ctx->hung || ctx->armed))
		ctx_end_below(ctx, err, cause);
}

static void ctx_tell_rest(struct work_struct *work)
{
	struct chp_ctx *ctx = container_of(work, struct chp_ctx, rest);
	int budget = 0;
	LIST_HEAD(todo);

	ctx_tell(ctx, &todo, &budget);
	ctx_end_all(&todo, ctx->err, ctx->cause, budget);
	chp_ctx_put(ctx);
}

/**
 * chp_ctx_cancel() - end a context and all below it
 * @ctx: a context, or NULL
 *
 * Waits that have this context end with -ECANCELED, its after-functions start.
 * Only the first end of a context counts. The caller keeps its reference.
 *
 * When this returns, @ctx has ended for whoever looks. Those who wait are told
 * by whoever ended it first: another CPU may still be about it, and from a hard
 * interrupt a work item tells a large family.
 *
 * Context: any, hard interrupts included.
 */
void chp_ctx_cancel(struct chp_ctx *ctx)
{
	if (ctx && !chp_ctx_look(ctx))
		ctx_end_tree(ctx, -ECANCELED, -ECANCELED);
}
EXPORT_SYMBOL_CHP(chp_ctx_cancel);

/**
 * chp_ctx_cancel_cause() - the same, with a reason that can be read
 * @ctx: a context, or NULL
 * @cause: what chp_ctx_cause() will return; a negative errno, 0 for none
 *
 * Context: any, hard interrupts included.
 */
void chp_ctx_cancel_cause(struct chp_ctx *ctx, int cause)
{
	if (ctx && !chp_ctx_look(ctx))
		ctx_end_tree(ctx, -ECANCELED, cause ?: -ECANCELED);
}
EXPORT_SYMBOL_CHP(chp_ctx_cancel_cause);

static enum hrtimer_restart ctx_expired(struct hrtimer *timer)
{
	struct chp_ctx *ctx = container_of(timer, struct chp_ctx, timer);

	ctx_end_tree(ctx, -ETIME, -ETIME);
	ctx_note_disarmed(ctx);
	chp_ctx_put(ctx);
	return HRTIMER_NORESTART;
}

/* What is not set here is valid only when a flag says so. */
static __always_inline struct chp_ctx *ctx_alloc(struct chp_ctx *parent)
{
	struct chp_ctx *ctx;
	bool keep;

	ctx = chp_cache_alloc(sizeof(*ctx), CTX_SHELF, &keep);
	if (!ctx)
		return ERR_PTR(-ENOMEM);
	refcount_set(&ctx->ref, 1);
	raw_spin_lock_init(&ctx->lock);
	ctx->err = 0;
	ctx->cause = 0;
	ctx->hung = false;
	ctx->armed = false;
	ctx->joined = false;
	ctx->detached = false;
	ctx->keep = keep;
	ctx->deadline = KTIME_MAX;
	ctx->parent = chp_ctx_get(parent);
	chp_live_inc(CHP_KIND_CTX);
	return ctx;
}

/* A child of an ended parent is born ended. */
static noinline void ctx_join_parent(struct chp_ctx *ctx)
{
	struct chp_ctx *parent = ctx->parent;
	unsigned long flags;
	int err;

	flags = chp_lock(&parent->lock);
	err = parent->err;
	if (!err) {
		ctx->joined = true;
		ctx_hang(parent);
		chp_list_add_tail(&ctx->node, &parent->children);
	}
	chp_unlock(&parent->lock, flags);
	if (err && ctx_mark(ctx, err, parent->cause))
		ctx_disarm(ctx);
}

/**
 * chp_ctx_with_cancel() - make a context below another
 * @parent: ends the new one with itself; NULL makes a root
 *
 * Context: may sleep.
 * Return: a context with one reference for the caller, or ERR_PTR(-ENOMEM).
 */
struct chp_ctx *chp_ctx_with_cancel(struct chp_ctx *parent)
{
	struct chp_ctx *ctx = ctx_alloc(parent);

	if (!IS_ERR(ctx) && parent)
		ctx_join_parent(ctx);
	return ctx;
}
EXPORT_SYMBOL_CHP(chp_ctx_with_cancel);

/**
 * chp_ctx_without_cancel() - make a context that its parent does not end
 * @parent: where it belongs; kept as long as the new context lives
 *
 * Neither the end of @parent nor its deadline ends the new one; only who makes
 * it does. Go: WithoutCancel().
 *
 * Context: may sleep.
 * Return: a context with one reference for the caller, or ERR_PTR(-ENOMEM).
 */
struct chp_ctx *chp_ctx_without_cancel(struct chp_ctx *parent)
{
	struct chp_ctx *ctx = ctx_alloc(parent);

	if (!IS_ERR(ctx))
		ctx->detached = true;
	return ctx;
}
EXPORT_SYMBOL_CHP(chp_ctx_without_cancel);

/**
 * chp_ctx_deadline() - when a context will end at the latest
 * @ctx: a context, or NULL
 *
 * Context: any.
 * Return: CLOCK_MONOTONIC, the earliest deadline of @ctx and those above it;
 * KTIME_MAX when there is none. Go: Deadline().
 */
ktime_t chp_ctx_deadline(const struct chp_ctx *ctx)
{
	ktime_t earliest = KTIME_MAX;

	for (; ctx; ctx = ctx->detached ? NULL : ctx->parent)
		earliest = min(earliest, ctx->deadline);
	return earliest;
}
EXPORT_SYMBOL_CHP(chp_ctx_deadline);

/*
 * Armed before any other can see the context and cancel it: who disarms it
 * finds either an armed timer or a running callback.
 */
static void ctx_arm(struct chp_ctx *ctx, ktime_t when, ktime_t now)
{
	ctx->deadline = when;
	if (when >= chp_ctx_deadline(ctx->parent))
		return;
	if (when <= now) {
		ctx_mark(ctx, -ETIME, -ETIME);
		return;
	}
	chp_hrtimer_setup(&ctx->timer, ctx_expired, HRTIMER_MODE_ABS_HARD);
	/* The maker's and the timer's. */
	refcount_set(&ctx->ref, 2);
	ctx_note_armed(ctx);
	hrtimer_start(&ctx->timer, when, HRTIMER_MODE_ABS_HARD);
}

static struct chp_ctx *ctx_with_deadline(struct chp_ctx *parent, ktime_t when,
					 ktime_t now)
{
	struct chp_ctx *ctx = ctx_alloc(parent);

	if (!IS_ERR(ctx)) {
		ctx_arm(ctx, when, now);
		if (parent)
			ctx_join_parent(ctx);
	}
	return ctx;
}

/**
 * chp_ctx_with_deadline() - make a context that ends at a point in time
 * @parent: ends the new one with itself; NULL makes a root
 * @when: CLOCK_MONOTONIC; a time that has passed makes an ended context,
 *	KTIME_MAX is never
 *
 * Context: may sleep.
 * Return: a context with one reference for the caller, or ERR_PTR(-ENOMEM).
 */
struct chp_ctx *chp_ctx_with_deadline(struct chp_ctx *parent, ktime_t when)
{
	return ctx_with_deadline(parent, when, ktime_get());
}
EXPORT_SYMBOL_CHP(chp_ctx_with_deadline);

/**
 * chp_ctx_with_timeout() - make a context that ends after a time
 * @parent: ends the new one with itself; NULL makes a root
 * @ns: nanoseconds from now
 *
 * Context: may sleep.
 * Return: a context with one reference for the caller, or ERR_PTR(-ENOMEM).
 */
struct chp_ctx *chp_ctx_with_timeout(struct chp_ctx *parent, u64 ns)
{
	ktime_t now = ktime_get();

	ns = min_t(u64, ns, KTIME_MAX - 1 - now);
	return ctx_with_deadline(parent, ktime_add_ns(now, ns), now);
}
EXPORT_SYMBOL_CHP(chp_ctx_with_timeout);

/* The context's error, or 0 when @wait now ends with the context. */
int chp_ctx_watch(struct chp_ctx *ctx, struct chp_wait *wait)
{
	unsigned long flags;
	int err;

	flags = chp_lock(&ctx->lock);
	err = ctx->err;
	if (!err) {
		ctx_hang(ctx);
		chp_list_add_tail(&wait->on_ctx, &ctx->waits);
	}
	chp_unlock(&ctx->lock, flags);
	return err;
}

void chp_ctx_unwatch(struct chp_ctx *ctx, struct chp_wait *wait)
{
	unsigned long flags;

	flags = chp_lock(&ctx->lock);
	chp_list_del_init(&wait->on_ctx);
	chp_unlock(&ctx->lock, flags);
}

/*
 * The end of @ctx as a case of a select, whose wait has begun. The error: the
 * case is done, and nobody else can claim the wait. -EINPROGRESS: it stands in
 * the list. -EBUSY: somebody has claimed the wait.
 */
int chp_ctx_enlist(struct chp_ctx *ctx, struct chp_waiter *waiter)
{
	unsigned long flags;
	int err;

	flags = chp_lock(&ctx->lock);
	err = ctx->err;
	if (!err) {
		ctx_hang(ctx);
		chp_waiter_enlist(waiter, &ctx->waiters, &ctx->lock);
		err = -EINPROGRESS;
	} else if (!chp_wait_claim(waiter->wait)) {
		err = -EBUSY;
	}
	chp_unlock(&ctx->lock, flags);
	return err;
}

/**
 * chp_ctx_after() - call a function once a context has ended
 * @ctx: kept until @after is stopped; NULL never ends
 * @after: its @work is what is run, in process context, on a workqueue
 *
 * Runs at once when @ctx has ended already. Whoever calls this calls
 * chp_ctx_after_stop() before @after goes. Go: AfterFunc().
 *
 * Context: any.
 */
void chp_ctx_after(struct chp_ctx *ctx, struct chp_after *after)
{
	unsigned long flags;

	INIT_LIST_HEAD(&after->node);
	after->ctx = chp_ctx_get(ctx);
	if (!ctx)
		return;
	raw_spin_lock_irqsave(&ctx->lock, flags);
	if (ctx->err) {
		chp_exec_queue_work(&after->work);
	} else {
		ctx_hang(ctx);
		chp_list_add_tail(&after->node, &ctx->afters);
	}
	raw_spin_unlock_irqrestore(&ctx->lock, flags);
}
EXPORT_SYMBOL_CHP(chp_ctx_after);

/**
 * chp_ctx_after_stop() - take back what chp_ctx_after() asked for
 * @after: once for each call of chp_ctx_after()
 *
 * Context: may sleep: waits for the function when it is running. Not from that
 * function itself.
 * Return: true when the function has not run and will not.
 */
bool chp_ctx_after_stop(struct chp_after *after)
{
	struct chp_ctx *ctx = after->ctx;
	unsigned long flags;
	bool stopped;

	if (!ctx)
		return true;
	raw_spin_lock_irqsave(&ctx->lock, flags);
	stopped = !list_empty(&after->node);
	chp_list_del_init(&after->node);
	raw_spin_unlock_irqrestore(&ctx->lock, flags);
	if (!stopped)
		stopped = cancel_work_sync(&after->work);
	chp_ctx_put(ctx);
	return stopped;
}
EXPORT_SYMBOL_CHP(chp_ctx_after_stop);

void chp_ctx_init(void)
{
	struct ctx_armed *armed;
	int cpu;

	for_each_possible_cpu(cpu) {
		armed = per_cpu_ptr(&ctx_armed, cpu);
		raw_spin_lock_init(&armed->lock);
		INIT_LIST_HEAD(&armed->list);
	}
}

/* One that is armed, with a reference, or NULL. */
static struct chp_ctx *ctx_first_armed(struct ctx_armed *armed)
{
	struct chp_ctx *ctx;
	unsigned long flags;

	raw_spin_lock_irqsave(&armed->lock, flags);
	ctx = list_first_entry_or_null(&armed->list, struct chp_ctx, on_armed);
	chp_ctx_get(ctx);
	raw_spin_unlock_irqrestore(&armed->lock, flags);
	return ctx;
}

/*
 * Ends the contexts that only their timers have left. One whose callback is running
 * is found until that takes it out of the list. The callback then lets go of it,
 * in a hard interrupt, which is a read-side section: after the grace period
 * nothing of it is counted any more, and none runs.
 */
void chp_ctx_exit(void)
{
	struct chp_ctx *ctx;
	int cpu;

	for_each_possible_cpu(cpu) {
		while ((ctx = ctx_first_armed(per_cpu_ptr(&ctx_armed, cpu)))) {
			chp_ctx_cancel(ctx);
			chp_ctx_put(ctx);
			cpu_relax();
		}
	}
	synchronize_rcu();
}
EXPORT_SYMBOL_CHP_TESTS(chp_ctx_exit);
