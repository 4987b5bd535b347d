// SPDX-License-Identifier: GPL-2.0
/*
 * Sending and receiving, in threads and for who does not wait. Tasks are in
 * sendrecv_task.c.
 *
 * What would have to wait, and what finds the channel closed and empty, is
 * told so without the lock: see chan_idle() and chp_chan_drained(). All else is
 * decided under it, see short.h and transfer.h.
 */
#include <linux/sched.h>
#include <chanpat/ctx.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "chan.h"
#include "ctx.h"
#include "lock.h"
#include "short.h"
#include "transfer.h"
#include "wait.h"
#include "yield.h"

/* For who parks or sleeps in its own way: -EINPROGRESS, and stands in the queue. */
int chp_chan_recv(struct chp_chan *ch, void *elem, u64 *ticket,
		  struct chp_waiter *waiter)
{
	return chp_transfer_recv(ch, elem, ticket, waiter);
}

static struct chp_waiter *chan_claim_tagged(struct chp_chan *ch,
					    const void *tag)
{
	struct chp_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, &ch->recvq, node) {
		if (waiter->tag != tag)
			continue;
		chp_list_del_init(&waiter->node);
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
 * to prepare, and no frame on the stack.
 *
 * A thread that never has to wait lets others run all the same: when it is done,
 * or before it wakes a peer.
 */
static noinline int chan_send_long(struct chp_call *call, struct chp_chan *ch,
				   const void *elem)
{
	int err;

	err = ch ? chp_transfer_send(ch, elem, &call->waiter) : chan_call_never(call);
	if (err == -EINPROGRESS)
		return chp_call_block(call);
	chp_yield();
	return err;
}

static noinline int chan_recv_long(struct chp_call *call, struct chp_chan *ch,
				   void *elem)
{
	int err;

	err = ch ? chp_transfer_recv(ch, elem, &call->waiter.ticket, &call->waiter) :
		   chan_call_never(call);
	if (err == -EINPROGRESS)
		return chp_call_block(call);
	chp_yield();
	return err;
}

static noinline int chan_send_wait(struct chp_ctx *ctx, struct chp_chan *ch,
				   const void *elem)
{
	struct chp_call call CHP_UNINITIALIZED;
	int err;

	chp_call_init(&call, ctx);
	if (likely(ch) && chp_short_park_send(ch, elem, &call.waiter))
		err = chp_call_sleep(&call);
	else
		err = chan_send_long(&call, ch, elem);
	return chp_ctx_wins(ctx, err);
}

static noinline int chan_recv_wait(struct chp_ctx *ctx, struct chp_chan *ch,
				   void *elem)
{
	struct chp_call call CHP_UNINITIALIZED;
	int err;

	chp_call_init(&call, ctx);
	if (likely(ch) && chp_short_park_recv(ch, elem, &call.waiter))
		err = chp_call_sleep(&call);
	else
		err = chan_recv_long(&call, ch, elem);
	return chp_ctx_wins(ctx, err);
}

static noinline int chan_try_send(struct chp_chan *ch, const void *elem)
{
	return chp_transfer_send(ch, elem, NULL);
}

/* Apart, as the call of memset() needs a frame on the stack. */
int chp_transfer_zero(const struct chp_chan *ch, void *elem)
{
	memset(elem, 0, ch->elem_size);
	return -EPIPE;
}

static noinline int chan_try_recv(struct chp_chan *ch, void *elem, u64 *ticket)
{
	u64 unused;

	return chp_transfer_recv(ch, elem, ticket ?: &unused, NULL);
}

/* Nobody can wait for a closed channel: it has elements, or an end. */
static noinline int chan_recv_closed(struct chp_ctx *ctx, struct chp_chan *ch,
				     void *elem)
{
	chp_yield();
	if (chp_chan_drained(ch))
		return chp_ctx_wins(ctx, chp_transfer_none(ch, elem));
	if (chp_short_recv_unless(ch, elem, NULL, CHP_SLOW_RECV & ~CHP_SLOW_CLOSED))
		return 0;
	return chp_ctx_wins(ctx, chan_try_recv(ch, elem, NULL));
}

static noinline int chan_send_serve(struct chp_ctx *ctx, struct chp_chan *ch,
				    const void *elem)
{
	bool others_wait = chp_others_wait();
	struct chp_waiter *peer = chp_short_serve_recv(ch, elem);

	if (unlikely(!peer))
		return chan_send_wait(ctx, ch, elem);
	chp_transfer_wake(peer);
	return others_wait ? chp_yielded() : 0;
}

static noinline int chan_recv_serve(struct chp_ctx *ctx, struct chp_chan *ch,
				    void *elem)
{
	bool others_wait = chp_others_wait();
	struct chp_waiter *peer = chp_short_serve_send(ch, elem, NULL);

	if (unlikely(!peer))
		return chan_recv_wait(ctx, ch, elem);
	chp_transfer_wake(peer);
	return others_wait ? chp_yielded() : 0;
}

/* The buffer is full, and senders wait, as it seems. */
static noinline int chan_recv_full(struct chp_ctx *ctx, struct chp_chan *ch,
				   void *elem)
{
	bool others_wait = chp_others_wait();
	int err = chan_try_recv(ch, elem, NULL);

	if (err == -EAGAIN)
		return chan_recv_wait(ctx, ch, elem);
	if (others_wait)
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
	int err = chp_ctx_look(ctx);

	chp_might_sleep();
	if (unlikely(err))
		return err;
	if (!ch)
		return chan_send_wait(ctx, ch, elem);
	if (chp_short_send(ch, elem))
		return chp_done_yield();
	if (list_empty(&ch->recvq))
		return chan_send_wait(ctx, ch, elem);
	return chan_send_serve(ctx, ch, elem);
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
	int err = chp_ctx_look(ctx);

	chp_might_sleep();
	if (unlikely(err))
		return err;
	if (!ch)
		return chan_recv_wait(ctx, ch, elem);
	if (chp_short_recv(ch, elem, NULL))
		return chp_done_yield();
	if (READ_ONCE(ch->closed))
		return chan_recv_closed(ctx, ch, elem);
	if (list_empty(&ch->sendq))
		return chan_recv_wait(ctx, ch, elem);
	if (READ_ONCE(ch->len))
		return chan_recv_full(ctx, ch, elem);
	return chan_recv_serve(ctx, ch, elem);
}
EXPORT_SYMBOL_CHP(chp_recv);

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
	return chp_short_send(ch, elem) ? 0 : chan_try_send(ch, elem);
}
EXPORT_SYMBOL_CHP(chp_try_send);

static __always_inline int chan_recv_now(struct chp_chan *ch, void *elem,
					 u64 *ticket)
{
	if (!ch || chan_idle(ch, 0, &ch->sendq))
		return -EAGAIN;
	if (chp_short_recv(ch, elem, ticket))
		return 0;
	if (chp_chan_drained(ch))
		return chp_transfer_none(ch, elem);
	return chan_try_recv(ch, elem, ticket);
}

/* As chp_try_recv(), and tells how many elements had left before. */
int chp_try_recv_ticket(struct chp_chan *ch, void *elem, u64 *ticket)
{
	return chan_recv_now(ch, elem, ticket);
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
	return chan_recv_now(ch, elem, NULL);
}
EXPORT_SYMBOL_CHP(chp_try_recv);
