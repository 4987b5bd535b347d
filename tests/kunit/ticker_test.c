// SPDX-License-Identifier: GPL-2.0
/* Timers and tickers as channels: what is promised in <chanpat/ticker.h>. */
#include <linux/delay.h>
#include <linux/slab.h>
#include <chanpat/select.h>
#include <chanpat/ticker.h>
#include "callers.h"
#include "suites.h"

#define LONG (3600 * (u64)NSEC_PER_SEC)

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static void clock_put(void *ch)
{
	chp_chan_put(ch);
}

/* Leaves a clock that was just made to the end of the test. */
static struct chp_chan *clock_keep(struct kunit *test, struct chp_chan *ch)
{
	int err;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	err = kunit_add_action_or_reset(test, clock_put, ch);
	KUNIT_ASSERT_EQ(test, err, 0);
	return ch;
}

static void after_sends_the_time_once_and_not_too_early(struct kunit *test)
{
	ktime_t start = ktime_get(), value = 0;
	struct chp_chan *ch;

	ch = clock_keep(test, chp_after(2 * NSEC_PER_MSEC));
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
	KUNIT_EXPECT_GE(test, value, ktime_add_ms(start, 2));
	KUNIT_EXPECT_LE(test, value, ktime_get());
	msleep(20);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), -EAGAIN);
}

static void the_time_waits_for_its_receiver(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_after(NSEC_PER_MSEC));
	ktime_t value = 0, seen;

	CHP_EVENTUALLY(test, chp_len(ch) == 1);
	seen = ktime_get();
	msleep(20);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
	KUNIT_EXPECT_LE(test, value, seen);
}

static void after_no_time_fires_at_once(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_after(0));
	ktime_t value;

	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
}

/* And it goes with its channel, as the count at the end says. */
static void after_all_time_never_fires(struct kunit *test)
{
	struct chp_chan *most = clock_keep(test, chp_after(U64_MAX));
	struct chp_chan *ticker = clock_keep(test, chp_ticker(U64_MAX));

	msleep(20);
	KUNIT_EXPECT_EQ(test, chp_try_recv(most, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ticker, NULL), -EAGAIN);
}

static void who_waits_is_woken_in_time(struct kunit *test)
{
	struct chp_group *group;
	struct chp_actor *actor;
	struct chp_chan *ch;
	ktime_t start = ktime_get();

	ch = clock_keep(test, chp_after(20 * NSEC_PER_MSEC));
	group = chp_test_group(test, NULL);
	actor = chp_actor_recv(test, group, chp_test_form(test), ch);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, 0);
	KUNIT_EXPECT_GE(test, (ktime_t)actor->value, ktime_add_ms(start, 20));
}

static void a_ticker_ticks_once_in_each_period(struct kunit *test)
{
	ktime_t start = ktime_get(), last, value = 0;
	struct chp_chan *ch;
	int i;

	ch = clock_keep(test, chp_ticker(2 * NSEC_PER_MSEC));
	last = start;
	for (i = 1; i <= 20; i++) {
		KUNIT_ASSERT_EQ(test, chp_recv(NULL, ch, &value), 0);
		KUNIT_EXPECT_GE(test, value, ktime_add_ms(start, 2 * i));
		KUNIT_EXPECT_GT(test, value, last);
		last = value;
	}
}

static void a_slow_receiver_loses_ticks(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_ticker(NSEC_PER_MSEC));
	ktime_t first = 0, next = 0, seen, slept;

	CHP_EVENTUALLY(test, chp_len(ch) == 1);
	seen = ktime_get();
	msleep(20);
	slept = ktime_get();
	KUNIT_EXPECT_EQ(test, chp_len(ch), 1);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &first), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &next), 0);
	KUNIT_EXPECT_LE(test, first, seen);
	KUNIT_EXPECT_GE(test, next, slept);
}

static void a_period_that_is_too_short_is_invalid(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(chp_ticker(0)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(chp_ticker(CHP_TICK_MIN - 1)),
			-EINVAL);
}

static void the_shortest_period_ticks(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_ticker(CHP_TICK_MIN));
	int i;

	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, NULL), 0);
	KUNIT_EXPECT_TRUE(test, chp_ticker_stop(ch));
}

