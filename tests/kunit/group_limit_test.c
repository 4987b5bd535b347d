// SPDX-License-Identifier: GPL-2.0
/* The limit of a group, as in <chanpat/group.h>, for threads and for tasks. */
#include <linux/slab.h>
#include "../../kmod/core/task.h"
#include "helpers.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

/* How many members of a group run, and how many have run. */
struct count {
	atomic_t now;
	atomic_t most;
	atomic_t all;
};

/* Waits at a gate while it is counted. */
struct guest {
	struct chp_task task;
	struct chp_chan *gate;
	struct count *count;
	int err;
	int found;
	bool let_out;
	bool parked;
	bool entered;
	bool left;
};

static void guest_enters(struct guest *g, struct chp_ctx *ctx)
{
	int now = atomic_inc_return(&g->count->now);
	int most = atomic_read(&g->count->most);

	while (now > most && !atomic_try_cmpxchg(&g->count->most, &most, now))
		;
	atomic_inc(&g->count->all);
	g->found = chp_ctx_err(ctx);
	chp_test_raise(&g->entered);
}

static int guest_leaves(struct guest *g)
{
	atomic_dec(&g->count->now);
	chp_test_raise(&g->left);
	return g->err;
}

static int guest_thread(struct chp_ctx *ctx, void *data)
{
	struct guest *g = data;

	guest_enters(g, ctx);
	chp_recv(ctx, g->gate, NULL);
	return guest_leaves(g);
}

static void let_out(struct guest *g)
{
	chp_test_raise(&g->let_out);
}

/* Heeds no context, and is always ready, until it is let out. */
static int deaf_step(struct chp_task *task)
{
	struct guest *g = container_of(task, struct guest, task);

	if (!g->parked)
		guest_enters(g, task->wait.ctx);
	g->parked = true;
	return chp_test_raised(&g->let_out) ? guest_leaves(g) : -EAGAIN;
}

static int guest_step(struct chp_task *task)
{
	struct guest *g = container_of(task, struct guest, task);

	if (g->parked)
		return guest_leaves(g);
	guest_enters(g, task->wait.ctx);
	g->parked = true;
	if (chp_task_recv(task, g->gate, NULL) == -EINPROGRESS)
		return -EINPROGRESS;
	return guest_leaves(g);
}

static struct count *count_make(struct kunit *test)
{
	struct count *count = kunit_kzalloc(test, sizeof(*count), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, count);
	return count;
}

/* Where members are made, so that they are there as long as it is. */
struct house {
	struct chp_group *group;
	struct chp_chan *gate;
	struct count *count;
};

static struct house *house_open(struct kunit *test, unsigned int limit)
{
	struct house *house = kunit_kzalloc(test, sizeof(*house), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, house);
	house->gate = chp_test_chan(test, 0, 0);
	house->count = count_make(test);
	house->group = chp_test_group(test, NULL);
	KUNIT_ASSERT_EQ(test, chp_group_set_limit(house->group, limit), 0);
	return house;
}

static struct guest *guest_make(struct kunit *test, struct house *house, int err)
{
	struct guest *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, g);
	chp_test_group_finish(test, house->group);
	g->gate = house->gate;
	g->count = house->count;
	g->err = err;
	chp_task_init(&g->task, guest_step, NULL);
	return g;
}

static int guest_start(struct guest *g, enum chp_form form,
		       struct chp_group *group)
{
	if (form == CHP_THREAD)
		return chp_go(group, "guest", guest_thread, g);
	return chp_task_start(&g->task, group);
}

static int guest_try_start(struct guest *g, enum chp_form form,
			   struct chp_group *group)
{
	if (form == CHP_THREAD)
		return chp_try_go(group, "guest", guest_thread, g);
	return chp_task_try_start(&g->task, group);
}

/* A member that has its place, and waits at the gate. */
static struct guest *guest_inside(struct kunit *test, struct house *house,
				  int err)
{
	struct guest *g = guest_make(test, house, err);

	KUNIT_ASSERT_EQ(test, guest_start(g, chp_test_form(test), house->group),
			0);
	CHP_EVENTUALLY(test, chp_test_raised(&g->entered));
	return g;
}

/* A task that has been started, and has to wait for its place. */
static struct guest *task_outside(struct kunit *test, struct house *house)
{
	struct guest *g = guest_make(test, house, 0);

	KUNIT_ASSERT_EQ(test, chp_task_start(&g->task, house->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&g->task.run), CHP_TASK_PARKED);
	KUNIT_EXPECT_FALSE(test, chp_test_raised(&g->entered));
	return g;
}

/* A thread that starts a member, and has to wait for the place. */
struct starter {
	struct house *house;
	struct guest *guest;
	struct task_struct *thread;
	int result;
	bool begun;
	bool done;
};

