// SPDX-License-Identifier: GPL-2.0
/* Wait groups, as in <chanpat/waitgroup.h>, for threads and for tasks. */
#include <linux/limits.h>
#include <linux/slab.h>
#include <chanpat/waitgroup.h>
#include "callers.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static int wait_call(struct chp_ctx *ctx, struct chp_caller *caller)
{
	return chp_waitgroup_wait(ctx, caller->arg);
}

static int wait_park(struct chp_task *task, struct chp_caller *caller)
{
	return chp_task_waitgroup_wait(task, caller->arg);
}

static const struct chp_caller_kind waiter = { wait_call, wait_park };

static struct chp_waitgroup *wg_make(struct kunit *test, int count)
{
	struct chp_waitgroup *wg = kunit_kzalloc(test, sizeof(*wg), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, wg);
	chp_waitgroup_init(wg);
	KUNIT_ASSERT_EQ(test, chp_waitgroup_add(wg, count), 0);
	return wg;
}

static struct chp_caller *wait_start(struct kunit *test, struct chp_group *group,
				     struct chp_waitgroup *wg)
{
	return chp_caller_start(test, group, &waiter, chp_test_form(test), wg, 0);
}

static struct chp_caller *wait_and_see(struct kunit *test,
				       struct chp_group *group,
				       struct chp_waitgroup *wg)
{
	struct chp_caller *caller = wait_start(test, group, wg);

	CHP_EVENTUALLY(test, chp_caller_waits(caller));
	return caller;
}

static void at_zero_nobody_waits(struct kunit *test)
{
	struct chp_waitgroup *wg = wg_make(test, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller = wait_start(test, group, wg);

	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, 0);
}

static void the_wait_lasts_until_the_count_is_zero(struct kunit *test)
{
	struct chp_waitgroup *wg = wg_make(test, 2);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller = wait_and_see(test, group, wg);

	KUNIT_EXPECT_EQ(test, chp_waitgroup_done(wg), 0);
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(caller));
	KUNIT_EXPECT_EQ(test, chp_waitgroup_add(wg, 2), 0);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_add(wg, -2), 0);
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(caller));
	KUNIT_EXPECT_EQ(test, chp_waitgroup_done(wg), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, 0);
}

/* More than are claimed each time that the lock is held. */
static void a_hundred_waits_end_together(struct kunit *test)
{
	struct chp_waitgroup *wg = wg_make(test, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *callers[100];
	int i;

	for (i = 0; i < ARRAY_SIZE(callers); i++)
		callers[i] = wait_and_see(test, group, wg);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_done(wg), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < ARRAY_SIZE(callers); i++)
		KUNIT_EXPECT_EQ(test, callers[i]->result, 0);
}

static void less_than_zero_is_invalid_and_changes_nothing(struct kunit *test)
{
	struct chp_waitgroup *wg = wg_make(test, 0);

	KUNIT_EXPECT_EQ(test, chp_waitgroup_done(wg), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_add(wg, INT_MIN), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_add(wg, 2), 0);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_add(wg, -3), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_add(wg, -2), 0);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_wait(NULL, wg), 0);
}

static void more_than_can_be_counted_is_invalid_and_changes_nothing(struct kunit *test)
{
	struct chp_waitgroup *wg = wg_make(test, INT_MAX);

	KUNIT_EXPECT_EQ(test, chp_waitgroup_add(wg, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_add(wg, INT_MAX), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_add(wg, -INT_MAX), 0);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_wait(NULL, wg), 0);
}

static void it_can_be_used_again(struct kunit *test)
{
	struct chp_waitgroup *wg = wg_make(test, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller;
	int i;

	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, chp_waitgroup_add(wg, 1), 0);
		caller = wait_and_see(test, group, wg);
		KUNIT_EXPECT_EQ(test, chp_waitgroup_done(wg), 0);
		CHP_EVENTUALLY(test, chp_caller_done(caller));
		KUNIT_EXPECT_EQ(test, caller->result, 0);
	}
}

static void irq_done(void *wg)
{
	chp_waitgroup_done(wg);
}

static void done_works_in_a_hard_interrupt(struct kunit *test)
{
	struct chp_waitgroup *wg = wg_make(test, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller = wait_and_see(test, group, wg);

	chp_test_in_hardirq(test, irq_done, wg);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, 0);
}

