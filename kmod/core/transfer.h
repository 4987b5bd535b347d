/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a send and a receive do, decided under the channel's lock: with a peer that
 * is claimed, through the ring, or by entering the queue.
 */
#ifndef CHP_CORE_TRANSFER_H
#define CHP_CORE_TRANSFER_H

#include <linux/errno.h>
#include <linux/string.h>
#include <chanpat/wait.h>
#include "chan.h"
#include "ctx.h"
#include "hook.h"
#include "lock.h"
#include "ring.h"
#include "task.h"
#include "wait.h"

int chp_transfer_zero(const struct chp_chan *ch, void *elem);

/* What is received from a channel that is closed and empty. */
static __always_inline int chp_transfer_none(const struct chp_chan *ch,
					     void *elem)
{
	if (!elem || !ch->elem_size)
		return -EPIPE;
	if (likely(ch->elem_size == sizeof(u64))) {
		memset(elem, 0, sizeof(u64));
		return -EPIPE;
	}
	return chp_transfer_zero(ch, elem);
}

/* @peer is a receiver that was claimed, or NULL. -EAGAIN: nowhere to go. */
static __always_inline int chp_transfer_in(struct chp_chan *ch,
					   const void *elem,
					   struct chp_waiter *peer)
{
	if (peer) {
		peer->ticket = ch->recvs;
		chp_ring_pass(ch, peer->elem, elem);
		return 0;
	}
	if (ch->len == ch->cap)
		return -EAGAIN;
	chp_ring_push(ch, elem);
	return 0;
}

/*
 * The mirror image. @peer's element goes to the end of the ring, whose first
 * one leaves; without a ring it is handed over directly.
 */
static __always_inline int chp_transfer_out(struct chp_chan *ch, void *elem,
					    u64 *ticket,
					    struct chp_waiter *peer)
{
	if (!ch->len && !peer)
		return ch->closed ? chp_transfer_none(ch, elem) : -EAGAIN;
	*ticket = ch->recvs;
	if (!peer)
		chp_ring_pop(ch, elem);
	else if (ch->len)
		chp_ring_rotate(ch, elem, peer->elem);
	else
		chp_ring_pass(ch, elem, peer->elem);
	return 0;
}

/* After the lock was dropped, for the peer that was served, if any. */
static __always_inline void chp_transfer_wake(struct chp_waiter *peer)
{
	if (!peer)
		return;
	chp_window(CHP_CLAIMED, peer->wait);
	if (peer->wait->thread)
		chp_wait_complete_thread(peer->wait, 0, peer);
	else
		chp_task_complete(peer->wait, 0, peer);
}

/* The first receiver that can be served. */
static __always_inline struct chp_waiter *chp_chan_claim_recv(struct chp_chan *ch)
{
	struct chp_waiter *peer = chp_waiter_claim(&ch->recvq);

	chp_chan_served(ch, &ch->recvq, CHP_SLOW_RECVQ);
	return peer;
}

static __always_inline struct chp_waiter *chp_chan_claim_send(struct chp_chan *ch)
{
	struct chp_waiter *peer = chp_waiter_claim(&ch->sendq);

	chp_chan_served(ch, &ch->sendq, CHP_SLOW_SENDQ);
	return peer;
}

static __always_inline void chp_chan_queue_send(struct chp_chan *ch,
						const void *elem,
						struct chp_waiter *waiter)
{
	waiter->elem = (void *)elem;
	chp_chan_waited(ch, CHP_SLOW_SENDQ);
	chp_waiter_queue(waiter, &ch->sendq, &ch->lock);
}

static __always_inline void chp_chan_queue_recv(struct chp_chan *ch, void *elem,
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
chp_transfer_send_locked(struct chp_chan *ch, const void *elem,
			 struct chp_waiter *waiter, struct chp_waiter **peer)
{
	int err;

	if (ch->closed)
		return -EPIPE;
	*peer = chp_chan_claim_recv(ch);
	err = chp_transfer_in(ch, elem, *peer);
	if (err != -EAGAIN || !waiter)
		return err;
	chp_chan_queue_send(ch, elem, waiter);
	return -EINPROGRESS;
}

static __always_inline int
chp_transfer_recv_locked(struct chp_chan *ch, void *elem, u64 *ticket,
			 struct chp_waiter *waiter, struct chp_waiter **peer)
{
	int err;

	if (!ch->closed)
		*peer = chp_chan_claim_send(ch);
	err = chp_transfer_out(ch, elem, ticket, *peer);
	if (err != -EAGAIN || !waiter)
		return err;
	chp_chan_queue_recv(ch, elem, waiter);
	return -EINPROGRESS;
}

static __always_inline int chp_transfer_send(struct chp_chan *ch, const void *elem,
					     struct chp_waiter *waiter)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;
	int err;

	flags = chp_lock(&ch->lock);
	err = chp_transfer_send_locked(ch, elem, waiter, &peer);
	chp_unlock(&ch->lock, flags);
	chp_transfer_wake(peer);
	return err;
}

static __always_inline int chp_transfer_recv(struct chp_chan *ch, void *elem,
					     u64 *ticket, struct chp_waiter *waiter)
{
	struct chp_waiter *peer = NULL;
	unsigned long flags;
	int err;

	flags = chp_lock(&ch->lock);
	err = chp_transfer_recv_locked(ch, elem, ticket, waiter, &peer);
	chp_unlock(&ch->lock, flags);
	chp_transfer_wake(peer);
	return err;
}

#endif
