// SPDX-License-Identifier: GPL-2.0
/* Producers and consumers around a buffer with marks. */
#include <linux/err.h>
#include <linux/slab.h>
#include <chanpat/buffer.h>
#include "callers.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static atomic_t dropped;

static void drop(void *elem)
{
	atomic_add(*(u64 *)elem, &dropped);
}

static void buf_free(void *buf)
{
	chp_buffer_free(buf);
}

/* Made before the group of those who use it, it goes after them. */
static struct chp_buffer *buf_make(struct kunit *test, unsigned int high,
				   unsigned int low)
{
	const struct chp_buffer_config config = {
		.name = "test", .elem_size = sizeof(u64),
		.high = high, .low = low, .drop = drop,
	};
	struct chp_buffer *buf = chp_buffer_alloc(&config);

	atomic_set(&dropped, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(buf));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, buf_free, buf), 0);
	return buf;
}

static struct chp_buffer_stats stats_of(struct chp_buffer *buf)
{
	struct chp_buffer_stats stats;

	chp_buffer_stats(buf, &stats);
	return stats;
}

static void fill(struct kunit *test, struct chp_buffer *buf, u64 from, u64 to)
{
	for (; from <= to; from++)
		KUNIT_ASSERT_EQ(test, chp_buffer_try_send(buf, &from), 0);
}

static void take(struct kunit *test, struct chp_buffer *buf, u64 from, u64 to)
{
	u64 value;

	for (; from <= to; from++) {
		KUNIT_ASSERT_EQ(test, chp_buffer_try_recv(buf, &value), 0);
		KUNIT_ASSERT_EQ(test, value, from);
	}
}

/* A caller that waits for a place. */
static int reserve(struct chp_ctx *ctx, struct chp_caller *caller)
{
	return chp_buffer_reserve(ctx, caller->arg);
}

static int task_reserve(struct chp_task *task, struct chp_caller *caller)
{
	return chp_task_buffer_reserve(task, caller->arg);
}

static const struct chp_caller_kind reserver = { reserve, task_reserve };

static struct chp_caller *reserver_start(struct kunit *test,
					 struct chp_group *group,
					 struct chp_buffer *buf)
{
	return chp_caller_start(test, group, &reserver, chp_test_form(test), buf,
				0);
}

static void elements_leave_in_their_order(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 8, 2);
	unsigned int i;

	for (i = 0; i < 5; i++) {
		fill(test, buf, 1, 8);
		take(test, buf, 1, 8);
		KUNIT_EXPECT_EQ(test, chp_buffer_try_recv(buf, NULL), -EAGAIN);
	}
}

static void between_the_marks_producers_wait_only_on_the_way_down(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 6, 2);
	u64 value = 7;

	fill(test, buf, 1, 5);
	take(test, buf, 1, 2);
	/* On the way up each place that becomes free is there at once. */
	fill(test, buf, 6, 8);
	KUNIT_EXPECT_TRUE(test, stats_of(buf).paused);
	KUNIT_EXPECT_EQ(test, chp_buffer_try_send(buf, &value), -EAGAIN);
	take(test, buf, 3, 5);
	KUNIT_EXPECT_EQ(test, stats_of(buf).used, 3);
	KUNIT_EXPECT_EQ(test, chp_buffer_try_send(buf, &value), -EAGAIN);
	take(test, buf, 6, 6);
	KUNIT_EXPECT_FALSE(test, stats_of(buf).paused);
	fill(test, buf, 9, 12);
	KUNIT_EXPECT_EQ(test, stats_of(buf).pauses, 2);
	KUNIT_EXPECT_EQ(test, stats_of(buf).most, 6);
	take(test, buf, 7, 12);
}

static void who_waits_at_the_high_mark_goes_on_at_the_low(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 4, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *callers[3];
	u64 value = 5;
	int i;

	fill(test, buf, 1, 4);
	for (i = 0; i < 3; i++) {
		callers[i] = reserver_start(test, group, buf);
		CHP_EVENTUALLY(test, chp_caller_waits(callers[i]));
	}
	take(test, buf, 1, 2);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, chp_caller_waits(callers[i]));
	take(test, buf, 3, 3);
	for (i = 0; i < 3; i++) {
		CHP_EVENTUALLY(test, chp_caller_done(callers[i]));
		KUNIT_EXPECT_EQ(test, callers[i]->result, 0);
		KUNIT_EXPECT_EQ(test, chp_buffer_commit(buf, &value), 0);
		value++;
	}
	take(test, buf, 4, 7);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static void with_marks_side_by_side_it_is_a_channel(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 2, 1);
	u64 i;

	fill(test, buf, 1, 2);
	for (i = 3; i < 9; i++) {
		KUNIT_EXPECT_EQ(test, chp_buffer_try_send(buf, &i), -EAGAIN);
		take(test, buf, i - 2, i - 2);
		fill(test, buf, i, i);
	}
	take(test, buf, 7, 8);
}

