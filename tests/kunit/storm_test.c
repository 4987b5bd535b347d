// SPDX-License-Identifier: GPL-2.0
/*
 * Storms: many threads and tasks over the same channels, every value accounted
 * for exactly once. How many is the module's parameter "storm".
 */
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include "../../kmod/compat.h"
#include "helpers.h"
#include "suites.h"

#define SIDE 6		/* members of each role, threads and tasks in turn */

/**
 * struct storm - what the members of a storm share
 * @in: from the senders
 * @out: from the relays, when there are any; otherwise the same as @in
 * @total: values, 0 to @total - 1
 * @limited: some operations have a time limit
 * @sending: senders that have not ended
 * @relaying: relays, likewise
 * @sent: a bit for each value that a send took
 * @got: a bit for each value that was received at the end
 * @twice: values that were received more than once
 * @strange: results that no operation may return
 * @late: operations that their time limit ended
 */
struct storm {
	struct chp_chan *in, *out;
	unsigned long total;
	bool limited;
	atomic_t sending;
	atomic_t relaying;
	unsigned long *sent;
	unsigned long *got;
	atomic_t twice;
	atomic_t strange;
	atomic_t late;
};

enum role {
	SENDER,
	RELAY,
	RECEIVER,
};

/* A thread or a task of a storm. */
struct member {
	struct chp_task task;
	struct chp_timer timer;
	struct storm *storm;
	struct rnd_state rnd;
	enum role role;
	unsigned long next, end;	/* its own values, from, and before */
	u64 value;			/* on its way */
	bool sends;			/* the operation that is due */
	bool parked;
};

static struct chp_chan *member_chan(struct member *m)
{
	return m->role == RECEIVER || (m->role == RELAY && m->sends) ?
	       m->storm->out : m->storm->in;
}

/* False when a sender has sent all. */
static bool member_prepare(struct member *m)
{
	if (m->role != SENDER)
		return true;
	m->value = m->next++;
	return m->value < m->end;
}

static void member_sent(struct member *m)
{
	if (m->role == SENDER)
		set_bit(m->value, m->storm->sent);
}

static void member_received(struct member *m)
{
	struct storm *storm = m->storm;

	if (m->value >= storm->total)
		atomic_inc(&storm->strange);
	else if (m->role == RECEIVER && test_and_set_bit(m->value, storm->got))
		atomic_inc(&storm->twice);
}

/* What an operation came to; false when it was the last. */
static bool member_note(struct member *m, int err)
{
	switch (err) {
	case 0:
		if (m->sends)
			member_sent(m);
		else
			member_received(m);
		if (m->role == RELAY)
			m->sends = !m->sends;
		return true;
	case -ETIME:
		atomic_inc(&m->storm->late);
		return true;
	case -EPIPE:
	case -ECANCELED:
		return false;
	default:
		atomic_inc(&m->storm->strange);
		return false;
	}
}

/* The last of a role closes what it has sent to. */
static int member_end(struct member *m)
{
	struct storm *storm = m->storm;

	if (m->role == SENDER && atomic_dec_and_test(&storm->sending))
		chp_close(storm->in);
	if (m->role == RELAY && atomic_dec_and_test(&storm->relaying))
		chp_close(storm->out);
	return 0;
}

/* Nanoseconds that the next operation may take; 0 for as long as needed. */
static u64 member_limit(struct member *m)
{
	u32 dice = prandom_u32_state(&m->rnd);

	return m->storm->limited && dice % 4 == 0 ? dice % 100000 + 1 : 0;
}

static int member_do(struct member *m, struct chp_ctx *ctx)
{
	struct chp_chan *ch = member_chan(m);

	return m->sends ? chp_send(ctx, ch, &m->value) :
			  chp_recv(ctx, ch, &m->value);
}

static int member_do_limited(struct member *m, struct chp_ctx *parent, u64 ns)
{
	struct chp_ctx *ctx = chp_ctx_with_timeout(parent, ns);
	int err;

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	err = member_do(m, ctx);
	chp_ctx_cancel(ctx);
	chp_ctx_put(ctx);
	return err;
}

