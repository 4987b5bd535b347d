/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contexts: a tree of cancellation, after Go's package "context".
 *
 * A context ends once: cancelled by hand (-ECANCELED), by its deadline
 * (-ETIME), or with its parent. Every wait in chanpat takes a context and is
 * over as soon as that context ends. NULL is a context that never ends.
 *
 *	struct chp_ctx *ctx = chp_ctx_with_timeout(parent, 2 * NSEC_PER_SEC);
 *
 *	if (IS_ERR(ctx))
 *		return PTR_ERR(ctx);
 *	err = chp_recv(ctx, ch, &value);	// -ETIME after two seconds
 *	chp_ctx_cancel(ctx);
 *	chp_ctx_put(ctx);
 *
 * As in Go, whoever makes a context cancels it when its work is over, and a
 * context that is not cancelled lives until its deadline or its parent's end.
 */
#ifndef CHANPAT_CTX_H
#define CHANPAT_CTX_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/workqueue.h>

struct chp_ctx;

/**
 * struct chp_after - a function to be called after a context has ended
 * @node: in the context's list, under its lock
 * @work: runs the function
 * @ctx: the context that it was given to
 *
 * Embedded by its owner, who sets @work with INIT_WORK().
 */
struct chp_after {
	struct list_head node;
	struct work_struct work;
	struct chp_ctx *ctx;
};

struct chp_ctx *chp_ctx_with_cancel(struct chp_ctx *parent);
struct chp_ctx *chp_ctx_with_deadline(struct chp_ctx *parent, ktime_t when);
struct chp_ctx *chp_ctx_with_timeout(struct chp_ctx *parent, u64 ns);
struct chp_ctx *chp_ctx_without_cancel(struct chp_ctx *parent);

void chp_ctx_cancel(struct chp_ctx *ctx);
void chp_ctx_cancel_cause(struct chp_ctx *ctx, int cause);
int chp_ctx_err(const struct chp_ctx *ctx);
int chp_ctx_cause(const struct chp_ctx *ctx);
ktime_t chp_ctx_deadline(const struct chp_ctx *ctx);

struct chp_ctx *chp_ctx_get(struct chp_ctx *ctx);
void chp_ctx_put(struct chp_ctx *ctx);

void chp_ctx_after(struct chp_ctx *ctx, struct chp_after *after);
bool chp_ctx_after_stop(struct chp_after *after);

#endif
