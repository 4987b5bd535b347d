// SPDX-License-Identifier: GPL-2.0
/*
 * The short ways of short.h: what goes them and what does not comes to the same,
 * and what keeps them closed does so no longer than until somebody looks.
 */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <chanpat/select.h>
#include <chanpat/sem.h>
#include "../../kmod/core/chan.h"
#include "helpers.h"
#include "suites.h"

#define IN_BOTH_FORMS(fn) KUNIT_CASE_PARAM(fn, form_gen_params)

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

/* Those of the short ways, and some between and beyond them. */
static const size_t sizes[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 64 };

static bool is_short(size_t size)
{
	return size == 0 || size == 1 || size == 4 || size == 8 || size == 16;
}

static void fill(u8 *elem, size_t size, u8 with)
{
	size_t i;

	for (i = 0; i < size; i++)
		elem[i] = with + i;
}

/* What is behind the element must stay as it is. */
static void expect_elem(struct kunit *test, const u8 *elem, size_t size, u8 with)
{
	size_t i;

	for (i = 0; i < size; i++)
		KUNIT_ASSERT_EQ_MSG(test, elem[i], (u8)(with + i), "byte %zu of %zu",
				    i, size);
	KUNIT_ASSERT_EQ_MSG(test, elem[size], 0xa5, "behind %zu", size);
}

static void elements_of_every_size_go_through_the_buffer(struct kunit *test)
{
	u8 in[80], out[80];
	struct chp_chan *ch;
	unsigned int i, round;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ch = chp_test_chan(test, sizes[i], 3);
		KUNIT_EXPECT_EQ(test, !ch->slow, is_short(sizes[i]));
		for (round = 0; round < 8; round++) {
			fill(in, sizes[i], round);
			memset(out, 0xa5, sizeof(out));
			KUNIT_ASSERT_EQ(test, chp_send(NULL, ch, in), 0);
			KUNIT_ASSERT_EQ(test, chp_try_send(ch, in), 0);
			KUNIT_ASSERT_EQ(test, chp_recv(NULL, ch, out), 0);
			expect_elem(test, out, sizes[i], round);
			memset(out, 0xa5, sizeof(out));
			KUNIT_ASSERT_EQ(test, chp_try_recv(ch, out), 0);
			expect_elem(test, out, sizes[i], round);
		}
	}
}

/* An unaligned place is as good as any. */
static void elements_of_every_size_go_from_one_to_another(struct kunit *test)
{
	enum chp_form form = chp_test_form(test);
	struct chp_group *group;
	struct chp_actor *recv;
	struct chp_chan *ch;
	u8 in[80], out[80];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ch = chp_test_chan(test, sizes[i], 0);
		group = chp_test_group(test, NULL);
		fill(in + 1, sizes[i], i);
		memset(out, 0xa5, sizeof(out));
		recv = chp_actor_make(test, form, CHP_ACT_RECV);
		recv->ch = ch;
		recv->elem = out + 1;
		chp_actor_start(test, recv, group);
		CHP_EVENTUALLY(test, chp_actor_waits(recv));
		KUNIT_ASSERT_EQ(test, chp_send(NULL, ch, in + 1), 0);
		KUNIT_ASSERT_EQ(test, chp_group_wait(group), 0);
		expect_elem(test, out + 1, sizes[i], i);
		KUNIT_EXPECT_EQ(test, out[0], 0xa5);
	}
}

static void who_gave_up_keeps_no_short_way_closed(struct kunit *test)
{
	enum chp_form form = chp_test_form(test);
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 2);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *recv = chp_actor_recv(test, group, form, ch);
	u64 value = 1;

	CHP_EVENTUALLY(test, chp_actor_waits(recv));
	KUNIT_EXPECT_EQ(test, ch->slow, CHP_SLOW_RECVQ);
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, ch->slow, 0);
}

static void who_was_served_keeps_no_short_way_closed(struct kunit *test)
{
	enum chp_form form = chp_test_form(test);
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *one, *other;
	u64 value = 1;

	KUNIT_ASSERT_EQ(test, chp_try_send(ch, &value), 0);
	one = chp_actor_send(test, group, form, ch, 2);
	CHP_EVENTUALLY(test, chp_actor_waits(one));
	other = chp_actor_send(test, group, form, ch, 3);
	CHP_EVENTUALLY(test, chp_actor_waits(other));
	KUNIT_EXPECT_EQ(test, ch->slow, CHP_SLOW_SENDQ);
	KUNIT_ASSERT_EQ(test, chp_try_recv(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 1);
	/* The other one waits still, and nobody may go before it. */
	KUNIT_EXPECT_EQ(test, ch->slow, CHP_SLOW_SENDQ);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), -EAGAIN);
	KUNIT_ASSERT_EQ(test, chp_try_recv(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 2);
	KUNIT_EXPECT_EQ(test, ch->slow, 0);
	KUNIT_ASSERT_EQ(test, chp_try_recv(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 3);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static void a_closed_channel_is_drained_by_every_call(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 4);
	u64 value;

	for (value = 0; value < 4; value++)
		KUNIT_ASSERT_EQ(test, chp_try_send(ch, &value), 0);
	chp_close(ch);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 0);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 1);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 3);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, value, 0);
	value = 7;
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, value, 0);
}

