/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Semaphores: units of a shared resource, after Go's x/sync/semaphore.
 *
 * Who asks for units gets all of them or waits; who asked first is served
 * first, also when a smaller request behind it could be. NULL contexts never
 * end.
 *
 *	struct chp_sem disk;
 *
 *	chp_sem_init(&disk, 4);
 *	err = chp_sem_acquire(ctx, &disk, 2);
 *	if (err)
 *		return err;		// nothing was acquired
 *	...
 *	chp_sem_release(&disk, 2);
 */
#ifndef CHANPAT_SEM_H
#define CHANPAT_SEM_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct chp_ctx;
struct chp_task;

/**
 * struct chp_sem - a semaphore; the fields belong to chanpat
 * @lock: protects all that changes
 * @units: of the resource, in all
 * @used: units that are held
 * @waiters: those who wait, the first is served first
 */
struct chp_sem {
	raw_spinlock_t lock;
	u64 units;
	u64 used;
	struct list_head waiters;
};

void chp_sem_init(struct chp_sem *sem, u64 units);
int chp_sem_acquire(struct chp_ctx *ctx, struct chp_sem *sem, u64 units);
int chp_sem_try_acquire(struct chp_sem *sem, u64 units);
int chp_sem_release(struct chp_sem *sem, u64 units);
void chp_sem_resize(struct chp_sem *sem, u64 units);
u64 chp_sem_held(struct chp_sem *sem);
int chp_task_acquire(struct chp_task *task, struct chp_sem *sem, u64 units);

#endif
