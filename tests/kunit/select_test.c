// SPDX-License-Identifier: GPL-2.0
/* Select: what is promised in <chanpat/select.h>, to threads and to tasks. */
#include <linux/bitmap.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include "selector.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

/* What no case has received into. */
#define UNTOUCHED 0x5a5a5a5a5a5a5a5aULL

#define DRAWS 100000
#define MANY 100

static void fill(struct kunit *test, struct chp_chan *ch, u64 value)
{
	KUNIT_ASSERT_EQ(test, chp_try_send(ch, &value), 0);
}

static u64 drain(struct kunit *test, struct chp_chan *ch)
{
	u64 value = UNTOUCHED;

	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
	return value;
}

/* Neither a sender nor a receiver stands in a queue of the channel. */
static void expect_nobody(struct kunit *test, struct chp_chan *ch)
{
	u64 value = UNTOUCHED;

	KUNIT_ASSERT_EQ(test, chp_cap(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, value, UNTOUCHED);
}

/* Starts it, and returns when it stands in all of its queues. */
static void block(struct kunit *test, struct chp_selector *s,
		  struct chp_group *group)
{
	chp_selector_start(test, s, group);
	CHP_EVENTUALLY(test, chp_selector_waits(s));
}

static void expect_served(struct kunit *test, struct chp_selector *s, int which,
			  int err)
{
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, s), which);
	KUNIT_EXPECT_EQ(test, s->cases[which].err, err);
}

