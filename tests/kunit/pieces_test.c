// SPDX-License-Identifier: GPL-2.0
/* Stages that make several pieces of one element: CHP_MORE. */
#include <linux/err.h>
#include <linux/minmax.h>
#include "stages.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

#define INPUTS 64
#define MANY 1000	/* more pieces than an input has; its number in a value */

/**
 * struct chop - makes pieces of elements, and what happened
 * @ledger: of the elements
 * @all: every element has as many pieces; 0: as many as its value modulo 4
 * @last: the verdict on the last piece
 * @end: pieces that its end makes
 * @values: of the elements, by their numbers: workers have none of their own
 * @ends: calls of its end
 * @calls: of its function
 * @wrong: calls with a piece or a number that cannot be
 */
struct chop {
	struct chp_ledger *ledger;
	u64 all;
	int last;
	u64 end;
	u64 values[INPUTS];
	atomic_t ends;
	atomic_t calls;
	atomic_t wrong;
};

static int chop_item(struct chp_worker *worker, void *elem)
{
	struct chop *chop = chp_worker_data(worker);
	u64 seq = chp_worker_seq(worker), k = chp_worker_piece(worker), n;
	struct chp_piece *piece = elem;

	atomic_inc(&chop->calls);
	if (seq >= INPUTS) {
		atomic_inc(&chop->wrong);
		return -ERANGE;
	}
	if (!k) {
		chop->values[seq] = piece->value;
		chp_piece_eat(piece);
	}
	n = chop->all ?: chop->values[seq] % 4;
	if (!n)
		return CHP_DROP;
	if (k + 1 == n && chop->last < 0)
		return chop->last;
	if (k >= n)
		atomic_inc(&chop->wrong);
	chp_piece_make(piece, chop->ledger, chop->values[seq] * MANY + k);
	return k + 1 < n ? CHP_MORE : chop->last;
}

static int chop_end(struct chp_worker *worker, void *elem)
{
	struct chop *chop = chp_worker_data(worker);
	u64 k = chp_worker_piece(worker);

	if (k != atomic_fetch_inc(&chop->ends))
		atomic_inc(&chop->wrong);
	if (k >= chop->end)
		return CHP_DROP;
	chp_piece_make(elem, chop->ledger, INPUTS * MANY + k);
	return CHP_MORE;
}

static const struct chp_stage_ops chop_ops = {
	.item = chop_item,
	.end = chop_end,
	.drop = chp_piece_drop,
};

struct rig {
	struct chp_ledger ledger;
	struct chop chop;
	struct chp_stage_config config;
	struct chp_chan *in;
	struct chp_chan *out;
	struct chp_group *group;
	struct chp_stage *stage;
};

static struct rig *rig_make(struct kunit *test, unsigned int workers)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->chop.ledger = &rig->ledger;
	rig->chop.last = CHP_EMIT;
	rig->config = (struct chp_stage_config){
		.name = "chop",
		.ops = &chop_ops,
		.data = &rig->chop,
		.workers = workers,
		.ordered = true,
		.sleeps = chp_test_form(test) == CHP_THREAD,
	};
	rig->in = chp_test_chan(test, sizeof(struct chp_piece), INPUTS);
	rig->out = chp_test_chan(test, sizeof(struct chp_piece), 0);
	rig->group = chp_test_group(test, NULL);
	return rig;
}

static void rig_start(struct kunit *test, struct rig *rig, unsigned int n)
{
	struct chp_piece piece;
	unsigned int i;

	for (i = 0; i < n; i++) {
		chp_piece_make(&piece, &rig->ledger, i);
		KUNIT_ASSERT_EQ(test, chp_try_send(rig->in, &piece), 0);
	}
	chp_close(rig->in);
	rig->stage = chp_test_stage(test, &rig->config, rig->in, rig->out);
	chp_test_stage_start(test, rig->stage, rig->group);
}

static void rig_over(struct kunit *test, struct rig *rig, int err)
{
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), err);
	chp_test_drain(rig->in);
	if (rig->out)
		chp_test_drain(rig->out);
	chp_test_settled(test, &rig->ledger);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->chop.wrong), 0);
}

static void rig_get(struct kunit *test, struct rig *rig, u64 value)
{
	struct chp_piece piece;

	KUNIT_ASSERT_EQ(test, chp_test_recv(rig->out, &piece), 0);
	KUNIT_ASSERT_EQ(test, piece.value, value);
}

static void rig_get_end(struct kunit *test, struct rig *rig)
{
	struct chp_piece piece;

	KUNIT_EXPECT_EQ(test, chp_test_recv(rig->out, &piece), -EPIPE);
}

static void nothing_comes_between_the_pieces_when_ordered(struct kunit *test)
{
	static const unsigned int workers[] = { 1, 2, 9 };
	struct chp_stage_stats stats;
	struct rig *rig;
	unsigned int i;
	u64 v, k;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		rig = rig_make(test, workers[i]);
		rig_start(test, rig, INPUTS);
		for (v = 0; v < INPUTS; v++)
			for (k = 0; k < v % 4; k++)
				rig_get(test, rig, v * MANY + k);
		rig_get_end(test, rig);
		rig_over(test, rig, 0);
		chp_stage_stats(rig->stage, &stats);
		KUNIT_EXPECT_EQ(test, stats.taken, INPUTS);
		KUNIT_EXPECT_EQ(test, stats.sent, INPUTS / 4 * 6);
	}
}

