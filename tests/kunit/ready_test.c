// SPDX-License-Identifier: GPL-2.0
/*
 * Shares that take turns on a CPU. Nothing runs here: a step is a number of
 * nanoseconds that the clock moves on, so that what each share gets is exact.
 */
#include <linux/slab.h>
#include "../../kmod/core/ready.h"
#include "helpers.h"
#include "suites.h"

static u64 rig_now;

static u64 rig_clock(void)
{
	return rig_now;
}

/* A share with tasks whose steps all take @ns; they are always ready. */
struct rig_share {
	struct chp_share share;
	struct chp_share_cpu *sc;
	struct chp_task *tasks;
	unsigned int n;
	u64 ns;
	u64 runs;
};

struct rig {
	struct chp_ready ready;
	struct rig_share *shares;
	unsigned int n;
};

static void rig_finish(void *data)
{
	struct rig *rig = data;
	unsigned int i;

	while (chp_ready_pop(&rig->ready, 1))
		;
	for (i = 0; i < rig->n; i++) {
		chp_ready_forget(&rig->ready, rig->shares[i].sc);
		chp_share_exit(&rig->shares[i].share);
		kvfree(rig->shares[i].tasks);
	}
}

static struct rig *rig_make(struct kunit *test, unsigned int shares)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct rig_share *s;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	s = kunit_kcalloc(test, shares, sizeof(*s), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	rig_now = 0;
	chp_ready_init(&rig->ready, rig_clock);
	rig->shares = s;
	KUNIT_ASSERT_EQ(test,
			kunit_add_action_or_reset(test, rig_finish, rig), 0);
	for (; rig->n < shares; rig->n++, s++) {
		KUNIT_ASSERT_EQ(test, chp_share_init(&s->share, 0, NULL), 0);
		s->sc = per_cpu_ptr(s->share.cpu, 0);
	}
	return rig;
}

static void rig_prepare(struct kunit *test, struct rig_share *s, unsigned int n,
			u64 ns)
{
	unsigned int i;

	s->tasks = kvcalloc(n, sizeof(*s->tasks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->tasks);
	s->n = n;
	s->ns = ns;
	for (i = 0; i < n; i++)
		chp_task_init(&s->tasks[i], NULL, NULL);
}

/* All tasks of a share become ready. */
static void rig_enter(struct rig *rig, struct rig_share *s)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		chp_ready_add(&rig->ready, s->sc, &s->tasks[i]);
}

static struct rig_share *rig_owner(struct rig *rig, struct chp_task *task)
{
	struct rig_share *s = rig->shares;

	while (task < s->tasks || task >= s->tasks + s->n)
		s++;
	return s;
}

/* The next task runs; NULL when there is none. */
static struct rig_share *rig_step(struct rig *rig, bool again)
{
	struct chp_task *task = chp_ready_pop(&rig->ready, 1);
	struct rig_share *s;

	if (!task)
		return NULL;
	s = rig_owner(rig, task);
	rig_now += s->ns;
	s->runs++;
	if (again)
		chp_ready_add(&rig->ready, s->sc, task);
	return s;
}

static void rig_run(struct rig *rig, u64 ns)
{
	u64 end = rig_now + ns;
	unsigned int i;

	for (i = 0; i < rig->n; i++)
		rig->shares[i].runs = 0;
	while (rig_now < end)
		rig_step(rig, true);
}

/* What @s has had of the last rig_run(), in parts of a thousand. */
static u64 rig_part(struct rig *rig, const struct rig_share *s)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < rig->n; i++)
		sum += rig->shares[i].runs * rig->shares[i].ns;
	return div64_u64(1000 * s->runs * s->ns, sum);
}

static void expect_half(struct kunit *test, struct rig *rig)
{
	u64 part = rig_part(rig, rig->shares);

	KUNIT_EXPECT_GE(test, part, 450ULL);
	KUNIT_EXPECT_LE(test, part, 550ULL);
}

static void the_tasks_of_a_share_run_in_their_order(struct kunit *test)
{
	struct rig *rig = rig_make(test, 1);
	unsigned int i;

	rig_prepare(test, rig->shares, 100, 100);
	rig_enter(rig, rig->shares);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_PTR_EQ(test, chp_ready_pop(&rig->ready, 1),
				    &rig->shares->tasks[i]);
	KUNIT_EXPECT_NULL(test, chp_ready_pop(&rig->ready, 1));
}

static void one_task_gets_as_much_as_ten_thousand(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2);

	rig_prepare(test, &rig->shares[0], 10000, 200);
	rig_prepare(test, &rig->shares[1], 1, 200);
	rig_enter(rig, &rig->shares[0]);
	rig_enter(rig, &rig->shares[1]);
	rig_run(rig, 10 * NSEC_PER_MSEC);
	expect_half(test, rig);
}