static void select_takes_the_only_ready_receive(struct kunit *test)
{
	struct chp_chan *empty = chp_test_chan(test, 8, 1);
	struct chp_chan *ready = chp_test_chan(test, 8, 1);
	struct chp_chan *full = chp_test_chan(test, 8, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s;

	fill(test, ready, 42);
	fill(test, full, 43);
	s = chp_selector_make(test, chp_test_form(test), 3);
	chp_selector_recvs(s, 0, empty);
	chp_selector_recvs(s, 1, ready);
	chp_selector_sends(s, 2, full, 44);
	chp_selector_start(test, s, group);
	expect_served(test, s, 1, 0);
	KUNIT_EXPECT_EQ(test, s->value[1], 42);
	KUNIT_EXPECT_EQ(test, s->value[0], UNTOUCHED);
	KUNIT_EXPECT_EQ(test, chp_len(ready), 0);
	KUNIT_EXPECT_EQ(test, drain(test, full), 43);
}

static void select_takes_the_only_ready_send(struct kunit *test)
{
	struct chp_chan *empty = chp_test_chan(test, 8, 0);
	struct chp_chan *ready = chp_test_chan(test, 8, 1);
	struct chp_chan *full = chp_test_chan(test, 8, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s;

	fill(test, full, 43);
	s = chp_selector_make(test, chp_test_form(test), 3);
	chp_selector_recvs(s, 0, empty);
	chp_selector_sends(s, 1, full, 44);
	chp_selector_sends(s, 2, ready, 42);
	chp_selector_start(test, s, group);
	expect_served(test, s, 2, 0);
	KUNIT_EXPECT_EQ(test, s->value[0], UNTOUCHED);
	KUNIT_EXPECT_EQ(test, drain(test, ready), 42);
	KUNIT_EXPECT_EQ(test, drain(test, full), 43);
}

/* {receive, receive, send}, none of them ready, on channels without a buffer. */
struct blocked {
	struct chp_chan *ch[3];
	struct chp_group *group;
	struct chp_selector *s;
};

static struct blocked *blocked_make(struct kunit *test, struct chp_ctx *parent)
{
	struct blocked *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	for (i = 0; i < 3; i++)
		b->ch[i] = chp_test_chan(test, 8, 0);
	b->group = chp_test_group(test, parent);
	b->s = chp_selector_make(test, chp_test_form(test), 3);
	chp_selector_recvs(b->s, 0, b->ch[0]);
	chp_selector_recvs(b->s, 1, b->ch[1]);
	chp_selector_sends(b->s, 2, b->ch[2], 44);
	return b;
}

static struct blocked *blocked_start(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);

	block(test, b->s, b->group);
	return b;
}

/* It has left all of its queues, and nothing was done there. */
static void expect_blocked_left(struct kunit *test, struct blocked *b)
{
	int i;

	for (i = 0; i < 3; i++)
		expect_nobody(test, b->ch[i]);
	KUNIT_EXPECT_EQ(test, b->s->value[0], UNTOUCHED);
	KUNIT_EXPECT_EQ(test, b->s->value[1], UNTOUCHED);
	KUNIT_EXPECT_EQ(test, b->s->value[2], 44);
}

static void a_blocked_select_is_served_by_a_send(struct kunit *test)
{
	struct blocked *b = blocked_start(test);
	u64 value = 42;

	KUNIT_EXPECT_EQ(test, chp_try_send(b->ch[1], &value), 0);
	expect_served(test, b->s, 1, 0);
	KUNIT_EXPECT_EQ(test, b->s->value[1], 42);
	b->s->value[1] = UNTOUCHED;
	expect_blocked_left(test, b);
}

static void a_blocked_select_is_served_by_a_receive(struct kunit *test)
{
	struct blocked *b = blocked_start(test);

	KUNIT_EXPECT_EQ(test, drain(test, b->ch[2]), 44);
	expect_served(test, b->s, 2, 0);
	expect_blocked_left(test, b);
}

/* One who is served is out of all queues before anybody can serve it again. */
static void a_blocked_select_is_served_once(struct kunit *test)
{
	struct blocked *b = blocked_start(test);
	u64 value = 42;

	KUNIT_EXPECT_EQ(test, chp_try_send(b->ch[0], &value), 0);
	KUNIT_EXPECT_EQ(test, chp_try_send(b->ch[0], &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_send(b->ch[1], &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_recv(b->ch[2], &value), -EAGAIN);
	expect_served(test, b->s, 0, 0);
	KUNIT_EXPECT_EQ(test, b->s->value[1], UNTOUCHED);
}

static void close_ends_a_blocked_receive_with_epipe_and_zero(struct kunit *test)
{
	struct blocked *b = blocked_start(test);

	KUNIT_EXPECT_EQ(test, chp_close(b->ch[0]), 0);
	expect_served(test, b->s, 0, -EPIPE);
	KUNIT_EXPECT_EQ(test, b->s->value[0], 0);
	KUNIT_EXPECT_EQ(test, b->s->value[1], UNTOUCHED);
	expect_nobody(test, b->ch[1]);
	expect_nobody(test, b->ch[2]);
}

static void close_ends_a_blocked_send_with_epipe(struct kunit *test)
{
	struct blocked *b = blocked_start(test);

	KUNIT_EXPECT_EQ(test, chp_close(b->ch[2]), 0);
	expect_served(test, b->s, 2, -EPIPE);
	KUNIT_EXPECT_EQ(test, b->s->value[2], 44);
	KUNIT_EXPECT_EQ(test, b->s->value[0], UNTOUCHED);
	expect_nobody(test, b->ch[0]);
	expect_nobody(test, b->ch[1]);
}

static void a_closed_channel_is_ready(struct kunit *test)
{
	enum chp_form form = chp_test_form(test);
	struct chp_chan *closed = chp_test_chan(test, 8, 0);
	struct chp_chan *open = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *recv = chp_selector_make(test, form, 2);
	struct chp_selector *send = chp_selector_make(test, form, 2);

	chp_close(closed);
	chp_selector_recvs(recv, 0, open);
	chp_selector_recvs(recv, 1, closed);
	chp_selector_start(test, recv, group);
	expect_served(test, recv, 1, -EPIPE);
	KUNIT_EXPECT_EQ(test, recv->value[1], 0);
	chp_selector_sends(send, 0, closed, 42);
	chp_selector_sends(send, 1, open, 43);
	chp_selector_start(test, send, group);
	expect_served(test, send, 0, -EPIPE);
	expect_nobody(test, open);
}

static void a_closed_channel_is_drained_first(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s;

	s = chp_selector_make(test, chp_test_form(test), 1);
	fill(test, ch, 42);
	chp_close(ch);
	chp_selector_recvs(s, 0, ch);
	chp_selector_start(test, s, group);
	expect_served(test, s, 0, 0);
	KUNIT_EXPECT_EQ(test, s->value[0], 42);
	chp_selector_start(test, s, group);
	expect_served(test, s, 0, -EPIPE);
	KUNIT_EXPECT_EQ(test, s->value[0], 0);
}

static void the_end_of_a_context_is_a_case(struct kunit *test)
{
	struct chp_ctx *quit = chp_test_ctx(test, NULL);
	struct blocked *b = blocked_make(test, NULL);

	chp_selector_ends(b->s, 1, quit);
	block(test, b->s, b->group);
	chp_ctx_cancel(quit);
	expect_served(test, b->s, 1, -ECANCELED);
	expect_blocked_left(test, b);
}

static void a_deadline_is_a_case(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);
	struct chp_ctx *quit;

	quit = chp_ctx_with_timeout(NULL, 2 * NSEC_PER_MSEC);
	chp_selector_ends(b->s, 1, chp_test_ctx_keep(test, quit));
	chp_selector_start(test, b->s, b->group);
	expect_served(test, b->s, 1, -ETIME);
	expect_blocked_left(test, b);
}

static void an_ended_context_is_a_ready_case(struct kunit *test)
{
	struct chp_ctx *quit = chp_test_ctx(test, NULL);
	struct blocked *b = blocked_make(test, NULL);

	chp_ctx_cancel(quit);
	chp_selector_ends(b->s, 1, quit);
	chp_selector_start(test, b->s, b->group);
	expect_served(test, b->s, 1, -ECANCELED);
	expect_blocked_left(test, b);
}

/* Those who wait for one end, in their cases, are all told of it. */
static void the_end_of_a_context_ends_many_selects(struct kunit *test)
{
	enum chp_form form = chp_test_form(test);
	struct chp_ctx *quit = chp_test_ctx(test, NULL);
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s[MANY];
	int i;

	for (i = 0; i < MANY; i++) {
		s[i] = chp_selector_make(test, form, 2);
		chp_selector_recvs(s[i], 0, ch);
		chp_selector_ends(s[i], 1, quit);
		block(test, s[i], group);
	}
	chp_ctx_cancel(quit);
	for (i = 0; i < MANY; i++)
		expect_served(test, s[i], 1, -ECANCELED);
	expect_nobody(test, ch);
}

static void a_cancel_of_the_own_context_ends_a_select(struct kunit *test)
{
	struct blocked *b = blocked_start(test);

	chp_group_cancel(b->group);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, b->s), -ECANCELED);
	expect_blocked_left(test, b);
}

static void a_deadline_of_the_own_context_ends_a_select(struct kunit *test)
{
	struct chp_ctx *ctx = chp_ctx_with_timeout(NULL, 2 * NSEC_PER_MSEC);
	struct blocked *b = blocked_make(test, chp_test_ctx_keep(test, ctx));

	chp_selector_start(test, b->s, b->group);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, b->s), -ETIME);
	expect_blocked_left(test, b);
}

/* Which of the two ends it is left open; that one does is not. */
static void the_own_context_may_be_a_case_too(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);
	int result;

	chp_selector_ends(b->s, 1, b->group->ctx);
	block(test, b->s, b->group);
	chp_group_cancel(b->group);
	result = chp_selector_finish(test, b->s);
	KUNIT_EXPECT_TRUE(test, result == 1 || result == -ECANCELED);
	if (result == 1)
		KUNIT_EXPECT_EQ(test, b->s->cases[1].err, -ECANCELED);
	expect_blocked_left(test, b);
}

