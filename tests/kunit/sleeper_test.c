// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks whose steps may sleep, as in <chanpat/task.h>, and kthreads that are
 * told to stop while they wait, as in <chanpat/group.h>.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <chanpat/once.h>
#include <chanpat/select.h>
#include <chanpat/sem.h>
#include <chanpat/waitgroup.h>
#include "../../kmod/core/task.h"
#include "helpers.h"
#include "suites.h"

/* A step that sleeps, until it is let go of. */
struct dormant {
	struct chp_task task;
	struct completion *over;
	atomic_t *inside;
	int overslept;
};

static int dormant_step(struct chp_task *task)
{
	struct dormant *d = container_of(task, struct dormant, task);

	atomic_inc(d->inside);
	if (!wait_for_completion_timeout(d->over,
					 msecs_to_jiffies(CHP_PATIENCE_MS)))
		d->overslept++;
	return 0;
}

/* Where the steps of a test sleep. */
struct dormitory {
	struct completion over;
	atomic_t inside;
	struct dormant *beds;
	struct chp_group *group;
};

static void dormitory_wake(void *data)
{
	struct dormitory *house = data;

	complete_all(&house->over);
}

static struct dormitory *dormitory_fill(struct kunit *test, unsigned int n)
{
	struct dormitory *house = kunit_kzalloc(test, sizeof(*house), GFP_KERNEL);
	struct dormant *d;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, house);
	init_completion(&house->over);
	house->beds = kunit_kcalloc(test, n, sizeof(*d), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, house->beds);
	house->group = chp_test_group(test, NULL);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, dormitory_wake, house), 0);
	for (i = 0; i < n; i++) {
		d = &house->beds[i];
		d->over = &house->over;
		d->inside = &house->inside;
		chp_task_init(&d->task, dormant_step, NULL);
		chp_task_may_sleep(&d->task);
		KUNIT_ASSERT_EQ(test, chp_task_start(&d->task, house->group), 0);
	}
	CHP_EVENTUALLY(test, atomic_read(&house->inside) == n);
	return house;
}

static int dormitory_overslept(struct dormitory *house, unsigned int n)
{
	int overslept = 0;

	while (n--)
		overslept += house->beds[n].overslept;
	return overslept;
}

static int brief_step(struct chp_task *task)
{
	return 0;
}

static void expect_tasks_to_run(struct kunit *test, unsigned int n)
{
	struct chp_task *briefs = kunit_kcalloc(test, n, sizeof(*briefs), GFP_KERNEL);
	struct chp_group *group;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, briefs);
	group = chp_test_group(test, NULL);
	for (i = 0; i < n; i++) {
		chp_task_init(&briefs[i], brief_step, NULL);
		KUNIT_ASSERT_EQ(test, chp_task_start(&briefs[i], group), 0);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static void a_step_that_sleeps_holds_up_no_other_task(struct kunit *test)
{
	struct dormitory *house = dormitory_fill(test, 1);

	expect_tasks_to_run(test, 100);
	complete_all(&house->over);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, dormitory_overslept(house, 1), 0);
}

static void a_hundred_steps_sleep_at_a_time(struct kunit *test)
{
	struct dormitory *house = dormitory_fill(test, 100);

	expect_tasks_to_run(test, 100);
	complete_all(&house->over);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, dormitory_overslept(house, 100), 0);
}

struct echo {
	struct chp_after after;
	bool ran;
};

static void echo_run(struct work_struct *work)
{
	struct echo *echo = container_of(work, struct echo, after.work);

	chp_test_raise(&echo->ran);
}

/* They have workers of their own, of which there are fewer by default. */
static void after_functions_run_while_steps_sleep(struct kunit *test)
{
	struct dormitory *house = dormitory_fill(test, 300);
	struct echo *echo = kunit_kzalloc(test, sizeof(*echo), GFP_KERNEL);
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);

	KUNIT_ASSERT_NOT_NULL(test, echo);
	INIT_WORK(&echo->after.work, echo_run);
	chp_ctx_after(ctx, &echo->after);
	chp_ctx_cancel(ctx);
	CHP_EVENTUALLY(test, chp_test_raised(&echo->ran));
	chp_ctx_after_stop(&echo->after);
	complete_all(&house->over);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
}

