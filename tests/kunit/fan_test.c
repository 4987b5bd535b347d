// SPDX-License-Identifier: GPL-2.0
/* Fans: what is promised in <chanpat/fan.h>. */
#include <linux/slab.h>
#include <chanpat/fan.h>
#include "houses.h"
#include "stages.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static void every_element_has_a_worker_in_a_fan(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 0, true, 0);
	int i;

	chp_house_open(test, house);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).workers, 1);
	chp_house_put(test, house, 0, 100);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 100);
	/* And one that waits for the next, as soon as it has begun. */
	CHP_EVENTUALLY(test, chp_house_stats(house).workers == 101);
	for (i = 0; i < 100; i++)
		chp_house_get(test, house);
	CHP_EVENTUALLY(test, chp_house_stats(house).workers == 1);
	chp_house_over(test, house);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).most, 101);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).sent, 100);
}

static void a_fan_has_no_more_workers_than_its_limit(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 4, true, 100);
	unsigned long seen = 0;
	int i;

	chp_house_open(test, house);
	chp_house_put(test, house, 0, 20);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 4);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).workers, 4);
	KUNIT_EXPECT_EQ(test, chp_len(house->in), 16);
	for (i = 0; i < 20; i++)
		__set_bit(chp_house_get(test, house), &seen);
	KUNIT_EXPECT_EQ(test, seen, BIT(20) - 1);
	chp_house_over(test, house);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).most, 4);
}

static void a_fan_of_one_works_on_one_at_a_time(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 1, true, 10);
	int i;

	chp_house_open(test, house);
	chp_house_put(test, house, 0, 5);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, chp_house_get(test, house), i);
	chp_house_over(test, house);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).most, 1);
}

static void the_limit_of_a_fan_can_be_changed(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 2, true, 100);
	int i;

	chp_house_open(test, house);
	chp_house_put(test, house, 0, 30);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 2);
	KUNIT_EXPECT_EQ(test, chp_stage_resize(house->stage, 5), 0);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 5);
	KUNIT_EXPECT_EQ(test, chp_stage_resize(house->stage, 0), 0);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 30);
	for (i = 0; i < 30; i++)
		chp_house_get(test, house);
	chp_house_over(test, house);
}

/* The first takes longest. */
static void an_ordered_fan_keeps_the_order(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 0, true, 0);
	u64 i;

	house->config.ordered = true;
	house->slow = 20;
	chp_house_open(test, house);
	chp_house_put(test, house, 0, 30);
	for (i = 0; i < 30; i++)
		KUNIT_EXPECT_EQ(test, chp_house_get(test, house), i);
	chp_house_over(test, house);
}

static void the_reader_of_a_fan_may_stop_early(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 0, true, 0);

	chp_house_open(test, house);
	chp_house_put(test, house, 0, 50);
	chp_house_get(test, house);
	chp_close(house->out);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, house->in, &(u64){ 1 }), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).workers, 0);
}

static void a_cancel_ends_all_of_a_fan(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 0, true, 0);

	house->slow = 10000000;
	chp_house_open(test, house);
	chp_house_put(test, house, 0, 50);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 50);
	chp_group_cancel(house->group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).workers, 0);
}

/* The fan, as a module would write it. */
static int square_item(struct chp_worker *worker, void *elem)
{
	u64 *value = elem;

	*value *= *value;
	return CHP_EMIT;
}

static const struct chp_stage_ops square_ops = { .item = square_item };

/* Also while there is always a next element to take. */
static void a_lower_limit_of_a_fan_counts_under_load(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 8, true, 100);
	int i;

	chp_house_open(test, house);
	chp_house_put(test, house, 0, 60);
	CHP_EVENTUALLY(test, chp_house_stats(house).busy == 8);
	KUNIT_EXPECT_EQ(test, chp_stage_resize(house->stage, 1), 0);
	for (i = 0; i < 8; i++)
		chp_house_get(test, house);
	CHP_EVENTUALLY(test, chp_house_stats(house).workers == 1);
	for (; i < 60; i++)
		chp_house_get(test, house);
	chp_house_over(test, house);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).sent, 60);
}

