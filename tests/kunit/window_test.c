// SPDX-License-Identifier: GPL-2.0
/*
 * Windows: what another CPU might do in the middle of an operation is done
 * there by the hook of kmod/core/hook.h, each time that a test runs.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "../../kmod/core/hook.h"
#include "../../kmod/core/wait.h"
#include "selector.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

/* What is sent to the one who waits, and what that one sends. */
#define TO 42
#define FROM 43

struct scene;

typedef void (*deed_fn)(struct scene *sc, struct chp_wait *wait);

/**
 * struct plan - what is to be done, and in which window
 * @at: the window
 * @ctx: of the wait that is in it; other waits pass undisturbed
 * @skip: how often they pass too before it is done
 * @deed: done once
 * @done: it was
 */
struct plan {
	enum chp_window at;
	const struct chp_ctx *ctx;
	unsigned int skip;
	deed_fn deed;
	bool done;
};

/**
 * struct scene - where a window is opened
 * @plan: what is to be done
 * @plans: how many of them
 * @from: a channel that the one under test receives from
 * @to: a channel that it sends to
 * @quit: a context whose end it may have as a case
 * @group: the one under test is a member; its context is what plans look for
 * @others: those who are not looked for
 * @recv: under test in some tests
 * @send: likewise
 * @select: likewise; {receive from @from, send to @to, end of @quit}
 * @peer: one of @others, whom a deed lets go
 * @wait: of the one under test, where a deed has remembered it
 * @err: of what a deed did
 * @value: what a deed received
 * @state: of @wait, where a deed looked at it
 * @irqs_off: likewise
 */
struct scene {
	struct plan plan[3];
	unsigned int plans;
	struct chp_chan *from;
	struct chp_chan *to;
	struct chp_ctx *quit;
	struct chp_group *group;
	struct chp_group *others;
	struct chp_actor *recv;
	struct chp_actor *send;
	struct chp_selector *select;
	struct chp_selector *peer;
	struct chp_wait *wait;
	int err;
	u64 value;
	int state;
	bool irqs_off;
};

static struct scene *scene;

static void hook(enum chp_window at, struct chp_wait *wait)
{
	struct scene *sc = scene;
	struct plan *p;
	deed_fn deed;

	for (p = sc->plan; p < sc->plan + sc->plans; p++) {
		if (p->at != at || p->ctx != wait->ctx)
			continue;
		if (p->skip) {
			p->skip--;
			continue;
		}
		/* A deed may pass through windows itself. */
		deed = xchg(&p->deed, NULL);
		if (!deed)
			continue;
		deed(sc, wait);
		chp_test_raise(&p->done);
		return;
	}
}

/* When this is called all groups are over: nobody is in the hook. */
static void hook_off(void *unused)
{
	WRITE_ONCE(chp_hook, NULL);
	scene = NULL;
}

/* @cap: of the channels; of a buffered pair the one to send to is full. */
static struct scene *scene_make_below(struct kunit *test, unsigned int cap,
				      struct chp_ctx *parent)
{
	struct scene *sc = kunit_kzalloc(test, sizeof(*sc), GFP_KERNEL);
	enum chp_form form = chp_test_form(test);
	unsigned int i;
	u64 value = 1;

	KUNIT_ASSERT_NOT_NULL(test, sc);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, hook_off, NULL), 0);
	sc->from = chp_test_chan(test, 8, cap);
	sc->to = chp_test_chan(test, 8, cap);
	for (i = 0; i < cap; i++)
		KUNIT_ASSERT_EQ(test, chp_try_send(sc->to, &value), 0);
	sc->quit = chp_test_ctx(test, NULL);
	sc->group = chp_test_group(test, parent);
	sc->others = chp_test_group(test, NULL);
	sc->recv = chp_actor_make(test, form, CHP_ACT_RECV);
	sc->recv->ch = sc->from;
	sc->send = chp_actor_make(test, form, CHP_ACT_SEND);
	sc->send->ch = sc->to;
	sc->send->value = FROM;
	sc->select = chp_selector_make(test, form, 3);
	sc->select->ordered = true;
	chp_selector_recvs(sc->select, 0, sc->from);
	chp_selector_sends(sc->select, 1, sc->to, FROM);
	chp_selector_ends(sc->select, 2, sc->quit);
	sc->peer = chp_selector_make(test, CHP_THREAD, 1);
	sc->err = 1;
	chp_test_group_finish(test, sc->group);
	chp_test_group_finish(test, sc->others);
	return sc;
}

static struct scene *scene_make(struct kunit *test, unsigned int cap)
{
	return scene_make_below(test, cap, NULL);
}

static struct plan *plan_for(struct scene *sc, const struct chp_ctx *ctx,
			     enum chp_window at, deed_fn deed)
{
	struct plan *p = &sc->plan[sc->plans++];

	p->at = at;
	p->ctx = ctx;
	p->deed = deed;
	scene = sc;
	WRITE_ONCE(chp_hook, hook);
	return p;
}

