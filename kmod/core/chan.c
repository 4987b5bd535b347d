// SPDX-License-Identifier: GPL-2.0
/*
 * Channels.
 *
 * Invariants, under the lock:
 *  - receivers wait only while the buffer is empty and the channel is open;
 *    senders wait only while it is full and open; so never both, save for
 *    waits that have been ended otherwise and have not left their queue yet;
 *  - after the close nothing enters: neither a send nor a waiting sender's
 *    element, though chp_close() may still be busy with waking them;
 *  - a waiter found in a queue belongs to a wait that is valid at least until
 *    the lock is dropped; it may be served only after a successful claim.
 *
 * Only one channel's lock is ever held, and no other lock of chanpat inside
 * of it. Elements are copied under it, for they must leave in the order in
 * which they came; waiters are woken after it was dropped. It is raw and
 * disables interrupts because chp_try_*() may be called from anywhere.
 */
#include <linux/mm.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "chan.h"
#include "live.h"
#include "wait.h"

/**
 * struct chp_chan - see include/chanpat/chan.h
 * @lock: protects all that changes
 * @closed: no element enters any more
 * @elem_size: bytes of an element
 * @cap: slots in @slots
 * @len: slots in use
 * @head: the slot that is received next
 * @sends: elements that have entered, waiting senders' not counted
 * @recvs: elements that have left
 * @recvq: waiting receivers, the first is served first
 * @sendq: waiting senders, likewise
 * @ref: users
 * @name: for people
 * @slots: the ring
 */
struct chp_chan {
	raw_spinlock_t lock;
	bool closed;
	u32 elem_size;
	u32 cap;
	u32 len;
	u32 head;
	u64 sends;
	u64 recvs;
	struct list_head recvq;
	struct list_head sendq;
	refcount_t ref;
	const char *name;
	u8 slots[];
};

/* How many waiters chp_close() takes out of a queue under one lock. */
#define CLOSE_BATCH 32

/**
 * chp_chan_alloc() - make a channel
 * @elem_size: bytes of an element, up to CHP_ELEM_MAX; 0 for pure signals
 * @cap: elements that it buffers, up to CHP_CAP_MAX; 0 for a rendezvous
 * @name: for people; must live as long as the channel
 *
 * Context: may sleep.
 * Return: a channel with one reference; ERR_PTR(-EINVAL) for sizes beyond the
 * limits; ERR_PTR(-ENOMEM).
 */
struct chp_chan *chp_chan_alloc(size_t elem_size, unsigned int cap,
				const char *name)
{
	struct chp_chan *ch;

	if (elem_size > CHP_ELEM_MAX || cap > CHP_CAP_MAX)
		return ERR_PTR(-EINVAL);
	ch = kvzalloc(struct_size(ch, slots, elem_size * cap),
		      GFP_KERNEL_ACCOUNT);
	if (!ch)
		return ERR_PTR(-ENOMEM);
	raw_spin_lock_init(&ch->lock);
	INIT_LIST_HEAD(&ch->recvq);
	INIT_LIST_HEAD(&ch->sendq);
	refcount_set(&ch->ref, 1);
	ch->elem_size = elem_size;
	ch->cap = cap;
	ch->name = name;
	chp_live_inc(CHP_KIND_CHAN);
	return ch;
}
EXPORT_SYMBOL_CHP(chp_chan_alloc);

/**
 * chp_chan_get() - take a reference
 * @ch: a channel that the caller has a reference on, or NULL
 *
 * Context: any.
 * Return: @ch.
 */
struct chp_chan *chp_chan_get(struct chp_chan *ch)
{
	if (ch)
		refcount_inc(&ch->ref);
	return ch;
}
EXPORT_SYMBOL_CHP(chp_chan_get);

/**
 * chp_chan_put() - drop a reference
 * @ch: a channel, or NULL; one that nobody waits on when it is the last
 *
 * Elements that are still buffered go with the last reference.
 *
 * Context: process or softirq; not hard interrupts.
 */
void chp_chan_put(struct chp_chan *ch)
{
	if (!ch || !refcount_dec_and_test(&ch->ref))
		return;
	WARN_ON_ONCE(!list_empty(&ch->recvq) || !list_empty(&ch->sendq));
	chp_live_dec(CHP_KIND_CHAN);
	kvfree(ch);
}
EXPORT_SYMBOL_CHP(chp_chan_put);

static void *chan_slot(struct chp_chan *ch, u32 index)
{
	if (index >= ch->cap)
		index -= ch->cap;
	return ch->slots + (size_t)index * ch->elem_size;
}

static void chan_push(struct chp_chan *ch, const void *elem)
{
	memcpy(chan_slot(ch, ch->head + ch->len), elem, ch->elem_size);
	ch->len++;
	ch->sends++;
}

static void chan_copy_out(struct chp_chan *ch, void *to, const void *from)
{
	if (to)
		memcpy(to, from, ch->elem_size);
	ch->recvs++;
}

