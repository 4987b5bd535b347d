// SPDX-License-Identifier: GPL-2.0
/* Timers: sleeping, and operations that are given a time. */
#include <linux/delay.h>
#include <linux/slab.h>
#include "helpers.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static struct chp_actor *sleeper(struct kunit *test, struct chp_group *group,
				 u64 ns)
{
	struct chp_actor *actor;

	actor = chp_actor_make(test, chp_test_form(test), CHP_ACT_SLEEP);
	actor->ns = ns;
	chp_actor_start(test, actor, group);
	return actor;
}

/* Nanoseconds that a sleep of @ns took. */
static s64 measure(struct kunit *test, u64 ns)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actor;

	actor = sleeper(test, group, ns);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, 0);
	return actor->took;
}

static void a_sleep_is_never_too_short(struct kunit *test)
{
	u64 ns;

	for (ns = 0; ns < 3 * NSEC_PER_MSEC; ns = ns * 3 + 1)
		KUNIT_EXPECT_GE(test, measure(test, ns), ns);
}

/* The best of many: others may hold the machine, but not every time. */
static void a_sleep_is_hardly_too_long(struct kunit *test)
{
	/* Without a good clock timers expire in a tick, and that is seen late. */
	s64 enough = 3 * NSEC_PER_MSEC + 2 * (s64)hrtimer_resolution;
	s64 best = S64_MAX;
	int i;

	for (i = 0; i < 50 && best > enough; i++)
		best = min(best, measure(test, 2 * NSEC_PER_MSEC));
	KUNIT_EXPECT_LE(test, best, enough);
}

static void a_sleep_for_ever_ends_with_the_context(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actor = sleeper(test, group, U64_MAX);

	CHP_EVENTUALLY(test, chp_actor_waits(actor));
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, -ECANCELED);
}

static void a_sleep_ends_with_a_deadline(struct kunit *test)
{
	struct chp_group *group;
	struct chp_actor *actor;
	struct chp_ctx *ctx;

	ctx = chp_test_ctx_keep(test, chp_ctx_with_timeout(NULL, NSEC_PER_MSEC));
	group = chp_test_group(test, ctx);
	actor = sleeper(test, group, U64_MAX);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, -ETIME);
}

static void nobody_sleeps_in_an_ended_context(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actor;

	chp_group_cancel(group);
	actor = sleeper(test, group, U64_MAX);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, -ECANCELED);
}

static void a_thread_sleeps_without_a_context(struct kunit *test)
{
	ktime_t start = ktime_get();

	KUNIT_EXPECT_EQ(test, chp_sleep(NULL, NSEC_PER_MSEC), 0);
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start), 1000);
}

static void stop_of_a_timer_that_never_ran_is_harmless(struct kunit *test)
{
	struct chp_timer *timer = kunit_kzalloc(test, sizeof(*timer), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, timer);
	chp_timer_init(timer);
	chp_timer_stop(timer);
	chp_timer_stop(timer);
}

/* Receives with a time limit, twice; the second without, when so asked. */
struct limited {
	struct chp_task task;
	struct chp_timer timer;
	struct chp_chan *ch;
	u64 ns[2];
	u64 value[2];
	int result[2];
	int done;
	bool parked;
};

static int limited_recv(struct limited *l)
{
	int err = chp_task_recv(&l->task, l->ch, &l->value[l->done]);

	l->parked = err == -EINPROGRESS;
	if (l->parked && l->ns[l->done])
		chp_task_timeout(&l->task, &l->timer, l->ns[l->done],
				 -ETIMEDOUT);
	return err;
}

static int limited_step(struct chp_task *task)
{
	struct limited *l = container_of(task, struct limited, task);
	int err;

	while (l->done < 2) {
		if (l->parked) {
			chp_timer_stop(&l->timer);
			err = chp_task_result(task);
			l->parked = false;
		} else {
			err = limited_recv(l);
			if (err == -EINPROGRESS)
				return err;
		}
		l->result[l->done] = err;
		WRITE_ONCE(l->done, l->done + 1);
	}
	return 0;
}

static struct limited *limited_start(struct kunit *test, struct chp_group *group,
				     struct chp_chan *ch, u64 first, u64 second)
{
	struct limited *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, l);
	chp_test_group_finish(test, group);
	l->ch = ch;
	l->ns[0] = first;
	l->ns[1] = second;
	chp_timer_init(&l->timer);
	chp_task_init(&l->task, limited_step, NULL);
	KUNIT_ASSERT_EQ(test, chp_task_start(&l->task, group), 0);
	return l;
}

static void a_timeout_ends_the_operation_with_its_result(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct limited *l;
	u64 value = 42;

	l = limited_start(test, group, ch, NSEC_PER_MSEC, NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, l->result[0], -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, l->result[1], -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), -EAGAIN);
}

