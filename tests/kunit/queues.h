/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who stands in the queues of a channel: for tests that wait until somebody
 * that they cannot see, such as a task inside of a pattern, is blocked there.
 */
#ifndef CHP_KUNIT_QUEUES_H
#define CHP_KUNIT_QUEUES_H

#include <linux/list.h>
#include "../../kmod/core/chan.h"

static inline unsigned int chp_test_queue(struct chp_chan *ch,
					  const struct list_head *queue)
{
	const struct list_head *node;
	unsigned long flags;
	unsigned int n = 0;

	raw_spin_lock_irqsave(&ch->lock, flags);
	list_for_each(node, queue)
		n++;
	raw_spin_unlock_irqrestore(&ch->lock, flags);
	return n;
}

static inline unsigned int chp_test_senders(struct chp_chan *ch)
{
	return chp_test_queue(ch, &ch->sendq);
}

static inline unsigned int chp_test_receivers(struct chp_chan *ch)
{
	return chp_test_queue(ch, &ch->recvq);
}

/* Without sending or receiving anything. */
static inline bool chp_test_closed(struct chp_chan *ch)
{
	/* Pairs with the release in chp_close(). */
	return smp_load_acquire(&ch->closed);
}

#endif
