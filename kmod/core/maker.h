/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makers: tasks that make elements, and send each as soon as it is made.
 *
 * Such a task parks with an element, and when that is taken it runs, makes the
 * next, and parks again. To run it for that costs many times what most elements
 * do. So a task that takes the element makes the next one itself, in place of the
 * maker: it has claimed the wait of the maker, which therefore cannot run, nor
 * end; then it puts the maker back into the queue, and nobody has been woken.
 *
 * The same is made as ever, by one at a time, and no earlier: one element is in
 * hand. What is not the same is whose step it runs in. So that is done only for
 * tasks of the same share, whose time and memory are one, and so many times in
 * a row that others have their turn. Whatever is out of the ordinary (a close, the
 * end of the context, a receiver that waits, an end of what is made) is the
 * maker's own to deal with: it is woken.
 */
#ifndef CHP_CORE_MAKER_H
#define CHP_CORE_MAKER_H

#include <linux/compiler.h>
#include <linux/container_of.h>
#include <chanpat/group.h>
#include <chanpat/task.h>
#include "chan.h"
#include "task.h"
#include "wait.h"

/* Elements that are made so before the maker runs itself. */
#define CHP_MAKER_RUNS 64

/**
 * struct chp_maker - what makes the elements that a task sends
 * @make: the last element was taken; false when there is no next one where it
 *	was, and the task has to see to that
 * @runs: of @make in a row
 * @has: there is a next one, and it could not be left in the queue: the task, that
 *	was told that it was sent, has to send it
 *
 * All belongs to who may run the task, or has claimed its wait.
 */
struct chp_maker {
	bool (*make)(struct chp_maker *maker);
	unsigned int runs;
	bool has;
};

/* Before a send: a sender has no other use for that part of its place. */
static __always_inline void chp_maker_begin(struct chp_maker *maker,
					    struct chp_task *task)
{
	task->flags |= CHP_TASK_MAKES;
	task->waiter.tag = maker;
}

/* In the run after that, or when it has not parked. */
static __always_inline void chp_maker_end(struct chp_maker *maker,
					  struct chp_task *task)
{
	task->flags &= ~CHP_TASK_MAKES;
	maker->runs = 0;
}

/*
 * Under the lock. The first sender, if it is one for which @task may make the next
 * element; claimed, and in its place all the same: mostly it stays there. As long
 * as it is in the queue and the lock is held, its task does not run on.
 */
static __always_inline struct chp_waiter *
chp_maker_claim(struct chp_chan *ch, const struct chp_task *task)
{
	const struct chp_task *sender;
	struct chp_waiter *peer;

	peer = list_first_entry_or_null(&ch->sendq, struct chp_waiter, node);
	if (!peer || peer->wait->thread)
		return NULL;
	sender = container_of(peer->wait, struct chp_task, wait);
	if (!(sender->flags & CHP_TASK_MAKES) ||
	    sender->group->share != task->group->share ||
	    !chp_wait_claim(peer->wait))
		return NULL;
	return peer;
}

void chp_maker_announce(struct chp_chan *ch);
void chp_maker_run(struct chp_chan *ch, struct chp_waiter *peer);

#endif
