// SPDX-License-Identifier: GPL-2.0
/* Channels: what is promised in <chanpat/chan.h>, to threads and to tasks. */
#include <linux/slab.h>
#include "helpers.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

/* More than chp_close() takes out of a queue at a time. */
#define MANY 100

static void sizes_beyond_the_limits_are_einval(struct kunit *test)
{
	struct chp_chan *ch;

	ch = chp_chan_alloc(CHP_ELEM_MAX + 1, 1, "test");
	KUNIT_EXPECT_EQ(test, PTR_ERR(ch), -EINVAL);
	ch = chp_chan_alloc(1, CHP_CAP_MAX + 1, "test");
	KUNIT_EXPECT_EQ(test, PTR_ERR(ch), -EINVAL);
	ch = chp_chan_alloc(SIZE_MAX, UINT_MAX, "test");
	KUNIT_EXPECT_EQ(test, PTR_ERR(ch), -EINVAL);
}

static void a_new_channel_is_open_and_empty(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 3);
	u64 value;

	KUNIT_EXPECT_EQ(test, chp_len(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_cap(ch), 3);
	KUNIT_EXPECT_STREQ(test, chp_chan_name(ch), "test");
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), -EAGAIN);
}

static void no_channel_has_no_length(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, chp_len(NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_cap(NULL), 0);
	KUNIT_EXPECT_PTR_EQ(test, chp_chan_get(NULL), NULL);
	chp_chan_put(NULL);
}

/* Every byte of the n-th element is n + 1, so that no two neighbours match. */
static void fill_and_drain(struct kunit *test, struct chp_chan *ch, size_t size)
{
	u8 *in = kunit_kzalloc(test, size + 1, GFP_KERNEL);
	u8 *out = kunit_kzalloc(test, size + 1, GFP_KERNEL);
	unsigned int i, cap = chp_cap(ch);

	KUNIT_ASSERT_NOT_NULL(test, in);
	KUNIT_ASSERT_NOT_NULL(test, out);
	for (i = 0; i < cap; i++) {
		memset(in, i + 1, size);
		KUNIT_ASSERT_EQ(test, chp_try_send(ch, in), 0);
	}
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, in), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_len(ch), cap);
	for (i = 0; i < cap; i++) {
		memset(in, i + 1, size);
		KUNIT_ASSERT_EQ(test, chp_try_recv(ch, out), 0);
		KUNIT_ASSERT_MEMEQ(test, out, in, size + 1);
	}
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, out), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_len(ch), 0);
}

static void elements_of_every_size_fill_every_capacity(struct kunit *test)
{
	static const struct {
		size_t size;
		unsigned int cap;
	} kinds[] = {
		{ 0, 0 }, { 0, 1 }, { 0, CHP_CAP_MAX },
		{ 1, 0 }, { 1, 1 }, { 1, CHP_CAP_MAX },
		{ 8, 0 }, { 8, 1 }, { 8, CHP_CAP_MAX },
		{ CHP_ELEM_MAX, 0 }, { CHP_ELEM_MAX, 1 }, { CHP_ELEM_MAX, 300 },
	};
	struct chp_chan *ch;
	int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		ch = chp_test_chan(test, kinds[i].size, kinds[i].cap);
		fill_and_drain(test, ch, kinds[i].size);
	}
}

static void the_largest_channel_can_be_made(struct kunit *test)
{
	struct chp_chan *ch;

	ch = chp_chan_alloc(CHP_ELEM_MAX, CHP_CAP_MAX, "test");
	if (PTR_ERR(ch) == -ENOMEM)
		kunit_skip(test, "not enough memory for 256 MiB");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	KUNIT_EXPECT_EQ(test, chp_cap(ch), CHP_CAP_MAX);
	chp_chan_put(ch);
}

