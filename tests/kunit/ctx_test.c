// SPDX-License-Identifier: GPL-2.0
/* Contexts: what is promised in <chanpat/ctx.h>. */
#include <linux/delay.h>
#include <linux/slab.h>
#include "../../kmod/core/ctx.h"
#include "../../kmod/core/live.h"
#include "helpers.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

#define MANY 10000
#define LONG (3600ULL * NSEC_PER_SEC)

static void no_context_never_ends(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, chp_ctx_err(NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(NULL), 0);
	KUNIT_EXPECT_PTR_EQ(test, chp_ctx_get(NULL), NULL);
	chp_ctx_cancel(NULL);
	chp_ctx_put(NULL);
}

static void a_new_context_goes_on(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);

	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), 0);
}

static void cancel_ends_it_with_ecanceled(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);

	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), -ECANCELED);
}

static void the_first_cause_stays(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);

	chp_ctx_cancel_cause(ctx, -EIO);
	chp_ctx_cancel_cause(ctx, -EINVAL);
	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), -EIO);
}

static void an_ended_context_has_a_cause_even_when_none_was_given(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);

	chp_ctx_cancel_cause(ctx, 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), -ECANCELED);
}

static void the_end_of_the_parent_is_the_end_of_the_child(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx *child = chp_test_ctx(test, parent);
	struct chp_ctx *grandchild = chp_test_ctx(test, child);

	chp_ctx_cancel_cause(parent, -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(child), -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(grandchild), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(grandchild), -EIO);
}

static void the_end_of_the_child_is_not_the_end_of_the_parent(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx *child = chp_test_ctx(test, parent);
	struct chp_ctx *sibling = chp_test_ctx(test, parent);

	chp_ctx_cancel_cause(child, -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(parent), 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(sibling), 0);
	chp_ctx_cancel_cause(parent, -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(child), -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(sibling), -EINVAL);
}

static void a_child_of_an_ended_parent_is_born_ended(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx *child, *timed;

	chp_ctx_cancel_cause(parent, -EIO);
	child = chp_test_ctx(test, parent);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(child), -EIO);
	timed = chp_test_ctx_keep(test, chp_ctx_with_timeout(parent, LONG));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(timed), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(timed), -EIO);
}

static void a_child_outlives_the_last_put_of_its_parent(struct kunit *test)
{
	struct chp_ctx *parent = chp_ctx_with_cancel(NULL);
	struct chp_ctx *child;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	child = chp_test_ctx(test, parent);
	chp_ctx_put(parent);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), 0);
	chp_ctx_cancel(child);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), -ECANCELED);
}

static void a_child_may_go_before_its_parent(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx *child = chp_ctx_with_cancel(parent);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, child);
	chp_ctx_put(child);
	chp_ctx_cancel(parent);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(parent), -ECANCELED);
}

static struct chp_ctx **ctx_array(struct kunit *test)
{
	struct chp_ctx **ctxs;

	ctxs = kunit_kcalloc(test, MANY, sizeof(struct chp_ctx *), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ctxs);
	return ctxs;
}

/* How many of them have ended with @err, the references dropped. */
static int count_and_put(struct chp_ctx **ctxs, int err)
{
	int i, n = 0;

	for (i = 0; i < MANY; i++) {
		if (IS_ERR_OR_NULL(ctxs[i]))
			continue;
		n += chp_ctx_err(ctxs[i]) == err;
		chp_ctx_put(ctxs[i]);
	}
	return n;
}

static void cancel_reaches_ten_thousand_children(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx **ctxs = ctx_array(test);
	int i;

	for (i = 0; i < MANY; i++)
		ctxs[i] = chp_ctx_with_cancel(parent);
	chp_ctx_cancel(parent);
	KUNIT_EXPECT_EQ(test, count_and_put(ctxs, -ECANCELED), MANY);
}

static void cancel_goes_down_a_chain_of_ten_thousand(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx **ctxs = ctx_array(test);
	int i;

	for (i = 0; i < MANY; i++) {
		ctxs[i] = chp_ctx_with_cancel(i ? ctxs[i - 1] : parent);
		if (IS_ERR(ctxs[i]))
			break;
	}
	chp_ctx_cancel(parent);
	KUNIT_EXPECT_EQ(test, count_and_put(ctxs, -ECANCELED), MANY);
}

