// SPDX-License-Identifier: GPL-2.0
/* Typed channels: what CHP_CHAN_TYPE() defines does what its names say. */
#include <linux/slab.h>
#include <chanpat/typed.h>
#include "helpers.h"
#include "suites.h"

struct point {
	u32 x;
	u8 label;
	u64 y;
};

CHP_CHAN_TYPE(number_chan, u64);
CHP_CHAN_TYPE(point_chan, struct point);

/* Goes with its last reference, as every channel. */
static struct number_chan *make_numbers(struct kunit *test, unsigned int cap)
{
	struct number_chan *ch = number_chan_alloc(cap, "numbers");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	return ch;
}

static struct point_chan *make_points(struct kunit *test, unsigned int cap)
{
	struct point_chan *ch = point_chan_alloc(cap, "points");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	return ch;
}

static void a_typed_channel_is_a_channel(struct kunit *test)
{
	struct number_chan *numbers = make_numbers(test, 3);
	struct point_chan *points = make_points(test, 5);

	KUNIT_EXPECT_EQ(test, chp_cap(number_chan_untyped(numbers)), 3);
	KUNIT_EXPECT_EQ(test, chp_cap(point_chan_untyped(points)), 5);
	KUNIT_EXPECT_STREQ(test, chp_chan_name(number_chan_untyped(numbers)),
			   "numbers");
	KUNIT_EXPECT_PTR_EQ(test, number_chan_get(numbers), numbers);
	KUNIT_EXPECT_PTR_EQ(test, point_chan_get(points), points);
	number_chan_put(numbers);
	point_chan_put(points);
	number_chan_put(numbers);
	point_chan_put(points);
}

static void too_large_a_capacity_is_an_error_pointer(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, PTR_ERR(number_chan_alloc(CHP_CAP_MAX + 1, "n")),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(point_chan_alloc(CHP_CAP_MAX + 1, "p")),
			-EINVAL);
}