static void a_share_with_long_steps_gets_no_more_time(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2);

	rig_prepare(test, &rig->shares[0], 10, 100 * NSEC_PER_USEC);
	rig_prepare(test, &rig->shares[1], 10, 150);
	rig_enter(rig, &rig->shares[0]);
	rig_enter(rig, &rig->shares[1]);
	rig_run(rig, 2 * NSEC_PER_SEC);
	expect_half(test, rig);
}

/* Each step of nice is a quarter: 1.25^1, 1.25^5, 1.25^19. */
static void weights_are_respected(struct kunit *test)
{
	static const struct {
		int nice;
		u64 times;	/* in parts of a thousand */
	} cases[] = { { 0, 1000 }, { 1, 1250 }, { 5, 3052 }, { 19, 69389 } };
	struct rig *rig = rig_make(test, 2);
	u64 times;
	int i;

	rig_prepare(test, &rig->shares[0], 1, 300);
	rig_prepare(test, &rig->shares[1], 1000, 200);
	rig_enter(rig, &rig->shares[0]);
	rig_enter(rig, &rig->shares[1]);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		chp_share_set_nice(&rig->shares[1].share, cases[i].nice);
		rig_run(rig, NSEC_PER_SEC);
		times = div64_u64(1000 * 300 * rig->shares[0].runs,
				  200 * rig->shares[1].runs);
		KUNIT_EXPECT_GE(test, times, cases[i].times * 9 / 10);
		KUNIT_EXPECT_LE(test, times, cases[i].times * 11 / 10);
	}
}

static void a_thousand_shares_get_the_same(struct kunit *test)
{
	struct rig *rig = rig_make(test, 1000);
	unsigned int i;
	u64 least = U64_MAX, most = 0;

	for (i = 0; i < rig->n; i++) {
		rig_prepare(test, &rig->shares[i], 1 + i % 3, 100);
		rig_enter(rig, &rig->shares[i]);
	}
	rig_run(rig, 200 * NSEC_PER_MSEC);
	for (i = 0; i < rig->n; i++) {
		least = min(least, rig->shares[i].runs);
		most = max(most, rig->shares[i].runs);
	}
	KUNIT_EXPECT_GE(test, least, 1900ULL);
	KUNIT_EXPECT_LE(test, most, 2100ULL);
}

static void time_away_gives_no_claim(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2);

	rig_prepare(test, &rig->shares[0], 3, 1000);
	rig_prepare(test, &rig->shares[1], 3, 1000);
	rig_enter(rig, &rig->shares[0]);
	rig_run(rig, NSEC_PER_SEC);
	rig_enter(rig, &rig->shares[1]);
	rig_run(rig, 5 * NSEC_PER_MSEC);
	expect_half(test, rig);
}

/* It parks after each step, and is back after a short step of the other. */
static void parking_after_long_steps_gives_no_more_time(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2);
	u64 end = NSEC_PER_SEC;

	rig_prepare(test, &rig->shares[0], 1, 100 * NSEC_PER_USEC);
	rig_prepare(test, &rig->shares[1], 1, 1000);
	rig_enter(rig, &rig->shares[0]);
	rig_enter(rig, &rig->shares[1]);
	while (rig_now < end) {
		if (rig_step(rig, false) == &rig->shares[0])
			continue;
		rig_enter(rig, &rig->shares[1]);
		if (!rig->shares[0].sc->len)
			rig_enter(rig, &rig->shares[0]);
	}
	expect_half(test, rig);
}

static void a_debt_is_forgotten_when_nobody_wants_the_cpu(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2);

	rig_prepare(test, &rig->shares[0], 1, NSEC_PER_SEC);
	rig_prepare(test, &rig->shares[1], 1, 1000);
	rig_enter(rig, &rig->shares[0]);
	rig_enter(rig, &rig->shares[1]);
	while (rig_step(rig, false))
		;
	chp_ready_end(&rig->ready);
	rig->shares[0].ns = 1000;
	rig_enter(rig, &rig->shares[0]);
	rig_enter(rig, &rig->shares[1]);
	rig_run(rig, 5 * NSEC_PER_MSEC);
	expect_half(test, rig);
}

