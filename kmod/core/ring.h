/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ring of a channel, and how elements get into and out of it. All under the
 * channel's lock; what may be done when is sendrecv.c's.
 */
#ifndef CHP_CORE_RING_H
#define CHP_CORE_RING_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/string.h>
#include "chan.h"

/* Numbers and pointers are common, and a call costs more than they do. */
static __always_inline void chp_elem_copy(void *to, const void *from,
					  size_t size)
{
	if (likely(size == sizeof(u64)))
		memcpy(to, from, sizeof(u64));
	else
		memcpy(to, from, size);
}

/* Sizes of which chp_elem_copy_quick() knows. */
static __always_inline bool chp_elem_quick(size_t size)
{
	return size == sizeof(u64) || size == sizeof(u32) ||
	       size == sizeof(u8) || !size;
}

/* Without any call. */
static __always_inline void chp_elem_copy_quick(void *to, const void *from,
						size_t size)
{
	if (likely(size == sizeof(u64)))
		memcpy(to, from, sizeof(u64));
	else if (size == sizeof(u32))
		memcpy(to, from, sizeof(u32));
	else if (size)
		memcpy(to, from, sizeof(u8));
}

/* One more is in the ring, behind the others. */
static __always_inline void chp_ring_grow(struct chp_chan *ch)
{
	/* Pairs with the lockless looks in chan_idle() and chp_len(). */
	WRITE_ONCE(ch->len, ch->len + 1);
}

static __always_inline void chp_ring_next(struct chp_chan *ch)
{
	ch->head = ch->head + 1 == ch->cap ? 0 : ch->head + 1;
}

/* The first one is in the ring no more. */
static __always_inline void chp_ring_shrink(struct chp_chan *ch)
{
	chp_ring_next(ch);
	ch->recvs++;
	/* Pairs with the lockless looks in chan_idle() and chp_len(). */
	WRITE_ONCE(ch->len, ch->len - 1);
}

static __always_inline void chp_ring_push(struct chp_chan *ch,
					  const void *elem)
{
	chp_elem_copy(chp_chan_slot(ch, ch->head + ch->len), elem,
		      ch->elem_size);
	chp_ring_grow(ch);
}

static __always_inline void chp_ring_pop(struct chp_chan *ch, void *elem)
{
	if (elem)
		chp_elem_copy(elem, chp_chan_slot(ch, ch->head),
			      ch->elem_size);
	chp_ring_shrink(ch);
}

/*
 * The ring is full: the slot of the first element is the next one's after the
 * last. @len stays, so that who looks without the lock never finds it empty.
 */
static inline void chp_ring_rotate(struct chp_chan *ch, void *elem,
				   const void *last)
{
	void *slot = chp_chan_slot(ch, ch->head);

	if (elem)
		chp_elem_copy(elem, slot, ch->elem_size);
	chp_elem_copy(slot, last, ch->elem_size);
	chp_ring_next(ch);
	ch->recvs++;
}

/* Past the ring: from who sends to who receives. */
static __always_inline void chp_ring_pass(struct chp_chan *ch, void *elem,
					  const void *from)
{
	if (elem)
		chp_elem_copy(elem, from, ch->elem_size);
	ch->recvs++;
}

#endif
