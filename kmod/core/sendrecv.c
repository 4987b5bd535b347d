// SPDX-License-Identifier: GPL-2.0
/*
 * Sending and receiving.
 *
 * What would have to wait, and what finds the channel closed and empty, is
 * told so without the lock: see chan_idle() and chan_drained(). All else is
 * decided under it: with a peer that was claimed, through the buffer, or by
 * entering the queue.
 *
 * Most find a place or an element in the buffer, and nobody to wake. For them
 * there is a short way, without a call and without a frame on the stack:
 * chan_send_quick() and chan_recv_quick(). It changes nothing where it does not
 * do the whole, and then the long way looks at everything again.
 */
#include <linux/sched.h>
#include <chanpat/ctx.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "chan.h"
#include "ctx.h"
#include "lock.h"
#include "maker.h"
#include "ring.h"
#include "task.h"
#include "transfer.h"
#include "wait.h"
#include "yield.h"

/*
 * True when the element is in the buffer. The first look, without the lock, only
 * keeps those away who would take it in vain.
 */
static __always_inline bool chan_send_quick(struct chp_chan *ch,
					    const void *elem)
{
	unsigned long flags;

	if (READ_ONCE(ch->slow) & CHP_SLOW_SEND ||
	    !chp_trylock(&ch->lock, &flags))
		return false;
	if (unlikely(ch->slow & CHP_SLOW_SEND || ch->len >= ch->cap)) {
		chp_unlock(&ch->lock, flags);
		return false;
	}
	chp_ring_push_quick(ch, elem);
	chp_unlock(&ch->lock, flags);
	return true;
}

/* Likewise. */
static __always_inline bool chan_recv_unless(struct chp_chan *ch, void *elem,
					     u64 *ticket, enum chp_slow slow)
{
	unsigned long flags;

	if (READ_ONCE(ch->slow) & slow || !chp_trylock(&ch->lock, &flags))
		return false;
	if (unlikely(ch->slow & slow || !ch->len)) {
		chp_unlock(&ch->lock, flags);
		return false;
	}
	if (ticket)
		*ticket = ch->recvs;
	chp_ring_pop_quick(ch, elem);
	chp_unlock(&ch->lock, flags);
	return true;
}

static __always_inline bool chan_recv_quick(struct chp_chan *ch, void *elem,
					    u64 *ticket)
{
	return chan_recv_unless(ch, elem, ticket, CHP_SLOW_RECV);
}

/* The first receiver that can be served. */
static __always_inline struct chp_waiter *chan_claim_recv(struct chp_chan *ch)
{
	struct chp_waiter *peer = chp_waiter_claim(&ch->recvq);

	chp_chan_served(ch, &ch->recvq, CHP_SLOW_RECVQ);
	return peer;
}

static __always_inline struct chp_waiter *chan_claim_send(struct chp_chan *ch)
{
	struct chp_waiter *peer = chp_waiter_claim(&ch->sendq);

	chp_chan_served(ch, &ch->sendq, CHP_SLOW_SENDQ);
	return peer;
}

static __always_inline void chan_queue_send(struct chp_chan *ch,
					    const void *elem,
					    struct chp_waiter *waiter)
{
	waiter->elem = (void *)elem;
	chp_chan_waited(ch, CHP_SLOW_SENDQ);
	chp_waiter_queue(waiter, &ch->sendq, &ch->lock);
}

static __always_inline void chan_queue_recv(struct chp_chan *ch, void *elem,
					    struct chp_waiter *waiter)
{
	waiter->elem = elem;
	chp_chan_waited(ch, CHP_SLOW_RECVQ);
	chp_waiter_queue(waiter, &ch->recvq, &ch->lock);
}

/*
 * Sends now, or enters the queue with @waiter, or returns -EAGAIN when that is
 * NULL. @peer is a receiver that was served, for the caller to wake.
 */
static __always_inline int
chan_send_locked(struct chp_chan *ch, const void *elem,
		 struct chp_waiter *waiter, struct chp_waiter **peer)
{
	int err;