static void elements_are_never_overtaken_around_the_end_of_the_buffer(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 5);
	u64 in = 0, out = 0, value;
	int i;

	for (i = 0; i < 1000; i++) {
		while (!chp_try_send(ch, &in))
			in++;
		/* A different number each time moves the start of the ring. */
		while (out < in - i % 5 && !chp_try_recv(ch, &value))
			KUNIT_ASSERT_EQ(test, value, out++);
	}
	KUNIT_EXPECT_EQ(test, chp_len(ch), in - out);
}

static void blocking_calls_do_not_wait_when_the_channel_is_ready(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 1);
	u64 in = 42, out = 0;

	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &in), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &out), 0);
	KUNIT_EXPECT_EQ(test, out, 42);
}

static void a_received_element_can_be_thrown_away(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 1);
	u64 value = 42;

	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, NULL), -EAGAIN);
	chp_close(ch);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, NULL), -EPIPE);
}

static void a_buffered_element_goes_with_the_last_reference(struct kunit *test)
{
	struct chp_chan *ch = chp_chan_alloc(8, 1, "test");
	u64 value = 1;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	KUNIT_EXPECT_PTR_EQ(test, chp_chan_get(ch), ch);
	chp_chan_put(ch);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
	chp_chan_put(ch);
}

static void try_on_no_channel_is_eagain(struct kunit *test)
{
	u64 value = 42;

	KUNIT_EXPECT_EQ(test, chp_try_send(NULL, &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_recv(NULL, &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, value, 42);
}

static void no_channel_and_no_context_is_edeadlk(struct kunit *test)
{
	u64 value = 42;

	KUNIT_EXPECT_EQ(test, chp_send(NULL, NULL, &value), -EDEADLK);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, NULL, &value), -EDEADLK);
	KUNIT_EXPECT_EQ(test, value, 42);
}

static void no_channel_blocks_until_the_context_ends(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	enum chp_form form = chp_test_form(test);
	struct chp_actor *send, *recv;

	send = chp_actor_send(test, group, form, NULL, 1);
	recv = chp_actor_recv(test, group, form, NULL);
	CHP_EVENTUALLY(test, chp_actor_waits(send) && chp_actor_waits(recv));
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, send->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, recv->result, -ECANCELED);
}

static void send_hands_over_to_a_waiting_receiver(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 4);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *recv;
	u64 value = 42;

	recv = chp_actor_recv(test, group, chp_test_form(test), ch);
	CHP_EVENTUALLY(test, chp_actor_waits(recv));
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), 0);
	/* Directly: it was never in the buffer. */
	KUNIT_EXPECT_EQ(test, chp_len(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, recv->result, 0);
	KUNIT_EXPECT_EQ(test, recv->value, 42);
}

static void try_send_serves_a_waiting_receiver(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *recv;
	u64 value = 42;

	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), -EAGAIN);
	recv = chp_actor_recv(test, group, chp_test_form(test), ch);
	CHP_EVENTUALLY(test, chp_actor_waits(recv));
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	/* Served once, and no more. */
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, recv->result, 0);
	KUNIT_EXPECT_EQ(test, recv->value, 42);
}

static void try_recv_serves_a_waiting_sender(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *send;
	u64 value = 0;

	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), -EAGAIN);
	send = chp_actor_send(test, group, chp_test_form(test), ch, 42);
	CHP_EVENTUALLY(test, chp_actor_waits(send));
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 42);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, send->result, 0);
}

static void a_large_element_goes_from_waiter_to_waiter(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, CHP_ELEM_MAX, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	u8 *in = kunit_kzalloc(test, CHP_ELEM_MAX, GFP_KERNEL);
	u8 *out = kunit_kzalloc(test, CHP_ELEM_MAX, GFP_KERNEL);
	struct chp_actor *recv;

	KUNIT_ASSERT_NOT_NULL(test, in);
	KUNIT_ASSERT_NOT_NULL(test, out);
	get_random_bytes(in, CHP_ELEM_MAX);
	recv = chp_actor_make(test, chp_test_form(test), CHP_ACT_RECV);
	recv->ch = ch;
	recv->elem = out;
	chp_actor_start(test, recv, group);
	CHP_EVENTUALLY(test, chp_actor_waits(recv));
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, in), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_MEMEQ(test, in, out, CHP_ELEM_MAX);
}

