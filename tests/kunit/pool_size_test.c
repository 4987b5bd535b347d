// SPDX-License-Identifier: GPL-2.0
/*
 * How many work in a pool: what is promised in <chanpat/pool.h> about resizing,
 * about sub-pools, and about the numbers that can be looked at.
 */
#include <linux/err.h>
#include "pools.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static struct chp_crew *crew_of(struct kunit *test, struct chp_crew *above,
				unsigned int workers)
{
	struct chp_pool_config config = {
		.workers = workers,
		.queue = 64,
		.sleeps = true,
	};

	return chp_test_crew(test, NULL, above, &config);
}

static struct chp_chore *crew_give(struct kunit *test, struct chp_crew *crew,
				   unsigned int n, chp_work_fn work)
{
	struct chp_chore *chores = chp_test_chores(test, crew, n, work);
	unsigned int i;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(test, chp_pool_submit_job(NULL, crew->pool,
							  &chores[i].job), 0);
	return chores;
}

static bool crew_has(struct chp_crew *crew, unsigned int workers)
{
	return chp_crew_stats(crew).workers == workers;
}

static bool crew_inside(struct chp_crew *crew, unsigned int n)
{
	return atomic_read(&crew->inside) == n;
}

static int submit_many(struct chp_ctx *ctx, void *arg)
{
	struct chp_chore *chores = arg;
	unsigned long i;
	int err = 0;

	for (i = 0; i < chp_storm && !err; i++)
		err = chp_pool_submit_job(ctx, chores->crew->pool,
					  &chores[i].job);
	return err;
}

static const unsigned int storm_sizes[] = { 512, 2, 64, 1, 300, 3 };

static void resizing_under_load_loses_and_doubles_no_job(struct kunit *test)
{
	struct chp_pool_config config = {
		.workers = 1,
		.queue = 32,
		.sleeps = chp_test_form(test) == CHP_THREAD,
	};
	struct chp_crew *crew = chp_test_crew(test, NULL, NULL, &config);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_chore *chores;
	unsigned int i = 0;

	chores = chp_test_chores(test, crew, chp_storm, chp_chore_nap);
	chp_test_group_finish(test, group);
	KUNIT_ASSERT_EQ(test, chp_go(group, "submit", submit_many, chores), 0);
	while (atomic_read(&crew->ended) < chp_storm) {
		i = (i + 1) % ARRAY_SIZE(storm_sizes);
		KUNIT_ASSERT_EQ(test, chp_pool_resize(crew->pool,
						      storm_sizes[i]), 0);
		chp_test_relax();
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, 2), 0);
	CHP_EVENTUALLY(test, crew_has(crew, 2));
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, chp_storm);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->late), 0);
}

static void idle_workers_that_are_too_many_leave_at_once(struct kunit *test)
{
	struct chp_pool_config config = {
		.workers = 512,
		.sleeps = chp_test_form(test) == CHP_THREAD,
	};
	struct chp_crew *crew = chp_test_crew(test, NULL, NULL, &config);

	KUNIT_EXPECT_TRUE(test, crew_has(crew, 512));
	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, 2), 0);
	CHP_EVENTUALLY(test, crew_has(crew, 2));
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).size, 2);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).idle, 2);
}

static void surplus_workers_finish_what_they_have(struct kunit *test)
{
	struct chp_crew *crew = crew_of(test, NULL, 4);
	struct chp_chore *chores, *more;

	chores = crew_give(test, crew, 4, chp_chore_own_gate);
	CHP_EVENTUALLY(test, crew_inside(crew, 4));
	more = crew_give(test, crew, 4, chp_chore_own_gate);
	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).size, 1);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).busy, 4);
	chp_test_raise(&chores[0].open);
	chp_test_raise(&chores[1].open);
	chp_test_raise(&chores[2].open);
	CHP_EVENTUALLY(test, crew_has(crew, 1));
	/* The one that is left has its hands full. */
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->begun), 4);
	chp_test_raise(&chores[3].open);
	CHP_EVENTUALLY(test, atomic_read(&crew->begun) == 5);
	KUNIT_EXPECT_TRUE(test, crew_inside(crew, 1));
	for (int i = 0; i < 4; i++)
		chp_test_raise(&more[i].open);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, 4);
	chp_test_called_once(test, more, 4);
}

static void those_that_were_to_leave_may_be_kept(struct kunit *test)
{
	struct chp_crew *crew = crew_of(test, NULL, 4);
	struct chp_chore *chores;

	chores = crew_give(test, crew, 8, chp_chore_gate);
	CHP_EVENTUALLY(test, crew_inside(crew, 4));
	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, 4), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).workers, 4);
	chp_test_raise(&crew->gate);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, 8);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->most), 4);
}

