// SPDX-License-Identifier: GPL-2.0
/* Shares: what their tasks get of the executor, and who pays for it. */
#include <linux/ktime.h>
#include <linux/memcontrol.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "../../kmod/core/group.h"
#include "../../kmod/core/share.h"
#include "../../kmod/core/task.h"
#include "helpers.h"
#include "suites.h"

struct share_of_test {
	struct chp_share share;
	struct chp_group *group;
};

static void share_finish(void *data)
{
	struct share_of_test *s = data;

	if (!s->group->over) {
		chp_group_cancel(s->group);
		chp_group_wait(s->group);
	}
	chp_share_exit(&s->share);
}

/* A share with a group; what the group's members use is to be made before. */
static void share_make(struct kunit *test, struct share_of_test *s, int nice,
		       struct mem_cgroup *memcg)
{
	s->group = kunit_kzalloc(test, sizeof(*s->group), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->group);
	KUNIT_ASSERT_EQ(test, chp_group_init(s->group, NULL), 0);
	KUNIT_ASSERT_EQ(test, chp_share_init(&s->share, nice, memcg), 0);
	KUNIT_ASSERT_EQ(test, chp_group_set_share(s->group, &s->share), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, share_finish, s),
			0);
}

/*
 * Two camps, each with a share, compete for one CPU. Each step notes whose the
 * time was that has passed since the step before: what ran in between is in it,
 * and what the machine did meanwhile. Runs are counted exactly in ready_test.c.
 *
 * Where the machine stops for a while, the camp whose turn it is has had that
 * time, and the other gets as much afterwards. So the contest goes on until the
 * first camp has had its part, and fails when that does not come true.
 */
struct camp {
	struct share_of_test s;
	struct contest *contest;
	u64 ns;			/* how long a step is busy */
	u64 runs;
	u64 time;
};

struct contest {
	struct camp camps[2];
	unsigned int from, to;	/* the first camp's part, in percent */
	bool open;		/* all have been started */
	bool over;
	u64 last;
	u64 runs;
	u64 time;
};

/* It lasts as long as makes chance small, on fast machines and on slow ones. */
#define CONTEST_RUNS 40000
#define CONTEST_NS (300 * NSEC_PER_MSEC)

static bool contest_decided(const struct contest *c)
{
	u64 part = 100 * c->camps[0].time;

	return part >= c->from * c->time && part <= c->to * c->time;
}

static bool contest_over(const struct contest *c)
{
	if (c->runs < CONTEST_RUNS || c->time < CONTEST_NS)
		return false;
	return contest_decided(c) ||
	       c->time > CHP_PATIENCE_MS * (u64)NSEC_PER_MSEC;
}

static void camp_busy(struct camp *camp)
{
	u64 end = ktime_get_ns() + camp->ns;

	while (ktime_get_ns() < end)
		cpu_relax();
}

static void camp_note(struct camp *camp)
{
	struct contest *c = camp->contest;
	u64 now = ktime_get_ns();

	if (c->last) {
		c->runs++;
		camp->runs++;
		camp->time += now - c->last;
		c->time += now - c->last;
	}
	c->last = now;
	c->over = contest_over(c);
}

/* False when the contest is over. All steps run on the same CPU. */
static bool camp_run(struct camp *camp)
{
	struct contest *c = camp->contest;

	if (!READ_ONCE(c->open))
		return true;
	if (c->over)
		return false;
	if (camp->ns)
		camp_busy(camp);
	camp_note(camp);
	return true;
}

struct fighter {
	struct chp_task task;
	struct camp *camp;
	struct chp_chan *ch;
	u64 ball;
	bool sends;
};

/* Ready all the time. */
static int fighter_step(struct chp_task *task)
{
	struct fighter *f = container_of(task, struct fighter, task);

	if (!camp_run(f->camp) || chp_ctx_err(task->wait.ctx))
		return 0;
	return -EAGAIN;
}

/* Sends or receives: always made ready by the other, to run next. */
static int player_step(struct chp_task *task)
{
	struct fighter *f = container_of(task, struct fighter, task);
	int err = chp_task_result(task);

	while (!err) {
		if (!camp_run(f->camp)) {
			chp_close(f->ch);
			return 0;
		}
		err = f->sends ? chp_task_send(task, f->ch, &f->ball) :
				 chp_task_recv(task, f->ch, &f->ball);
		f->sends = !f->sends;
	}
	return err == -EPIPE ? 0 : err;
}

