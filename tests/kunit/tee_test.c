// SPDX-License-Identifier: GPL-2.0
/*
 * Tees: what is promised of them in <chanpat/mux.h>, for tasks that share their
 * worker and for those that may sleep.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include "muxes.h"
#include "suites.h"

#define NEVER U64_MAX
#define OUTS 4

/**
 * struct rig - a tee, and what goes through it
 * @ledger: of the pieces
 * @config: of the tee
 * @group: owns it
 * @source: for an input that is a generator
 * @in: the input
 * @outs: the outputs
 * @n: how many
 * @copies: that were made
 * @fail_at: the copy of this number fails
 * @err: with this error
 */
struct rig {
	struct chp_ledger ledger;
	struct chp_mux_config config;
	struct chp_group *group;
	struct chp_source source;
	struct chp_chan *in;
	struct chp_chan *outs[OUTS];
	unsigned int n;
	int copies;
	int fail_at;
	int err;
};

static int rig_copy(void *to, const void *from)
{
	const struct chp_piece *piece = from;
	struct rig *rig = container_of(piece->ledger, struct rig, ledger);

	if (++rig->copies == rig->fail_at)
		return rig->err;
	chp_piece_make(to, &rig->ledger, piece->value);
	return 0;
}

static struct rig *rig_make_form(struct kunit *test, enum chp_form form,
				 unsigned int n, unsigned int cap)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->config = (struct chp_mux_config){
		.name = "tee", .cap = cap, .sleeps = form == CHP_THREAD,
		.copy = rig_copy, .drop = chp_piece_drop,
	};
	rig->n = n;
	rig->source.ledger = &rig->ledger;
	rig->group = chp_test_group(test, NULL);
	return rig;
}

static struct rig *rig_make(struct kunit *test, unsigned int n,
			    unsigned int cap)
{
	return rig_make_form(test, chp_test_form(test), n, cap);
}

static void rig_fill(struct kunit *test, struct rig *rig, unsigned int n)
{
	rig->in = chp_test_filled(test, &rig->ledger, 0, n);
}

static void rig_source(struct kunit *test, struct rig *rig, u64 n)
{
	rig->source.end = n;
	rig->in = chp_test_source(test, rig->group, &rig->source, 2);
}

static void rig_start(struct kunit *test, struct rig *rig)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, chp_tee(rig->group, rig->in, rig->outs, rig->n,
				      &rig->config), 0);
	for (i = 0; i < rig->n; i++)
		chp_test_hold(test, &rig->outs[i]);
	chp_test_group_finish(test, rig->group);
}

static void rig_over(struct kunit *test, struct rig *rig, int err)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), err);
	KUNIT_EXPECT_TRUE(test, chp_test_closed(rig->in));
	chp_test_drain(rig->in);
	for (i = 0; i < rig->n; i++) {
		KUNIT_EXPECT_TRUE(test, chp_test_closed(rig->outs[i]));
		chp_test_let_go(&rig->outs[i]);
	}
	chp_test_settled(test, &rig->ledger);
}

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static void every_output_gets_everything_in_order(struct kunit *test)
{
	struct rig *rig;
	unsigned int n, i;
	u64 value;

	for (n = 1; n <= OUTS; n++) {
		rig = rig_make(test, n, 20);
		rig_fill(test, rig, 20);
		chp_close(rig->in);
		rig_start(test, rig);
		for (i = 0; i < n; i++) {
			for (value = 0; value < 20; value++)
				chp_test_get(test, rig->outs[i], value);
			chp_test_get_end(test, rig->outs[i]);
		}
		rig_over(test, rig, 0);
		/* The element itself is the last of its copies. */
		KUNIT_EXPECT_EQ(test, rig->copies, 20 * (n - 1));
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 0);
	}
}

