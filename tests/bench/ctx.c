// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts. Where their memory goes by RCU some time after the last reference, it
 * is waited for, and counts.
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <chanpat/ctx.h>
#include "../../kmod/compat.h"
#include "bench.h"

static s64 ctx_make(struct chp_ctx *parent, unsigned int n, u64 timeout)
{
	struct chp_ctx *ctx;
	u64 took;

	took = bench_clock();
	while (n--) {
		ctx = timeout ? chp_ctx_with_timeout(parent, timeout) :
				chp_ctx_with_cancel(parent);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
		chp_ctx_cancel(ctx);
		chp_ctx_put(ctx);
	}
	chp_kvfree_rcu_barrier();
	return bench_clock() - took;
}

/* One operation: a context is made, cancelled, and goes. */
static s64 ctx_cancel(const struct bench *bench)
{
	return ctx_make(NULL, bench->n, 0);
}

/* The same, below another one. */
static s64 ctx_child(const struct bench *bench)
{
	struct chp_ctx *parent = chp_ctx_with_cancel(NULL);
	s64 took;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	took = ctx_make(parent, bench->n, 0);
	chp_ctx_cancel(parent);
	chp_ctx_put(parent);
	return took;
}

/* One operation: a context with a timeout is made, cancelled, and goes. */
static s64 ctx_timeout(const struct bench *bench)
{
	return ctx_make(NULL, bench->n, 3600 * NSEC_PER_SEC);
}

#define TREE 10

/*
 * Contexts of a tree, the parents first: a root, its three children, and two below
 * each of these. Those that were made before an error are let go of.
 */
static int ctx_tree_once(void)
{
	static const s8 parents[TREE] = { -1, 0, 0, 0, 1, 1, 2, 2, 3, 3 };
	struct chp_ctx *ctxs[TREE];
	int i, err = 0;

	for (i = 0; i < TREE && !err; i++) {
		ctxs[i] = chp_ctx_with_cancel(i ? ctxs[parents[i]] : NULL);
		err = PTR_ERR_OR_ZERO(ctxs[i]);
	}
	if (err)
		i--;
	else
		chp_ctx_cancel(ctxs[0]);
	while (i--)
		chp_ctx_put(ctxs[i]);
	return err;
}

/* One operation: a tree of ten is made, ends with its root, and goes. */
static s64 ctx_tree(const struct bench *bench)
{
	unsigned int i;
	int err = 0;
	u64 took;

	took = bench_clock();
	for (i = 0; i < bench->n && !err; i++)
		err = ctx_tree_once();
	chp_kvfree_rcu_barrier();
	return err ?: bench_clock() - took;
}

const struct bench ctx_benches[] = {
	{ "context_cancel", "chanpat", ctx_cancel, 10000 },
	{ "context_child_cancel", "chanpat", ctx_child, 10000 },
	{ "context_timeout", "chanpat", ctx_timeout, 10000 },
	{ "context_tree", "chanpat", ctx_tree, 2000 },
	{}
};