static struct contest *contest_make(struct kunit *test, int nice,
				    unsigned int from, unsigned int to)
{
	struct contest *c;
	int i;

	chp_test_one_cpu(test);
	c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c);
	c->from = from;
	c->to = to;
	for (i = 0; i < 2; i++)
		c->camps[i].contest = c;
	share_make(test, &c->camps[0].s, 0, NULL);
	share_make(test, &c->camps[1].s, nice, NULL);
	return c;
}

static struct fighter *camp_fighters(struct kunit *test, struct camp *camp,
				     unsigned int n)
{
	struct fighter *fighters;
	unsigned int i;

	fighters = kvcalloc(n, sizeof(*fighters), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fighters);
	for (i = 0; i < n; i++)
		fighters[i].camp = camp;
	return fighters;
}

static void camp_send(struct kunit *test, struct fighter *f, chp_step_fn step)
{
	chp_task_init(&f->task, step, NULL);
	KUNIT_EXPECT_EQ(test, chp_task_start(&f->task, f->camp->s.group), 0);
}

/* All that was started has ended afterwards. */
static void contest_hold(struct kunit *test, struct contest *c)
{
	WRITE_ONCE(c->open, true);
	KUNIT_EXPECT_EQ(test, chp_group_wait(c->camps[0].s.group), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(c->camps[1].s.group), 0);
	KUNIT_EXPECT_TRUE(test, contest_decided(c));
	kunit_info(test, "runs %llu:%llu, us %llu:%llu\n", c->camps[0].runs,
		   c->camps[1].runs, c->camps[0].time / 1000,
		   c->camps[1].time / 1000);
}

static void contest_of_spinners(struct kunit *test, struct contest *c,
				unsigned int n0, unsigned int n1)
{
	struct fighter *f[2];
	unsigned int i;

	f[0] = camp_fighters(test, &c->camps[0], n0);
	f[1] = camp_fighters(test, &c->camps[1], n1);
	for (i = 0; i < n0; i++)
		camp_send(test, &f[0][i], fighter_step);
	for (i = 0; i < n1; i++)
		camp_send(test, &f[1][i], fighter_step);
	contest_hold(test, c);
	kvfree(f[0]);
	kvfree(f[1]);
}

static void one_task_gets_as_much_as_ten_thousand(struct kunit *test)
{
	struct contest *c = contest_make(test, 0, 45, 55);

	c->camps[0].ns = 2000;
	c->camps[1].ns = 2000;
	contest_of_spinners(test, c, 10000, 1);
}

/* 1.25^3 and 1 are 66 and 34 parts of a hundred. */
static void a_share_gets_what_its_weight_is_worth(struct kunit *test)
{
	struct contest *c = contest_make(test, 3, 60, 72);

	c->camps[0].ns = 2000;
	c->camps[1].ns = 2000;
	contest_of_spinners(test, c, 1, 100);
}

static void long_steps_get_no_more_time_than_short_ones(struct kunit *test)
{
	struct contest *c = contest_make(test, 0, 45, 55);

	c->camps[0].ns = 100000;
	c->camps[1].ns = 1000;
	contest_of_spinners(test, c, 10, 10);
}

static void tasks_that_make_each_other_ready_starve_no_share(struct kunit *test)
{
	struct contest *c = contest_make(test, 0, 45, 55);
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 0);
	struct fighter *players, *other;
	int i;

	players = camp_fighters(test, &c->camps[0], 2);
	other = camp_fighters(test, &c->camps[1], 1);
	for (i = 0; i < 2; i++) {
		players[i].ch = ch;
		players[i].sends = i;
		camp_send(test, &players[i], player_step);
	}
	camp_send(test, other, fighter_step);
	contest_hold(test, c);
	kvfree(players);
	kvfree(other);
}

/* The tasks of two shares, all started here, are soon run by all CPUs. */
struct wanderer {
	struct chp_task task;
	struct cpumask *cpus;
	const bool *stop;
};

static int wanderer_step(struct chp_task *task)
{
	struct wanderer *w = container_of(task, struct wanderer, task);

	cpumask_set_cpu(raw_smp_processor_id(), w->cpus);
	if (READ_ONCE(*w->stop) || chp_ctx_err(task->wait.ctx))
		return 0;
	return -EAGAIN;
}

#define WANDERERS 200

