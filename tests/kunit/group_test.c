// SPDX-License-Identifier: GPL-2.0
/* Groups: what is promised in <chanpat/group.h>, for threads and for tasks. */
#include <linux/slab.h>
#include "../../kmod/core/live.h"
#include "helpers.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

/* A member that waits at a gate and ends with an error of its own. */
struct member {
	struct chp_task task;
	struct chp_chan *gate;
	int err;
	int cause;
	bool parked;
	int *gone;
};

/* The error of the wait counts, for a member that did not come through. */
static int member_end(struct member *m, struct chp_ctx *ctx, int err)
{
	m->cause = chp_ctx_cause(ctx);
	return err ?: m->err;
}

static int member_thread(struct chp_ctx *ctx, void *data)
{
	struct member *m = data;

	return member_end(m, ctx, m->gate ? chp_recv(ctx, m->gate, NULL) : 0);
}

static int member_step(struct chp_task *task)
{
	struct member *m = container_of(task, struct member, task);
	int err = m->parked ? chp_task_result(task) : 0;

	if (m->gate && !m->parked) {
		err = chp_task_recv(task, m->gate, NULL);
		m->parked = err == -EINPROGRESS;
		if (m->parked)
			return err;
	}
	return member_end(m, task->wait.ctx, err);
}

static void member_gone(struct chp_task *task)
{
	struct member *m = container_of(task, struct member, task);

	if (m->gone)
		WRITE_ONCE(*m->gone, *m->gone + 1);
}

static int member_start(struct member *m, enum chp_form form,
			struct chp_group *group)
{
	if (form == CHP_THREAD)
		return chp_go(group, "member", member_thread, m);
	chp_task_init(&m->task, member_step, member_gone);
	return chp_task_start(&m->task, group);
}

static struct member *member_make(struct kunit *test, struct chp_group *group,
				  enum chp_form form, struct chp_chan *gate,
				  int err)
{
	struct member *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	chp_test_group_finish(test, group);
	m->gate = gate;
	m->err = err;
	KUNIT_ASSERT_EQ(test, member_start(m, form, group), 0);
	return m;
}

static void an_empty_group_is_over_at_once(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);

	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static void wait_returns_the_error_of_a_member(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);

	member_make(test, group, chp_test_form(test), NULL, -EIO);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), -EIO);
}

/* One of many fails; the others, threads and tasks, learn it from their waits. */
static void the_first_error_wins_and_is_the_cause_for_the_others(struct kunit *test)
{
	struct chp_chan *gate = chp_test_chan(test, 0, 0);
	struct chp_chan *never = chp_test_chan(test, 0, 0);
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_group *group = chp_test_group(test, parent);
	struct member *others[20];
	struct chp_ctx *ctx;
	int i;

	ctx = chp_test_ctx_keep(test, chp_ctx_get(group->ctx));
	member_make(test, group, chp_test_form(test), gate, -EIO);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		others[i] = member_make(test, group, chp_forms[i % 2], never,
					-EINVAL);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, gate, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), -EIO);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		KUNIT_EXPECT_EQ(test, others[i]->cause, -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(parent), 0);
}

static void cancel_is_no_error(struct kunit *test)
{
	struct chp_chan *never = chp_test_chan(test, 0, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actor;

	actor = chp_actor_recv(test, group, chp_test_form(test), never);
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, -ECANCELED);
}

static void the_end_of_the_parent_reaches_the_members(struct kunit *test)
{
	struct chp_chan *never = chp_test_chan(test, 0, 0);
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	struct chp_group *group = chp_test_group(test, parent);
	struct member *m;

	m = member_make(test, group, chp_test_form(test), never, 0);
	chp_ctx_cancel_cause(parent, -EIO);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), -ECANCELED);
	KUNIT_EXPECT_EQ(test, m->cause, -EIO);
}

static void a_member_of_a_cancelled_group_runs_and_finds_it_ended(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct member *m;

	chp_group_cancel(group);
	m = member_make(test, group, chp_test_form(test), NULL, 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, m->cause, -ECANCELED);
}