static void an_ended_context_wins_over_a_ready_case(struct kunit *test)
{
	struct chp_chan *from = chp_test_chan(test, 8, 1);
	struct chp_chan *to = chp_test_chan(test, 8, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s;

	s = chp_selector_make(test, chp_test_form(test), 2);
	fill(test, from, 42);
	chp_selector_recvs(s, 0, from);
	chp_selector_sends(s, 1, to, 43);
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_selector_run(test, s, group), -ECANCELED);
	KUNIT_EXPECT_EQ(test, s->value[0], UNTOUCHED);
	KUNIT_EXPECT_EQ(test, chp_len(from), 1);
	KUNIT_EXPECT_EQ(test, chp_len(to), 0);
}

static void a_case_of_nothing_is_never_ready(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s;
	u64 value = 42;

	s = chp_selector_make(test, chp_test_form(test), 4);
	chp_selector_recvs(s, 0, NULL);
	chp_selector_sends(s, 1, NULL, 43);
	chp_selector_ends(s, 2, NULL);
	chp_selector_recvs(s, 3, ch);
	block(test, s, group);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	expect_served(test, s, 3, 0);
	KUNIT_EXPECT_EQ(test, s->value[3], 42);
	KUNIT_EXPECT_EQ(test, s->value[0], UNTOUCHED);
}

static void nothing_that_could_end_it_is_edeadlk(struct kunit *test)
{
	u64 value = UNTOUCHED;
	struct chp_case cases[] = {
		CHP_CASE_RECV(NULL, &value),
		CHP_CASE_SEND(NULL, &value),
		CHP_CASE_DONE(NULL),
	};

	KUNIT_EXPECT_EQ(test, chp_select(NULL, cases, 3), -EDEADLK);
	KUNIT_EXPECT_EQ(test, chp_select_ordered(NULL, cases, 3), -EDEADLK);
	KUNIT_EXPECT_EQ(test, chp_select(NULL, cases, 0), -EDEADLK);
	KUNIT_EXPECT_EQ(test, chp_select(NULL, NULL, 0), -EDEADLK);
	KUNIT_EXPECT_EQ(test, value, UNTOUCHED);
}

static void waits_for_its_context(struct kunit *test, unsigned int n)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s;

	s = chp_selector_make(test, chp_test_form(test), n);
	block(test, s, group);
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, s), -ECANCELED);
}

static void no_case_waits_for_the_context(struct kunit *test)
{
	waits_for_its_context(test, 0);
}

static void cases_of_nothing_wait_for_the_context(struct kunit *test)
{
	waits_for_its_context(test, 3);
}

/* @s: {send, receive, send, receive} on one channel without a buffer. */
static struct chp_selector *narcissus(struct kunit *test, struct chp_chan *ch,
				      u64 value)
{
	struct chp_selector *s;

	s = chp_selector_make(test, chp_test_form(test), 4);
	chp_selector_sends(s, 0, ch, value);
	chp_selector_recvs(s, 1, ch);
	chp_selector_sends(s, 2, ch, value);
	chp_selector_recvs(s, 3, ch);
	return s;
}

static void a_select_never_meets_itself(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s = narcissus(test, ch, 43);
	u64 value = 42;

	block(test, s, group);
	KUNIT_EXPECT_EQ(test, drain(test, ch), 43);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, s) % 2, 0);
	KUNIT_EXPECT_EQ(test, s->cases[s->result].err, 0);
	expect_nobody(test, ch);
	block(test, s, group);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, s) % 2, 1);
	KUNIT_EXPECT_EQ(test, s->value[s->result], 42);
	KUNIT_EXPECT_EQ(test, s->value[4 - s->result], UNTOUCHED);
	expect_nobody(test, ch);
}

static void close_ends_one_of_many_cases_on_a_channel(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s = narcissus(test, ch, 43);

	block(test, s, group);
	KUNIT_EXPECT_EQ(test, chp_close(ch), 0);
	KUNIT_EXPECT_GE(test, chp_selector_finish(test, s), 0);
	KUNIT_EXPECT_EQ(test, s->cases[s->result].err, -EPIPE);
}

static void a_channel_in_many_cases_gives_one_value(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s;
	u64 value = 42;
	int i;

	s = chp_selector_make(test, chp_test_form(test), 3);
	for (i = 0; i < 3; i++)
		chp_selector_recvs(s, i, ch);
	block(test, s, group);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), -EAGAIN);
	KUNIT_ASSERT_GE(test, chp_selector_finish(test, s), 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, s->value[i],
				i == s->result ? 42 : UNTOUCHED);
	expect_nobody(test, ch);
}

/* Each of two sends or receives, and never both the same. */
static void two_selects_in_both_directions_meet(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s[2], *from, *to;
	int i;

	for (i = 0; i < MANY; i++) {
		s[0] = narcissus(test, ch, 42);
		s[1] = narcissus(test, ch, 43);
		chp_selector_start(test, s[0], group);
		chp_selector_start(test, s[1], group);
		KUNIT_ASSERT_GE(test, chp_selector_finish(test, s[0]), 0);
		KUNIT_ASSERT_GE(test, chp_selector_finish(test, s[1]), 0);
		from = s[s[0]->result % 2];
		to = s[1 - s[0]->result % 2];
		KUNIT_ASSERT_EQ(test, from->result % 2, 0);
		KUNIT_ASSERT_EQ(test, to->result % 2, 1);
		KUNIT_ASSERT_EQ(test, to->value[to->result], from->value[0]);
		expect_nobody(test, ch);
	}
}

