// SPDX-License-Identifier: GPL-2.0
/*
 * Several elements at a time.
 *
 * What goes through the buffer is copied in one piece, under the lock once. As
 * soon as somebody waits on the other side, elements go one by one, each by the
 * same rules as any other, until nobody does.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include "../compat.h"
#include "chan.h"
#include "lock.h"

/* Bytes that are copied under the lock, with interrupts off. */
#define BATCH_BYTES 4096

static unsigned int batch_max(const struct chp_chan *ch, unsigned int n)
{
	return min(n, max(BATCH_BYTES / max(ch->elem_size, 1U), 1U));
}

/* Slots from @index on that follow one another in memory. */
static unsigned int batch_run(const struct chp_chan *ch, u32 index,
			      unsigned int n)
{
	return min(n, ch->cap - (index < ch->cap ? index : index - ch->cap));
}

static void batch_copy_in(struct chp_chan *ch, const u8 *from, unsigned int n)
{
	u32 tail = ch->head + ch->len, first = batch_run(ch, tail, n);

	memcpy(chp_chan_slot(ch, tail), from, (size_t)first * ch->elem_size);
	memcpy(ch->slots, from + (size_t)first * ch->elem_size,
	       (size_t)(n - first) * ch->elem_size);
}

static void batch_copy_out(struct chp_chan *ch, u8 *to, unsigned int n)
{
	u32 first = batch_run(ch, ch->head, n);

	memcpy(to, chp_chan_slot(ch, ch->head), (size_t)first * ch->elem_size);
	memcpy(to + (size_t)first * ch->elem_size, ch->slots,
	       (size_t)(n - first) * ch->elem_size);
}

/* Into the buffer; 0 when there is no place, or not for us to take it. */
static unsigned int batch_push(struct chp_chan *ch, const void *from,
			       unsigned int n)
{
	unsigned long flags;

	n = batch_max(ch, n);
	flags = chp_lock(&ch->lock);
	n = min(n, ch->cap - ch->len);
	if (ch->closed || !list_empty(&ch->recvq))
		n = 0;
	if (n) {
		batch_copy_in(ch, from, n);
		/* Pairs with the lockless looks in chan_idle() and chp_len(). */
		WRITE_ONCE(ch->len, ch->len + n);
	}
	chp_unlock(&ch->lock, flags);
	return n;
}

/* The mirror image. What is left of a closed channel may be taken, too. */
static unsigned int batch_pop(struct chp_chan *ch, void *to, unsigned int n)
{
	unsigned long flags;

	n = batch_max(ch, n);
	flags = chp_lock(&ch->lock);
	n = min(n, ch->len);
	if (!ch->closed && !list_empty(&ch->sendq))
		n = 0;
	if (n) {
		batch_copy_out(ch, to, n);
		ch->head += n;
		if (ch->head >= ch->cap)
			ch->head -= ch->cap;
		/* Pairs with the lockless looks in chan_idle() and chp_len(). */
		WRITE_ONCE(ch->len, ch->len - n);
		ch->recvs += n;
	}
	chp_unlock(&ch->lock, flags);
	return n;
}

/**
 * chp_try_send_many() - send as many elements as need no waiting
 * @ch: a channel, or NULL for one that is never ready
 * @elems: an array, copied
 * @n: of @elems, at least 1
 *
 * They go in order; those of others may come between them.
 *
 * Context: any, hard interrupts included, on PREEMPT_RT too.
 * Return: how many were sent, from the first one on; -EAGAIN when even that would
 * have to wait; -EPIPE when @ch is closed.
 */
int chp_try_send_many(struct chp_chan *ch, const void *elems, unsigned int n)
{
	const u8 *from = elems;
	unsigned int done = 0, pushed;
	int err;

	while (ch && done < n) {
		pushed = batch_push(ch, from, n - done);
		if (!pushed) {
			err = chp_try_send(ch, from);
			if (err)
				return done ?: err;
			pushed = 1;
		}
		done += pushed;
		from += (size_t)pushed * ch->elem_size;
	}
	return done ?: -EAGAIN;
}
EXPORT_SYMBOL_CHP(chp_try_send_many);

/**
 * chp_try_recv_many() - receive as many elements as need no waiting
 * @ch: a channel, or NULL for one that is never ready
 * @elems: an array; what is not received is left alone, or zeroed
 * @n: of @elems, at least 1
 *
 * Context: any, hard interrupts included, on PREEMPT_RT too.
 * Return: how many were received; -EAGAIN when even the first would have to be
 * waited for; -EPIPE when @ch is closed and drained.
 */
int chp_try_recv_many(struct chp_chan *ch, void *elems, unsigned int n)
{
	unsigned int done = 0, popped;
	u8 *to = elems;
	int err;

	while (ch && done < n) {
		popped = batch_pop(ch, to, n - done);
		if (!popped) {
			err = chp_try_recv(ch, to);
			if (err)
				return done ?: err;
			popped = 1;
		}
		done += popped;
		to += (size_t)popped * ch->elem_size;
	}
	return done ?: -EAGAIN;
}
EXPORT_SYMBOL_CHP(chp_try_recv_many);
