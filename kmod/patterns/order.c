// SPDX-License-Identifier: GPL-2.0
/* Sending in the order of receiving; see order.h. */
#include <linux/math64.h>
#include <linux/slab.h>
#include "../core/wait.h"
#include "order.h"
#include "stage.h"

struct chp_order *chp_order_alloc(u32 workers)
{
	struct chp_order *order;

	order = kvzalloc(struct_size(order, slots, workers), GFP_KERNEL_ACCOUNT);
	if (!order)
		return NULL;
	raw_spin_lock_init(&order->lock);
	order->size = workers;
	return order;
}

static struct chp_worker **order_slot(struct chp_order *order, u64 ticket)
{
	u32 index;

	div_u64_rem(ticket, order->size, &index);
	return &order->slots[index];
}

/*
 * Returns 0 when it is the worker's turn, -EPIPE when nothing is sent any
 * more, and -EINPROGRESS when the worker's wait has been started: it then
 * parks or sleeps, and the result is one of the two others.
 */
int chp_order_wait(struct chp_order *order, struct chp_worker *worker)
{
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&order->lock, flags);
	if (order->closed) {
		err = -EPIPE;
	} else if (order->turn == worker->seq) {
		err = 0;
	} else {
		*order_slot(order, worker->seq) = worker;
		chp_wait_begin(&worker->task.wait);
		err = -EINPROGRESS;
	}
	raw_spin_unlock_irqrestore(&order->lock, flags);
	return err;
}

/* The worker whose turn it was has sent or dropped its element. */
void chp_order_advance(struct chp_order *order)
{
	struct chp_worker **slot, *worker;
	unsigned long flags;

	raw_spin_lock_irqsave(&order->lock, flags);
	order->turn++;
	slot = order_slot(order, order->turn);
	worker = *slot;
	*slot = NULL;
	if (worker && !chp_wait_claim(&worker->task.wait))
		worker = NULL;
	raw_spin_unlock_irqrestore(&order->lock, flags);
	if (worker)
		chp_wait_complete(&worker->task.wait, 0, NULL);
}

static struct chp_worker *order_claim_any(struct chp_order *order)
{
	struct chp_worker *worker;
	u32 i;

	for (i = 0; i < order->size; i++) {
		worker = order->slots[i];
		order->slots[i] = NULL;
		if (worker && chp_wait_claim(&worker->task.wait))
			return worker;
	}
	return NULL;
}

/* All who wait, and all who come, get -EPIPE. */
void chp_order_close(struct chp_order *order)
{
	struct chp_worker *worker;
	unsigned long flags;

	do {
		raw_spin_lock_irqsave(&order->lock, flags);
		order->closed = true;
		worker = order_claim_any(order);
		raw_spin_unlock_irqrestore(&order->lock, flags);
		if (worker)
			chp_wait_complete(&worker->task.wait, -EPIPE, NULL);
	} while (worker);
}