/* The last put of the leaf lets go of all above it, without recursion. */
static void a_chain_of_ten_thousand_goes_with_its_leaf(struct kunit *test)
{
	struct chp_ctx *ctx = NULL, *child;
	int i;

	for (i = 0; i < MANY; i++) {
		child = chp_ctx_with_cancel(ctx);
		chp_ctx_put(ctx);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, child);
		ctx = child;
	}
	chp_ctx_put(ctx);
}

static void irq_cancel(void *ctx)
{
	chp_ctx_cancel_cause(ctx, -EIO);
}

static void cancel_works_in_a_hard_interrupt(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_group *group = chp_test_group(test, parent);
	struct chp_actor *recv;

	recv = chp_actor_recv(test, group, chp_test_form(test), ch);
	CHP_EVENTUALLY(test, chp_actor_waits(recv));
	chp_test_in_hardirq(test, irq_cancel, parent);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, recv->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(parent), -EIO);
}

/* A hard interrupt leaves most of it to others, who take their time. */
#define FAMILY 500

static int ended_by(struct chp_ctx **ctxs, int cause)
{
	int i, n = 0;

	for (i = 0; i < FAMILY; i++)
		n += chp_ctx_cause(ctxs[i]) == cause;
	return n;
}

/* Children, every third with children of its own, and tasks that wait. */
static struct chp_ctx **family(struct kunit *test, struct chp_ctx *parent,
			       struct chp_group *group)
{
	struct chp_chan *never = chp_test_chan(test, 0, 0);
	struct chp_ctx **ctxs;
	int i;

	ctxs = kunit_kcalloc(test, FAMILY, sizeof(*ctxs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ctxs);
	for (i = 0; i < FAMILY; i++)
		ctxs[i] = chp_test_ctx(test, i % 3 ? ctxs[i - i % 3] : parent);
	for (i = 0; i < FAMILY; i++)
		chp_actor_recv(test, group, CHP_TASK, never);
	return ctxs;
}

static void a_cancel_in_a_hard_interrupt_reaches_a_large_family(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_group *group = chp_test_group(test, parent);
	struct chp_ctx **ctxs = family(test, parent, group);

	chp_test_in_hardirq(test, irq_cancel, parent);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(parent), -EIO);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	CHP_EVENTUALLY(test, ended_by(ctxs, -EIO) == FAMILY);
}

static void a_deadline_reaches_a_large_family(struct kunit *test)
{
	struct chp_ctx **ctxs, *parent;
	struct chp_group *group;

	parent = chp_ctx_with_timeout(NULL, 50 * NSEC_PER_MSEC);
	chp_test_ctx_keep(test, parent);
	group = chp_test_group(test, parent);
	ctxs = family(test, parent, group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	CHP_EVENTUALLY(test, ended_by(ctxs, -ETIME) == FAMILY);
}

static void irq_put(void *ctx)
{
	chp_ctx_put(ctx);
}

static void the_last_put_works_in_a_hard_interrupt(struct kunit *test)
{
	struct chp_ctx *parent = chp_ctx_with_cancel(NULL);
	struct chp_ctx *child;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	child = chp_ctx_with_timeout(parent, LONG);
	chp_ctx_put(parent);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, child);
	chp_ctx_cancel(child);
	chp_test_in_hardirq(test, irq_put, child);
}

static void a_timeout_ends_it_with_etime(struct kunit *test)
{
	struct chp_ctx *ctx, *child;
	ktime_t start = ktime_get();

	ctx = chp_test_ctx_keep(test, chp_ctx_with_timeout(NULL, 2 * NSEC_PER_MSEC));
	child = chp_test_ctx(test, ctx);
	CHP_EVENTUALLY(test, chp_ctx_err(child));
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start), 2000);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ETIME);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), -ETIME);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), -ETIME);
	chp_ctx_cancel_cause(ctx, -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ETIME);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), -ETIME);
}

