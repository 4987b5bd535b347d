// SPDX-License-Identifier: GPL-2.0
/*
 * Bounded buffers with marks.
 *
 * A place is a token. Tokens wait in a channel, @room, for producers; a producer
 * that has one owns a place until a consumer gives it back. While the buffer is
 * paused, tokens that come back are kept, and go to @room together at the low
 * mark. Of @high tokens each is in @room, counted in @used, or counted in @kept;
 * or with somebody who is about to count it.
 */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <chanpat/buffer.h>
#include <chanpat/chan.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "../core/ctx.h"
#include "../core/live.h"
#include "../core/task.h"

/**
 * struct chp_buffer - see include/chanpat/buffer.h
 * @config: as it was made
 * @items: of elements; has room for all who own a place
 * @room: of tokens, which are elements of no size
 * @lock: protects all that follows, but for a lockless look at @err
 * @used: places that are owned
 * @kept: tokens that have come back while it is paused
 * @most: highest value of @used
 * @paused: between the high and the low mark, on the way down
 * @pauses: how often
 * @producers: that have joined and not left
 * @err: of the first producer that has left with one
 * @scratch: room for an element, for chp_buffer_free()
 */
struct chp_buffer {
	struct chp_buffer_config config;
	struct chp_chan *items;
	struct chp_chan *room;
	raw_spinlock_t lock;
	unsigned int used;
	unsigned int kept;
	unsigned int most;
	bool paused;
	u64 pauses;
	unsigned int producers;
	int err;
	u8 scratch[] __aligned(8);
};

/* There is room for all tokens; when it is closed they are of no use. */
static void buffer_give(struct chp_buffer *buf, unsigned int tokens)
{
	while (tokens--)
		chp_try_send(buf->room, buf);
}

static int buffer_make_chans(struct chp_buffer *buf)
{
	const struct chp_buffer_config *config = &buf->config;

	buf->items = chp_chan_alloc(config->elem_size, config->high,
				    config->name);
	if (IS_ERR(buf->items))
		return PTR_ERR(buf->items);
	buf->room = chp_chan_alloc(0, config->high, config->name);
	if (IS_ERR(buf->room)) {
		chp_chan_put(buf->items);
		return PTR_ERR(buf->room);
	}
	return 0;
}

/**
 * chp_buffer_alloc() - make a buffer
 * @config: copied
 *
 * Context: may sleep.
 * Return: an empty buffer; ERR_PTR(-EINVAL) for sizes beyond the limits, or a low
 * mark that is not below the high one; ERR_PTR(-ENOMEM).
 */
struct chp_buffer *chp_buffer_alloc(const struct chp_buffer_config *config)
{
	struct chp_buffer *buf;
	int err;

	if (!config->high || config->low >= config->high ||
	    config->elem_size > CHP_ELEM_MAX)
		return ERR_PTR(-EINVAL);
	buf = kzalloc(struct_size(buf, scratch, config->elem_size),
		      GFP_KERNEL_ACCOUNT);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	buf->config = *config;
	raw_spin_lock_init(&buf->lock);
	err = buffer_make_chans(buf);
	if (err) {
		kfree(buf);
		return ERR_PTR(err);
	}
	buffer_give(buf, config->high);
	chp_live_inc(CHP_KIND_BUFFER);
	return buf;
}
EXPORT_SYMBOL_CHP(chp_buffer_alloc);

static void buffer_drain(struct chp_buffer *buf)
{
	if (!buf->config.drop)
		return;
	while (!chp_try_recv(buf->items, buf->scratch))
		buf->config.drop(buf->scratch);
}

/**
 * chp_buffer_free() - let go of a buffer, and of what is left in it
 * @buf: that nobody uses any more; or NULL
 *
 * Context: may sleep.
 */
void chp_buffer_free(struct chp_buffer *buf)
{
	if (!buf)
		return;
	buffer_drain(buf);
	chp_chan_put(buf->items);
	chp_chan_put(buf->room);
	kfree(buf);
	chp_live_dec(CHP_KIND_BUFFER);
}
EXPORT_SYMBOL_CHP(chp_buffer_free);

/**
 * chp_buffer_close() - let no more elements in
 * @buf: a buffer
 *
 * Producers that wait are told -EPIPE. What is in the buffer can still be
 * received. Once is enough, more often does no harm.
 *
 * Context: any, hard interrupts included; it takes longer the more wait.
 */
