// SPDX-License-Identifier: GPL-2.0
/* Worker pools: what is promised in <chanpat/pool.h>. */
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <chanpat/pool.h>
#include "helpers.h"
#include "suites.h"

#define WORKS 300

struct site;

/* What is submitted: counts how often it was called. */
struct work {
	struct site *site;
	atomic_t calls;
};

/**
 * struct site - what the work of a test shares
 * @pool: where it is done; NULL when it has been let go
 * @gate: work of gate_work() waits until this is raised, or its context ends
 * @begun: the last of gate_work() waits
 * @inside: at work now
 * @most: at work at the same time, so far
 * @calls: of work, whatever its context
 * @late: of those, with an ended context
 * @fail_at: the call of this number fails
 * @works: one for each that is submitted
 */
struct site {
	struct chp_pool *pool;
	bool gate;
	bool begun;
	atomic_t inside;
	atomic_t most;
	atomic_t calls;
	atomic_t late;
	int fail_at;
	struct work works[WORKS];
};

static void site_finish(void *data)
{
	struct site *site = data;

	chp_test_raise(&site->gate);
	if (site->pool)
		chp_pool_stop(site->pool);
}

static struct site *site_make(struct kunit *test, struct chp_ctx *ctx,
			      unsigned int workers, unsigned int queue)
{
	struct site *site = kunit_kzalloc(test, sizeof(*site), GFP_KERNEL);
	struct chp_pool *pool;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, site);
	for (i = 0; i < WORKS; i++)
		site->works[i].site = site;
	pool = chp_pool_alloc(ctx, "test", workers, queue);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
	site->pool = pool;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, site_finish, site),
			0);
	return site;
}

static int site_drain(struct site *site)
{
	struct chp_pool *pool = site->pool;

	site->pool = NULL;
	return chp_pool_drain(pool);
}

static int site_stop(struct site *site)
{
	struct chp_pool *pool = site->pool;

	site->pool = NULL;
	return chp_pool_stop(pool);
}

static int work_begin(struct chp_ctx *ctx, struct work *work)
{
	struct site *site = work->site;
	int now = atomic_inc_return(&site->inside);
	int most = atomic_read(&site->most);

	while (now > most && !atomic_try_cmpxchg(&site->most, &most, now))
		;
	if (chp_ctx_err(ctx))
		atomic_inc(&site->late);
	atomic_inc(&work->calls);
	return atomic_inc_return(&site->calls);
}

static void work_end(struct work *work)
{
	atomic_dec(&work->site->inside);
}

static int quick_work(struct chp_ctx *ctx, void *arg)
{
	struct work *work = arg;
	int call = work_begin(ctx, work);

	work_end(work);
	return call == work->site->fail_at ? -EIO : 0;
}

/* Now and then it sleeps a little, so that others come between. */
static int slow_work(struct chp_ctx *ctx, void *arg)
{
	struct work *work = arg;

	if (work_begin(ctx, work) % 8 == 0)
		usleep_range(20, 50);
	work_end(work);
	return 0;
}

static int gate_work(struct chp_ctx *ctx, void *arg)
{
	struct work *work = arg;

	work_begin(ctx, work);
	chp_test_raise(&work->site->begun);
	while (!chp_test_raised(&work->site->gate) && !chp_ctx_err(ctx))
		usleep_range(20, 100);
	work_end(work);
	return 0;
}

static int no_work(struct chp_ctx *ctx, void *arg)
{
	return 0;
}

static bool site_refuses(struct site *site)
{
	return chp_pool_try_submit(site->pool, no_work, NULL) == -EPIPE;
}

/* The first @n works have been called once each, and no other. */
static void site_called(struct kunit *test, struct site *site, int n)
{
	int i;

	for (i = 0; i < WORKS; i++)
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&site->works[i].calls),
				    i < n, "work %d", i);
	KUNIT_EXPECT_EQ(test, atomic_read(&site->inside), 0);
}