static void a_stopped_timer_does_not_fire(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_after(LONG));

	KUNIT_EXPECT_TRUE(test, chp_ticker_stop(ch));
	KUNIT_EXPECT_FALSE(test, chp_ticker_stop(ch));
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, NULL), -EAGAIN);
}

/* Either it was stopped, or it has fired; never both, and never neither. */
static void stop_says_whether_it_was_going(struct kunit *test)
{
	int i, stops = 0, wrong = 0;
	struct chp_chan *ch;
	u64 ns = 10000;
	bool stopped;

	for (i = 0; i < 300; i++) {
		ch = chp_after(ns);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
		usleep_range(20, 40);
		stopped = chp_ticker_stop(ch);
		stops += stopped;
		wrong += stopped != (chp_try_recv(ch, NULL) == -EAGAIN);
		chp_chan_put(ch);
		ns = chp_test_adapt(ns, !stopped);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_GT(test, stops, 0);
	KUNIT_EXPECT_LT(test, stops, 300);
}

static void what_a_stopped_ticker_has_sent_can_be_received(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_ticker(NSEC_PER_MSEC));

	CHP_EVENTUALLY(test, chp_len(ch) == 1);
	KUNIT_EXPECT_TRUE(test, chp_ticker_stop(ch));
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, NULL), 0);
	msleep(20);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, NULL), -EAGAIN);
}

static void reset_starts_a_timer_again(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_after(0));
	ktime_t start, value = 0;

	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, NULL), 0);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, chp_ticker_reset(ch, 2 * NSEC_PER_MSEC), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
	KUNIT_EXPECT_GE(test, value, ktime_add_ms(start, 2));
	KUNIT_EXPECT_EQ(test, chp_ticker_reset(ch, 0), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, NULL), 0);
	msleep(20);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, NULL), -EAGAIN);
}

static void reset_moves_a_timer_that_is_going(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_after(LONG));
	ktime_t start = ktime_get(), value = 0;

	KUNIT_EXPECT_EQ(test, chp_ticker_reset(ch, 2 * NSEC_PER_MSEC), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
	KUNIT_EXPECT_GE(test, value, ktime_add_ms(start, 2));
}

static void reset_changes_the_period_of_a_ticker(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_ticker(LONG));
	ktime_t first = 0, second = 0, start = ktime_get();

	KUNIT_EXPECT_EQ(test, chp_ticker_reset(ch, 3 * NSEC_PER_MSEC), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &first), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &second), 0);
	KUNIT_EXPECT_GE(test, first, ktime_add_ms(start, 3));
	KUNIT_EXPECT_GE(test, second, ktime_add_ms(start, 6));
}

static void reset_starts_a_stopped_ticker(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_ticker(LONG));

	KUNIT_EXPECT_TRUE(test, chp_ticker_stop(ch));
	KUNIT_EXPECT_EQ(test, chp_ticker_reset(ch, NSEC_PER_MSEC), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, NULL), 0);
}

static void a_wrong_reset_changes_nothing(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_ticker(NSEC_PER_MSEC));

	KUNIT_EXPECT_EQ(test, chp_ticker_reset(ch, CHP_TICK_MIN - 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, NULL), 0);
}

static void a_channel_without_a_clock_has_none_to_stop_or_reset(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(ktime_t), 1);

	KUNIT_EXPECT_FALSE(test, chp_ticker_stop(ch));
	KUNIT_EXPECT_EQ(test, chp_ticker_reset(ch, NSEC_PER_MSEC), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_len(ch), 0);
	KUNIT_EXPECT_FALSE(test, chp_ticker_stop(NULL));
	KUNIT_EXPECT_EQ(test, chp_ticker_reset(NULL, NSEC_PER_MSEC), -EINVAL);
}

static void a_closed_channel_of_a_clock_stays_closed(struct kunit *test)
{
	struct chp_chan *ch = clock_keep(test, chp_ticker(NSEC_PER_MSEC));
	ktime_t value = 1;

	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_close(ch), 0);
	msleep(20);
	chp_try_recv(ch, NULL);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, value, 0);
}

