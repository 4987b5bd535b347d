// SPDX-License-Identifier: GPL-2.0
/* Makers; see maker.h. */
#include "chan.h"
#include "ctx.h"
#include "hook.h"
#include "lock.h"
#include "maker.h"
#include "transfer.h"
#include "wait.h"

/* Some who send to @ch are makers. */
void chp_maker_announce(struct chp_chan *ch)
{
	unsigned long flags = chp_lock(&ch->lock);

	/* Who does not see it yet wakes the maker. */
	WRITE_ONCE(ch->slow, ch->slow | CHP_SLOW_MAKER);
	chp_unlock(&ch->lock, flags);
}

/*
 * Under the lock. The wait of the maker, that is in the queue, can be claimed by
 * anybody from here on. As in chp_task_park_queued() one of two sees the other:
 * who ends the context sees the wait, or we see the end. Even when it is claimed,
 * its owner does not get past its place in the queue, that it leaves under the
 * lock: so its context is still there.
 *
 * Returns the error of the context when the wait is ours once more.
 */
static int maker_wait(struct chp_waiter *peer)
{
	struct chp_wait *wait = peer->wait;
	int err;

	chp_wait_begin(wait);
	/* Pairs with the barrier in ctx_end(). */
	smp_mb();
	err = chp_ctx_look(wait->ctx);
	return unlikely(err) && chp_wait_claim(wait) ? err : 0;
}

/*
 * Under the lock: its place is behind those who came meanwhile. It has left the
 * queue if others have looked for somebody to serve.
 */
static void maker_to_tail(struct chp_chan *ch, struct chp_waiter *peer)
{
	list_move_tail(&peer->node, &ch->sendq);
	chp_chan_waited(ch, CHP_SLOW_SENDQ);
}

static void maker_unlink(struct chp_chan *ch, struct chp_waiter *peer)
{
	list_del_init(&peer->node);
	chp_chan_served(ch, &ch->sendq, CHP_SLOW_SENDQ);
}

/*
 * 0, and the maker is out of our hands. Else it is out of the queue, and to be
 * woken: -EAGAIN when it has to send by itself, or what its wait has come to.
 */
static int maker_put_back(struct chp_chan *ch, struct chp_waiter *peer)
{
	unsigned long flags;
	int err = -EAGAIN;

	flags = chp_lock(&ch->lock);
	if (likely(!ch->closed && list_empty(&ch->recvq))) {
		if (unlikely(!list_is_last(&peer->node, &ch->sendq)))
			maker_to_tail(ch, peer);
		err = maker_wait(peer);
	}
	if (unlikely(err))
		maker_unlink(ch, peer);
	chp_unlock(&ch->lock, flags);
	return err;
}

static void maker_take_out(struct chp_chan *ch, struct chp_waiter *peer)
{
	unsigned long flags = chp_lock(&ch->lock);

	maker_unlink(ch, peer);
	chp_unlock(&ch->lock, flags);
}

/*
 * @peer was claimed in its place in the queue, and served. Its task makes the next
 * element, or is woken.
 */
void chp_maker_run(struct chp_chan *ch, struct chp_waiter *peer)
{
	struct chp_maker *maker = (void *)peer->tag;
	int err = 0;

	chp_window(CHP_CLAIMED, peer->wait);
	if (maker->runs++ < CHP_MAKER_RUNS && maker->make(maker)) {
		err = maker_put_back(ch, peer);
		if (!err)
			return;
		maker->has = err == -EAGAIN;
		if (maker->has)
			err = 0;
	} else {
		maker_take_out(ch, peer);
	}
	chp_task_complete(peer->wait, err, peer);
}
