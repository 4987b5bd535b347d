/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The short ways of sending and receiving.
 *
 * Most find a place or an element in the buffer and nobody to wake, or exactly one
 * who waits for them, or nobody and have to wait themselves. For these there is a
 * way without a call and without a frame on the stack. It changes nothing where it
 * does not do the whole; then the long way, in transfer.h, looks at everything
 * again.
 */
#ifndef CHP_CORE_SHORT_H
#define CHP_CORE_SHORT_H

#include <linux/compiler.h>
#include <linux/list.h>
#include "chan.h"
#include "lock.h"
#include "ring.h"
#include "transfer.h"

/*
 * True when the element is in the buffer. The first look, without the lock, only
 * keeps those away who would take it in vain.
 */
static __always_inline bool chp_short_send(struct chp_chan *ch,
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
static __always_inline bool chp_short_recv_unless(struct chp_chan *ch, void *elem,
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

static __always_inline bool chp_short_recv(struct chp_chan *ch, void *elem,
					   u64 *ticket)
{
	return chp_short_recv_unless(ch, elem, ticket, CHP_SLOW_RECV);
}

/*
 * The short way for who meets a peer: a receiver waits, as it seems. It is served,
 * and the caller wakes it; or NULL, and nothing was changed.
 */
static __always_inline struct chp_waiter *chp_short_serve_recv(struct chp_chan *ch,
							       const void *elem)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;

	if (!chp_elem_quick(ch->elem_size) || !chp_trylock(&ch->lock, &flags))
		return NULL;
	if (likely(!ch->closed))
		peer = chp_chan_claim_recv(ch);
	if (likely(peer)) {
		peer->ticket = ch->recvs;
		chp_ring_pass_quick(ch, peer->elem, elem);
	}
	chp_unlock(&ch->lock, flags);
	return peer;
}

/* Likewise: a sender waits, as it seems. */
static __always_inline struct chp_waiter *
chp_short_serve_send(struct chp_chan *ch, void *elem, u64 *ticket)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;

	if (!chp_elem_quick(ch->elem_size) || !chp_trylock(&ch->lock, &flags))
		return NULL;
	if (likely(!ch->closed && !ch->len))
		peer = chp_chan_claim_send(ch);
	if (likely(peer)) {
		if (ticket)
			*ticket = ch->recvs;
		chp_ring_pass_quick(ch, elem, peer->elem);
	}
	chp_unlock(&ch->lock, flags);
	return peer;
}

/*
 * The short way for who meets nobody, as it seems: true when @waiter stands in the
 * queue.
 */
static __always_inline bool chp_short_park_send(struct chp_chan *ch,
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
	chp_chan_queue_send(ch, elem, waiter);
	chp_unlock(&ch->lock, flags);
	return true;
}

static __always_inline bool chp_short_park_recv(struct chp_chan *ch, void *elem,
						struct chp_waiter *waiter)
{
	unsigned long flags;

	if (!chp_trylock(&ch->lock, &flags))
		return false;
	if (unlikely(ch->closed || ch->len || !list_empty(&ch->sendq))) {
		chp_unlock(&ch->lock, flags);
		return false;
	}
	chp_chan_queue_recv(ch, elem, waiter);
	chp_unlock(&ch->lock, flags);
	return true;
}

#endif
