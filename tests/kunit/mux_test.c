// SPDX-License-Identifier: GPL-2.0
/*
 * Merging: what is promised in <chanpat/mux.h>. The value of a piece says which
 * input it comes from, and its number there.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include "muxes.h"
#include "suites.h"

#define NEVER U64_MAX
#define FROM(source, number) (((u64)(source) << 32) + (number))
#define SOURCE(value) ((value) >> 32)
#define NUMBER(value) ((u32)(value))

/**
 * struct rig - a merge, and what goes through it
 * @ledger: of the pieces
 * @config: of the merge
 * @group: owns it
 * @ins: the inputs
 * @n: how many
 * @sources: for inputs that have one
 * @next: for each input the number of the piece that comes next
 * @out: the output
 */
struct rig {
	struct chp_ledger ledger;
	struct chp_mux_config config;
	struct chp_group *group;
	struct chp_chan **ins;
	unsigned int n;
	struct chp_source *sources;
	u32 *next;
	struct chp_chan *out;
};

static struct rig *rig_make(struct kunit *test, unsigned int n,
			    unsigned int cap)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->config = (struct chp_mux_config){
		.name = "merge", .cap = cap, .drop = chp_piece_drop,
	};
	rig->n = n;
	rig->ins = kunit_kcalloc(test, n, sizeof(*rig->ins), GFP_KERNEL);
	rig->sources = kunit_kcalloc(test, n, sizeof(*rig->sources),
				     GFP_KERNEL);
	rig->next = kunit_kcalloc(test, n, sizeof(*rig->next), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rig->ins);
	KUNIT_ASSERT_NOT_NULL(test, rig->sources);
	KUNIT_ASSERT_NOT_NULL(test, rig->next);
	rig->group = chp_test_group(test, NULL);
	return rig;
}

/* Input @i has @n pieces in its buffer, and may get more. */
static void rig_fill(struct kunit *test, struct rig *rig, unsigned int i,
		     unsigned int n)
{
	rig->ins[i] = chp_test_filled(test, &rig->ledger, FROM(i, 0), n);
}

/* Input @i is a generator of @n pieces. */
static void rig_source(struct kunit *test, struct rig *rig, unsigned int i,
		       u64 n, unsigned int cap)
{
	struct chp_source *source = &rig->sources[i];

	source->ledger = &rig->ledger;
	atomic64_set(&source->next, FROM(i, 0));
	source->end = n == NEVER ? NEVER : FROM(i, n);
	rig->ins[i] = chp_test_source(test, rig->group, source, cap);
}

static void rig_start(struct kunit *test, struct rig *rig)
{
	rig->out = chp_merge(rig->group, rig->ins, rig->n, &rig->config);
	chp_test_hold(test, &rig->out);
	chp_test_group_finish(test, rig->group);
}

/* All inputs have an element in hand, and the output has no room. */
static void rig_blocks(struct kunit *test, struct rig *rig, unsigned int n)
{
	CHP_EVENTUALLY(test, chp_test_senders(rig->out) == n);
}

static void rig_send(struct kunit *test, struct rig *rig, u64 value)
{
	struct chp_piece piece;

	chp_piece_make(&piece, &rig->ledger, value);
	KUNIT_ASSERT_EQ(test, chp_send(rig->group->ctx,
				       rig->ins[SOURCE(value)], &piece), 0);
}

/* Whatever comes next; the pieces of an input keep their order. */
static unsigned int rig_get_any(struct kunit *test, struct rig *rig)
{
	struct chp_piece piece;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, chp_test_recv(rig->out, &piece), 0);
	i = SOURCE(piece.value);
	KUNIT_ASSERT_LT(test, i, rig->n);
	KUNIT_ASSERT_EQ(test, NUMBER(piece.value), rig->next[i]);
	rig->next[i]++;
	return i;
}

/*
 * The merge has ended by itself, nobody can send to it any more, and every
 * piece has come to one end.
 */
static void rig_over(struct kunit *test, struct rig *rig)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	KUNIT_EXPECT_TRUE(test, chp_test_closed(rig->out));
	for (i = 0; i < rig->n; i++) {
		KUNIT_EXPECT_TRUE(test, chp_test_closed(rig->ins[i]));
		chp_test_drain(rig->ins[i]);
	}
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

