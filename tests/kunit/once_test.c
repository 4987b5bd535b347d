// SPDX-License-Identifier: GPL-2.0
/* Doing something once, as in <chanpat/once.h>, for threads and for tasks. */
#include <linux/delay.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <chanpat/once.h>
#include "callers.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

/* Something to do, and how often it was done. */
struct deed {
	struct chp_once once;
	atomic_t runs;
	int result;
};

static int deed_do(void *data)
{
	struct deed *deed = data;

	atomic_inc(&deed->runs);
	/* Time for others to come. */
	usleep_range(20, 100);
	return deed->result;
}

static int once_call(struct chp_ctx *ctx, struct chp_caller *caller)
{
	struct deed *deed = caller->arg;

	return chp_once_do(ctx, &deed->once, deed_do, deed);
}

static int once_park(struct chp_task *task, struct chp_caller *caller)
{
	struct deed *deed = caller->arg;
	int err = chp_task_once_begin(task, &deed->once);

	return err > 0 ? chp_once_end(&deed->once, deed_do(deed)) : err;
}

static const struct chp_caller_kind doer = { once_call, once_park };

static struct deed *deed_make(struct kunit *test, int result)
{
	struct deed *deed = kunit_kzalloc(test, sizeof(*deed), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, deed);
	chp_once_init(&deed->once);
	deed->result = result;
	return deed;
}

static struct chp_caller *ask(struct kunit *test, struct chp_group *group,
			      struct deed *deed)
{
	return chp_caller_start(test, group, &doer, chp_test_form(test), deed, 0);
}

static struct chp_caller *ask_and_wait(struct kunit *test,
				       struct chp_group *group,
				       struct deed *deed)
{
	struct chp_caller *caller = ask(test, group, deed);

	CHP_EVENTUALLY(test, chp_caller_waits(caller));
	return caller;
}

static void who_comes_first_does_it(struct kunit *test)
{
	struct deed *deed = deed_make(test, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller = ask(test, group, deed);

	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&deed->runs), 1);
}

#define CROWD 50

/* Callers of both forms, at the same time. */
static void crowd_asks(struct kunit *test, struct deed *deed, int result)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *callers[CROWD];
	int i;

	for (i = 0; i < CROWD; i++)
		callers[i] = chp_caller_start(test, group, &doer,
					      chp_forms[i % 2], deed, 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < CROWD; i++)
		KUNIT_EXPECT_EQ(test, callers[i]->result, result);
	KUNIT_EXPECT_EQ(test, atomic_read(&deed->runs), 1);
}

static void of_many_callers_one_does_it_and_all_get_its_result(struct kunit *test)
{
	int i;

	for (i = 0; i < 10; i++)
		crowd_asks(test, deed_make(test, 0), 0);
}

static void a_failure_is_final(struct kunit *test)
{
	struct deed *deed = deed_make(test, -EIO);

	crowd_asks(test, deed, -EIO);
	/* It would succeed now, but is not tried again. */
	deed->result = 0;
	crowd_asks(test, deed, -EIO);
}

static void all_who_wait_get_the_result(struct kunit *test)
{
	struct deed *deed = deed_make(test, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *callers[CROWD];
	int i;

	KUNIT_ASSERT_EQ(test, chp_once_begin(NULL, &deed->once), 1);
	for (i = 0; i < CROWD; i++)
		callers[i] = ask_and_wait(test, group, deed);
	KUNIT_EXPECT_EQ(test, chp_once_end(&deed->once, -EIO), -EIO);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < CROWD; i++)
		KUNIT_EXPECT_EQ(test, callers[i]->result, -EIO);
	KUNIT_EXPECT_EQ(test, atomic_read(&deed->runs), 0);
}

static void who_comes_late_does_not_wait(struct kunit *test)
{
	struct deed *deed = deed_make(test, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller;

	KUNIT_ASSERT_EQ(test, chp_once_begin(NULL, &deed->once), 1);
	KUNIT_ASSERT_EQ(test, chp_once_end(&deed->once, -EIO), -EIO);
	caller = ask(test, group, deed);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -EIO);
	KUNIT_EXPECT_EQ(test, chp_once_begin(NULL, &deed->once), -EIO);
	KUNIT_EXPECT_EQ(test, atomic_read(&deed->runs), 0);
}

static void the_end_of_a_context_ends_the_wait_of_its_own(struct kunit *test)
{
	struct deed *deed = deed_make(test, 0);
	struct chp_group *one = chp_test_group(test, NULL);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller, *other;

	KUNIT_ASSERT_EQ(test, chp_once_begin(NULL, &deed->once), 1);
	caller = ask_and_wait(test, one, deed);
	other = ask_and_wait(test, group, deed);
	chp_group_cancel(one);
	KUNIT_EXPECT_EQ(test, chp_group_wait(one), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ECANCELED);
	KUNIT_EXPECT_TRUE(test, chp_caller_waits(other));
	KUNIT_EXPECT_EQ(test, chp_once_end(&deed->once, 0), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, other->result, 0);
}