static void new_workers_take_what_waits(struct kunit *test)
{
	struct chp_crew *crew = crew_of(test, NULL, 1);
	struct chp_chore *chores = crew_give(test, crew, 5, chp_chore_gate);

	CHP_EVENTUALLY(test, crew_inside(crew, 1));
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).queued, 4);
	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, 4), 0);
	CHP_EVENTUALLY(test, crew_inside(crew, 4));
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).queued, 1);
	chp_test_raise(&crew->gate);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, 5);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->most), 4);
}

static void an_impossible_size_changes_nothing(struct kunit *test)
{
	struct chp_crew *crew = crew_of(test, NULL, 3);

	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, CHP_WORKERS_MAX + 1),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).size, 3);
	KUNIT_EXPECT_TRUE(test, crew_has(crew, 3));
}

static void a_closed_pool_can_be_resized_in_vain(struct kunit *test)
{
	struct chp_crew *crew = crew_of(test, NULL, 3);

	chp_pool_close(crew->pool);
	CHP_EVENTUALLY(test, crew_has(crew, 0));
	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, 100), 0);
	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool, 50), 0);
	CHP_EVENTUALLY(test, crew_has(crew, 0));
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
}

static void what_a_pool_does_can_be_looked_at(struct kunit *test)
{
	struct chp_crew *crew = crew_of(test, NULL, 3);
	struct chp_pool_stats stats = chp_crew_stats(crew);
	struct chp_chore *chores;

	KUNIT_EXPECT_EQ(test, stats.size, 3);
	KUNIT_EXPECT_EQ(test, stats.workers, 3);
	KUNIT_EXPECT_EQ(test, stats.idle, 3);
	KUNIT_EXPECT_EQ(test, stats.most_busy, 0);
	chores = crew_give(test, crew, 2, chp_chore_gate);
	CHP_EVENTUALLY(test, crew_inside(crew, 2));
	stats = chp_crew_stats(crew);
	KUNIT_EXPECT_EQ(test, stats.busy, 2);
	KUNIT_EXPECT_EQ(test, stats.idle, 1);
	KUNIT_EXPECT_EQ(test, stats.submitted, 2);
	KUNIT_EXPECT_EQ(test, stats.completed, 0);
	chp_test_raise(&crew->gate);
	CHP_EVENTUALLY(test, chp_crew_stats(crew).idle == 3);
	stats = chp_crew_stats(crew);
	KUNIT_EXPECT_EQ(test, stats.completed, 2);
	KUNIT_EXPECT_EQ(test, stats.most_busy, 2);
	KUNIT_EXPECT_EQ(test, stats.failed + stats.cancelled + stats.timeouts,
			0);
	chp_test_called_once(test, chores, 2);
}

/* Sub-pools. */
static void a_sub_pool_exceeds_neither_limit(struct kunit *test)
{
	struct chp_crew *above = crew_of(test, NULL, 5);
	struct chp_crew *one = crew_of(test, above, 2);
	struct chp_crew *two = crew_of(test, above, 64);
	struct chp_chore *first, *second, *third;

	first = crew_give(test, one, 6, chp_chore_gate);
	CHP_EVENTUALLY(test, crew_inside(one, 2));
	/* Its own limit holds, though there are places above. */
	KUNIT_EXPECT_EQ(test, chp_crew_stats(above).idle, 3);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(above).busy, 2);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(one).queued, 4);
	third = crew_give(test, above, 1, chp_chore_gate);
	CHP_EVENTUALLY(test, crew_inside(above, 3));
	second = crew_give(test, two, 40, chp_chore_gate);
	CHP_EVENTUALLY(test, crew_inside(above, 5));
	/* The limit above holds, though there are workers. */
	CHP_EVENTUALLY(test, chp_crew_stats(two).busy == 40);
	KUNIT_EXPECT_TRUE(test, crew_inside(two, 2));
	KUNIT_EXPECT_TRUE(test, crew_inside(above, 5));
	chp_test_raise(&one->gate);
	chp_test_raise(&two->gate);
	chp_test_raise(&above->gate);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(two), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(one), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(above), 0);
	chp_test_called_once(test, first, 6);
	chp_test_called_once(test, second, 40);
	chp_test_called_once(test, third, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&one->most), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&above->most), 5);
}