static int starter_thread(struct chp_ctx *ctx, void *data)
{
	struct starter *s = data;

	s->thread = current;
	chp_test_raise(&s->begun);
	s->result = chp_go(s->house->group, "guest", guest_thread, s->guest);
	chp_test_raise(&s->done);
	return 0;
}

static bool starter_waits(struct starter *s)
{
	if (!chp_test_raised(&s->begun) || chp_test_raised(&s->done))
		return false;
	return chp_test_sleeps(s->thread);
}

/* The group of starters goes first, and cannot before their waits are over. */
static struct starter *thread_outside(struct kunit *test, struct house *house,
				      struct chp_group *starters)
{
	struct starter *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->house = house;
	s->guest = guest_make(test, house, 0);
	KUNIT_ASSERT_EQ(test, chp_go(starters, "start", starter_thread, s), 0);
	CHP_EVENTUALLY(test, starter_waits(s));
	return s;
}

static void open_gate(struct kunit *test, struct house *house)
{
	KUNIT_ASSERT_EQ(test, chp_send(NULL, house->gate, NULL), 0);
}

/* All places are free again: this many can be taken, and no more. */
static void expect_places(struct kunit *test, struct house *house,
			  unsigned int n)
{
	CHP_EVENTUALLY(test, !READ_ONCE(house->group->active));
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(&house->group->limit, n), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(&house->group->limit, 1),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_sem_release(&house->group->limit, n), 0);
}

#define CROWD 60

static void never_more_than_the_limit_run_at_a_time(struct kunit *test)
{
	struct house *house = house_open(test, 3);
	struct guest *g;
	int i;

	KUNIT_EXPECT_EQ(test, chp_close(house->gate), 0);
	for (i = 0; i < CROWD; i++) {
		g = guest_make(test, house, 0);
		KUNIT_ASSERT_EQ(test, guest_start(g, chp_test_form(test),
						  house->group), 0);
	}
	expect_places(test, house, 3);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&house->count->all), CROWD);
	KUNIT_EXPECT_LE(test, atomic_read(&house->count->most), 3);
}

/* Each holds its place while it is parked, and all places are used. */
static void the_limit_is_reached_and_counts_who_waits(struct kunit *test)
{
	struct house *house = house_open(test, 3);
	int i;

	for (i = 0; i < 3; i++)
		guest_inside(test, house, 0);
	task_outside(test, house);
	KUNIT_EXPECT_EQ(test, atomic_read(&house->count->now), 3);
	for (i = 0; i < 4; i++)
		open_gate(test, house);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&house->count->all), 4);
	KUNIT_EXPECT_EQ(test, atomic_read(&house->count->most), 3);
}

static void threads_and_tasks_share_the_limit(struct kunit *test)
{
	struct house *house = house_open(test, 3);
	struct guest *g;
	int i;

	KUNIT_EXPECT_EQ(test, chp_close(house->gate), 0);
	for (i = 0; i < CROWD; i++) {
		g = guest_make(test, house, 0);
		KUNIT_ASSERT_EQ(test, guest_start(g, chp_forms[i % 2],
						  house->group), 0);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&house->count->all), CROWD);
	KUNIT_EXPECT_LE(test, atomic_read(&house->count->most), 3);
}

static void tasks_get_their_places_in_the_order_of_their_start(struct kunit *test)
{
	struct house *house = house_open(test, 1);
	struct guest *guests[10];
	int i;

	guest_inside(test, house, 0);
	for (i = 0; i < ARRAY_SIZE(guests); i++)
		guests[i] = task_outside(test, house);
	for (i = 0; i < ARRAY_SIZE(guests); i++) {
		open_gate(test, house);
		CHP_EVENTUALLY(test, chp_test_raised(&guests[i]->entered));
		if (i + 1 < ARRAY_SIZE(guests))
			KUNIT_EXPECT_FALSE(test, chp_test_raised(&guests[i + 1]->entered));
	}
	open_gate(test, house);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
}

static void at_the_limit_try_is_told_to_come_again(struct kunit *test)
{
	struct house *house = house_open(test, 1);
	struct guest *g = guest_make(test, house, 0);
	enum chp_form form = chp_test_form(test);

	guest_inside(test, house, 0);
	KUNIT_EXPECT_EQ(test, guest_try_start(g, form, house->group), -EAGAIN);
	KUNIT_EXPECT_EQ(test, READ_ONCE(house->group->active), 1);
	open_gate(test, house);
	expect_places(test, house, 1);
	KUNIT_EXPECT_EQ(test, guest_try_start(g, form, house->group), 0);
	open_gate(test, house);
	expect_places(test, house, 1);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&house->count->all), 2);
}

