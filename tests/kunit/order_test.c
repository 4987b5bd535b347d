// SPDX-License-Identifier: GPL-2.0
/*
 * Ordered stages: whatever the workers do, elements leave in the order in which
 * they came. The workers take times that differ, and drop some of the elements;
 * which ones, and how long, depends on the element alone.
 */
#include <linux/delay.h>
#include <linux/jhash.h>
#include "stages.h"
#include "suites.h"

#define PIECES 150
#define CUT 50		/* where they are cut off */

/**
 * struct jumble - what the workers do
 * @seed: of the dice
 * @drops: one of five pieces is dropped
 * @sleeps: workers are threads
 * @hold: the piece of this value is delayed for an hour
 * @at: for the piece of this value
 * @verdict: the function returns this
 * @calls: of the function
 * @ledger: of the piece that is made at the end
 */
struct jumble {
	u32 seed;
	bool drops;
	bool sleeps;
	u64 hold;
	u64 at;
	int verdict;
	atomic_t calls;
	struct chp_ledger *ledger;
};

struct rig {
	struct chp_ledger ledger;
	struct chp_source source;
	struct jumble jumble;
	struct chp_chan *in;
	struct chp_chan *out;
	struct chp_group *group;
	struct chp_stage *stage;
};

static u32 jumble_dice(const struct jumble *jumble, u64 value)
{
	return jhash_1word(value, jumble->seed);
}

static bool jumble_keeps(const struct jumble *jumble, u64 value)
{
	return !jumble->drops || jumble_dice(jumble, value) % 5;
}

/* Some in a delay, some in their function, most at once. */
static void jumble_dawdle(struct jumble *jumble, struct chp_worker *worker,
			  u64 value)
{
	u32 dice = jumble_dice(jumble, value) / 5;

	if (value == jumble->hold)
		chp_worker_delay(worker, 3600 * (u64)NSEC_PER_SEC);
	else if (dice % 8 == 0)
		chp_worker_delay(worker, dice % 100000 + 1);
	else if (dice % 8 == 1 && jumble->sleeps)
		usleep_range(1, dice % 50 + 2);
	else if (dice % 8 == 2)
		udelay(dice % 20);
}

static int jumble_item(struct chp_worker *worker, void *elem)
{
	struct jumble *jumble = chp_worker_data(worker);
	struct chp_piece *piece = elem;

	atomic_inc(&jumble->calls);
	jumble_dawdle(jumble, worker, piece->value);
	if (piece->value == jumble->at)
		return jumble->verdict;
	if (jumble_keeps(jumble, piece->value))
		return CHP_EMIT;
	chp_piece_eat(piece);
	return CHP_DROP;
}

static int jumble_end(struct chp_worker *worker, void *elem)
{
	struct jumble *jumble = chp_worker_data(worker);

	chp_piece_make(elem, jumble->ledger, PIECES);
	return CHP_EMIT;
}

static const struct chp_stage_ops jumble_ops = {
	.item = jumble_item,
	.end = jumble_end,
	.drop = chp_piece_drop,
};

/**
 * struct crew - who works in the ordered stage
 * @workers: how many
 * @form: what they are
 */
struct crew {
	unsigned int workers;
	enum chp_form form;
};

static const struct crew crews[] = {
	{ 1, CHP_TASK }, { 2, CHP_TASK }, { 3, CHP_TASK },
	{ 8, CHP_TASK }, { 64, CHP_TASK },
	{ 2, CHP_THREAD }, { 8, CHP_THREAD }, { 64, CHP_THREAD },
};

static void crew_desc(const struct crew *crew, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u %s%s", crew->workers,
		 crew->form == CHP_TASK ? "task" : "thread",
		 crew->workers == 1 ? "" : "s");
}

KUNIT_ARRAY_PARAM(crew, crews, crew_desc);

static struct rig *rig_make(struct kunit *test)
{
	const struct crew *crew = test->param_value;
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->jumble.seed = crew->workers;
	rig->jumble.sleeps = crew->form == CHP_THREAD;
	rig->jumble.hold = U64_MAX;
	rig->jumble.at = U64_MAX;
	rig->jumble.ledger = &rig->ledger;
	rig->source.ledger = &rig->ledger;
	rig->in = chp_test_chan(test, sizeof(struct chp_piece), 0);
	rig->out = chp_test_chan(test, sizeof(struct chp_piece), 0);
	rig->group = chp_test_group(test, NULL);
	return rig;
}

/* The stage, and @end pieces that come in. */
static void rig_start(struct kunit *test, struct rig *rig, u64 end)
{
	const struct crew *crew = test->param_value;
	struct chp_stage_config stage = {
		.name = "ordered",
		.ops = &jumble_ops,
		.data = &rig->jumble,
		.workers = crew->workers,
		.ordered = true,
		.sleeps = rig->jumble.sleeps,
	};
	struct chp_stage_config source = {
		.name = "source",
		.ops = &chp_source_ops,
		.data = &rig->source,
		.workers = 1,
	};

	rig->source.end = end;
	rig->stage = chp_test_stage(test, &stage, rig->in, rig->out);
	chp_test_stage_start(test, rig->stage, rig->group);
	chp_test_stage_start(test, chp_test_stage(test, &source, NULL, rig->in),
			     rig->group);
}

