// SPDX-License-Identifier: GPL-2.0
/*
 * Attempts: what a stage does with an element that fails or takes too long, and
 * the semaphore that bounds who works.
 */
#include <linux/slab.h>
#include <chanpat/sem.h>
#include <chanpat/stage.h>
#include "helpers.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

#define FAILED	1000	/* is added to what could not be worked on */

/* A stage of numbers. */
struct shop {
	struct chp_stage_config config;
	struct chp_stage_ops ops;
	struct chp_chan *in, *out;
	struct chp_group *group;
	struct chp_stage *stage;
	struct chp_sem sem;
	unsigned int fails;	/* so often the number 7 fails */
	u64 slow;		/* so long the number 7 takes */
	atomic_t calls;
	int err;		/* the last one that an element failed with */
	unsigned int attempts;	/* that had been made then */
};

static int shop_item(struct chp_worker *worker, void *elem)
{
	struct shop *shop = chp_worker_data(worker);
	u64 *value = elem;

	atomic_inc(&shop->calls);
	if (*value == 7 && chp_worker_attempt(worker) < shop->fails)
		return -EIO;
	if (*value == 7 && shop->slow)
		chp_worker_delay(worker, shop->slow);
	return CHP_EMIT;
}

static int shop_failed(struct chp_worker *worker, void *elem, int err)
{
	struct shop *shop = chp_worker_data(worker);
	u64 *value = elem;

	shop->err = err;
	shop->attempts = chp_worker_attempt(worker) + 1;
	*value += FAILED;
	return CHP_EMIT;
}

/* The hook is given nothing but the element. */
static atomic_t shop_dropped;

static void shop_drop(void *elem)
{
	atomic_inc(&shop_dropped);
}

static struct shop *shop_make(struct kunit *test)
{
	struct shop *shop = kunit_kzalloc(test, sizeof(*shop), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, shop);
	atomic_set(&shop_dropped, 0);
	shop->ops = (struct chp_stage_ops){
		.item = shop_item,
		.failed = shop_failed,
		.drop = shop_drop,
	};
	shop->config = (struct chp_stage_config){
		.name = "shop",
		.ops = &shop->ops,
		.data = shop,
		.workers = 1,
		.sleeps = chp_test_form(test) == CHP_THREAD,
	};
	shop->in = chp_test_chan(test, sizeof(u64), 100);
	shop->out = chp_test_chan(test, sizeof(u64), 0);
	return shop;
}

static void shop_free(void *stage)
{
	chp_stage_free(stage);
}

static void shop_open(struct kunit *test, struct shop *shop)
{
	shop->stage = chp_stage_alloc(&shop->config, sizeof(u64), shop->in,
				      shop->out);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, shop->stage);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, shop_free,
							shop->stage), 0);
	shop->group = chp_test_group(test, NULL);
	chp_test_group_finish(test, shop->group);
	KUNIT_ASSERT_EQ(test, chp_stage_start(shop->stage, shop->group), 0);
}

static void put(struct kunit *test, struct shop *shop, u64 value)
{
	KUNIT_ASSERT_EQ(test, chp_send(NULL, shop->in, &value), 0);
}

static void expect(struct kunit *test, struct shop *shop, u64 expected)
{
	u64 value = U64_MAX;

	KUNIT_ASSERT_EQ(test, chp_recv(NULL, shop->out, &value), 0);
	KUNIT_EXPECT_EQ(test, value, expected);
}

static void over(struct kunit *test, struct shop *shop)
{
	chp_close(shop->in);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, shop->out, NULL), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_group_wait(shop->group), 0);
}

static unsigned int busy(struct shop *shop)
{
	struct chp_stage_stats stats;

	chp_stage_stats(shop->stage, &stats);
	return stats.busy;
}

static void an_element_is_tried_again_as_often_as_it_may(struct kunit *test)
{
	struct shop *shop = shop_make(test);

	shop->config.retry = 3;
	shop->fails = 3;
	shop_open(test, shop);
	put(test, shop, 7);
	put(test, shop, 8);
	expect(test, shop, 7);
	expect(test, shop, 8);
	KUNIT_EXPECT_EQ(test, atomic_read(&shop->calls), 5);
	over(test, shop);
}

static void an_element_that_fails_too_often_is_made_something_of(struct kunit *test)
{
	struct shop *shop = shop_make(test);

	shop->config.retry = 2;
	shop->fails = 3;
	shop_open(test, shop);
	put(test, shop, 7);
	put(test, shop, 8);
	expect(test, shop, 7 + FAILED);
	expect(test, shop, 8);
	KUNIT_EXPECT_EQ(test, shop->err, -EIO);
	KUNIT_EXPECT_EQ(test, shop->attempts, 3);
	over(test, shop);
}

