// SPDX-License-Identifier: GPL-2.0
/* The executor: in which order tasks run, and where. */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/slab.h>
#include "../../kmod/core/task.h"
#include "helpers.h"
#include "suites.h"

/* Yields until it is told to stop, and notes where it has run. */
struct spinner {
	struct chp_task task;
	const bool *stop;
	struct cpumask *cpus;
	unsigned long *steps;
	unsigned long runs;
};

static int spinner_step(struct chp_task *task)
{
	struct spinner *s = container_of(task, struct spinner, task);

	int cpu = raw_smp_processor_id();

	cpumask_set_cpu(cpu, s->cpus);
	WRITE_ONCE(s->steps[cpu], s->steps[cpu] + 1);
	WRITE_ONCE(s->runs, s->runs + 1);
	if (READ_ONCE(*s->stop) || chp_ctx_err(task->wait.ctx))
		return 0;
	return -EAGAIN;
}

struct crowd {
	bool stop;
	struct cpumask cpus;
	unsigned long *steps;	/* of all, on each CPU */
	struct chp_group *group;
	unsigned int n;
	struct spinner spinners[];
};

static struct crowd *crowd_start(struct kunit *test, unsigned int n)
{
	struct crowd *crowd;
	unsigned int i;

	crowd = kunit_kzalloc(test, struct_size(crowd, spinners, n), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, crowd);
	crowd->n = n;
	crowd->steps = kunit_kcalloc(test, nr_cpu_ids, sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, crowd->steps);
	crowd->group = chp_test_group(test, NULL);
	for (i = 0; i < n; i++) {
		crowd->spinners[i].stop = &crowd->stop;
		crowd->spinners[i].cpus = &crowd->cpus;
		crowd->spinners[i].steps = crowd->steps;
		chp_task_init(&crowd->spinners[i].task, spinner_step, NULL);
		KUNIT_ASSERT_EQ(test, chp_task_start(&crowd->spinners[i].task,
						     crowd->group), 0);
	}
	return crowd;
}

static void crowd_stop(struct kunit *test, struct crowd *crowd)
{
	WRITE_ONCE(crowd->stop, true);
	KUNIT_EXPECT_EQ(test, chp_group_wait(crowd->group), 0);
}

static bool all_have_run(struct crowd *crowd, unsigned long runs)
{
	unsigned int i;

	for (i = 0; i < crowd->n; i++)
		if (READ_ONCE(crowd->spinners[i].runs) < runs)
			return false;
	return true;
}

static void tasks_that_yield_take_turns(struct kunit *test)
{
	struct crowd *crowd = crowd_start(test, 4 * num_online_cpus());
	bool met = false;
	ktime_t end = chp_test_patience();

	while (!(met = all_have_run(crowd, 100)) && chp_test_pause(end))
		;
	crowd_stop(test, crowd);
	KUNIT_EXPECT_TRUE(test, met);
}

/* Two tasks that wake each other for ever, on one CPU, as long as allowed. */
struct player {
	struct chp_task task;
	struct player *other;
	const bool *stop;
	unsigned long runs;
};

static int player_step(struct chp_task *task)
{
	struct player *p = container_of(task, struct player, task);
	int err;

	WRITE_ONCE(p->runs, p->runs + 1);
	if (READ_ONCE(*p->stop)) {
		chp_task_unpark(&p->other->task, 0);
		return 0;
	}
	err = chp_task_park(task);
	if (err == -EINPROGRESS)
		chp_task_unpark(&p->other->task, 0);
	return err;
}

