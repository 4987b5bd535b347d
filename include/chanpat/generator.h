/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generators: a task or a thread of its own makes elements on demand, sends
 * them into a channel, and closes it at the end.
 *
 *	static int odd_next(struct chp_ctx *ctx, void *data, void *elem)
 *	{
 *		u64 *odd = data;
 *
 *		if (*odd > 10)
 *			return 1;		// there are no more
 *		*(u64 *)elem = *odd;
 *		*odd += 2;
 *		return 0;
 *	}
 *
 *	const struct chp_generator_config config = {
 *		.name = "odd", .elem_size = sizeof(u64),
 *		.next = odd_next, .data = &odd,
 *	};
 *	struct chp_chan *ch = chp_generator(group, &config);
 *
 *	if (IS_ERR(ch))
 *		return PTR_ERR(ch);
 *	while (!chp_recv(group->ctx, ch, &value))
 *		use(value);
 *	chp_close(ch);			// it may have stopped early
 *	chp_chan_put(ch);
 *
 * Nothing is made ahead of the buffer but the one element that is in hand, as
 * in Go: the generator makes it, and waits until it is taken. So a sequence
 * may be infinite. (Without that one, chp_try_recv() would never find any.)
 *
 * @next runs in the generator's task, or in a step of the task that receives,
 * which has taken the element before: always one call at a time. So a step holds
 * no lock that @next takes while it receives.
 *
 * It ends when the sequence does, when making fails, when the reader closes
 * the channel, and when the group's context ends; then it frees itself. A
 * reader that only drops its reference does not end it: the group does.
 *
 * An element that was made is received, or dropped: the one in hand when the
 * generator ends, those in the buffer when the last reference on the channel
 * goes. Until then who has a reference can still receive them.
 */
#ifndef CHANPAT_GENERATOR_H
#define CHANPAT_GENERATOR_H

#include <linux/types.h>

struct chp_chan;
struct chp_ctx;
struct chp_group;

/**
 * struct chp_generator_config - how elements are made
 * @name: for people; of the thread too; must live as long as the channel
 * @elem_size: bytes of an element, up to CHP_ELEM_MAX
 * @cap: elements that are made ahead, up to CHP_CAP_MAX
 * @sleeps: @next blocks for long: the generator is a thread
 * @next: makes @elem and returns 0; 1 when there are no more; a negative errno
 *	ends the group with that error. @ctx is the group's, for what it waits
 *	for: to return the error of that context once it has ended is no error
 *	of the group. -EAGAIN and -EINPROGRESS, that say no error, become
 *	-EINVAL
 * @drop: disposes of an element that nobody has received; may be NULL. Also
 *	called by who drops the last reference on the channel
 * @gone: called once when @next will not be called again, before the channel
 *	is closed by the generator: who receives the end may reuse @data; may be
 *	NULL
 * @data: for @next and @gone
 */
struct chp_generator_config {
	const char *name;
	size_t elem_size;
	unsigned int cap;
	bool sleeps;
	int (*next)(struct chp_ctx *ctx, void *data, void *elem);
	void (*drop)(void *elem);
	void (*gone)(void *data);
	void *data;
};

struct chp_chan *chp_generator(struct chp_group *group,
			       const struct chp_generator_config *config);

#endif