/* Draws one of always ready cases over and over. */
struct lottery {
	struct chp_task task;
	struct chp_case cases[3];
	unsigned int drawn[3];
	unsigned int n;
	int errors;
};

static void lottery_count(struct lottery *l, int which)
{
	if (which < 0 || which >= l->n || l->cases[which].err != -EPIPE)
		l->errors++;
	else
		l->drawn[which]++;
}

static int lottery_step(struct chp_task *task)
{
	struct lottery *l = container_of(task, struct lottery, task);
	int i;

	for (i = 0; i < DRAWS; i++)
		lottery_count(l, chp_task_select(task, l->cases, l->n));
	return 0;
}

static void lottery_thread(struct lottery *l)
{
	int i;

	for (i = 0; i < DRAWS; i++)
		lottery_count(l, chp_select(NULL, l->cases, l->n));
}

/* A case is always ready when its channel is closed. */
static struct lottery *lottery_make(struct kunit *test, unsigned int n)
{
	struct lottery *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, l);
	l->n = n;
	for (i = 0; i < n; i++) {
		l->cases[i] = (struct chp_case)CHP_CASE_RECV(NULL, NULL);
		l->cases[i].ch = chp_test_chan(test, 8, 0);
		chp_close(l->cases[i].ch);
	}
	return l;
}

static void lottery_run(struct kunit *test, struct lottery *l)
{
	struct chp_group *group = chp_test_group(test, NULL);

	if (chp_test_form(test) == CHP_TASK) {
		chp_task_init(&l->task, lottery_step, NULL);
		KUNIT_ASSERT_EQ(test, chp_task_start(&l->task, group), 0);
		KUNIT_ASSERT_EQ(test, chp_group_wait(group), 0);
	} else {
		lottery_thread(l);
	}
	KUNIT_EXPECT_EQ(test, l->errors, 0);
}

static void expect_drawn(struct kunit *test, struct lottery *l, int i,
			 int from_percent, int to_percent)
{
	KUNIT_EXPECT_GE(test, l->drawn[i], DRAWS / 100 * from_percent);
	KUNIT_EXPECT_LE(test, l->drawn[i], DRAWS / 100 * to_percent);
}

static void each_of_two_ready_cases_is_taken_half_of_the_time(struct kunit *test)
{
	struct lottery *l = lottery_make(test, 2);

	lottery_run(test, l);
	expect_drawn(test, l, 0, 45, 55);
	expect_drawn(test, l, 1, 45, 55);
}

static void each_of_three_ready_cases_is_taken_a_third_of_the_time(struct kunit *test)
{
	struct lottery *l = lottery_make(test, 3);
	int i;

	lottery_run(test, l);
	for (i = 0; i < 3; i++)
		expect_drawn(test, l, i, 30, 37);
}

/* To look at the cases in turn from a random one would give 2 : 1. */
static void a_case_of_nothing_favours_no_neighbour(struct kunit *test)
{
	struct lottery *l = lottery_make(test, 3);

	l->cases[1].ch = NULL;
	lottery_run(test, l);
	expect_drawn(test, l, 0, 45, 55);
	expect_drawn(test, l, 2, 45, 55);
	KUNIT_EXPECT_EQ(test, l->drawn[1], 0);
}

static void ordered_takes_the_first_ready_case(struct kunit *test)
{
	struct chp_chan *ch[4];
	struct chp_group *group;
	struct chp_selector *s;
	int i;

	for (i = 0; i < 4; i++)
		ch[i] = chp_test_chan(test, 8, 0);
	group = chp_test_group(test, NULL);
	s = chp_selector_make(test, chp_test_form(test), 4);
	s->ordered = true;
	for (i = 0; i < 4; i++)
		chp_selector_recvs(s, i, ch[i]);
	chp_close(ch[1]);
	chp_close(ch[3]);
	for (i = 0; i < MANY; i++) {
		chp_selector_start(test, s, group);
		expect_served(test, s, 1, -EPIPE);
	}
}

static void a_blocked_ordered_select_is_served_by_any_case(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);

	b->s->ordered = true;
	block(test, b->s, b->group);
	KUNIT_EXPECT_EQ(test, drain(test, b->ch[2]), 44);
	expect_served(test, b->s, 2, 0);
	expect_blocked_left(test, b);
}

static void try_takes_a_ready_case_or_is_eagain(struct kunit *test)
{
	struct chp_chan *from = chp_test_chan(test, 8, 1);
	struct chp_chan *to = chp_test_chan(test, 8, 1);
	u64 in = UNTOUCHED, out = 43;
	struct chp_case cases[] = {
		CHP_CASE_RECV(from, &in),
		CHP_CASE_SEND(to, &out),
		CHP_CASE_RECV(NULL, &in),
	};

	KUNIT_EXPECT_EQ(test, chp_try_select(cases, 3), 1);
	KUNIT_EXPECT_EQ(test, cases[1].err, 0);
	KUNIT_EXPECT_EQ(test, chp_try_select(cases, 3), -EAGAIN);
	KUNIT_EXPECT_EQ(test, in, UNTOUCHED);
	fill(test, from, 42);
	KUNIT_EXPECT_EQ(test, chp_try_select(cases, 3), 0);
	KUNIT_EXPECT_EQ(test, in, 42);
	KUNIT_EXPECT_EQ(test, chp_try_select(cases, 3), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_select(cases, 0), -EAGAIN);
	KUNIT_EXPECT_EQ(test, drain(test, to), 43);
}

static void try_finds_a_context_ended(struct kunit *test)
{
	struct chp_ctx *quit = chp_test_ctx(test, NULL);
	struct chp_case cases[] = { CHP_CASE_DONE(quit), CHP_CASE_DONE(NULL) };

	KUNIT_EXPECT_EQ(test, chp_try_select(cases, 2), -EAGAIN);
	chp_ctx_cancel(quit);
	KUNIT_EXPECT_EQ(test, chp_try_select(cases, 2), 0);
	KUNIT_EXPECT_EQ(test, cases[0].err, -ECANCELED);
}