static int member_thread(struct chp_ctx *ctx, void *data)
{
	struct member *m = data;
	u64 ns;
	int err;

	while (member_prepare(m)) {
		ns = member_limit(m);
		err = ns ? member_do_limited(m, ctx, ns) : member_do(m, ctx);
		if (!member_note(m, err))
			break;
	}
	return member_end(m);
}

static int member_task_do(struct member *m)
{
	struct chp_chan *ch = member_chan(m);
	u64 ns = member_limit(m);
	int err;

	err = m->sends ? chp_task_send(&m->task, ch, &m->value) :
			 chp_task_recv(&m->task, ch, &m->value);
	m->parked = err == -EINPROGRESS;
	if (m->parked && ns)
		chp_task_timeout(&m->task, &m->timer, ns, -ETIME);
	return err;
}

/* Yields now and then, so that others come to run on a channel that is ready. */
static int member_step(struct chp_task *task)
{
	struct member *m = container_of(task, struct member, task);
	int err, budget = 64;

	if (m->parked) {
		chp_timer_stop(&m->timer);
		m->parked = false;
		if (!member_note(m, chp_task_result(task)))
			return member_end(m);
	}
	while (budget--) {
		if (!member_prepare(m))
			return member_end(m);
		err = member_task_do(m);
		if (err == -EINPROGRESS)
			return err;
		if (!member_note(m, err))
			return member_end(m);
	}
	return -EAGAIN;
}

static int member_start(struct member *m, enum chp_form form,
			struct chp_group *group)
{
	if (form == CHP_THREAD)
		return chp_go(group, "storm", member_thread, m);
	chp_timer_init(&m->timer);
	chp_task_init(&m->task, member_step, NULL);
	return chp_task_start(&m->task, group);
}

static unsigned long *storm_bits(struct kunit *test, unsigned long total)
{
	unsigned long *bits;

	bits = kunit_kzalloc(test, BITS_TO_LONGS(total) * sizeof(long),
			     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bits);
	return bits;
}

static struct storm *storm_make(struct kunit *test, unsigned long total)
{
	struct storm *storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, storm);
	storm->total = total;
	storm->sent = storm_bits(test, total);
	storm->got = storm_bits(test, total);
	return storm;
}

static struct member *members_make(struct kunit *test, struct storm *storm)
{
	struct member *m;
	int i;

	m = kunit_kcalloc(test, 3 * SIDE, sizeof(*m), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m);
	for (i = 0; i < 3 * SIDE; i++) {
		m[i].storm = storm;
		m[i].role = i / SIDE;
		m[i].sends = m[i].role == SENDER;
		prandom_seed_state(&m[i].rnd, i + 1);
	}
	for (i = 0; i < SIDE; i++) {
		m[i].next = storm->total * i / SIDE;
		m[i].end = storm->total * (i + 1) / SIDE;
	}
	return m;
}

/* Receivers first, each in turn a thread or a task. */
static void members_start(struct kunit *test, struct storm *storm,
			  struct member *m, struct chp_group *group)
{
	bool relays = storm->in != storm->out;
	int i;

	atomic_set(&storm->sending, SIDE);
	atomic_set(&storm->relaying, relays ? SIDE : 0);
	chp_test_group_finish(test, group);
	for (i = 3 * SIDE - 1; i >= 0; i--) {
		if (m[i].role == RELAY && !relays)
			continue;
		KUNIT_ASSERT_EQ(test, member_start(&m[i], chp_forms[i % 2], group),
				0);
	}
}

/* Whatever was sent was received or is still in the buffer, once. */
static void storm_account(struct kunit *test, struct storm *storm)
{
	u64 value;

	while (!chp_try_recv(storm->out, &value))
		if (test_and_set_bit(value, storm->got))
			atomic_inc(&storm->twice);
	KUNIT_EXPECT_EQ(test, atomic_read(&storm->strange), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&storm->twice), 0);
	KUNIT_EXPECT_TRUE(test, bitmap_equal(storm->sent, storm->got,
					     storm->total));
}