void chp_buffer_close(struct chp_buffer *buf)
{
	chp_close(buf->items);
	chp_close(buf->room);
}
EXPORT_SYMBOL_CHP(chp_buffer_close);

/**
 * chp_buffer_join() - there is one more producer
 * @buf: a buffer; all that are to come at the beginning join before one leaves
 *
 * Context: any.
 */
void chp_buffer_join(struct chp_buffer *buf)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&buf->lock, flags);
	buf->producers++;
	raw_spin_unlock_irqrestore(&buf->lock, flags);
}
EXPORT_SYMBOL_CHP(chp_buffer_join);

/**
 * chp_buffer_leave() - a producer has ended
 * @buf: a buffer that it has joined; the last one that leaves closes it
 * @err: why, or 0; see chp_buffer_err()
 *
 * Context: any, hard interrupts included.
 */
void chp_buffer_leave(struct chp_buffer *buf, int err)
{
	unsigned long flags;
	bool last;

	raw_spin_lock_irqsave(&buf->lock, flags);
	if (!buf->err)
		WRITE_ONCE(buf->err, err);
	last = !WARN_ON_ONCE(!buf->producers) && !--buf->producers;
	raw_spin_unlock_irqrestore(&buf->lock, flags);
	if (last)
		chp_buffer_close(buf);
}
EXPORT_SYMBOL_CHP(chp_buffer_leave);

/**
 * chp_buffer_err() - whether a producer has failed
 * @buf: a buffer
 *
 * Who has received -EPIPE because the last producer left sees the errors of all.
 *
 * Context: any.
 * Return: the error of the first that left with one, or 0.
 */
int chp_buffer_err(const struct chp_buffer *buf)
{
	/* Written once, before the close that orders it. */
	return READ_ONCE(buf->err);
}
EXPORT_SYMBOL_CHP(chp_buffer_err);

/* A token was taken. With the last place the buffer is paused. */
static void buffer_count(struct chp_buffer *buf)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&buf->lock, flags);
	buf->used++;
	buf->most = max(buf->most, buf->used);
	if (buf->used == buf->config.high) {
		buf->paused = true;
		buf->pauses++;
	}
	raw_spin_unlock_irqrestore(&buf->lock, flags);
}

/**
 * chp_buffer_release() - give back the place of an element that was received
 * @buf: from whose chp_buffer_chan() it was received
 *
 * Context: any, hard interrupts included; at the low mark it wakes those who wait.
 */
void chp_buffer_release(struct chp_buffer *buf)
{
	unsigned int tokens = 1;
	unsigned long flags;

	raw_spin_lock_irqsave(&buf->lock, flags);
	buf->used--;
	if (buf->paused) {
		tokens = 0;
		buf->kept++;
		if (buf->used <= buf->config.low) {
			buf->paused = false;
			swap(tokens, buf->kept);
		}
	}
	raw_spin_unlock_irqrestore(&buf->lock, flags);
	buffer_give(buf, tokens);
}
EXPORT_SYMBOL_CHP(chp_buffer_release);

/**
 * chp_buffer_reserve() - wait for a place in the buffer
 * @ctx: whose end ends the wait; may be NULL
 * @buf: a buffer
 *
 * Context: may sleep.
 * Return: 0, then the caller owns a place and calls chp_buffer_commit(); -EPIPE
 * when @buf is closed; -ECANCELED, -ETIME or -ERESTARTSYS as chp_recv().
 */
int chp_buffer_reserve(struct chp_ctx *ctx, struct chp_buffer *buf)
{
	int err = chp_recv(ctx, buf->room, NULL);

	if (!err)
		buffer_count(buf);
	return err;
}
EXPORT_SYMBOL_CHP(chp_buffer_reserve);

static void task_reserved(struct chp_task *task)
{
	struct chp_buffer *buf = task->waiter.elem;

	chp_task_leave(task);
	task->wait.result = chp_ctx_wins(task->wait.ctx, task->wait.result);
	if (!task->wait.result)
		buffer_count(buf);
}

/**
 * chp_task_buffer_reserve() - wait for a place in the buffer, in a task
 * @task: the task whose step is running
 * @buf: a buffer; must stay valid until the task runs again
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked: its step returns that, and in
 * its next run chp_task_result() is the result; otherwise as
 * chp_buffer_reserve().
 */
int chp_task_buffer_reserve(struct chp_task *task, struct chp_buffer *buf)
{
	/* A token has no size: nothing is written where it is received. */
	int err = chp_task_recv(task, buf->room, buf);

	if (err == -EINPROGRESS)
		task->settle = task_reserved;
	else if (!err)
		buffer_count(buf);
	return err;
}
EXPORT_SYMBOL_CHP(chp_task_buffer_reserve);