static void the_limits_hold_in_a_storm_at_any_depth(struct kunit *test)
{
	struct chp_pool_config config = {
		.workers = 3,
		.queue = 8,
		.sleeps = chp_test_form(test) == CHP_THREAD,
	};
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_crew *crews[3];
	struct chp_chore *chores[3];
	int i;

	crews[0] = chp_test_crew(test, NULL, NULL, &config);
	config.workers = 8;
	crews[1] = chp_test_crew(test, NULL, crews[0], &config);
	config.workers = 2;
	crews[2] = chp_test_crew(test, NULL, crews[1], &config);
	for (i = 0; i < 3; i++)
		chores[i] = chp_test_chores(test, crews[i], chp_storm,
					    chp_chore_nap);
	chp_test_group_finish(test, group);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, chp_go(group, "submit", submit_many,
					     chores[i]), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 2; i >= 0; i--) {
		KUNIT_EXPECT_EQ(test, chp_crew_drain(crews[i]), 0);
		chp_test_called_once(test, chores[i], chp_storm);
		KUNIT_EXPECT_EQ(test, atomic_read(&crews[i]->late), 0);
	}
	KUNIT_EXPECT_LE(test, atomic_read(&crews[0]->most), 3);
	KUNIT_EXPECT_LE(test, atomic_read(&crews[2]->most), 2);
}

static void resizing_the_pool_above_widens_its_sub_pools(struct kunit *test)
{
	struct chp_crew *above = crew_of(test, NULL, 1);
	struct chp_crew *crew = crew_of(test, above, 4);
	struct chp_chore *chores = crew_give(test, crew, 4, chp_chore_gate);

	CHP_EVENTUALLY(test, chp_crew_stats(crew).busy == 4);
	CHP_EVENTUALLY(test, crew_inside(crew, 1));
	KUNIT_EXPECT_EQ(test, chp_pool_resize(above->pool, 3), 0);
	CHP_EVENTUALLY(test, crew_inside(crew, 3));
	chp_test_raise(&crew->gate);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, 4);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->most), 3);
}

static void an_error_in_a_sub_pool_is_its_own(struct kunit *test)
{
	struct chp_crew *above = crew_of(test, NULL, 2);
	struct chp_crew *crew = crew_of(test, above, 2);
	struct chp_chore *bad, *good;

	bad = chp_test_chores(test, crew, 1, chp_chore_quick);
	bad->err = -EIO;
	KUNIT_EXPECT_EQ(test, chp_pool_submit_job(NULL, crew->pool, &bad->job),
			0);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), -EIO);
	good = crew_give(test, above, 1, chp_chore_quick);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(above), 0);
	KUNIT_EXPECT_EQ(test, good->job.result, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&above->late), 0);
}

static void stopping_a_sub_pool_leaves_the_one_above(struct kunit *test)
{
	struct chp_crew *above = crew_of(test, NULL, 1);
	struct chp_crew *crew = crew_of(test, above, 3);
	struct chp_chore *mine, *theirs;

	theirs = crew_give(test, above, 1, chp_chore_gate);
	CHP_EVENTUALLY(test, crew_inside(above, 1));
	mine = crew_give(test, crew, 20, chp_chore_gate);
	CHP_EVENTUALLY(test, chp_crew_stats(crew).busy == 3);
	/* What it has handed on comes when the worker above is free. */
	chp_pool_cancel(crew->pool);
	chp_test_raise(&above->gate);
	KUNIT_EXPECT_EQ(test, chp_crew_stop(crew), 0);
	chp_test_called_once(test, mine, 20);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->late), 20);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(above), 0);
	chp_test_called_once(test, theirs, 1);
	KUNIT_EXPECT_EQ(test, theirs->job.result, 0);
}

static void a_sub_pool_ends_with_the_pool_above(struct kunit *test)
{
	struct chp_crew *above = crew_of(test, NULL, 1);
	struct chp_crew *crew = crew_of(test, above, 3);
	struct chp_chore *chores;

	chores = crew_give(test, crew, 20, chp_chore_until_end);
	CHP_EVENTUALLY(test, crew_inside(crew, 1));
	KUNIT_EXPECT_EQ(test, chp_crew_stop(above), 0);
	CHP_EVENTUALLY(test, atomic_read(&crew->ended) == 20);
	KUNIT_EXPECT_EQ(test, chp_pool_try_submit(crew->pool, chp_chore_quick,
						  chores), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, 20);
}