static void without_a_limit_try_always_starts(struct kunit *test)
{
	struct house *house = house_open(test, 0);
	struct guest *g;
	int i;

	for (i = 0; i < 10; i++) {
		g = guest_make(test, house, 0);
		KUNIT_EXPECT_EQ(test, guest_try_start(g, chp_test_form(test),
						      house->group), 0);
	}
	CHP_EVENTUALLY(test, atomic_read(&house->count->now) == 10);
	KUNIT_EXPECT_EQ(test, chp_close(house->gate), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
}

static void go_waits_for_a_place(struct kunit *test)
{
	struct house *house = house_open(test, 1);
	struct chp_group *starters = chp_test_group(test, NULL);
	struct starter *s;

	guest_inside(test, house, 0);
	s = thread_outside(test, house, starters);
	KUNIT_EXPECT_FALSE(test, chp_test_raised(&s->guest->entered));
	open_gate(test, house);
	KUNIT_EXPECT_EQ(test, chp_group_wait(starters), 0);
	KUNIT_EXPECT_EQ(test, s->result, 0);
	open_gate(test, house);
	expect_places(test, house, 1);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
}

static void the_cancel_of_the_group_ends_a_go_that_waits(struct kunit *test)
{
	struct house *house = house_open(test, 1);
	struct chp_group *starters = chp_test_group(test, NULL);
	struct starter *s;

	/* Keeps the place, whatever happens to the group. */
	KUNIT_ASSERT_EQ(test, chp_sem_try_acquire(&house->group->limit, 1), 0);
	s = thread_outside(test, house, starters);
	chp_group_cancel(house->group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(starters), 0);
	KUNIT_EXPECT_EQ(test, s->result, -ECANCELED);
	KUNIT_EXPECT_FALSE(test, chp_test_raised(&s->guest->entered));
	KUNIT_EXPECT_EQ(test, chp_sem_release(&house->group->limit, 1), 0);
	expect_places(test, house, 1);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
}

/* Without the place they would run all at once when a member fails. */
static void the_cancel_of_the_group_lifts_no_limit(struct kunit *test)
{
	struct house *house = house_open(test, 2);
	struct guest *guests[6];
	int i;

	for (i = 0; i < ARRAY_SIZE(guests); i++) {
		guests[i] = guest_make(test, house, 0);
		chp_task_init(&guests[i]->task, deaf_step, NULL);
		KUNIT_ASSERT_EQ(test, chp_task_start(&guests[i]->task,
						     house->group), 0);
	}
	CHP_EVENTUALLY(test, chp_test_raised(&guests[1]->entered));
	chp_group_cancel(house->group);
	for (i = 2; i < ARRAY_SIZE(guests); i++) {
		KUNIT_EXPECT_EQ(test, atomic_read(&guests[i]->task.run),
				CHP_TASK_PARKED);
		let_out(guests[i - 2]);
		CHP_EVENTUALLY(test, chp_test_raised(&guests[i]->entered));
		KUNIT_EXPECT_EQ(test, guests[i]->found, -ECANCELED);
	}
	let_out(guests[i - 2]);
	let_out(guests[i - 1]);
	expect_places(test, house, 2);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&house->count->most), 2);
}

static void a_task_of_a_cancelled_group_waits_for_its_place(struct kunit *test)
{
	struct house *house = house_open(test, 1);
	struct guest *g;

	KUNIT_ASSERT_EQ(test, chp_sem_try_acquire(&house->group->limit, 1), 0);
	chp_group_cancel(house->group);
	g = task_outside(test, house);
	KUNIT_EXPECT_EQ(test, chp_sem_release(&house->group->limit, 1), 0);
	expect_places(test, house, 1);
	KUNIT_EXPECT_EQ(test, g->found, -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
}

/* The group is cancelled before the place is free: nobody starts in between. */
static void who_waits_when_a_member_fails_finds_the_context_ended(struct kunit *test)
{
	struct house *house;
	struct guest *g;
	int i, wrong = 0;

	for (i = 0; i < 50; i++) {
		house = house_open(test, 1);
		guest_inside(test, house, -EIO);
		g = task_outside(test, house);
		open_gate(test, house);
		CHP_EVENTUALLY(test, chp_test_raised(&g->entered));
		wrong += g->found != -ECANCELED;
		chp_close(house->gate);
		KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), -EIO);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

static void a_go_that_waits_when_a_member_fails_starts_nobody(struct kunit *test)
{
	struct house *house = house_open(test, 1);
	struct chp_group *starters = chp_test_group(test, NULL);
	struct starter *s;

	guest_inside(test, house, -EIO);
	s = thread_outside(test, house, starters);
	open_gate(test, house);
	KUNIT_EXPECT_EQ(test, chp_group_wait(starters), 0);
	KUNIT_EXPECT_EQ(test, s->result, -ECANCELED);
	chp_close(house->gate);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), -EIO);
	KUNIT_EXPECT_FALSE(test, chp_test_raised(&s->guest->entered));
}