/* The only worker has its hands full; the queue has places for @n. */
static struct site *site_busy(struct kunit *test, struct chp_ctx *ctx,
			      unsigned int n)
{
	struct site *site = site_make(test, ctx, 1, n);

	KUNIT_ASSERT_EQ(test, chp_pool_submit(NULL, site->pool, gate_work,
					      &site->works[0]), 0);
	CHP_EVENTUALLY(test, chp_test_raised(&site->begun));
	return site;
}

/* The pool, as a module would write it: three workers double five numbers. */
static int double_number(struct chp_ctx *ctx, void *arg)
{
	int *number = arg;

	if (chp_ctx_err(ctx))
		return 0;
	*number *= 2;
	return 0;
}

static void three_workers_double_five_numbers(struct kunit *test)
{
	struct chp_pool *pool = chp_pool_alloc(NULL, "double", 3, 0);
	int numbers[5], i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
	for (i = 0; i < 5; i++) {
		numbers[i] = i + 1;
		KUNIT_EXPECT_EQ(test, chp_pool_submit(NULL, pool, double_number,
						      &numbers[i]), 0);
	}
	KUNIT_EXPECT_EQ(test, chp_pool_drain(pool), 0);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, numbers[i], 2 * (i + 1));
}

/**
 * struct size - of a pool
 * @workers: how many
 * @queue: places
 */
struct size {
	unsigned int workers;
	unsigned int queue;
};

static const struct size sizes[] = {
	{ 1, 0 }, { 1, 10 }, { 3, 0 }, { 3, 10 }, { 64, 1 }, { 1000, 64 },
};

static void size_desc(const struct size *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u workers, queue %u",
		 size->workers, size->queue);
}

KUNIT_ARRAY_PARAM(size, sizes, size_desc);

static struct site *site_sized(struct kunit *test, struct chp_ctx *ctx)
{
	const struct size *size = test->param_value;

	return site_make(test, ctx, size->workers, size->queue);
}

static void all_is_done_once_by_no_more_than_the_workers(struct kunit *test)
{
	const struct size *size = test->param_value;
	struct site *site = site_sized(test, NULL);
	int i;

	for (i = 0; i < WORKS; i++)
		KUNIT_ASSERT_EQ(test, chp_pool_submit(NULL, site->pool, slow_work,
						      &site->works[i]), 0);
	KUNIT_EXPECT_EQ(test, site_drain(site), 0);
	site_called(test, site, WORKS);
	KUNIT_EXPECT_EQ(test, atomic_read(&site->late), 0);
	KUNIT_EXPECT_GE(test, atomic_read(&site->most), 1);
	KUNIT_EXPECT_LE(test, atomic_read(&site->most), size->workers);
}

#define SUBMITTERS 6

static int submitter(struct chp_ctx *ctx, void *arg)
{
	struct work *work = arg;
	int i;

	for (i = 0; i < WORKS / SUBMITTERS; i++)
		if (chp_pool_submit(ctx, work->site->pool, slow_work, &work[i]))
			return -EIO;
	return 0;
}

static void many_may_submit(struct kunit *test)
{
	const struct size *size = test->param_value;
	struct site *site = site_sized(test, NULL);
	struct chp_group *group = chp_test_group(test, NULL);
	int i;

	for (i = 0; i < SUBMITTERS; i++)
		KUNIT_ASSERT_EQ(test, chp_go(group, "submit", submitter,
					     &site->works[i * WORKS / SUBMITTERS]),
				0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, site_drain(site), 0);
	site_called(test, site, WORKS);
	KUNIT_EXPECT_LE(test, atomic_read(&site->most), size->workers);
}

static void work_is_called_once_when_the_pool_is_stopped_early(struct kunit *test)
{
	struct site *site = site_sized(test, NULL);
	int i;

	for (i = 0; i < WORKS; i++)
		KUNIT_ASSERT_EQ(test, chp_pool_submit(NULL, site->pool, slow_work,
						      &site->works[i]), 0);
	KUNIT_EXPECT_EQ(test, site_stop(site), 0);
	site_called(test, site, WORKS);
}