static void signals_without_content_are_counted(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 0, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *recv;

	recv = chp_actor_make(test, chp_test_form(test), CHP_ACT_RECV);
	recv->ch = ch;
	recv->elem = NULL;
	chp_actor_start(test, recv, group);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, recv->result, 0);
}

static void a_rendezvous_sender_waits_for_its_receiver(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *send;
	u64 value = 0;

	send = chp_actor_send(test, group, chp_test_form(test), ch, 42);
	CHP_EVENTUALLY(test, chp_actor_waits(send));
	KUNIT_EXPECT_EQ(test, chp_len(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 42);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, send->result, 0);
}

struct echo {
	struct chp_task task;
	struct chp_chan *ch;
	u64 cell;
	bool parked;
};

static int echo_thread(struct chp_ctx *ctx, void *data)
{
	struct echo *echo = data;
	int err;

	do {
		err = chp_recv(ctx, echo->ch, &echo->cell);
	} while (!err);
	return 0;
}

static int echo_step(struct chp_task *task)
{
	struct echo *echo = container_of(task, struct echo, task);
	int err = echo->parked ? chp_task_result(task) : 0;

	echo->parked = false;
	while (!err)
		err = chp_task_recv(task, echo->ch, &echo->cell);
	echo->parked = err == -EINPROGRESS;
	return echo->parked ? err : 0;
}

static int echo_start(struct echo *echo, enum chp_form form,
		      struct chp_group *group)
{
	if (form == CHP_THREAD)
		return chp_go(group, "echo", echo_thread, echo);
	chp_task_init(&echo->task, echo_step, NULL);
	return chp_task_start(&echo->task, group);
}

/*
 * The receiver's variable holds the value when the send has returned, whether
 * the receiver was there first or not.
 */
static void a_rendezvous_send_returns_after_the_receiver_has_the_value(struct kunit *test)
{
	struct echo *echo = kunit_kzalloc(test, sizeof(*echo), GFP_KERNEL);
	struct chp_group *group;
	int stale = 0, errors = 0;
	u64 i;

	KUNIT_ASSERT_NOT_NULL(test, echo);
	echo->ch = chp_test_chan(test, 8, 0);
	group = chp_test_group(test, NULL);
	KUNIT_ASSERT_EQ(test, echo_start(echo, chp_test_form(test), group), 0);
	for (i = 1; i <= 2000; i++) {
		errors += chp_send(NULL, echo->ch, &i) != 0;
		stale += READ_ONCE(echo->cell) != i;
	}
	chp_close(echo->ch);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, errors, 0);
	KUNIT_EXPECT_EQ(test, stale, 0);
	KUNIT_EXPECT_EQ(test, echo->cell, 0);
}

/* @n actors that wait on @ch, one after the other, senders with their number. */
static struct chp_actor **queue_of(struct kunit *test, struct chp_group *group,
				   enum chp_act act, struct chp_chan *ch, int n)
{
	enum chp_form form = chp_test_form(test);
	struct chp_actor **actors;
	int i;

	actors = kunit_kcalloc(test, n, sizeof(*actors), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, actors);
	for (i = 0; i < n; i++) {
		actors[i] = chp_actor_make(test, form, act);
		actors[i]->ch = ch;
		actors[i]->value = i;
		chp_actor_start(test, actors[i], group);
		CHP_EVENTUALLY(test, chp_actor_waits(actors[i]));
	}
	return actors;
}

static void waiting_receivers_are_served_in_their_order(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor **recv = queue_of(test, group, CHP_ACT_RECV, ch, 20);
	u64 i;

	for (i = 0; i < 20; i++) {
		u64 value = 100 + i;

		KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, recv[i]->value, 100 + i);
		if (chp_test_form(test) == CHP_TASK)
			KUNIT_EXPECT_EQ(test, recv[i]->ticket, i);
	}
}

