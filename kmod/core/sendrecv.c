// SPDX-License-Identifier: GPL-2.0
/*
 * Sending and receiving.
 *
 * What would have to wait, and what finds the channel closed and empty, is
 * told so without the lock: see chan_idle() and chan_drained(). All else is
 * decided under it: with a peer that was claimed, through the buffer, or by
 * entering the queue. A select comes here too, once for each of its cases that
 * has to wait.
 */
#include <linux/sched.h>
#include <linux/string.h>
#include <chanpat/ctx.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "chan.h"
#include "ctx.h"
#include "hook.h"
#include "lock.h"
#include "task.h"
#include "wait.h"

/* Numbers and pointers are common, and a call costs more than they do. */
static inline void chan_copy(const struct chp_chan *ch, void *to,
			     const void *from)
{
	if (ch->elem_size == sizeof(u64))
		memcpy(to, from, sizeof(u64));
	else
		memcpy(to, from, ch->elem_size);
}

static inline void chan_push(struct chp_chan *ch, const void *elem)
{
	chan_copy(ch, chp_chan_slot(ch, ch->head + ch->len), elem);
	/* Pairs with the lockless looks in chan_idle() and chp_len(). */
	WRITE_ONCE(ch->len, ch->len + 1);
	ch->sends++;
}

static inline void chan_copy_out(struct chp_chan *ch, void *to,
				 const void *from)
{
	if (to)
		chan_copy(ch, to, from);
	ch->recvs++;
}

static void chan_pop(struct chp_chan *ch, void *elem)
{
	chan_copy_out(ch, elem, chp_chan_slot(ch, ch->head));
	ch->head = ch->head + 1 == ch->cap ? 0 : ch->head + 1;
	/* Pairs with the lockless looks in chan_idle() and chp_len(). */
	WRITE_ONCE(ch->len, ch->len - 1);
}

/*
 * The buffer is full: the slot of the first element is the next one's after the
 * last. @len stays, so that who looks without the lock never finds it empty.
 */
static void chan_rotate(struct chp_chan *ch, void *elem, const void *last)
{
	void *slot = chp_chan_slot(ch, ch->head);

	chan_copy_out(ch, elem, slot);
	chan_copy(ch, slot, last);
	ch->head = ch->head + 1 == ch->cap ? 0 : ch->head + 1;
	ch->sends++;
}

static int chan_zero(struct chp_chan *ch, void *elem)
{
	if (elem)
		memset(elem, 0, ch->elem_size);
	return -EPIPE;
}

/* @peer is a receiver that was claimed, or NULL. -EAGAIN: nowhere to go. */
static __always_inline int chan_put(struct chp_chan *ch, const void *elem,
				    struct chp_waiter *peer)
{
	if (peer) {
		peer->ticket = ch->recvs;
		chan_copy_out(ch, peer->elem, elem);
		ch->sends++;
		return 0;
	}
	if (ch->len == ch->cap)
		return -EAGAIN;
	chan_push(ch, elem);
	return 0;
}

/*
 * The mirror image. @peer's element goes to the end of the buffer, whose first
 * one leaves; without a buffer it is handed over directly.
 */
static __always_inline int chan_take(struct chp_chan *ch, void *elem,
				     u64 *ticket, struct chp_waiter *peer)
{
	if (!ch->len && !peer)
		return ch->closed ? chan_zero(ch, elem) : -EAGAIN;
	*ticket = ch->recvs;
	if (!peer) {
		chan_pop(ch, elem);
	} else if (ch->len) {
		chan_rotate(ch, elem, peer->elem);
	} else {
		chan_copy_out(ch, elem, peer->elem);
		ch->sends++;
	}
	return 0;
}

static struct chp_waiter *chan_claim(struct list_head *queue)
{
	return list_empty(queue) ? NULL : chp_waiter_claim(queue);
}