static void chan_pop(struct chp_chan *ch, void *elem)
{
	chan_copy_out(ch, elem, chan_slot(ch, ch->head));
	ch->head = ch->head + 1 == ch->cap ? 0 : ch->head + 1;
	ch->len--;
}

/*
 * Sends now, or enters the queue with @waiter, or returns -EAGAIN when that is
 * NULL. @peer is a receiver that was served, for the caller to wake.
 */
static int chan_send_locked(struct chp_chan *ch, const void *elem,
			    struct chp_waiter *waiter, struct chp_waiter **peer)
{
	if (ch->closed)
		return -EPIPE;
	*peer = chp_waiter_claim(&ch->recvq);
	if (*peer) {
		(*peer)->ticket = ch->recvs;
		chan_copy_out(ch, (*peer)->elem, elem);
		ch->sends++;
		return 0;
	}
	if (ch->len < ch->cap) {
		chan_push(ch, elem);
		return 0;
	}
	if (!waiter)
		return -EAGAIN;
	waiter->elem = (void *)elem;
	chp_waiter_queue(waiter, &ch->sendq, &ch->lock);
	return -EINPROGRESS;
}

/*
 * The mirror image. A waiting sender's element goes to the end of the buffer,
 * whose first one leaves; without a buffer it is handed over directly.
 */
static int chan_recv_locked(struct chp_chan *ch, void *elem, u64 *ticket,
			    struct chp_waiter *waiter, struct chp_waiter **peer)
{
	if (!ch->closed)
		*peer = chp_waiter_claim(&ch->sendq);
	if (ch->len || *peer)
		*ticket = ch->recvs;
	if (ch->len) {
		chan_pop(ch, elem);
		if (*peer)
			chan_push(ch, (*peer)->elem);
		return 0;
	}
	if (*peer) {
		chan_copy_out(ch, elem, (*peer)->elem);
		ch->sends++;
		return 0;
	}
	if (ch->closed) {
		if (elem)
			memset(elem, 0, ch->elem_size);
		return -EPIPE;
	}
	if (!waiter)
		return -EAGAIN;
	waiter->elem = elem;
	chp_waiter_queue(waiter, &ch->recvq, &ch->lock);
	return -EINPROGRESS;
}

static int chan_send(struct chp_chan *ch, const void *elem,
		     struct chp_waiter *waiter)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&ch->lock, flags);
	err = chan_send_locked(ch, elem, waiter, &peer);
	raw_spin_unlock_irqrestore(&ch->lock, flags);
	if (peer)
		chp_wait_complete(peer->wait, 0, peer);
	return err;
}

static int chan_recv(struct chp_chan *ch, void *elem, u64 *ticket,
		     struct chp_waiter *waiter)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&ch->lock, flags);
	err = chan_recv_locked(ch, elem, ticket, waiter, &peer);
	raw_spin_unlock_irqrestore(&ch->lock, flags);
	if (peer)
		chp_wait_complete(peer->wait, 0, peer);
	return err;
}

/* A thread in the middle of one channel operation. */
struct chan_call {
	struct chp_wait wait;
	struct chp_waiter waiter;
};

static void chan_call_init(struct chan_call *call, struct chp_ctx *ctx)
{
	chp_wait_init_thread(&call->wait, ctx);
	chp_waiter_init(&call->waiter, &call->wait);
}

/* The call is in a queue, or nowhere when there is no channel. */
static int chan_call_block(struct chan_call *call)
{
	int err = chp_wait_commit(&call->wait);

	if (err == -EINPROGRESS)
		err = chp_wait_sleep(&call->wait);
	if (!call->wait.which)
		chp_waiter_leave(&call->waiter);
	return err;
}

/* Nobody but the context can end this. */
static int chan_call_never(struct chan_call *call)
{
	if (!call->wait.ctx)
		return -EDEADLK;
	chp_wait_begin(&call->wait);
	return -EINPROGRESS;
}

/**
 * chp_send() - send an element, wait as long as needed
 * @ctx: whose end ends the wait; NULL for none
 * @ch: a channel, or NULL for one that is never ready
 * @elem: copied before this returns 0, never afterwards
 *
 * An ended context wins over a ready channel. In a rendezvous 0 means that the
 * receiver has the element. Go: ch <- elem.
 *
 * Context: may sleep.
 * Return: 0, -EPIPE, -ECANCELED, -ETIME, -ERESTARTSYS or -EDEADLK, as listed
 * in <chanpat/chan.h>; the element was sent when, and only when, it is 0.
 */
int chp_send(struct chp_ctx *ctx, struct chp_chan *ch, const void *elem)
{
	struct chan_call call;
	int err = chp_ctx_err(ctx);

	might_sleep();
	if (err)
		return err;
	chan_call_init(&call, ctx);
	err = ch ? chan_send(ch, elem, &call.waiter) : chan_call_never(&call);
	return err == -EINPROGRESS ? chan_call_block(&call) : err;
}
EXPORT_SYMBOL_CHP(chp_send);

