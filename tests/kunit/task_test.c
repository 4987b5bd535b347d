// SPDX-License-Identifier: GPL-2.0
/* Tasks: parking, waking and running again, as in <chanpat/task.h>. */
#include <linux/delay.h>
#include <linux/slab.h>
#include "../../kmod/core/task.h"
#include "helpers.h"
#include "suites.h"

/* What a task does in its first run; later ones end it. */
enum first {
	FIRST_PARKS,
	FIRST_PARKS_AND_IS_WOKEN,	/* while the step is still running */
	FIRST_PARKS_AND_IS_CANCELLED,
	FIRST_IS_CANCELLED_AND_PARKS,
	FIRST_IS_WOKEN_AND_PARKS,
};

struct sleeper {
	struct chp_task task;
	enum first first;
	int runs;
	int park;
	int result;
	bool woken;
	bool done;
};

static int sleeper_first(struct sleeper *s)
{
	switch (s->first) {
	case FIRST_PARKS:
		return chp_task_park(&s->task);
	case FIRST_PARKS_AND_IS_WOKEN:
		s->park = chp_task_park(&s->task);
		s->woken = chp_task_unpark(&s->task, 42);
		return s->park;
	case FIRST_PARKS_AND_IS_CANCELLED:
		s->park = chp_task_park(&s->task);
		chp_group_cancel(s->task.group);
		return s->park;
	case FIRST_IS_CANCELLED_AND_PARKS:
		chp_group_cancel(s->task.group);
		return chp_task_park(&s->task);
	case FIRST_IS_WOKEN_AND_PARKS:
		s->woken = chp_task_unpark(&s->task, 42);
		return chp_task_park(&s->task);
	}
	return -EINVAL;
}

static int sleeper_step(struct chp_task *task)
{
	struct sleeper *s = container_of(task, struct sleeper, task);

	if (!s->runs++) {
		s->park = sleeper_first(s);
		if (s->park == -EINPROGRESS)
			return s->park;
		s->result = s->park;
	} else {
		s->result = chp_task_result(task);
	}
	WRITE_ONCE(s->done, true);
	return 0;
}

static struct sleeper *sleeper_start(struct kunit *test, struct chp_group *group,
				     enum first first)
{
	struct sleeper *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	chp_test_group_finish(test, group);
	s->first = first;
	chp_task_init(&s->task, sleeper_step, NULL);
	KUNIT_ASSERT_EQ(test, chp_task_start(&s->task, group), 0);
	return s;
}

static bool sleeps(struct sleeper *s)
{
	return atomic_read(&s->task.run) == CHP_TASK_PARKED;
}

static void unpark_ends_the_wait_with_its_result(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct sleeper *s = sleeper_start(test, group, FIRST_PARKS);

	CHP_EVENTUALLY(test, sleeps(s));
	KUNIT_EXPECT_FALSE(test, READ_ONCE(s->done));
	KUNIT_EXPECT_TRUE(test, chp_task_unpark(&s->task, 42));
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, s->result, 42);
	KUNIT_EXPECT_EQ(test, s->runs, 2);
}

static void a_wait_is_ended_once(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct sleeper *s = sleeper_start(test, group, FIRST_PARKS);

	CHP_EVENTUALLY(test, sleeps(s));
	KUNIT_EXPECT_TRUE(test, chp_task_unpark(&s->task, 1));
	KUNIT_EXPECT_FALSE(test, chp_task_unpark(&s->task, 2));
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, s->result, 1);
}

static void a_wake_that_comes_while_the_step_is_running_is_not_lost(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct sleeper *s = sleeper_start(test, group, FIRST_PARKS_AND_IS_WOKEN);

	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_TRUE(test, s->woken);
	KUNIT_EXPECT_EQ(test, s->park, -EINPROGRESS);
	KUNIT_EXPECT_EQ(test, s->result, 42);
	KUNIT_EXPECT_EQ(test, s->runs, 2);
}

