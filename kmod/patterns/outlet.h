/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Outlet: the channel that a pattern makes for those who read its results.
 *
 * What is buffered in a closed channel can still be received, so as long as
 * anybody has a reference it is nobody else's. When the last one goes, nobody
 * can receive any more, and what is left is dropped: each element that was sent
 * is either received or dropped, with no race between the two.
 */
#ifndef CHP_PATTERNS_OUTLET_H
#define CHP_PATTERNS_OUTLET_H

#include <linux/types.h>

struct chp_chan;

struct chp_chan *chp_outlet_alloc(size_t elem_size, unsigned int cap,
				  const char *name, void (*drop)(void *elem));

#endif
