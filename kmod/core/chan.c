// SPDX-License-Identifier: GPL-2.0
/*
 * Channels: their life, and their close. The rules that bind those who hold the
 * lock are in chan.h; what goes through a channel is transfer.h's.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../compat.h"
#include "cache.h"
#include "chan.h"
#include "live.h"
#include "lock.h"
#include "ring.h"
#include "wait.h"

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
	size_t size;
	bool keep;
	u8 shelf;

	if (elem_size > CHP_ELEM_MAX || cap > CHP_CAP_MAX)
		return ERR_PTR(-EINVAL);
	/* No overflow: both are bounded. */
	size = sizeof(*ch) + elem_size * cap;
	shelf = chp_cache_shelf(size);
	ch = chp_cache_alloc(size, shelf, &keep);
	if (!ch)
		return ERR_PTR(-ENOMEM);
	raw_spin_lock_init(&ch->lock);
	ch->closed = false;
	ch->elem_size = elem_size;
	ch->cap = cap;
	ch->len = 0;
	ch->head = 0;
	ch->recvs = 0;
	INIT_LIST_HEAD(&ch->recvq);
	INIT_LIST_HEAD(&ch->sendq);
	refcount_set(&ch->ref, 1);
	ch->shelf = keep ? shelf : 0;
	ch->name = name;
	ch->slow = cap && chp_elem_quick(elem_size) ? 0 : CHP_SLOW_SHAPE;
	ch->release = NULL;
	ch->owner = NULL;
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
	if (ch->release)
		ch->release(ch->owner);
	chp_live_dec(CHP_KIND_CHAN);
	if (!ch->shelf || !chp_cache_keep(ch, ch->shelf))
		kvfree(ch);
}
EXPORT_SYMBOL_CHP(chp_chan_put);

/* For what lives and goes with a channel that nobody else has seen yet. */
void chp_chan_set_owner(struct chp_chan *ch, void *owner,
			void (*release)(void *owner))
{
	ch->owner = owner;
	ch->release = release;
}

void *chp_chan_owner(const struct chp_chan *ch, void (*release)(void *owner))
{
	return ch && ch->release == release ? ch->owner : NULL;
}

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
 * Context: any, hard interrupts included; it takes longer the more wait.
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
		flags = chp_lock(&ch->lock);
		if (first && ch->closed) {
			chp_unlock(&ch->lock, flags);
			return -EPIPE;
		}
		first = false;
		/* Pairs with the acquire in chp_chan_drained(), and the barrier in chan_idle(). */
		smp_store_release(&ch->closed, true);
		/* Pairs with the first looks in the short ways. */
		WRITE_ONCE(ch->slow, ch->slow | CHP_SLOW_CLOSED);
		n = chan_close_some(ch, woken, CLOSE_BATCH);
		chp_chan_served(ch, &ch->recvq, CHP_SLOW_RECVQ);
		chp_chan_served(ch, &ch->sendq, CHP_SLOW_SENDQ);
		chp_unlock(&ch->lock, flags);
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
 * chp_chan_closed() - whether a channel was closed
 * @ch: a channel
 *
 * Context: any. True stays true; false may be old when the caller looks at it.
 */
bool chp_chan_closed(const struct chp_chan *ch)
{
	/* A lone word, written under the lock; nothing is ordered by it. */
	return READ_ONCE(ch->closed);
}
EXPORT_SYMBOL_CHP(chp_chan_closed);

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
