// SPDX-License-Identifier: GPL-2.0
/*
 * Sending and receiving in tasks, which park where threads sleep. One that would
 * have to wait has its place in the queue after one look under the lock.
 */
#include <chanpat/task.h>
#include "../compat.h"
#include "chan.h"
#include "ctx.h"
#include "lock.h"
#include "maker.h"
#include "short.h"
#include "task.h"
#include "transfer.h"
#include "wait.h"

static noinline int chan_task_send(struct chp_task *task, struct chp_chan *ch,
				   const void *elem)
{
	int err = chp_transfer_send(ch, elem, &task->waiter);

	if (err == -EINPROGRESS)
		return chp_task_park_queued(task);
	return chp_ctx_wins(task->wait.ctx, err);
}

static noinline int chan_task_recv(struct chp_task *task, struct chp_chan *ch,
				   void *elem)
{
	int err = chp_transfer_recv(ch, elem, &task->waiter.ticket, &task->waiter);

	if (err == -EINPROGRESS)
		return chp_task_park_queued(task);
	return chp_ctx_wins(task->wait.ctx, err);
}

static noinline int chan_task_send_serve(struct chp_task *task,
					 struct chp_chan *ch, const void *elem)
{
	struct chp_waiter *peer = chp_short_serve_recv(ch, elem);

	if (unlikely(!peer))
		return chan_task_send(task, ch, elem);
	chp_transfer_wake(peer);
	return 0;
}

/* True when the sender is a maker, whose next element was made then. */
static bool chan_task_recv_made(struct chp_task *task, struct chp_chan *ch,
				void *elem)
{
	struct chp_waiter *maker = NULL;
	unsigned long flags;

	if (!chp_elem_quick(ch->elem_size) || !chp_trylock(&ch->lock, &flags))
		return false;
	if (likely(!ch->closed && !ch->len))
		maker = chp_maker_claim(ch, task);
	if (likely(maker)) {
		task->waiter.ticket = ch->recvs;
		chp_ring_pass_quick(ch, elem, maker->elem);
	}
	chp_unlock(&ch->lock, flags);
	if (unlikely(!maker))
		return false;
	chp_maker_run(ch, maker);
	return true;
}

static noinline int chan_task_recv_serve(struct chp_task *task,
					 struct chp_chan *ch, void *elem)
{
	struct chp_waiter *peer;

	if (READ_ONCE(ch->slow) & CHP_SLOW_MAKER &&
	    chan_task_recv_made(task, ch, elem))
		return 0;
	peer = chp_short_serve_send(ch, elem, &task->waiter.ticket);
	if (unlikely(!peer))
		return chan_task_recv(task, ch, elem);
	chp_transfer_wake(peer);
	return 0;
}

static noinline int chan_task_send_park(struct chp_task *task,
					struct chp_chan *ch, const void *elem)
{
	if (unlikely(!chp_short_park_send(ch, elem, &task->waiter)))
		return chan_task_send(task, ch, elem);
	return chp_task_park_queued(task);
}

static noinline int chan_task_recv_park(struct chp_task *task,
					struct chp_chan *ch, void *elem)
{
	if (unlikely(!chp_short_park_recv(ch, elem, &task->waiter)))
		return chan_task_recv(task, ch, elem);
	return chp_task_park_queued(task);
}

/**
 * chp_task_send() - send an element from a task
 * @task: the task whose step is running
 * @ch: a channel, or NULL for one that is never ready
 * @elem: copied; must stay valid until the task runs again
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked: its step returns that, and in
 * its next run chp_task_result() is the result; otherwise as chp_send().
 */
int chp_task_send(struct chp_task *task, struct chp_chan *ch, const void *elem)
{
	int err = chp_ctx_look(task->wait.ctx);

	if (unlikely(err))
		return err;
	if (!ch)
		return chp_task_park(task);
	if (chp_short_send(ch, elem))
		return 0;
	if (list_empty(&ch->recvq))
		return chan_task_send_park(task, ch, elem);
	return chan_task_send_serve(task, ch, elem);
}
EXPORT_SYMBOL_CHP(chp_task_send);

/**
 * chp_task_recv() - receive an element in a task
 * @task: the task whose step is running
 * @ch: a channel, or NULL for one that is never ready
 * @elem: where to copy it; must stay valid until the task runs again
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked: its step returns that, and in
 * its next run chp_task_result() is the result; otherwise as chp_recv().
 */
int chp_task_recv(struct chp_task *task, struct chp_chan *ch, void *elem)
{
	int err = chp_ctx_look(task->wait.ctx);

	if (unlikely(err))
		return err;
	if (!ch)
		return chp_task_park(task);
	if (chp_short_recv(ch, elem, &task->waiter.ticket))
		return 0;
	if (list_empty(&ch->sendq))
		return chan_task_recv_park(task, ch, elem);
	if (READ_ONCE(ch->len))
		return chan_task_recv(task, ch, elem);
	return chan_task_recv_serve(task, ch, elem);
}
EXPORT_SYMBOL_CHP(chp_task_recv);