	if (ch->closed)
		return -EPIPE;
	*peer = chan_claim_recv(ch);
	err = chp_transfer_in(ch, elem, *peer);
	if (err != -EAGAIN || !waiter)
		return err;
	chan_queue_send(ch, elem, waiter);
	return -EINPROGRESS;
}

static __always_inline int
chan_recv_locked(struct chp_chan *ch, void *elem, u64 *ticket,
		 struct chp_waiter *waiter, struct chp_waiter **peer)
{
	int err;

	if (!ch->closed)
		*peer = chan_claim_send(ch);
	err = chp_transfer_out(ch, elem, ticket, *peer);
	if (err != -EAGAIN || !waiter)
		return err;
	chan_queue_recv(ch, elem, waiter);
	return -EINPROGRESS;
}

static __always_inline int chan_send(struct chp_chan *ch, const void *elem,
				     struct chp_waiter *waiter)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;
	int err;

	flags = chp_lock(&ch->lock);
	err = chan_send_locked(ch, elem, waiter, &peer);
	chp_unlock(&ch->lock, flags);
	chp_transfer_wake(peer);
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

	flags = chp_lock(&ch->lock);
	err = chan_recv_locked(ch, elem, ticket, waiter, &peer);
	chp_unlock(&ch->lock, flags);
	chp_transfer_wake(peer);
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

/* Nobody but the context can end this. */
static int chan_call_never(struct chp_call *call)
{
	if (!call->wait.ctx)
		return -EDEADLK;
	chp_wait_begin(&call->wait);
	return -EINPROGRESS;
}

/*
 * The short way for who meets nobody, as it seems: true when @waiter stands in the
 * queue.
 */
static __always_inline bool chan_park_send(struct chp_chan *ch,
					   const void *elem,
					   struct chp_waiter *waiter)
{
	unsigned long flags;

	if (!chp_trylock(&ch->lock, &flags))
		return false;
	if (unlikely(ch->closed || ch->len != ch->cap ||
		     !list_empty(&ch->recvq))) {
		chp_unlock(&ch->lock, flags);
		return false;
	}
	chan_queue_send(ch, elem, waiter);
	chp_unlock(&ch->lock, flags);
	return true;
}

static __always_inline bool chan_park_recv(struct chp_chan *ch, void *elem,
					   struct chp_waiter *waiter)
{
	unsigned long flags;

	if (!chp_trylock(&ch->lock, &flags))
		return false;
	if (unlikely(ch->closed || ch->len || !list_empty(&ch->sendq))) {
		chp_unlock(&ch->lock, flags);
		return false;
	}
	chan_queue_recv(ch, elem, waiter);
	chp_unlock(&ch->lock, flags);
	return true;
}

/*
 * What follows is apart from the calls, so that who need not wait has no wait
 * to prepare, and no frame on the stack.
 *
 * A thread that never has to wait lets others run all the same. Without a
 * buffer each operation is one that somebody has waited for.
 */
static noinline int chan_send_long(struct chp_call *call, struct chp_chan *ch,
				   const void *elem)
{
	int err;

	err = ch ? chan_send(ch, elem, &call->waiter) : chan_call_never(call);
	if (err == -EINPROGRESS)
		return chp_call_block(call);
	if (ch && ch->cap)
		cond_resched();
	return err;
}

static noinline int chan_recv_long(struct chp_call *call, struct chp_chan *ch,
				   void *elem)
{
	int err;

	err = ch ? chan_recv(ch, elem, &call->waiter.ticket, &call->waiter) :
		   chan_call_never(call);
	if (err == -EINPROGRESS)
		return chp_call_block(call);
	if (ch && ch->cap)
		cond_resched();
	return err;
}

static noinline int chan_send_wait(struct chp_ctx *ctx, struct chp_chan *ch,
				   const void *elem)
{
	struct chp_call call CHP_UNINITIALIZED;
	int err;

	chp_call_init(&call, ctx);
	if (likely(ch) && chan_park_send(ch, elem, &call.waiter))
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
	if (likely(ch) && chan_park_recv(ch, elem, &call.waiter))
		err = chp_call_sleep(&call);
	else
		err = chan_recv_long(&call, ch, elem);
	return chp_ctx_wins(ctx, err);
}

