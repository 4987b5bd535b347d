// SPDX-License-Identifier: GPL-2.0
/* What the suites share. */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "../../kmod/compat.h"
#include "../../kmod/core/live.h"
#include "../../kmod/core/task.h"
#include "helpers.h"

ktime_t chp_test_patience(void)
{
	return ktime_add_ms(ktime_get(), CHP_PATIENCE_MS);
}

/* False when the time is over. */
bool chp_test_pause(ktime_t end)
{
	usleep_range(20, 100);
	return ktime_before(ktime_get(), end);
}

/* For loops that keep others busy: on a single CPU these must come to run. */
void chp_test_relax(void)
{
	if (num_online_cpus() == 1)
		usleep_range(1, 10);
	else
		cond_resched();
}

struct live_before {
	struct kunit *test;
	long count[CHP_NR_KINDS];
};

static void live_check(void *data)
{
	struct live_before *before = data;
	ktime_t end = chp_test_patience();
	enum chp_kind kind;

	for (kind = 0; kind < CHP_NR_KINDS; kind++) {
		/* A timer's callback may just be letting go of its context. */
		while (chp_live_count(kind) != before->count[kind] &&
		       chp_test_pause(end))
			;
		KUNIT_EXPECT_EQ_MSG(before->test, chp_live_count(kind),
				    before->count[kind], "left behind: kind %d",
				    kind);
	}
}

/*
 * What is freed with the test is freed in reverse order: since this comes
 * first, the check comes last.
 */
int chp_test_init(struct kunit *test)
{
	struct live_before *before;
	enum chp_kind kind;

	before = kunit_kzalloc(test, sizeof(*before), GFP_KERNEL);
	if (!before)
		return -ENOMEM;
	before->test = test;
	for (kind = 0; kind < CHP_NR_KINDS; kind++)
		before->count[kind] = chp_live_count(kind);
	return kunit_add_action(test, live_check, before);
}

static void chan_put(void *ch)
{
	chp_chan_put(ch);
}

struct chp_chan *chp_test_chan(struct kunit *test, size_t elem_size,
			       unsigned int cap)
{
	struct chp_chan *ch = chp_chan_alloc(elem_size, cap, "test");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, chan_put, ch), 0);
	return ch;
}

static void ctx_cancel_and_put(void *ctx)
{
	chp_ctx_cancel(ctx);
	chp_ctx_put(ctx);
}

/* Leaves a context that was just made to the end of the test. */
struct chp_ctx *chp_test_ctx_keep(struct kunit *test, struct chp_ctx *ctx)
{
	int err;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	err = kunit_add_action_or_reset(test, ctx_cancel_and_put, ctx);
	KUNIT_ASSERT_EQ(test, err, 0);
	return ctx;
}

struct chp_ctx *chp_test_ctx(struct kunit *test, struct chp_ctx *parent)
{
	return chp_test_ctx_keep(test, chp_ctx_with_cancel(parent));
}

static void group_finish(void *data)
{
	struct chp_group *group = data;

	if (group->over)
		return;
	chp_group_cancel(group);
	chp_group_wait(group);
}

/*
 * The group is cancelled and waited for before what was made before this call
 * is freed. To be called again for what its members use.
 */
void chp_test_group_finish(struct kunit *test, struct chp_group *group)
{
	int err = kunit_add_action_or_reset(test, group_finish, group);

	KUNIT_ASSERT_EQ(test, err, 0);
}

struct chp_group *chp_test_group(struct kunit *test, struct chp_ctx *parent)
{
	struct chp_group *group;

	group = kunit_kzalloc(test, sizeof(*group), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, group);
	KUNIT_ASSERT_EQ(test, chp_group_init(group, parent), 0);
	chp_test_group_finish(test, group);
	return group;
}

#ifdef CONFIG_HOTPLUG_CPU

/* Gives back the CPUs that a test has taken away. */
void chp_test_all_cpus(void *unused)
{
	unsigned int cpu;

	for_each_present_cpu(cpu)
		if (!cpu_online(cpu))
			add_cpu(cpu);
}

/* For promises about what competes for a CPU: until the test ends. */
void chp_test_one_cpu(struct kunit *test)
{
	unsigned int cpu;

	KUNIT_ASSERT_EQ(test, kunit_add_action(test, chp_test_all_cpus, NULL),
			0);
	for_each_present_cpu(cpu)
		if (cpu)
			KUNIT_ASSERT_EQ(test, remove_cpu(cpu), 0);
}

#else

void chp_test_one_cpu(struct kunit *test)
{
	if (num_online_cpus() > 1)
		kunit_skip(test, "several CPUs, and none of them goes");
}

#endif

struct hardirq_call {
	struct hrtimer timer;
	void (*fn)(void *arg);
	void *arg;
	bool in_hardirq;
	bool done;
};

static enum hrtimer_restart hardirq_call(struct hrtimer *timer)
{
	struct hardirq_call *call =
		container_of(timer, struct hardirq_call, timer);

	call->in_hardirq = in_hardirq();
	call->fn(call->arg);
	chp_test_raise(&call->done);
	return HRTIMER_NORESTART;
}