static void an_error_ends_the_pool(struct kunit *test)
{
	struct site *site = site_sized(test, NULL);
	int i, n = 0, err = 0;

	site->fail_at = 20;
	for (i = 0; i < WORKS && !err; i++) {
		err = chp_pool_submit(NULL, site->pool, quick_work,
				      &site->works[i]);
		n += !err;
	}
	CHP_EVENTUALLY(test, site_refuses(site));
	KUNIT_EXPECT_EQ(test, chp_pool_submit(NULL, site->pool, quick_work,
					      &site->works[0]), -EPIPE);
	KUNIT_EXPECT_EQ(test, site_drain(site), -EIO);
	site_called(test, site, n);
}

static void a_full_pool_says_so(struct kunit *test)
{
	struct site *site = site_busy(test, NULL, 2);
	struct chp_pool_stats stats;
	int i;

	for (i = 1; i < 3; i++)
		KUNIT_EXPECT_EQ(test, chp_pool_try_submit(site->pool, quick_work,
							  &site->works[i]), 0);
	KUNIT_EXPECT_EQ(test, chp_pool_try_submit(site->pool, quick_work,
						  &site->works[3]), -EAGAIN);
	chp_pool_stats(site->pool, &stats);
	KUNIT_EXPECT_EQ(test, stats.workers, 1);
	KUNIT_EXPECT_EQ(test, stats.busy, 1);
	chp_test_raise(&site->gate);
	KUNIT_EXPECT_EQ(test, site_drain(site), 0);
	site_called(test, site, 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&site->late), 0);
}

struct submit {
	struct site *site;
	struct task_struct *thread;
	bool begun;
	int result;
};

static int submit_one(struct chp_ctx *ctx, void *arg)
{
	struct submit *submit = arg;
	struct site *site = submit->site;

	submit->thread = current;
	chp_test_raise(&submit->begun);
	submit->result = chp_pool_submit(ctx, site->pool, quick_work,
					 &site->works[1]);
	return 0;
}

static bool submit_waits(struct submit *submit)
{
	return chp_test_raised(&submit->begun) &&
	       chp_test_sleeps(submit->thread);
}

/* Somebody waits for a place in the queue of a busy pool. */
static struct submit *submit_start(struct kunit *test, struct site *site,
				   struct chp_group *group)
{
	struct submit *submit = kunit_kzalloc(test, sizeof(*submit), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, submit);
	chp_test_group_finish(test, group);
	submit->site = site;
	KUNIT_ASSERT_EQ(test, chp_go(group, "submit", submit_one, submit), 0);
	CHP_EVENTUALLY(test, submit_waits(submit));
	return submit;
}

static void a_submit_waits_for_a_place(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct site *site = site_busy(test, NULL, 0);
	struct submit *submit = submit_start(test, site, group);

	chp_test_raise(&site->gate);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, submit->result, 0);
	KUNIT_EXPECT_EQ(test, site_drain(site), 0);
	site_called(test, site, 2);
}

static void a_submit_that_is_cancelled_leaves_no_work(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct site *site = site_busy(test, NULL, 0);
	struct submit *submit = submit_start(test, site, group);

	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, submit->result, -ECANCELED);
	chp_test_raise(&site->gate);
	KUNIT_EXPECT_EQ(test, site_drain(site), 0);
	site_called(test, site, 1);
}

/* What the pool's end leaves undone is called all the same, to clean up. */
static void stop_calls_what_has_not_begun_with_an_ended_context(struct kunit *test)
{
	struct site *site = site_busy(test, NULL, 50);
	int i;

	for (i = 1; i <= 50; i++)
		KUNIT_ASSERT_EQ(test, chp_pool_submit(NULL, site->pool,
						      quick_work,
						      &site->works[i]), 0);
	KUNIT_EXPECT_EQ(test, site_stop(site), 0);
	site_called(test, site, 51);
	KUNIT_EXPECT_EQ(test, atomic_read(&site->late), 50);
}

static void drain_does_what_is_queued(struct kunit *test)
{
	struct site *site = site_busy(test, NULL, 50);
	int i;

	for (i = 1; i <= 50; i++)
		KUNIT_ASSERT_EQ(test, chp_pool_submit(NULL, site->pool,
						      quick_work,
						      &site->works[i]), 0);
	chp_test_raise(&site->gate);
	KUNIT_EXPECT_EQ(test, site_drain(site), 0);
	site_called(test, site, 51);
	KUNIT_EXPECT_EQ(test, atomic_read(&site->late), 0);
}