static void try_ordered_takes_the_first_ready_case(struct kunit *test)
{
	struct lottery *l = lottery_make(test, 3);
	int i;

	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ(test, chp_try_select_ordered(l->cases, 3), 0);
	l->cases[0].ch = NULL;
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ(test, chp_try_select_ordered(l->cases, 3), 1);
	KUNIT_EXPECT_EQ(test, chp_try_select_ordered(l->cases, 1), -EAGAIN);
}

/* What an interrupt does, for nothing there can assert. */
struct irq_select {
	struct chp_case cases[2];
	u64 in;
	u64 out;
	int first;
	int second;
	int third;
};

static void irq_select(void *data)
{
	struct irq_select *irq = data;

	irq->first = chp_try_select_ordered(irq->cases, 2);
	irq->second = chp_try_select(irq->cases, 2);
	irq->third = chp_try_select(irq->cases, 2);
}

/* It serves a select that waits, in both directions, one after the other. */
static void try_works_in_a_hard_interrupt(struct kunit *test)
{
	struct irq_select *irq = kunit_kzalloc(test, sizeof(*irq), GFP_KERNEL);
	struct blocked *to = blocked_start(test);
	struct blocked *from = blocked_start(test);

	KUNIT_ASSERT_NOT_NULL(test, irq);
	irq->out = 42;
	irq->cases[0] = (struct chp_case)CHP_CASE_SEND(to->ch[1], &irq->out);
	irq->cases[1] = (struct chp_case)CHP_CASE_RECV(from->ch[2], &irq->in);
	chp_test_in_hardirq(test, irq_select, irq);
	KUNIT_EXPECT_EQ(test, irq->first, 0);
	KUNIT_EXPECT_EQ(test, irq->second, 1);
	KUNIT_EXPECT_EQ(test, irq->third, -EAGAIN);
	KUNIT_EXPECT_EQ(test, irq->in, 44);
	expect_served(test, to->s, 1, 0);
	KUNIT_EXPECT_EQ(test, to->s->value[1], 42);
	expect_served(test, from->s, 2, 0);
}

static void a_timeout_ends_a_select(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);

	b->s->timed = true;
	b->s->ns = 2 * NSEC_PER_MSEC;
	chp_selector_start(test, b->s, b->group);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, b->s), -ETIME);
	KUNIT_EXPECT_GE(test, b->s->took, 2 * NSEC_PER_MSEC);
	expect_blocked_left(test, b);
}

static void a_select_that_is_served_in_time_has_no_timeout(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);
	u64 value = 42;

	b->s->timed = true;
	b->s->ns = CHP_PATIENCE_MS * (u64)NSEC_PER_MSEC;
	block(test, b->s, b->group);
	KUNIT_EXPECT_EQ(test, chp_try_send(b->ch[0], &value), 0);
	expect_served(test, b->s, 0, 0);
	KUNIT_EXPECT_EQ(test, b->s->value[0], 42);
}

static void a_cancel_ends_a_select_before_its_timeout(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);

	b->s->timed = true;
	b->s->ns = U64_MAX;
	block(test, b->s, b->group);
	chp_group_cancel(b->group);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, b->s), -ECANCELED);
	expect_blocked_left(test, b);
}

static void a_timeout_of_zero_still_takes_a_ready_case(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 1);
	u64 value = UNTOUCHED;
	struct chp_case cases[] = { CHP_CASE_RECV(ch, &value) };

	KUNIT_EXPECT_EQ(test, chp_select_timeout(NULL, cases, 1, 0), -ETIME);
	KUNIT_EXPECT_EQ(test, value, UNTOUCHED);
	fill(test, ch, 42);
	KUNIT_EXPECT_EQ(test, chp_select_timeout(NULL, cases, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, value, 42);
}

static void a_timeout_ends_a_select_without_a_case(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, chp_select_timeout(NULL, NULL, 0, 1000), -ETIME);
}

/*
 * The time is over while somebody serves it, again and again: the one or the
 * other, and never a value that is lost.
 */
static void a_timeout_races_with_a_send(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);
	unsigned int i, sent = 0, received = 0;
	u64 value = 42;
	int err;

	b->s->timed = true;
	b->s->ns = 50 * NSEC_PER_USEC;
	for (i = 0; i < min(chp_storm, 1000UL); i++) {
		chp_selector_start(test, b->s, b->group);
		do {
			err = chp_try_send(b->ch[i % 2], &value);
			chp_test_relax();
		} while (err && !chp_selector_done(b->s));
		sent += !err;
		chp_selector_finish(test, b->s);
		received += b->s->result == i % 2;
		b->s->ns = chp_test_adapt(b->s->ns, b->s->result == -ETIME);
	}
	KUNIT_EXPECT_EQ(test, sent, received);
	expect_nobody(test, b->ch[0]);
	expect_nobody(test, b->ch[1]);
}

static void any_of_a_hundred_cases_is_served(struct kunit *test)
{
	struct chp_group *group;
	struct chp_selector *s;
	u64 i;

	s = chp_selector_make(test, chp_test_form(test), MANY);
	for (i = 0; i < MANY; i++)
		chp_selector_recvs(s, i, chp_test_chan(test, 8, 0));
	group = chp_test_group(test, NULL);
	for (i = 0; i < MANY; i++) {
		block(test, s, group);
		KUNIT_ASSERT_EQ(test, chp_try_send(s->cases[i].ch, &i), 0);
		expect_served(test, s, i, 0);
		KUNIT_EXPECT_EQ(test, s->value[i], i);
	}
	for (i = 0; i < MANY; i++)
		expect_nobody(test, s->cases[i].ch);
}