/*
 * Sends now, or enters the queue with @waiter, or returns -EAGAIN when that is
 * NULL. @peer is a receiver that was served, for the caller to wake.
 */
static int chan_send_locked(struct chp_chan *ch, const void *elem,
			    struct chp_waiter *waiter, struct chp_waiter **peer)
{
	int err;

	if (ch->closed)
		return -EPIPE;
	*peer = chan_claim(&ch->recvq);
	err = chan_put(ch, elem, *peer);
	if (err != -EAGAIN || !waiter)
		return err;
	waiter->elem = (void *)elem;
	chp_waiter_queue(waiter, &ch->sendq, &ch->lock);
	return -EINPROGRESS;
}

static int chan_recv_locked(struct chp_chan *ch, void *elem, u64 *ticket,
			    struct chp_waiter *waiter, struct chp_waiter **peer)
{
	int err;

	if (!ch->closed)
		*peer = chan_claim(&ch->sendq);
	err = chan_take(ch, elem, ticket, *peer);
	if (err != -EAGAIN || !waiter)
		return err;
	waiter->elem = elem;
	chp_waiter_queue(waiter, &ch->recvq, &ch->lock);
	return -EINPROGRESS;
}

static void chan_wake(struct chp_waiter *peer)
{
	if (!peer)
		return;
	chp_window(CHP_CLAIMED, peer->wait);
	chp_wait_complete(peer->wait, 0, peer);
}

static int chan_send(struct chp_chan *ch, const void *elem,
		     struct chp_waiter *waiter)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;
	int err;

	flags = chp_lock(&ch->lock);
	err = chan_send_locked(ch, elem, waiter, &peer);
	chp_unlock(&ch->lock, flags);
	chan_wake(peer);
	return err;
}

/*
 * Closed, and nothing in the buffer: so it stays for ever, hence no lock is
 * needed to say so.
 */
static bool chan_drained(const struct chp_chan *ch)
{
	/* Pairs with the release in chp_close(): @len only falls afterwards. */
	return smp_load_acquire(&ch->closed) && !READ_ONCE(ch->len);
}

static __always_inline int chan_recv(struct chp_chan *ch, void *elem,
				     u64 *ticket, struct chp_waiter *waiter)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;
	int err;

	if (chan_drained(ch))
		return chan_zero(ch, elem);
	flags = chp_lock(&ch->lock);
	err = chan_recv_locked(ch, elem, ticket, waiter, &peer);
	chp_unlock(&ch->lock, flags);
	chan_wake(peer);
	return err;
}

/* For who parks or sleeps in its own way: -EINPROGRESS, and stands in the queue. */
int chp_chan_recv(struct chp_chan *ch, void *elem, u64 *ticket,
		  struct chp_waiter *waiter)
{
	return chan_recv(ch, elem, ticket, waiter);
}

static struct chp_waiter *chan_claim_tagged(struct chp_chan *ch,
					    const void *tag)
{
	struct chp_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, &ch->recvq, node) {
		if (waiter->tag != tag)
			continue;
		list_del_init(&waiter->node);
		if (chp_wait_claim(waiter->wait))
			return waiter;
	}
	return NULL;
}

/*
 * Ends the waits of up to @n receivers that have set @tag: they get @result, and
 * no element.
 */
void chp_chan_end_recvs(struct chp_chan *ch, const void *tag, unsigned int n,
			int result)
{
	struct chp_waiter *waiter;
	unsigned long flags;

	while (n--) {
		flags = chp_lock(&ch->lock);
		waiter = chan_claim_tagged(ch, tag);
		chp_unlock(&ch->lock, flags);
		if (!waiter)
			break;
		chp_wait_complete(waiter->wait, result, waiter);
	}
}

/*
 * True when there was a moment during this call in which the channel was open
 * and an operation would have had to wait: @len was @busy_len, and nobody stood
 * in @peers. With a buffer nobody stands there unless @len says so; without
 * one only @peers counts.
 *
 * Open is looked at last: a channel that is open now was open before.
 */