static void the_end_of_a_context_ends_the_wait_of_its_own(struct kunit *test)
{
	struct chp_waitgroup *wg = wg_make(test, 1);
	struct chp_group *one = chp_test_group(test, NULL);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller = wait_and_see(test, one, wg);
	struct chp_caller *other = wait_and_see(test, group, wg);

	chp_group_cancel(one);
	KUNIT_EXPECT_EQ(test, chp_group_wait(one), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ECANCELED);
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(other));
	KUNIT_EXPECT_EQ(test, chp_waitgroup_done(wg), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, other->result, 0);
}

static void a_deadline_ends_the_wait(struct kunit *test)
{
	struct chp_waitgroup *wg = wg_make(test, 1);
	struct chp_caller *caller;
	struct chp_group *group;
	struct chp_ctx *ctx;

	ctx = chp_ctx_with_timeout(NULL, 5 * NSEC_PER_MSEC);
	chp_test_ctx_keep(test, ctx);
	group = chp_test_group(test, ctx);
	caller = wait_start(test, group, wg);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ETIME);
}

static void an_ended_context_wins_over_a_count_of_zero(struct kunit *test)
{
	struct chp_waitgroup *wg = wg_make(test, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller;

	chp_group_cancel(group);
	caller = wait_start(test, group, wg);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ECANCELED);
}

struct worker {
	struct chp_task task;
	struct chp_waitgroup *wg;
};

static int work_thread(struct chp_ctx *ctx, void *wg)
{
	return chp_waitgroup_done(wg);
}

static int work_step(struct chp_task *task)
{
	struct worker *w = container_of(task, struct worker, task);

	return chp_waitgroup_done(w->wg);
}

static int work_start(struct worker *w, enum chp_form form,
		      struct chp_group *group)
{
	if (form == CHP_THREAD)
		return chp_go(group, "work", work_thread, w->wg);
	chp_task_init(&w->task, work_step, NULL);
	return chp_task_start(&w->task, group);
}

/* Poison, for whoever still looks at it after the wait. */
static noinline int wait_on_the_stack(struct chp_group *group,
				      enum chp_form form, struct worker *w)
{
	struct chp_waitgroup wg;
	int err;

	chp_waitgroup_init(&wg);
	chp_waitgroup_add(&wg, 2);
	w[0].wg = &wg;
	w[1].wg = &wg;
	err = work_start(&w[0], form, group);
	err = work_start(&w[1], form, group) ?: err;
	err = chp_waitgroup_wait(NULL, &wg) ?: err;
	memset(&wg, 0x5a, sizeof(wg));
	return err;
}

static void it_may_be_on_the_stack_of_who_waits(struct kunit *test)
{
	struct worker *w = kunit_kcalloc(test, 600, sizeof(*w), GFP_KERNEL);
	struct chp_group *group = chp_test_group(test, NULL);
	int i, errors = 0;

	KUNIT_ASSERT_NOT_NULL(test, w);
	chp_test_group_finish(test, group);
	for (i = 0; i < 300; i++)
		errors += wait_on_the_stack(group, chp_test_form(test),
					    &w[2 * i]) != 0;
	KUNIT_EXPECT_EQ(test, errors, 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static struct kunit_case waitgroup_cases[] = {
	KUNIT_CASE_PARAM(at_zero_nobody_waits, form_gen_params),
	KUNIT_CASE_PARAM(the_wait_lasts_until_the_count_is_zero, form_gen_params),
	KUNIT_CASE_PARAM(a_hundred_waits_end_together, form_gen_params),
	KUNIT_CASE(less_than_zero_is_invalid_and_changes_nothing),
	KUNIT_CASE(more_than_can_be_counted_is_invalid_and_changes_nothing),
	KUNIT_CASE_PARAM(it_can_be_used_again, form_gen_params),
	KUNIT_CASE_PARAM(done_works_in_a_hard_interrupt, form_gen_params),
	KUNIT_CASE_PARAM(the_end_of_a_context_ends_the_wait_of_its_own,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_deadline_ends_the_wait, form_gen_params),
	KUNIT_CASE_PARAM(an_ended_context_wins_over_a_count_of_zero,
			 form_gen_params),
	KUNIT_CASE_PARAM(it_may_be_on_the_stack_of_who_waits, form_gen_params),
	{}
};

struct kunit_suite chp_waitgroup_suite = {
	.name = "chanpat_waitgroup",
	.init = chp_test_init,
	.test_cases = waitgroup_cases,
};