static void waiting_senders_are_served_in_their_order(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	u64 value, i;

	queue_of(test, group, CHP_ACT_SEND, ch, 20);
	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
		KUNIT_EXPECT_EQ(test, value, i);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

/* What the first sender waits with comes behind what is buffered. */
static void a_waiting_sender_is_behind_the_buffer(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 3);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor **send;
	u64 value, i;

	for (i = 0; i < 3; i++) {
		value = 100 + i;
		KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	}
	send = queue_of(test, group, CHP_ACT_SEND, ch, 3);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
		KUNIT_EXPECT_EQ(test, value, 100 + i);
		/* The room was the next sender's at once. */
		KUNIT_EXPECT_EQ(test, chp_len(ch), 3);
		KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), -EAGAIN);
		CHP_EVENTUALLY(test, chp_actor_done(send[i]));
	}
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
		KUNIT_EXPECT_EQ(test, value, i);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static void close_lets_nothing_in(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 1);
	u64 value = 42;

	KUNIT_EXPECT_EQ(test, chp_close(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_len(ch), 0);
	KUNIT_EXPECT_EQ(test, value, 42);
}

static void close_of_a_closed_channel_is_epipe(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 1);

	KUNIT_EXPECT_EQ(test, chp_close(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_close(ch), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_close(NULL), -EINVAL);
}

static void a_closed_channel_drains_then_gives_epipe_and_zero(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 2);
	u64 value;

	for (value = 1; value <= 2; value++)
		KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_close(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 1);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 2);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, value, 0);
	value = 42;
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), -EPIPE);
	KUNIT_EXPECT_EQ(test, value, 0);
}

/* The same, seen by somebody who may wait. */
static void an_actor_finds_the_channel_closed(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	enum chp_form form = chp_test_form(test);
	struct chp_actor *send, *recv;
	u64 value = 7;

	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_close(ch), 0);
	send = chp_actor_send(test, group, form, ch, 42);
	recv = chp_actor_recv(test, group, form, ch);
	CHP_EVENTUALLY(test, chp_actor_done(recv));
	KUNIT_EXPECT_EQ(test, recv->result, 0);
	KUNIT_EXPECT_EQ(test, recv->value, 7);
	recv = chp_actor_recv(test, group, form, ch);
	CHP_EVENTUALLY(test, chp_actor_done(recv));
	KUNIT_EXPECT_EQ(test, recv->result, -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, send->result, -EPIPE);
}

static void close_wakes_waiting_receivers_with_epipe_and_a_zeroed_element(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor **recv = queue_of(test, group, CHP_ACT_RECV, ch, MANY);
	int i;

	KUNIT_EXPECT_EQ(test, recv[1]->value, 1);
	KUNIT_EXPECT_EQ(test, chp_close(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < MANY; i++) {
		KUNIT_EXPECT_EQ(test, recv[i]->result, -EPIPE);
		KUNIT_EXPECT_EQ(test, recv[i]->value, 0);
	}
}

static void close_wakes_waiting_senders_with_epipe_and_keeps_the_buffer(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 1);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor **send;
	u64 value = 42;
	int i;

	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	send = queue_of(test, group, CHP_ACT_SEND, ch, MANY);
	KUNIT_EXPECT_EQ(test, chp_close(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ(test, send[i]->result, -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 42);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), -EPIPE);
}

static void an_ended_context_wins_over_a_ready_channel(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 2);
	struct chp_group *group = chp_test_group(test, NULL);
	enum chp_form form = chp_test_form(test);
	struct chp_actor *send, *recv;
	u64 value = 7;

	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	chp_group_cancel(group);
	send = chp_actor_send(test, group, form, ch, 42);
	recv = chp_actor_recv(test, group, form, ch);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, send->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, recv->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_len(ch), 1);
}