static void an_ended_context_does_not_begin(struct kunit *test)
{
	struct deed *deed = deed_make(test, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller;

	chp_group_cancel(group);
	caller = ask(test, group, deed);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, atomic_read(&deed->runs), 0);
	KUNIT_EXPECT_EQ(test, chp_once_begin(NULL, &deed->once), 1);
	KUNIT_EXPECT_EQ(test, chp_once_end(&deed->once, 0), 0);
}

/* Who would read a positive result takes it for "you are the one". */
static void expect_invalid(struct kunit *test, int result)
{
	struct deed *deed = deed_make(test, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *waits, *late;

	KUNIT_ASSERT_EQ(test, chp_once_begin(NULL, &deed->once), 1);
	waits = ask_and_wait(test, group, deed);
	KUNIT_EXPECT_EQ(test, chp_once_end(&deed->once, result), -EINVAL);
	late = ask(test, group, deed);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, waits->result, -EINVAL);
	KUNIT_EXPECT_EQ(test, late->result, -EINVAL);
}

static void a_result_that_is_none_is_invalid_for_all(struct kunit *test)
{
	expect_invalid(test, 1);
	expect_invalid(test, INT_MAX);
	expect_invalid(test, -EINPROGRESS);
}

static void a_function_that_returns_a_positive_number_has_failed(struct kunit *test)
{
	crowd_asks(test, deed_make(test, 5), -EINVAL);
}

/* Begins, parks in the middle, and ends in a later run. */
struct slow {
	struct chp_task task;
	struct chp_once *once;
	struct chp_chan *gate;
	int begun;
	bool parked;
};

static int slow_step(struct chp_task *task)
{
	struct slow *slow = container_of(task, struct slow, task);
	int err;

	if (slow->parked) {
		err = chp_task_result(task);
	} else {
		slow->begun = chp_task_once_begin(task, slow->once);
		err = chp_task_recv(task, slow->gate, NULL);
		slow->parked = err == -EINPROGRESS;
		if (slow->parked)
			return err;
	}
	return chp_once_end(slow->once, err ?: -EIO) == -EIO ? 0 : -EINVAL;
}

static void a_task_may_park_between_begin_and_end(struct kunit *test)
{
	struct slow *slow = kunit_kzalloc(test, sizeof(*slow), GFP_KERNEL);
	struct chp_chan *gate = chp_test_chan(test, 0, 0);
	struct deed *deed = deed_make(test, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller;

	KUNIT_ASSERT_NOT_NULL(test, slow);
	chp_test_group_finish(test, group);
	slow->once = &deed->once;
	slow->gate = gate;
	chp_task_init(&slow->task, slow_step, NULL);
	KUNIT_ASSERT_EQ(test, chp_task_start(&slow->task, group), 0);
	CHP_EVENTUALLY(test, READ_ONCE(slow->parked));
	caller = ask_and_wait(test, group, deed);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, gate, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, slow->begun, 1);
	KUNIT_EXPECT_EQ(test, caller->result, -EIO);
	KUNIT_EXPECT_EQ(test, atomic_read(&deed->runs), 0);
}

static void irq_end(void *once)
{
	chp_once_end(once, -EIO);
}

static void end_works_in_a_hard_interrupt(struct kunit *test)
{
	struct deed *deed = deed_make(test, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_caller *caller;

	KUNIT_ASSERT_EQ(test, chp_once_begin(NULL, &deed->once), 1);
	caller = ask_and_wait(test, group, deed);
	chp_test_in_hardirq(test, irq_end, &deed->once);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -EIO);
}

/* Once in the life of the module, also when the suite runs again. */
static void what_is_defined_needs_no_init(struct kunit *test)
{
	static DEFINE_CHP_ONCE(once);
	static struct deed deed;

	KUNIT_EXPECT_EQ(test, chp_once_do(NULL, &once, deed_do, &deed), 0);
	KUNIT_EXPECT_EQ(test, chp_once_do(NULL, &once, deed_do, &deed), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&deed.runs), 1);
}

static struct kunit_case once_cases[] = {
	KUNIT_CASE_PARAM(who_comes_first_does_it, form_gen_params),
	KUNIT_CASE(of_many_callers_one_does_it_and_all_get_its_result),
	KUNIT_CASE(a_failure_is_final),
	KUNIT_CASE_PARAM(all_who_wait_get_the_result, form_gen_params),
	KUNIT_CASE_PARAM(who_comes_late_does_not_wait, form_gen_params),
	KUNIT_CASE_PARAM(the_end_of_a_context_ends_the_wait_of_its_own,
			 form_gen_params),
	KUNIT_CASE_PARAM(an_ended_context_does_not_begin, form_gen_params),
	KUNIT_CASE_PARAM(a_result_that_is_none_is_invalid_for_all,
			 form_gen_params),
	KUNIT_CASE(a_function_that_returns_a_positive_number_has_failed),
	KUNIT_CASE_PARAM(a_task_may_park_between_begin_and_end,
			 form_gen_params),
	KUNIT_CASE_PARAM(end_works_in_a_hard_interrupt, form_gen_params),
	KUNIT_CASE(what_is_defined_needs_no_init),
	{}
};

struct kunit_suite chp_once_suite = {
	.name = "chanpat_once",
	.init = chp_test_init,
	.test_cases = once_cases,
};
