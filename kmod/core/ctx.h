/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_CORE_CTX_H
#define CHP_CORE_CTX_H

#include <asm/barrier.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <chanpat/ctx.h>

struct chp_wait;
struct chp_waiter;

/* Stands first in struct chp_ctx, of which only ctx.c knows the rest. */
struct chp_ctx_state {
	int err;
};

/* As chp_ctx_err(), for what is done for each element: without a call. */
static __always_inline int chp_ctx_look(const struct chp_ctx *ctx)
{
	const struct chp_ctx_state *state = (const void *)ctx;

	/* Pairs with the release in ctx_mark(). */
	return ctx ? smp_load_acquire(&state->err) : 0;
}

/*
 * For what a wait or a channel has come to. Whoever ends a context and then closes
 * a channel, as a member does that has failed, is understood so: who sees the
 * close looks here for the end of its context before it takes that for a good
 * end. The close is seen by an acquire or a lock, so the end is seen, too.
 */
static inline int chp_ctx_wins(const struct chp_ctx *ctx, int err)
{
	return err == -EPIPE ? chp_ctx_look(ctx) ?: err : err;
}

void chp_ctx_init(void);
void chp_ctx_exit(void);

int chp_ctx_watch(struct chp_ctx *ctx, struct chp_wait *wait);
void chp_ctx_unwatch(struct chp_ctx *ctx, struct chp_wait *wait);
int chp_ctx_enlist(struct chp_ctx *ctx, struct chp_waiter *waiter);

#endif
