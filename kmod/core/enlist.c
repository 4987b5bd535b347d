// SPDX-License-Identifier: GPL-2.0
/*
 * The cases of a select that has to wait, one for each call: each is done now,
 * when that is possible, or enters the queue of its channel. The protocol for
 * two selects that find each other is in wait.h.
 */
#include <linux/err.h>
#include <linux/list.h>
#include "chan.h"
#include "hook.h"
#include "lock.h"
#include "transfer.h"
#include "wait.h"

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
					   chp_transfer_in(ch, waiter->elem, *peer);
		if (err != -EAGAIN)
			return chan_decided(wait, err);
		chp_wait_fall_back(wait);
	}
	chp_chan_waited(ch, CHP_SLOW_SENDQ);
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
			err = chp_transfer_out(ch, waiter->elem,
					       &waiter->ticket, *peer);
		if (err != -EAGAIN)
			return chan_decided(wait, err);
		chp_wait_fall_back(wait);
	}
	chp_chan_waited(ch, CHP_SLOW_RECVQ);
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
	chp_transfer_wake(peer);
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
	chp_transfer_wake(peer);
	return err;
}