static struct chp_actor *sleeping_recv(struct kunit *test,
				       struct chp_group *group,
				       struct chp_chan *ch)
{
	struct chp_actor *actor = chp_actor_make(test, CHP_TASK, CHP_ACT_RECV);

	actor->ch = ch;
	chp_task_may_sleep(&actor->task);
	chp_actor_start(test, actor, group);
	return actor;
}

static void it_parks_and_is_woken_by_a_send(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actor = sleeping_recv(test, group, ch);
	u64 value = 42;

	CHP_EVENTUALLY(test, chp_actor_waits(actor));
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, 0);
	KUNIT_EXPECT_EQ(test, actor->value, 42);
}

static void it_finishes_a_park_that_is_cancelled(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actor = sleeping_recv(test, group, ch);

	CHP_EVENTUALLY(test, chp_actor_waits(actor));
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &actor->value), -EAGAIN);
}

static void irq_send(void *ch)
{
	u64 value = 42;

	chp_try_send(ch, &value);
}

static void it_is_woken_in_a_hard_interrupt(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actor = sleeping_recv(test, group, ch);

	CHP_EVENTUALLY(test, chp_actor_waits(actor));
	chp_test_in_hardirq(test, irq_send, ch);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, actor->value, 42);
}

/* Sleeps, yields, parks, and is woken while its step is still running. */
struct restless {
	struct chp_task task;
	atomic_t inside;
	int runs;
	int twice;
	int wrong;
};

#define RUNS 60

static int restless_park(struct restless *r)
{
	int err = chp_task_park(&r->task);

	if (err == -EINPROGRESS)
		r->wrong += !chp_task_unpark(&r->task, r->runs);
	return err;
}

static int restless_step(struct chp_task *task)
{
	struct restless *r = container_of(task, struct restless, task);
	int err = 0;

	r->twice += atomic_inc_return(&r->inside) != 1;
	if (r->runs % 3 == 2)
		r->wrong += chp_task_result(task) != r->runs - 1;
	usleep_range(20, 100);
	if (r->runs < RUNS)
		err = r->runs % 3 == 1 ? restless_park(r) : -EAGAIN;
	r->runs++;
	atomic_dec(&r->inside);
	return err;
}

/* No step runs twice at a time, and none is lost. */
static void it_yields_and_parks_and_is_woken_in_its_step(struct kunit *test)
{
	struct restless *r = kunit_kcalloc(test, 10, sizeof(*r), GFP_KERNEL);
	struct chp_group *group;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, r);
	group = chp_test_group(test, NULL);
	for (i = 0; i < 10; i++) {
		chp_task_init(&r[i].task, restless_step, NULL);
		chp_task_may_sleep(&r[i].task);
		KUNIT_ASSERT_EQ(test, chp_task_start(&r[i].task, group), 0);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, r[i].runs, RUNS + 1);
		KUNIT_EXPECT_EQ(test, r[i].twice, 0);
		KUNIT_EXPECT_EQ(test, r[i].wrong, 0);
	}
}

struct fleeting {
	struct chp_task task;
	atomic_t *dead;
	bool yielded;
};

static int fleeting_step(struct chp_task *task)
{
	struct fleeting *f = container_of(task, struct fleeting, task);

	if (f->yielded)
		return 0;
	f->yielded = true;
	return -EAGAIN;
}

static void fleeting_gone(struct chp_task *task)
{
	struct fleeting *f = container_of(task, struct fleeting, task);

	atomic_inc(f->dead);
	kfree(f);
}

static int fleeting_start(struct chp_group *group, atomic_t *dead)
{
	struct fleeting *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	f->dead = dead;
	chp_task_init(&f->task, fleeting_step, fleeting_gone);
	chp_task_may_sleep(&f->task);
	return chp_task_start(&f->task, group);
}

static void a_thousand_of_them_free_themselves(struct kunit *test)
{
	atomic_t *dead = kunit_kzalloc(test, sizeof(*dead), GFP_KERNEL);
	struct chp_group *group;
	int i, errors = 0;

	KUNIT_ASSERT_NOT_NULL(test, dead);
	group = chp_test_group(test, NULL);
	for (i = 0; i < 1000; i++)
		errors += fleeting_start(group, dead) != 0;
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, errors, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(dead), 1000);
}