static struct plan *plan(struct scene *sc, enum chp_window at, deed_fn deed)
{
	return plan_for(sc, sc->group->ctx, at, deed);
}

static bool patient(bool (*cond)(struct scene *sc), struct scene *sc)
{
	ktime_t end = chp_test_patience();
	bool met;

	while (!(met = cond(sc)) && chp_test_pause(end))
		;
	return met;
}

static void close_from(struct scene *sc, struct chp_wait *wait)
{
	sc->err = chp_close(sc->from);
}

static void close_to(struct scene *sc, struct chp_wait *wait)
{
	sc->err = chp_close(sc->to);
}

static void cancel(struct scene *sc, struct chp_wait *wait)
{
	chp_ctx_cancel(sc->group->ctx);
	sc->err = 0;
}

static void quit(struct scene *sc, struct chp_wait *wait)
{
	chp_ctx_cancel(sc->quit);
	sc->err = 0;
}

static void send_to_it(struct scene *sc, struct chp_wait *wait)
{
	u64 value = TO;

	sc->err = chp_try_send(sc->from, &value);
}

static void recv_from_it(struct scene *sc, struct chp_wait *wait)
{
	sc->err = chp_try_recv(sc->to, &sc->value);
}

static void expect_nobody(struct kunit *test, struct chp_chan *ch)
{
	u64 value = 0;

	KUNIT_ASSERT_EQ(test, chp_cap(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), -EAGAIN);
}

static void expect_done(struct kunit *test, struct scene *sc)
{
	unsigned int i;

	for (i = 0; i < sc->plans; i++)
		KUNIT_EXPECT_TRUE(test, chp_test_raised(&sc->plan[i].done));
	KUNIT_EXPECT_EQ(test, sc->err, 0);
}

static int run_recv(struct kunit *test, struct scene *sc)
{
	chp_actor_start(test, sc->recv, sc->group);
	CHP_EVENTUALLY(test, chp_actor_done(sc->recv));
	expect_done(test, sc);
	return sc->recv->result;
}

static int run_send(struct kunit *test, struct scene *sc)
{
	chp_actor_start(test, sc->send, sc->group);
	CHP_EVENTUALLY(test, chp_actor_done(sc->send));
	expect_done(test, sc);
	return sc->send->result;
}

static int run_select(struct kunit *test, struct scene *sc)
{
	chp_selector_run(test, sc->select, sc->group);
	expect_done(test, sc);
	return sc->select->result;
}

static void expect_select(struct kunit *test, struct scene *sc, int which,
			  int err)
{
	KUNIT_EXPECT_EQ(test, run_select(test, sc), which);
	KUNIT_EXPECT_EQ(test, sc->select->cases[which].err, err);
}

/* Before and after the look at the context that precedes the park. */
static const enum chp_window parking[] = { CHP_QUEUED, CHP_COMMITTED };

#define PARKING_END (parking + ARRAY_SIZE(parking))

static void close_before_the_park_ends_a_receive(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		sc->recv->value = 1;
		plan(sc, *at, close_from);
		KUNIT_EXPECT_EQ(test, run_recv(test, sc), -EPIPE);
		KUNIT_EXPECT_EQ(test, sc->recv->value, 0);
	}
}

static void close_before_the_park_ends_a_send(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, close_to);
		KUNIT_EXPECT_EQ(test, run_send(test, sc), -EPIPE);
	}
}

static void close_before_the_park_ends_a_select(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, close_from);
		expect_select(test, sc, 0, -EPIPE);
		KUNIT_EXPECT_EQ(test, sc->select->value[0], 0);
		expect_nobody(test, sc->to);
		sc = scene_make(test, 0);
		plan(sc, *at, close_to);
		expect_select(test, sc, 1, -EPIPE);
		expect_nobody(test, sc->from);
	}
}

static void close_from_and_cancel(struct scene *sc, struct chp_wait *wait)
{
	close_from(sc, wait);
	chp_ctx_cancel(sc->group->ctx);
}

static void close_to_and_cancel(struct scene *sc, struct chp_wait *wait)
{
	close_to(sc, wait);
	chp_ctx_cancel(sc->group->ctx);
}

/* So nobody takes for a good end what was cancelled first and then closed. */
static void an_ended_context_wins_over_a_close(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, close_from_and_cancel);
		KUNIT_EXPECT_EQ(test, run_recv(test, sc), -ECANCELED);
		sc = scene_make(test, 0);
		plan(sc, *at, close_to_and_cancel);
		KUNIT_EXPECT_EQ(test, run_send(test, sc), -ECANCELED);
	}
}

static void a_cancel_before_the_park_ends_a_receive(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, cancel);
		KUNIT_EXPECT_EQ(test, run_recv(test, sc), -ECANCELED);
		expect_nobody(test, sc->from);
	}
}