static void a_place_is_used_until_it_is_released(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 1, 0);
	u64 value = 1;

	fill(test, buf, 1, 1);
	KUNIT_EXPECT_EQ(test, chp_try_recv(chp_buffer_chan(buf), &value), 0);
	KUNIT_EXPECT_EQ(test, chp_buffer_try_send(buf, &value), -EAGAIN);
	chp_buffer_release(buf);
	fill(test, buf, 2, 2);
	take(test, buf, 2, 2);
}

static void the_last_producer_closes(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 4, 1);
	u64 value = 9;

	chp_buffer_join(buf);
	chp_buffer_join(buf);
	fill(test, buf, 1, 2);
	chp_buffer_leave(buf, 0);
	fill(test, buf, 3, 3);
	KUNIT_EXPECT_EQ(test, stats_of(buf).producers, 1);
	chp_buffer_leave(buf, 0);
	KUNIT_EXPECT_EQ(test, chp_buffer_try_send(buf, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_buffer_send(NULL, buf, &value), -EPIPE);
	take(test, buf, 1, 3);
	KUNIT_EXPECT_EQ(test, chp_buffer_recv(NULL, buf, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, value, 0);
	KUNIT_EXPECT_EQ(test, chp_buffer_err(buf), 0);
}

/* What the others make is not lost, and what it has made neither. */
static void a_producer_that_dies_leaves_its_error(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 4, 1);

	chp_buffer_join(buf);
	chp_buffer_join(buf);
	fill(test, buf, 1, 1);
	chp_buffer_leave(buf, -EIO);
	fill(test, buf, 2, 2);
	take(test, buf, 1, 2);
	KUNIT_EXPECT_EQ(test, chp_buffer_try_recv(buf, NULL), -EAGAIN);
	chp_buffer_leave(buf, -ENXIO);
	KUNIT_EXPECT_EQ(test, chp_buffer_recv(NULL, buf, NULL), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_buffer_err(buf), -EIO);
}

static void close_tells_who_waits(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 2, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller;

	fill(test, buf, 1, 2);
	caller = reserver_start(test, group, buf);
	CHP_EVENTUALLY(test, chp_caller_waits(caller));
	chp_buffer_close(buf);
	chp_buffer_close(buf);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -EPIPE);
	take(test, buf, 1, 2);
	KUNIT_EXPECT_EQ(test, stats_of(buf).used, 0);
}

/* A place that was reserved before the close is not filled after it. */
static void close_between_the_halves_gives_the_place_back(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 2, 0);
	u64 value = 1;

	KUNIT_EXPECT_EQ(test, chp_buffer_reserve(NULL, buf), 0);
	KUNIT_EXPECT_EQ(test, stats_of(buf).used, 1);
	chp_buffer_close(buf);
	KUNIT_EXPECT_EQ(test, chp_buffer_commit(buf, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, stats_of(buf).used, 0);
}

static void cancel_ends_the_wait_for_a_place(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 1, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller;

	fill(test, buf, 1, 1);
	caller = reserver_start(test, group, buf);
	CHP_EVENTUALLY(test, chp_caller_waits(caller));
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, stats_of(buf).used, 1);
	take(test, buf, 1, 1);
	fill(test, buf, 2, 2);
}

static void what_is_left_is_dropped(struct kunit *test)
{
	const struct chp_buffer_config config = {
		.name = "left", .elem_size = sizeof(u64), .high = 4,
		.drop = drop,
	};
	struct chp_buffer *buf = chp_buffer_alloc(&config);

	KUNIT_ASSERT_FALSE(test, IS_ERR(buf));
	atomic_set(&dropped, 0);
	fill(test, buf, 1, 3);
	chp_buffer_free(buf);
	KUNIT_EXPECT_EQ(test, atomic_read(&dropped), 1 + 2 + 3);
	chp_buffer_free(NULL);
}

static void try_both_ways(void *arg)
{
	struct chp_buffer *buf = arg;
	u64 value = 1;

	chp_buffer_try_send(buf, &value);
	chp_buffer_try_recv(buf, &value);
	value++;
	chp_buffer_try_send(buf, &value);
}