static void cancel_ends_waiting_sends_and_receives(struct kunit *test)
{
	struct chp_chan *empty = chp_test_chan(test, 8, 1);
	struct chp_chan *full = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor **recv = queue_of(test, group, CHP_ACT_RECV, empty, 5);
	struct chp_actor **send = queue_of(test, group, CHP_ACT_SEND, full, 5);
	u64 value = 42;
	int i;

	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, send[i]->result, -ECANCELED);
		KUNIT_EXPECT_EQ(test, recv[i]->result, -ECANCELED);
		/* Left alone: there was no element, but no end either. */
		KUNIT_EXPECT_EQ(test, recv[i]->value, i);
	}
	KUNIT_EXPECT_EQ(test, chp_try_recv(full, &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_send(empty, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_len(empty), 1);
}

static void a_deadline_ends_waiting_sends_and_receives(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_chan *other = chp_test_chan(test, 8, 0);
	enum chp_form form = chp_test_form(test);
	struct chp_actor *send, *recv;
	struct chp_group *group;
	struct chp_ctx *ctx;

	ctx = chp_test_ctx_keep(test, chp_ctx_with_timeout(NULL, 5 * NSEC_PER_MSEC));
	group = chp_test_group(test, ctx);
	send = chp_actor_send(test, group, form, ch, 1);
	recv = chp_actor_recv(test, group, form, other);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, send->result, -ETIME);
	KUNIT_EXPECT_EQ(test, recv->result, -ETIME);
}

/* One of three in a queue goes; the others keep their places. */
static void a_waiter_that_gives_up_leaves_the_order_to_the_others(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_group *other = chp_test_group(test, NULL);
	struct chp_actor **first = queue_of(test, group, CHP_ACT_RECV, ch, 1);
	struct chp_actor **second = queue_of(test, other, CHP_ACT_RECV, ch, 1);
	struct chp_actor **third = queue_of(test, group, CHP_ACT_RECV, ch, 1);
	u64 value;

	chp_group_cancel(other);
	KUNIT_EXPECT_EQ(test, chp_group_wait(other), 0);
	for (value = 100; value < 102; value++)
		KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, first[0]->value, 100);
	KUNIT_EXPECT_EQ(test, second[0]->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, third[0]->value, 101);
}

struct irq_io {
	struct chp_chan *from, *to;
	u64 moved;
	u64 sum;
};

/* Moves all that it can. */
static void irq_move(void *data)
{
	struct irq_io *io = data;
	u64 value;

	while (!chp_try_recv(io->from, &value)) {
		if (chp_try_send(io->to, &value))
			return;
		io->moved++;
		io->sum += value;
	}
}

/*
 * Out of a full buffer with waiting senders behind it, into the hands of
 * waiting receivers, all of it in one interrupt.
 */
static void try_works_in_a_hard_interrupt_on_a_loaded_channel(struct kunit *test)
{
	struct irq_io *io = kunit_kzalloc(test, sizeof(*io), GFP_KERNEL);
	struct chp_actor **recv;
	struct chp_group *group;
	u64 value, i, sum = 0;

	KUNIT_ASSERT_NOT_NULL(test, io);
	io->from = chp_test_chan(test, 8, 4);
	io->to = chp_test_chan(test, 8, 0);
	group = chp_test_group(test, NULL);
	for (value = 10; value < 14; value++)
		KUNIT_EXPECT_EQ(test, chp_try_send(io->from, &value), 0);
	queue_of(test, group, CHP_ACT_SEND, io->from, 6);
	recv = queue_of(test, group, CHP_ACT_RECV, io->to, 10);
	chp_test_in_hardirq(test, irq_move, io);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, io->moved, 10);
	for (i = 0; i < 10; i++)
		sum += recv[i]->value;
	KUNIT_EXPECT_EQ(test, sum, io->sum);
	KUNIT_EXPECT_EQ(test, sum, 10 + 11 + 12 + 13 + 0 + 1 + 2 + 3 + 4 + 5);
}

static void irq_close(void *ch)
{
	chp_close(ch);
}

static void close_works_in_a_hard_interrupt(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor **recv = queue_of(test, group, CHP_ACT_RECV, ch, MANY);
	int i;

	chp_test_in_hardirq(test, irq_close, ch);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ(test, recv[i]->result, -EPIPE);
}