static void unpark_before_the_park_is_none(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct sleeper *s = sleeper_start(test, group, FIRST_IS_WOKEN_AND_PARKS);

	CHP_EVENTUALLY(test, sleeps(s));
	KUNIT_EXPECT_FALSE(test, s->woken);
	KUNIT_EXPECT_TRUE(test, chp_task_unpark(&s->task, 7));
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, s->result, 7);
}

static void a_park_in_an_ended_context_returns_its_error(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct sleeper *s;

	s = sleeper_start(test, group, FIRST_IS_CANCELLED_AND_PARKS);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, s->park, -ECANCELED);
	KUNIT_EXPECT_EQ(test, s->runs, 1);
}

static void a_cancel_between_park_and_return_ends_the_wait(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct sleeper *s;

	s = sleeper_start(test, group, FIRST_PARKS_AND_IS_CANCELLED);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, s->park, -EINPROGRESS);
	KUNIT_EXPECT_EQ(test, s->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, s->runs, 2);
}

static void a_cancel_ends_the_wait_of_a_parked_task(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct sleeper *s = sleeper_start(test, group, FIRST_PARKS);

	CHP_EVENTUALLY(test, sleeps(s));
	chp_group_cancel(group);
	KUNIT_EXPECT_FALSE(test, chp_task_unpark(&s->task, 42));
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, s->result, -ECANCELED);
}

static void irq_unpark(void *data)
{
	struct sleeper *s = data;

	s->woken = chp_task_unpark(&s->task, 42);
}

static void unpark_works_in_a_hard_interrupt(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct sleeper *s = sleeper_start(test, group, FIRST_PARKS);

	CHP_EVENTUALLY(test, sleeps(s));
	chp_test_in_hardirq(test, irq_unpark, s);
	KUNIT_EXPECT_TRUE(test, s->woken);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, s->result, 42);
}

/* Tasks whose memory goes with them, and that many. */
struct mortal {
	struct chp_task task;
	struct chp_chan *ch;
	atomic_t *dead;
	bool parked;
};

static int mortal_step(struct chp_task *task)
{
	struct mortal *m = container_of(task, struct mortal, task);
	int err;

	if (m->parked)
		return 0;
	m->parked = true;
	err = chp_task_recv(task, m->ch, NULL);
	return err == -EINPROGRESS ? err : 0;
}

static void mortal_gone(struct chp_task *task)
{
	struct mortal *m = container_of(task, struct mortal, task);

	atomic_inc(m->dead);
	kfree(m);
}

static int mortal_start(struct chp_group *group, struct chp_chan *ch,
			atomic_t *dead)
{
	struct mortal *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	m->ch = ch;
	m->dead = dead;
	chp_task_init(&m->task, mortal_step, mortal_gone);
	return chp_task_start(&m->task, group);
}

#define MORTALS 10000

/* Ended in three ways, a third each: by a sender, by the close, by a cancel. */
static void ten_thousand_tasks_free_themselves(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 0, 0);
	struct chp_chan *never = chp_test_chan(test, 0, 0);
	atomic_t *dead = kunit_kzalloc(test, sizeof(*dead), GFP_KERNEL);
	struct chp_group *group = chp_test_group(test, NULL);
	int i, errors = 0;

	KUNIT_ASSERT_NOT_NULL(test, dead);
	chp_test_group_finish(test, group);
	for (i = 0; i < MORTALS; i++)
		errors += mortal_start(group, i % 3 ? ch : never, dead) != 0;
	KUNIT_ASSERT_EQ(test, errors, 0);
	for (i = 0; i < MORTALS / 3; i++)
		errors += chp_send(NULL, ch, NULL) != 0;
	chp_close(ch);
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, errors, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(dead), MORTALS);
}

/* Parks over and over, while many others wake it. */
struct target {
	struct chp_task task;
	struct chp_chan *over;
	unsigned long rounds;
	unsigned long runs;
	atomic_t inside;
	int twice;
	atomic_long_t wakes;
	bool done;
};