/* The next piece of those that are kept, from @value on; returns its value. */
static u64 rig_get(struct kunit *test, struct rig *rig, u64 value)
{
	struct chp_piece piece;

	while (!jumble_keeps(&rig->jumble, value))
		value++;
	KUNIT_ASSERT_EQ(test, chp_test_recv(rig->out, &piece), 0);
	KUNIT_ASSERT_EQ(test, piece.value, value);
	return value;
}

/* What the stage says at its end comes after all else. */
static void rig_get_end(struct kunit *test, struct rig *rig)
{
	struct chp_piece piece;

	KUNIT_ASSERT_EQ(test, chp_test_recv(rig->out, &piece), 0);
	KUNIT_EXPECT_EQ(test, piece.value, PIECES);
}

static void rig_over(struct kunit *test, struct rig *rig, int err)
{
	struct chp_piece piece;

	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), err);
	KUNIT_EXPECT_EQ(test, chp_test_recv(rig->out, &piece), -EPIPE);
	chp_test_settled(test, &rig->ledger);
}

static void all_leave_in_the_order_in_which_they_came(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	u64 i;

	rig_start(test, rig, PIECES);
	for (i = 0; i < PIECES; i++)
		rig_get(test, rig, i);
	rig_get_end(test, rig);
	rig_over(test, rig, 0);
}

static void dropped_ones_leave_no_gap(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	u64 last = PIECES - 1, i;

	rig->jumble.drops = true;
	rig_start(test, rig, PIECES);
	while (!jumble_keeps(&rig->jumble, last))
		last--;
	for (i = 0; i <= last; i++)
		i = rig_get(test, rig, i);
	rig_get_end(test, rig);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_GT(test, atomic_read(&rig->ledger.eaten), 0);
}

static void an_early_close_cuts_the_order_off(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	u64 i;

	rig->jumble.drops = true;
	rig_start(test, rig, U64_MAX);
	for (i = 0; i < CUT; i++)
		i = rig_get(test, rig, i);
	chp_close(rig->out);
	rig_over(test, rig, 0);
}

static void cancel_cuts_the_order_off(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	u64 i;

	rig->jumble.drops = true;
	rig_start(test, rig, U64_MAX);
	for (i = 0; i < CUT; i++)
		i = rig_get(test, rig, i);
	chp_group_cancel(rig->group);
	rig_over(test, rig, 0);
}

/* What came after the last one is dropped, however far it has got. */
static void nothing_overtakes_the_last(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	u64 i;

	rig->jumble.at = CUT;
	rig->jumble.verdict = CHP_LAST;
	rig_start(test, rig, U64_MAX);
	for (i = 0; i <= CUT; i++)
		rig_get(test, rig, i);
	rig_over(test, rig, 0);
}

static void an_error_ends_the_order(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	struct chp_piece piece;
	u64 i = 0;

	rig->jumble.at = CUT;
	rig->jumble.verdict = -EIO;
	rig_start(test, rig, U64_MAX);
	while (!chp_test_recv(rig->out, &piece))
		KUNIT_EXPECT_EQ(test, piece.value, i++);
	KUNIT_EXPECT_LE(test, i, CUT);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), -EIO);
	chp_test_settled(test, &rig->ledger);
}

/* One that takes very long: all others wait behind it, and take no more. */
static void all_wait_for_the_first(struct kunit *test)
{
	const struct crew *crew = test->param_value;
	struct rig *rig = rig_make(test);
	struct chp_stage_stats stats;
	struct chp_piece piece;

	rig->jumble.hold = 0;
	rig_start(test, rig, U64_MAX);
	CHP_EVENTUALLY(test, (chp_stage_stats(rig->stage, &stats),
			      stats.taken == crew->workers));
	KUNIT_EXPECT_EQ(test, stats.busy, crew->workers);
	KUNIT_EXPECT_EQ(test, chp_try_recv(rig->out, &piece), -EAGAIN);
	KUNIT_EXPECT_EQ(test, stats.sent, 0);
	chp_group_cancel(rig->group);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->jumble.calls), crew->workers);
}

/* The one whose turn it is cannot send; when the reader comes, all can. */
static void a_slow_reader_sees_the_same_order(struct kunit *test)
{
	const struct crew *crew = test->param_value;
	struct rig *rig = rig_make(test);
	struct chp_stage_stats stats;
	u64 i;

	rig_start(test, rig, U64_MAX);
	CHP_EVENTUALLY(test, (chp_stage_stats(rig->stage, &stats),
			      stats.busy == crew->workers));
	for (i = 0; i < 2 * crew->workers + 10; i++)
		rig_get(test, rig, i);
	chp_close(rig->out);
	rig_over(test, rig, 0);
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE_PARAM(all_leave_in_the_order_in_which_they_came,
			 crew_gen_params),
	KUNIT_CASE_PARAM(dropped_ones_leave_no_gap, crew_gen_params),
	KUNIT_CASE_PARAM(an_early_close_cuts_the_order_off, crew_gen_params),
	KUNIT_CASE_PARAM(cancel_cuts_the_order_off, crew_gen_params),
	KUNIT_CASE_PARAM(nothing_overtakes_the_last, crew_gen_params),
	KUNIT_CASE_PARAM(an_error_ends_the_order, crew_gen_params),
	KUNIT_CASE_PARAM(all_wait_for_the_first, crew_gen_params),
	KUNIT_CASE_PARAM(a_slow_reader_sees_the_same_order, crew_gen_params),
	{}
};

struct kunit_suite chp_order_suite = {
	.name = "chanpat_order",
	.init = chp_test_init,
	.test_cases = order_cases,
};