struct failing {
	struct chp_task task;
};

static int failing_step(struct chp_task *task)
{
	usleep_range(20, 100);
	return -EIO;
}

static void its_error_is_that_of_its_group(struct kunit *test)
{
	struct failing *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct chp_group *group;

	KUNIT_ASSERT_NOT_NULL(test, f);
	group = chp_test_group(test, NULL);
	chp_task_init(&f->task, failing_step, NULL);
	chp_task_may_sleep(&f->task);
	KUNIT_ASSERT_EQ(test, chp_task_start(&f->task, group), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), -EIO);
}

static void it_waits_for_its_place_as_others(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *first, *second;
	u64 value = 1;

	KUNIT_ASSERT_EQ(test, chp_group_set_limit(group, 1), 0);
	first = sleeping_recv(test, group, ch);
	CHP_EVENTUALLY(test, chp_actor_waits(first));
	second = sleeping_recv(test, group, ch);
	KUNIT_EXPECT_FALSE(test, chp_test_raised(&second->begun));
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, second->result, 0);
}

/* A kthread of one's own, that waits for what never comes. */
struct hermit {
	int (*wait)(struct hermit *hermit);
	struct chp_chan *ch;
	struct chp_chan *other;
	struct chp_sem sem;
	struct chp_waitgroup wg;
	struct chp_once once;
	struct chp_ctx *ctx;
	struct task_struct *thread;
	u64 value;
	bool begun;
	int again;
};

static int hermit_thread(void *data)
{
	struct hermit *h = data;
	int err;

	chp_test_raise(&h->begun);
	err = h->wait(h);
	/* Nor does it wait for anything else from now on. */
	h->again = chp_recv(NULL, h->other, NULL);
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	return err;
}

static void hermit_stop(void *data)
{
	struct hermit *h = data;

	if (h->thread)
		kthread_stop(h->thread);
}

static struct hermit *hermit_make(struct kunit *test,
				  int (*wait)(struct hermit *hermit))
{
	struct hermit *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, h);
	h->wait = wait;
	h->ch = chp_test_chan(test, 8, 0);
	h->other = chp_test_chan(test, 8, 0);
	h->ctx = chp_test_ctx(test, NULL);
	chp_sem_init(&h->sem, 1);
	chp_sem_try_acquire(&h->sem, 1);
	chp_waitgroup_init(&h->wg);
	chp_waitgroup_add(&h->wg, 1);
	chp_once_init(&h->once);
	KUNIT_ASSERT_EQ(test, chp_once_begin(NULL, &h->once), 1);
	return h;
}

/* Stops it while it waits; what its wait returned. */
static int hermit_life(struct kunit *test, struct hermit *h)
{
	struct task_struct *thread = kthread_create(hermit_thread, h, "hermit");
	int err;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread);
	h->thread = thread;
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, hermit_stop, h), 0);
	wake_up_process(thread);
	CHP_EVENTUALLY(test, chp_test_raised(&h->begun) && chp_test_sleeps(thread));
	h->thread = NULL;
	err = kthread_stop(thread);
	KUNIT_EXPECT_EQ(test, h->again, -ECANCELED);
	return err;
}

static int hermit_recv(struct hermit *h)
{
	return chp_recv(NULL, h->ch, &h->value);
}

static int hermit_send(struct hermit *h)
{
	return chp_send(NULL, h->ch, &h->value);
}

static int hermit_recv_ctx(struct hermit *h)
{
	return chp_recv(h->ctx, h->ch, &h->value);
}

static int hermit_select(struct hermit *h)
{
	struct chp_case cases[] = {
		CHP_CASE_RECV(h->ch, &h->value),
		CHP_CASE_SEND(h->other, &h->value),
		CHP_CASE_DONE(h->ctx),
	};

	return chp_select(NULL, cases, ARRAY_SIZE(cases));
}

static int hermit_acquire(struct hermit *h)
{
	return chp_sem_acquire(NULL, &h->sem, 1);
}

static int hermit_waitgroup(struct hermit *h)
{
	return chp_waitgroup_wait(NULL, &h->wg);
}

static int hermit_once(struct hermit *h)
{
	return chp_once_begin(NULL, &h->once);
}

