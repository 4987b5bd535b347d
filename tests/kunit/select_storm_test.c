// SPDX-License-Identifier: GPL-2.0
/*
 * Storms of selects: threads and tasks that send to, receive from, or do both
 * on the same channels, mixed with plain operations, time limits, closes and
 * cancels. Every value is accounted for exactly once.
 */
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <chanpat/select.h>
#include "helpers.h"
#include "suites.h"

#define CHANS 4
#define SIDE 4		/* members of each role, threads and tasks in turn */

/**
 * struct whirl - what the members of a storm share
 * @ch: the channels, of several capacities
 * @total: values, 0 to @total - 1
 * @rough: with time limits and operations that do not wait
 * @sent: a bit for each value that a sender got rid of
 * @got: a bit for each value that has come to an end
 * @count: values that receivers have got
 * @twice: values that came to an end more than once
 * @strange: results that no operation may return
 * @ops: operations that were done
 */
struct whirl {
	struct chp_chan *ch[CHANS];
	unsigned long total;
	bool rough;
	unsigned long *sent;
	unsigned long *got;
	atomic_long_t count;
	atomic_t twice;
	atomic_t strange;
	atomic_long_t ops;
};

enum role {
	SENDER,
	RELAY,		/* receives and sends in one select */
	RECEIVER,
	ROLES,
};

/**
 * struct dancer - a thread or a task of a storm
 * @task: when it is one
 * @timer: bounds an operation of a task
 * @whirl: its storm
 * @rnd: its dice
 * @role: what it does
 * @ch: the channels that are not closed, as far as it knows
 * @cases: sends, and then receives
 * @held: its values, the first is sent next
 * @n: how many it holds
 * @incoming: where it receives
 * @next: a sender's next value
 * @end: and the one after its last
 * @parked: the task waits
 */
struct dancer {
	struct chp_task task;
	struct chp_timer timer;
	struct whirl *whirl;
	struct rnd_state rnd;
	enum role role;
	struct chp_chan *ch[CHANS];
	struct chp_case cases[2 * CHANS];
	u64 held[2];
	unsigned int n;
	u64 incoming;
	u64 next, end;
	bool parked;
};

static void whirl_account(struct whirl *whirl, u64 value)
{
	if (value >= whirl->total)
		atomic_inc(&whirl->strange);
	else if (test_and_set_bit(value, whirl->got))
		atomic_inc(&whirl->twice);
}

static void whirl_close(struct whirl *whirl)
{
	int i;

	for (i = 0; i < CHANS; i++)
		chp_close(whirl->ch[i]);
}

/* False when a sender has sent all. */
static bool dancer_prepare(struct dancer *d)
{
	bool sends, recvs;
	int i;

	if (d->role == SENDER && !d->n) {
		if (d->next == d->end)
			return false;
		d->held[d->n++] = d->next++;
	}
	sends = d->n;
	recvs = d->role == RECEIVER || (d->role == RELAY && d->n < 2);
	for (i = 0; i < CHANS; i++) {
		struct chp_chan *to = sends ? d->ch[i] : NULL;
		struct chp_chan *from = recvs ? d->ch[i] : NULL;

		d->cases[i] = (struct chp_case)CHP_CASE_SEND(to, d->held);
		d->cases[CHANS + i] = (struct chp_case)
			CHP_CASE_RECV(from, &d->incoming);
	}
	return true;
}

static void dancer_sent(struct dancer *d)
{
	if (d->role == SENDER)
		set_bit(d->held[0], d->whirl->sent);
	d->held[0] = d->held[1];
	d->n--;
}

static void dancer_received(struct dancer *d)
{
	struct whirl *whirl = d->whirl;

	if (d->role == RELAY) {
		d->held[d->n++] = d->incoming;
		return;
	}
	whirl_account(whirl, d->incoming);
	if (atomic_long_inc_return(&whirl->count) == whirl->total)
		whirl_close(whirl);
}

/* True when there is no channel left. */
static bool dancer_lost(struct dancer *d, int index)
{
	int i;

	d->ch[index % CHANS] = NULL;
	for (i = 0; i < CHANS; i++)
		if (d->ch[i])
			return false;
	return true;
}

/* What a select came to; false when it was the last. */
static bool dancer_note(struct dancer *d, int index)
{
	int err;

	if (index == -ETIME || index == -EAGAIN)
		return true;
	if (index < 0 || index >= 2 * CHANS) {
		if (index != -ECANCELED)
			atomic_inc(&d->whirl->strange);
		return false;
	}
	atomic_long_inc(&d->whirl->ops);
	err = d->cases[index].err;
	if (err == -EPIPE)
		return !dancer_lost(d, index);
	if (err)
		atomic_inc(&d->whirl->strange);
	else if (index < CHANS)
		dancer_sent(d);
	else
		dancer_received(d);
	return true;
}