static void nobody_enters_a_group_that_is_over(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct member *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, member_start(m, chp_test_form(test), group),
			-ESHUTDOWN);
}

static void wait_cancels_what_is_left_below_the_group(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_ctx *child = chp_test_ctx(test, group->ctx);

	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(child), -ECANCELED);
}

static void wait_lets_no_member_live(struct kunit *test)
{
	long threads = chp_live_count(CHP_KIND_THREAD);
	long tasks = chp_live_count(CHP_KIND_TASK);
	struct chp_chan *gate = chp_test_chan(test, 0, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	int i;

	for (i = 0; i < 50; i++)
		member_make(test, group, chp_forms[i % 2], gate, 0);
	KUNIT_EXPECT_EQ(test, chp_live_count(CHP_KIND_THREAD), threads + 25);
	KUNIT_EXPECT_EQ(test, chp_live_count(CHP_KIND_TASK), tasks + 25);
	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_EQ(test, chp_send(NULL, gate, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, chp_live_count(CHP_KIND_THREAD), threads);
	KUNIT_EXPECT_EQ(test, chp_live_count(CHP_KIND_TASK), tasks);
}

/* Threads that have ended are let go of by the next start, not by the wait. */
static void many_short_threads_do_not_pile_up(struct kunit *test)
{
	long before = chp_live_count(CHP_KIND_THREAD);
	struct member *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct chp_group *group = chp_test_group(test, NULL);
	int i, errors = 0;

	KUNIT_ASSERT_NOT_NULL(test, m);
	chp_test_group_finish(test, group);
	for (i = 0; i < 300; i++)
		errors += member_start(m, CHP_THREAD, group) != 0;
	KUNIT_EXPECT_EQ(test, errors, 0);
	CHP_EVENTUALLY(test, !READ_ONCE(group->active));
	KUNIT_EXPECT_EQ(test, member_start(m, CHP_THREAD, group), 0);
	KUNIT_EXPECT_EQ(test, chp_live_count(CHP_KIND_THREAD), before + 1);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static int brood_thread(struct chp_ctx *ctx, void *data)
{
	struct chp_group *group = data;
	static struct member child;

	return member_start(&child, CHP_THREAD, group);
}

struct brood {
	struct chp_task task;
	struct member child;
};

static int brood_step(struct chp_task *task)
{
	struct brood *brood = container_of(task, struct brood, task);

	return member_start(&brood->child, CHP_TASK, task->group);
}

/* A member may start others: the group is not empty meanwhile. */
static void a_member_starts_members(struct kunit *test)
{
	struct brood *brood = kunit_kzalloc(test, sizeof(*brood), GFP_KERNEL);
	struct chp_group *group = chp_test_group(test, NULL);

	KUNIT_ASSERT_NOT_NULL(test, brood);
	chp_test_group_finish(test, group);
	brood->child.err = -EIO;
	chp_task_init(&brood->task, brood_step, NULL);
	KUNIT_ASSERT_EQ(test, chp_task_start(&brood->task, group), 0);
	KUNIT_ASSERT_EQ(test, chp_go(group, "brood", brood_thread, group), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), -EIO);
}

static struct chp_actor *joiner(struct kunit *test, struct chp_group *group,
				struct chp_group *join)
{
	struct chp_actor *actor = chp_actor_make(test, CHP_TASK, CHP_ACT_JOIN);

	actor->join = join;
	chp_actor_start(test, actor, group);
	return actor;
}

static void join_of_an_empty_group_does_not_wait(struct kunit *test)
{
	struct chp_group *join = chp_test_group(test, NULL);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actor = joiner(test, group, join);

	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(join), 0);
}

static void all_who_join_a_group_wake_when_it_is_empty(struct kunit *test)
{
	struct chp_chan *gate = chp_test_chan(test, 0, 0);
	struct chp_group *join = chp_test_group(test, NULL);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actors[10];
	int i;

	member_make(test, join, chp_test_form(test), gate, 0);
	member_make(test, join, chp_test_form(test), gate, 0);
	for (i = 0; i < ARRAY_SIZE(actors); i++) {
		actors[i] = joiner(test, group, join);
		CHP_EVENTUALLY(test, chp_actor_waits(actors[i]));
	}
	KUNIT_EXPECT_EQ(test, chp_send(NULL, gate, NULL), 0);
	CHP_EVENTUALLY(test, READ_ONCE(join->active) == 1);
	KUNIT_EXPECT_TRUE(test, chp_actor_waits(actors[0]));
	KUNIT_EXPECT_EQ(test, chp_send(NULL, gate, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < ARRAY_SIZE(actors); i++)
		KUNIT_EXPECT_EQ(test, actors[i]->result, 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(join), 0);
}

static void a_join_ends_with_its_own_context(struct kunit *test)
{
	struct chp_chan *gate = chp_test_chan(test, 0, 0);
	struct chp_group *join = chp_test_group(test, NULL);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actor;

	member_make(test, join, chp_test_form(test), gate, 0);
	actor = joiner(test, group, join);
	CHP_EVENTUALLY(test, chp_actor_waits(actor));
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, READ_ONCE(join->active), 1);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, gate, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(join), 0);
}