/* Calls @fn in a hard interrupt, and returns when it has returned. */
void chp_test_in_hardirq(struct kunit *test, void (*fn)(void *arg), void *arg)
{
	struct hardirq_call call = { .fn = fn, .arg = arg };
	ktime_t end = chp_test_patience();

	chp_hrtimer_setup_on_stack(&call.timer, hardirq_call,
				   HRTIMER_MODE_REL_HARD);
	hrtimer_start(&call.timer, ns_to_ktime(10 * NSEC_PER_USEC), HRTIMER_MODE_REL_HARD);
	while (!chp_test_raised(&call.done) && chp_test_pause(end))
		;
	hrtimer_cancel(&call.timer);
	destroy_hrtimer_on_stack(&call.timer);
	KUNIT_ASSERT_TRUE(test, call.done);
	KUNIT_ASSERT_TRUE(test, call.in_hardirq);
}

const enum chp_form chp_forms[CHP_NR_FORMS] = { CHP_THREAD, CHP_TASK };

void chp_form_desc(const enum chp_form *form, char *desc)
{
	strscpy(desc, *form == CHP_THREAD ? "thread" : "task",
		KUNIT_PARAM_DESC_SIZE);
}

static int actor_done(struct chp_actor *actor, int result)
{
	actor->took = ktime_to_ns(ktime_sub(ktime_get(), actor->start));
	actor->result = result;
	chp_test_raise(&actor->done);
	return 0;
}

static int actor_in_thread(struct chp_actor *actor)
{
	switch (actor->act) {
	case CHP_ACT_SEND:
		return chp_send(actor->ctx, actor->ch, actor->elem);
	case CHP_ACT_RECV:
		return chp_recv(actor->ctx, actor->ch, actor->elem);
	case CHP_ACT_SLEEP:
		return chp_sleep(actor->ctx, actor->ns);
	default:
		return -EINVAL;
	}
}

static int actor_thread(struct chp_ctx *ctx, void *data)
{
	struct chp_actor *actor = data;

	if (!actor->ctx)
		actor->ctx = ctx;
	actor->thread = current;
	actor->start = ktime_get();
	chp_test_raise(&actor->begun);
	return actor_done(actor, actor_in_thread(actor));
}

static int actor_in_task(struct chp_actor *actor)
{
	struct chp_task *task = &actor->task;

	switch (actor->act) {
	case CHP_ACT_SEND:
		return chp_task_send(task, actor->ch, actor->elem);
	case CHP_ACT_RECV:
		return chp_task_recv(task, actor->ch, actor->elem);
	case CHP_ACT_SLEEP:
		return chp_task_sleep(task, &actor->timer, actor->ns);
	case CHP_ACT_JOIN:
		return chp_task_join(task, actor->join);
	}
	return -EINVAL;
}

static int actor_step(struct chp_task *task)
{
	struct chp_actor *actor = container_of(task, struct chp_actor, task);
	int err;

	if (actor->begun) {
		err = chp_task_result(task);
		chp_timer_stop(&actor->timer);
	} else {
		actor->start = ktime_get();
		chp_test_raise(&actor->begun);
		err = actor_in_task(actor);
		if (err == -EINPROGRESS)
			return err;
	}
	actor->ticket = chp_task_ticket(task);
	return actor_done(actor, err);
}

struct chp_actor *chp_actor_make(struct kunit *test, enum chp_form form,
				 enum chp_act act)
{
	struct chp_actor *actor;

	actor = kunit_kzalloc(test, sizeof(*actor), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, actor);
	actor->form = form;
	actor->act = act;
	actor->elem = &actor->value;
	chp_timer_init(&actor->timer);
	chp_task_init(&actor->task, actor_step, NULL);
	return actor;
}

void chp_actor_start(struct kunit *test, struct chp_actor *actor,
		     struct chp_group *group)
{
	int err;

	chp_test_group_finish(test, group);
	if (actor->form == CHP_TASK)
		err = chp_task_start(&actor->task, group);
	else
		err = chp_go(group, "actor", actor_thread, actor);
	KUNIT_ASSERT_EQ(test, err, 0);
}

struct chp_actor *chp_actor_send(struct kunit *test, struct chp_group *group,
				 enum chp_form form, struct chp_chan *ch,
				 u64 value)
{
	struct chp_actor *actor = chp_actor_make(test, form, CHP_ACT_SEND);

	actor->ch = ch;
	actor->value = value;
	chp_actor_start(test, actor, group);
	return actor;
}

struct chp_actor *chp_actor_recv(struct kunit *test, struct chp_group *group,
				 enum chp_form form, struct chp_chan *ch)
{
	struct chp_actor *actor = chp_actor_make(test, form, CHP_ACT_RECV);

	actor->ch = ch;
	chp_actor_start(test, actor, group);
	return actor;
}

bool chp_actor_done(const struct chp_actor *actor)
{
	return chp_test_raised(&actor->done);
}

/*
 * Whether it stands in a queue, and the end of its context would be noticed:
 * between @begun and @done nothing else makes a thread idle, or parks a task.
 * The group keeps a thread's struct until the group is waited for.
 */
bool chp_actor_waits(struct chp_actor *actor)
{
	if (!chp_test_raised(&actor->begun) || chp_actor_done(actor))
		return false;
	if (actor->form == CHP_TASK)
		return atomic_read(&actor->task.run) == CHP_TASK_PARKED;
	return chp_test_sleeps(actor->thread);
}
