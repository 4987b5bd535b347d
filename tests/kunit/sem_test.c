// SPDX-License-Identifier: GPL-2.0
/* Semaphores: what is promised in <chanpat/sem.h>, for threads and for tasks. */
#include <linux/slab.h>
#include <chanpat/sem.h>
#include "callers.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static int acquire_call(struct chp_ctx *ctx, struct chp_caller *caller)
{
	return chp_sem_acquire(ctx, caller->arg, caller->units);
}

static int acquire_park(struct chp_task *task, struct chp_caller *caller)
{
	return chp_task_acquire(task, caller->arg, caller->units);
}

static const struct chp_caller_kind acquire = { acquire_call, acquire_park };

/* A semaphore of @units, of which @used are held already. */
static struct chp_sem *sem_make(struct kunit *test, u64 units, u64 used)
{
	struct chp_sem *sem = kunit_kzalloc(test, sizeof(*sem), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sem);
	chp_sem_init(sem, units);
	KUNIT_ASSERT_EQ(test, chp_sem_try_acquire(sem, used), 0);
	return sem;
}

static struct chp_caller *ask(struct kunit *test, struct chp_group *group,
			      struct chp_sem *sem, u64 units)
{
	return chp_caller_start(test, group, &acquire, chp_test_form(test), sem,
				units);
}

static struct chp_caller *ask_and_wait(struct kunit *test,
				       struct chp_group *group,
				       struct chp_sem *sem, u64 units)
{
	struct chp_caller *caller = ask(test, group, sem, units);

	CHP_EVENTUALLY(test, chp_caller_waits(caller));
	return caller;
}

/* All that is held can be given back, and no more. */
static void expect_held(struct kunit *test, struct chp_sem *sem, u64 units)
{
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, units + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, units), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 1), -EINVAL);
}

static void free_units_are_given_at_once(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 4, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller = ask(test, group, sem, 3);

	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, 0);
	expect_held(test, sem, 4);
}

static void who_asks_for_more_than_is_free_gets_all_of_it_or_waits(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 4, 2);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller = ask_and_wait(test, group, sem, 4);

	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 1), 0);
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(caller));
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, 0);
	expect_held(test, sem, 4);
}

static void a_small_request_does_not_overtake_a_large_one(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 4, 3);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *large = ask_and_wait(test, group, sem, 4);
	struct chp_caller *small = ask_and_wait(test, group, sem, 1);

	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 2), 0);
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(large));
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(small));
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 1), 0);
	CHP_EVENTUALLY(test, chp_caller_done(large));
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(small));
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 4), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, small->result, 0);
	expect_held(test, sem, 1);
}

static void who_asked_first_is_served_first(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 1, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *callers[10];
	int i;

	for (i = 0; i < ARRAY_SIZE(callers); i++)
		callers[i] = ask_and_wait(test, group, sem, 1);
	for (i = 0; i < ARRAY_SIZE(callers); i++) {
		KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 1), 0);
		CHP_EVENTUALLY(test, chp_caller_done(callers[i]));
		if (i + 1 < ARRAY_SIZE(callers))
			KUNIT_EXPECT_TRUE(test, chp_caller_waits(callers[i + 1]));
	}
}

static void try_takes_what_is_free_and_never_waits(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 4, 0);

	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 3), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 2), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 5), -EINVAL);
	expect_held(test, sem, 4);
}

static void try_does_not_overtake_who_waits(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 4, 2);
	struct chp_group *group = chp_test_group(test, NULL);

	ask_and_wait(test, group, sem, 3);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 0), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 2), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 1), 0);
}

static void more_units_than_there_are_is_invalid(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 4, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *more = ask(test, group, sem, 5);
	struct chp_caller *most = ask(test, group, sem, U64_MAX);

	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, more->result, -EINVAL);
	KUNIT_EXPECT_EQ(test, most->result, -EINVAL);
	expect_held(test, sem, 0);
}

static void all_units_that_a_number_can_hold(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, U64_MAX, U64_MAX);

	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 2), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(sem, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, U64_MAX), 0);
}