/* Where kernel code is preempted cond_resched() does nothing, nor need it. */
static void skip_where_preempted(struct kunit *test)
{
	if (IS_ENABLED(CONFIG_PREEMPTION))
		kunit_skip(test, "others preempt who does not let them run");
}

/* As the tick says to who has had its time. */
static void others_are_to_run(void)
{
	set_tsk_need_resched(current);
	set_preempt_need_resched();
}

#define EXPECT_OTHERS_RAN(test) \
	KUNIT_EXPECT_FALSE(test, test_tsk_need_resched(current))

static void who_always_meets_a_peer_lets_others_run(struct kunit *test)
{
	static const unsigned int caps[] = { 0, 4 };
	enum chp_form form = chp_test_form(test);
	struct chp_group *group;
	struct chp_actor *peer;
	struct chp_chan *ch;
	u64 value = 1;
	int i;

	skip_where_preempted(test);
	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		ch = chp_test_chan(test, sizeof(u64), caps[i]);
		group = chp_test_group(test, NULL);
		peer = chp_actor_recv(test, group, form, ch);
		CHP_EVENTUALLY(test, chp_actor_waits(peer));
		others_are_to_run();
		KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), 0);
		EXPECT_OTHERS_RAN(test);
		while (!chp_try_send(ch, &value))
			;
		peer = chp_actor_send(test, group, form, ch, 2);
		CHP_EVENTUALLY(test, chp_actor_waits(peer));
		others_are_to_run();
		KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
		EXPECT_OTHERS_RAN(test);
		chp_close(ch);
		KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	}
}

static void who_never_waits_lets_others_run(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 4);
	u64 value = 1;
	struct chp_case cases[] = { CHP_CASE_RECV(ch, &value) };
	struct chp_sem sem;

	skip_where_preempted(test);
	chp_sem_init(&sem, 1);
	others_are_to_run();
	KUNIT_EXPECT_EQ(test, chp_sem_acquire(NULL, &sem, 1), 0);
	EXPECT_OTHERS_RAN(test);
	others_are_to_run();
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), 0);
	EXPECT_OTHERS_RAN(test);
	others_are_to_run();
	KUNIT_EXPECT_EQ(test, chp_select(NULL, cases, 1), 0);
	EXPECT_OTHERS_RAN(test);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), 0);
	chp_close(ch);
	others_are_to_run();
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
	EXPECT_OTHERS_RAN(test);
	others_are_to_run();
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), -EPIPE);
	EXPECT_OTHERS_RAN(test);
}

/* Through the buffer, from a waiter behind a full one, and from hand to hand. */
static void an_element_has_its_number_whichever_way_it_went(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *send, *recv;
	u64 i, value = 0;

	for (i = 0; i < 12; i += 3) {
		KUNIT_ASSERT_EQ(test, chp_try_send(ch, &value), 0);
		send = chp_actor_send(test, group, CHP_TASK, ch, 1);
		CHP_EVENTUALLY(test, chp_actor_waits(send));
		recv = chp_actor_recv(test, group, CHP_TASK, ch);
		CHP_EVENTUALLY(test, chp_actor_done(recv));
		KUNIT_EXPECT_EQ(test, recv->ticket, i);
		recv = chp_actor_recv(test, group, CHP_TASK, ch);
		CHP_EVENTUALLY(test, chp_actor_done(recv));
		KUNIT_EXPECT_EQ(test, recv->ticket, i + 1);
		recv = chp_actor_recv(test, group, CHP_TASK, ch);
		CHP_EVENTUALLY(test, chp_actor_waits(recv));
		KUNIT_ASSERT_EQ(test, chp_try_send(ch, &value), 0);
		CHP_EVENTUALLY(test, chp_actor_done(recv));
		KUNIT_EXPECT_EQ(test, recv->ticket, i + 2);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static struct kunit_case short_cases[] = {
	KUNIT_CASE(elements_of_every_size_go_through_the_buffer),
	IN_BOTH_FORMS(elements_of_every_size_go_from_one_to_another),
	IN_BOTH_FORMS(who_gave_up_keeps_no_short_way_closed),
	IN_BOTH_FORMS(who_was_served_keeps_no_short_way_closed),
	KUNIT_CASE(a_closed_channel_is_drained_by_every_call),
	IN_BOTH_FORMS(who_always_meets_a_peer_lets_others_run),
	KUNIT_CASE(who_never_waits_lets_others_run),
	KUNIT_CASE(an_element_has_its_number_whichever_way_it_went),
	{}
};

struct kunit_suite chp_short_suite = {
	.name = "chanpat_short",
	.init = chp_test_init,
	.test_cases = short_cases,
};