static void without_a_hook_the_error_ends_the_group(struct kunit *test)
{
	struct shop *shop = shop_make(test);

	shop->ops.failed = NULL;
	shop->fails = 1;
	shop_open(test, shop);
	put(test, shop, 7);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, shop->out, NULL), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_group_wait(shop->group), -EIO);
	KUNIT_EXPECT_EQ(test, atomic_read(&shop_dropped), 1);
}

/* The stack does not grow with them. */
static void there_may_be_many_attempts(struct kunit *test)
{
	struct shop *shop = shop_make(test);

	shop->config.retry = min(chp_storm, 100000UL);
	shop->fails = UINT_MAX;
	shop_open(test, shop);
	put(test, shop, 7);
	expect(test, shop, 7 + FAILED);
	KUNIT_EXPECT_EQ(test, shop->attempts, shop->config.retry + 1);
	over(test, shop);
}

static void what_takes_too_long_fails_with_etime(struct kunit *test)
{
	struct shop *shop = shop_make(test);

	shop->config.timeout_ns = NSEC_PER_MSEC;
	shop->slow = 3600 * (u64)NSEC_PER_SEC;
	shop_open(test, shop);
	put(test, shop, 7);
	put(test, shop, 8);
	expect(test, shop, 7 + FAILED);
	KUNIT_EXPECT_EQ(test, shop->err, -ETIME);
	expect(test, shop, 8);
	over(test, shop);
}

static void each_attempt_has_the_whole_time(struct kunit *test)
{
	struct shop *shop = shop_make(test);
	ktime_t start;

	shop->config.timeout_ns = 2 * NSEC_PER_MSEC;
	shop->config.retry = 4;
	shop->slow = 3600 * (u64)NSEC_PER_SEC;
	shop_open(test, shop);
	start = ktime_get();
	put(test, shop, 7);
	expect(test, shop, 7 + FAILED);
	KUNIT_EXPECT_GE(test, ktime_to_ns(ktime_sub(ktime_get(), start)),
			5 * 2 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, shop->attempts, 5);
	over(test, shop);
}

static void who_is_in_time_does_not_fail(struct kunit *test)
{
	struct shop *shop = shop_make(test);

	shop->config.timeout_ns = 3600 * (u64)NSEC_PER_SEC;
	shop->slow = NSEC_PER_MSEC;
	shop_open(test, shop);
	put(test, shop, 7);
	expect(test, shop, 7);
	over(test, shop);
}

static void no_more_work_than_the_semaphore_has_units(struct kunit *test)
{
	struct shop *shop = shop_make(test);
	int i;

	shop->config.workers = 8;
	shop->config.sem = &shop->sem;
	chp_sem_init(&shop->sem, 2);
	KUNIT_ASSERT_EQ(test, chp_sem_try_acquire(&shop->sem, 2), 0);
	shop_open(test, shop);
	for (i = 0; i < 8; i++)
		put(test, shop, i);
	CHP_EVENTUALLY(test, busy(shop) == 8);
	KUNIT_EXPECT_EQ(test, atomic_read(&shop->calls), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_release(&shop->sem, 2), 0);
	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, chp_recv(NULL, shop->out, NULL), 0);
	over(test, shop);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(&shop->sem, 2), 0);
}

/* Not while it waits for its reader: only work needs a place. */
static void the_place_is_given_back_before_the_element_is_sent(struct kunit *test)
{
	struct shop *shop = shop_make(test);

	shop->config.workers = 3;
	shop->config.sem = &shop->sem;
	chp_sem_init(&shop->sem, 1);
	shop_open(test, shop);
	put(test, shop, 1);
	put(test, shop, 2);
	put(test, shop, 3);
	CHP_EVENTUALLY(test, atomic_read(&shop->calls) == 3);
	CHP_EVENTUALLY(test, !chp_sem_try_acquire(&shop->sem, 1));
	KUNIT_EXPECT_EQ(test, chp_sem_release(&shop->sem, 1), 0);
	KUNIT_ASSERT_EQ(test, chp_recv(NULL, shop->out, NULL), 0);
	KUNIT_ASSERT_EQ(test, chp_recv(NULL, shop->out, NULL), 0);
	KUNIT_ASSERT_EQ(test, chp_recv(NULL, shop->out, NULL), 0);
	over(test, shop);
}

