/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of a channel. Invariants, under the lock:
 *
 *  - receivers wait only while the buffer is empty and the channel is open;
 *    senders wait only while it is full and open; so never both, save for
 *    waits that have been ended otherwise and have not left their queue yet, and
 *    a maker that was served and has its next element made (see maker.h);
 *  - after the close nothing enters: neither a send nor a waiting sender's
 *    element, though chp_close() may still be busy with waking them;
 *  - a waiter found in a queue belongs to a wait that is valid at least until
 *    the lock is dropped; it may be served only after a successful claim.
 *
 * Only one channel's lock is ever held, and no other lock of chanpat inside
 * of it. Elements are copied under it, for they must leave in the order in
 * which they came; waiters are woken after it was dropped. It is raw and
 * disables interrupts because chp_try_*() may be called from anywhere.
 */
#ifndef CHP_CORE_CHAN_H
#define CHP_CORE_CHAN_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>
#include <chanpat/chan.h>

struct chp_waiter;

/*
 * What keeps the short ways of short.h closed. Those of the queues may say so
 * for longer than it is true, never shorter: a waiter that leaves on its own does
 * not know whether it was the last.
 */
enum chp_slow {
	CHP_SLOW_CLOSED = BIT(0),
	CHP_SLOW_RECVQ = BIT(1),	/* somebody stands in @recvq */
	CHP_SLOW_SENDQ = BIT(2),	/* or in @sendq */
	CHP_SLOW_SHAPE = BIT(3),	/* no buffer, or elements of an odd size */
	CHP_SLOW_MAKER = BIT(4),	/* keeps nothing closed: see maker.h */

	CHP_SLOW_SEND = CHP_SLOW_CLOSED | CHP_SLOW_RECVQ | CHP_SLOW_SHAPE,
	CHP_SLOW_RECV = CHP_SLOW_CLOSED | CHP_SLOW_SENDQ | CHP_SLOW_SHAPE,
};

/**
 * struct chp_chan - see include/chanpat/chan.h
 *
 * What a send or a receive looks at is in the first 64 bytes.
 *
 * @lock: protects all that changes
 * @closed: no element enters any more
 * @slow: enum chp_slow; looked at without the lock first, and again under it
 * @elem_size: bytes of an element
 * @cap: slots in @slots
 * @len: slots in use
 * @head: the slot that is received next
 * @recvs: elements that have left; with @len, those that have entered
 * @recvq: waiting receivers, the first is served first
 * @sendq: waiting senders, likewise
 * @ref: users
 * @shelf: where its memory is kept afterwards, 0: nowhere; see cache.h
 * @name: for people
 * @release: called before the memory goes; NULL for none
 * @owner: for @release
 * @slots: the ring
 */
struct chp_chan {
	raw_spinlock_t lock;
	bool closed;
	u8 slow;
	u32 elem_size;
	u32 cap;
	u32 len;
	u32 head;
	u64 recvs;
	struct list_head recvq;
	struct list_head sendq;
	refcount_t ref;
	u8 shelf;
	const char *name;
	void (*release)(void *owner);
	void *owner;
	u8 slots[];
};

#if !defined(CONFIG_DEBUG_SPINLOCK) && defined(CONFIG_64BIT)
static_assert(offsetofend(struct chp_chan, sendq) <= 64);
#endif

/* Somebody enters a queue, under the lock. */
static __always_inline void chp_chan_waited(struct chp_chan *ch,
					    enum chp_slow why)
{
	/* Pairs with the first looks in the short ways. */
	if (!(ch->slow & CHP_SLOW_SHAPE))
		WRITE_ONCE(ch->slow, ch->slow | why);
}

/* After some have been taken out of @queue, under the lock. */
static __always_inline void chp_chan_served(struct chp_chan *ch,
					    const struct list_head *queue,
					    enum chp_slow why)
{
	/* Likewise. */
	if (ch->slow & why && list_empty(queue))
		WRITE_ONCE(ch->slow, ch->slow & ~why);
}

/* @index counts from the start of the ring, and may go once around. */
static __always_inline void *chp_chan_slot(struct chp_chan *ch, u32 index)
{
	if (index >= ch->cap)
		index -= ch->cap;
	return ch->slots + (size_t)index * ch->elem_size;
}

/*
 * Closed, and nothing in the buffer: so it stays for ever, hence no lock is
 * needed to say so.
 */
static __always_inline bool chp_chan_drained(const struct chp_chan *ch)
{
	/* Pairs with the release in chp_close(): @len only falls afterwards. */
	return smp_load_acquire(&ch->closed) && !READ_ONCE(ch->len);
}

int chp_try_recv_ticket(struct chp_chan *ch, void *elem, u64 *ticket);
int chp_chan_recv(struct chp_chan *ch, void *elem, u64 *ticket,
		  struct chp_waiter *waiter);
void chp_chan_end_recvs(struct chp_chan *ch, const void *tag, unsigned int n,
			int result);
int chp_chan_enlist_send(struct chp_chan *ch, struct chp_waiter *waiter);
int chp_chan_enlist_recv(struct chp_chan *ch, struct chp_waiter *waiter);
void chp_chan_set_owner(struct chp_chan *ch, void *owner,
			void (*release)(void *owner));
void *chp_chan_owner(const struct chp_chan *ch, void (*release)(void *owner));

#endif