static noinline int chan_yield(void)
{
	cond_resched();
	return 0;
}

/* With a buffer. */
static __always_inline int chan_done_quick(void)
{
	return chp_should_yield() ? chan_yield() : 0;
}

static noinline int chan_try_send(struct chp_chan *ch, const void *elem)
{
	return chan_send(ch, elem, NULL);
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

	return chan_recv(ch, elem, ticket ?: &unused, NULL);
}

/* Nobody can wait for a closed channel: it has elements, or an end. */
static noinline int chan_recv_closed(struct chp_ctx *ctx, struct chp_chan *ch,
				     void *elem)
{
	chp_yield();
	if (chan_drained(ch))
		return chp_ctx_wins(ctx, chp_transfer_none(ch, elem));
	if (chan_recv_unless(ch, elem, NULL, CHP_SLOW_RECV & ~CHP_SLOW_CLOSED))
		return 0;
	return chp_ctx_wins(ctx, chan_try_recv(ch, elem, NULL));
}

/*
 * The short way for who meets a peer: a receiver waits, as it seems. It is served,
 * and the caller wakes it; or NULL, and nothing was changed.
 */
static __always_inline struct chp_waiter *chan_serve_recv(struct chp_chan *ch,
							  const void *elem)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;

	if (!chp_elem_quick(ch->elem_size) || !chp_trylock(&ch->lock, &flags))
		return NULL;
	if (likely(!ch->closed))
		peer = chan_claim_recv(ch);
	if (likely(peer)) {
		peer->ticket = ch->recvs;
		chp_ring_pass_quick(ch, peer->elem, elem);
	}
	chp_unlock(&ch->lock, flags);
	return peer;
}

/* Likewise: a sender waits, as it seems. */
static __always_inline struct chp_waiter *
chan_serve_send(struct chp_chan *ch, void *elem, u64 *ticket)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;

	if (!chp_elem_quick(ch->elem_size) || !chp_trylock(&ch->lock, &flags))
		return NULL;
	if (likely(!ch->closed && !ch->len))
		peer = chan_claim_send(ch);
	if (likely(peer)) {
		if (ticket)
			*ticket = ch->recvs;
		chp_ring_pass_quick(ch, elem, peer->elem);
	}
	chp_unlock(&ch->lock, flags);
	return peer;
}

static noinline int chan_send_serve(struct chp_ctx *ctx, struct chp_chan *ch,
				    const void *elem)
{
	struct chp_waiter *peer = chan_serve_recv(ch, elem);

	if (unlikely(!peer))
		return chan_send_wait(ctx, ch, elem);
	chp_transfer_wake(peer);
	return 0;
}

static noinline int chan_recv_serve(struct chp_ctx *ctx, struct chp_chan *ch,
				    void *elem)
{
	struct chp_waiter *peer = chan_serve_send(ch, elem, NULL);

	if (unlikely(!peer))
		return chan_recv_wait(ctx, ch, elem);
	chp_transfer_wake(peer);
	return 0;
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
	if (chan_send_quick(ch, elem))
		return chan_done_quick();
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
	if (chan_recv_quick(ch, elem, NULL))
		return chan_done_quick();
	if (READ_ONCE(ch->closed))
		return chan_recv_closed(ctx, ch, elem);
	if (list_empty(&ch->sendq))
		return chan_recv_wait(ctx, ch, elem);
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
	return chan_send_quick(ch, elem) ? 0 : chan_try_send(ch, elem);
}
EXPORT_SYMBOL_CHP(chp_try_send);