static bool chan_idle(const struct chp_chan *ch, u32 busy_len,
		      const struct list_head *peers)
{
	if (ch->cap ? READ_ONCE(ch->len) != busy_len : !list_empty(peers))
		return false;
	/* Pairs with the release in chp_close(). */
	smp_rmb();
	return !READ_ONCE(ch->closed);
}

/* Whether somebody other than @self stands in the queue, dead or alive. */
static bool chan_has_peer(const struct list_head *queue,
			  const struct chp_wait *self)
{
	const struct chp_waiter *waiter;

	list_for_each_entry(waiter, queue, node)
		if (waiter->wait != self)
			return true;
	return false;
}

/*
 * A select's wait, that others can find in other queues, may be served here:
 * only when it is still ours, and with a peer when there is one. -EBUSY: the
 * wait is theirs. 0: it is BUSY, and @peer, if any, is ours too.
 */
static int chan_claim_both(struct chp_chan *ch, struct chp_wait *wait,
			   struct list_head *peers, struct chp_waiter **peer)
{
	struct chp_waiter *claimed;

	if (!chp_wait_claim_self(wait))
		return -EBUSY;
	chp_window(CHP_SELECT_BUSY, wait);
	if (ch->closed)
		return 0;
	claimed = chp_waiter_claim_busy(peers, wait);
	if (IS_ERR(claimed))
		return PTR_ERR(claimed);
	*peer = claimed;
	return 0;
}

/* Nothing was claimed when it is -EBUSY; else the wait is ours for good. */
static int chan_decided(struct chp_wait *wait, int err)
{
	if (err != -EBUSY)
		chp_wait_keep(wait);
	return err;
}

static int chan_enlist_send_locked(struct chp_chan *ch,
				   struct chp_waiter *waiter,
				   struct chp_waiter **peer)
{
	struct chp_wait *wait = waiter->wait;
	int err;

	if (ch->closed || ch->len < ch->cap || chan_has_peer(&ch->recvq, wait)) {
		err = chan_claim_both(ch, wait, &ch->recvq, peer);
		if (!err)
			err = ch->closed ? -EPIPE :
					   chan_put(ch, waiter->elem, *peer);
		if (err != -EAGAIN)
			return chan_decided(wait, err);
		chp_wait_fall_back(wait);
	}
	chp_waiter_enlist(waiter, &ch->sendq, &ch->lock);
	return -EINPROGRESS;
}

static int chan_enlist_recv_locked(struct chp_chan *ch,
				   struct chp_waiter *waiter,
				   struct chp_waiter **peer)
{
	struct chp_wait *wait = waiter->wait;
	int err;

	if (ch->closed || ch->len || chan_has_peer(&ch->sendq, wait)) {
		err = chan_claim_both(ch, wait, &ch->sendq, peer);
		if (!err)
			err = chan_take(ch, waiter->elem, &waiter->ticket,
					*peer);
		if (err != -EAGAIN)
			return chan_decided(wait, err);
		chp_wait_fall_back(wait);
	}
	chp_waiter_enlist(waiter, &ch->recvq, &ch->lock);
	return -EINPROGRESS;
}

/*
 * One more case of a select whose wait has begun. 0 or -EPIPE: the case is
 * done, and nobody else can claim the wait. -EINPROGRESS: it stands in the queue.
 * -EBUSY: somebody has claimed the wait.
 */
int chp_chan_enlist_send(struct chp_chan *ch, struct chp_waiter *waiter)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;
	int err;

	flags = chp_lock(&ch->lock);
	err = chan_enlist_send_locked(ch, waiter, &peer);
	chp_unlock(&ch->lock, flags);
	chan_wake(peer);
	return err;
}