/* The one who hires holds the only place that there is. */
static void a_fan_needs_no_more_places_than_its_group_has(struct kunit *test)
{
	struct chp_house *house = chp_house_make(test, 0, true, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	int i;

	house->stage = chp_stage_alloc(&house->config, sizeof(u64), house->in,
				       house->out);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, house->stage);
	house->group = group;
	KUNIT_EXPECT_EQ(test, chp_group_set_limit(group, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_stage_start(house->stage, group), 0);
	for (i = 0; i < 10; i++) {
		chp_house_put(test, house, i, 1);
		KUNIT_EXPECT_EQ(test, chp_house_get(test, house), i);
	}
	chp_house_over(test, house);
	chp_stage_free(house->stage);
}

static void a_fan_squares_ten_numbers(struct kunit *test)
{
	struct chp_fan_config config = { .name = "square", .ops = &square_ops };
	struct chp_chan *in = chp_test_chan(test, sizeof(u64), 10);
	struct chp_chan *out = chp_test_chan(test, sizeof(u64), 0);
	u64 value, sum = 0;
	struct chp_group group;
	struct chp_stage *fan;

	for (value = 1; value <= 10; value++)
		KUNIT_EXPECT_EQ(test, chp_try_send(in, &value), 0);
	chp_close(in);
	fan = chp_fan_alloc(&config, sizeof(u64), in, out);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fan);
	KUNIT_EXPECT_EQ(test, chp_group_init(&group, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_stage_start(fan, &group), 0);
	while (!chp_recv(NULL, out, &value))
		sum += value;
	KUNIT_EXPECT_EQ(test, chp_group_wait(&group), 0);
	chp_stage_free(fan);
	KUNIT_EXPECT_EQ(test, sum, 385);
}

#define NEVER U64_MAX

/**
 * struct rig - a fan of pieces, between a source and the test
 * @ledger: of the pieces
 * @source: of them
 * @fail_at: the piece of this value fails with -EIO
 * @carry: then it carries its error on; otherwise that ends the group
 * @delay: nanoseconds for all others
 * @in: the fan's input
 * @out: its output
 * @group: owns both
 * @fan: once it was started
 */
struct rig {
	struct chp_ledger ledger;
	struct chp_source source;
	u64 fail_at;
	bool carry;
	u64 delay;
	struct chp_chan *in;
	struct chp_chan *out;
	struct chp_group *group;
	struct chp_stage *fan;
};

static int rig_item(struct chp_worker *worker, void *elem)
{
	struct rig *rig = chp_worker_data(worker);
	struct chp_piece *piece = elem;

	if (piece->value == rig->fail_at)
		return -EIO;
	chp_worker_delay(worker, rig->delay);
	return CHP_EMIT;
}

static int rig_failed(struct chp_worker *worker, void *elem, int err)
{
	struct rig *rig = chp_worker_data(worker);
	struct chp_piece *piece = elem;

	if (!rig->carry)
		return err;
	piece->value = err;
	return CHP_EMIT;
}

static const struct chp_stage_ops rig_ops = {
	.item = rig_item,
	.failed = rig_failed,
	.drop = chp_piece_drop,
};

static void rig_free(void *data)
{
	struct rig *rig = data;

	chp_stage_free(rig->fan);
}

/* For a fan of @n pieces. */
static struct rig *rig_make(struct kunit *test, u64 n)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->fail_at = NEVER;
	rig->source.ledger = &rig->ledger;
	rig->source.end = n;
	rig->in = chp_test_chan(test, sizeof(struct chp_piece), 4);
	rig->out = chp_test_chan(test, sizeof(struct chp_piece), 4);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, rig_free, rig), 0);
	rig->group = chp_test_group(test, NULL);
	return rig;
}

static void rig_start(struct kunit *test, struct rig *rig, unsigned int limit,
		      bool ordered)
{
	struct chp_fan_config config = {
		.name = "fan", .ops = &rig_ops, .data = rig,
		.limit = limit, .ordered = ordered,
	};
	struct chp_stage_config source = {
		.name = "source", .ops = &chp_source_ops,
		.data = &rig->source, .workers = 1,
	};
	struct chp_stage *fan;

	fan = chp_fan_alloc(&config, sizeof(struct chp_piece), rig->in,
			    rig->out);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fan);
	rig->fan = fan;
	KUNIT_ASSERT_EQ(test, chp_stage_start(fan, rig->group), 0);
	chp_test_stage_start(test, chp_test_stage(test, &source, NULL, rig->in),
			     rig->group);
}

/* Every piece has come to one end. */
static void rig_over(struct kunit *test, struct rig *rig, int err)
{
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), err);
	chp_test_drain(rig->in);
	chp_test_drain(rig->out);
	chp_test_settled(test, &rig->ledger);
}

static const bool orders[] = { false, true };