static void a_cancel_before_the_park_ends_a_send(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, cancel);
		KUNIT_EXPECT_EQ(test, run_send(test, sc), -ECANCELED);
		expect_nobody(test, sc->to);
	}
}

static void a_cancel_before_the_park_ends_a_select(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, cancel);
		KUNIT_EXPECT_EQ(test, run_select(test, sc), -ECANCELED);
		expect_nobody(test, sc->from);
		expect_nobody(test, sc->to);
	}
}

static void the_end_of_a_context_before_the_park_is_a_case(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, quit);
		expect_select(test, sc, 2, -ECANCELED);
		expect_nobody(test, sc->from);
		expect_nobody(test, sc->to);
	}
}

static void a_receive_is_served_before_the_park(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, send_to_it);
		KUNIT_EXPECT_EQ(test, run_recv(test, sc), 0);
		KUNIT_EXPECT_EQ(test, sc->recv->value, TO);
	}
}

static void a_send_is_served_before_the_park(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, recv_from_it);
		KUNIT_EXPECT_EQ(test, run_send(test, sc), 0);
		KUNIT_EXPECT_EQ(test, sc->value, FROM);
	}
}

static void a_select_is_served_before_the_park(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, send_to_it);
		expect_select(test, sc, 0, 0);
		KUNIT_EXPECT_EQ(test, sc->select->value[0], TO);
		expect_nobody(test, sc->to);
		sc = scene_make(test, 0);
		plan(sc, *at, recv_from_it);
		expect_select(test, sc, 1, 0);
		KUNIT_EXPECT_EQ(test, sc->value, FROM);
		expect_nobody(test, sc->from);
	}
}

static void served_then_cancelled(struct scene *sc, struct chp_wait *wait)
{
	send_to_it(sc, wait);
	chp_ctx_cancel(sc->group->ctx);
	chp_ctx_cancel(sc->quit);
	chp_close(sc->from);
	chp_close(sc->to);
}

/* Served, and its context has ended, when it looks at the context. */
static void who_is_served_before_the_park_is_not_cancelled(struct kunit *test)
{
	const enum chp_window *at;
	struct scene *sc;

	for (at = parking; at < PARKING_END; at++) {
		sc = scene_make(test, 0);
		plan(sc, *at, served_then_cancelled);
		KUNIT_EXPECT_EQ(test, run_recv(test, sc), 0);
		KUNIT_EXPECT_EQ(test, sc->recv->value, TO);
		sc = scene_make(test, 0);
		plan(sc, *at, served_then_cancelled);
		expect_select(test, sc, 0, 0);
		KUNIT_EXPECT_EQ(test, sc->select->value[0], TO);
	}
}

/*
 * All that could end the wait of one who has been served, and is not awake
 * yet. Nobody is there to be served any more.
 */
static void all_comes_too_late(struct scene *sc, struct chp_wait *wait)
{
	u64 value = TO + 1;

	sc->err = chp_try_send(sc->from, &value) != -EAGAIN ||
		  chp_try_recv(sc->to, &value) != -EAGAIN;
	chp_ctx_cancel(sc->group->ctx);
	chp_ctx_cancel(sc->quit);
	chp_close(sc->from);
	chp_close(sc->to);
}

static bool deadline_is_over(struct scene *sc)
{
	return chp_ctx_err(sc->group->ctx);
}

static void deadline_comes_too_late(struct scene *sc, struct chp_wait *wait)
{
	sc->err = !patient(deadline_is_over, sc);
}

static void timeout_comes_too_late(struct scene *sc, struct chp_wait *wait)
{
	ktime_t end = ktime_add_ns(sc->select->start, 2 * sc->select->ns);

	while (ktime_before(ktime_get(), end))
		usleep_range(100, 1000);
	sc->err = 0;
}

static bool a_receiver_is_served(struct kunit *test, struct scene *sc)
{
	u64 value = TO;

	chp_actor_start(test, sc->recv, sc->group);
	CHP_EVENTUALLY(test, chp_actor_waits(sc->recv) ||
		       chp_actor_done(sc->recv));
	if (chp_try_send(sc->from, &value))
		return false;
	CHP_EVENTUALLY(test, chp_actor_done(sc->recv));
	expect_done(test, sc);
	KUNIT_EXPECT_EQ(test, sc->recv->result, 0);
	KUNIT_EXPECT_EQ(test, sc->recv->value, TO);
	return true;
}

static bool a_sender_is_served(struct kunit *test, struct scene *sc)
{
	u64 value = 0;

	chp_actor_start(test, sc->send, sc->group);
	CHP_EVENTUALLY(test, chp_actor_waits(sc->send) ||
		       chp_actor_done(sc->send));
	if (chp_try_recv(sc->to, &value))
		return false;
	CHP_EVENTUALLY(test, chp_actor_done(sc->send));
	expect_done(test, sc);
	KUNIT_EXPECT_EQ(test, sc->send->result, 0);
	KUNIT_EXPECT_EQ(test, value, FROM);
	return true;
}