/* Of a hundred that wait for the same, one after the other is served. */
static void a_hundred_selects_are_served_in_their_order(struct kunit *test)
{
	enum chp_form form = chp_test_form(test);
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_chan *other = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s[MANY];
	u64 i;

	for (i = 0; i < MANY; i++) {
		s[i] = chp_selector_make(test, form, 2);
		chp_selector_recvs(s[i], 0, ch);
		chp_selector_sends(s[i], 1, other, i);
		block(test, s[i], group);
	}
	for (i = 0; i < MANY; i++) {
		if (i % 2)
			KUNIT_EXPECT_EQ(test, drain(test, other), i);
		else
			KUNIT_EXPECT_EQ(test, chp_try_send(ch, &i), 0);
		expect_served(test, s[i], i % 2, 0);
		KUNIT_EXPECT_EQ(test, s[i]->value[0], i % 2 ? UNTOUCHED : i);
	}
	expect_nobody(test, ch);
	expect_nobody(test, other);
}

static void the_cases_can_be_used_again(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);
	u64 value;

	for (value = 0; value < MANY; value++) {
		block(test, b->s, b->group);
		if (value % 3 == 2)
			KUNIT_EXPECT_EQ(test, drain(test, b->ch[2]), 44);
		else
			fill(test, b->ch[value % 3], value);
		expect_served(test, b->s, value % 3, 0);
		if (value % 3 != 2)
			KUNIT_EXPECT_EQ(test, b->s->value[value % 3], value);
	}
}

/* No case is looked at: there are none. */
static void more_cases_than_have_an_index_are_einval(struct kunit *test)
{
	unsigned int n = INT_MAX + 1U;

	KUNIT_EXPECT_EQ(test, chp_select(NULL, NULL, n), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_select_ordered(NULL, NULL, n), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_select_timeout(NULL, NULL, n, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_try_select(NULL, n), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_try_select_ordered(NULL, UINT_MAX), -EINVAL);
}

static void more_cases_than_have_an_index_are_einval_here_too(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s;

	s = chp_selector_make(test, chp_test_form(test), 0);
	s->n = UINT_MAX;
	KUNIT_EXPECT_EQ(test, chp_selector_run(test, s, group), -EINVAL);
}

static void an_unknown_kind_of_case_is_einval(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);

	b->s->cases[1].kind = (enum chp_case_kind)77;
	chp_selector_start(test, b->s, b->group);
	expect_served(test, b->s, 1, -EINVAL);
	expect_blocked_left(test, b);
}

static void a_send_of_a_select_serves_a_waiting_receiver(struct kunit *test)
{
	enum chp_form form = chp_test_form(test);
	struct blocked *b = blocked_make(test, NULL);
	struct chp_actor *recv = chp_actor_recv(test, b->group, form, b->ch[2]);

	CHP_EVENTUALLY(test, chp_actor_waits(recv));
	chp_selector_start(test, b->s, b->group);
	expect_served(test, b->s, 2, 0);
	CHP_EVENTUALLY(test, chp_actor_done(recv));
	KUNIT_EXPECT_EQ(test, recv->result, 0);
	KUNIT_EXPECT_EQ(test, recv->value, 44);
	expect_blocked_left(test, b);
}

static void a_receive_of_a_select_serves_a_waiting_sender(struct kunit *test)
{
	enum chp_form form = chp_test_form(test);
	struct blocked *b = blocked_make(test, NULL);
	struct chp_actor *send;

	send = chp_actor_send(test, b->group, form, b->ch[1], 42);
	CHP_EVENTUALLY(test, chp_actor_waits(send));
	chp_selector_start(test, b->s, b->group);
	expect_served(test, b->s, 1, 0);
	KUNIT_EXPECT_EQ(test, b->s->value[1], 42);
	CHP_EVENTUALLY(test, chp_actor_done(send));
	KUNIT_EXPECT_EQ(test, send->result, 0);
}

static void a_blocked_select_is_served_by_blocking_actors(struct kunit *test)
{
	enum chp_form form = chp_test_form(test);
	struct blocked *b = blocked_start(test);
	struct chp_actor *recv, *send;

	recv = chp_actor_recv(test, b->group, form, b->ch[2]);
	expect_served(test, b->s, 2, 0);
	CHP_EVENTUALLY(test, chp_actor_done(recv));
	KUNIT_EXPECT_EQ(test, recv->value, 44);
	block(test, b->s, b->group);
	send = chp_actor_send(test, b->group, form, b->ch[0], 42);
	expect_served(test, b->s, 0, 0);
	CHP_EVENTUALLY(test, chp_actor_done(send));
	KUNIT_EXPECT_EQ(test, send->result, 0);
	KUNIT_EXPECT_EQ(test, b->s->value[0], 42);
}

/* Behind a full buffer: its element comes after those that are in there. */
static void a_blocked_send_of_a_select_is_behind_the_buffer(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 2);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s;

	s = chp_selector_make(test, chp_test_form(test), 2);
	chp_selector_sends(s, 0, ch, 42);
	chp_selector_recvs(s, 1, chp_test_chan(test, 8, 0));
	chp_test_group_finish(test, group);
	fill(test, ch, 40);
	fill(test, ch, 41);
	block(test, s, group);
	KUNIT_EXPECT_EQ(test, drain(test, ch), 40);
	expect_served(test, s, 0, 0);
	KUNIT_EXPECT_EQ(test, drain(test, ch), 41);
	KUNIT_EXPECT_EQ(test, drain(test, ch), 42);
	KUNIT_EXPECT_EQ(test, chp_len(ch), 0);
}

