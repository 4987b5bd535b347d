// SPDX-License-Identifier: GPL-2.0
/* Channels that dispose of what nobody has received; see outlet.h. */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include "../core/chan.h"
#include "outlet.h"

/**
 * struct outlet - what goes with the channel
 * @ch: owns this
 * @drop: disposes of an element
 * @elem: room for one
 */
struct outlet {
	struct chp_chan *ch;
	void (*drop)(void *elem);
	u8 elem[] __aligned(8);
};

/* The channel has no users: nothing enters it any more, closed or not. */
static void outlet_release(void *owner)
{
	struct outlet *outlet = owner;

	while (!chp_try_recv(outlet->ch, outlet->elem))
		outlet->drop(outlet->elem);
	kfree(outlet);
}

/*
 * As chp_chan_alloc(). @drop is called by who drops the last reference; NULL
 * for elements that need not be disposed of.
 */
struct chp_chan *chp_outlet_alloc(size_t elem_size, unsigned int cap,
				  const char *name, void (*drop)(void *elem))
{
	struct chp_chan *ch = chp_chan_alloc(elem_size, cap, name);
	struct outlet *outlet;

	if (IS_ERR(ch) || !drop || !cap)
		return ch;
	outlet = kmalloc(struct_size(outlet, elem, elem_size),
			 GFP_KERNEL_ACCOUNT);
	if (!outlet) {
		chp_chan_put(ch);
		return ERR_PTR(-ENOMEM);
	}
	outlet->ch = ch;
	outlet->drop = drop;
	chp_chan_set_owner(ch, outlet, outlet_release);
	return ch;
}
