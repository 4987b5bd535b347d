/* SPDX-License-Identifier: GPL-2.0 */
/* The memory that the jobs of a session may hold together. */
#ifndef CHP_JOBS_QUOTA_H
#define CHP_JOBS_QUOTA_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * struct chp_quota - bytes in use, and how many may be
 * @used: never above @limit for longer than a failing charge takes
 * @limit: of those; a change counts from then on
 */
struct chp_quota {
	atomic64_t used;
	u64 limit;
};

static inline int chp_quota_charge(struct chp_quota *quota, size_t bytes)
{
	if (atomic64_add_return(bytes, &quota->used) <= READ_ONCE(quota->limit))
		return 0;
	atomic64_sub(bytes, &quota->used);
	return -EDQUOT;
}

static inline void chp_quota_release(struct chp_quota *quota, size_t bytes)
{
	atomic64_sub(bytes, &quota->used);
}

#endif
