// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts that their parent does not end, and when a context ends at the
 * latest: as in <chanpat/ctx.h>.
 */
#include <linux/slab.h>
#include "../../kmod/core/live.h"
#include "helpers.h"
#include "suites.h"

#define SOON (2 * (u64)NSEC_PER_MSEC)
#define LONG (3600 * (u64)NSEC_PER_SEC)

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static struct chp_ctx *detach(struct kunit *test, struct chp_ctx *parent)
{
	return chp_test_ctx_keep(test, chp_ctx_without_cancel(parent));
}

static struct chp_ctx *in_time(struct kunit *test, struct chp_ctx *parent, u64 ns)
{
	return chp_test_ctx_keep(test, chp_ctx_with_timeout(parent, ns));
}

static struct chp_ctx *until(struct kunit *test, struct chp_ctx *parent,
			     ktime_t when)
{
	return chp_test_ctx_keep(test, chp_ctx_with_deadline(parent, when));
}

static void the_cancel_of_the_parent_does_not_end_it(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx *ctx = detach(test, parent);
	struct chp_ctx *sibling = chp_test_ctx(test, parent);

	chp_ctx_cancel_cause(parent, -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(sibling), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), 0);
}

static void the_deadline_of_the_parent_does_not_end_it(struct kunit *test)
{
	struct chp_ctx *parent = in_time(test, NULL, SOON);
	struct chp_ctx *ctx = detach(test, parent);

	CHP_EVENTUALLY(test, chp_ctx_err(parent) == -ETIME);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
}

static void the_end_of_a_grandparent_does_not_end_it(struct kunit *test)
{
	struct chp_ctx *root = chp_test_ctx(test, NULL);
	struct chp_ctx *ctx = detach(test, chp_test_ctx(test, root));
	struct chp_ctx *child = chp_test_ctx(test, ctx);

	chp_ctx_cancel(root);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), 0);
}

static void below_an_ended_parent_it_is_born_alive(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx *ctx;

	chp_ctx_cancel(parent);
	ctx = detach(test, parent);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(chp_test_ctx(test, ctx)), 0);
}

static void without_a_parent_it_is_a_root(struct kunit *test)
{
	struct chp_ctx *ctx = detach(test, NULL);

	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ECANCELED);
}

static void it_can_be_cancelled_itself(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx *ctx = detach(test, parent);

	chp_ctx_cancel_cause(ctx, -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(parent), 0);
}

static void its_children_end_with_it(struct kunit *test)
{
	struct chp_ctx *ctx = detach(test, chp_test_ctx(test, NULL));
	struct chp_ctx *child = chp_test_ctx(test, ctx);
	struct chp_ctx *grandchild = in_time(test, child, LONG);
	struct chp_ctx *detached = detach(test, child);

	chp_ctx_cancel_cause(ctx, -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(grandchild), -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(detached), 0);
}

/* The parent goes with it: its count says so before, and after the test. */
static void it_keeps_its_parent(struct kunit *test)
{
	long before = chp_live_count(CHP_KIND_CTX);
	struct chp_ctx *parent = chp_ctx_with_cancel(NULL);
	struct chp_ctx *ctx;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	ctx = chp_ctx_without_cancel(parent);
	chp_ctx_cancel(parent);
	chp_ctx_put(parent);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	KUNIT_EXPECT_EQ(test, chp_live_count(CHP_KIND_CTX), before + 2);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
	chp_ctx_put(ctx);
	KUNIT_EXPECT_EQ(test, chp_live_count(CHP_KIND_CTX), before);
}

static void it_may_go_before_its_parent(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx *ctx = chp_ctx_without_cancel(parent);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	chp_ctx_put(ctx);
	chp_ctx_cancel(parent);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(parent), -ECANCELED);
}

static void who_waits_in_it_goes_on_when_its_parent_ends(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx *ctx = detach(test, parent);
	struct chp_group *group = chp_test_group(test, ctx);
	struct chp_actor *actor;

	actor = chp_actor_recv(test, group, chp_test_form(test), ch);
	CHP_EVENTUALLY(test, chp_actor_waits(actor));
	chp_ctx_cancel(parent);
	KUNIT_EXPECT_TRUE(test, chp_actor_waits(actor));
	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, -ECANCELED);
}

static void a_deadline_below_it_counts(struct kunit *test)
{
	struct chp_ctx *parent = in_time(test, NULL, LONG);
	struct chp_ctx *ctx = detach(test, parent);
	struct chp_ctx *child = in_time(test, ctx, SOON);

	CHP_EVENTUALLY(test, chp_ctx_err(child));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), -ETIME);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
}

/* Not left to the deadline of an ancestor that does not end it. */
static void a_deadline_below_it_counts_also_after_the_grandparents(struct kunit *test)
{
	ktime_t start = ktime_get();
	struct chp_ctx *parent = until(test, NULL, ktime_add_ms(start, 1));
	struct chp_ctx *ctx = detach(test, parent);
	struct chp_ctx *child = until(test, ctx, ktime_add_ms(start, 60));

	CHP_EVENTUALLY(test, chp_ctx_err(parent));
	CHP_EVENTUALLY(test, chp_ctx_err(child));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), -ETIME);
	KUNIT_EXPECT_GE(test, ktime_get(), ktime_add_ms(start, 60));
}