static void all_that_comes_in_comes_out_in_its_order(struct kunit *test)
{
	static const unsigned int pieces[] = { 5, 0, 40, 1 };
	struct rig *rig = rig_make(test, ARRAY_SIZE(pieces), test_cap(test));
	unsigned int i, left = 0;

	for (i = 0; i < rig->n; i++) {
		rig_fill(test, rig, i, pieces[i]);
		chp_close(rig->ins[i]);
		left += pieces[i];
	}
	rig_start(test, rig);
	while (left--)
		rig_get_any(test, rig);
	chp_test_get_end(test, rig->out);
	rig_over(test, rig);
	for (i = 0; i < rig->n; i++)
		KUNIT_EXPECT_EQ(test, rig->next[i], pieces[i]);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 0);
}

/* One after the other; the output ends after the last, not before. */
static void inputs_may_end_at_different_times(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3, test_cap(test));
	unsigned int i, j;

	for (i = 0; i < 3; i++)
		rig_fill(test, rig, i, 0);
	rig_start(test, rig);
	for (i = 0; i < 3; i++) {
		for (j = i; j < 3; j++) {
			rig_send(test, rig, FROM(j, i));
			KUNIT_EXPECT_EQ(test, rig_get_any(test, rig), j);
		}
		KUNIT_EXPECT_FALSE(test, chp_test_closed(rig->out));
		chp_close(rig->ins[i]);
	}
	chp_test_get_end(test, rig->out);
	rig_over(test, rig);
}

static void a_dead_input_holds_up_nobody_but_the_end(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3, test_cap(test));
	struct chp_piece piece;
	int i;

	rig_fill(test, rig, 0, 0);
	rig_source(test, rig, 1, 100, 0);
	rig_source(test, rig, 2, 100, 3);
	rig_start(test, rig);
	for (i = 0; i < 200; i++)
		KUNIT_EXPECT_NE(test, rig_get_any(test, rig), 0);
	KUNIT_EXPECT_EQ(test, chp_try_recv(rig->out, &piece), -EAGAIN);
	KUNIT_EXPECT_FALSE(test, chp_test_closed(rig->out));
	chp_close(rig->ins[0]);
	chp_test_get_end(test, rig->out);
	rig_over(test, rig);
}

/* As long as the reader is what all wait for. */
static void inputs_that_are_always_ready_take_turns(struct kunit *test)
{
	const unsigned int cap = test_cap(test), reads = 400;
	struct rig *rig = rig_make(test, 2, cap);
	unsigned int i, came[2] = { };

	rig_fill(test, rig, 0, reads);
	rig_source(test, rig, 1, NEVER, 5);
	rig_start(test, rig);
	for (i = 0; i < reads; i++) {
		rig_blocks(test, rig, 2);
		came[rig_get_any(test, rig)]++;
	}
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_GE(test, came[i], reads * 45 / 100);
		KUNIT_EXPECT_LE(test, came[i], reads * 55 / 100);
	}
	chp_close(rig->out);
	rig_over(test, rig);
}

/* Nobody waits as long as there is room: it is shared all the same. */
static void inputs_share_the_room_in_the_buffer(struct kunit *test)
{
	const unsigned int cap = 256;
	struct rig *rig = rig_make(test, 2, cap);
	unsigned int i, came[2] = { };

	if (num_online_cpus() > 1)
		kunit_skip(test, "as fair as the CPUs are fast");
	rig_fill(test, rig, 0, 2 * cap);
	rig_fill(test, rig, 1, 2 * cap);
	rig_start(test, rig);
	rig_blocks(test, rig, 2);
	for (i = 0; i < cap; i++)
		came[rig_get_any(test, rig)]++;
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_GE(test, came[i], cap * 45 / 100);
		KUNIT_EXPECT_LE(test, came[i], cap * 55 / 100);
	}
	chp_close(rig->out);
	rig_over(test, rig);
}

