/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Wait groups: wait until a count is back to zero, after Go's sync.WaitGroup.
 *
 * Unlike a group (<chanpat/group.h>) a wait group owns nobody: it counts
 * whatever its users say, work items and interrupts included.
 *
 *	struct chp_waitgroup pending;
 *
 *	chp_waitgroup_init(&pending);
 *	chp_waitgroup_add(&pending, 2);		// before the two can be done
 *	...
 *	chp_waitgroup_done(&pending);		// each of the two
 *	...
 *	err = chp_waitgroup_wait(ctx, &pending);
 *
 * It can be used again when it is back to zero.
 */
#ifndef CHANPAT_WAITGROUP_H
#define CHANPAT_WAITGROUP_H

#include <linux/list.h>
#include <linux/spinlock.h>

struct chp_ctx;
struct chp_task;

/**
 * struct chp_waitgroup - a wait group; the fields belong to chanpat
 * @lock: protects all that changes
 * @count: what is not done
 * @waiters: those who wait until @count is 0
 */
struct chp_waitgroup {
	raw_spinlock_t lock;
	unsigned int count;
	struct list_head waiters;
};

void chp_waitgroup_init(struct chp_waitgroup *wg);
int chp_waitgroup_add(struct chp_waitgroup *wg, int n);
int chp_waitgroup_done(struct chp_waitgroup *wg);
int chp_waitgroup_wait(struct chp_ctx *ctx, struct chp_waitgroup *wg);
int chp_task_waitgroup_wait(struct chp_task *task, struct chp_waitgroup *wg);

#endif