static int hermit_sleep(struct hermit *h)
{
	return chp_sleep(NULL, 3600 * (u64)NSEC_PER_SEC);
}

static void kthread_stop_ends_a_receive(struct kunit *test)
{
	struct hermit *h = hermit_make(test, hermit_recv);

	KUNIT_EXPECT_EQ(test, hermit_life(test, h), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_try_send(h->ch, &h->value), -EAGAIN);
}

static void kthread_stop_ends_a_send(struct kunit *test)
{
	struct hermit *h = hermit_make(test, hermit_send);

	KUNIT_EXPECT_EQ(test, hermit_life(test, h), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_try_recv(h->ch, &h->value), -EAGAIN);
}

static void kthread_stop_ends_a_receive_with_a_context(struct kunit *test)
{
	struct hermit *h = hermit_make(test, hermit_recv_ctx);

	KUNIT_EXPECT_EQ(test, hermit_life(test, h), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(h->ctx), 0);
	chp_ctx_cancel(h->ctx);
	KUNIT_EXPECT_EQ(test, chp_try_send(h->ch, &h->value), -EAGAIN);
}

static void kthread_stop_ends_a_select_in_all_its_queues(struct kunit *test)
{
	struct hermit *h = hermit_make(test, hermit_select);

	KUNIT_EXPECT_EQ(test, hermit_life(test, h), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_try_send(h->ch, &h->value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_recv(h->other, &h->value), -EAGAIN);
	chp_ctx_cancel(h->ctx);
}

static void kthread_stop_ends_the_wait_for_a_semaphore(struct kunit *test)
{
	struct hermit *h = hermit_make(test, hermit_acquire);

	KUNIT_EXPECT_EQ(test, hermit_life(test, h), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_sem_release(&h->sem, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(&h->sem, 1), 0);
}

static void kthread_stop_ends_the_wait_for_a_wait_group(struct kunit *test)
{
	struct hermit *h = hermit_make(test, hermit_waitgroup);

	KUNIT_EXPECT_EQ(test, hermit_life(test, h), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_waitgroup_done(&h->wg), 0);
}

static void kthread_stop_ends_the_wait_for_another_who_does_it_once(struct kunit *test)
{
	struct hermit *h = hermit_make(test, hermit_once);

	KUNIT_EXPECT_EQ(test, hermit_life(test, h), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_once_end(&h->once, 0), 0);
}

static void kthread_stop_ends_a_sleep(struct kunit *test)
{
	struct hermit *h = hermit_make(test, hermit_sleep);

	KUNIT_EXPECT_EQ(test, hermit_life(test, h), -ECANCELED);
}

static struct kunit_case sleeper_cases[] = {
	KUNIT_CASE(a_step_that_sleeps_holds_up_no_other_task),
	KUNIT_CASE(a_hundred_steps_sleep_at_a_time),
	KUNIT_CASE(after_functions_run_while_steps_sleep),
	KUNIT_CASE(it_parks_and_is_woken_by_a_send),
	KUNIT_CASE(it_finishes_a_park_that_is_cancelled),
	KUNIT_CASE(it_is_woken_in_a_hard_interrupt),
	KUNIT_CASE(it_yields_and_parks_and_is_woken_in_its_step),
	KUNIT_CASE(a_thousand_of_them_free_themselves),
	KUNIT_CASE(its_error_is_that_of_its_group),
	KUNIT_CASE(it_waits_for_its_place_as_others),
	KUNIT_CASE(kthread_stop_ends_a_receive),
	KUNIT_CASE(kthread_stop_ends_a_send),
	KUNIT_CASE(kthread_stop_ends_a_receive_with_a_context),
	KUNIT_CASE(kthread_stop_ends_a_select_in_all_its_queues),
	KUNIT_CASE(kthread_stop_ends_the_wait_for_a_semaphore),
	KUNIT_CASE(kthread_stop_ends_the_wait_for_a_wait_group),
	KUNIT_CASE(kthread_stop_ends_the_wait_for_another_who_does_it_once),
	KUNIT_CASE(kthread_stop_ends_a_sleep),
	{}
};

struct kunit_suite chp_sleeper_suite = {
	.name = "chanpat_sleeper",
	.init = chp_test_init,
	.test_cases = sleeper_cases,
};