static void where_there_is_no_deadline_it_is_never(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct chp_ctx *never = until(test, NULL, KTIME_MAX);

	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(NULL), KTIME_MAX);
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(ctx), KTIME_MAX);
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(never), KTIME_MAX);
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(detach(test, ctx)), KTIME_MAX);
}

static void the_deadline_is_the_earliest_of_all_above(struct kunit *test)
{
	ktime_t when = ktime_add_ns(ktime_get(), LONG);
	struct chp_ctx *root = until(test, NULL, ktime_add_ms(when, 2));
	struct chp_ctx *soon = until(test, chp_test_ctx(test, root), when);
	struct chp_ctx *late = until(test, soon, ktime_add_ms(when, 1));
	struct chp_ctx *leaf = chp_test_ctx(test, late);

	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(root), ktime_add_ms(when, 2));
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(soon), when);
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(late), when);
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(leaf), when);
}

static void a_timeout_is_a_deadline(struct kunit *test)
{
	ktime_t before = ktime_add_ns(ktime_get(), LONG);
	struct chp_ctx *ctx = in_time(test, NULL, LONG);
	ktime_t after = ktime_add_ns(ktime_get(), LONG);

	KUNIT_EXPECT_GE(test, chp_ctx_deadline(ctx), before);
	KUNIT_EXPECT_LE(test, chp_ctx_deadline(ctx), after);
}

static void the_deadline_is_the_same_after_the_end(struct kunit *test)
{
	ktime_t when = ktime_add_ns(ktime_get(), LONG);
	struct chp_ctx *ctx = until(test, NULL, when);

	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(ctx), when);
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(chp_test_ctx(test, ctx)), when);
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(until(test, NULL, 1)), 1);
}

static void the_deadline_does_not_reach_below_a_detached_one(struct kunit *test)
{
	ktime_t when = ktime_add_ns(ktime_get(), LONG);
	struct chp_ctx *parent = until(test, NULL, when);
	struct chp_ctx *ctx = detach(test, parent);
	struct chp_ctx *child = until(test, ctx, ktime_add_ms(when, 1));

	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(ctx), KTIME_MAX);
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(child), ktime_add_ms(when, 1));
}

/* It has no timer of its own. */
static void a_child_with_a_later_deadline_ends_at_its_parents(struct kunit *test)
{
	ktime_t when = ktime_add_ns(ktime_get(), SOON);
	struct chp_ctx *parent = until(test, NULL, when);
	struct chp_ctx *late = in_time(test, parent, LONG);
	struct chp_ctx *same = until(test, parent, when);
	struct chp_ctx *leaf = in_time(test, chp_test_ctx(test, late), LONG);

	CHP_EVENTUALLY(test, chp_ctx_err(leaf));
	KUNIT_EXPECT_GE(test, ktime_get(), when);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(late), -ETIME);
	CHP_EVENTUALLY(test, chp_ctx_err(same));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(same), -ETIME);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(leaf), -ETIME);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(leaf), -ETIME);
}

static void the_parents_of_such_a_child_may_be_let_go_of(struct kunit *test)
{
	struct chp_ctx *parent = chp_ctx_with_timeout(NULL, SOON);
	struct chp_ctx *child;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	child = chp_ctx_with_timeout(parent, LONG);
	chp_ctx_put(parent);
	chp_test_ctx_keep(test, child);
	CHP_EVENTUALLY(test, chp_ctx_err(child));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), -ETIME);
}

static struct kunit_case detached_cases[] = {
	KUNIT_CASE(the_cancel_of_the_parent_does_not_end_it),
	KUNIT_CASE(the_deadline_of_the_parent_does_not_end_it),
	KUNIT_CASE(the_end_of_a_grandparent_does_not_end_it),
	KUNIT_CASE(below_an_ended_parent_it_is_born_alive),
	KUNIT_CASE(without_a_parent_it_is_a_root),
	KUNIT_CASE(it_can_be_cancelled_itself),
	KUNIT_CASE(its_children_end_with_it),
	KUNIT_CASE(it_keeps_its_parent),
	KUNIT_CASE(it_may_go_before_its_parent),
	KUNIT_CASE_PARAM(who_waits_in_it_goes_on_when_its_parent_ends,
			 form_gen_params),
	KUNIT_CASE(a_deadline_below_it_counts),
	KUNIT_CASE(a_deadline_below_it_counts_also_after_the_grandparents),
	KUNIT_CASE(where_there_is_no_deadline_it_is_never),
	KUNIT_CASE(the_deadline_is_the_earliest_of_all_above),
	KUNIT_CASE(a_timeout_is_a_deadline),
	KUNIT_CASE(the_deadline_is_the_same_after_the_end),
	KUNIT_CASE(the_deadline_does_not_reach_below_a_detached_one),
	KUNIT_CASE(a_child_with_a_later_deadline_ends_at_its_parents),
	KUNIT_CASE(the_parents_of_such_a_child_may_be_let_go_of),
	{}
};

struct kunit_suite chp_detached_suite = {
	.name = "chanpat_ctx_detached",
	.init = chp_test_init,
	.test_cases = detached_cases,
};
