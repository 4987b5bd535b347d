/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_CORE_CTX_H
#define CHP_CORE_CTX_H

#include <chanpat/ctx.h>

struct chp_wait;
struct chp_waiter;

int chp_ctx_watch(struct chp_ctx *ctx, struct chp_wait *wait);
void chp_ctx_unwatch(struct chp_ctx *ctx, struct chp_wait *wait);
int chp_ctx_enlist(struct chp_ctx *ctx, struct chp_waiter *waiter);

#endif
