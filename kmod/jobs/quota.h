/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much of something may be in use: bytes, tasks, items.
 *
 * Quotas form a tree. A session's quota is charged for each byte string, and has
 * that of its user as its parent, from which it takes in chunks: so most charges
 * touch nothing that others share, and give nothing but an atomic addition. What
 * a session has taken is at least what it uses, so a user's limit holds for what
 * all sessions use together; up to two chunks of each session may be reserved
 * and not used. When a chunk is not to be had it takes what it needs, to the
 * unit. Who uses nothing has taken nothing.
 */
#ifndef CHP_JOBS_QUOTA_H
#define CHP_JOBS_QUOTA_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct chp_quota - what is in use, and how much may be
 * @used: never above @limit, unless that was lowered
 * @limit: may be changed at any time; what is in use stays in use
 * @parent: is charged as well; or NULL, and then the rest does not matter
 * @chunk: how much more than needed is taken from @parent
 * @above: @parent has refused, and not this one
 * @exempt: @parent counts, and does not refuse
 * @lock: for changes of @taken
 * @taken: from @parent; not below what charges that have succeeded use
 */
struct chp_quota {
	atomic64_t used;
	u64 limit;
	struct chp_quota *parent;
	u64 chunk;
	bool above;
	bool exempt;
	spinlock_t lock;	/* changes of @taken */
	atomic64_t taken;
};

void chp_quota_init(struct chp_quota *quota, u64 limit,
		    struct chp_quota *parent, u64 chunk);
int chp_quota_take(struct chp_quota *quota, u64 n, bool exempt);
void chp_quota_give(struct chp_quota *quota, u64 n);
int chp_quota_reserve(struct chp_quota *quota, u64 n);
int chp_quota_refill(struct chp_quota *quota, u64 used);
int chp_quota_refuse(struct chp_quota *quota);
void chp_quota_give_back(struct chp_quota *quota);

static inline bool chp_quota_has_surplus(struct chp_quota *quota, u64 used)
{
	u64 taken = atomic64_read(&quota->taken);

	return taken > used && (!used || taken - used >= 2 * quota->chunk);
}

static inline void chp_quota_release(struct chp_quota *quota, size_t n)
{
	/* Pairs with the second barrier in quota_shrink(). */
	u64 used = atomic64_sub_return(n, &quota->used);

	if (quota->parent && chp_quota_has_surplus(quota, used))
		chp_quota_give_back(quota);
}

/* What is refused is never in @used: nobody else is refused for its sake. */
static inline bool chp_quota_add(struct chp_quota *quota, u64 n, u64 limit,
				 u64 *used)
{
	s64 old = atomic64_read(&quota->used);

	do {
		*used = old + n;
		if (*used > limit)
			return false;
	} while (!atomic64_try_cmpxchg(&quota->used, &old, *used));
	return true;
}

/* Process context, as all of it. -EDQUOT: nothing has been charged anywhere. */
static inline int chp_quota_charge(struct chp_quota *quota, size_t n)
{
	u64 used;

	/* More than is used has been taken then, which most have already. */
	if (quota->parent &&
	    (u64)atomic64_read(&quota->used) + n >
	    (u64)atomic64_read(&quota->taken) && chp_quota_reserve(quota, n))
		return -EDQUOT;
	/* Pairs with the barrier in quota_shrink(), when @taken is read next. */
	if (!chp_quota_add(quota, n, READ_ONCE(quota->limit), &used))
		return chp_quota_refuse(quota);
	if (!quota->parent || used <= (u64)atomic64_read(&quota->taken) ||
	    !chp_quota_refill(quota, used))
		return 0;
	/* It was given back meanwhile, and somebody else has it. */
	WRITE_ONCE(quota->above, true);
	chp_quota_release(quota, n);
	return -EDQUOT;
}

/* Whether the last refusal was that of a parent. */
static inline bool chp_quota_above(const struct chp_quota *quota)
{
	return READ_ONCE(quota->above);
}

#endif