static void a_deadline_that_has_passed_makes_an_ended_context(struct kunit *test)
{
	struct chp_ctx *ctx;

	ctx = chp_test_ctx_keep(test, chp_ctx_with_deadline(NULL, ktime_get()));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ETIME);
	ctx = chp_test_ctx_keep(test, chp_ctx_with_deadline(NULL, 0));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ETIME);
	ctx = chp_test_ctx_keep(test, chp_ctx_with_timeout(NULL, 0));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ETIME);
}

/* And what is cancelled leaves nothing behind: the count at the end says so. */
static void a_deadline_that_never_comes_can_be_cancelled(struct kunit *test)
{
	struct chp_ctx *ctx;

	ctx = chp_test_ctx_keep(test, chp_ctx_with_timeout(NULL, U64_MAX));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
	ctx = chp_test_ctx_keep(test, chp_ctx_with_deadline(NULL, KTIME_MAX));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
}

static void the_earlier_deadline_of_parent_and_child_counts(struct kunit *test)
{
	struct chp_ctx *soon, *late;

	soon = chp_test_ctx_keep(test, chp_ctx_with_timeout(NULL, NSEC_PER_MSEC));
	late = chp_test_ctx_keep(test, chp_ctx_with_timeout(soon, LONG));
	CHP_EVENTUALLY(test, chp_ctx_err(late));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(late), -ETIME);

	late = chp_test_ctx_keep(test, chp_ctx_with_timeout(NULL, LONG));
	soon = chp_test_ctx_keep(test, chp_ctx_with_timeout(late, NSEC_PER_MSEC));
	CHP_EVENTUALLY(test, chp_ctx_err(soon));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(late), 0);
}

/* It lives until its time has come; the count at the end says that it went. */
static void put_leaves_a_deadline_armed(struct kunit *test)
{
	struct chp_ctx *ctx = chp_ctx_with_timeout(NULL, 2 * NSEC_PER_MSEC);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	chp_ctx_put(ctx);
}

/* Cancels what it is given, at once. */
struct canceller {
	struct chp_ctx *ctx;
	bool over;
};

static int cancel_thread(struct chp_ctx *unused, void *data)
{
	struct canceller *c = data;
	struct chp_ctx *ctx;

	while (!READ_ONCE(c->over)) {
		/* Pairs with the release in cancel_elsewhere(). */
		ctx = smp_load_acquire(&c->ctx);
		if (ctx) {
			chp_ctx_cancel_cause(ctx, -EIO);
			/* Pairs with the acquire there. */
			smp_store_release(&c->ctx, NULL);
		}
		chp_test_relax();
	}
	return 0;
}

static void cancel_elsewhere(struct canceller *c, struct chp_ctx *ctx)
{
	/* Pairs with the acquire in cancel_thread(). */
	smp_store_release(&c->ctx, ctx);
	/* Pairs with the release there. */
	while (smp_load_acquire(&c->ctx))
		chp_test_relax();
}

/* The timer and the cancel come at about the same time, on two CPUs. */
static void a_timer_and_a_cancel_race_for_the_end(struct kunit *test)
{
	struct canceller *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	int i, timed = 0, cancelled = 0, err;
	struct chp_group *group;
	struct chp_ctx *ctx;
	u64 ns = 10000;

	KUNIT_ASSERT_NOT_NULL(test, c);
	group = chp_test_group(test, NULL);
	KUNIT_ASSERT_EQ(test, chp_go(group, "cancel", cancel_thread, c), 0);
	for (i = 0; i < 2000; i++) {
		ctx = chp_ctx_with_timeout(NULL, ns);
		if (IS_ERR(ctx))
			break;
		cancel_elsewhere(c, ctx);
		err = chp_ctx_err(ctx);
		timed += err == -ETIME && chp_ctx_cause(ctx) == -ETIME;
		cancelled += err == -ECANCELED && chp_ctx_cause(ctx) == -EIO;
		chp_ctx_put(ctx);
		ns = chp_test_adapt(ns, err == -ETIME);
	}
	WRITE_ONCE(c->over, true);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, timed + cancelled, 2000);
	KUNIT_EXPECT_GT(test, timed, 0);
	KUNIT_EXPECT_GT(test, cancelled, 0);
}

struct after {
	struct chp_after after;
	atomic_t runs;
	atomic_t entered;
	bool hold;
	bool in_process;
};