/* Poison, for whoever still looks at a group that was let go of. */
static void the_groups_memory_is_the_callers_after_the_wait(struct kunit *test)
{
	struct member *m = kunit_kcalloc(test, 3, sizeof(*m), GFP_KERNEL);
	struct chp_group group;
	int i, errors = 0;

	KUNIT_ASSERT_NOT_NULL(test, m);
	for (i = 0; i < 500; i++) {
		errors += chp_group_init(&group, NULL) != 0;
		errors += member_start(&m[0], CHP_TASK, &group) != 0;
		if (i % 4 == 0)
			errors += member_start(&m[1], CHP_THREAD, &group) != 0;
		errors += member_start(&m[2], CHP_TASK, &group) != 0;
		errors += chp_group_wait(&group) != 0;
		memset(&group, 0x5a, sizeof(group));
		memset(m, 0, 3 * sizeof(*m));
	}
	KUNIT_EXPECT_EQ(test, errors, 0);
}

static void gone_is_called_once_before_the_wait_returns(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct member *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	int *gone = kunit_kzalloc(test, sizeof(*gone), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_NOT_NULL(test, gone);
	chp_test_group_finish(test, group);
	m->gone = gone;
	m->err = -EIO;
	KUNIT_ASSERT_EQ(test, member_start(m, CHP_TASK, group), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), -EIO);
	KUNIT_EXPECT_EQ(test, *gone, 1);
}

static struct kunit_case group_cases[] = {
	KUNIT_CASE(an_empty_group_is_over_at_once),
	KUNIT_CASE_PARAM(wait_returns_the_error_of_a_member, form_gen_params),
	KUNIT_CASE_PARAM(the_first_error_wins_and_is_the_cause_for_the_others,
			 form_gen_params),
	KUNIT_CASE_PARAM(cancel_is_no_error, form_gen_params),
	KUNIT_CASE_PARAM(the_end_of_the_parent_reaches_the_members,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_member_of_a_cancelled_group_runs_and_finds_it_ended,
			 form_gen_params),
	KUNIT_CASE_PARAM(nobody_enters_a_group_that_is_over, form_gen_params),
	KUNIT_CASE(wait_cancels_what_is_left_below_the_group),
	KUNIT_CASE(wait_lets_no_member_live),
	KUNIT_CASE(many_short_threads_do_not_pile_up),
	KUNIT_CASE(a_member_starts_members),
	KUNIT_CASE(join_of_an_empty_group_does_not_wait),
	KUNIT_CASE_PARAM(all_who_join_a_group_wake_when_it_is_empty,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_join_ends_with_its_own_context, form_gen_params),
	KUNIT_CASE(the_groups_memory_is_the_callers_after_the_wait),
	KUNIT_CASE(gone_is_called_once_before_the_wait_returns),
	{}
};

struct kunit_suite chp_group_suite = {
	.name = "chanpat_group",
	.init = chp_test_init,
	.test_cases = group_cases,
};