/* The pool above is drained first, in the wrong order. */
static void a_sub_pool_is_over_when_the_one_above_takes_no_more(struct kunit *test)
{
	struct chp_crew *above = crew_of(test, NULL, 2);
	struct chp_crew *crew = crew_of(test, above, 2);
	struct chp_chore *chores;

	chp_pool_close(above->pool);
	CHP_EVENTUALLY(test, crew_has(above, 0));
	chores = crew_give(test, crew, 1, chp_chore_until_end);
	KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chores->job), 0);
	KUNIT_EXPECT_EQ(test, chores->job.result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->late), 1);
	KUNIT_EXPECT_EQ(test, chp_pool_try_submit(crew->pool, chp_chore_quick,
						  chores), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(above), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
}

static const bool orders[] = { false, true };

static void order_desc(const bool *ordered, char *desc)
{
	strscpy(desc, *ordered ? "ordered" : "unordered",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static unsigned int count_results(struct chp_chan *ch, struct chp_chore *chores,
				  unsigned int n)
{
	struct chp_pool_result result;
	unsigned int count = 0;

	while (!chp_try_recv(ch, &result))
		count += result.arg >= (void *)chores &&
			 result.arg < (void *)(chores + n);
	return count;
}

static void a_sub_pool_has_results_of_its_own(struct kunit *test)
{
	size_t size = sizeof(struct chp_pool_result);
	struct chp_chan *up = chp_test_chan(test, size, 64);
	struct chp_chan *down = chp_test_chan(test, size, 64);
	struct chp_pool_config config = {
		.workers = 3,
		.queue = 64,
		.results = up,
		.ordered = *(const bool *)test->param_value,
	};
	struct chp_crew *above = chp_test_crew(test, NULL, NULL, &config);
	struct chp_crew *crew;
	struct chp_chore *mine, *theirs;

	config.results = down;
	crew = chp_test_crew(test, NULL, above, &config);
	mine = crew_give(test, crew, 30, chp_chore_nap);
	theirs = crew_give(test, above, 10, chp_chore_nap);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(above), 0);
	KUNIT_EXPECT_EQ(test, chp_len(up), 10);
	KUNIT_EXPECT_EQ(test, chp_len(down), 30);
	KUNIT_EXPECT_EQ(test, count_results(up, theirs, 10), 10);
	KUNIT_EXPECT_EQ(test, count_results(down, mine, 30), 30);
}

static void an_impossible_sub_pool_is_refused(struct kunit *test)
{
	struct chp_pool_config config = { .workers = 1 };
	struct chp_crew *above = chp_test_crew(test, NULL, NULL, &config);
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);

	config.above = above->pool;
	KUNIT_EXPECT_PTR_EQ(test, chp_pool_alloc_config(ctx, &config),
			    ERR_PTR(-EINVAL));
	config.sleeps = true;
	KUNIT_EXPECT_PTR_EQ(test, chp_pool_alloc_config(NULL, &config),
			    ERR_PTR(-EINVAL));
}

static struct kunit_case pool_size_cases[] = {
	KUNIT_CASE_PARAM(resizing_under_load_loses_and_doubles_no_job,
			 form_gen_params),
	KUNIT_CASE_PARAM(idle_workers_that_are_too_many_leave_at_once,
			 form_gen_params),
	KUNIT_CASE(surplus_workers_finish_what_they_have),
	KUNIT_CASE(those_that_were_to_leave_may_be_kept),
	KUNIT_CASE(new_workers_take_what_waits),
	KUNIT_CASE(an_impossible_size_changes_nothing),
	KUNIT_CASE(a_closed_pool_can_be_resized_in_vain),
	KUNIT_CASE(what_a_pool_does_can_be_looked_at),
	KUNIT_CASE(a_sub_pool_exceeds_neither_limit),
	KUNIT_CASE_PARAM(the_limits_hold_in_a_storm_at_any_depth,
			 form_gen_params),
	KUNIT_CASE(resizing_the_pool_above_widens_its_sub_pools),
	KUNIT_CASE(an_error_in_a_sub_pool_is_its_own),
	KUNIT_CASE(stopping_a_sub_pool_leaves_the_one_above),
	KUNIT_CASE(a_sub_pool_ends_with_the_pool_above),
	KUNIT_CASE(a_sub_pool_is_over_when_the_one_above_takes_no_more),
	KUNIT_CASE_PARAM(a_sub_pool_has_results_of_its_own, order_gen_params),
	KUNIT_CASE(an_impossible_sub_pool_is_refused),
	{}
};

struct kunit_suite chp_pool_size_suite = {
	.name = "chanpat_pool_size",
	.init = chp_test_init,
	.test_cases = pool_size_cases,
};
