// SPDX-License-Identifier: GPL-2.0
/*
 * The staff of a stage: resizing it while it works. Nobody reads the output until
 * a test says so: then a worker that has an element keeps it, and shows as busy.
 */
#include <linux/bitmap.h>
#include <linux/slab.h>
#include "houses.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static void more_workers_take_what_one_could_not(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 1, false, 100);
	int i;

	chp_house_open(test, house);
	chp_house_put(test, house, 0, 10);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 1);
	KUNIT_EXPECT_EQ(test, chp_stage_resize(house->stage, 4), 0);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 4);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).workers, 4);
	KUNIT_EXPECT_EQ(test, chp_len(house->in), 6);
	for (i = 0; i < 10; i++)
		chp_house_get(test, house);
	chp_house_over(test, house);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).most, 4);
}

/* Without a single element that would wake them. */
static void workers_that_wait_for_nothing_end_when_they_are_too_many(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 9, false, 0);

	chp_house_open(test, house);
	KUNIT_EXPECT_EQ(test, chp_stage_resize(house->stage, 2), 0);
	CHP_EVENTUALLY(test, chp_house_stats(house).workers == 2);
	chp_house_put(test, house, 0, 2);
	KUNIT_EXPECT_EQ(test, chp_try_send(house->in, &(u64){ 2 }), -EAGAIN);
	chp_house_get(test, house);
	chp_house_get(test, house);
	chp_house_over(test, house);
}

static void workers_that_are_too_many_finish_what_they_have(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 8, false, 100);
	unsigned long seen = 0;
	int i;

	chp_house_open(test, house);
	chp_house_put(test, house, 0, 20);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 8);
	KUNIT_EXPECT_EQ(test, chp_stage_resize(house->stage, 2), 0);
	for (i = 0; i < 6; i++)
		__set_bit(chp_house_get(test, house), &seen);
	CHP_EVENTUALLY(test, chp_house_stats(house).workers == 2);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 2);
	KUNIT_EXPECT_EQ(test, chp_len(house->in), 12);
	for (i = 6; i < 20; i++)
		__set_bit(chp_house_get(test, house), &seen);
	KUNIT_EXPECT_EQ(test, seen, BIT(20) - 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&house->calls), 20);
	chp_house_over(test, house);
}

static void a_stage_that_has_ended_stays_so(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 2, false, 0);

	chp_house_open(test, house);
	chp_close(house->in);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, house->out, NULL), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_stage_resize(house->stage, 8), 0);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).workers, 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
}

static void numbers_that_make_no_sense_are_refused(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 2, false, 0);
	struct chp_stage *generator;

	chp_house_open(test, house);
	KUNIT_EXPECT_EQ(test, chp_stage_resize(house->stage, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_stage_resize(house->stage,
					       CHP_WORKERS_MAX + 1), -EINVAL);
	chp_house_over(test, house);
	house->config.workers = 1;
	generator = chp_stage_alloc(&house->config, 8, NULL, house->out);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, generator);
	KUNIT_EXPECT_EQ(test, chp_stage_resize(generator, 1), -EINVAL);
	chp_stage_free(generator);
	house->config.fan = true;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(chp_stage_alloc(&house->config, 8,
							      NULL, house->out)),
			-EINVAL);
}

/* Feeds a stage, and looks at what comes out. */
struct feeder {
	struct chp_house *house;
	u64 n;
};

static int feed(struct chp_ctx *ctx, void *data)
{
	struct feeder *feeder = data;
	u64 i;

	for (i = 0; i < feeder->n; i++)
		if (chp_send(ctx, feeder->house->in, &i))
			return 0;
	chp_close(feeder->house->in);
	return 0;
}

struct reader {
	struct chp_house *house;
	unsigned long *got;
	u64 n;
	u64 strange;
	bool done;
};

static int read_all(struct chp_ctx *ctx, void *data)
{
	struct reader *reader = data;
	u64 value;

	while (!chp_recv(ctx, reader->house->out, &value))
		if (value >= reader->n || __test_and_set_bit(value, reader->got))
			reader->strange++;
	chp_test_raise(&reader->done);
	return 0;
}

static void resizing_under_load_loses_and_doubles_nothing(struct kunit *test)
{
	static const unsigned int sizes[] = { 512, 2, 64, 1, 300, 3 };
	struct chp_house *house = chp_house_make(test, 1, false, 16);
	struct reader reader = { .house = house, .n = chp_storm };
	struct feeder feeder = { .house = house, .n = chp_storm };
	struct chp_group *others = chp_test_group(test, NULL);
	unsigned int i;

	reader.got = kunit_kcalloc(test, BITS_TO_LONGS(chp_storm),
				   sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, reader.got);
	chp_house_open(test, house);
	KUNIT_ASSERT_EQ(test, chp_go(others, "feed", feed, &feeder), 0);
	KUNIT_ASSERT_EQ(test, chp_go(others, "read", read_all, &reader), 0);
	for (i = 0; !chp_test_raised(&reader.done); i++) {
		KUNIT_EXPECT_EQ(test, chp_stage_resize(house->stage,
						       sizes[i % ARRAY_SIZE(sizes)]),
				0);
		chp_test_relax();
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(others), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, reader.strange, 0);
	KUNIT_EXPECT_TRUE(test, bitmap_full(reader.got, chp_storm));
	KUNIT_EXPECT_EQ(test, atomic_read(&house->calls), chp_storm);
}

static struct kunit_case staff_cases[] = {
	KUNIT_CASE_PARAM(more_workers_take_what_one_could_not, form_gen_params),
	KUNIT_CASE_PARAM(workers_that_wait_for_nothing_end_when_they_are_too_many,
			 form_gen_params),
	KUNIT_CASE_PARAM(workers_that_are_too_many_finish_what_they_have,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_stage_that_has_ended_stays_so, form_gen_params),
	KUNIT_CASE_PARAM(numbers_that_make_no_sense_are_refused,
			 form_gen_params),
	KUNIT_CASE_PARAM_ATTR(resizing_under_load_loses_and_doubles_nothing,
			      form_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	{}
};

struct kunit_suite chp_staff_suite = {
	.name = "chanpat_staff",
	.init = chp_test_init,
	.test_cases = staff_cases,
};
