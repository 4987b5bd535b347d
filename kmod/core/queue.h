/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queues: the kernel's lists, for what enters and leaves them for each element.
 *
 * Where lists are hardened, and Debian's are, list_add() and list_del() call a
 * function that looks whether the neighbours agree. Here the same look is taken
 * in line; what it finds is reported by a trap, that needs no registers saved,
 * and as there the list is left as it is. Where they are not, nobody looks.
 */
#ifndef CHP_CORE_QUEUE_H
#define CHP_CORE_QUEUE_H

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/list.h>

#if defined(CONFIG_LIST_HARDENED) || defined(CONFIG_DEBUG_LIST)
#define CHP_LISTS_CHECKED 1
#else
#define CHP_LISTS_CHECKED 0
#endif

static __always_inline void chp_list_add_tail(struct list_head *entry,
					      struct list_head *head)
{
	struct list_head *last = head->prev;

	if (CHP_LISTS_CHECKED && WARN_ON_ONCE(last->next != head))
		return;
	entry->next = head;
	entry->prev = last;
	head->prev = entry;
	/* Pairs with the looks at a channel's queues without the lock. */
	WRITE_ONCE(last->next, entry);
}

static __always_inline void chp_list_del_init(struct list_head *entry)
{
	struct list_head *prev = entry->prev, *next = entry->next;

	if (!CHP_LISTS_CHECKED ||
	    !WARN_ON_ONCE(prev->next != entry || next->prev != entry))
		__list_del(prev, next);
	INIT_LIST_HEAD(entry);
}

#endif