static bool a_select_is_served(struct kunit *test, struct scene *sc)
{
	u64 value = TO;

	chp_selector_start(test, sc->select, sc->group);
	CHP_EVENTUALLY(test, chp_selector_waits(sc->select) ||
		       chp_selector_done(sc->select));
	if (chp_try_send(sc->from, &value))
		return false;
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, sc->select), 0);
	expect_done(test, sc);
	KUNIT_EXPECT_EQ(test, sc->select->cases[0].err, 0);
	KUNIT_EXPECT_EQ(test, sc->select->value[0], TO);
	return true;
}

typedef bool (*served_fn)(struct kunit *test, struct scene *sc);

static const served_fn served[] = {
	a_receiver_is_served,
	a_sender_is_served,
	a_select_is_served,
};

static void who_is_served_is_served_whatever_comes_then(struct kunit *test)
{
	struct scene *sc;
	int i;

	for (i = 0; i < ARRAY_SIZE(served); i++) {
		sc = scene_make(test, 0);
		plan(sc, CHP_CLAIMED, all_comes_too_late);
		KUNIT_EXPECT_TRUE(test, served[i](test, sc));
	}
}

/* On a slow machine the time is over too early: then it gets more. */
static bool deadline_late(struct kunit *test, served_fn serve, u64 ns)
{
	struct chp_ctx *ctx = chp_ctx_with_timeout(NULL, ns);
	struct scene *sc;

	chp_test_ctx_keep(test, ctx);
	sc = scene_make_below(test, 0, ctx);
	plan(sc, CHP_CLAIMED, deadline_comes_too_late);
	return serve(test, sc);
}

static void a_deadline_while_it_is_served_comes_too_late(struct kunit *test)
{
	u64 ns;
	int i;

	for (i = 0; i < ARRAY_SIZE(served); i++) {
		ns = 10 * NSEC_PER_MSEC;
		while (!deadline_late(test, served[i], ns) &&
		       ns < 1000ULL * NSEC_PER_MSEC)
			ns *= 2;
		KUNIT_EXPECT_LT(test, ns, 1000ULL * NSEC_PER_MSEC);
	}
}

static bool timeout_late(struct kunit *test, u64 ns)
{
	struct scene *sc = scene_make(test, 0);

	sc->select->timed = true;
	sc->select->ns = ns;
	plan(sc, CHP_CLAIMED, timeout_comes_too_late);
	return a_select_is_served(test, sc);
}

static void a_timeout_while_it_is_served_comes_too_late(struct kunit *test)
{
	u64 ns = 10 * NSEC_PER_MSEC;

	while (!timeout_late(test, ns) && ns < 1000ULL * NSEC_PER_MSEC)
		ns *= 2;
	KUNIT_EXPECT_LT(test, ns, 1000ULL * NSEC_PER_MSEC);
}

static void cancel_others(struct scene *sc, struct chp_wait *wait)
{
	chp_group_cancel(sc->others);
	sc->err = 0;
}

/* The one who serves is cancelled when the value has been handed over. */
static void a_cancel_amid_the_hand_over_comes_too_late(struct kunit *test)
{
	struct scene *sc = scene_make(test, 0);

	plan(sc, CHP_CLAIMED, cancel_others);
	chp_actor_start(test, sc->recv, sc->group);
	CHP_EVENTUALLY(test, chp_actor_waits(sc->recv));
	sc->send->ch = sc->from;
	chp_actor_start(test, sc->send, sc->others);
	CHP_EVENTUALLY(test, chp_actor_done(sc->send));
	CHP_EVENTUALLY(test, chp_actor_done(sc->recv));
	expect_done(test, sc);
	KUNIT_EXPECT_EQ(test, sc->send->result, 0);
	KUNIT_EXPECT_EQ(test, sc->recv->result, 0);
	KUNIT_EXPECT_EQ(test, sc->recv->value, FROM);
}

static void a_select_finds_what_was_sent_before_it_enlists(struct kunit *test)
{
	struct scene *sc = scene_make(test, 1);

	plan(sc, CHP_SELECT_TRIED, send_to_it);
	expect_select(test, sc, 0, 0);
	KUNIT_EXPECT_EQ(test, sc->select->value[0], TO);
	KUNIT_EXPECT_EQ(test, chp_len(sc->from), 0);
}