static void a_blocked_receive_of_a_select_is_before_the_buffer(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 2);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_selector *s;

	s = chp_selector_make(test, chp_test_form(test), 2);
	chp_selector_recvs(s, 0, ch);
	chp_selector_recvs(s, 1, ch);
	block(test, s, group);
	fill(test, ch, 42);
	KUNIT_EXPECT_EQ(test, chp_len(ch), 0);
	KUNIT_ASSERT_GE(test, chp_selector_finish(test, s), 0);
	KUNIT_EXPECT_EQ(test, s->value[s->result], 42);
	fill(test, ch, 43);
	KUNIT_EXPECT_EQ(test, chp_len(ch), 1);
}

static void a_received_element_can_be_thrown_away(struct kunit *test)
{
	struct blocked *b = blocked_make(test, NULL);
	u64 value = 42;

	b->s->cases[0].waiter.elem = NULL;
	block(test, b->s, b->group);
	KUNIT_EXPECT_EQ(test, chp_try_send(b->ch[0], &value), 0);
	expect_served(test, b->s, 0, 0);
	expect_blocked_left(test, b);
}

/* @first waits, @second finds it there; which of them sends is given. */
static void meet(struct kunit *test, bool first_sends)
{
	struct blocked *a = blocked_make(test, NULL);
	struct blocked *b = blocked_make(test, NULL);
	struct chp_selector *from = first_sends ? a->s : b->s;
	struct chp_selector *to = first_sends ? b->s : a->s;

	chp_selector_sends(from, 2, a->ch[2], 44);
	chp_selector_recvs(to, 1, a->ch[2]);
	block(test, a->s, a->group);
	/* The actors of @b use a channel of @a. */
	chp_selector_start(test, b->s, a->group);
	expect_served(test, from, 2, 0);
	expect_served(test, to, 1, 0);
	KUNIT_EXPECT_EQ(test, to->value[1], 44);
	to->value[1] = UNTOUCHED;
	expect_nobody(test, a->ch[2]);
	expect_blocked_left(test, b);
}

static void a_receiving_select_meets_a_sending_one(struct kunit *test)
{
	meet(test, true);
}

static void a_sending_select_meets_a_receiving_one(struct kunit *test)
{
	meet(test, false);
}

/* Values that many move by select, over any of two channels. */
struct fair {
	struct chp_chan *ch[2];
	unsigned long values;
	atomic_long_t next;
	atomic_long_t twice;
	unsigned long *seen;
};

/* Sends or receives over both channels until there is nothing more. */
struct mover {
	struct chp_task task;
	struct fair *fair;
	struct chp_case cases[2];
	u64 value[2];
	bool sends;
	bool parked;
	int err;
};

static bool mover_next(struct mover *m)
{
	m->value[0] = atomic_long_inc_return(&m->fair->next) - 1;
	m->value[1] = m->value[0];
	return m->value[0] < m->fair->values;
}

/* Takes account of one select. False when it was the last. */
static bool mover_moved(struct mover *m, int which)
{
	if (which < 0 || m->cases[which].err) {
		m->err = which < 0 ? which : m->cases[which].err;
		return false;
	}
	if (m->sends)
		return mover_next(m);
	if (m->value[which] >= m->fair->values ||
	    test_and_set_bit(m->value[which], m->fair->seen))
		atomic_long_inc(&m->fair->twice);
	return true;
}

static int mover_step(struct chp_task *task)
{
	struct mover *m = container_of(task, struct mover, task);
	int which;

	if (!m->parked && m->sends && !mover_next(m))
		return 0;
	which = m->parked ? chp_task_result(task) :
			    chp_task_select(task, m->cases, 2);
	m->parked = true;
	while (which != -EINPROGRESS) {
		if (!mover_moved(m, which))
			return 0;
		which = chp_task_select(task, m->cases, 2);
	}
	return which;
}

static int mover_thread(struct chp_ctx *ctx, void *data)
{
	struct mover *m = data;

	if (m->sends && !mover_next(m))
		return 0;
	while (mover_moved(m, chp_select(ctx, m->cases, 2)))
		;
	return 0;
}

static struct mover *mover_make(struct kunit *test, struct fair *fair,
				bool sends)
{
	struct mover *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->fair = fair;
	m->sends = sends;
	for (i = 0; i < 2; i++) {
		if (sends)
			m->cases[i] = (struct chp_case)
				CHP_CASE_SEND(fair->ch[i], &m->value[i]);
		else
			m->cases[i] = (struct chp_case)
				CHP_CASE_RECV(fair->ch[i], &m->value[i]);
	}
	chp_task_init(&m->task, mover_step, NULL);
	return m;
}

static void mover_start(struct kunit *test, struct chp_group *group,
			struct mover *m)
{
	int err;

	chp_test_group_finish(test, group);
	if (chp_test_form(test) == CHP_TASK)
		err = chp_task_start(&m->task, group);
	else
		err = chp_go(group, "mover", mover_thread, m);
	KUNIT_ASSERT_EQ(test, err, 0);
}

/* More values than the channels hold are moved, each arrives once. */
static void move_all(struct kunit *test, unsigned int cap)
{
	struct fair *fair = kunit_kzalloc(test, sizeof(*fair), GFP_KERNEL);
	struct chp_group *from, *to;
	struct mover *m[6];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fair);
	fair->values = chp_storm;
	fair->seen = kunit_kcalloc(test, BITS_TO_LONGS(fair->values),
				   sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fair->seen);
	for (i = 0; i < 2; i++)
		fair->ch[i] = chp_test_chan(test, 8, cap);
	from = chp_test_group(test, NULL);
	to = chp_test_group(test, NULL);
	for (i = 0; i < 6; i++) {
		m[i] = mover_make(test, fair, i % 2);
		mover_start(test, i % 2 ? from : to, m[i]);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(from), 0);
	/* A closed channel ends the receivers, though the other is not empty. */
	CHP_EVENTUALLY(test, !chp_len(fair->ch[0]) && !chp_len(fair->ch[1]));
	chp_close(fair->ch[0]);
	chp_close(fair->ch[1]);
	KUNIT_EXPECT_EQ(test, chp_group_wait(to), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&fair->twice), 0);
	KUNIT_EXPECT_EQ(test, bitmap_weight(fair->seen, fair->values),
			fair->values);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, m[i]->err, i % 2 ? 0 : -EPIPE);
}