static void release_of_more_than_is_held_changes_nothing(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 4, 2);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller = ask_and_wait(test, group, sem, 3);

	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, U64_MAX), -EINVAL);
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(caller));
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 2), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	expect_held(test, sem, 3);
}

static void no_units_are_free_unless_others_wait(struct kunit *test)
{
	struct chp_sem *none = sem_make(test, 0, 0);
	struct chp_sem *full = sem_make(test, 1, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *of_none = ask(test, group, none, 0);
	struct chp_caller *of_full = ask(test, group, full, 0);
	struct chp_caller *first, *behind;

	CHP_EVENTUALLY(test, chp_caller_done(of_none) && chp_caller_done(of_full));
	KUNIT_EXPECT_EQ(test, of_none->result, 0);
	KUNIT_EXPECT_EQ(test, of_full->result, 0);
	first = ask_and_wait(test, group, full, 1);
	behind = ask_and_wait(test, group, full, 0);
	KUNIT_EXPECT_EQ(test, chp_sem_release(full, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, first->result, 0);
	KUNIT_EXPECT_EQ(test, behind->result, 0);
	KUNIT_EXPECT_EQ(test, chp_sem_release(full, 0), 0);
	expect_held(test, full, 1);
}

static void an_ended_context_wins_over_free_units(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 4, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller;

	chp_group_cancel(group);
	caller = ask(test, group, sem, 1);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ECANCELED);
	expect_held(test, sem, 0);
}

static void a_cancelled_wait_gives_nothing(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 4, 2);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller = ask_and_wait(test, group, sem, 3);

	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ECANCELED);
	expect_held(test, sem, 2);
}

static void a_deadline_ends_the_wait(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 1, 1);
	struct chp_caller *caller;
	struct chp_group *group;
	struct chp_ctx *ctx;

	ctx = chp_ctx_with_timeout(NULL, 5 * NSEC_PER_MSEC);
	chp_test_ctx_keep(test, ctx);
	group = chp_test_group(test, ctx);
	caller = ask(test, group, sem, 1);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ETIME);
	expect_held(test, sem, 1);
}

static void a_first_one_that_is_cancelled_lets_the_others_through(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 4, 2);
	struct chp_group *first = chp_test_group(test, NULL);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *large = ask_and_wait(test, first, sem, 4);
	struct chp_caller *small[3];
	int i;

	for (i = 0; i < ARRAY_SIZE(small); i++)
		small[i] = ask_and_wait(test, group, sem, 1);
	chp_group_cancel(first);
	KUNIT_EXPECT_EQ(test, chp_group_wait(first), 0);
	KUNIT_EXPECT_EQ(test, large->result, -ECANCELED);
	CHP_EVENTUALLY(test, chp_caller_done(small[0]));
	CHP_EVENTUALLY(test, chp_caller_done(small[1]));
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(small[2]));
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static void a_cancelled_one_in_the_middle_is_passed_over(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 2, 2);
	struct chp_group *middle = chp_test_group(test, NULL);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *last;

	ask_and_wait(test, group, sem, 1);
	ask_and_wait(test, middle, sem, 2);
	last = ask_and_wait(test, group, sem, 1);
	chp_group_cancel(middle);
	KUNIT_EXPECT_EQ(test, chp_group_wait(middle), 0);
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(last));
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 2), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	expect_held(test, sem, 2);
}

static unsigned int how_many_done(struct chp_caller **callers, unsigned int n)
{
	unsigned int i, done = 0;

	for (i = 0; i < n; i++)
		done += chp_caller_done(callers[i]);
	return done;
}

static void release_wakes_as_many_as_fit(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 10, 10);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *callers[5];
	int i;

	for (i = 0; i < ARRAY_SIZE(callers); i++)
		callers[i] = ask_and_wait(test, group, sem, 2);
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 7), 0);
	CHP_EVENTUALLY(test, how_many_done(callers, 5) == 3);
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(callers[3]));
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(callers[4]));
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 1), 0);
	CHP_EVENTUALLY(test, chp_caller_done(callers[3]));
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(callers[4]));
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, 2), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	expect_held(test, sem, 10);
}