/* What is buffered goes first, then the piece that floods have in hand. */
static void a_flood_does_not_starve_the_others(struct kunit *test)
{
	const unsigned int cap = test_cap(test), floods = 4;
	struct rig *rig = rig_make(test, floods + 1, cap);
	unsigned int i, n;

	rig_fill(test, rig, 0, 0);
	for (i = 1; i <= floods; i++)
		rig_source(test, rig, i, NEVER, 5);
	rig_start(test, rig);
	for (i = 0; i < 20; i++) {
		rig_blocks(test, rig, floods);
		rig_send(test, rig, FROM(0, i));
		rig_blocks(test, rig, floods + 1);
		for (n = 1; rig_get_any(test, rig); n++)
			;
		KUNIT_EXPECT_LE(test, n, cap + floods + 1);
	}
	chp_close(rig->out);
	rig_over(test, rig);
}

/* The generators, too, end: the group is not cancelled. */
static void a_reader_that_closes_stops_all_upstream(struct kunit *test)
{
	struct rig *rig = rig_make(test, 4, test_cap(test));
	int i;

	rig_source(test, rig, 0, NEVER, 0);
	rig_source(test, rig, 1, NEVER, 7);
	rig_fill(test, rig, 2, 0);
	rig_fill(test, rig, 3, 0);
	rig_start(test, rig);
	for (i = 0; i < 100; i++)
		rig_get_any(test, rig);
	KUNIT_EXPECT_EQ(test, chp_close(rig->out), 0);
	rig_over(test, rig);
}

static void one_that_is_closed_from_the_start_takes_one_of_each(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2, test_cap(test));
	unsigned int left;

	rig_fill(test, rig, 0, 10);
	rig_fill(test, rig, 1, 10);
	rig_start(test, rig);
	chp_close(rig->out);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	left = chp_len(rig->ins[0]) + chp_len(rig->ins[1]);
	/* Save for what had come into the buffer before. */
	KUNIT_EXPECT_GE(test, left + chp_len(rig->out), 18);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped),
			20 - left - chp_len(rig->out));
}

static void cancel_drops_what_is_in_hand_alone(struct kunit *test)
{
	const unsigned int n = 5, pieces = 20;
	unsigned int i, cap = test_cap(test), left = 0;
	struct rig *rig = rig_make(test, n, cap);

	for (i = 0; i < n; i++)
		rig_fill(test, rig, i, pieces);
	rig_start(test, rig);
	rig_blocks(test, rig, n);
	chp_group_cancel(rig->group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), n);
	KUNIT_EXPECT_EQ(test, chp_len(rig->out), cap);
	for (i = 0; i < n; i++)
		left += chp_len(rig->ins[i]);
	KUNIT_EXPECT_EQ(test, left, n * pieces - n - cap);
	/* What came into the output can be received, or goes with it. */
	for (i = 0; i < cap / 2; i++)
		rig_get_any(test, rig);
	chp_test_let_go(&rig->out);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped),
			n + cap - cap / 2);
}

static void cancel_ends_a_merge_of_quiet_inputs(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3, test_cap(test));
	unsigned int i;

	for (i = 0; i < 3; i++)
		rig_fill(test, rig, i, 0);
	rig_start(test, rig);
	for (i = 0; i < 3; i++)
		CHP_EVENTUALLY(test, chp_test_receivers(rig->ins[i]) == 1);
	chp_group_cancel(rig->group);
	chp_test_get_end(test, rig->out);
	rig_over(test, rig);
}

static void nothing_is_taken_in_a_cancelled_group(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2, test_cap(test));

	rig_fill(test, rig, 0, 3);
	rig_fill(test, rig, 1, 3);
	chp_group_cancel(rig->group);
	rig_start(test, rig);
	chp_test_get_end(test, rig->out);
	KUNIT_EXPECT_EQ(test, chp_len(rig->ins[0]), 3);
	KUNIT_EXPECT_EQ(test, chp_len(rig->ins[1]), 3);
	rig_over(test, rig);
}

