// SPDX-License-Identifier: GPL-2.0
/* Until a context ends, and the first end of several: <chanpat/mux.h>. */
#include <linux/err.h>
#include "muxes.h"
#include "suites.h"

#define NEVER U64_MAX

/**
 * struct rig - a channel that is read until a context ends
 * @ledger: of the pieces
 * @config: of the output
 * @group: owns the task
 * @ctx: that context
 * @source: for an input that is a generator
 * @in: the input
 * @out: the output
 */
struct rig {
	struct chp_ledger ledger;
	struct chp_mux_config config;
	struct chp_group *group;
	struct chp_ctx *ctx;
	struct chp_source source;
	struct chp_chan *in;
	struct chp_chan *out;
};

static struct rig *rig_make(struct kunit *test, unsigned int cap)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->config = (struct chp_mux_config){
		.name = "or-done", .cap = cap, .drop = chp_piece_drop,
	};
	rig->source.ledger = &rig->ledger;
	rig->ctx = chp_test_ctx(test, NULL);
	rig->group = chp_test_group(test, NULL);
	return rig;
}

static void rig_fill(struct kunit *test, struct rig *rig, unsigned int n)
{
	rig->in = chp_test_filled(test, &rig->ledger, 0, n);
}

static void rig_source(struct kunit *test, struct rig *rig, u64 n)
{
	rig->source.end = n;
	rig->in = chp_test_source(test, rig->group, &rig->source, 0);
}

static void rig_start(struct kunit *test, struct rig *rig)
{
	rig->out = chp_or_done(rig->group, rig->ctx, rig->in, &rig->config);
	chp_test_hold(test, &rig->out);
	chp_test_group_finish(test, rig->group);
}

static void rig_over(struct kunit *test, struct rig *rig)
{
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	KUNIT_EXPECT_EQ(test, chp_test_closed(rig->in), !rig->config.keep);
	KUNIT_EXPECT_TRUE(test, chp_test_closed(rig->out));
	chp_test_drain(rig->in);
	chp_test_let_go(&rig->out);
	chp_test_settled(test, &rig->ledger);
}

static const unsigned int caps[] = { 0, 1, 16 };

static void cap_desc(const unsigned int *cap, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "cap %u", *cap);
}

KUNIT_ARRAY_PARAM(cap, caps, cap_desc);

static unsigned int test_cap(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

static void all_comes_through_when_the_input_ends_first(struct kunit *test)
{
	struct rig *rig = rig_make(test, test_cap(test));
	u64 value;

	rig_source(test, rig, 200);
	rig_start(test, rig);
	for (value = 0; value < 200; value++)
		chp_test_get(test, rig->out, value);
	chp_test_get_end(test, rig->out);
	rig_over(test, rig);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(rig->ctx), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 0);
}

static void values_come_until_the_context_ends(struct kunit *test)
{
	const unsigned int cap = test_cap(test);
	struct rig *rig = rig_make(test, cap);
	u64 value;

	rig_source(test, rig, NEVER);
	rig_start(test, rig);
	for (value = 0; value < 10; value++)
		chp_test_get(test, rig->out, value);
	CHP_EVENTUALLY(test, chp_test_senders(rig->out) == 1);
	chp_ctx_cancel(rig->ctx);
	CHP_EVENTUALLY(test, chp_test_closed(rig->out));
	/* What had come into the buffer before is there, and not one more. */
	for (; value < 10 + cap; value++)
		chp_test_get(test, rig->out, value);
	chp_test_get_end(test, rig->out);
	rig_over(test, rig);
}

static void it_ends_while_the_input_is_quiet(struct kunit *test)
{
	struct rig *rig = rig_make(test, test_cap(test));

	rig_fill(test, rig, 0);
	rig_start(test, rig);
	CHP_EVENTUALLY(test, chp_test_receivers(rig->in) == 1);
	KUNIT_EXPECT_FALSE(test, chp_test_closed(rig->out));
	chp_ctx_cancel(rig->ctx);
	chp_test_get_end(test, rig->out);
	rig_over(test, rig);
}