/* The others have had what it was in debt with, one of them alone. */
static void a_debt_is_paid_while_another_is_alone(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2);

	rig_prepare(test, &rig->shares[0], 1, NSEC_PER_SEC);
	rig_prepare(test, &rig->shares[1], 1, 1000);
	rig_enter(rig, &rig->shares[0]);
	rig_enter(rig, &rig->shares[1]);
	while (rig_step(rig, false) != &rig->shares[0])
		rig_enter(rig, &rig->shares[1]);
	if (!rig->shares[1].sc->len)
		rig_enter(rig, &rig->shares[1]);
	rig_run(rig, 2 * NSEC_PER_SEC);
	rig->shares[0].ns = 1000;
	rig_enter(rig, &rig->shares[0]);
	rig_run(rig, 5 * NSEC_PER_MSEC);
	expect_half(test, rig);
}

static void time_between_runs_of_the_executor_is_nobodys(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2);

	rig_prepare(test, &rig->shares[0], 1, 1000);
	rig_prepare(test, &rig->shares[1], 1, 1000);
	rig_enter(rig, &rig->shares[0]);
	rig_enter(rig, &rig->shares[1]);
	rig_run(rig, NSEC_PER_MSEC);
	chp_ready_end(&rig->ready);
	rig_now += NSEC_PER_SEC;
	rig_run(rig, 5 * NSEC_PER_MSEC);
	expect_half(test, rig);
}

static unsigned int rig_taken(struct rig_share *s, struct list_head *taken)
{
	struct chp_task *task, *next = s->tasks;
	unsigned int n = 0;

	list_for_each_entry(task, taken, ready) {
		if (task < s->tasks || task >= s->tasks + s->n)
			continue;
		if (task < next)
			return 0;
		next = task + 1;
		n++;
	}
	return n;
}

static void an_idle_cpu_takes_of_all_shares(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3);
	LIST_HEAD(taken);

	rig_prepare(test, &rig->shares[0], 1000, 100);
	rig_prepare(test, &rig->shares[1], 10, 100);
	rig_prepare(test, &rig->shares[2], 1, 100);
	rig_enter(rig, &rig->shares[0]);
	rig_step(rig, true);
	rig_enter(rig, &rig->shares[1]);
	rig_enter(rig, &rig->shares[2]);
	KUNIT_EXPECT_GT(test, chp_ready_take_half(&rig->ready, &taken), 6U);
	KUNIT_EXPECT_GT(test, rig_taken(&rig->shares[0], &taken), 0U);
	KUNIT_EXPECT_LE(test, rig_taken(&rig->shares[0], &taken), 64U);
	KUNIT_EXPECT_EQ(test, rig_taken(&rig->shares[1], &taken), 5U);
	KUNIT_EXPECT_EQ(test, rig_taken(&rig->shares[2], &taken), 1U);
	KUNIT_EXPECT_EQ(test, rig->ready.len, 1011 - list_count_nodes(&taken));
}

/* Until there is nothing left: each time half, rounded up. */
static void half_of_a_queue_is_taken(struct kunit *test)
{
	struct rig *rig = rig_make(test, 7);
	unsigned int i, len;
	LIST_HEAD(taken);

	for (i = 0; i < rig->n; i++) {
		rig_prepare(test, &rig->shares[i], 1, 100);
		rig_enter(rig, &rig->shares[i]);
	}
	rig_step(rig, true);
	for (len = rig->n; len; len /= 2) {
		KUNIT_EXPECT_EQ(test, rig->ready.len, len);
		KUNIT_EXPECT_EQ(test,
				chp_ready_take_half(&rig->ready, &taken),
				DIV_ROUND_UP(len, 2));
	}
	KUNIT_EXPECT_EQ(test, chp_ready_take_half(&rig->ready, &taken), 0U);
	KUNIT_EXPECT_NULL(test, chp_ready_pop(&rig->ready, 1));
}

static struct kunit_case ready_cases[] = {
	KUNIT_CASE(the_tasks_of_a_share_run_in_their_order),
	KUNIT_CASE(one_task_gets_as_much_as_ten_thousand),
	KUNIT_CASE(a_share_with_long_steps_gets_no_more_time),
	KUNIT_CASE(weights_are_respected),
	KUNIT_CASE(a_thousand_shares_get_the_same),
	KUNIT_CASE(time_away_gives_no_claim),
	KUNIT_CASE(parking_after_long_steps_gives_no_more_time),
	KUNIT_CASE(a_debt_is_forgotten_when_nobody_wants_the_cpu),
	KUNIT_CASE(a_debt_is_paid_while_another_is_alone),
	KUNIT_CASE(time_between_runs_of_the_executor_is_nobodys),
	KUNIT_CASE(an_idle_cpu_takes_of_all_shares),
	KUNIT_CASE(half_of_a_queue_is_taken),
	{}
};

struct kunit_suite chp_ready_suite = {
	.name = "chanpat_ready",
	.init = chp_test_init,
	.test_cases = ready_cases,
};