static void the_end_of_the_parent_ends_the_pool(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct site *site = site_busy(test, ctx, 10);
	int i;

	for (i = 1; i <= 10; i++)
		KUNIT_ASSERT_EQ(test, chp_pool_submit(NULL, site->pool,
						      quick_work,
						      &site->works[i]), 0);
	chp_ctx_cancel(ctx);
	CHP_EVENTUALLY(test, site_refuses(site));
	KUNIT_EXPECT_EQ(test, site_drain(site), 0);
	site_called(test, site, 11);
	KUNIT_EXPECT_EQ(test, atomic_read(&site->late), 10);
}

static void a_pool_without_work_goes_quietly(struct kunit *test)
{
	struct chp_pool_stats stats;
	struct site *site;

	site = site_sized(test, NULL);
	chp_pool_stats(site->pool, &stats);
	KUNIT_EXPECT_EQ(test, stats.submitted, 0);
	KUNIT_EXPECT_EQ(test, stats.busy, 0);
	KUNIT_EXPECT_EQ(test, site_drain(site), 0);
	site = site_sized(test, NULL);
	KUNIT_EXPECT_EQ(test, site_stop(site), 0);
}

static void irq_submit(void *arg)
{
	struct site *site = arg;
	int i;

	for (i = 0; i < 10; i++)
		if (!chp_pool_try_submit(site->pool, quick_work, &site->works[i]))
			site->fail_at--;
}

static void a_hard_interrupt_may_submit(struct kunit *test)
{
	struct site *site = site_make(test, NULL, 4, 10);

	chp_test_in_hardirq(test, irq_submit, site);
	KUNIT_EXPECT_EQ(test, site->fail_at, -10);
	KUNIT_EXPECT_EQ(test, site_drain(site), 0);
	site_called(test, site, 10);
}

static void a_pool_of_impossible_size_is_refused(struct kunit *test)
{
	struct chp_pool *pool;

	pool = chp_pool_alloc(NULL, "x", 0, 1);
	KUNIT_EXPECT_PTR_EQ(test, pool, ERR_PTR(-EINVAL));
	pool = chp_pool_alloc(NULL, "x", CHP_WORKERS_MAX + 1, 1);
	KUNIT_EXPECT_PTR_EQ(test, pool, ERR_PTR(-EINVAL));
	pool = chp_pool_alloc(NULL, "x", 1, CHP_CAP_MAX + 1);
	KUNIT_EXPECT_PTR_EQ(test, pool, ERR_PTR(-EINVAL));
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(three_workers_double_five_numbers),
	KUNIT_CASE_PARAM(all_is_done_once_by_no_more_than_the_workers,
			 size_gen_params),
	KUNIT_CASE_PARAM(many_may_submit, size_gen_params),
	KUNIT_CASE_PARAM(work_is_called_once_when_the_pool_is_stopped_early,
			 size_gen_params),
	KUNIT_CASE_PARAM(an_error_ends_the_pool, size_gen_params),
	KUNIT_CASE(a_full_pool_says_so),
	KUNIT_CASE(a_submit_waits_for_a_place),
	KUNIT_CASE(a_submit_that_is_cancelled_leaves_no_work),
	KUNIT_CASE(stop_calls_what_has_not_begun_with_an_ended_context),
	KUNIT_CASE(drain_does_what_is_queued),
	KUNIT_CASE(the_end_of_the_parent_ends_the_pool),
	KUNIT_CASE_PARAM(a_pool_without_work_goes_quietly, size_gen_params),
	KUNIT_CASE(a_hard_interrupt_may_submit),
	KUNIT_CASE(a_pool_of_impossible_size_is_refused),
	{}
};

struct kunit_suite chp_pool_suite = {
	.name = "chanpat_pool",
	.init = chp_test_init,
	.test_cases = pool_cases,
};