static void a_select_finds_the_room_that_came_before_it_enlists(struct kunit *test)
{
	struct scene *sc = scene_make(test, 1);
	u64 value = 0;

	plan(sc, CHP_SELECT_TRIED, recv_from_it);
	expect_select(test, sc, 1, 0);
	KUNIT_EXPECT_EQ(test, chp_try_recv(sc->to, &value), 0);
	KUNIT_EXPECT_EQ(test, value, FROM);
	KUNIT_EXPECT_EQ(test, chp_try_send(sc->from, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_len(sc->from), 1);
}

static void a_select_finds_the_close_that_came_before_it_enlists(struct kunit *test)
{
	struct scene *sc = scene_make(test, 0);

	plan(sc, CHP_SELECT_TRIED, close_from);
	expect_select(test, sc, 0, -EPIPE);
	KUNIT_EXPECT_EQ(test, sc->select->value[0], 0);
	expect_nobody(test, sc->to);
	sc = scene_make(test, 1);
	plan(sc, CHP_SELECT_TRIED, close_to);
	expect_select(test, sc, 1, -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_len(sc->to), 1);
}

static void a_select_finds_the_end_that_came_before_it_enlists(struct kunit *test)
{
	struct scene *sc = scene_make(test, 0);

	plan(sc, CHP_SELECT_TRIED, quit);
	expect_select(test, sc, 2, -ECANCELED);
	expect_nobody(test, sc->from);
	expect_nobody(test, sc->to);
	sc = scene_make(test, 0);
	plan(sc, CHP_SELECT_TRIED, cancel);
	KUNIT_EXPECT_EQ(test, run_select(test, sc), -ECANCELED);
	expect_nobody(test, sc->from);
	expect_nobody(test, sc->to);
}

static bool peer_waits(struct scene *sc)
{
	return chp_selector_waits(sc->peer);
}

/* Somebody comes to wait on the other side. */
static void peer_comes(struct scene *sc, struct chp_wait *wait)
{
	sc->wait = wait;
	sc->err = chp_selector_go(sc->peer, sc->others) ?:
		  !patient(peer_waits, sc);
}

static void a_select_finds_the_peer_who_came_before_it_enlists(struct kunit *test)
{
	struct scene *sc = scene_make(test, 0);

	chp_selector_sends(sc->peer, 0, sc->from, TO);
	plan(sc, CHP_SELECT_TRIED, peer_comes);
	expect_select(test, sc, 0, 0);
	KUNIT_EXPECT_EQ(test, sc->select->value[0], TO);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, sc->peer), 0);
	KUNIT_EXPECT_EQ(test, sc->peer->cases[0].err, 0);
	expect_nobody(test, sc->to);
	sc = scene_make(test, 0);
	chp_selector_recvs(sc->peer, 0, sc->to);
	plan(sc, CHP_SELECT_TRIED, peer_comes);
	expect_select(test, sc, 1, 0);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, sc->peer), 0);
	KUNIT_EXPECT_EQ(test, sc->peer->value[0], FROM);
	expect_nobody(test, sc->from);
}

static void a_half_enlisted_select_is_served(struct kunit *test)
{
	struct scene *sc = scene_make(test, 0);

	plan(sc, CHP_SELECT_ENLISTED, send_to_it);
	expect_select(test, sc, 0, 0);
	KUNIT_EXPECT_EQ(test, sc->select->value[0], TO);
	expect_nobody(test, sc->from);
	expect_nobody(test, sc->to);
	sc = scene_make(test, 0);
	plan(sc, CHP_SELECT_ENLISTED, recv_from_it)->skip = 1;
	expect_select(test, sc, 1, 0);
	KUNIT_EXPECT_EQ(test, sc->value, FROM);
	expect_nobody(test, sc->from);
}

static void a_half_enlisted_select_is_ended(struct kunit *test)
{
	struct scene *sc = scene_make(test, 0);

	plan(sc, CHP_SELECT_ENLISTED, close_from);
	expect_select(test, sc, 0, -EPIPE);
	expect_nobody(test, sc->to);
	sc = scene_make(test, 0);
	plan(sc, CHP_SELECT_ENLISTED, cancel);
	KUNIT_EXPECT_EQ(test, run_select(test, sc), -ECANCELED);
	expect_nobody(test, sc->from);
	expect_nobody(test, sc->to);
	sc = scene_make(test, 0);
	plan(sc, CHP_SELECT_ENLISTED, quit);
	expect_select(test, sc, 2, -ECANCELED);
	expect_nobody(test, sc->from);
}

/* Not there yet: what comes is found when the select gets there. */
static void a_half_enlisted_select_finds_what_comes_ahead_of_it(struct kunit *test)
{
	struct scene *sc = scene_make(test, 1);
	u64 value = 0;

	plan(sc, CHP_SELECT_ENLISTED, recv_from_it);
	expect_select(test, sc, 1, 0);
	KUNIT_EXPECT_EQ(test, chp_try_recv(sc->to, &value), 0);
	KUNIT_EXPECT_EQ(test, value, FROM);
	sc = scene_make(test, 0);
	plan(sc, CHP_SELECT_ENLISTED, close_to);
	expect_select(test, sc, 1, -EPIPE);
	expect_nobody(test, sc->from);
	sc = scene_make(test, 0);
	chp_selector_recvs(sc->peer, 0, sc->to);
	plan(sc, CHP_SELECT_ENLISTED, peer_comes);
	expect_select(test, sc, 1, 0);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, sc->peer), 0);
	KUNIT_EXPECT_EQ(test, sc->peer->value[0], FROM);
	expect_nobody(test, sc->from);
}