static const unsigned int storm_caps[] = { 0, 1, 64 };

static void storm_cap_desc(const unsigned int *cap, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "capacity %u", *cap);
}

KUNIT_ARRAY_PARAM(cap, storm_caps, storm_cap_desc);

static unsigned int storm_cap(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

static void every_value_arrives_once_from_many_to_many(struct kunit *test)
{
	struct storm *storm = storm_make(test, chp_storm);
	struct member *m = members_make(test, storm);
	struct chp_group *group;

	storm->in = chp_test_chan(test, 8, storm_cap(test));
	storm->out = storm->in;
	group = chp_test_group(test, NULL);
	members_start(test, storm, m, group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	storm_account(test, storm);
	KUNIT_EXPECT_TRUE(test, bitmap_full(storm->got, storm->total));
}

static void every_value_arrives_once_through_relays(struct kunit *test)
{
	struct storm *storm = storm_make(test, chp_storm);
	struct member *m = members_make(test, storm);
	struct chp_group *group;

	storm->in = chp_test_chan(test, 8, storm_cap(test));
	storm->out = chp_test_chan(test, 8, storm_cap(test));
	group = chp_test_group(test, NULL);
	members_start(test, storm, m, group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	storm_account(test, storm);
	KUNIT_EXPECT_TRUE(test, bitmap_full(storm->got, storm->total));
}

static void irq_close(void *ch)
{
	chp_close(ch);
}

static void irq_cancel(void *ctx)
{
	chp_ctx_cancel(ctx);
}

/* One of: nothing, a close, a cancel; from here or from a hard interrupt. */
static void storm_break(struct kunit *test, struct storm *storm,
			struct chp_ctx *ctx, struct rnd_state *rnd)
{
	u32 dice = prandom_u32_state(rnd);

	udelay(dice % 300);
	switch (dice / 300 % 5) {
	case 0:
		chp_close(storm->in);
		break;
	case 1:
		chp_ctx_cancel(ctx);
		break;
	case 2:
		chp_test_in_hardirq(test, irq_close, storm->in);
		break;
	case 3:
		chp_test_in_hardirq(test, irq_cancel, ctx);
		break;
	}
}

static void storm_round(struct kunit *test, struct storm *storm,
			struct rnd_state *rnd)
{
	struct member *m = members_make(test, storm);
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct chp_group *group;

	storm->in = chp_test_chan(test, 8, storm_cap(test));
	storm->out = storm->in;
	bitmap_zero(storm->sent, storm->total);
	bitmap_zero(storm->got, storm->total);
	group = chp_test_group(test, ctx);
	members_start(test, storm, m, group);
	storm_break(test, storm, ctx, rnd);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	storm_account(test, storm);
}

/* Closed, cancelled and out of time in the middle: nothing is lost or doubled. */
static void what_was_sent_arrives_once_whatever_ends_the_storm(struct kunit *test)
{
	struct storm *storm = storm_make(test, 1000);
	struct rnd_state rnd;
	unsigned long i;

	prandom_seed_state(&rnd, 42);
	storm->limited = true;
	for (i = 0; i < DIV_ROUND_UP(chp_storm, storm->total); i++)
		storm_round(test, storm, &rnd);
	kunit_info(test, "%d operations were too late", atomic_read(&storm->late));
}

/* Sends from a hard interrupt that comes again and again. */
struct hail {
	struct hrtimer timer;
	struct chp_chan *ch;
	u64 next;
	u64 end;
	bool done;
};

static enum hrtimer_restart hail_fall(struct hrtimer *timer)
{
	struct hail *hail = container_of(timer, struct hail, timer);
	int i;

	for (i = 0; i < 10 && hail->next < hail->end; i++)
		if (!chp_try_send(hail->ch, &hail->next))
			hail->next++;
	if (hail->next == hail->end) {
		chp_close(hail->ch);
		chp_test_raise(&hail->done);
		return HRTIMER_NORESTART;
	}
	hrtimer_forward_now(timer, ns_to_ktime(20 * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

static void hail_stop(void *data)
{
	struct hail *hail = data;

	hrtimer_cancel(&hail->timer);
}

static void every_value_arrives_once_from_hard_interrupts(struct kunit *test)
{
	struct storm *storm = storm_make(test, chp_storm);
	struct member *m = members_make(test, storm);
	struct hail *hail = kunit_kzalloc(test, sizeof(*hail), GFP_KERNEL);
	struct chp_group *group;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, hail);
	storm->in = chp_test_chan(test, 8, storm_cap(test));
	storm->out = storm->in;
	group = chp_test_group(test, NULL);
	for (i = 2 * SIDE; i < 3 * SIDE; i++)
		KUNIT_ASSERT_EQ(test, member_start(&m[i], chp_forms[i % 2], group),
				0);
	hail->ch = storm->in;
	hail->end = storm->total;
	chp_hrtimer_setup(&hail->timer, hail_fall, HRTIMER_MODE_REL_HARD);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, hail_stop, hail), 0);
	hrtimer_start(&hail->timer, 0, HRTIMER_MODE_REL_HARD);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_TRUE(test, chp_test_raised(&hail->done));
	bitmap_fill(storm->sent, storm->total);
	storm_account(test, storm);
}

#define RUSH 2000	/* senders, each with one value */

/* Those who receive without waiting, as often as there are values. */
struct rush {
	struct chp_chan *ch;
	atomic_t left;
	atomic_t empty;
};

static int rush_thread(struct chp_ctx *ctx, void *data)
{
	struct rush *rush = data;
	u64 value;

	while (atomic_dec_if_positive(&rush->left) >= 0)
		if (chp_try_recv(rush->ch, &value))
			atomic_inc(&rush->empty);
	return 0;
}

static bool sender_in_place(struct chp_actor *sender)
{
	return chp_actor_done(sender) || chp_actor_waits(sender);
}

/* The place of a value that leaves is taken at once by the next sender's. */
static void a_channel_with_senders_waiting_is_never_seen_empty(struct kunit *test)
{
	struct rush *rush = kunit_kzalloc(test, sizeof(*rush), GFP_KERNEL);
	struct chp_actor **senders;
	struct chp_group *group, *readers;
	int i;

	senders = kunit_kcalloc(test, RUSH, sizeof(*senders), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rush);
	KUNIT_ASSERT_NOT_NULL(test, senders);
	rush->ch = chp_test_chan(test, 8, storm_cap(test));
	atomic_set(&rush->left, RUSH);
	group = chp_test_group(test, NULL);
	readers = chp_test_group(test, NULL);
	for (i = 0; i < RUSH; i++)
		senders[i] = chp_actor_send(test, group, CHP_TASK, rush->ch, i);
	for (i = 0; i < RUSH; i++)
		CHP_EVENTUALLY(test, sender_in_place(senders[i]));
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, chp_go(readers, "rush", rush_thread, rush),
				0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(readers), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rush->empty), 0);
	chp_close(rush->ch);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static struct kunit_case storm_cases[] = {
	KUNIT_CASE_PARAM(a_channel_with_senders_waiting_is_never_seen_empty,
			 cap_gen_params),
	KUNIT_CASE_PARAM_ATTR(every_value_arrives_once_from_many_to_many,
			      cap_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	KUNIT_CASE_PARAM_ATTR(every_value_arrives_once_through_relays,
			      cap_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	KUNIT_CASE_PARAM_ATTR(what_was_sent_arrives_once_whatever_ends_the_storm,
			      cap_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	KUNIT_CASE_PARAM_ATTR(every_value_arrives_once_from_hard_interrupts,
			      cap_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	{}
};

struct kunit_suite chp_storm_suite = {
	.name = "chanpat_storm",
	.init = chp_test_init,
	.test_cases = storm_cases,
};