static void readers_have_their_own_pace_within_the_buffer(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2, 3);
	struct chp_piece piece;
	u64 value;

	rig_source(test, rig, NEVER);
	rig_start(test, rig);
	/* 0 to 2 fit into the buffer of the slow one; it waits for 3. */
	for (value = 0; value < 4; value++)
		chp_test_get(test, rig->outs[1], value);
	CHP_EVENTUALLY(test, chp_test_senders(rig->outs[0]) == 1);
	/* What it waits for holds up only what comes after that. */
	KUNIT_EXPECT_EQ(test, chp_try_recv(rig->outs[1], &piece), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_len(rig->outs[0]), 3);
	chp_test_get(test, rig->outs[0], 0);
	chp_test_get(test, rig->outs[1], 4);
	for (value = 1; value < 5; value++)
		chp_test_get(test, rig->outs[0], value);
	chp_close(rig->outs[0]);
	chp_close(rig->outs[1]);
	rig_over(test, rig, 0);
}

/* Without buffers: whoever comes gets it, in any order. */
static void who_is_ready_does_not_wait_for_the_others(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3, 0);
	static const unsigned int orders[][3] = {
		{ 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 0, 1 },
	};
	unsigned int i, j;

	rig_source(test, rig, NEVER);
	rig_start(test, rig);
	for (i = 0; i < 40; i++)
		for (j = 0; j < 3; j++)
			chp_test_get(test,
				     rig->outs[orders[i % 4][j]], i);
	for (i = 0; i < 3; i++)
		chp_close(rig->outs[i]);
	rig_over(test, rig, 0);
}

/* In whichever place it is, whatever it leaves behind. */
static void a_reader_that_goes_is_left_out(struct kunit *test)
{
	struct rig *rig;
	unsigned int gone, i;
	u64 value;

	for (gone = 0; gone < 3; gone++) {
		rig = rig_make(test, 3, 2);
		rig_source(test, rig, 30);
		rig_start(test, rig);
		/* They wait for this one, that has never read. */
		CHP_EVENTUALLY(test, chp_test_senders(rig->outs[gone]) == 1);
		chp_close(rig->outs[gone]);
		for (value = 0; value < 30; value++)
			for (i = 0; i < 3; i++)
				if (i != gone)
					chp_test_get(test, rig->outs[i], value);
		for (i = 0; i < 3; i++)
			if (i != gone)
				chp_test_get_end(test, rig->outs[i]);
		rig_over(test, rig, 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 3);
	}
}

static void one_that_goes_between_elements_is_left_out(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2, 0);
	struct chp_piece piece;

	rig_fill(test, rig, 0);
	rig_start(test, rig);
	CHP_EVENTUALLY(test, chp_test_receivers(rig->in) == 1);
	chp_close(rig->outs[1]);
	chp_piece_make(&piece, &rig->ledger, 5);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, rig->in, &piece), 0);
	chp_test_get(test, rig->outs[0], 5);
	chp_close(rig->in);
	chp_test_get_end(test, rig->outs[0]);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 1);
}

/* The generator ends, though nobody cancels it. */
static void when_all_readers_have_gone_upstream_stops(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3, 2);
	unsigned int i;

	rig_source(test, rig, NEVER);
	rig_start(test, rig);
	for (i = 0; i < 3; i++) {
		chp_test_get(test, rig->outs[i], 0);
		chp_close(rig->outs[i]);
	}
	rig_over(test, rig, 0);
}

static void when_all_go_at_once_the_one_in_hand_is_dropped(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3, 0);
	unsigned int i;

	rig_fill(test, rig, 10);
	rig_start(test, rig);
	CHP_EVENTUALLY(test, chp_test_senders(rig->outs[2]) == 1);
	for (i = 0; i < 3; i++)
		chp_close(rig->outs[i]);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 3);
	KUNIT_EXPECT_EQ(test, chp_len(rig->in), 9);
}

static void cancel_drops_what_is_in_hand_alone(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3, 2);
	u64 value;

	rig_fill(test, rig, 10);
	rig_start(test, rig);
	chp_test_get(test, rig->outs[1], 0);
	chp_test_get(test, rig->outs[1], 1);
	chp_test_get(test, rig->outs[1], 2);
	CHP_EVENTUALLY(test, chp_test_senders(rig->outs[0]) == 1);
	CHP_EVENTUALLY(test, chp_test_senders(rig->outs[2]) == 1);
	chp_group_cancel(rig->group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 2);
	KUNIT_EXPECT_EQ(test, chp_len(rig->in), 7);
	for (value = 0; value < 2; value++)
		chp_test_get(test, rig->outs[0], value);
	chp_test_get_end(test, rig->outs[0]);
	chp_test_let_go(&rig->outs[2]);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 4);
}

