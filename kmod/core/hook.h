/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows that storms hit rarely, opened for the suites: a test's function is
 * called in the middle of an operation, and does there what another CPU might
 * do. Compiled only where the kernel has KUnit.
 */
#ifndef CHP_CORE_HOOK_H
#define CHP_CORE_HOOK_H

#include <linux/compiler.h>
#include <linux/kconfig.h>

struct chp_wait;

enum chp_window {
	CHP_QUEUED,		/* in the queue, the context not yet looked at */
	CHP_COMMITTED,		/* about to sleep, or to return from the step */
	CHP_CLAIMED,		/* a peer is claimed and served, not yet woken */
	CHP_SELECT_TRIED,	/* nothing was ready, nothing is enlisted yet */
	CHP_SELECT_ENLISTED,	/* in one more queue */
	CHP_SELECT_BUSY,	/* BUSY, under the channel's lock */
};

#if IS_ENABLED(CONFIG_KUNIT)
typedef void (*chp_hook_fn)(enum chp_window window, struct chp_wait *wait);

extern chp_hook_fn chp_hook;

static inline void chp_window(enum chp_window window, struct chp_wait *wait)
{
	/* Set by tests while nothing runs that they do not know of. */
	chp_hook_fn hook = READ_ONCE(chp_hook);

	if (unlikely(hook))
		hook(window, wait);
}
#else
static inline void chp_window(enum chp_window window, struct chp_wait *wait)
{
}
#endif

#endif
