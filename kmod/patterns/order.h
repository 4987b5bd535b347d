/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Order: lets the workers of a stage send in the order in which they received.
 *
 * Every element has a ticket, its number among those received. A worker waits
 * until all elements with lower tickets have been sent or dropped. Each of
 * those is in the hands of another worker, so the tickets that are out are
 * never further apart than there are workers, and a ring of as many slots
 * holds all who wait.
 */
#ifndef CHP_PATTERNS_ORDER_H
#define CHP_PATTERNS_ORDER_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct chp_worker;

/**
 * struct chp_order - whose turn it is
 * @lock: protects all that follows
 * @turn: the ticket that may be sent next
 * @closed: nothing is sent any more
 * @size: of @slots, the number of workers
 * @slots: who waits with ticket t is at t % @size; an entry may be stale when
 *	its worker's wait was ended otherwise, but workers live as long as this
 */
struct chp_order {
	raw_spinlock_t lock;
	u64 turn;
	bool closed;
	u32 size;
	struct chp_worker *slots[];
};

struct chp_order *chp_order_alloc(u32 workers);
int chp_order_wait(struct chp_order *order, struct chp_worker *worker);
void chp_order_advance(struct chp_order *order);
void chp_order_close(struct chp_order *order);

#endif