static void order_desc(const bool *ordered, char *desc)
{
	strscpy(desc, *ordered ? "ordered" : "unordered",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static bool ordered(struct kunit *test)
{
	return *(const bool *)test->param_value;
}

static void thousands_come_through_once_each(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_storm);
	struct chp_piece piece;
	u64 i, sum = 0, swapped = 0;

	rig_start(test, rig, 0, ordered(test));
	for (i = 0; i < chp_storm; i++) {
		KUNIT_ASSERT_EQ(test, chp_test_recv(rig->out, &piece), 0);
		sum += piece.value;
		swapped += piece.value != i;
	}
	KUNIT_EXPECT_EQ(test, chp_test_recv(rig->out, &piece), -EPIPE);
	KUNIT_EXPECT_EQ(test, sum, (u64)chp_storm * (chp_storm - 1) / 2);
	if (ordered(test))
		KUNIT_EXPECT_EQ(test, swapped, 0);
	rig_over(test, rig, 0);
}

#define CROWD 3000

/* All others sleep for long when one finds it out. */
static void the_first_error_ends_the_group(struct kunit *test)
{
	struct rig *rig = rig_make(test, CROWD);

	rig->delay = 3600 * (u64)NSEC_PER_SEC;
	rig->fail_at = CROWD - 1;
	rig_start(test, rig, 0, ordered(test));
	rig_over(test, rig, -EIO);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), CROWD);
}

static void an_element_may_carry_its_error(struct kunit *test)
{
	struct rig *rig = rig_make(test, 100);
	struct chp_piece piece;
	int i, errors = 0;

	rig->fail_at = 42;
	rig->carry = true;
	rig_start(test, rig, 0, ordered(test));
	for (i = 0; i < 100; i++) {
		KUNIT_ASSERT_EQ(test, chp_test_recv(rig->out, &piece), 0);
		errors += piece.value == (u64)-EIO;
	}
	KUNIT_EXPECT_EQ(test, errors, 1);
	rig_over(test, rig, 0);
}

static void an_early_stop_travels_to_the_source(struct kunit *test)
{
	struct rig *rig = rig_make(test, NEVER);
	struct chp_piece piece;
	int i;

	rig_start(test, rig, 10, ordered(test));
	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_EQ(test, chp_test_recv(rig->out, &piece), 0);
	KUNIT_EXPECT_EQ(test, chp_close(rig->out), 0);
	rig_over(test, rig, 0);
}

static void an_impossible_fan_is_refused(struct kunit *test)
{
	struct chp_fan_config config = { .name = "fan", .ops = &rig_ops };
	struct chp_chan *in = chp_test_chan(test, 8, 0);

	KUNIT_EXPECT_PTR_EQ(test, chp_fan_alloc(&config, 8, NULL, NULL),
			    ERR_PTR(-EINVAL));
	KUNIT_EXPECT_PTR_EQ(test, chp_fan_alloc(&config, CHP_ELEM_MAX + 1, in,
						NULL), ERR_PTR(-EINVAL));
	config.limit = CHP_WORKERS_MAX + 1;
	KUNIT_EXPECT_PTR_EQ(test, chp_fan_alloc(&config, 8, in, NULL),
			    ERR_PTR(-EINVAL));
}

static struct kunit_case fan_cases[] = {
	KUNIT_CASE_PARAM(every_element_has_a_worker_in_a_fan, form_gen_params),
	KUNIT_CASE_PARAM(a_fan_has_no_more_workers_than_its_limit,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_fan_of_one_works_on_one_at_a_time, form_gen_params),
	KUNIT_CASE_PARAM(the_limit_of_a_fan_can_be_changed, form_gen_params),
	KUNIT_CASE_PARAM(an_ordered_fan_keeps_the_order, form_gen_params),
	KUNIT_CASE_PARAM(the_reader_of_a_fan_may_stop_early, form_gen_params),
	KUNIT_CASE_PARAM(a_cancel_ends_all_of_a_fan, form_gen_params),
	KUNIT_CASE_PARAM(a_lower_limit_of_a_fan_counts_under_load,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_fan_needs_no_more_places_than_its_group_has,
			 form_gen_params),
	KUNIT_CASE(a_fan_squares_ten_numbers),
	KUNIT_CASE_PARAM(thousands_come_through_once_each, order_gen_params),
	KUNIT_CASE_PARAM(the_first_error_ends_the_group, order_gen_params),
	KUNIT_CASE_PARAM(an_element_may_carry_its_error, order_gen_params),
	KUNIT_CASE_PARAM(an_early_stop_travels_to_the_source, order_gen_params),
	KUNIT_CASE(an_impossible_fan_is_refused),
	{}
};

struct kunit_suite chp_fan_suite = {
	.name = "chanpat_fan",
	.init = chp_test_init,
	.test_cases = fan_cases,
};