static void idle_cpus_take_from_all_shares(struct kunit *test)
{
	struct share_of_test *s;
	struct wanderer *w;
	struct cpumask *cpus;
	bool *stop;
	int i;

	s = kunit_kcalloc(test, 2, sizeof(*s), GFP_KERNEL);
	w = kunit_kcalloc(test, WANDERERS, sizeof(*w), GFP_KERNEL);
	cpus = kunit_kzalloc(test, sizeof(*cpus), GFP_KERNEL);
	stop = kunit_kzalloc(test, sizeof(*stop), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, s && w && cpus && stop);
	for (i = 0; i < 2; i++)
		share_make(test, &s[i], 0, NULL);
	for (i = 0; i < WANDERERS; i++, w++) {
		w->cpus = cpus;
		w->stop = stop;
		chp_task_init(&w->task, wanderer_step, NULL);
		KUNIT_ASSERT_EQ(test, chp_task_start(&w->task, s[i % 2].group),
				0);
	}
	CHP_EVENTUALLY(test, cpumask_equal(cpus, cpu_online_mask));
	WRITE_ONCE(*stop, true);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, chp_group_wait(s[i].group), 0);
}

/* What a step or a thread finds. */
struct seen {
	struct chp_task task;
	struct mem_cgroup *memcg;
	int nice;
};

static int seen_look(struct seen *seen)
{
#ifdef CONFIG_MEMCG
	seen->memcg = current->active_memcg;
#endif
	seen->nice = task_nice(current);
	return 0;
}

static int seen_step(struct chp_task *task)
{
	return seen_look(container_of(task, struct seen, task));
}

static int seen_thread(struct chp_ctx *ctx, void *arg)
{
	return seen_look(arg);
}

enum seen_form {
	SEEN_TASK,
	SEEN_SLEEPER,
	SEEN_THREAD,
};

static void seen_by(struct kunit *test, enum seen_form form,
		    struct chp_group *group, struct seen *seen)
{
	int err;

	if (form == SEEN_THREAD) {
		err = chp_go(group, "seen", seen_thread, seen);
	} else {
		chp_task_init(&seen->task, seen_step, NULL);
		if (form == SEEN_SLEEPER)
			chp_task_may_sleep(&seen->task);
		err = chp_task_start(&seen->task, group);
	}
	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

/* In turns with members of the root share, on the same workers. */
static void members_run_for_their_share(struct kunit *test)
{
	struct mem_cgroup *memcg;
	struct share_of_test *s;
	enum seen_form form;
	struct seen *seen;
	int i;

	seen = kunit_kzalloc(test, sizeof(*seen), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	for (i = 0; i < 60; i++) {
		form = i % 3;
		memcg = chp_share_memcg_of_current();
		s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, s);
		share_make(test, s, 7, memcg);
		seen_by(test, form, s->group, seen);
		KUNIT_EXPECT_PTR_EQ(test, seen->memcg, memcg);
		KUNIT_EXPECT_EQ(test, seen->nice, form == SEEN_TASK ? 0 : 7);
		seen_by(test, form, chp_test_group(test, NULL), seen);
		KUNIT_EXPECT_NULL(test, seen->memcg);
		KUNIT_EXPECT_EQ(test, seen->nice, 0);
	}
}

/* Parks, and looks when it has been woken. */
struct woken {
	struct seen seen;
	struct woken *wakes;
	bool parked;
};

static int woken_step(struct chp_task *task)
{
	struct woken *w = container_of(task, struct woken, seen.task);

	if (!w->parked) {
		w->parked = true;
		return chp_task_park(task);
	}
	if (w->wakes)
		chp_task_unpark(&w->wakes->seen.task, 0);
	return seen_look(&w->seen);
}

/* It is made ready by a step of another share, and would run next if it were not. */
static void a_task_runs_for_its_own_share_whoever_wakes_it(struct kunit *test)
{
	struct share_of_test *s;
	struct woken *w;
	int i;

	s = kunit_kcalloc(test, 2, sizeof(*s), GFP_KERNEL);
	w = kunit_kcalloc(test, 2, sizeof(*w), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, s && w);
	share_make(test, &s[0], 0, NULL);
	share_make(test, &s[1], 0, chp_share_memcg_of_current());
	w[0].wakes = &w[1];
	for (i = 0; i < 2; i++) {
		chp_task_init(&w[i].seen.task, woken_step, NULL);
		KUNIT_ASSERT_EQ(test,
				chp_task_start(&w[i].seen.task, s[i].group), 0);
		CHP_EVENTUALLY(test, atomic_read(&w[i].seen.task.run) ==
				     CHP_TASK_PARKED);
	}
	KUNIT_EXPECT_TRUE(test, chp_task_unpark(&w[0].seen.task, 0));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, chp_group_wait(s[i].group), 0);
		KUNIT_EXPECT_PTR_EQ(test, w[i].seen.memcg, s[i].share.memcg);
	}
}

