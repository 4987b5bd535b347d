// SPDX-License-Identifier: GPL-2.0
/* Several elements at a time: chp_try_send_many() and chp_try_recv_many(). */
#include <linux/slab.h>
#include "helpers.h"
#include "suites.h"

#define MANY 3000

static u64 *numbers_from(struct kunit *test, u64 first, unsigned int n)
{
	u64 *numbers = kunit_kcalloc(test, n, sizeof(*numbers), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, numbers);
	for (i = 0; i < n; i++)
		numbers[i] = first + i;
	return numbers;
}

static void as_many_are_sent_as_there_is_room_for(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 5);
	u64 *numbers = numbers_from(test, 0, 8), value;
	u64 i;

	KUNIT_EXPECT_EQ(test, chp_try_send_many(ch, numbers, 3), 3);
	KUNIT_EXPECT_EQ(test, chp_try_send_many(ch, numbers + 3, 5), 2);
	KUNIT_EXPECT_EQ(test, chp_try_send_many(ch, numbers, 1), -EAGAIN);
	for (i = 0; i < 5; i++) {
		KUNIT_ASSERT_EQ(test, chp_try_recv(ch, &value), 0);
		KUNIT_EXPECT_EQ(test, value, i);
	}
}

static void as_many_are_received_as_there_are(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 5);
	u64 *in = numbers_from(test, 7, 5), *out = numbers_from(test, 0, 9);

	KUNIT_ASSERT_EQ(test, chp_try_send_many(ch, in, 5), 5);
	KUNIT_EXPECT_EQ(test, chp_try_recv_many(ch, out, 2), 2);
	KUNIT_EXPECT_EQ(test, chp_try_recv_many(ch, out + 2, 7), 3);
	KUNIT_EXPECT_MEMEQ(test, out, in, 5 * sizeof(u64));
	KUNIT_EXPECT_EQ(test, out[5], 5);
	KUNIT_EXPECT_EQ(test, chp_try_recv_many(ch, out, 9), -EAGAIN);
}

static void nothing_of_a_closed_channel_is_lost(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 5);
	u64 *in = numbers_from(test, 7, 5), *out = numbers_from(test, 0, 9);

	KUNIT_ASSERT_EQ(test, chp_try_send_many(ch, in, 4), 4);
	chp_close(ch);
	KUNIT_EXPECT_EQ(test, chp_try_send_many(ch, in, 1), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_try_recv_many(ch, out, 9), 4);
	KUNIT_EXPECT_MEMEQ(test, out, in, 4 * sizeof(u64));
	KUNIT_EXPECT_EQ(test, chp_try_recv_many(ch, out, 9), -EPIPE);
}

static void no_channel_is_never_ready_for_many(struct kunit *test)
{
	u64 value = 0;

	KUNIT_EXPECT_EQ(test, chp_try_send_many(NULL, &value, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_recv_many(NULL, &value, 1), -EAGAIN);
}

/* Sizes that are no divisors of each other move the start of the ring. */
static void many_are_never_overtaken_around_the_end_of_the_buffer(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 7);
	u64 *in = numbers_from(test, 0, MANY), *out = numbers_from(test, 0, MANY);
	unsigned int sent = 0, got = 0, i;
	int n;

	for (i = 0; got < MANY; i++) {
		n = min(i % 6 + 1, MANY - sent);
		n = n ? chp_try_send_many(ch, in + sent, n) : 0;
		sent += max(n, 0);
		n = chp_try_recv_many(ch, out + got,
				      min(i % 4 + 1, MANY - got));
		KUNIT_ASSERT_GE(test, n, -EAGAIN);
		got += max(n, 0);
	}
	KUNIT_EXPECT_EQ(test, sent, MANY);
	KUNIT_EXPECT_MEMEQ(test, out, in, MANY * sizeof(u64));
}

static void more_than_are_copied_under_one_lock_go_too(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), MANY);
	u64 *in = numbers_from(test, 0, MANY), *out = numbers_from(test, 1, MANY);

	KUNIT_EXPECT_EQ(test, chp_try_send_many(ch, in, MANY), MANY);
	KUNIT_EXPECT_EQ(test, chp_len(ch), MANY);
	KUNIT_EXPECT_EQ(test, chp_try_recv_many(ch, out, MANY), MANY);
	KUNIT_EXPECT_MEMEQ(test, out, in, MANY * sizeof(u64));
}