static void tasks_that_wake_each_other_leave_room_for_others(struct kunit *test)
{
	struct player *players;
	struct chp_actor *actor;
	struct chp_group *group;
	bool *stop, met;
	ktime_t end;
	int i;

	players = kunit_kcalloc(test, 2 * 8, sizeof(*players), GFP_KERNEL);
	stop = kunit_kzalloc(test, sizeof(*stop), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, players);
	KUNIT_ASSERT_NOT_NULL(test, stop);
	group = chp_test_group(test, NULL);
	for (i = 0; i < 16; i++) {
		players[i].other = &players[i ^ 1];
		players[i].stop = stop;
		chp_task_init(&players[i].task, player_step, NULL);
		KUNIT_EXPECT_EQ(test, chp_task_start(&players[i].task, group), 0);
	}
	/* Another task gets its turn while they play. */
	actor = chp_actor_make(test, CHP_TASK, CHP_ACT_SLEEP);
	actor->ns = 1000;
	chp_actor_start(test, actor, group);
	end = chp_test_patience();
	while (!(met = chp_actor_done(actor)) && chp_test_pause(end))
		;
	WRITE_ONCE(*stop, true);
	for (i = 0; i < 16; i++)
		chp_task_unpark(&players[i].task, 0);
	KUNIT_EXPECT_TRUE(test, met);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

/* Parks; when it is woken it notes where, and after how many steps of others. */
struct runner {
	struct chp_task task;
	struct runner *wakes;
	const unsigned long *steps;
	int cpu;
	unsigned long step;
	bool woken;
};

static int runner_step(struct chp_task *task)
{
	struct runner *r = container_of(task, struct runner, task);

	if (!r->woken) {
		r->woken = true;
		return chp_task_park(task);
	}
	r->cpu = raw_smp_processor_id();
	r->step = READ_ONCE(r->steps[r->cpu]);
	if (r->wakes)
		chp_task_unpark(&r->wakes->task, 0);
	return 0;
}

static bool runner_parked(struct runner *r)
{
	return atomic_read(&r->task.run) == CHP_TASK_PARKED;
}

static void runners_start(struct kunit *test, struct runner *r,
			  struct crowd *crowd, struct chp_group *group)
{
	int i;

	memset(r, 0, 2 * sizeof(*r));
	r[0].wakes = &r[1];
	for (i = 0; i < 2; i++) {
		r[i].steps = crowd->steps;
		chp_task_init(&r[i].task, runner_step, NULL);
		KUNIT_ASSERT_EQ(test, chp_task_start(&r[i].task, group), 0);
		CHP_EVENTUALLY(test, runner_parked(&r[i]));
	}
}

/*
 * Others are ready all the time: the second overtakes them. So often that some fall
 * where the executor gives way.
 */
static void a_task_made_ready_by_a_task_runs_next_on_its_cpu(struct kunit *test)
{
	struct crowd *crowd = crowd_start(test, 4 * num_online_cpus());
	int i, elsewhere = 0, later = 0;
	struct chp_group *group;
	struct runner *r;

	r = kunit_kcalloc(test, 2, sizeof(*r), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r);
	group = chp_test_group(test, NULL);
	for (i = 0; i < 500; i++) {
		runners_start(test, r, crowd, group);
		chp_task_unpark(&r[0].task, 0);
		CHP_EVENTUALLY(test, !READ_ONCE(group->active));
		elsewhere += r[0].cpu != r[1].cpu;
		later += r[0].step != r[1].step;
	}
	crowd_stop(test, crowd);
	KUNIT_EXPECT_EQ(test, elsewhere, 0);
	KUNIT_EXPECT_EQ(test, later, 0);
}

static void a_long_queue_is_shared_by_all_cpus(struct kunit *test)
{
	struct crowd *crowd;
	ktime_t end;
	bool met;

	if (num_online_cpus() == 1)
		kunit_skip(test, "one CPU");
	crowd = crowd_start(test, 64);
	end = chp_test_patience();
	while (!(met = cpumask_equal(&crowd->cpus, cpu_online_mask)) &&
	       chp_test_pause(end))
		;
	crowd_stop(test, crowd);
	KUNIT_EXPECT_TRUE(test, met);
}

#ifdef CONFIG_HOTPLUG_CPU

/*
 * Several chains of hand-overs, between tasks alone, between a task and a
 * thread, while all CPUs but the first go and come again.
 */
struct rally {
	struct chp_task task;
	struct chp_chan *in, *out;
	u64 ball;
	u64 rounds;
	bool sending;
	bool parked;
};

static int rally_op(struct rally *r)
{
	if (r->sending)
		return chp_task_send(&r->task, r->out, &r->ball);
	return chp_task_recv(&r->task, r->in, &r->ball);
}

static int rally_step(struct chp_task *task)
{
	struct rally *r = container_of(task, struct rally, task);
	int err = r->parked ? chp_task_result(task) : rally_op(r);

	for (;;) {
		r->parked = err == -EINPROGRESS;
		if (err)
			break;
		if (r->sending)
			WRITE_ONCE(r->rounds, r->rounds + 1);
		else
			r->ball++;
		r->sending = !r->sending;
		err = rally_op(r);
	}
	return err == -EPIPE ? 0 : err;
}

static int rally_thread(struct chp_ctx *ctx, void *data)
{
	struct rally *r = data;
	int err = 0;

	while (!err) {
		if (r->sending)
			err = chp_send(ctx, r->out, &r->ball);
		else
			err = chp_recv(ctx, r->in, &r->ball);
		if (!err && r->sending)
			WRITE_ONCE(r->rounds, r->rounds + 1);
		else if (!err)
			r->ball++;
		r->sending = !r->sending;
	}
	return err == -EPIPE ? 0 : err;
}

#define RALLIES 6

static void rally_start(struct kunit *test, struct rally *r,
			struct chp_group *group, enum chp_form form)
{
	int err;

	if (form == CHP_THREAD) {
		err = chp_go(group, "rally", rally_thread, r);
	} else {
		chp_task_init(&r->task, rally_step, NULL);
		err = chp_task_start(&r->task, group);
	}
	KUNIT_ASSERT_EQ(test, err, 0);
}

static void rallies_start(struct kunit *test, struct rally *r,
			  struct chp_group *group)
{
	int i;

	for (i = 0; i < RALLIES; i++, r += 2) {
		r[0].in = chp_test_chan(test, 8, i % 2);
		r[0].out = chp_test_chan(test, 8, 0);
		r[1].in = r[0].out;
		r[1].out = r[0].in;
		r[0].sending = true;
		chp_test_group_finish(test, group);
		rally_start(test, &r[0], group, CHP_TASK);
		rally_start(test, &r[1], group, chp_forms[i % 3 > 0]);
	}
}

static bool rallies_go_on(const struct rally *r, u64 *seen)
{
	int i;

	for (i = 0; i < RALLIES; i++)
		if (READ_ONCE(r[2 * i].rounds) < seen[i] + 10)
			return false;
	return true;
}

static void rallies_pass_a_switch(struct kunit *test, struct rally *r, int err)
{
	u64 seen[RALLIES];
	int i;

	KUNIT_ASSERT_EQ(test, err, 0);
	for (i = 0; i < RALLIES; i++)
		seen[i] = READ_ONCE(r[2 * i].rounds);
	CHP_EVENTUALLY(test, rallies_go_on(r, seen));
}

static void rallies_stop(struct kunit *test, struct rally *r,
			 struct chp_group *group)
{
	int i;

	for (i = 0; i < RALLIES; i++) {
		chp_close(r[2 * i].in);
		chp_close(r[2 * i].out);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static void tasks_go_on_while_cpus_come_and_go(struct kunit *test)
{
	struct chp_group *group;
	unsigned int cpu;
	struct rally *r;

	if (num_present_cpus() == 1)
		kunit_skip(test, "one CPU");
	r = kunit_kcalloc(test, 2 * RALLIES, sizeof(*r), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r);
	group = chp_test_group(test, NULL);
	rallies_start(test, r, group);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, chp_test_all_cpus, NULL),
			0);
	for_each_present_cpu(cpu)
		if (cpu)
			rallies_pass_a_switch(test, r, remove_cpu(cpu));
	for_each_present_cpu(cpu)
		if (cpu)
			rallies_pass_a_switch(test, r, add_cpu(cpu));
	rallies_stop(test, r, group);
}

#else

static void tasks_go_on_while_cpus_come_and_go(struct kunit *test)
{
	kunit_skip(test, "CPUs do not go");
}

#endif

static struct kunit_case exec_cases[] = {
	KUNIT_CASE(tasks_that_yield_take_turns),
	KUNIT_CASE(tasks_that_wake_each_other_leave_room_for_others),
	KUNIT_CASE(a_task_made_ready_by_a_task_runs_next_on_its_cpu),
	KUNIT_CASE(a_long_queue_is_shared_by_all_cpus),
	KUNIT_CASE_SLOW(tasks_go_on_while_cpus_come_and_go),
	{}
};

struct kunit_suite chp_exec_suite = {
	.name = "chanpat_exec",
	.init = chp_test_init,
	.test_cases = exec_cases,
};