int chp_chan_enlist_recv(struct chp_chan *ch, struct chp_waiter *waiter)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;
	int err;

	flags = chp_lock(&ch->lock);
	err = chan_enlist_recv_locked(ch, waiter, &peer);
	chp_unlock(&ch->lock, flags);
	chan_wake(peer);
	return err;
}

/* Nobody but the context can end this. */
static int chan_call_never(struct chp_call *call)
{
	if (!call->wait.ctx)
		return -EDEADLK;
	chp_wait_begin(&call->wait);
	return -EINPROGRESS;
}

/*
 * What follows is apart from the calls, so that who need not wait has no wait
 * to prepare.
 */
static noinline int chan_send_slow(struct chp_ctx *ctx, struct chp_chan *ch,
				   const void *elem)
{
	struct chp_call call;
	int err;

	chp_call_init(&call, ctx);
	err = ch ? chan_send(ch, elem, &call.waiter) : chan_call_never(&call);
	if (err == -EINPROGRESS)
		err = chp_call_block(&call);
	return chp_ctx_wins(ctx, err);
}

static noinline int chan_recv_slow(struct chp_ctx *ctx, struct chp_chan *ch,
				   void *elem)
{
	struct chp_call call;
	int err;

	chp_call_init(&call, ctx);
	err = ch ? chan_recv(ch, elem, &call.waiter.ticket, &call.waiter) :
		   chan_call_never(&call);
	if (err == -EINPROGRESS)
		err = chp_call_block(&call);
	return chp_ctx_wins(ctx, err);
}

/*
 * A thread that never has to wait lets others run all the same. Without a
 * buffer each operation is one that somebody has waited for.
 */
static inline int chan_done(const struct chp_chan *ch, struct chp_ctx *ctx,
			    int err)
{
	if (ch->cap)
		cond_resched();
	return chp_ctx_wins(ctx, err);
}

/**
 * chp_send() - send an element, wait as long as needed
 * @ctx: whose end ends the wait; NULL for none
 * @ch: a channel, or NULL for one that is never ready
 * @elem: copied before this returns 0, never afterwards
 *
 * An ended context wins over a ready or closed channel. In a rendezvous 0 means that the
 * receiver has the element. Go: ch <- elem.
 *
 * Context: may sleep.
 * Return: 0, -EPIPE, -ECANCELED, -ETIME, -ERESTARTSYS or -EDEADLK, as listed
 * in <chanpat/chan.h>; the element was sent when, and only when, it is 0.
 */
int chp_send(struct chp_ctx *ctx, struct chp_chan *ch, const void *elem)
{
	int err = ctx ? chp_ctx_err(ctx) : 0;

	chp_might_sleep();
	if (err)
		return err;
	if (ch && !chan_idle(ch, ch->cap, &ch->recvq)) {
		err = chan_send(ch, elem, NULL);
		if (err != -EAGAIN)
			return chan_done(ch, ctx, err);
	}
	return chan_send_slow(ctx, ch, elem);
}
EXPORT_SYMBOL_CHP(chp_send);

/**
 * chp_recv() - receive an element, wait as long as needed
 * @ctx: whose end ends the wait; NULL for none
 * @ch: a channel, or NULL for one that is never ready
 * @elem: where to copy it; zeroed with -EPIPE; NULL to throw it away
 *
 * An ended context wins over a ready or closed channel. Go: elem, ok = <-ch.
 *
 * Context: may sleep.
 * Return: 0, -EPIPE, -ECANCELED, -ETIME, -ERESTARTSYS or -EDEADLK, as listed
 * in <chanpat/chan.h>; an element was taken when, and only when, it is 0.
 */
int chp_recv(struct chp_ctx *ctx, struct chp_chan *ch, void *elem)
{
	int err = ctx ? chp_ctx_err(ctx) : 0;
	u64 ticket;

	chp_might_sleep();
	if (err)
		return err;
	if (ch && !chan_idle(ch, 0, &ch->sendq)) {
		err = chan_recv(ch, elem, &ticket, NULL);
		if (err != -EAGAIN)
			return chan_done(ch, ctx, err);
	}
	return chan_recv_slow(ctx, ch, elem);
}
EXPORT_SYMBOL_CHP(chp_recv);