static void it_ends_at_the_deadline(struct kunit *test)
{
	struct rig *rig = rig_make(test, test_cap(test));

	rig->ctx = chp_ctx_with_timeout(NULL, 2 * NSEC_PER_MSEC);
	chp_test_ctx_keep(test, rig->ctx);
	rig_fill(test, rig, 0);
	rig_start(test, rig);
	chp_test_get_end(test, rig->out);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(rig->ctx), -ETIME);
	rig_over(test, rig);
}

static void the_one_in_hand_is_dropped(struct kunit *test)
{
	struct rig *rig = rig_make(test, 0);

	rig_fill(test, rig, 5);
	rig_start(test, rig);
	CHP_EVENTUALLY(test, chp_test_senders(rig->out) == 1);
	chp_ctx_cancel(rig->ctx);
	chp_test_get_end(test, rig->out);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 1);
	KUNIT_EXPECT_EQ(test, chp_len(rig->in), 4);
}

static void an_ended_context_wins_over_what_is_ready(struct kunit *test)
{
	struct rig *rig;
	int i;

	/* Always, and not half of the time. */
	for (i = 0; i < 20; i++) {
		rig = rig_make(test, test_cap(test));
		rig_fill(test, rig, 5);
		chp_ctx_cancel(rig->ctx);
		rig_start(test, rig);
		chp_test_get_end(test, rig->out);
		KUNIT_EXPECT_EQ(test, chp_len(rig->in), 5);
		rig_over(test, rig);
	}
}

static void the_end_of_the_group_is_the_end_too(struct kunit *test)
{
	struct rig *rig = rig_make(test, test_cap(test));

	rig->ctx = NULL;
	rig_fill(test, rig, 0);
	rig_start(test, rig);
	CHP_EVENTUALLY(test, chp_test_receivers(rig->in) == 1);
	chp_group_cancel(rig->group);
	chp_test_get_end(test, rig->out);
	rig_over(test, rig);
}

static void a_reader_that_closes_stops_upstream(struct kunit *test)
{
	struct rig *rig = rig_make(test, test_cap(test));

	rig_source(test, rig, NEVER);
	rig_start(test, rig);
	chp_test_get(test, rig->out, 0);
	chp_close(rig->out);
	rig_over(test, rig);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(rig->ctx), 0);
}

/* Others go on reading what it has left. */
static void the_input_may_be_left_open(struct kunit *test)
{
	struct rig *rig = rig_make(test, 0);
	int i;

	rig_fill(test, rig, 9);
	rig->config.keep = true;
	for (i = 0; i < 3; i++) {
		if (i)
			rig->group = chp_test_group(test, NULL);
		rig_start(test, rig);
		chp_test_get(test, rig->out, 2 * i);
		CHP_EVENTUALLY(test, chp_test_senders(rig->out) == 1);
		if (i == 0)
			chp_group_cancel(rig->group);
		else if (i == 1)
			chp_close(rig->out);
		else
			chp_ctx_cancel(rig->ctx);
		KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
		KUNIT_EXPECT_FALSE(test, chp_test_closed(rig->in));
		KUNIT_EXPECT_EQ(test, chp_len(rig->in), 9 - 2 * (i + 1));
		chp_test_let_go(&rig->out);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 3);
}

/* The end comes at whatever moment: never a value lost that was not in hand. */
static void the_context_may_end_at_any_moment(struct kunit *test)
{
	struct rig *rig;
	u64 ns = 1000;
	int i;

	for (i = 0; i < 60; i++) {
		struct chp_piece piece;
		u64 value = 0;

		rig = rig_make(test, test_cap(test));
		rig->ctx = chp_ctx_with_timeout(NULL, ns);
		chp_test_ctx_keep(test, rig->ctx);
		rig_source(test, rig, NEVER);
		rig_start(test, rig);
		while (!chp_test_recv(rig->out, &piece))
			KUNIT_ASSERT_EQ(test, piece.value, value++);
		ns = chp_test_adapt(ns, !value);
		rig_over(test, rig);
		KUNIT_ASSERT_LE(test, atomic_read(&rig->ledger.made) - value, 3);
	}
}