static void after_run(struct work_struct *work)
{
	struct after *a = container_of(work, struct after, after.work);

	a->in_process = in_task();
	atomic_inc(&a->entered);
	while (READ_ONCE(a->hold))
		schedule_timeout_uninterruptible(1);
	atomic_inc(&a->runs);
}

static struct after *after_make(struct kunit *test)
{
	struct after *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, a);
	INIT_WORK(&a->after.work, after_run);
	return a;
}

static void an_after_function_runs_once(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct after *a = after_make(test);

	chp_ctx_after(ctx, &a->after);
	chp_ctx_cancel(ctx);
	chp_ctx_cancel(ctx);
	CHP_EVENTUALLY(test, atomic_read(&a->runs));
	KUNIT_EXPECT_FALSE(test, chp_ctx_after_stop(&a->after));
	KUNIT_EXPECT_EQ(test, atomic_read(&a->runs), 1);
	KUNIT_EXPECT_TRUE(test, a->in_process);
}

static void an_after_function_follows_the_end_of_the_parent(struct kunit *test)
{
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_ctx *child = chp_test_ctx(test, parent);
	struct after *a = after_make(test);

	chp_ctx_after(child, &a->after);
	chp_test_in_hardirq(test, irq_cancel, parent);
	CHP_EVENTUALLY(test, atomic_read(&a->runs));
	KUNIT_EXPECT_FALSE(test, chp_ctx_after_stop(&a->after));
}

static void an_after_function_on_an_ended_context_runs_at_once(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct after *a = after_make(test);

	chp_ctx_cancel(ctx);
	chp_ctx_after(ctx, &a->after);
	CHP_EVENTUALLY(test, atomic_read(&a->runs));
	KUNIT_EXPECT_FALSE(test, chp_ctx_after_stop(&a->after));
	KUNIT_EXPECT_EQ(test, atomic_read(&a->runs), 1);
}

static void a_stopped_after_function_never_runs(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct after *a = after_make(test);

	chp_ctx_after(ctx, &a->after);
	KUNIT_EXPECT_TRUE(test, chp_ctx_after_stop(&a->after));
	chp_ctx_cancel(ctx);
	flush_work(&a->after.work);
	KUNIT_EXPECT_EQ(test, atomic_read(&a->runs), 0);
}

static void an_after_function_of_no_context_never_runs(struct kunit *test)
{
	struct after *a = after_make(test);

	chp_ctx_after(NULL, &a->after);
	KUNIT_EXPECT_TRUE(test, chp_ctx_after_stop(&a->after));
	KUNIT_EXPECT_EQ(test, atomic_read(&a->runs), 0);
}

struct release {
	struct after *after;
	bool stopping;
};

static int let_go_thread(struct chp_ctx *ctx, void *data)
{
	struct release *release = data;

	while (!READ_ONCE(release->stopping))
		schedule_timeout_uninterruptible(1);
	WRITE_ONCE(release->after->hold, false);
	return 0;
}