/* More than are granted each time that the lock is held. */
#define MANY 100

static void one_release_serves_a_hundred(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, MANY, MANY);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *callers[MANY + 1];
	int i;

	for (i = 0; i <= MANY; i++)
		callers[i] = ask_and_wait(test, group, sem, 1);
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, MANY), 0);
	CHP_EVENTUALLY(test, how_many_done(callers, MANY) == MANY);
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(callers[MANY]));
	KUNIT_EXPECT_EQ(test, chp_sem_release(sem, MANY), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	expect_held(test, sem, 1);
}

static void irq_release(void *sem)
{
	chp_sem_release(sem, 2);
}

static void release_works_in_a_hard_interrupt(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 2, 2);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller = ask_and_wait(test, group, sem, 2);

	chp_test_in_hardirq(test, irq_release, sem);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, 0);
	expect_held(test, sem, 2);
}

static void irq_try(void *sem)
{
	chp_sem_try_acquire(sem, 1);
}

static void try_works_in_a_hard_interrupt(struct kunit *test)
{
	struct chp_sem *sem = sem_make(test, 2, 0);

	chp_test_in_hardirq(test, irq_try, sem);
	expect_held(test, sem, 1);
}

static int releasing_thread(struct chp_ctx *ctx, void *sem)
{
	return chp_sem_release(sem, 1);
}

struct releaser {
	struct chp_task task;
	struct chp_sem *sem;
};

static int release_step(struct chp_task *task)
{
	struct releaser *r = container_of(task, struct releaser, task);

	return chp_sem_release(r->sem, 1);
}

/* One round: the memory goes as soon as the one who waits has its unit. */
static int acquire_and_free(struct chp_group *group, enum chp_form form,
			    struct releaser *r)
{
	struct chp_sem *sem = kmalloc(sizeof(*sem), GFP_KERNEL);
	int err;

	if (!sem)
		return -ENOMEM;
	chp_sem_init(sem, 1);
	chp_sem_try_acquire(sem, 1);
	r->sem = sem;
	chp_task_init(&r->task, release_step, NULL);
	if (form == CHP_TASK)
		err = chp_task_start(&r->task, group);
	else
		err = chp_go(group, "release", releasing_thread, sem);
	if (!err)
		err = chp_sem_acquire(NULL, sem, 1);
	memset(sem, 0x5a, sizeof(*sem));
	kfree(sem);
	return err;
}