static void served_with_all_ready_ahead(struct scene *sc, struct chp_wait *wait)
{
	send_to_it(sc, wait);
	sc->err = sc->err ?: chp_try_recv(sc->to, &sc->value);
	chp_ctx_cancel(sc->quit);
}

static void served_with_a_close_ahead(struct scene *sc, struct chp_wait *wait)
{
	send_to_it(sc, wait);
	chp_close(sc->to);
}

static void served_with_a_peer_ahead(struct scene *sc, struct chp_wait *wait)
{
	peer_comes(sc, wait);
	if (!sc->err)
		send_to_it(sc, wait);
}

/* It must not do the second case too, though that has become ready. */
static void a_served_select_leaves_the_other_cases_alone(struct kunit *test)
{
	struct scene *sc = scene_make(test, 1);

	plan(sc, CHP_SELECT_ENLISTED, served_with_all_ready_ahead);
	expect_select(test, sc, 0, 0);
	KUNIT_EXPECT_EQ(test, sc->select->value[0], TO);
	KUNIT_EXPECT_EQ(test, chp_len(sc->to), 0);
	sc = scene_make(test, 0);
	plan(sc, CHP_SELECT_ENLISTED, served_with_a_close_ahead);
	expect_select(test, sc, 0, 0);
	KUNIT_EXPECT_EQ(test, sc->select->value[0], TO);
	sc = scene_make(test, 0);
	chp_selector_recvs(sc->peer, 0, sc->to);
	plan(sc, CHP_SELECT_ENLISTED, served_with_a_peer_ahead);
	expect_select(test, sc, 0, 0);
	KUNIT_EXPECT_EQ(test, sc->select->value[0], TO);
	KUNIT_EXPECT_TRUE(test, chp_selector_waits(sc->peer));
}

static void cancelled_with_room_ahead(struct scene *sc, struct chp_wait *wait)
{
	cancel(sc, wait);
	recv_from_it(sc, wait);
}

/* The one or the other: sent when, and only when, it says so. */
static void a_cancelled_select_that_finds_a_case_ready_does_one(struct kunit *test)
{
	struct scene *sc = scene_make(test, 1);
	int result;

	plan(sc, CHP_SELECT_ENLISTED, cancelled_with_room_ahead);
	result = run_select(test, sc);
	KUNIT_EXPECT_TRUE(test, result == 1 || result == -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_len(sc->to), result == 1);
}

static void look(struct scene *sc, struct chp_wait *wait)
{
	sc->state = atomic_read(&wait->state);
	sc->irqs_off = irqs_disabled();
	sc->err = 0;
}

static void busy_is_with_interrupts_off(struct kunit *test)
{
	struct scene *sc = scene_make(test, 1);

	plan(sc, CHP_SELECT_TRIED, send_to_it);
	plan(sc, CHP_SELECT_BUSY, look);
	expect_select(test, sc, 0, 0);
	KUNIT_EXPECT_EQ(test, sc->state, CHP_BUSY);
	KUNIT_EXPECT_TRUE(test, sc->irqs_off);
}

/* Who would claim it here spins for ever when it is on this CPU. */
static void look_at_the_select(struct scene *sc, struct chp_wait *wait)
{
	look(sc, sc->wait);
	if (sc->state != CHP_BUSY)
		all_comes_too_late(sc, wait);
}

static void busy_is_over_when_the_peer_is_woken(struct kunit *test)
{
	struct scene *sc = scene_make(test, 0);

	chp_selector_recvs(sc->peer, 0, sc->to);
	plan(sc, CHP_SELECT_TRIED, peer_comes);
	plan_for(sc, sc->others->ctx, CHP_CLAIMED, look_at_the_select);
	expect_select(test, sc, 1, 0);
	KUNIT_EXPECT_NE(test, sc->state, CHP_BUSY);
	KUNIT_EXPECT_FALSE(test, sc->irqs_off);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, sc->peer), 0);
	KUNIT_EXPECT_EQ(test, sc->peer->value[0], FROM);
}

/* It would be in the way of others for nothing. */
static void a_select_that_finds_nobody_is_never_busy(struct kunit *test)
{
	struct scene *sc = scene_make(test, 0);
	u64 value = TO;

	/* A send to the channel that it receives from is no peer of its own. */
	chp_selector_sends(sc->select, 1, sc->from, FROM);
	plan(sc, CHP_SELECT_BUSY, look);
	chp_selector_start(test, sc->select, sc->group);
	CHP_EVENTUALLY(test, chp_selector_waits(sc->select));
	KUNIT_EXPECT_FALSE(test, chp_test_raised(&sc->plan[0].done));
	KUNIT_EXPECT_EQ(test, chp_try_send(sc->from, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, sc->select), 0);
}

static bool select_waits(struct scene *sc)
{
	return chp_selector_waits(sc->select);
}