/* What it sends into would be freed memory, and be reported as such. */
static void the_last_put_stops_a_clock_that_is_going(struct kunit *test)
{
	struct chp_chan *ch;
	int i;

	for (i = 0; i < 500; i++) {
		ch = i % 2 ? chp_ticker(CHP_TICK_MIN) : chp_after(CHP_TICK_MIN);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
		if (i % 4 < 2)
			usleep_range(5, 20);
		chp_chan_put(ch);
	}
}

/* Its callback may be still running when the receiver lets go. */
static void who_is_woken_may_put_the_channel(struct kunit *test)
{
	struct chp_chan *ch;
	int i, errors = 0;

	for (i = 0; i < 500; i++) {
		ch = chp_after(20 * NSEC_PER_USEC);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
		errors += chp_recv(NULL, ch, NULL) != 0;
		chp_chan_put(ch);
	}
	KUNIT_EXPECT_EQ(test, errors, 0);
}

/* A select with the time as its second case. */
static int select_call(struct chp_ctx *ctx, struct chp_caller *caller)
{
	return chp_select(ctx, caller->arg, 2);
}

static int select_park(struct chp_task *task, struct chp_caller *caller)
{
	return chp_task_select(task, caller->arg, 2);
}

static const struct chp_caller_kind selector = { select_call, select_park };

static void in_a_select_it_is_a_time_limit(struct kunit *test)
{
	struct chp_chan *never = chp_test_chan(test, 8, 0);
	struct chp_chan *limit = clock_keep(test, chp_after(5 * NSEC_PER_MSEC));
	struct chp_case *cases;
	struct chp_group *group;
	struct chp_caller *caller;
	ktime_t *value;

	cases = kunit_kcalloc(test, 2, sizeof(*cases), GFP_KERNEL);
	value = kunit_kzalloc(test, sizeof(*value), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cases);
	KUNIT_ASSERT_NOT_NULL(test, value);
	cases[0] = (struct chp_case)CHP_CASE_RECV(never, NULL);
	cases[1] = (struct chp_case)CHP_CASE_RECV(limit, value);
	group = chp_test_group(test, NULL);
	caller = chp_caller_start(test, group, &selector, chp_test_form(test),
				  cases, 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, 1);
	KUNIT_EXPECT_EQ(test, cases[1].err, 0);
	KUNIT_EXPECT_GT(test, *value, 0);
}

static struct kunit_case ticker_cases[] = {
	KUNIT_CASE(after_sends_the_time_once_and_not_too_early),
	KUNIT_CASE(the_time_waits_for_its_receiver),
	KUNIT_CASE(after_no_time_fires_at_once),
	KUNIT_CASE(after_all_time_never_fires),
	KUNIT_CASE_PARAM(who_waits_is_woken_in_time, form_gen_params),
	KUNIT_CASE(a_ticker_ticks_once_in_each_period),
	KUNIT_CASE(a_slow_receiver_loses_ticks),
	KUNIT_CASE(a_period_that_is_too_short_is_invalid),
	KUNIT_CASE(the_shortest_period_ticks),
	KUNIT_CASE(a_stopped_timer_does_not_fire),
	KUNIT_CASE(stop_says_whether_it_was_going),
	KUNIT_CASE(what_a_stopped_ticker_has_sent_can_be_received),
	KUNIT_CASE(reset_starts_a_timer_again),
	KUNIT_CASE(reset_moves_a_timer_that_is_going),
	KUNIT_CASE(reset_changes_the_period_of_a_ticker),
	KUNIT_CASE(reset_starts_a_stopped_ticker),
	KUNIT_CASE(a_wrong_reset_changes_nothing),
	KUNIT_CASE(a_channel_without_a_clock_has_none_to_stop_or_reset),
	KUNIT_CASE(a_closed_channel_of_a_clock_stays_closed),
	KUNIT_CASE(the_last_put_stops_a_clock_that_is_going),
	KUNIT_CASE(who_is_woken_may_put_the_channel),
	KUNIT_CASE_PARAM(in_a_select_it_is_a_time_limit, form_gen_params),
	{}
};

struct kunit_suite chp_ticker_suite = {
	.name = "chanpat_ticker",
	.init = chp_test_init,
	.test_cases = ticker_cases,
};