static void an_impossible_one_is_refused(struct kunit *test)
{
	struct rig *rig = rig_make(test, 0);
	struct chp_chan *out;

	rig_fill(test, rig, 1);
	out = chp_or_done(rig->group, rig->ctx, NULL, &rig->config);
	KUNIT_EXPECT_PTR_EQ(test, out, ERR_PTR(-EINVAL));
	rig->config.cap = CHP_CAP_MAX + 1;
	out = chp_or_done(rig->group, rig->ctx, rig->in, &rig->config);
	KUNIT_EXPECT_PTR_EQ(test, out, ERR_PTR(-EINVAL));
	rig->config.cap = 1;
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	out = chp_or_done(rig->group, rig->ctx, rig->in, &rig->config);
	KUNIT_EXPECT_PTR_EQ(test, out, ERR_PTR(-ESHUTDOWN));
	KUNIT_EXPECT_FALSE(test, chp_test_closed(rig->in));
}

#define CHANS 5

/**
 * struct either - a channel that ends with the first of several
 * @group: owns the task
 * @chans: those
 * @out: that channel
 */
struct either {
	struct chp_group *group;
	struct chp_chan *chans[CHANS];
	struct chp_chan *out;
};

static void either_start(struct kunit *test, struct either *either,
			 unsigned int n)
{
	either->out = chp_or(either->group, either->chans, n);
	chp_test_hold(test, &either->out);
	chp_test_group_finish(test, either->group);
}

static struct either *either_make(struct kunit *test)
{
	struct either *either = kunit_kzalloc(test, sizeof(*either), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, either);
	for (i = 0; i < CHANS; i++)
		either->chans[i] = chp_test_chan(test, sizeof(u64), 1);
	either->group = chp_test_group(test, NULL);
	return either;
}

/* The task stands in all queues. */
static struct either *either_waits(struct kunit *test)
{
	struct either *either = either_make(test);

	either_start(test, either, CHANS);
	CHP_EVENTUALLY(test, chp_test_receivers(either->out) == 1);
	KUNIT_EXPECT_FALSE(test, chp_test_closed(either->out));
	return either;
}

static void either_ends(struct kunit *test, struct either *either)
{
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, either->out, NULL), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_group_wait(either->group), 0);
}

static void the_first_close_is_the_end(struct kunit *test)
{
	struct either *either;
	int i, j;

	for (i = 0; i < CHANS; i++) {
		either = either_waits(test);
		chp_close(either->chans[i]);
		either_ends(test, either);
		for (j = 0; j < CHANS; j++)
			KUNIT_EXPECT_EQ(test, chp_test_closed(either->chans[j]),
					i == j);
	}
}

static void one_signal_is_the_end(struct kunit *test)
{
	struct either *either = either_waits(test);
	u64 value = 1;

	KUNIT_EXPECT_EQ(test, chp_try_send(either->chans[3], &value), 0);
	either_ends(test, either);
	KUNIT_EXPECT_EQ(test, chp_len(either->chans[3]), 0);
	KUNIT_EXPECT_FALSE(test, chp_test_closed(either->chans[3]));
}

static void what_has_ended_before_is_the_end_at_once(struct kunit *test)
{
	struct either *either = either_make(test);

	chp_close(either->chans[CHANS - 1]);
	either_start(test, either, CHANS);
	either_ends(test, either);
}

static void the_end_of_the_group_ends_it(struct kunit *test)
{
	struct either *either = either_waits(test);

	chp_group_cancel(either->group);
	either_ends(test, either);
}

/* Its task goes, too. */
static void a_reader_may_close_it(struct kunit *test)
{
	struct either *either = either_waits(test);

	KUNIT_EXPECT_EQ(test, chp_close(either->out), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(either->group), 0);
	KUNIT_EXPECT_EQ(test, chp_test_receivers(either->chans[0]), 0);
}

