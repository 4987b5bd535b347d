/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Groups: own threads and tasks, after Go's errgroup.
 *
 * A group has a context of its own. The first member that ends with an error
 * cancels it, with that error as the cause, and so the others. Waiting for the
 * group is the only way to let go of it: no member outlives that.
 *
 *	struct chp_group group;
 *
 *	err = chp_group_init(&group, parent);
 *	err = chp_go(&group, "producer", produce, &data);
 *	err = chp_go(&group, "consumer", consume, &data);
 *	err = chp_group_wait(&group);	// the first error of a member, or 0
 *
 * Threads that wait in chanpat do not hold up a suspend once they have called
 * set_freezable(): they are frozen where they wait. One that also blocks
 * elsewhere leaves that alone, as most kthreads do. A kthread of one's own may
 * call all of chanpat too; kthread_stop() ends what it waits for with
 * -ECANCELED.
 */
#ifndef CHANPAT_GROUP_H
#define CHANPAT_GROUP_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <chanpat/sem.h>

struct chp_ctx;
struct chp_share;

/**
 * struct chp_group - a group; the fields belong to chanpat
 * @lock: protects all that changes
 * @active: members that have not ended
 * @err: of the first member that failed
 * @over: it has been waited for, nobody may enter any more
 * @limit: a place for each member that runs; unless it has no units at all
 * @ctx: ends with the first error; members may use it until the group is over
 * @share: what its members may take of the machine, together with other groups
 * @waiters: those who wait until @active is 0
 * @exited: threads that have ended and are to be reaped
 */
struct chp_group {
	raw_spinlock_t lock;
	unsigned int active;
	int err;
	bool over;
	struct chp_sem limit;
	struct chp_ctx *ctx;
	struct chp_share *share;
	struct list_head waiters;
	struct list_head exited;
};

typedef int (*chp_thread_fn)(struct chp_ctx *ctx, void *arg);

int chp_group_init(struct chp_group *group, struct chp_ctx *parent);
int chp_group_set_limit(struct chp_group *group, unsigned int limit);
void chp_group_cancel(struct chp_group *group);
int chp_group_wait(struct chp_group *group);

int chp_go(struct chp_group *group, const char *name, chp_thread_fn fn,
	   void *arg);
int chp_try_go(struct chp_group *group, const char *name, chp_thread_fn fn,
	       void *arg);

#endif
