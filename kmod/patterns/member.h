/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_PATTERNS_MEMBER_H
#define CHP_PATTERNS_MEMBER_H

#include <linux/errno.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>

/*
 * A function that was given to a member of a group has failed, and the member is
 * about to close its channels. The context ends first: so no other member takes
 * the close for a good end. Returns what the member is to leave with: not what
 * a step says to the executor, and nothing when the function says no more than
 * that the context has ended.
 */
static inline int chp_member_fail(struct chp_group *group, int err)
{
	if (err == chp_ctx_err(group->ctx))
		return 0;
	if (err == -EAGAIN || err == -EINPROGRESS)
		err = -EINVAL;
	chp_ctx_cancel_cause(group->ctx, err);
	return err;
}

#endif