/* The timer of the first operation is stopped, and does not end the second. */
static void a_timer_that_is_stopped_ends_nothing(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct limited *l;
	u64 value = 42;

	l = limited_start(test, group, ch, 500 * NSEC_PER_MSEC, 0);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), 0);
	CHP_EVENTUALLY(test, READ_ONCE(l->done) == 1);
	msleep(600);
	value = 43;
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, l->result[1], 0);
	if (!l->result[0])
		KUNIT_EXPECT_EQ(test, l->value[0], 42);
	KUNIT_EXPECT_EQ(test, l->value[1], 43);
}

static void the_context_ends_an_operation_before_its_time(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct limited *l;

	l = limited_start(test, group, ch, U64_MAX, U64_MAX);
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, l->result[0], -ECANCELED);
	KUNIT_EXPECT_EQ(test, l->result[1], -ECANCELED);
}

/*
 * A receiver with a time limit, against a sender who comes at about the time
 * that the limit is over. What was sent has been received, once and in order;
 * what was not sent has not.
 */
struct racer {
	struct chp_task task;
	struct chp_timer timer;
	struct chp_chan *ch;
	unsigned long rounds;
	u64 ns;
	u64 value;
	unsigned long got;
	unsigned long late;
	int bad;
	bool parked;
	bool done;
};

static void racer_note(struct racer *r, int err)
{
	r->ns = chp_test_adapt(r->ns, err);
	if (!err)
		r->bad += r->value != r->got++;
	else if (err == -ETIME)
		r->late++;
	else
		r->bad++;
}

static int racer_thread(struct chp_ctx *parent, void *data)
{
	struct racer *r = data;
	struct chp_ctx *ctx;

	while (r->rounds--) {
		ctx = chp_ctx_with_timeout(parent, r->ns);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
		racer_note(r, chp_recv(ctx, r->ch, &r->value));
		chp_ctx_cancel(ctx);
		chp_ctx_put(ctx);
	}
	chp_test_raise(&r->done);
	return 0;
}

static int racer_step(struct chp_task *task)
{
	struct racer *r = container_of(task, struct racer, task);
	int err;

	for (;;) {
		if (r->parked) {
			chp_timer_stop(&r->timer);
			r->parked = false;
			racer_note(r, chp_task_result(task));
		}
		if (!r->rounds)
			break;
		r->rounds--;
		err = chp_task_recv(task, r->ch, &r->value);
		r->parked = err == -EINPROGRESS;
		if (r->parked) {
			chp_task_timeout(task, &r->timer, r->ns, -ETIME);
			return err;
		}
		racer_note(r, err);
	}
	chp_test_raise(&r->done);
	return 0;
}

static int racer_start(struct racer *r, enum chp_form form,
		       struct chp_group *group)
{
	if (form == CHP_THREAD)
		return chp_go(group, "racer", racer_thread, r);
	chp_timer_init(&r->timer);
	chp_task_init(&r->task, racer_step, NULL);
	return chp_task_start(&r->task, group);
}

static void time_and_delivery_race_and_one_of_them_wins(struct kunit *test)
{
	struct racer *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	unsigned long sent = 0;
	struct chp_group *group;
	u64 value = 0;

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->ch = chp_test_chan(test, 8, 0);
	r->rounds = min(chp_storm, 2000UL);
	r->ns = 10000;
	group = chp_test_group(test, NULL);
	KUNIT_ASSERT_EQ(test, racer_start(r, chp_test_form(test), group), 0);
	while (!chp_test_raised(&r->done)) {
		if (!chp_try_send(r->ch, &value))
			value = ++sent;
		usleep_range(10, 20);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, r->bad, 0);
	KUNIT_EXPECT_EQ(test, r->got, sent);
	KUNIT_EXPECT_EQ(test, r->got + r->late, min(chp_storm, 2000UL));
	KUNIT_EXPECT_GT(test, r->got, 0);
	KUNIT_EXPECT_GT(test, r->late, 0);
}

static struct kunit_case timer_cases[] = {
	KUNIT_CASE_PARAM(a_sleep_is_never_too_short, form_gen_params),
	KUNIT_CASE_PARAM(a_sleep_is_hardly_too_long, form_gen_params),
	KUNIT_CASE_PARAM(a_sleep_for_ever_ends_with_the_context, form_gen_params),
	KUNIT_CASE_PARAM(a_sleep_ends_with_a_deadline, form_gen_params),
	KUNIT_CASE_PARAM(nobody_sleeps_in_an_ended_context, form_gen_params),
	KUNIT_CASE(a_thread_sleeps_without_a_context),
	KUNIT_CASE(stop_of_a_timer_that_never_ran_is_harmless),
	KUNIT_CASE(a_timeout_ends_the_operation_with_its_result),
	KUNIT_CASE(a_timer_that_is_stopped_ends_nothing),
	KUNIT_CASE(the_context_ends_an_operation_before_its_time),
	KUNIT_CASE_PARAM(time_and_delivery_race_and_one_of_them_wins,
			 form_gen_params),
	{}
};

struct kunit_suite chp_timer_suite = {
	.name = "chanpat_timer",
	.init = chp_test_init,
	.test_cases = timer_cases,
};
