// SPDX-License-Identifier: GPL-2.0
/* Going on in the order of tickets; see turns.h. */
#include <linux/errno.h>
#include "../core/wait.h"
#include "turns.h"

void chp_turns_init(struct chp_turns *turns)
{
	raw_spin_lock_init(&turns->lock);
	turns->next = 0;
	turns->closed = false;
	turns->waiting = RB_ROOT_CACHED;
}

static bool turn_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct chp_turn, node)->ticket <
	       rb_entry(b, struct chp_turn, node)->ticket;
}

/*
 * Returns 0 when it is the turn of @ticket, -EPIPE when it never comes, and
 * -EINPROGRESS when @wait has been started: its owner then parks or sleeps, the
 * result is one of the two others, and if the wait was ended otherwise it calls
 * chp_turns_leave().
 */
int chp_turns_wait(struct chp_turns *turns, struct chp_turn *turn, u64 ticket,
		   struct chp_wait *wait)
{
	unsigned long flags;
	int err = 0;

	RB_CLEAR_NODE(&turn->node);
	turn->ticket = ticket;
	turn->wait = wait;
	raw_spin_lock_irqsave(&turns->lock, flags);
	if (turns->closed) {
		err = -EPIPE;
	} else if (turns->next != ticket) {
		rb_add_cached(&turn->node, &turns->waiting, turn_before);
		chp_wait_begin(wait);
		err = -EINPROGRESS;
	}
	raw_spin_unlock_irqrestore(&turns->lock, flags);
	return err;
}

/* Under the lock. */
static void turns_remove(struct chp_turns *turns, struct chp_turn *turn)
{
	rb_erase_cached(&turn->node, &turns->waiting);
	RB_CLEAR_NODE(&turn->node);
}

/* For the owner of a wait that was ended otherwise. */
void chp_turns_leave(struct chp_turns *turns, struct chp_turn *turn)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&turns->lock, flags);
	if (!RB_EMPTY_NODE(&turn->node))
		turns_remove(turns, turn);
	raw_spin_unlock_irqrestore(&turns->lock, flags);
}

/* Under the lock: the first who waits, out of the tree. */
static struct chp_turn *turns_first(struct chp_turns *turns)
{
	struct rb_node *node = rb_first_cached(&turns->waiting);

	return node ? rb_entry(node, struct chp_turn, node) : NULL;
}

/* The one whose turn it was has done what is to be done in order. */
void chp_turns_advance(struct chp_turns *turns)
{
	struct chp_wait *wait = NULL;
	struct chp_turn *turn;
	unsigned long flags;

	raw_spin_lock_irqsave(&turns->lock, flags);
	turns->next++;
	turn = turns_first(turns);
	if (turn && turn->ticket == turns->next) {
		turns_remove(turns, turn);
		if (chp_wait_claim(turn->wait))
			wait = turn->wait;
	}
	raw_spin_unlock_irqrestore(&turns->lock, flags);
	if (wait)
		chp_wait_complete(wait, 0, NULL);
}

/* All who wait, and all who come, get -EPIPE. */
void chp_turns_close(struct chp_turns *turns)
{
	struct chp_wait *wait;
	struct chp_turn *turn;
	unsigned long flags;

	do {
		wait = NULL;
		raw_spin_lock_irqsave(&turns->lock, flags);
		turns->closed = true;
		turn = turns_first(turns);
		if (turn) {
			turns_remove(turns, turn);
			if (chp_wait_claim(turn->wait))
				wait = turn->wait;
		}
		raw_spin_unlock_irqrestore(&turns->lock, flags);
		if (wait)
			chp_wait_complete(wait, -EPIPE, NULL);
	} while (turn);
}