static void cancel_ends_a_tee_of_a_quiet_input(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2, 0);

	rig_fill(test, rig, 0);
	rig_start(test, rig);
	CHP_EVENTUALLY(test, chp_test_receivers(rig->in) == 1);
	chp_group_cancel(rig->group);
	chp_test_get_end(test, rig->outs[0]);
	chp_test_get_end(test, rig->outs[1]);
	rig_over(test, rig, 0);
}

/* The copies are for the outputs 0, 1 and 2, the element itself for 3. */
static void a_copy_that_fails_ends_the_group(struct kunit *test)
{
	struct chp_ctx *ctx;
	struct rig *rig;
	int at;

	for (at = 1; at <= 6; at++) {
		rig = rig_make(test, 4, 1);
		ctx = chp_ctx_get(rig->group->ctx);
		chp_test_ctx_keep(test, ctx);
		rig->fail_at = at;
		rig->err = -ENOMEM;
		rig_fill(test, rig, 10);
		rig_start(test, rig);
		CHP_EVENTUALLY(test, chp_test_closed(rig->outs[3]));
		KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), -ENOMEM);
		/* The first element, unless that is the one that failed. */
		KUNIT_EXPECT_EQ(test, chp_len(rig->outs[0]), at > 1);
		KUNIT_EXPECT_EQ(test, chp_len(rig->outs[2]), at > 3);
		KUNIT_EXPECT_EQ(test, chp_len(rig->outs[3]), at > 3);
		rig_over(test, rig, -ENOMEM);
		KUNIT_EXPECT_EQ(test, rig->copies, at);
	}
}

static void what_a_step_says_is_no_error_of_a_copy(struct kunit *test)
{
	static const int words[] = { -EAGAIN, -EINPROGRESS };
	struct rig *rig;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		rig = rig_make(test, 2, 0);
		rig->fail_at = 1;
		rig->err = words[i];
		rig_fill(test, rig, 2);
		rig_start(test, rig);
		chp_test_get_end(test, rig->outs[0]);
		rig_over(test, rig, -EINVAL);
	}
}

static void without_a_function_bytes_are_copied(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3, 4);
	struct chp_piece piece;
	unsigned int i;
	u64 value;

	rig->config.copy = NULL;
	rig->config.drop = NULL;
	rig_fill(test, rig, 4);
	chp_close(rig->in);
	rig_start(test, rig);
	for (i = 0; i < 3; i++) {
		for (value = 0; value < 4; value++) {
			KUNIT_EXPECT_EQ(test, chp_recv(NULL, rig->outs[i],
						       &piece), 0);
			KUNIT_EXPECT_EQ(test, piece.value, value);
			KUNIT_EXPECT_PTR_EQ(test, piece.ledger, &rig->ledger);
		}
		chp_test_get_end(test, rig->outs[i]);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
}

static void elements_may_be_signals_or_large(struct kunit *test)
{
	static const size_t sizes[] = { 0, 1, CHP_ELEM_MAX };
	u8 *elem = kunit_kzalloc(test, CHP_ELEM_MAX, GFP_KERNEL);
	const struct chp_mux_config config = { .name = "tee" };
	struct chp_chan *in, *outs[2];
	struct chp_group *group;
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, elem);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		in = chp_test_chan(test, sizes[i], 1);
		group = chp_test_group(test, NULL);
		KUNIT_ASSERT_EQ(test, chp_tee(group, in, outs, 2, &config), 0);
		memset(elem, 0x5a, CHP_ELEM_MAX);
		KUNIT_EXPECT_EQ(test, chp_send(NULL, in, elem), 0);
		chp_close(in);
		for (j = 0; j < 2; j++) {
			memset(elem, 0, CHP_ELEM_MAX);
			KUNIT_EXPECT_EQ(test, chp_recv(NULL, outs[!j], elem), 0);
			KUNIT_EXPECT_NULL(test, memchr_inv(elem, 0x5a, sizes[i]));
		}
		KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
		chp_chan_put(outs[0]);
		chp_chan_put(outs[1]);
	}
}