/* Each input's own are in order; those of several are mixed. */
static void all_pieces_come_when_not_ordered(struct kunit *test)
{
	struct rig *rig = rig_make(test, 7);
	u64 next[INPUTS] = {}, v;
	struct chp_piece piece;

	rig->config.ordered = false;
	rig_start(test, rig, INPUTS);
	while (!chp_test_recv(rig->out, &piece)) {
		v = min_t(u64, piece.value / MANY, INPUTS - 1);
		KUNIT_EXPECT_EQ(test, piece.value, v * MANY + next[v]);
		next[v]++;
	}
	rig_over(test, rig, 0);
	for (v = 0; v < INPUTS; v++)
		KUNIT_EXPECT_EQ(test, next[v], v % 4);
}

static void a_reader_that_closes_ends_the_pieces(struct kunit *test)
{
	static const unsigned int workers[] = { 1, 5 };
	struct rig *rig;
	unsigned int i;
	u64 k;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		rig = rig_make(test, workers[i]);
		rig->chop.all = U64_MAX;
		rig_start(test, rig, INPUTS);
		for (k = 0; k < 200; k++)
			rig_get(test, rig, k);
		chp_close(rig->out);
		rig_over(test, rig, 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->chop.ends), 0);
	}
}

static void cancel_ends_the_pieces(struct kunit *test)
{
	static const unsigned int workers[] = { 1, 5 };
	struct rig *rig;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		rig = rig_make(test, workers[i]);
		rig->chop.all = U64_MAX;
		rig_start(test, rig, INPUTS);
		rig_get(test, rig, 0);
		rig_get(test, rig, 1);
		chp_group_cancel(rig->group);
		rig_over(test, rig, 0);
	}
}

/* It waits for nothing, and yet sees that it is to end, and lets others run. */
static void cancel_ends_the_pieces_that_nobody_takes(struct kunit *test)
{
	struct rig *rig = rig_make(test, 2);

	rig->chop.all = U64_MAX;
	rig->config.ordered = false;
	rig->out = NULL;
	rig_start(test, rig, INPUTS);
	/* Each has one input, also where both have to share one CPU. */
	CHP_EVENTUALLY(test, atomic_read(&rig->ledger.eaten) == 2 &&
		       atomic_read(&rig->chop.calls) > 300);
	chp_group_cancel(rig->group);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.eaten), 2);
}

static void the_verdict_on_the_last_piece_counts(struct kunit *test)
{
	static const int verdicts[] = { CHP_LAST, -EIO };
	struct rig *rig;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		rig = rig_make(test, 1);
		rig->chop.all = 3;
		rig->chop.last = verdicts[i];
		rig_start(test, rig, INPUTS);
		rig_get(test, rig, 0);
		rig_get(test, rig, 1);
		if (verdicts[i] == CHP_LAST)
			rig_get(test, rig, 2);
		rig_get_end(test, rig);
		rig_over(test, rig, min(verdicts[i], 0));
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->chop.calls), 3);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->chop.ends), 0);
	}
}

static void an_end_may_have_several_pieces(struct kunit *test)
{
	static const unsigned int workers[] = { 1, 6 };
	struct rig *rig;
	unsigned int i;
	u64 k;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		rig = rig_make(test, workers[i]);
		rig->chop.end = 5;
		rig_start(test, rig, 2);
		rig_get(test, rig, MANY);
		for (k = 0; k < 5; k++)
			rig_get(test, rig, INPUTS * MANY + k);
		rig_get_end(test, rig);
		rig_over(test, rig, 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->chop.ends), 6);
	}
}

static void cancel_ends_an_end_of_many_pieces(struct kunit *test)
{
	struct rig *rig = rig_make(test, 1);

	rig->chop.end = U64_MAX;
	rig_start(test, rig, 0);
	rig_get(test, rig, INPUTS * MANY);
	chp_group_cancel(rig->group);
	rig_over(test, rig, 0);
}

static void an_end_without_an_output_is_dropped(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3);

	rig->chop.end = 5;
	rig->out = NULL;
	rig_start(test, rig, 2);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 6);
}

static struct kunit_case pieces_cases[] = {
	KUNIT_CASE_PARAM(nothing_comes_between_the_pieces_when_ordered,
			 form_gen_params),
	KUNIT_CASE_PARAM(all_pieces_come_when_not_ordered, form_gen_params),
	KUNIT_CASE_PARAM(a_reader_that_closes_ends_the_pieces, form_gen_params),
	KUNIT_CASE_PARAM(cancel_ends_the_pieces, form_gen_params),
	KUNIT_CASE_PARAM(cancel_ends_the_pieces_that_nobody_takes,
			 form_gen_params),
	KUNIT_CASE_PARAM(the_verdict_on_the_last_piece_counts, form_gen_params),
	KUNIT_CASE_PARAM(an_end_may_have_several_pieces, form_gen_params),
	KUNIT_CASE_PARAM(cancel_ends_an_end_of_many_pieces, form_gen_params),
	KUNIT_CASE_PARAM(an_end_without_an_output_is_dropped, form_gen_params),
	{}
};

struct kunit_suite chp_pieces_suite = {
	.name = "chanpat_pieces",
	.init = chp_test_init,
	.test_cases = pieces_cases,
};