/* As chp_recv(), and tells how many elements had left the channel before. */
int chp_recv_ticket(struct chp_ctx *ctx, struct chp_chan *ch, void *elem,
		    u64 *ticket)
{
	struct chan_call call;
	int err = chp_ctx_err(ctx);

	might_sleep();
	if (err)
		return err;
	chan_call_init(&call, ctx);
	err = ch ? chan_recv(ch, elem, &call.waiter.ticket, &call.waiter) :
		   chan_call_never(&call);
	if (err == -EINPROGRESS)
		err = chan_call_block(&call);
	*ticket = call.waiter.ticket;
	return err;
}

/**
 * chp_recv() - receive an element, wait as long as needed
 * @ctx: whose end ends the wait; NULL for none
 * @ch: a channel, or NULL for one that is never ready
 * @elem: where to copy it; zeroed with -EPIPE; NULL to throw it away
 *
 * An ended context wins over a ready channel. Go: elem, ok = <-ch.
 *
 * Context: may sleep.
 * Return: 0, -EPIPE, -ECANCELED, -ETIME, -ERESTARTSYS or -EDEADLK, as listed
 * in <chanpat/chan.h>; an element was taken when, and only when, it is 0.
 */
int chp_recv(struct chp_ctx *ctx, struct chp_chan *ch, void *elem)
{
	u64 ticket;

	return chp_recv_ticket(ctx, ch, elem, &ticket);
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
	return ch ? chan_send(ch, elem, NULL) : -EAGAIN;
}
EXPORT_SYMBOL_CHP(chp_try_send);

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
	u64 ticket;

	return ch ? chan_recv(ch, elem, &ticket, NULL) : -EAGAIN;
}
EXPORT_SYMBOL_CHP(chp_try_recv);

/* Up to @max claimed waiters of a closed channel, from both queues. */
static unsigned int chan_close_some(struct chp_chan *ch,
				    struct chp_waiter **woken, unsigned int max)
{
	struct chp_waiter *waiter;
	unsigned int n = 0;

	while (n < max && (waiter = chp_waiter_claim(&ch->recvq))) {
		if (waiter->elem)
			memset(waiter->elem, 0, ch->elem_size);
		woken[n++] = waiter;
	}
	while (n < max && (waiter = chp_waiter_claim(&ch->sendq)))
		woken[n++] = waiter;
	return n;
}

/**
 * chp_close() - let no more elements in
 * @ch: a channel
 *
 * All who wait return -EPIPE. What is buffered can still be received. A reader
 * that stops early may close too: its senders then get -EPIPE.
 *
 * Context: any, hard interrupts included.
 * Return: 0; -EPIPE when it was closed before, -EINVAL when @ch is NULL.
 */
int chp_close(struct chp_chan *ch)
{
	struct chp_waiter *woken[CLOSE_BATCH];
	unsigned long flags;
	unsigned int n, i;
	bool first = true;

	if (!ch)
		return -EINVAL;
	do {
		raw_spin_lock_irqsave(&ch->lock, flags);
		if (first && ch->closed) {
			raw_spin_unlock_irqrestore(&ch->lock, flags);
			return -EPIPE;
		}
		first = false;
		ch->closed = true;
		n = chan_close_some(ch, woken, CLOSE_BATCH);
		raw_spin_unlock_irqrestore(&ch->lock, flags);
		for (i = 0; i < n; i++)
			chp_wait_complete(woken[i]->wait, -EPIPE, woken[i]);
	} while (n == CLOSE_BATCH);
	return 0;
}
EXPORT_SYMBOL_CHP(chp_close);

/**
 * chp_len() - elements in the buffer
 * @ch: a channel, or NULL
 *
 * Context: any. A snapshot: it may be old when the caller looks at it.
 */
unsigned int chp_len(const struct chp_chan *ch)
{
	/* A lone word, written under the lock; nothing is ordered by it. */
	return ch ? READ_ONCE(ch->len) : 0;
}
EXPORT_SYMBOL_CHP(chp_len);

/**
 * chp_cap() - the capacity that the channel was made with
 * @ch: a channel, or NULL
 *
 * Context: any.
 */
unsigned int chp_cap(const struct chp_chan *ch)
{
	return ch ? ch->cap : 0;
}
EXPORT_SYMBOL_CHP(chp_cap);

/**
 * chp_chan_name() - the name that the channel was made with
 * @ch: a channel
 *
 * Context: any.
 */
const char *chp_chan_name(const struct chp_chan *ch)
{
	return ch->name;
}
EXPORT_SYMBOL_CHP(chp_chan_name);

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
	return err == -EINPROGRESS ? chp_task_park_queued(task) : err;
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
	return err == -EINPROGRESS ? chp_task_park_queued(task) : err;
}
EXPORT_SYMBOL_CHP(chp_task_recv);