/**
 * chp_buffer_commit() - put an element into a place that was reserved
 * @buf: a buffer in which the caller owns a place
 * @elem: copied
 *
 * Context: any, hard interrupts included.
 * Return: 0; -EPIPE when @buf is closed. The place is the caller's no more.
 */
int chp_buffer_commit(struct chp_buffer *buf, const void *elem)
{
	int err = chp_try_send(buf->items, elem);

	if (err)
		chp_buffer_release(buf);
	return err;
}
EXPORT_SYMBOL_CHP(chp_buffer_commit);

/**
 * chp_buffer_send() - put an element into the buffer, wait for a place
 * @ctx: whose end ends the wait; may be NULL
 * @buf: a buffer
 * @elem: copied
 *
 * Context: may sleep.
 * Return: 0; -EPIPE when @buf is closed; -ECANCELED, -ETIME or -ERESTARTSYS as
 * chp_recv().
 */
int chp_buffer_send(struct chp_ctx *ctx, struct chp_buffer *buf,
		    const void *elem)
{
	return chp_buffer_reserve(ctx, buf) ?: chp_buffer_commit(buf, elem);
}
EXPORT_SYMBOL_CHP(chp_buffer_send);

/**
 * chp_buffer_try_send() - put an element into the buffer if that needs no waiting
 * @buf: a buffer
 * @elem: copied
 *
 * Context: any, hard interrupts included.
 * Return: 0; -EAGAIN when producers have to wait; -EPIPE when @buf is closed.
 */
int chp_buffer_try_send(struct chp_buffer *buf, const void *elem)
{
	int err = chp_try_recv(buf->room, NULL);

	if (err)
		return err;
	buffer_count(buf);
	return chp_buffer_commit(buf, elem);
}
EXPORT_SYMBOL_CHP(chp_buffer_try_send);

/**
 * chp_buffer_recv() - take an element out of the buffer, wait for one
 * @ctx: whose end ends the wait; may be NULL
 * @buf: a buffer
 * @elem: where to copy it; NULL to throw it away
 *
 * Context: may sleep.
 * Return: 0; -EPIPE when @buf is closed and empty; -ECANCELED, -ETIME or
 * -ERESTARTSYS as chp_recv().
 */
int chp_buffer_recv(struct chp_ctx *ctx, struct chp_buffer *buf, void *elem)
{
	int err = chp_recv(ctx, buf->items, elem);

	if (!err)
		chp_buffer_release(buf);
	return err;
}
EXPORT_SYMBOL_CHP(chp_buffer_recv);

/**
 * chp_buffer_try_recv() - take an element out of the buffer if there is one
 * @buf: a buffer
 * @elem: where to copy it; NULL to throw it away
 *
 * Context: any, hard interrupts included.
 * Return: 0; -EAGAIN when it is empty; -EPIPE when it is closed, too.
 */
int chp_buffer_try_recv(struct chp_buffer *buf, void *elem)
{
	int err = chp_try_recv(buf->items, elem);

	if (!err)
		chp_buffer_release(buf);
	return err;
}
EXPORT_SYMBOL_CHP(chp_buffer_try_recv);

/**
 * chp_buffer_chan() - the channel from which elements are received
 * @buf: a buffer
 *
 * For chp_task_recv() and selects. Each element that was received from it is
 * followed by a chp_buffer_release(). Nobody sends to it or closes it.
 *
 * Context: any.
 * Return: a channel that lives as long as @buf.
 */
struct chp_chan *chp_buffer_chan(const struct chp_buffer *buf)
{
	return buf->items;
}
EXPORT_SYMBOL_CHP(chp_buffer_chan);

/**
 * chp_buffer_stats() - look at a buffer
 * @buf: a buffer
 * @stats: filled; all of one moment
 *
 * Context: any.
 */
void chp_buffer_stats(struct chp_buffer *buf, struct chp_buffer_stats *stats)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&buf->lock, flags);
	*stats = (struct chp_buffer_stats){
		.used = buf->used,
		.most = buf->most,
		.paused = buf->paused,
		.pauses = buf->pauses,
		.producers = buf->producers,
	};
	raw_spin_unlock_irqrestore(&buf->lock, flags);
}
EXPORT_SYMBOL_CHP(chp_buffer_stats);
