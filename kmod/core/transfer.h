/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a send and a receive do once it is decided that they may, under the
 * channel's lock: with a peer that was claimed, or through the ring.
 */
#ifndef CHP_CORE_TRANSFER_H
#define CHP_CORE_TRANSFER_H

#include <linux/errno.h>
#include <linux/string.h>
#include <chanpat/wait.h>
#include "chan.h"
#include "ctx.h"
#include "hook.h"
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

#endif