static void elements_of_no_size_and_of_a_page_are_counted_right(struct kunit *test)
{
	struct chp_chan *none = chp_test_chan(test, 0, 4);
	struct chp_chan *page = chp_test_chan(test, CHP_ELEM_MAX, 3);
	u8 *pages = kunit_kzalloc(test, 4 * CHP_ELEM_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	pages[2 * CHP_ELEM_MAX] = 42;
	KUNIT_EXPECT_EQ(test, chp_try_send_many(none, pages, 9), 4);
	KUNIT_EXPECT_EQ(test, chp_try_recv_many(none, pages, 9), 4);
	KUNIT_EXPECT_EQ(test, chp_try_send_many(page, pages, 4), 3);
	memset(pages, 0, 4 * CHP_ELEM_MAX);
	KUNIT_EXPECT_EQ(test, chp_try_recv_many(page, pages, 4), 3);
	KUNIT_EXPECT_EQ(test, pages[2 * CHP_ELEM_MAX], 42);
}

/* One side of an exchange with a thread that takes or gives one at a time. */
struct single {
	struct chp_chan *ch;
	u64 sum;
};

static int recv_singly(struct chp_ctx *ctx, void *arg)
{
	struct single *s = arg;
	u64 value;
	int err;

	while (!(err = chp_recv(ctx, s->ch, &value)))
		s->sum = s->sum * 31 + value;
	return err == -EPIPE ? 0 : err;
}

static int send_singly(struct chp_ctx *ctx, void *arg)
{
	struct single *s = arg;
	u64 value;
	int err = 0;

	for (value = 0; !err && value < MANY; value++)
		err = chp_send(ctx, s->ch, &value);
	chp_close(s->ch);
	return err;
}

static u64 sum_of(u64 sum, const u64 *values, unsigned int n)
{
	while (n--)
		sum = sum * 31 + *values++;
	return sum;
}

/* What the one sends and the other receives are the same numbers in order. */
static void exchange_sending(struct kunit *test, unsigned int cap)
{
	struct single s = { .ch = chp_test_chan(test, sizeof(u64), cap) };
	struct chp_group *group = chp_test_group(test, NULL);
	u64 *in = numbers_from(test, 0, MANY);
	unsigned int sent = 0;
	int n;

	KUNIT_ASSERT_EQ(test, chp_go(group, "singly", recv_singly, &s), 0);
	while (sent < MANY) {
		n = chp_try_send_many(s.ch, in + sent, min(MANY - sent, 50U));
		if (n == -EAGAIN)
			chp_test_relax();
		else
			sent += n;
	}
	chp_close(s.ch);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, s.sum, sum_of(0, in, MANY));
}

static void exchange_receiving(struct kunit *test, unsigned int cap)
{
	struct single s = { .ch = chp_test_chan(test, sizeof(u64), cap) };
	struct chp_group *group = chp_test_group(test, NULL);
	u64 *out = numbers_from(test, 0, 50), sum = 0;
	int n;

	KUNIT_ASSERT_EQ(test, chp_go(group, "singly", send_singly, &s), 0);
	while ((n = chp_try_recv_many(s.ch, out, 50)) != -EPIPE) {
		if (n == -EAGAIN)
			chp_test_relax();
		else
			sum = sum_of(sum, out, n);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, sum, sum_of(0, numbers_from(test, 0, MANY), MANY));
}

static void who_waits_on_the_other_side_is_served_in_order(struct kunit *test)
{
	static const unsigned int caps[] = { 0, 1, 7, 64 };
	int i;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		exchange_sending(test, caps[i]);
		exchange_receiving(test, caps[i]);
	}
}

static struct kunit_case batch_cases[] = {
	KUNIT_CASE(as_many_are_sent_as_there_is_room_for),
	KUNIT_CASE(as_many_are_received_as_there_are),
	KUNIT_CASE(nothing_of_a_closed_channel_is_lost),
	KUNIT_CASE(no_channel_is_never_ready_for_many),
	KUNIT_CASE(many_are_never_overtaken_around_the_end_of_the_buffer),
	KUNIT_CASE(more_than_are_copied_under_one_lock_go_too),
	KUNIT_CASE(elements_of_no_size_and_of_a_page_are_counted_right),
	KUNIT_CASE(who_waits_on_the_other_side_is_served_in_order),
	{}
};

struct kunit_suite chp_batch_suite = {
	.name = "chanpat_batch",
	.init = chp_test_init,
	.test_cases = batch_cases,
};