/* A close between two elements is noticed with the next, which it costs. */
static void a_tee_may_leave_its_input_open(struct kunit *test)
{
	struct rig *rig;
	int i;

	for (i = 1; i <= 2; i++) {
		rig = rig_make(test, 2, 0);
		rig->config.keep = true;
		rig_fill(test, rig, 5);
		rig_start(test, rig);
		chp_test_get(test, rig->outs[0], 0);
		if (i == 1) {
			chp_group_cancel(rig->group);
		} else {
			chp_close(rig->outs[0]);
			chp_close(rig->outs[1]);
		}
		KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
		KUNIT_EXPECT_FALSE(test, chp_test_closed(rig->in));
		KUNIT_EXPECT_EQ(test, chp_len(rig->in), 5 - i);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), i);
	}
}

/**
 * struct reader - a member of the group that reads an output
 * @ch: that output
 * @stop: it closes it after so many pieces
 * @got: pieces so far
 * @wrong: pieces that were not the next one
 * @end: what ended it
 */
struct reader {
	struct chp_chan *ch;
	u64 stop;
	u64 got;
	u64 wrong;
	int end;
};

static int reader_read(struct chp_ctx *ctx, void *data)
{
	struct reader *reader = data;
	struct chp_piece piece;

	while (reader->got < reader->stop) {
		reader->end = chp_recv(ctx, reader->ch, &piece);
		if (reader->end)
			return 0;
		atomic_inc(&piece.ledger->got);
		reader->wrong += piece.value != reader->got++;
	}
	chp_close(reader->ch);
	return 0;
}

static struct reader *reader_start(struct kunit *test, struct rig *rig,
				   unsigned int i, u64 stop)
{
	struct reader *reader = kunit_kzalloc(test, sizeof(*reader), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, reader);
	reader->ch = rig->outs[i];
	reader->stop = stop;
	chp_test_group_finish(test, rig->group);
	KUNIT_ASSERT_EQ(test, chp_go(rig->group, "reader", reader_read, reader),
			0);
	return reader;
}

/* Some go early; the others get everything, in order. */
static void a_storm_arrives_complete(struct kunit *test)
{
	static const unsigned int caps[] = { 0, 1, 16 };
	const u64 n = chp_storm / 4;
	struct reader *readers[OUTS];
	struct rig *rig;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		rig = rig_make(test, OUTS, caps[i]);
		rig_source(test, rig, n);
		rig_start(test, rig);
		for (j = 0; j < OUTS; j++)
			readers[j] = reader_start(test, rig, j,
						  j % 2 ? NEVER : n / (j + 2));
		rig_over(test, rig, 0);
		for (j = 0; j < OUTS; j++) {
			KUNIT_EXPECT_EQ(test, readers[j]->got,
					j % 2 ? n : n / (j + 2));
			KUNIT_EXPECT_EQ(test, readers[j]->wrong, 0);
			KUNIT_EXPECT_EQ(test, readers[j]->end,
					j % 2 ? -EPIPE : 0);
		}
	}
}

static void no_member_takes_a_failed_copy_for_the_end(struct kunit *test)
{
	struct reader *readers[2];
	struct rig *rig;
	int i, j;

	for (i = 0; i < 50; i++) {
		rig = rig_make(test, 2, 0);
		rig->fail_at = 4;
		rig->err = -ENOMEM;
		rig_source(test, rig, NEVER);
		rig_start(test, rig);
		for (j = 0; j < 2; j++)
			readers[j] = reader_start(test, rig, j, NEVER);
		rig_over(test, rig, -ENOMEM);
		for (j = 0; j < 2; j++)
			KUNIT_ASSERT_EQ(test, readers[j]->end, -ECANCELED);
	}
}