/* Apart as above: who finds nothing to do needs no frame on the stack. */
static noinline int chan_try_send_slow(struct chp_chan *ch, const void *elem)
{
	return chan_send(ch, elem, NULL);
}

static noinline int chan_try_recv_slow(struct chp_chan *ch, void *elem)
{
	u64 ticket;

	return chan_recv(ch, elem, &ticket, NULL);
}

/**
 * chp_try_send() - send an element if that needs no waiting
 * @ch: a channel, or NULL for one that is never ready
 * @elem: copied
 *
 * Context: any, hard interrupts included, on PREEMPT_RT too.
 * Return: 0; -EAGAIN when it would have to wait; -EPIPE when @ch is closed.
 */
int chp_try_send(struct chp_chan *ch, const void *elem)
{
	if (!ch || chan_idle(ch, ch->cap, &ch->recvq))
		return -EAGAIN;
	return chan_try_send_slow(ch, elem);
}
EXPORT_SYMBOL_CHP(chp_try_send);

/* As chp_try_recv(), and tells how many elements had left before. */
int chp_try_recv_ticket(struct chp_chan *ch, void *elem, u64 *ticket)
{
	if (!ch || chan_idle(ch, 0, &ch->sendq))
		return -EAGAIN;
	return chan_recv(ch, elem, ticket, NULL);
}

/**
 * chp_try_recv() - receive an element if that needs no waiting
 * @ch: a channel, or NULL for one that is never ready
 * @elem: where to copy it; zeroed with -EPIPE; NULL to throw it away
 *
 * Context: any, hard interrupts included, on PREEMPT_RT too.
 * Return: 0; -EAGAIN when it would have to wait; -EPIPE when @ch is closed
 * and drained.
 */
int chp_try_recv(struct chp_chan *ch, void *elem)
{
	if (!ch || chan_idle(ch, 0, &ch->sendq))
		return -EAGAIN;
	return chan_try_recv_slow(ch, elem);
}
EXPORT_SYMBOL_CHP(chp_try_recv);

/**
 * chp_task_send() - send an element from a task
 * @task: the task whose step is running
 * @ch: a channel, or NULL for one that is never ready
 * @elem: copied; must stay valid until the task runs again
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked: its step returns that, and in
 * its next run chp_task_result() is the result; otherwise as chp_send().
 */
int chp_task_send(struct chp_task *task, struct chp_chan *ch, const void *elem)
{
	int err = chp_ctx_err(task->wait.ctx);

	if (err)
		return err;
	if (!ch)
		return chp_task_park(task);
	err = chan_send(ch, elem, &task->waiter);
	if (err == -EINPROGRESS)
		return chp_task_park_queued(task);
	return chp_ctx_wins(task->wait.ctx, err);
}
EXPORT_SYMBOL_CHP(chp_task_send);

/**
 * chp_task_recv() - receive an element in a task
 * @task: the task whose step is running
 * @ch: a channel, or NULL for one that is never ready
 * @elem: where to copy it; must stay valid until the task runs again
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked: its step returns that, and in
 * its next run chp_task_result() is the result; otherwise as chp_recv().
 */
int chp_task_recv(struct chp_task *task, struct chp_chan *ch, void *elem)
{
	int err = chp_ctx_err(task->wait.ctx);

	if (err)
		return err;
	if (!ch)
		return chp_task_park(task);
	err = chan_recv(ch, elem, &task->waiter.ticket, &task->waiter);
	if (err == -EINPROGRESS)
		return chp_task_park_queued(task);
	return chp_ctx_wins(task->wait.ctx, err);
}
EXPORT_SYMBOL_CHP(chp_task_recv);
