// SPDX-License-Identifier: GPL-2.0
/* What jobs are charged for: tasks, and items that there is room for. */
#include <linux/err.h>
#include "jobs.h"
#include "suites.h"

/* An owner with limits for both. The quotas go after it, for they were there first. */
struct purse {
	struct chp_quota tasks;
	struct chp_quota items;
	struct chp_test_owner *o;
};

static struct purse *purse_make(struct kunit *test, u64 tasks, u64 items)
{
	struct purse *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	chp_quota_init(&p->tasks, tasks, NULL, 0);
	chp_quota_init(&p->items, items, NULL, 0);
	p->o = chp_test_owner(test, 16);
	p->o->owner.tasks = &p->tasks;
	p->o->owner.items = &p->items;
	return p;
}

static u64 used(struct chp_quota *quota)
{
	return atomic64_read(&quota->used);
}

static void expect_charge(struct purse *p, const char *line, u64 tasks,
			  u64 items)
{
	struct kunit *test = p->o->test;
	struct chp_reject why;
	struct chp_job *job = chp_test_create(p->o, line, &why);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(job), "%s: %s", line, why.reason);
	KUNIT_EXPECT_EQ_MSG(test, used(&p->tasks), tasks, "%s", line);
	KUNIT_EXPECT_EQ_MSG(test, used(&p->items), items, "%s", line);
	chp_test_forget(job);
	KUNIT_EXPECT_EQ_MSG(test, used(&p->tasks), 0, "%s", line);
	KUNIT_EXPECT_EQ_MSG(test, used(&p->items), 0, "%s", line);
}

static void a_job_has_the_tasks_that_its_stages_begin_with(struct kunit *test)
{
	struct purse *p = purse_make(test, 1000, 10000);

	expect_charge(p, "gen 1 3", 1, 1);
	expect_charge(p, "gen 1 3 | double workers=4", 5, 5);
	expect_charge(p, "gen 1 3 | double fan=9", 2, 2);
	expect_charge(p, "gen 1 3 | double fan", 2, 2);
	/* One that merges, and one for each branch. */
	expect_charge(p, "merge { gen 1 3 ; gen 1 3 | double }", 6, 6);
	expect_charge(p, "gen 1 3 | tee { double ; null }", 6, 6);
}

static void a_place_in_a_buffer_is_an_item(struct kunit *test)
{
	struct purse *p = purse_make(test, 1000, 10000);

	expect_charge(p, "gen 1 3 | double buf=100", 2, 102);
	expect_charge(p, "gen 1 3 | double buf=100 workers=3 | add 1 buf=10", 5, 115);
	expect_charge(p, "in | double", 2, 2050);
}

static void expect_refused(struct purse *p, const char *line, const char *reason)
{
	struct kunit *test = p->o->test;
	struct chp_reject why;

	KUNIT_EXPECT_PTR_EQ(test, chp_test_create(p->o, line, &why),
			    ERR_PTR(-EDQUOT));
	KUNIT_EXPECT_EQ(test, why.err, -EDQUOT);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason, reason);
	KUNIT_EXPECT_EQ(test, used(&p->tasks), 0);
	KUNIT_EXPECT_EQ(test, used(&p->items), 0);
	KUNIT_EXPECT_EQ(test, used(&p->o->quota), 0);
}

static void a_job_with_too_much_of_either_is_refused(struct kunit *test)
{
	struct purse *p = purse_make(test, 10, 20);

	expect_refused(p, "gen 1 3 | double workers=10",
		       "the jobs of this session would have too many tasks");
	expect_refused(p, "gen 1 3 | double buf=19",
		       "the jobs of this session would have too many items in flight");
	expect_charge(p, "gen 1 3 | double workers=9 buf=10", 10, 20);
}

static void the_reason_says_when_the_limit_is_the_users(struct kunit *test)
{
	struct purse *p = purse_make(test, 10, 20);
	static struct chp_quota user;

	chp_quota_init(&user, 5, NULL, 0);
	chp_quota_init(&p->tasks, 10, &user, 4);
	expect_refused(p, "gen 1 3 | double workers=5",
		       "the jobs of this user would have too many tasks");
	expect_refused(p, "gen 1 3 | double workers=10",
		       "the jobs of this session would have too many tasks");
	expect_charge(p, "gen 1 3 | double workers=4", 5, 5);
	KUNIT_EXPECT_EQ(test, used(&user), 0);
}

static void tasks_are_given_back_before_the_end_is_read(struct kunit *test)
{
	struct purse *p = purse_make(test, 10, 20);
	struct chp_job *job = chp_test_job(p->o, "gen 1 3 | double workers=3");

	CHP_EVENTUALLY(test, !used(&p->tasks) && !used(&p->items));
	KUNIT_EXPECT_GT(test, used(&p->o->quota), 0);
	chp_test_read(p->o, job);
}

/* The generator, and one for each item; the one that waits for more has ended. */
static void a_fan_is_charged_for_whom_it_hires(struct kunit *test)
{
	struct purse *p = purse_make(test, 100, 100);
	struct chp_job *job = chp_test_job(p->o, "gen 1 30 | sleep 1h fan");

	/* Who leaves gives back the one after the other. */
	CHP_EVENTUALLY(test, used(&p->tasks) == 31 && used(&p->items) == 31);
	chp_job_cancel(job);
	CHP_EVENTUALLY(test, !used(&p->tasks) && !used(&p->items));
}

static void a_fan_goes_on_with_the_tasks_it_may_have(struct kunit *test)
{
	struct purse *p = purse_make(test, 6, 100);
	struct chp_stage_stats stats;
	struct chp_job *job;

	job = chp_test_job(p->o, "gen 1 1000 | sleep 1us fan | sum");
	KUNIT_EXPECT_STREQ(test, chp_test_read(p->o, job), "500500");
	job = chp_test_job(p->o, "gen 1 inf | sleep 1h fan");
	CHP_EVENTUALLY(test, chp_job_stage_stats(job, 1, &stats) &&
		       stats.busy == 5);
	KUNIT_EXPECT_EQ(test, used(&p->tasks), 6);
	KUNIT_EXPECT_EQ(test, stats.most, 5);
}

static void one_too_many_for_items_leaves_no_task_behind(struct kunit *test)
{
	struct purse *p = purse_make(test, 100, 4);
	struct chp_job *job = chp_test_job(p->o, "gen 1 inf | sleep 1h fan");

	CHP_EVENTUALLY(test, used(&p->items) == 4 && used(&p->tasks) == 4);
	chp_job_cancel(job);
	CHP_EVENTUALLY(test, !used(&p->tasks) && !used(&p->items));
}

static struct kunit_case charge_cases[] = {
	KUNIT_CASE(a_job_has_the_tasks_that_its_stages_begin_with),
	KUNIT_CASE(a_place_in_a_buffer_is_an_item),
	KUNIT_CASE(a_job_with_too_much_of_either_is_refused),
	KUNIT_CASE(the_reason_says_when_the_limit_is_the_users),
	KUNIT_CASE(tasks_are_given_back_before_the_end_is_read),
	KUNIT_CASE(a_fan_is_charged_for_whom_it_hires),
	KUNIT_CASE(a_fan_goes_on_with_the_tasks_it_may_have),
	KUNIT_CASE(one_too_many_for_items_leaves_no_task_behind),
	{}
};

struct kunit_suite chp_charge_suite = {
	.name = "chanpat_charge",
	.init = chp_test_init,
	.test_cases = charge_cases,
};