/* Each has its turn before any has its second, with a full output. */
static void a_thousand_inputs_are_read_as_one(struct kunit *test)
{
	const unsigned int n = 1000, pieces = 3;
	struct rig *rig = rig_make(test, n, 0);
	unsigned int i;

	for (i = 0; i < n; i++) {
		rig_fill(test, rig, i, pieces);
		chp_close(rig->ins[i]);
	}
	rig_start(test, rig);
	rig_blocks(test, rig, n);
	for (i = 0; i < n; i++)
		rig_get_any(test, rig);
	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(test, rig->next[i], 1);
	for (i = 0; i < n * (pieces - 1); i++)
		rig_get_any(test, rig);
	chp_test_get_end(test, rig->out);
	rig_over(test, rig);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, rig->next[i], pieces);
}

static void a_thousand_generators_are_stopped_by_one_close(struct kunit *test)
{
	const unsigned int n = 1000;
	struct rig *rig = rig_make(test, n, 0);
	unsigned int i;

	for (i = 0; i < n; i++)
		rig_source(test, rig, i, NEVER, 0);
	rig_start(test, rig);
	for (i = 0; i < 2 * n; i++)
		rig_get_any(test, rig);
	chp_close(rig->out);
	rig_over(test, rig);
}

/* A thread that sends its pieces to an input, and closes it. */
struct sender {
	struct rig *rig;
	unsigned int input;
	u32 n;
};

static int send_all(struct chp_ctx *ctx, void *data)
{
	struct sender *sender = data;
	struct chp_chan *ch = sender->rig->ins[sender->input];
	struct chp_piece piece;
	int err = 0;
	u32 i;

	for (i = 0; i < sender->n && !err; i++) {
		chp_piece_make(&piece, &sender->rig->ledger,
			       FROM(sender->input, i));
		err = chp_send(ctx, ch, &piece);
	}
	chp_close(ch);
	return err;
}

static void storm_sender(struct kunit *test, struct rig *rig, unsigned int i,
			 u32 n)
{
	struct sender *sender = kunit_kzalloc(test, sizeof(*sender), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sender);
	*sender = (struct sender){ .rig = rig, .input = i, .n = n };
	rig->ins[i] = chp_test_chan(test, sizeof(struct chp_piece), i % 5);
	chp_test_group_finish(test, rig->group);
	KUNIT_ASSERT_EQ(test, chp_go(rig->group, "sender", send_all, sender), 0);
}

/* Threads and tasks send; every piece arrives once, in the order of its input. */
static void a_storm_arrives_complete(struct kunit *test)
{
	const unsigned int n = 12;
	const u32 pieces = chp_storm / n;
	struct rig *rig = rig_make(test, n, test_cap(test));
	unsigned int i;
	u32 left;

	for (i = 0; i < n; i++) {
		if (i % 2)
			rig_source(test, rig, i, pieces, i % 5);
		else
			storm_sender(test, rig, i, pieces);
	}
	rig_start(test, rig);
	for (left = n * pieces; left; left--)
		rig_get_any(test, rig);
	chp_test_get_end(test, rig->out);
	rig_over(test, rig);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, rig->next[i], pieces);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 0);
}

/* Over and over, at whatever moment. */
static void a_storm_is_closed_or_cancelled_without_a_loss(struct kunit *test)
{
	struct rig *rig;
	unsigned int i, round;

	for (round = 0; round < 40; round++) {
		rig = rig_make(test, 4, test_cap(test));
		for (i = 0; i < 4; i++)
			rig_source(test, rig, i, i ? NEVER : 10, i);
		rig_start(test, rig);
		for (i = 0; i < round * 3; i++)
			rig_get_any(test, rig);
		if (round % 2)
			chp_group_cancel(rig->group);
		else
			chp_close(rig->out);
		rig_over(test, rig);
	}
}

static void a_merge_may_be_merged(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2, 0), *inner = rig_make(test, 2, 0);
	unsigned int i;
	u64 sum = 0;
	struct chp_piece piece;

	inner->group = rig->group;
	for (i = 0; i < 2; i++)
		rig_source(test, inner, i, 50, 0);
	rig_start(test, inner);
	rig->ins[0] = inner->out;
	rig->ins[1] = chp_test_filled(test, &rig->ledger, 1000, 1);
	chp_close(rig->ins[1]);
	rig_start(test, rig);
	for (i = 0; !chp_test_recv(rig->out, &piece); i++)
		sum += NUMBER(piece.value);
	KUNIT_EXPECT_EQ(test, i, 101);
	KUNIT_EXPECT_EQ(test, sum, 2 * 49 * 50 / 2 + 1000);
	rig_over(test, rig);
	chp_test_settled(test, &inner->ledger);
}