static void who_fails_gives_its_place_back(struct kunit *test)
{
	struct house *house = house_open(test, 2);

	guest_inside(test, house, -EIO);
	guest_inside(test, house, 0);
	open_gate(test, house);
	expect_places(test, house, 2);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), -EIO);
}

static void a_start_that_fails_gives_its_place_back(struct kunit *test)
{
	struct house *house = house_open(test, 1);
	struct guest *g = guest_make(test, house, 0);
	enum chp_form form = chp_test_form(test);

	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, guest_try_start(g, form, house->group), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, guest_start(g, form, house->group), -ESHUTDOWN);
	expect_places(test, house, 1);
}

static void a_group_with_members_keeps_its_limit(struct kunit *test)
{
	struct house *house = house_open(test, 1);
	struct guest *g = guest_make(test, house, 0);

	guest_inside(test, house, 0);
	KUNIT_EXPECT_EQ(test, chp_group_set_limit(house->group, 2), -EBUSY);
	KUNIT_EXPECT_EQ(test, chp_group_set_limit(house->group, 0), -EBUSY);
	KUNIT_EXPECT_EQ(test, guest_try_start(g, chp_test_form(test),
					      house->group), -EAGAIN);
	open_gate(test, house);
	expect_places(test, house, 1);
	KUNIT_EXPECT_EQ(test, chp_group_set_limit(house->group, 2), 0);
	expect_places(test, house, 2);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
}

/* The group is not over before it has run. */
static void a_task_that_waits_for_its_place_is_a_member(struct kunit *test)
{
	struct house *house = house_open(test, 1);

	guest_inside(test, house, 0);
	task_outside(test, house);
	KUNIT_EXPECT_EQ(test, READ_ONCE(house->group->active), 2);
	open_gate(test, house);
	CHP_EVENTUALLY(test, READ_ONCE(house->group->active) == 1);
	open_gate(test, house);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&house->count->all), 2);
}

/* Only what a step waits for can be ended by others: its place is none of it. */
static void unpark_gives_no_place(struct kunit *test)
{
	struct house *house = house_open(test, 1);
	struct guest *g;

	guest_inside(test, house, 0);
	g = task_outside(test, house);
	KUNIT_EXPECT_FALSE(test, chp_task_unpark(&g->task, 0));
	KUNIT_EXPECT_FALSE(test, chp_task_unpark(&g->task, 42));
	open_gate(test, house);
	open_gate(test, house);
	expect_places(test, house, 1);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&house->count->most), 1);
}

static struct kunit_case group_limit_cases[] = {
	KUNIT_CASE_PARAM(never_more_than_the_limit_run_at_a_time,
			 form_gen_params),
	KUNIT_CASE_PARAM(the_limit_is_reached_and_counts_who_waits,
			 form_gen_params),
	KUNIT_CASE(threads_and_tasks_share_the_limit),
	KUNIT_CASE_PARAM(tasks_get_their_places_in_the_order_of_their_start,
			 form_gen_params),
	KUNIT_CASE_PARAM(at_the_limit_try_is_told_to_come_again,
			 form_gen_params),
	KUNIT_CASE_PARAM(without_a_limit_try_always_starts, form_gen_params),
	KUNIT_CASE_PARAM(go_waits_for_a_place, form_gen_params),
	KUNIT_CASE(the_cancel_of_the_group_ends_a_go_that_waits),
	KUNIT_CASE(the_cancel_of_the_group_lifts_no_limit),
	KUNIT_CASE(a_task_of_a_cancelled_group_waits_for_its_place),
	KUNIT_CASE_PARAM(who_waits_when_a_member_fails_finds_the_context_ended,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_go_that_waits_when_a_member_fails_starts_nobody,
			 form_gen_params),
	KUNIT_CASE_PARAM(who_fails_gives_its_place_back, form_gen_params),
	KUNIT_CASE_PARAM(a_start_that_fails_gives_its_place_back,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_group_with_members_keeps_its_limit, form_gen_params),
	KUNIT_CASE_PARAM(a_task_that_waits_for_its_place_is_a_member,
			 form_gen_params),
	KUNIT_CASE_PARAM(unpark_gives_no_place, form_gen_params),
	{}
};

struct kunit_suite chp_group_limit_suite = {
	.name = "chanpat_group_limit",
	.init = chp_test_init,
	.test_cases = group_limit_cases,
};