static void none_and_nothing_never_end(struct kunit *test)
{
	struct either *either;
	int i;

	for (i = 0; i < 2; i++) {
		either = either_make(test);
		either->chans[0] = NULL;
		either_start(test, either, i);
		CHP_EVENTUALLY(test, chp_test_receivers(either->out) == 1);
		KUNIT_EXPECT_FALSE(test, chp_test_closed(either->out));
		chp_group_cancel(either->group);
		either_ends(test, either);
	}
}

/* All who wait for it are told. */
static void many_may_wait_for_it(struct kunit *test)
{
	struct either *either = either_waits(test);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_actor *actors[6];
	int i;

	for (i = 0; i < 6; i++)
		actors[i] = chp_actor_recv(test, group, i % 2, either->out);
	for (i = 0; i < 6; i++)
		CHP_EVENTUALLY(test, chp_actor_waits(actors[i]));
	chp_close(either->chans[2]);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, actors[i]->result, -EPIPE);
	either_ends(test, either);
}

static void a_thousand_have_one_end(struct kunit *test)
{
	const unsigned int n = 1000;
	struct either *either = either_make(test);
	struct chp_chan **chans;
	unsigned int i;

	chans = kunit_kcalloc(test, n, sizeof(*chans), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, chans);
	for (i = 0; i < n; i++)
		chans[i] = chp_test_chan(test, 0, 0);
	either->out = chp_or(either->group, chans, n);
	chp_test_hold(test, &either->out);
	CHP_EVENTUALLY(test, chp_test_receivers(either->out) == 1);
	chp_close(chans[n / 2]);
	either_ends(test, either);
	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(test, chp_test_receivers(chans[i]), 0);
}

static void an_impossible_or_is_refused(struct kunit *test)
{
	struct either *either = either_make(test);
	struct chp_chan *out;

	out = chp_or(either->group, either->chans, CHP_MUX_MAX + 1);
	KUNIT_EXPECT_PTR_EQ(test, out, ERR_PTR(-EINVAL));
	KUNIT_EXPECT_EQ(test, chp_group_wait(either->group), 0);
	out = chp_or(either->group, either->chans, CHANS);
	KUNIT_EXPECT_PTR_EQ(test, out, ERR_PTR(-ESHUTDOWN));
}

static struct kunit_case or_cases[] = {
	KUNIT_CASE_PARAM(all_comes_through_when_the_input_ends_first,
			 cap_gen_params),
	KUNIT_CASE_PARAM(values_come_until_the_context_ends, cap_gen_params),
	KUNIT_CASE_PARAM(it_ends_while_the_input_is_quiet, cap_gen_params),
	KUNIT_CASE_PARAM(it_ends_at_the_deadline, cap_gen_params),
	KUNIT_CASE(the_one_in_hand_is_dropped),
	KUNIT_CASE_PARAM(an_ended_context_wins_over_what_is_ready,
			 cap_gen_params),
	KUNIT_CASE_PARAM(the_end_of_the_group_is_the_end_too, cap_gen_params),
	KUNIT_CASE_PARAM(a_reader_that_closes_stops_upstream, cap_gen_params),
	KUNIT_CASE(the_input_may_be_left_open),
	KUNIT_CASE_PARAM(the_context_may_end_at_any_moment, cap_gen_params),
	KUNIT_CASE(an_impossible_one_is_refused),
	KUNIT_CASE(the_first_close_is_the_end),
	KUNIT_CASE(one_signal_is_the_end),
	KUNIT_CASE(what_has_ended_before_is_the_end_at_once),
	KUNIT_CASE(the_end_of_the_group_ends_it),
	KUNIT_CASE(a_reader_may_close_it),
	KUNIT_CASE(none_and_nothing_never_end),
	KUNIT_CASE(many_may_wait_for_it),
	KUNIT_CASE(a_thousand_have_one_end),
	KUNIT_CASE(an_impossible_or_is_refused),
	{}
};

struct kunit_suite chp_or_suite = {
	.name = "chanpat_or",
	.init = chp_test_init,
	.test_cases = or_cases,
};