static void a_value_is_in_exactly_one_place(struct kunit *test)
{
	move_all(test, 0);
}

static void a_value_is_in_exactly_one_place_with_buffers(struct kunit *test)
{
	move_all(test, 3);
}

#define IN_BOTH_FORMS(fn) KUNIT_CASE_PARAM(fn, form_gen_params)

static struct kunit_case select_cases[] = {
	IN_BOTH_FORMS(select_takes_the_only_ready_receive),
	IN_BOTH_FORMS(select_takes_the_only_ready_send),
	IN_BOTH_FORMS(a_blocked_select_is_served_by_a_send),
	IN_BOTH_FORMS(a_blocked_select_is_served_by_a_receive),
	IN_BOTH_FORMS(a_blocked_select_is_served_once),
	IN_BOTH_FORMS(close_ends_a_blocked_receive_with_epipe_and_zero),
	IN_BOTH_FORMS(close_ends_a_blocked_send_with_epipe),
	IN_BOTH_FORMS(a_closed_channel_is_ready),
	IN_BOTH_FORMS(a_closed_channel_is_drained_first),
	IN_BOTH_FORMS(the_end_of_a_context_is_a_case),
	IN_BOTH_FORMS(a_deadline_is_a_case),
	IN_BOTH_FORMS(an_ended_context_is_a_ready_case),
	IN_BOTH_FORMS(the_end_of_a_context_ends_many_selects),
	IN_BOTH_FORMS(a_cancel_of_the_own_context_ends_a_select),
	IN_BOTH_FORMS(a_deadline_of_the_own_context_ends_a_select),
	IN_BOTH_FORMS(the_own_context_may_be_a_case_too),
	IN_BOTH_FORMS(an_ended_context_wins_over_a_ready_case),
	IN_BOTH_FORMS(a_case_of_nothing_is_never_ready),
	KUNIT_CASE(nothing_that_could_end_it_is_edeadlk),
	IN_BOTH_FORMS(no_case_waits_for_the_context),
	IN_BOTH_FORMS(cases_of_nothing_wait_for_the_context),
	IN_BOTH_FORMS(a_select_never_meets_itself),
	IN_BOTH_FORMS(close_ends_one_of_many_cases_on_a_channel),
	IN_BOTH_FORMS(a_channel_in_many_cases_gives_one_value),
	IN_BOTH_FORMS(two_selects_in_both_directions_meet),
	IN_BOTH_FORMS(each_of_two_ready_cases_is_taken_half_of_the_time),
	IN_BOTH_FORMS(each_of_three_ready_cases_is_taken_a_third_of_the_time),
	IN_BOTH_FORMS(a_case_of_nothing_favours_no_neighbour),
	IN_BOTH_FORMS(ordered_takes_the_first_ready_case),
	IN_BOTH_FORMS(a_blocked_ordered_select_is_served_by_any_case),
	KUNIT_CASE(try_takes_a_ready_case_or_is_eagain),
	KUNIT_CASE(try_finds_a_context_ended),
	KUNIT_CASE(try_ordered_takes_the_first_ready_case),
	IN_BOTH_FORMS(try_works_in_a_hard_interrupt),
	IN_BOTH_FORMS(a_timeout_ends_a_select),
	IN_BOTH_FORMS(a_select_that_is_served_in_time_has_no_timeout),
	IN_BOTH_FORMS(a_cancel_ends_a_select_before_its_timeout),
	KUNIT_CASE(a_timeout_of_zero_still_takes_a_ready_case),
	KUNIT_CASE(a_timeout_ends_a_select_without_a_case),
	IN_BOTH_FORMS(a_timeout_races_with_a_send),
	IN_BOTH_FORMS(any_of_a_hundred_cases_is_served),
	IN_BOTH_FORMS(a_hundred_selects_are_served_in_their_order),
	IN_BOTH_FORMS(the_cases_can_be_used_again),
	KUNIT_CASE(more_cases_than_have_an_index_are_einval),
	IN_BOTH_FORMS(more_cases_than_have_an_index_are_einval_here_too),
	IN_BOTH_FORMS(an_unknown_kind_of_case_is_einval),
	IN_BOTH_FORMS(a_send_of_a_select_serves_a_waiting_receiver),
	IN_BOTH_FORMS(a_receive_of_a_select_serves_a_waiting_sender),
	IN_BOTH_FORMS(a_blocked_select_is_served_by_blocking_actors),
	IN_BOTH_FORMS(a_blocked_send_of_a_select_is_behind_the_buffer),
	IN_BOTH_FORMS(a_blocked_receive_of_a_select_is_before_the_buffer),
	IN_BOTH_FORMS(a_received_element_can_be_thrown_away),
	IN_BOTH_FORMS(a_receiving_select_meets_a_sending_one),
	IN_BOTH_FORMS(a_sending_select_meets_a_receiving_one),
	IN_BOTH_FORMS(a_value_is_in_exactly_one_place),
	IN_BOTH_FORMS(a_value_is_in_exactly_one_place_with_buffers),
	{}
};

struct kunit_suite chp_select_suite = {
	.name = "chanpat_select",
	.init = chp_test_init,
	.test_cases = select_cases,
};