static int step_to_the_end(struct chp_task *task)
{
	return 0;
}

static void a_group_with_members_keeps_its_share(struct kunit *test)
{
	struct share_of_test *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct chp_actor *actor;
	struct chp_group *group;

	KUNIT_ASSERT_NOT_NULL(test, s);
	share_make(test, s, 0, NULL);
	actor = chp_actor_make(test, CHP_TASK, CHP_ACT_SLEEP);
	actor->ns = NSEC_PER_SEC;
	group = chp_test_group(test, NULL);
	KUNIT_EXPECT_EQ(test, chp_group_set_share(group, &s->share), 0);
	KUNIT_EXPECT_EQ(test, chp_group_set_share(group, NULL), 0);
	chp_actor_start(test, actor, group);
	KUNIT_EXPECT_EQ(test, chp_group_set_share(group, &s->share), -EBUSY);
}

/* A share comes, has a few tasks, and goes as soon as its group is over. */
static int brief_share(struct chp_task *tasks, unsigned int n)
{
	struct chp_share share;
	struct chp_group group;
	unsigned int i;
	int err;

	err = chp_share_init(&share, n, NULL);
	if (err)
		return err;
	err = chp_group_init(&group, NULL);
	if (err)
		goto exit_share;
	chp_group_set_share(&group, &share);
	for (i = 0; i < n && !err; i++) {
		chp_task_init(&tasks[i], step_to_the_end, NULL);
		if (i % 4 == 3)
			chp_task_may_sleep(&tasks[i]);
		err = chp_task_start(&tasks[i], &group);
	}
	err = chp_group_wait(&group) ?: err;
exit_share:
	chp_share_exit(&share);
	return err;
}

static int brief_shares(struct chp_ctx *ctx, void *arg)
{
	struct chp_task *tasks;
	unsigned long i;
	int err = 0;

	tasks = kcalloc(5, sizeof(*tasks), GFP_KERNEL);
	if (!tasks)
		return -ENOMEM;
	for (i = 0; i < chp_storm / 8 && !err; i++) {
		err = brief_share(tasks, 1 + i % 5);
		cond_resched();
	}
	kfree(tasks);
	return err;
}

/* Beside tasks that are always ready, so that all of them have to compete. */
static void shares_come_and_go_in_a_storm(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct share_of_test *s;
	struct wanderer *w;
	struct cpumask *cpus;
	bool *stop;
	int i;

	s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	w = kunit_kcalloc(test, 8, sizeof(*w), GFP_KERNEL);
	cpus = kunit_kzalloc(test, sizeof(*cpus), GFP_KERNEL);
	stop = kunit_kzalloc(test, sizeof(*stop), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, s && w && cpus && stop);
	share_make(test, s, 0, NULL);
	for (i = 0; i < 8; i++) {
		w[i].cpus = cpus;
		w[i].stop = stop;
		chp_task_init(&w[i].task, wanderer_step, NULL);
		KUNIT_ASSERT_EQ(test, chp_task_start(&w[i].task, s->group), 0);
	}
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, chp_go(group, "brief", brief_shares, NULL),
				0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	WRITE_ONCE(*stop, true);
	KUNIT_EXPECT_EQ(test, chp_group_wait(s->group), 0);
}

static struct kunit_case share_cases[] = {
	KUNIT_CASE_SLOW(one_task_gets_as_much_as_ten_thousand),
	KUNIT_CASE_SLOW(a_share_gets_what_its_weight_is_worth),
	KUNIT_CASE_SLOW(long_steps_get_no_more_time_than_short_ones),
	KUNIT_CASE_SLOW(tasks_that_make_each_other_ready_starve_no_share),
	KUNIT_CASE(idle_cpus_take_from_all_shares),
	KUNIT_CASE(members_run_for_their_share),
	KUNIT_CASE(a_task_runs_for_its_own_share_whoever_wakes_it),
	KUNIT_CASE(a_group_with_members_keeps_its_share),
	KUNIT_CASE_SLOW(shares_come_and_go_in_a_storm),
	{}
};

struct kunit_suite chp_share_suite = {
	.name = "chanpat_share",
	.init = chp_test_init,
	.test_cases = share_cases,
};