/* What it still holds ends here. A sender's was never sent. */
static int dancer_end(struct dancer *d)
{
	while (d->role == RELAY && d->n)
		whirl_account(d->whirl, d->held[--d->n]);
	return 0;
}

/* One case alone, as a plain operation: a select must go with those too. */
static int dancer_plain(struct dancer *d, struct chp_ctx *ctx, u32 dice)
{
	int index = dice % (2 * CHANS);
	struct chp_case *c = &d->cases[index];

	if (!c->ch)
		return -EAGAIN;
	c->err = index < CHANS ? chp_try_send(c->ch, c->waiter.elem) :
				 chp_try_recv(c->ch, c->waiter.elem);
	return c->err == -EAGAIN ? c->err : index;
}

static int dancer_do(struct dancer *d, struct chp_ctx *ctx)
{
	u32 dice = prandom_u32_state(&d->rnd);

	switch (d->whirl->rough ? dice % 8 : 7) {
	case 0:
		return chp_try_select(d->cases, 2 * CHANS);
	case 1:
		return chp_select_timeout(ctx, d->cases, 2 * CHANS,
					  dice % 100000);
	case 2:
		return chp_select_ordered(ctx, d->cases, 2 * CHANS);
	case 3:
		return dancer_plain(d, ctx, dice / 8);
	default:
		return chp_select(ctx, d->cases, 2 * CHANS);
	}
}

static int dancer_thread(struct chp_ctx *ctx, void *data)
{
	struct dancer *d = data;

	/* Those that do not wait would not see the end of the context. */
	while (dancer_prepare(d) && !chp_ctx_err(ctx) &&
	       dancer_note(d, dancer_do(d, ctx)))
		cond_resched();
	return dancer_end(d);
}

static int dancer_task_do(struct dancer *d)
{
	u32 dice = prandom_u32_state(&d->rnd);
	u32 kind = d->whirl->rough ? dice % 8 : 7;
	int index;

	switch (kind) {
	case 0:
		return chp_try_select(d->cases, 2 * CHANS);
	case 2:
		index = chp_task_select_ordered(&d->task, d->cases, 2 * CHANS);
		break;
	case 3:
		return dancer_plain(d, d->task.wait.ctx, dice / 8);
	default:
		index = chp_task_select(&d->task, d->cases, 2 * CHANS);
		break;
	}
	d->parked = index == -EINPROGRESS;
	if (d->parked && kind == 1)
		chp_task_timeout(&d->task, &d->timer, dice % 100000, -ETIME);
	return index;
}

static int dancer_step(struct chp_task *task)
{
	struct dancer *d = container_of(task, struct dancer, task);
	int index, budget = 64;

	if (d->parked) {
		chp_timer_stop(&d->timer);
		d->parked = false;
		if (!dancer_note(d, chp_task_result(task)))
			return dancer_end(d);
	}
	while (budget--) {
		if (!dancer_prepare(d) || chp_ctx_err(task->wait.ctx))
			return dancer_end(d);
		index = dancer_task_do(d);
		if (index == -EINPROGRESS)
			return index;
		if (!dancer_note(d, index))
			return dancer_end(d);
	}
	return -EAGAIN;
}

static int dancer_start(struct dancer *d, enum chp_form form,
			struct chp_group *group)
{
	if (form == CHP_THREAD)
		return chp_go(group, "whirl", dancer_thread, d);
	chp_timer_init(&d->timer);
	chp_task_init(&d->task, dancer_step, NULL);
	return chp_task_start(&d->task, group);
}

static struct whirl *whirl_make(struct kunit *test, unsigned long total)
{
	struct whirl *whirl = kunit_kzalloc(test, sizeof(*whirl), GFP_KERNEL);
	size_t size = BITS_TO_LONGS(total) * sizeof(long);

	KUNIT_ASSERT_NOT_NULL(test, whirl);
	whirl->total = total;
	whirl->sent = kunit_kzalloc(test, size, GFP_KERNEL);
	whirl->got = kunit_kzalloc(test, size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, whirl->sent);
	KUNIT_ASSERT_NOT_NULL(test, whirl->got);
	return whirl;
}

static void whirl_fill(struct kunit *test, struct whirl *whirl,
		       const unsigned int *caps)
{
	int i;

	for (i = 0; i < CHANS; i++)
		whirl->ch[i] = chp_test_chan(test, 8, caps[i]);
	bitmap_zero(whirl->sent, whirl->total);
	bitmap_zero(whirl->got, whirl->total);
	atomic_long_set(&whirl->count, 0);
}

static void whirl_start(struct kunit *test, struct whirl *whirl,
			struct dancer *dancers, struct chp_group *group)
{
	struct dancer *d;
	int i;