static int target_step(struct chp_task *task)
{
	struct target *t = container_of(task, struct target, task);
	int err = 0;

	t->twice += atomic_inc_return(&t->inside) != 1;
	if (t->runs++ < t->rounds)
		err = chp_task_park(task);
	else
		WRITE_ONCE(t->done, true);
	atomic_dec(&t->inside);
	return err;
}

static int wake_thread(struct chp_ctx *ctx, void *data)
{
	struct target *t = data;

	while (!READ_ONCE(t->done)) {
		if (chp_task_unpark(&t->task, 0))
			atomic_long_inc(&t->wakes);
		chp_test_relax();
	}
	return 0;
}

/* Each wake is one run more, and no step runs twice at a time. */
static void every_wake_is_one_run(struct kunit *test)
{
	struct target *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct chp_group *wakers, *group;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	wakers = chp_test_group(test, NULL);
	group = chp_test_group(test, NULL);
	t->rounds = min(chp_storm, 5000UL);
	chp_task_init(&t->task, target_step, NULL);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, chp_go(wakers, "wake", wake_thread, t), 0);
	KUNIT_ASSERT_EQ(test, chp_task_start(&t->task, group), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	WRITE_ONCE(t->done, true);
	KUNIT_EXPECT_EQ(test, chp_group_wait(wakers), 0);
	KUNIT_EXPECT_EQ(test, t->twice, 0);
	KUNIT_EXPECT_EQ(test, t->runs, t->rounds + 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->wakes), t->rounds);
}

/*
 * A receive that its time has ended has left the channel, whose memory may go
 * with the last reference of the task.
 */
struct leaver {
	struct chp_task task;
	struct chp_timer timer;
	struct chp_chan *ch;
	int runs;
	int result;
};

static int leaver_step(struct chp_task *task)
{
	struct leaver *l = container_of(task, struct leaver, task);
	int err;

	if (l->runs++) {
		chp_timer_stop(&l->timer);
		l->result = chp_task_result(task);
		chp_chan_put(l->ch);
		return 0;
	}
	err = chp_task_recv(task, l->ch, NULL);
	if (err == -EINPROGRESS)
		chp_task_timeout(task, &l->timer, NSEC_PER_MSEC, -ETIMEDOUT);
	return err;
}

static void a_task_that_gave_up_stands_in_no_queue(struct kunit *test)
{
	struct chp_chan *ch = chp_chan_alloc(8, 0, "test");
	struct leaver *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	struct chp_group *group;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	KUNIT_ASSERT_NOT_NULL(test, l);
	group = chp_test_group(test, NULL);
	l->ch = ch;
	chp_timer_init(&l->timer);
	chp_task_init(&l->task, leaver_step, NULL);
	KUNIT_ASSERT_EQ(test, chp_task_start(&l->task, group), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, l->result, -ETIMEDOUT);
}

static struct kunit_case task_cases[] = {
	KUNIT_CASE(unpark_ends_the_wait_with_its_result),
	KUNIT_CASE(a_wait_is_ended_once),
	KUNIT_CASE(a_wake_that_comes_while_the_step_is_running_is_not_lost),
	KUNIT_CASE(unpark_before_the_park_is_none),
	KUNIT_CASE(a_park_in_an_ended_context_returns_its_error),
	KUNIT_CASE(a_cancel_between_park_and_return_ends_the_wait),
	KUNIT_CASE(a_cancel_ends_the_wait_of_a_parked_task),
	KUNIT_CASE(unpark_works_in_a_hard_interrupt),
	KUNIT_CASE(ten_thousand_tasks_free_themselves),
	KUNIT_CASE(every_wake_is_one_run),
	KUNIT_CASE(a_task_that_gave_up_stands_in_no_queue),
	{}
};

struct kunit_suite chp_task_suite = {
	.name = "chanpat_task",
	.init = chp_test_init,
	.test_cases = task_cases,
};
