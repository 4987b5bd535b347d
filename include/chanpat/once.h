/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Once: do something the first time that it is asked for, after Go's
 * sync.OnceValue. Who asks while it is being done waits for the end, and gets
 * the same result.
 *
 *	static DEFINE_CHP_ONCE(tables);
 *
 *	err = chp_once_do(ctx, &tables, build_tables, arg);
 *
 * In two halves, for tasks and for those who have no function:
 *
 *	err = chp_once_begin(ctx, &tables);
 *	if (err > 0)				// this caller is the one
 *		err = chp_once_end(&tables, build_tables(arg));
 */
#ifndef CHANPAT_ONCE_H
#define CHANPAT_ONCE_H

#include <linux/list.h>
#include <linux/spinlock.h>

struct chp_ctx;
struct chp_task;

/**
 * struct chp_once - something to do once; the fields belong to chanpat
 * @lock: protects all that changes
 * @begun: somebody does it, or has done it
 * @done: it is done
 * @result: of doing it
 * @waiters: those who wait until it is done
 */
struct chp_once {
	raw_spinlock_t lock;
	bool begun;
	bool done;
	int result;
	struct list_head waiters;
};

#define CHP_ONCE_INIT(name) {						\
	.lock = __RAW_SPIN_LOCK_UNLOCKED((name).lock),			\
	.waiters = LIST_HEAD_INIT((name).waiters),			\
}

/**
 * DEFINE_CHP_ONCE() - define something to do once
 * @name: of the variable
 */
#define DEFINE_CHP_ONCE(name) struct chp_once name = CHP_ONCE_INIT(name)

void chp_once_init(struct chp_once *once);
int chp_once_do(struct chp_ctx *ctx, struct chp_once *once,
		int (*fn)(void *arg), void *arg);
int chp_once_begin(struct chp_ctx *ctx, struct chp_once *once);
int chp_once_end(struct chp_once *once, int result);
int chp_task_once_begin(struct chp_task *task, struct chp_once *once);

#endif