static void each_received_element_has_its_number(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, 8, 8);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *recv;
	u64 i;

	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, chp_try_send(ch, &i), 0);
	for (i = 0; i < 8; i++) {
		recv = chp_actor_recv(test, group, CHP_TASK, ch);
		CHP_EVENTUALLY(test, chp_actor_done(recv));
		KUNIT_EXPECT_EQ(test, recv->value, i);
		KUNIT_EXPECT_EQ(test, recv->ticket, i);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

/*
 * A signal that arrives at a user's thread ends its wait with -ERESTARTSYS.
 * There is no user's thread here: the end-to-end tests show it.
 */

#define IN_BOTH_FORMS(fn) KUNIT_CASE_PARAM(fn, form_gen_params)

static struct kunit_case chan_cases[] = {
	KUNIT_CASE(sizes_beyond_the_limits_are_einval),
	KUNIT_CASE(a_new_channel_is_open_and_empty),
	KUNIT_CASE(no_channel_has_no_length),
	KUNIT_CASE(elements_of_every_size_fill_every_capacity),
	KUNIT_CASE(the_largest_channel_can_be_made),
	KUNIT_CASE(elements_are_never_overtaken_around_the_end_of_the_buffer),
	KUNIT_CASE(blocking_calls_do_not_wait_when_the_channel_is_ready),
	KUNIT_CASE(a_received_element_can_be_thrown_away),
	KUNIT_CASE(a_buffered_element_goes_with_the_last_reference),
	KUNIT_CASE(try_on_no_channel_is_eagain),
	KUNIT_CASE(no_channel_and_no_context_is_edeadlk),
	IN_BOTH_FORMS(no_channel_blocks_until_the_context_ends),
	IN_BOTH_FORMS(send_hands_over_to_a_waiting_receiver),
	IN_BOTH_FORMS(try_send_serves_a_waiting_receiver),
	IN_BOTH_FORMS(try_recv_serves_a_waiting_sender),
	IN_BOTH_FORMS(a_large_element_goes_from_waiter_to_waiter),
	IN_BOTH_FORMS(signals_without_content_are_counted),
	IN_BOTH_FORMS(a_rendezvous_sender_waits_for_its_receiver),
	IN_BOTH_FORMS(a_rendezvous_send_returns_after_the_receiver_has_the_value),
	IN_BOTH_FORMS(waiting_receivers_are_served_in_their_order),
	IN_BOTH_FORMS(waiting_senders_are_served_in_their_order),
	IN_BOTH_FORMS(a_waiting_sender_is_behind_the_buffer),
	KUNIT_CASE(close_lets_nothing_in),
	KUNIT_CASE(close_of_a_closed_channel_is_epipe),
	KUNIT_CASE(a_closed_channel_drains_then_gives_epipe_and_zero),
	IN_BOTH_FORMS(an_actor_finds_the_channel_closed),
	IN_BOTH_FORMS(close_wakes_waiting_receivers_with_epipe_and_a_zeroed_element),
	IN_BOTH_FORMS(close_wakes_waiting_senders_with_epipe_and_keeps_the_buffer),
	IN_BOTH_FORMS(an_ended_context_wins_over_a_ready_channel),
	IN_BOTH_FORMS(cancel_ends_waiting_sends_and_receives),
	IN_BOTH_FORMS(a_deadline_ends_waiting_sends_and_receives),
	IN_BOTH_FORMS(a_waiter_that_gives_up_leaves_the_order_to_the_others),
	IN_BOTH_FORMS(try_works_in_a_hard_interrupt_on_a_loaded_channel),
	IN_BOTH_FORMS(close_works_in_a_hard_interrupt),
	KUNIT_CASE(each_received_element_has_its_number),
	{}
};

struct kunit_suite chp_chan_suite = {
	.name = "chanpat_chan",
	.init = chp_test_init,
	.test_cases = chan_cases,
};
