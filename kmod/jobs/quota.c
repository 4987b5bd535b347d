// SPDX-License-Identifier: GPL-2.0
/* Quotas that have a parent; see quota.h. */
#include "../compat.h"
#include "quota.h"

/**
 * chp_quota_init() - make a quota with a parent
 * @quota: nothing of it is in use
 * @limit: its own
 * @parent: outlives it; or NULL
 * @chunk: to take from @parent at a time; does not matter for a quota that is only
 *	the parent of others
 *
 * A quota without a parent needs no more than its limit.
 *
 * Context: any.
 */
void chp_quota_init(struct chp_quota *quota, u64 limit,
		    struct chp_quota *parent, u64 chunk)
{
	*quota = (struct chp_quota){
		.limit = limit,
		.parent = parent,
		.chunk = chunk,
	};
	spin_lock_init(&quota->lock);
}
EXPORT_SYMBOL_CHP_TESTS(chp_quota_init);

static void quota_give_below(struct chp_quota *quota, struct chp_quota *end,
			     u64 n)
{
	for (; quota != end; quota = quota->parent)
		atomic64_sub(n, &quota->used);
}

/**
 * chp_quota_take() - charge a quota and all above it
 * @quota: of a user: nothing is taken in chunks
 * @n: how much
 * @exempt: count it, whatever the limits
 *
 * Context: any.
 * Return: 0, or -EDQUOT, and nothing is charged.
 */
int chp_quota_take(struct chp_quota *quota, u64 n, bool exempt)
{
	struct chp_quota *level;

	for (level = quota; level; level = level->parent) {
		u64 used;

		if (!chp_quota_add(level, n, exempt ? U64_MAX :
				   READ_ONCE(level->limit), &used)) {
			quota_give_below(quota, level, n);
			return -EDQUOT;
		}
	}
	return 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_quota_take);

/**
 * chp_quota_give() - undo chp_quota_take()
 * @quota: as there
 * @n: as there
 *
 * Context: any.
 */
void chp_quota_give(struct chp_quota *quota, u64 n)
{
	quota_give_below(quota, NULL, n);
}
EXPORT_SYMBOL_CHP_TESTS(chp_quota_give);

/* Under the lock: @need more, and a chunk for those to come if there is one. */
static int quota_grow(struct chp_quota *quota, u64 need)
{
	struct chp_quota *parent = quota->parent;
	u64 n = need + quota->chunk;
	int err;

	err = chp_quota_take(parent, n, READ_ONCE(quota->exempt));
	if (err) {
		n = need;
		err = chp_quota_take(parent, n, READ_ONCE(quota->exempt));
	}
	if (!err)
		atomic64_add(n, &quota->taken);
	return err;
}

/* Somebody else uses what there was: so what was reserved may not be needed. */
int chp_quota_refuse(struct chp_quota *quota)
{
	/* A lone word, for people: only the last refusal is remembered. */
	WRITE_ONCE(quota->above, false);
	/* Pairs with the barrier in chp_quota_release(): one of the two sees it. */
	smp_mb();
	if (quota->parent &&
	    chp_quota_has_surplus(quota, atomic64_read(&quota->used)))
		chp_quota_give_back(quota);
	return -EDQUOT;
}
EXPORT_SYMBOL_CHP_TESTS(chp_quota_refuse);

/**
 * chp_quota_reserve() - take from the parent what a charge to come needs
 * @quota: has a parent
 * @n: how much it will be charged
 *
 * Nothing is charged, so when this is refused nobody else has noticed. What has
 * been taken may be gone again when the charge comes: then it takes it once more.
 *
 * Context: process.
 * Return: 0 or -EDQUOT.
 */
int chp_quota_reserve(struct chp_quota *quota, u64 n)
{
	u64 used, taken;
	int err = 0;

	spin_lock(&quota->lock);
	used = atomic64_read(&quota->used) + n;
	taken = atomic64_read(&quota->taken);
	/* A lone word, for people: only the last refusal is remembered. */
	WRITE_ONCE(quota->above, used <= READ_ONCE(quota->limit));
	if (used > READ_ONCE(quota->limit))
		err = -EDQUOT;
	else if (used > taken)
		err = quota_grow(quota, used - taken);
	spin_unlock(&quota->lock);
	return err;
}
EXPORT_SYMBOL_CHP_TESTS(chp_quota_reserve);

/**
 * chp_quota_refill() - take from the parent what a charge needs
 * @quota: has been charged
 * @used: of it, with that charge and all before it
 *
 * It is enough that so much has been taken as either @used says or is in use now:
 * in the first case the charge and all before it are covered, and those after it
 * look for themselves; in the second case all are.
 *
 * Context: process.
 * Return: 0 or -EDQUOT.
 */
int chp_quota_refill(struct chp_quota *quota, u64 used)
{
	u64 taken;
	int err = 0;

	spin_lock(&quota->lock);
	used = min_t(u64, used, atomic64_read(&quota->used));
	taken = atomic64_read(&quota->taken);
	if (used > taken)
		err = quota_grow(quota, used - taken);
	spin_unlock(&quota->lock);
	return err;
}
EXPORT_SYMBOL_CHP_TESTS(chp_quota_refill);

/*
 * Under the lock. A charge adds to @used and then looks at @taken; here @taken
 * shrinks and then @used is looked at: one of the two sees the other. A charge
 * that sees too little waits for the lock and refills; one that is seen here gets
 * back what it may have counted on. When it is refused all the same, and did not
 * see that, @used is looked at once more. False: not now.
 */
static bool quota_shrink(struct chp_quota *quota, u64 n)
{
	/* Pairs with the barrier of the addition in chp_quota_charge(). */
	u64 left = atomic64_sub_return(n, &quota->taken);

	if (atomic64_read(&quota->used) <= left) {
		chp_quota_give(quota->parent, n);
		return true;
	}
	/* Pairs with the barrier of the subtraction in chp_quota_release(). */
	atomic64_add_return(n, &quota->taken);
	return false;
}

/* Under the lock: what is neither in use nor a reserve. */
static u64 quota_surplus(struct chp_quota *quota)
{
	u64 used = atomic64_read(&quota->used);

	if (!chp_quota_has_surplus(quota, used))
		return 0;
	return atomic64_read(&quota->taken) -
	       (used ? used + quota->chunk : 0);
}

/**
 * chp_quota_give_back() - let the parent have what is not needed
 * @quota: has a parent
 *
 * Context: process.
 */
void chp_quota_give_back(struct chp_quota *quota)
{
	u64 n;

	spin_lock(&quota->lock);
	do {
		n = quota_surplus(quota);
	} while (n && !quota_shrink(quota, n));
	spin_unlock(&quota->lock);
}
EXPORT_SYMBOL_CHP_TESTS(chp_quota_give_back);