/* The peer: about to sleep, it is cancelled, but has not left its queue. */
static void peer_gives_up(struct scene *sc, struct chp_wait *wait)
{
	chp_group_cancel(sc->others);
	sc->wait = wait;
	/* Raised early: the select goes on, and is waited for here. */
	chp_test_raise(&sc->plan[1].done);
	patient(select_waits, sc);
}

static bool peer_has_given_up(struct scene *sc)
{
	return chp_test_raised(&sc->plan[1].done);
}

static void peer_comes_and_gives_up(struct scene *sc, struct chp_wait *wait)
{
	sc->err = chp_selector_go(sc->peer, sc->others) ?:
		  !patient(peer_has_given_up, sc);
}

static void a_select_passes_over_a_peer_who_has_given_up(struct kunit *test)
{
	struct scene *sc = scene_make(test, 0);
	u64 value = 0;

	chp_selector_recvs(sc->peer, 0, sc->to);
	plan(sc, CHP_SELECT_TRIED, peer_comes_and_gives_up);
	plan_for(sc, sc->others->ctx, CHP_COMMITTED, peer_gives_up);
	plan(sc, CHP_SELECT_BUSY, look);
	chp_selector_start(test, sc->select, sc->group);
	CHP_EVENTUALLY(test, chp_selector_waits(sc->select));
	expect_done(test, sc);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, sc->peer), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_try_recv(sc->to, &value), 0);
	KUNIT_EXPECT_EQ(test, value, FROM);
	KUNIT_EXPECT_EQ(test, chp_selector_finish(test, sc->select), 1);
}

#define ROUNDS 1000
#define SPINS 1000000

enum meeting {
	MEET_TRIED,
	MEET_ENLISTED,
	MEET_BUSY,
	NR_MEETINGS,
};

/*
 * Two threads on two CPUs, each of which receives from one channel, then sends
 * to the other: each stands in the first when it finds the other's in the
 * second, and both are BUSY then.
 */
struct duel {
	struct chp_chan *ch[2];
	struct duelist *who[2];
	atomic_t arrived[NR_MEETINGS];
	unsigned int both_busy;
};

struct duelist {
	unsigned int cpu;
	unsigned int enlisted;
	struct task_struct *thread;
	struct chp_case cases[2];
	u64 in;
	u64 out;
	int result;
	int err;
};

static struct duel *duel;

/* Waits for the other, for a while: who was served on the way never comes. */
static void duel_meet(struct duel *d, enum meeting at)
{
	int i;

	atomic_inc(&d->arrived[at]);
	for (i = 0; i < SPINS && atomic_read(&d->arrived[at]) < 2; i++)
		cpu_relax();
}

static void duel_hook(enum chp_window at, struct chp_wait *wait)
{
	struct duel *d = duel;
	struct duelist *me;

	if (wait->thread == READ_ONCE(d->who[0]->thread))
		me = d->who[0];
	else if (wait->thread == READ_ONCE(d->who[1]->thread))
		me = d->who[1];
	else
		return;
	if (at == CHP_SELECT_TRIED)
		duel_meet(d, MEET_TRIED);
	else if (at == CHP_SELECT_ENLISTED && !me->enlisted++)
		duel_meet(d, MEET_ENLISTED);
	else if (at == CHP_SELECT_BUSY)
		duel_meet(d, MEET_BUSY);
}

static void duel_off(void *unused)
{
	WRITE_ONCE(chp_hook, NULL);
	duel = NULL;
}

static int duel_round(struct chp_ctx *ctx, void *data)
{
	struct duelist *me = data;
	int err;

	/* Each on a CPU of its own, for both spin. */
	err = set_cpus_allowed_ptr(current, cpumask_of(me->cpu));
	if (err)
		return err;
	WRITE_ONCE(me->thread, current);
	me->result = chp_select_ordered(ctx, me->cases, 2);
	me->err = me->result < 0 ? me->result : me->cases[me->result].err;
	return 0;
}

static void duelist_make(struct kunit *test, struct duel *d, int i,
			 unsigned int cpu)
{
	struct duelist *me = kunit_kzalloc(test, sizeof(*me), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, me);
	me->cpu = cpu;
	me->out = FROM + i;
	me->cases[0] = (struct chp_case)CHP_CASE_RECV(d->ch[i], &me->in);
	me->cases[1] = (struct chp_case)CHP_CASE_SEND(d->ch[!i], &me->out);
	d->who[i] = me;
}

static struct duel *duel_make(struct kunit *test)
{
	struct duel *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	unsigned int cpu = cpumask_first(cpu_online_mask);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, d);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, duel_off, NULL), 0);
	for (i = 0; i < 2; i++)
		d->ch[i] = chp_test_chan(test, 8, 0);
	for (i = 0; i < 2; i++) {
		duelist_make(test, d, i, cpu);
		cpu = cpumask_next(cpu, cpu_online_mask);
	}
	return d;
}