static void a_merge_is_refused(struct kunit *test, struct rig *rig,
			       unsigned int n, int err)
{
	unsigned int i;

	KUNIT_EXPECT_PTR_EQ(test, chp_merge(rig->group, rig->ins, n,
					    &rig->config), ERR_PTR(err));
	for (i = 0; i < rig->n; i++)
		if (rig->ins[i])
			KUNIT_EXPECT_FALSE(test, chp_test_closed(rig->ins[i]));
}

static void an_impossible_merge_is_refused(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2, 0);

	rig_fill(test, rig, 0, 3);
	rig_fill(test, rig, 1, 3);
	a_merge_is_refused(test, rig, 0, -EINVAL);
	a_merge_is_refused(test, rig, CHP_MUX_MAX + 1, -EINVAL);
	rig->config.cap = CHP_CAP_MAX + 1;
	a_merge_is_refused(test, rig, 2, -EINVAL);
	rig->config.cap = 0;
	rig->config.keep = true;
	a_merge_is_refused(test, rig, 2, -EINVAL);
	rig->config.keep = false;
	rig->ins[1] = NULL;
	a_merge_is_refused(test, rig, 2, -EINVAL);
	rig->ins[1] = chp_test_chan(test, 1, 0);
	a_merge_is_refused(test, rig, 2, -EINVAL);
	rig->ins[1] = rig->ins[0];
	KUNIT_ASSERT_EQ(test, chp_group_set_limit(rig->group, 2), 0);
	a_merge_is_refused(test, rig, 2, -EINVAL);
	KUNIT_ASSERT_EQ(test, chp_group_set_limit(rig->group, 0), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	a_merge_is_refused(test, rig, 2, -ESHUTDOWN);
}

static struct kunit_case mux_cases[] = {
	KUNIT_CASE_PARAM(all_that_comes_in_comes_out_in_its_order,
			 cap_gen_params),
	KUNIT_CASE_PARAM(inputs_may_end_at_different_times, cap_gen_params),
	KUNIT_CASE_PARAM(a_dead_input_holds_up_nobody_but_the_end,
			 cap_gen_params),
	KUNIT_CASE_PARAM(inputs_that_are_always_ready_take_turns,
			 cap_gen_params),
	KUNIT_CASE_PARAM(a_flood_does_not_starve_the_others, cap_gen_params),
	KUNIT_CASE_PARAM(a_reader_that_closes_stops_all_upstream,
			 cap_gen_params),
	KUNIT_CASE_PARAM(one_that_is_closed_from_the_start_takes_one_of_each,
			 cap_gen_params),
	KUNIT_CASE_PARAM(cancel_drops_what_is_in_hand_alone, cap_gen_params),
	KUNIT_CASE_PARAM(cancel_ends_a_merge_of_quiet_inputs, cap_gen_params),
	KUNIT_CASE_PARAM(nothing_is_taken_in_a_cancelled_group, cap_gen_params),
	KUNIT_CASE_PARAM(a_storm_arrives_complete, cap_gen_params),
	KUNIT_CASE_PARAM(a_storm_is_closed_or_cancelled_without_a_loss,
			 cap_gen_params),
	KUNIT_CASE(inputs_share_the_room_in_the_buffer),
	KUNIT_CASE(a_thousand_inputs_are_read_as_one),
	KUNIT_CASE(a_thousand_generators_are_stopped_by_one_close),
	KUNIT_CASE(a_merge_may_be_merged),
	KUNIT_CASE(an_impossible_merge_is_refused),
	{}
};

struct kunit_suite chp_mux_suite = {
	.name = "chanpat_mux",
	.init = chp_test_init,
	.test_cases = mux_cases,
};