static void try_works_in_a_hard_interrupt(struct kunit *test)
{
	struct chp_buffer *buf = buf_make(test, 2, 0);

	chp_test_in_hardirq(test, try_both_ways, buf);
	take(test, buf, 2, 2);
}

#define CREW 4
#define EACH 5000

/**
 * struct crew - many to many
 * @buf: between them
 * @sum: of what was received
 * @count: of it
 */
struct crew {
	struct chp_buffer *buf;
	atomic64_t sum;
	atomic_t count;
};

static int produce(struct chp_ctx *ctx, void *arg)
{
	struct crew *crew = arg;
	int err = 0;
	u64 i;

	for (i = 1; !err && i <= EACH; i++)
		err = chp_buffer_send(ctx, crew->buf, &i);
	chp_buffer_leave(crew->buf, err);
	return 0;
}

static int consume(struct chp_ctx *ctx, void *arg)
{
	struct crew *crew = arg;
	u64 value;

	while (!chp_buffer_recv(ctx, crew->buf, &value)) {
		atomic64_add(value, &crew->sum);
		atomic_inc(&crew->count);
	}
	return 0;
}

static void many_to_many_lose_and_double_nothing(struct kunit *test)
{
	static const unsigned int marks[][2] = { { 1, 0 }, { 16, 4 }, { 9, 8 } };
	struct crew *crew = kunit_kzalloc(test, sizeof(*crew), GFP_KERNEL);
	struct chp_group *group;
	unsigned int i, k;

	KUNIT_ASSERT_NOT_NULL(test, crew);
	for (i = 0; i < ARRAY_SIZE(marks); i++) {
		crew->buf = buf_make(test, marks[i][0], marks[i][1]);
		atomic64_set(&crew->sum, 0);
		atomic_set(&crew->count, 0);
		group = chp_test_group(test, NULL);
		for (k = 0; k < CREW; k++)
			chp_buffer_join(crew->buf);
		for (k = 0; k < CREW; k++) {
			KUNIT_ASSERT_EQ(test, chp_go(group, "p", produce, crew), 0);
			KUNIT_ASSERT_EQ(test, chp_go(group, "c", consume, crew), 0);
		}
		KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&crew->count), CREW * EACH);
		KUNIT_EXPECT_EQ(test, atomic64_read(&crew->sum),
				CREW * (EACH * (EACH + 1) / 2));
		KUNIT_EXPECT_EQ(test, stats_of(crew->buf).used, 0);
		KUNIT_EXPECT_LE(test, stats_of(crew->buf).most, marks[i][0]);
	}
}

static void an_impossible_buffer_is_refused(struct kunit *test)
{
	static const struct chp_buffer_config configs[] = {
		{ .name = "x", .elem_size = 8, .high = 0, .low = 0 },
		{ .name = "x", .elem_size = 8, .high = 4, .low = 4 },
		{ .name = "x", .elem_size = 8, .high = CHP_CAP_MAX + 1 },
		{ .name = "x", .elem_size = CHP_ELEM_MAX + 1, .high = 4 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(configs); i++)
		KUNIT_EXPECT_EQ(test, PTR_ERR(chp_buffer_alloc(&configs[i])),
				-EINVAL);
}

static struct kunit_case buffer_cases[] = {
	KUNIT_CASE(elements_leave_in_their_order),
	KUNIT_CASE(between_the_marks_producers_wait_only_on_the_way_down),
	KUNIT_CASE_PARAM(who_waits_at_the_high_mark_goes_on_at_the_low,
			 form_gen_params),
	KUNIT_CASE(with_marks_side_by_side_it_is_a_channel),
	KUNIT_CASE(a_place_is_used_until_it_is_released),
	KUNIT_CASE(the_last_producer_closes),
	KUNIT_CASE(a_producer_that_dies_leaves_its_error),
	KUNIT_CASE_PARAM(close_tells_who_waits, form_gen_params),
	KUNIT_CASE(close_between_the_halves_gives_the_place_back),
	KUNIT_CASE_PARAM(cancel_ends_the_wait_for_a_place, form_gen_params),
	KUNIT_CASE(what_is_left_is_dropped),
	KUNIT_CASE(try_works_in_a_hard_interrupt),
	KUNIT_CASE(many_to_many_lose_and_double_nothing),
	KUNIT_CASE(an_impossible_buffer_is_refused),
	{}
};

struct kunit_suite chp_buffer_suite = {
	.name = "chanpat_buffer",
	.init = chp_test_init,
	.test_cases = buffer_cases,
};