/* One has sent, and the other has received just that. */
static void duel_judge(struct kunit *test, struct duel *d)
{
	struct duelist *from = d->who[d->who[0]->result != 1];
	struct duelist *to = d->who[d->who[0]->result == 1];

	KUNIT_EXPECT_EQ(test, from->err, 0);
	KUNIT_EXPECT_EQ(test, to->err, 0);
	KUNIT_EXPECT_EQ(test, from->result, 1);
	KUNIT_EXPECT_EQ(test, to->result, 0);
	KUNIT_EXPECT_EQ(test, to->in, from->out);
	KUNIT_EXPECT_EQ(test, from->in, 0);
	expect_nobody(test, d->ch[0]);
	expect_nobody(test, d->ch[1]);
}

static void duel_fight(struct kunit *test, struct duel *d)
{
	struct chp_group *group = chp_test_group(test, NULL);
	int i;

	for (i = 0; i < NR_MEETINGS; i++)
		atomic_set(&d->arrived[i], 0);
	/* A new thread may have the address of an old one. */
	for (i = 0; i < 2; i++) {
		d->who[i]->in = 0;
		d->who[i]->enlisted = 0;
		d->who[i]->thread = NULL;
	}
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, chp_go(group, "duelist", duel_round,
					     d->who[i]), 0);
	}
	KUNIT_ASSERT_EQ(test, chp_group_wait(group), 0);
	d->both_busy += atomic_read(&d->arrived[MEET_BUSY]) == 2;
}

static void two_busy_selects_make_one_pair(struct kunit *test)
{
	struct duel *d;
	int i;

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");
	d = duel_make(test);
	duel = d;
	WRITE_ONCE(chp_hook, duel_hook);
	for (i = 0; i < ROUNDS; i++) {
		duel_fight(test, d);
		duel_judge(test, d);
	}
	/* Otherwise nothing was tested. */
	KUNIT_EXPECT_GT(test, d->both_busy, 0);
}

#define IN_BOTH_FORMS(fn) KUNIT_CASE_PARAM(fn, form_gen_params)

static struct kunit_case window_cases[] = {
	IN_BOTH_FORMS(close_before_the_park_ends_a_receive),
	IN_BOTH_FORMS(close_before_the_park_ends_a_send),
	IN_BOTH_FORMS(close_before_the_park_ends_a_select),
	IN_BOTH_FORMS(an_ended_context_wins_over_a_close),
	IN_BOTH_FORMS(a_cancel_before_the_park_ends_a_receive),
	IN_BOTH_FORMS(a_cancel_before_the_park_ends_a_send),
	IN_BOTH_FORMS(a_cancel_before_the_park_ends_a_select),
	IN_BOTH_FORMS(the_end_of_a_context_before_the_park_is_a_case),
	IN_BOTH_FORMS(a_receive_is_served_before_the_park),
	IN_BOTH_FORMS(a_send_is_served_before_the_park),
	IN_BOTH_FORMS(a_select_is_served_before_the_park),
	IN_BOTH_FORMS(who_is_served_before_the_park_is_not_cancelled),
	IN_BOTH_FORMS(who_is_served_is_served_whatever_comes_then),
	IN_BOTH_FORMS(a_deadline_while_it_is_served_comes_too_late),
	IN_BOTH_FORMS(a_timeout_while_it_is_served_comes_too_late),
	IN_BOTH_FORMS(a_cancel_amid_the_hand_over_comes_too_late),
	IN_BOTH_FORMS(a_select_finds_what_was_sent_before_it_enlists),
	IN_BOTH_FORMS(a_select_finds_the_room_that_came_before_it_enlists),
	IN_BOTH_FORMS(a_select_finds_the_close_that_came_before_it_enlists),
	IN_BOTH_FORMS(a_select_finds_the_end_that_came_before_it_enlists),
	IN_BOTH_FORMS(a_select_finds_the_peer_who_came_before_it_enlists),
	IN_BOTH_FORMS(a_half_enlisted_select_is_served),
	IN_BOTH_FORMS(a_half_enlisted_select_is_ended),
	IN_BOTH_FORMS(a_half_enlisted_select_finds_what_comes_ahead_of_it),
	IN_BOTH_FORMS(a_served_select_leaves_the_other_cases_alone),
	IN_BOTH_FORMS(a_cancelled_select_that_finds_a_case_ready_does_one),
	IN_BOTH_FORMS(busy_is_with_interrupts_off),
	IN_BOTH_FORMS(busy_is_over_when_the_peer_is_woken),
	IN_BOTH_FORMS(a_select_that_finds_nobody_is_never_busy),
	IN_BOTH_FORMS(a_select_passes_over_a_peer_who_has_given_up),
	KUNIT_CASE(two_busy_selects_make_one_pair),
	{}
};

struct kunit_suite chp_window_suite = {
	.name = "chanpat_window",
	.init = chp_test_init,
	.test_cases = window_cases,
};
