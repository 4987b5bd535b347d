// SPDX-License-Identifier: GPL-2.0
/* Selects in threads and in tasks. */
#include <linux/sched.h>
#include <linux/slab.h>
#include "../../kmod/core/task.h"
#include "selector.h"

/* What a value is before anything was received into it. */
#define UNTOUCHED 0x5a5a5a5a5a5a5a5aULL

static int selector_note(struct chp_selector *s, int result)
{
	s->took = ktime_to_ns(ktime_sub(ktime_get(), s->start));
	s->result = result;
	return 0;
}

/* Not in its last step: until it has ended, the task cannot be made anew. */
static void selector_gone(struct chp_task *task)
{
	struct chp_selector *s = container_of(task, struct chp_selector, task);

	chp_test_raise(&s->done);
}

static void selector_begin(struct chp_selector *s)
{
	s->start = ktime_get();
	chp_test_raise(&s->begun);
}

static int selector_thread(struct chp_ctx *ctx, void *data)
{
	struct chp_selector *s = data;
	int err;

	s->thread = current;
	selector_begin(s);
	if (s->timed)
		err = chp_select_timeout(ctx, s->cases, s->n, s->ns);
	else if (s->ordered)
		err = chp_select_ordered(ctx, s->cases, s->n);
	else
		err = chp_select(ctx, s->cases, s->n);
	selector_note(s, err);
	chp_test_raise(&s->done);
	return 0;
}

static int selector_step(struct chp_task *task)
{
	struct chp_selector *s = container_of(task, struct chp_selector, task);
	int err;

	if (s->begun) {
		chp_timer_stop(&s->timer);
		return selector_note(s, chp_task_result(task));
	}
	selector_begin(s);
	if (s->ordered)
		err = chp_task_select_ordered(task, s->cases, s->n);
	else
		err = chp_task_select(task, s->cases, s->n);
	if (err != -EINPROGRESS)
		return selector_note(s, err);
	if (s->timed)
		chp_task_timeout(task, &s->timer, s->ns, -ETIME);
	return err;
}

/* All its cases are never ready, until they are set. */
struct chp_selector *chp_selector_make(struct kunit *test, enum chp_form form,
				       unsigned int n)
{
	struct chp_selector *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->form = form;
	s->n = n;
	s->cases = kunit_kcalloc(test, n + 1, sizeof(*s->cases), GFP_KERNEL);
	s->value = kunit_kcalloc(test, n + 1, sizeof(*s->value), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->cases);
	KUNIT_ASSERT_NOT_NULL(test, s->value);
	for (i = 0; i < n; i++)
		chp_selector_recvs(s, i, NULL);
	return s;
}

void chp_selector_sends(struct chp_selector *s, unsigned int i,
			struct chp_chan *ch, u64 value)
{
	s->value[i] = value;
	s->cases[i] = (struct chp_case)CHP_CASE_SEND(ch, &s->value[i]);
}

void chp_selector_recvs(struct chp_selector *s, unsigned int i,
			struct chp_chan *ch)
{
	s->value[i] = UNTOUCHED;
	s->cases[i] = (struct chp_case)CHP_CASE_RECV(ch, &s->value[i]);
}

void chp_selector_ends(struct chp_selector *s, unsigned int i,
		       struct chp_ctx *ctx)
{
	s->cases[i] = (struct chp_case)CHP_CASE_DONE(ctx);
}

/* May be called again with the same cases when the select is over. */
int chp_selector_go(struct chp_selector *s, struct chp_group *group)
{
	s->begun = false;
	s->done = false;
	if (s->form == CHP_THREAD)
		return chp_go(group, "selector", selector_thread, s);
	chp_timer_init(&s->timer);
	chp_task_init(&s->task, selector_step, selector_gone);
	return chp_task_start(&s->task, group);
}

void chp_selector_start(struct kunit *test, struct chp_selector *s,
			struct chp_group *group)
{
	chp_test_group_finish(test, group);
	KUNIT_ASSERT_EQ(test, chp_selector_go(s, group), 0);
}

/* Waits until it has ended by what others do; its result. */
int chp_selector_finish(struct kunit *test, struct chp_selector *s)
{
	CHP_EVENTUALLY(test, chp_selector_done(s));
	return s->result;
}

int chp_selector_run(struct kunit *test, struct chp_selector *s,
		     struct chp_group *group)
{
	chp_selector_start(test, s, group);
	return chp_selector_finish(test, s);
}

bool chp_selector_done(const struct chp_selector *s)
{
	return chp_test_raised(&s->done);
}

/* As chp_actor_waits(). */
bool chp_selector_waits(struct chp_selector *s)
{
	if (!chp_test_raised(&s->begun) || chp_selector_done(s))
		return false;
	if (s->form == CHP_TASK)
		return atomic_read(&s->task.run) == CHP_TASK_PARKED;
	return (READ_ONCE(s->thread->__state) & TASK_IDLE) == TASK_IDLE;
}
