/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_CORE_CTX_H
#define CHP_CORE_CTX_H

#include <linux/errno.h>
#include <chanpat/ctx.h>

struct chp_wait;
struct chp_waiter;

/*
 * For what a wait or a channel has come to. Whoever ends a context and then closes
 * a channel, as a member does that has failed, is understood so: who sees the
 * close looks here for the end of its context before it takes that for a good
 * end. The close is seen by an acquire or a lock, so the end is seen, too.
 */
static inline int chp_ctx_wins(const struct chp_ctx *ctx, int err)
{
	return err == -EPIPE ? chp_ctx_err(ctx) ?: err : err;
}

void chp_ctx_init(void);
void chp_ctx_exit(void);

int chp_ctx_watch(struct chp_ctx *ctx, struct chp_wait *wait);
void chp_ctx_unwatch(struct chp_ctx *ctx, struct chp_wait *wait);
int chp_ctx_enlist(struct chp_ctx *ctx, struct chp_waiter *waiter);

#endif
