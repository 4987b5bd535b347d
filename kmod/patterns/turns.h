/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Turns: lets any number of tasks and threads go on in the order of their
 * tickets, however many there are and whenever they come.
 *
 * Every ticket is somebody's, who takes it to chp_turns_wait() sooner or later
 * and then calls chp_turns_advance(). Who waits stands in a tree, so that the
 * next one is found in the time that it takes to find the lowest.
 */
#ifndef CHP_PATTERNS_TURNS_H
#define CHP_PATTERNS_TURNS_H

#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct chp_wait;

/**
 * struct chp_turns - whose turn it is
 * @lock: protects all that follows
 * @next: the ticket whose turn it is
 * @closed: nobody's turn comes any more
 * @waiting: struct chp_turn by ticket; an entry may be stale when its wait was
 *	ended otherwise, until its owner leaves
 */
struct chp_turns {
	raw_spinlock_t lock;
	u64 next;
	bool closed;
	struct rb_root_cached waiting;
};

/**
 * struct chp_turn - one who waits
 * @node: in the tree, under its lock; empty when it stands nowhere
 * @ticket: its place in the order
 * @wait: what is ended when its turn comes
 */
struct chp_turn {
	struct rb_node node;
	u64 ticket;
	struct chp_wait *wait;
};

void chp_turns_init(struct chp_turns *turns);
int chp_turns_wait(struct chp_turns *turns, struct chp_turn *turn, u64 ticket,
		   struct chp_wait *wait);
void chp_turns_leave(struct chp_turns *turns, struct chp_turn *turn);
void chp_turns_advance(struct chp_turns *turns);
void chp_turns_close(struct chp_turns *turns);

#endif