static void stop_waits_for_an_after_function_that_is_running(struct kunit *test)
{
	struct release *release = kunit_kzalloc(test, sizeof(*release), GFP_KERNEL);
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct after *a = after_make(test);
	struct chp_group *group;

	KUNIT_ASSERT_NOT_NULL(test, release);
	release->after = a;
	a->hold = true;
	group = chp_test_group(test, NULL);
	KUNIT_ASSERT_EQ(test, chp_go(group, "release", let_go_thread, release), 0);
	chp_ctx_after(ctx, &a->after);
	chp_ctx_cancel(ctx);
	CHP_EVENTUALLY(test, atomic_read(&a->entered));
	WRITE_ONCE(release->stopping, true);
	KUNIT_EXPECT_FALSE(test, chp_ctx_after_stop(&a->after));
	KUNIT_EXPECT_EQ(test, atomic_read(&a->runs), 1);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

/* Stopped or run, never both and never neither. */
static void stop_and_cancel_race_for_an_after_function(struct kunit *test)
{
	struct after *a = after_make(test);
	int i, both = 0, stops = 0;
	struct chp_ctx *ctx;
	u64 ns = 10000;
	bool stopped;

	for (i = 0; i < 500; i++) {
		ctx = chp_ctx_with_timeout(NULL, ns);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
		atomic_set(&a->runs, 0);
		chp_ctx_after(ctx, &a->after);
		usleep_range(20, 40);
		stopped = chp_ctx_after_stop(&a->after);
		stops += stopped;
		both += stopped == atomic_read(&a->runs);
		chp_ctx_cancel(ctx);
		chp_ctx_put(ctx);
		ns = chp_test_adapt(ns, !stopped);
	}
	KUNIT_EXPECT_EQ(test, both, 0);
	KUNIT_EXPECT_GT(test, stops, 0);
	KUNIT_EXPECT_LT(test, stops, 500);
}

/* As when the module goes: their timers would find no code any more. */
static void contexts_that_only_their_timers_have_end_with_the_module(struct kunit *test)
{
	long before = chp_live_count(CHP_KIND_CTX);
	struct chp_ctx *ctx, *kept;
	int i;

	kept = chp_test_ctx_keep(test, chp_ctx_with_timeout(NULL, 3600 * (u64)NSEC_PER_SEC));
	for (i = 0; i < 100; i++) {
		ctx = chp_ctx_with_timeout(i & 1 ? kept : NULL,
					   (100 - i) * 20 * NSEC_PER_USEC);
		KUNIT_ASSERT_FALSE(test, IS_ERR(ctx));
		chp_ctx_put(ctx);
	}
	chp_ctx_exit();
	KUNIT_EXPECT_EQ(test, chp_ctx_err(kept), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_live_count(CHP_KIND_CTX), before + 1);
}

static struct kunit_case ctx_cases[] = {
	KUNIT_CASE(no_context_never_ends),
	KUNIT_CASE(a_new_context_goes_on),
	KUNIT_CASE(cancel_ends_it_with_ecanceled),
	KUNIT_CASE(the_first_cause_stays),
	KUNIT_CASE(an_ended_context_has_a_cause_even_when_none_was_given),
	KUNIT_CASE(the_end_of_the_parent_is_the_end_of_the_child),
	KUNIT_CASE(the_end_of_the_child_is_not_the_end_of_the_parent),
	KUNIT_CASE(a_child_of_an_ended_parent_is_born_ended),
	KUNIT_CASE(a_child_outlives_the_last_put_of_its_parent),
	KUNIT_CASE(a_child_may_go_before_its_parent),
	KUNIT_CASE(cancel_reaches_ten_thousand_children),
	KUNIT_CASE(cancel_goes_down_a_chain_of_ten_thousand),
	KUNIT_CASE(a_chain_of_ten_thousand_goes_with_its_leaf),
	KUNIT_CASE_PARAM(cancel_works_in_a_hard_interrupt, form_gen_params),
	KUNIT_CASE(a_cancel_in_a_hard_interrupt_reaches_a_large_family),
	KUNIT_CASE(a_deadline_reaches_a_large_family),
	KUNIT_CASE(the_last_put_works_in_a_hard_interrupt),
	KUNIT_CASE(a_timeout_ends_it_with_etime),
	KUNIT_CASE(a_deadline_that_has_passed_makes_an_ended_context),
	KUNIT_CASE(a_deadline_that_never_comes_can_be_cancelled),
	KUNIT_CASE(the_earlier_deadline_of_parent_and_child_counts),
	KUNIT_CASE(put_leaves_a_deadline_armed),
	KUNIT_CASE(a_timer_and_a_cancel_race_for_the_end),
	KUNIT_CASE(an_after_function_runs_once),
	KUNIT_CASE(an_after_function_follows_the_end_of_the_parent),
	KUNIT_CASE(an_after_function_on_an_ended_context_runs_at_once),
	KUNIT_CASE(a_stopped_after_function_never_runs),
	KUNIT_CASE(an_after_function_of_no_context_never_runs),
	KUNIT_CASE(stop_waits_for_an_after_function_that_is_running),
	KUNIT_CASE(stop_and_cancel_race_for_an_after_function),
	KUNIT_CASE(contexts_that_only_their_timers_have_end_with_the_module),
	{}
};

struct kunit_suite chp_ctx_suite = {
	.name = "chanpat_ctx",
	.init = chp_test_init,
	.test_cases = ctx_cases,
};