/* As chp_try_recv(), and tells how many elements had left before. */
int chp_try_recv_ticket(struct chp_chan *ch, void *elem, u64 *ticket)
{
	if (!ch)
		return -EAGAIN;
	if (chan_recv_quick(ch, elem, ticket))
		return 0;
	if (chan_idle(ch, 0, &ch->sendq))
		return -EAGAIN;
	if (chan_drained(ch))
		return chp_transfer_none(ch, elem);
	return chan_try_recv(ch, elem, ticket);
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
	if (chan_recv_quick(ch, elem, NULL))
		return 0;
	if (chan_drained(ch))
		return chp_transfer_none(ch, elem);
	return chan_try_recv(ch, elem, NULL);
}
EXPORT_SYMBOL_CHP(chp_try_recv);

static noinline int chan_task_send(struct chp_task *task, struct chp_chan *ch,
				   const void *elem)
{
	int err = chan_send(ch, elem, &task->waiter);

	if (err == -EINPROGRESS)
		return chp_task_park_queued(task);
	return chp_ctx_wins(task->wait.ctx, err);
}

static noinline int chan_task_recv(struct chp_task *task, struct chp_chan *ch,
				   void *elem)
{
	int err = chan_recv(ch, elem, &task->waiter.ticket, &task->waiter);

	if (err == -EINPROGRESS)
		return chp_task_park_queued(task);
	return chp_ctx_wins(task->wait.ctx, err);
}

static noinline int chan_task_send_serve(struct chp_task *task,
					 struct chp_chan *ch, const void *elem)
{
	struct chp_waiter *peer = chan_serve_recv(ch, elem);

	if (unlikely(!peer))
		return chan_task_send(task, ch, elem);
	chp_transfer_wake(peer);
	return 0;
}

/* True when the sender is a maker, whose next element was made then. */
static bool chan_task_recv_made(struct chp_task *task, struct chp_chan *ch,
				void *elem)
{
	struct chp_waiter *maker = NULL;
	unsigned long flags;

	if (!chp_elem_quick(ch->elem_size) || !chp_trylock(&ch->lock, &flags))
		return false;
	if (likely(!ch->closed && !ch->len))
		maker = chp_maker_claim(ch, task);
	if (likely(maker)) {
		task->waiter.ticket = ch->recvs;
		chp_ring_pass_quick(ch, elem, maker->elem);
	}
	chp_unlock(&ch->lock, flags);
	if (unlikely(!maker))
		return false;
	chp_maker_run(ch, maker);
	return true;
}

static noinline int chan_task_recv_serve(struct chp_task *task,
					 struct chp_chan *ch, void *elem)
{
	struct chp_waiter *peer;

	if (READ_ONCE(ch->slow) & CHP_SLOW_MAKER &&
	    chan_task_recv_made(task, ch, elem))
		return 0;
	peer = chan_serve_send(ch, elem, &task->waiter.ticket);
	if (unlikely(!peer))
		return chan_task_recv(task, ch, elem);
	chp_transfer_wake(peer);
	return 0;
}

static noinline int chan_task_send_park(struct chp_task *task,
					struct chp_chan *ch, const void *elem)
{
	if (unlikely(!chan_park_send(ch, elem, &task->waiter)))
		return chan_task_send(task, ch, elem);
	return chp_task_park_queued(task);
}

static noinline int chan_task_recv_park(struct chp_task *task,
					struct chp_chan *ch, void *elem)
{
	if (unlikely(!chan_park_recv(ch, elem, &task->waiter)))
		return chan_task_recv(task, ch, elem);
	return chp_task_park_queued(task);
}

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
	int err = chp_ctx_look(task->wait.ctx);

	if (unlikely(err))
		return err;
	if (!ch)
		return chp_task_park(task);
	if (chan_send_quick(ch, elem))
		return 0;
	if (list_empty(&ch->recvq))
		return chan_task_send_park(task, ch, elem);
	return chan_task_send_serve(task, ch, elem);
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
	int err = chp_ctx_look(task->wait.ctx);

	if (unlikely(err))
		return err;
	if (!ch)
		return chp_task_park(task);
	if (chan_recv_quick(ch, elem, &task->waiter.ticket))
		return 0;
	if (list_empty(&ch->sendq))
		return chan_task_recv_park(task, ch, elem);
	return chan_task_recv_serve(task, ch, elem);
}
EXPORT_SYMBOL_CHP(chp_task_recv);