static void numbers_come_out_as_they_went_in(struct kunit *test)
{
	struct number_chan *ch = make_numbers(test, 2);
	u64 value = 0;

	KUNIT_EXPECT_EQ(test, number_chan_send(NULL, ch, &(u64){ 42 }), 0);
	KUNIT_EXPECT_EQ(test, number_chan_try_send(ch, &(u64){ 43 }), 0);
	KUNIT_EXPECT_EQ(test, number_chan_try_send(ch, &(u64){ 44 }), -EAGAIN);
	KUNIT_EXPECT_EQ(test, number_chan_recv(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 42);
	KUNIT_EXPECT_EQ(test, number_chan_try_recv(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 43);
	KUNIT_EXPECT_EQ(test, number_chan_try_recv(ch, &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, number_chan_close(ch), 0);
	KUNIT_EXPECT_EQ(test, number_chan_recv(NULL, ch, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, value, 0);
	number_chan_put(ch);
}

static void structs_come_out_whole(struct kunit *test)
{
	struct point_chan *ch = make_points(test, 2);
	struct point in = { .x = 1, .label = 'p', .y = 1ULL << 60 }, out = {};

	KUNIT_EXPECT_EQ(test, point_chan_send(NULL, ch, &in), 0);
	in.label = 'q';
	KUNIT_EXPECT_EQ(test, point_chan_try_send(ch, &in), 0);
	KUNIT_EXPECT_EQ(test, point_chan_recv(NULL, ch, &out), 0);
	KUNIT_EXPECT_EQ(test, out.x, 1);
	KUNIT_EXPECT_EQ(test, out.label, 'p');
	KUNIT_EXPECT_EQ(test, out.y, 1ULL << 60);
	KUNIT_EXPECT_EQ(test, point_chan_try_recv(ch, &out), 0);
	KUNIT_EXPECT_EQ(test, out.label, 'q');
	KUNIT_EXPECT_EQ(test, point_chan_close(ch), 0);
	KUNIT_EXPECT_EQ(test, point_chan_try_recv(ch, &out), -EPIPE);
	KUNIT_EXPECT_EQ(test, out.y, 0);
	point_chan_put(ch);
}

static void typed_cases_are_cases(struct kunit *test)
{
	struct number_chan *numbers = make_numbers(test, 1);
	struct point_chan *points = make_points(test, 1);
	struct point in = { .y = 7 }, out = {};
	u64 value = 0;
	struct chp_case sends[] = {
		point_chan_case_send(points, &in),
		number_chan_case_send(numbers, &(u64){ 42 }),
	};
	struct chp_case recvs[] = {
		point_chan_case_recv(points, &out),
		number_chan_case_recv(numbers, &value),
	};

	KUNIT_EXPECT_EQ(test, chp_try_select_ordered(sends, 2), 0);
	KUNIT_EXPECT_EQ(test, chp_try_select_ordered(sends, 2), 1);
	KUNIT_EXPECT_EQ(test, chp_try_select_ordered(sends, 2), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_select_ordered(recvs, 2), 0);
	KUNIT_EXPECT_EQ(test, chp_try_select_ordered(recvs, 2), 1);
	KUNIT_EXPECT_EQ(test, chp_try_select_ordered(recvs, 2), -EAGAIN);
	KUNIT_EXPECT_EQ(test, out.y, 7);
	KUNIT_EXPECT_EQ(test, value, 42);
	number_chan_put(numbers);
	point_chan_put(points);
}

/* Receives a number, sends a point made of it, and ends. */
struct plotter {
	struct chp_task task;
	struct number_chan *from;
	struct point_chan *to;
	u64 x;
	struct point point;
	int runs;
	int err;
};

/* Its channels never make it wait twice in the same run. */
static int plotter_step(struct chp_task *task)
{
	struct plotter *p = container_of(task, struct plotter, task);
	int err;

	switch (p->runs++) {
	case 0:
		err = number_chan_task_recv(task, p->from, &p->x);
		if (err == -EINPROGRESS)
			return err;
		fallthrough;
	case 1:
		p->runs = 2;
		p->point = (struct point){ .x = p->x, .y = p->x * p->x };
		err = point_chan_task_send(task, p->to, &p->point);
		if (err == -EINPROGRESS)
			return err;
		break;
	default:
		err = chp_task_result(task);
	}
	p->err = err;
	return 0;
}

static void tasks_use_typed_channels(struct kunit *test)
{
	struct plotter *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	struct point out = {};
	struct chp_group *group;

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->from = make_numbers(test, 0);
	p->to = make_points(test, 0);
	group = chp_test_group(test, NULL);
	chp_task_init(&p->task, plotter_step, NULL);
	KUNIT_ASSERT_EQ(test, chp_task_start(&p->task, group), 0);
	KUNIT_EXPECT_EQ(test, number_chan_send(NULL, p->from, &(u64){ 9 }), 0);
	KUNIT_EXPECT_EQ(test, point_chan_recv(NULL, p->to, &out), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, p->err, 0);
	KUNIT_EXPECT_EQ(test, out.x, 9);
	KUNIT_EXPECT_EQ(test, out.y, 81);
	number_chan_put(p->from);
	point_chan_put(p->to);
}

static struct kunit_case typed_cases[] = {
	KUNIT_CASE(a_typed_channel_is_a_channel),
	KUNIT_CASE(too_large_a_capacity_is_an_error_pointer),
	KUNIT_CASE(numbers_come_out_as_they_went_in),
	KUNIT_CASE(structs_come_out_whole),
	KUNIT_CASE(typed_cases_are_cases),
	KUNIT_CASE(tasks_use_typed_channels),
	{}
};

struct kunit_suite chp_typed_suite = {
	.name = "chanpat_typed",
	.init = chp_test_init,
	.test_cases = typed_cases,
};