static void a_tee_of_many_outputs_serves_them_all(struct kunit *test)
{
	const struct chp_mux_config config = { .name = "tee" };
	struct chp_chan *in = chp_test_chan(test, sizeof(u64), 0);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_chan **outs;
	u64 value = 7;
	unsigned int i;

	outs = kunit_kcalloc(test, CHP_TEE_MAX, sizeof(*outs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, outs);
	KUNIT_ASSERT_EQ(test, chp_tee(group, in, outs, CHP_TEE_MAX, &config), 0);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, in, &value), 0);
	for (i = CHP_TEE_MAX; i--; ) {
		KUNIT_ASSERT_EQ(test, chp_recv(NULL, outs[i], &value), 0);
		KUNIT_ASSERT_EQ(test, value, 7);
	}
	chp_close(in);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < CHP_TEE_MAX; i++)
		chp_chan_put(outs[i]);
}

static void an_impossible_tee_is_refused(struct kunit *test)
{
	struct rig *rig = rig_make_form(test, CHP_TASK, 2, 0);

	rig_fill(test, rig, 3);
	KUNIT_EXPECT_EQ(test, chp_tee(rig->group, NULL, rig->outs, 2,
				      &rig->config), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_tee(rig->group, rig->in, rig->outs, 0,
				      &rig->config), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_tee(rig->group, rig->in, rig->outs,
				      CHP_TEE_MAX + 1, &rig->config), -EINVAL);
	rig->config.cap = CHP_CAP_MAX + 1;
	KUNIT_EXPECT_EQ(test, chp_tee(rig->group, rig->in, rig->outs, 2,
				      &rig->config), -EINVAL);
	rig->config.cap = 2;
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	KUNIT_EXPECT_EQ(test, chp_tee(rig->group, rig->in, rig->outs, 2,
				      &rig->config), -ESHUTDOWN);
	KUNIT_EXPECT_FALSE(test, chp_test_closed(rig->in));
	KUNIT_EXPECT_EQ(test, chp_len(rig->in), 3);
}

static struct kunit_case tee_cases[] = {
	KUNIT_CASE_PARAM(every_output_gets_everything_in_order,
			 form_gen_params),
	KUNIT_CASE_PARAM(readers_have_their_own_pace_within_the_buffer,
			 form_gen_params),
	KUNIT_CASE_PARAM(who_is_ready_does_not_wait_for_the_others,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_reader_that_goes_is_left_out, form_gen_params),
	KUNIT_CASE_PARAM(one_that_goes_between_elements_is_left_out,
			 form_gen_params),
	KUNIT_CASE_PARAM(when_all_readers_have_gone_upstream_stops,
			 form_gen_params),
	KUNIT_CASE_PARAM(when_all_go_at_once_the_one_in_hand_is_dropped,
			 form_gen_params),
	KUNIT_CASE_PARAM(cancel_drops_what_is_in_hand_alone, form_gen_params),
	KUNIT_CASE_PARAM(cancel_ends_a_tee_of_a_quiet_input, form_gen_params),
	KUNIT_CASE_PARAM(a_copy_that_fails_ends_the_group, form_gen_params),
	KUNIT_CASE_PARAM(what_a_step_says_is_no_error_of_a_copy,
			 form_gen_params),
	KUNIT_CASE_PARAM(without_a_function_bytes_are_copied, form_gen_params),
	KUNIT_CASE_PARAM(a_tee_may_leave_its_input_open, form_gen_params),
	KUNIT_CASE_PARAM(a_storm_arrives_complete, form_gen_params),
	KUNIT_CASE_PARAM(no_member_takes_a_failed_copy_for_the_end,
			 form_gen_params),
	KUNIT_CASE(elements_may_be_signals_or_large),
	KUNIT_CASE(a_tee_of_many_outputs_serves_them_all),
	KUNIT_CASE(an_impossible_tee_is_refused),
	{}
};

struct kunit_suite chp_tee_suite = {
	.name = "chanpat_tee",
	.init = chp_test_init,
	.test_cases = tee_cases,
};