static void the_time_limit_counts_the_wait_for_a_place(struct kunit *test)
{
	struct shop *shop = shop_make(test);

	shop->config.sem = &shop->sem;
	shop->config.timeout_ns = NSEC_PER_MSEC;
	chp_sem_init(&shop->sem, 1);
	KUNIT_ASSERT_EQ(test, chp_sem_try_acquire(&shop->sem, 1), 0);
	shop_open(test, shop);
	put(test, shop, 1);
	expect(test, shop, 1 + FAILED);
	KUNIT_EXPECT_EQ(test, shop->err, -ETIME);
	KUNIT_EXPECT_EQ(test, atomic_read(&shop->calls), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_release(&shop->sem, 1), 0);
	put(test, shop, 2);
	expect(test, shop, 2);
	over(test, shop);
}

static void a_cancel_ends_the_wait_for_a_place(struct kunit *test)
{
	struct shop *shop = shop_make(test);

	shop->config.workers = 4;
	shop->config.sem = &shop->sem;
	shop->config.retry = 10;
	chp_sem_init(&shop->sem, 1);
	KUNIT_ASSERT_EQ(test, chp_sem_try_acquire(&shop->sem, 1), 0);
	shop_open(test, shop);
	put(test, shop, 1);
	put(test, shop, 2);
	CHP_EVENTUALLY(test, busy(shop) == 2);
	chp_group_cancel(shop->group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(shop->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&shop_dropped), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&shop->calls), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_release(&shop->sem, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(&shop->sem, 1), 0);
}

/* It is gone: a second attempt would be one at somebody else's memory. */
static int shop_swallow(struct chp_worker *worker, void *elem)
{
	struct shop *shop = chp_worker_data(worker);

	atomic_inc(&shop->calls);
	chp_worker_delay(worker, NSEC_PER_SEC);
	return CHP_DROP;
}

static void what_was_disposed_of_is_not_tried_again(struct kunit *test)
{
	struct shop *shop = shop_make(test);
	u64 value = 7;

	shop->ops.item = shop_swallow;
	shop->config.timeout_ns = NSEC_PER_MSEC;
	shop->config.retry = 3;
	shop_open(test, shop);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, shop->in, &value), 0);
	chp_close(shop->in);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, shop->out, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_group_wait(shop->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&shop->calls), 1);
	KUNIT_EXPECT_EQ(test, shop->err, 0);
}

/* An attempt that came too late has its unit, and needs no second one. */
static void an_element_is_admitted_once_however_often_it_is_tried(struct kunit *test)
{
	struct shop *shop = shop_make(test);
	u64 value = 7;

	shop->config.admit = &shop->sem;
	shop->config.timeout_ns = NSEC_PER_MSEC;
	shop->config.retry = 2;
	shop->slow = NSEC_PER_SEC;
	chp_sem_init(&shop->sem, 1);
	shop_open(test, shop);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, shop->in, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, shop->out, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 7 + FAILED);
	KUNIT_EXPECT_EQ(test, atomic_read(&shop->calls), 3);
	KUNIT_EXPECT_EQ(test, chp_sem_release(&shop->sem, 1), 0);
	chp_close(shop->in);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, shop->out, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_group_wait(shop->group), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_held(&shop->sem), 0);
}

static struct kunit_case attempt_cases[] = {
	KUNIT_CASE_PARAM(an_element_is_tried_again_as_often_as_it_may,
			 form_gen_params),
	KUNIT_CASE_PARAM(an_element_that_fails_too_often_is_made_something_of,
			 form_gen_params),
	KUNIT_CASE_PARAM(without_a_hook_the_error_ends_the_group,
			 form_gen_params),
	KUNIT_CASE_PARAM(there_may_be_many_attempts, form_gen_params),
	KUNIT_CASE_PARAM(what_takes_too_long_fails_with_etime, form_gen_params),
	KUNIT_CASE_PARAM(each_attempt_has_the_whole_time, form_gen_params),
	KUNIT_CASE_PARAM(who_is_in_time_does_not_fail, form_gen_params),
	KUNIT_CASE_PARAM(no_more_work_than_the_semaphore_has_units,
			 form_gen_params),
	KUNIT_CASE_PARAM(the_place_is_given_back_before_the_element_is_sent,
			 form_gen_params),
	KUNIT_CASE_PARAM(the_time_limit_counts_the_wait_for_a_place,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_cancel_ends_the_wait_for_a_place, form_gen_params),
	KUNIT_CASE_PARAM(what_was_disposed_of_is_not_tried_again, form_gen_params),
	KUNIT_CASE_PARAM(an_element_is_admitted_once_however_often_it_is_tried,
			 form_gen_params),
	{}
};

struct kunit_suite chp_attempt_suite = {
	.name = "chanpat_attempt",
	.init = chp_test_init,
	.test_cases = attempt_cases,
};
