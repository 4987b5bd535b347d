/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Channels: typed FIFOs of fixed-size elements, after Go's.
 *
 * A channel has a capacity; with capacity 0 a send waits for its receiver
 * (rendezvous). It is closed once, by those who send, and then drained. Elements are
 * copied in and out; they are never overtaken, and no waiter is starved.
 *
 *	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), 16, "events");
 *	u64 event = 42;
 *
 *	err = chp_send(ctx, ch, &event);	// in one thread
 *	err = chp_recv(ctx, ch, &event);	// in another
 *	chp_close(ch);				// the sender, at its end
 *	chp_chan_put(ch);			// each of the two
 *
 * What the calls return, in Go's terms:
 *
 *	0		the element was handed over
 *	-EPIPE		send on a closed channel; receive on a closed and empty one
 *	-ECANCELED	the context was cancelled, or kthread_stop() was called
 *			for the thread that waits
 *	-ETIME		the context's deadline has passed
 *	-ERESTARTSYS	a signal arrived at a user's thread; kthreads get none
 *	-EAGAIN		chp_try_*: would have to wait
 *	-EDEADLK	neither a channel nor a context was given
 *
 * chp_try_send_many() and chp_try_recv_many() move what needs no waiting of an
 * array, for the price of little more than one element.
 *
 * A NULL channel is never ready. A receive that fails zeroes the element when
 * the channel is closed, and leaves it alone otherwise.
 */
#ifndef CHANPAT_CHAN_H
#define CHANPAT_CHAN_H

#include <linux/types.h>

#define CHP_ELEM_MAX	4096	/* bytes of an element */
#define CHP_CAP_MAX	65536	/* elements in a channel */

struct chp_chan;
struct chp_ctx;

struct chp_chan *chp_chan_alloc(size_t elem_size, unsigned int cap,
				const char *name);
struct chp_chan *chp_chan_get(struct chp_chan *ch);
void chp_chan_put(struct chp_chan *ch);

int chp_send(struct chp_ctx *ctx, struct chp_chan *ch, const void *elem);
int chp_recv(struct chp_ctx *ctx, struct chp_chan *ch, void *elem);
int chp_try_send(struct chp_chan *ch, const void *elem);
int chp_try_recv(struct chp_chan *ch, void *elem);
int chp_try_send_many(struct chp_chan *ch, const void *elems, unsigned int n);
int chp_try_recv_many(struct chp_chan *ch, void *elems, unsigned int n);
int chp_close(struct chp_chan *ch);

unsigned int chp_len(const struct chp_chan *ch);
bool chp_chan_closed(const struct chp_chan *ch);
unsigned int chp_cap(const struct chp_chan *ch);
const char *chp_chan_name(const struct chp_chan *ch);

#endif
