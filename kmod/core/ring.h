/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ring of a channel, and how elements get into and out of it. All under the
 * channel's lock; what may be done when is transfer.h's.
 */
#ifndef CHP_CORE_RING_H
#define CHP_CORE_RING_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/string.h>
#include "chan.h"

/* Two words: a pointer and what goes with it. */
#define CHP_ELEM_PAIR (2 * sizeof(u64))

/* Numbers and pointers are common, and a call costs more than they do. */
static __always_inline void chp_elem_copy(void *to, const void *from,
					  size_t size)
{
	if (likely(size == sizeof(u64)))
		memcpy(to, from, sizeof(u64));
	else if (size == CHP_ELEM_PAIR)
		memcpy(to, from, CHP_ELEM_PAIR);
	else
		memcpy(to, from, size);
}

/* Sizes of which chp_elem_copy_quick() knows. */
static __always_inline bool chp_elem_quick(size_t size)
{
	return likely(size == sizeof(u64)) || size == CHP_ELEM_PAIR ||
	       size == sizeof(u32) || size == sizeof(u8) || !size;
}

/* Without any call. */
static __always_inline void chp_elem_copy_quick(void *to, const void *from,
						size_t size)
{
	if (likely(size == sizeof(u64)))
		memcpy(to, from, sizeof(u64));
	else if (size == CHP_ELEM_PAIR)
		memcpy(to, from, CHP_ELEM_PAIR);
	else if (size == sizeof(u32))
		memcpy(to, from, sizeof(u32));
	else if (size)
		memcpy(to, from, sizeof(u8));
}

/* The slot at @index, for the copy; for what is common without a product. */
static __always_inline void *chp_ring_slot_quick(struct chp_chan *ch, u32 index)
{
	if (likely(ch->elem_size == sizeof(u64)))
		return ch->slots + (size_t)index * sizeof(u64);
	return ch->slots + (size_t)index * ch->elem_size;
}

/* The first element; @head is always a slot. */
static __always_inline void *chp_ring_first(struct chp_chan *ch)
{
	return ch->slots + (size_t)ch->head * ch->elem_size;
}

/*
 * What the ring will be like is read before an element is copied: for all that
 * the compiler knows, the copy could change it.
 */
static __always_inline void chp_ring_push(struct chp_chan *ch,
					  const void *elem)
{
	u32 len = ch->len;

	chp_elem_copy(chp_chan_slot(ch, ch->head + len), elem, ch->elem_size);
	/* Pairs with the lockless looks in chan_idle() and chp_len(). */
	WRITE_ONCE(ch->len, len + 1);
}

static __always_inline void chp_ring_pop(struct chp_chan *ch, void *elem)
{
	u32 len = ch->len, next = ch->head + 1;

	if (next == ch->cap)
		next = 0;
	if (elem)
		chp_elem_copy(elem, chp_ring_first(ch), ch->elem_size);
	ch->head = next;
	ch->recvs++;
	/* Pairs with the lockless looks in chan_idle() and chp_len(). */
	WRITE_ONCE(ch->len, len - 1);
}

/* Likewise, where the size is one of chp_elem_quick(). */
static __always_inline void chp_ring_push_quick(struct chp_chan *ch,
						const void *elem)
{
	u32 len = ch->len, tail = ch->head + len;

	if (tail >= ch->cap)
		tail -= ch->cap;
	chp_elem_copy_quick(chp_ring_slot_quick(ch, tail), elem, ch->elem_size);
	/* Pairs with the lockless looks in chan_idle() and chp_len(). */
	WRITE_ONCE(ch->len, len + 1);
}

static __always_inline void chp_ring_pop_quick(struct chp_chan *ch, void *elem)
{
	u32 len = ch->len, head = ch->head;

	ch->recvs++;
	ch->head = head + 1 == ch->cap ? 0 : head + 1;
	/* Pairs with the lockless looks in chan_idle() and chp_len(). */
	WRITE_ONCE(ch->len, len - 1);
	if (elem)
		chp_elem_copy_quick(elem, chp_ring_slot_quick(ch, head),
				    ch->elem_size);
}

/*
 * The ring is full: the slot of the first element is the next one's after the
 * last. @len stays, so that who looks without the lock never finds it empty.
 */
static inline void chp_ring_rotate(struct chp_chan *ch, void *elem,
				   const void *last)
{
	void *slot = chp_ring_first(ch);

	if (elem)
		chp_elem_copy(elem, slot, ch->elem_size);
	chp_elem_copy(slot, last, ch->elem_size);
	ch->head = ch->head + 1 == ch->cap ? 0 : ch->head + 1;
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

/* Likewise, where the size is one of chp_elem_quick(). */
static __always_inline void chp_ring_pass_quick(struct chp_chan *ch, void *elem,
						const void *from)
{
	if (elem)
		chp_elem_copy_quick(elem, from, ch->elem_size);
	ch->recvs++;
}

#endif