	chp_test_group_finish(test, group);
	memset(dancers, 0, ROLES * SIDE * sizeof(*dancers));
	for (i = 0; i < ROLES * SIDE; i++) {
		d = &dancers[i];
		d->whirl = whirl;
		d->role = i / SIDE;
		d->next = whirl->total * (i % SIDE) / SIDE;
		d->end = whirl->total * (i % SIDE + 1) / SIDE;
		memcpy(d->ch, whirl->ch, sizeof(d->ch));
		prandom_seed_state(&d->rnd, i + 1);
		KUNIT_ASSERT_EQ(test, dancer_start(d, chp_forms[i % 2], group),
				0);
	}
}

static struct dancer *whirl_dancers(struct kunit *test)
{
	struct dancer *dancers;

	dancers = kunit_kcalloc(test, ROLES * SIDE, sizeof(*dancers),
				GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dancers);
	return dancers;
}

static void whirl_check(struct kunit *test, struct whirl *whirl)
{
	u64 value;
	int i;

	for (i = 0; i < CHANS; i++)
		while (!chp_try_recv(whirl->ch[i], &value))
			whirl_account(whirl, value);
	KUNIT_EXPECT_EQ(test, atomic_read(&whirl->strange), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&whirl->twice), 0);
	KUNIT_EXPECT_TRUE(test, bitmap_equal(whirl->sent, whirl->got,
					     whirl->total));
}

static const unsigned int whirl_caps[][CHANS] = {
	{ 0, 0, 0, 0 },
	{ 0, 1, 4, 64 },
};

static void whirl_cap_desc(const unsigned int (*caps)[CHANS], char *desc)
{
	strscpy(desc, (*caps)[1] ? "buffered too" : "unbuffered",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(whirl, whirl_caps, whirl_cap_desc);

static void every_value_arrives_once_through_selects(struct kunit *test)
{
	struct whirl *whirl = whirl_make(test, chp_storm);
	struct dancer *dancers = whirl_dancers(test);
	struct chp_group *group;

	whirl_fill(test, whirl, test->param_value);
	group = chp_test_group(test, NULL);
	whirl_start(test, whirl, dancers, group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	whirl_check(test, whirl);
	KUNIT_EXPECT_TRUE(test, bitmap_full(whirl->got, whirl->total));
	kunit_info(test, "%ld operations", atomic_long_read(&whirl->ops));
}

static void irq_close(void *ch)
{
	chp_close(ch);
}

static void irq_cancel(void *ctx)
{
	chp_ctx_cancel(ctx);
}

/* Nothing, some of the channels closed, or all cancelled. */
static void whirl_break(struct kunit *test, struct whirl *whirl,
			struct chp_ctx *ctx, struct rnd_state *rnd)
{
	u32 dice = prandom_u32_state(rnd);

	udelay(dice % 500);
	switch (dice / 500 % 5) {
	case 0:
		chp_close(whirl->ch[dice % CHANS]);
		chp_close(whirl->ch[(dice + 1) % CHANS]);
		break;
	case 1:
		chp_ctx_cancel(ctx);
		break;
	case 2:
		chp_test_in_hardirq(test, irq_close, whirl->ch[dice % CHANS]);
		whirl_close(whirl);
		break;
	case 3:
		chp_test_in_hardirq(test, irq_cancel, ctx);
		break;
	}
}

static void whirl_round(struct kunit *test, struct whirl *whirl,
			struct dancer *dancers, struct rnd_state *rnd)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct chp_group *group;

	whirl_fill(test, whirl, test->param_value);
	group = chp_test_group(test, ctx);
	whirl_start(test, whirl, dancers, group);
	whirl_break(test, whirl, ctx, rnd);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	whirl_check(test, whirl);
}

static void what_selects_sent_arrives_once_whatever_ends_them(struct kunit *test)
{
	struct whirl *whirl = whirl_make(test, 1000);
	struct dancer *dancers = whirl_dancers(test);
	struct rnd_state rnd;
	unsigned long i;

	prandom_seed_state(&rnd, 42);
	whirl->rough = true;
	for (i = 0; i < DIV_ROUND_UP(chp_storm, whirl->total); i++)
		whirl_round(test, whirl, dancers, &rnd);
	kunit_info(test, "%ld operations", atomic_long_read(&whirl->ops));
}

static struct kunit_case select_storm_cases[] = {
	KUNIT_CASE_PARAM_ATTR(every_value_arrives_once_through_selects,
			      whirl_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	KUNIT_CASE_PARAM_ATTR(what_selects_sent_arrives_once_whatever_ends_them,
			      whirl_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	{}
};

struct kunit_suite chp_select_storm_suite = {
	.name = "chanpat_storm_select",
	.init = chp_test_init,
	.test_cases = select_storm_cases,
};