static void the_semaphore_may_go_when_the_last_who_waited_has_its_units(struct kunit *test)
{
	struct releaser *r = kunit_kcalloc(test, 300, sizeof(*r), GFP_KERNEL);
	struct chp_group *group = chp_test_group(test, NULL);
	int i, errors = 0;

	KUNIT_ASSERT_NOT_NULL(test, r);
	chp_test_group_finish(test, group);
	for (i = 0; i < 300; i++)
		errors += acquire_and_free(group, chp_test_form(test), &r[i]) != 0;
	KUNIT_EXPECT_EQ(test, errors, 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

/* Asks for units again and again, and counts what all of them hold. */
struct hog {
	struct chp_task task;
	struct chp_sem *sem;
	atomic_t *held;
	u64 units;
	unsigned long rounds;
	bool asked;
	bool holding;
	int bad;
};

#define STORM_UNITS 7

static void hog_takes(struct hog *hog)
{
	hog->holding = true;
	hog->bad += atomic_add_return(hog->units, hog->held) > STORM_UNITS;
}

static void hog_gives(struct hog *hog)
{
	hog->holding = false;
	atomic_sub(hog->units, hog->held);
	hog->bad += chp_sem_release(hog->sem, hog->units) != 0;
	hog->units = hog->units % STORM_UNITS + 1;
}

static int hog_thread(struct chp_ctx *ctx, void *data)
{
	struct hog *hog = data;
	int err;

	while (hog->rounds--) {
		err = chp_sem_acquire(ctx, hog->sem, hog->units);
		if (err)
			return err;
		hog_takes(hog);
		chp_test_relax();
		hog_gives(hog);
	}
	return 0;
}

/* Holds its units until its next run. */
static int hog_step(struct chp_task *task)
{
	struct hog *hog = container_of(task, struct hog, task);
	int err;

	if (hog->holding)
		hog_gives(hog);
	if (!hog->asked && !hog->rounds--)
		return 0;
	err = hog->asked ? chp_task_result(task) :
			   chp_task_acquire(task, hog->sem, hog->units);
	hog->asked = err == -EINPROGRESS;
	if (err)
		return err;
	hog_takes(hog);
	return -EAGAIN;
}

static int hog_start(struct hog *hog, enum chp_form form,
		     struct chp_group *group)
{
	if (form == CHP_THREAD)
		return chp_go(group, "hog", hog_thread, hog);
	chp_task_init(&hog->task, hog_step, NULL);
	return chp_task_start(&hog->task, group);
}

#define HOGS 8

static void never_more_than_the_units_are_held(struct kunit *test)
{
	struct hog *hogs = kunit_kcalloc(test, HOGS, sizeof(*hogs), GFP_KERNEL);
	atomic_t *held = kunit_kzalloc(test, sizeof(*held), GFP_KERNEL);
	struct chp_sem *sem = sem_make(test, STORM_UNITS, 0);
	struct chp_group *group;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, hogs);
	KUNIT_ASSERT_NOT_NULL(test, held);
	group = chp_test_group(test, NULL);
	for (i = 0; i < HOGS; i++) {
		hogs[i].sem = sem;
		hogs[i].held = held;
		hogs[i].units = 1 + i % STORM_UNITS;
		hogs[i].rounds = min(chp_storm, 4000UL) / HOGS;
		KUNIT_ASSERT_EQ(test, hog_start(&hogs[i], chp_forms[i % 2], group),
				0);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < HOGS; i++)
		KUNIT_EXPECT_EQ(test, hogs[i].bad, 0);
	expect_held(test, sem, 0);
}

static struct kunit_case sem_cases[] = {
	KUNIT_CASE_PARAM(free_units_are_given_at_once, form_gen_params),
	KUNIT_CASE_PARAM(who_asks_for_more_than_is_free_gets_all_of_it_or_waits,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_small_request_does_not_overtake_a_large_one,
			 form_gen_params),
	KUNIT_CASE_PARAM(who_asked_first_is_served_first, form_gen_params),
	KUNIT_CASE(try_takes_what_is_free_and_never_waits),
	KUNIT_CASE_PARAM(try_does_not_overtake_who_waits, form_gen_params),
	KUNIT_CASE_PARAM(more_units_than_there_are_is_invalid, form_gen_params),
	KUNIT_CASE(all_units_that_a_number_can_hold),
	KUNIT_CASE_PARAM(release_of_more_than_is_held_changes_nothing,
			 form_gen_params),
	KUNIT_CASE_PARAM(no_units_are_free_unless_others_wait, form_gen_params),
	KUNIT_CASE_PARAM(an_ended_context_wins_over_free_units, form_gen_params),
	KUNIT_CASE_PARAM(a_cancelled_wait_gives_nothing, form_gen_params),
	KUNIT_CASE_PARAM(a_deadline_ends_the_wait, form_gen_params),
	KUNIT_CASE_PARAM(a_first_one_that_is_cancelled_lets_the_others_through,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_cancelled_one_in_the_middle_is_passed_over,
			 form_gen_params),
	KUNIT_CASE_PARAM(release_wakes_as_many_as_fit, form_gen_params),
	KUNIT_CASE_PARAM(one_release_serves_a_hundred, form_gen_params),
	KUNIT_CASE_PARAM(release_works_in_a_hard_interrupt, form_gen_params),
	KUNIT_CASE(try_works_in_a_hard_interrupt),
	KUNIT_CASE_PARAM(the_semaphore_may_go_when_the_last_who_waited_has_its_units,
			 form_gen_params),
	KUNIT_CASE(never_more_than_the_units_are_held),
	{}
};

struct kunit_suite chp_sem_suite = {
	.name = "chanpat_sem",
	.init = chp_test_init,
	.test_cases = sem_cases,
};
