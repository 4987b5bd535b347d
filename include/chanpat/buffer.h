/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Producers and consumers around a bounded buffer, each at a pace of their own.
 *
 * The buffer has two marks. When it is filled up to the high one, producers wait
 * until consumers have brought it down to the low one, and then go on together:
 * so a producer that is faster than its consumer is woken once for many elements,
 * and not for each.
 *
 *	const struct chp_buffer_config config = {
 *		.name = "samples", .elem_size = sizeof(u64),
 *		.high = 64, .low = 16,
 *	};
 *	struct chp_buffer *buf = chp_buffer_alloc(&config);
 *
 *	chp_buffer_join(buf);				// for each producer
 *	...
 *	while (!(err = sample(&value)))
 *		if (chp_buffer_send(ctx, buf, &value))
 *			break;
 *	chp_buffer_leave(buf, err);			// a producer, at its end
 *
 *	while (!(err = chp_buffer_recv(ctx, buf, &value)))	// a consumer
 *		use(value);
 *	err = err == -EPIPE ? chp_buffer_err(buf) : err;
 *
 *	chp_buffer_free(buf);				// when all have ended
 *
 * The last producer that leaves closes the buffer: consumers get what is left,
 * then -EPIPE, and chp_buffer_err() tells whether a producer has failed.
 *
 * For tasks and selects the two halves of each call are there by themselves. A
 * place is reserved with chp_task_buffer_reserve() and filled with
 * chp_buffer_commit(). An element is received from chp_buffer_chan(), as from any
 * channel, and its place is given back with chp_buffer_release(), right away or
 * when the work on it is done.
 */
#ifndef CHANPAT_BUFFER_H
#define CHANPAT_BUFFER_H

#include <linux/types.h>

struct chp_buffer;
struct chp_chan;
struct chp_ctx;
struct chp_task;

/**
 * struct chp_buffer_config - how a buffer is made
 * @name: for people; must live as long as the buffer
 * @elem_size: bytes of an element, up to CHP_ELEM_MAX
 * @high: elements at which producers begin to wait, 1 to CHP_CAP_MAX
 * @low: elements at which they go on, less than @high; with @high - 1 each place
 *	that becomes free is given to a producer at once
 * @drop: disposes of an element that nobody has received; may be NULL
 */
struct chp_buffer_config {
	const char *name;
	size_t elem_size;
	unsigned int high;
	unsigned int low;
	void (*drop)(void *elem);
};

/**
 * struct chp_buffer_stats - a snapshot of a buffer
 * @used: places that are reserved, or not given back yet
 * @most: that were used at the same time, so far
 * @paused: the high mark was reached, and the low one not since then
 * @pauses: how often the high mark was reached
 * @producers: that have joined and not left
 */
struct chp_buffer_stats {
	unsigned int used;
	unsigned int most;
	bool paused;
	u64 pauses;
	unsigned int producers;
};

struct chp_buffer *chp_buffer_alloc(const struct chp_buffer_config *config);
void chp_buffer_free(struct chp_buffer *buf);

void chp_buffer_join(struct chp_buffer *buf);
void chp_buffer_leave(struct chp_buffer *buf, int err);
void chp_buffer_close(struct chp_buffer *buf);
int chp_buffer_err(const struct chp_buffer *buf);
void chp_buffer_stats(struct chp_buffer *buf, struct chp_buffer_stats *stats);

int chp_buffer_send(struct chp_ctx *ctx, struct chp_buffer *buf,
		    const void *elem);
int chp_buffer_recv(struct chp_ctx *ctx, struct chp_buffer *buf, void *elem);
int chp_buffer_try_send(struct chp_buffer *buf, const void *elem);
int chp_buffer_try_recv(struct chp_buffer *buf, void *elem);

int chp_buffer_reserve(struct chp_ctx *ctx, struct chp_buffer *buf);
int chp_task_buffer_reserve(struct chp_task *task, struct chp_buffer *buf);
int chp_buffer_commit(struct chp_buffer *buf, const void *elem);
struct chp_chan *chp_buffer_chan(const struct chp_buffer *buf);
void chp_buffer_release(struct chp_buffer *buf);

#endif
