// SPDX-License-Identifier: GPL-2.0
/*
 * Rows: a pipeline whose stages run as one task behaves like one whose stages do
 * not; see kmod/patterns/row.c.
 */
#include <linux/err.h>
#include <chanpat/pipeline.h>
#include "stages.h"
#include "suites.h"

#define ROW_STAGES 5
#define HOUR (3600 * (u64)NSEC_PER_SEC)

/**
 * struct link - what a stage does with its pieces
 * @place: of the stage
 * @at: the piece that came as number @at is treated otherwise
 * @verdict: this is returned then
 * @delay: nanoseconds that are asked for then
 * @cancels: all is cancelled then
 * @pieces: of it that are made, when @verdict is CHP_MORE
 * @failed: how often it failed for good
 * @wrong: pieces that came with a number other than their own
 */
struct link {
	unsigned int place;
	u64 at;
	int verdict;
	u64 delay;
	bool cancels;
	u64 pieces;
	unsigned int failed;
	unsigned int wrong;
};

struct rig {
	struct chp_ledger ledger;
	struct chp_source source;
	struct link links[ROW_STAGES];
	struct chp_pipeline *pipeline;
};

static int link_more(struct chp_worker *worker, struct link *link,
		     struct chp_piece *piece, struct chp_ledger *ledger)
{
	if (chp_worker_piece(worker))
		chp_piece_make(piece, ledger, 0);
	return chp_worker_piece(worker) + 1 < link->pieces ? CHP_MORE : CHP_EMIT;
}

/* Adds 1: so what came as number N has the value N, and one for each link. */
static int link_item(struct chp_worker *worker, void *elem)
{
	struct link *link = chp_worker_data(worker);
	struct rig *rig = container_of(link - link->place, struct rig, links[0]);
	struct chp_piece *piece = elem;
	u64 seq = chp_worker_seq(worker);

	if (seq == link->at && link->verdict == CHP_MORE)
		return link_more(worker, link, piece, &rig->ledger);
	link->wrong += piece->value != seq + link->place - 1;
	if (seq != link->at || (link->verdict < 0 && link->failed)) {
		piece->value++;
		return CHP_EMIT;
	}
	if (link->cancels)
		chp_ctx_cancel(chp_worker_ctx(worker));
	if (link->delay)
		chp_worker_delay(worker, link->delay);
	if (link->verdict < 0)
		return link->verdict;
	piece->value++;
	if (link->verdict == CHP_STOP || link->verdict == CHP_DROP)
		chp_piece_eat(piece);
	return link->verdict;
}

/* It lets pass what has failed. */
static int link_failed(struct chp_worker *worker, void *elem, int err)
{
	struct link *link = chp_worker_data(worker);
	struct chp_piece *piece = elem;

	link->failed++;
	piece->value++;
	return CHP_EMIT;
}

static const struct chp_stage_ops link_ops = {
	.item = link_item,
	.drop = chp_piece_drop,
};

static const struct chp_stage_ops healing_ops = {
	.item = link_item,
	.failed = link_failed,
	.drop = chp_piece_drop,
};

static void rig_finish(void *data)
{
	struct rig *rig = data;

	if (!rig->pipeline)
		return;
	chp_pipeline_cancel(rig->pipeline);
	chp_pipeline_wait(rig->pipeline);
}

static struct rig *rig_make(struct kunit *test, struct chp_ctx *ctx, u64 end)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->source = (struct chp_source){ .ledger = &rig->ledger, .end = end };
	for (i = 0; i < ROW_STAGES; i++)
		rig->links[i] = (struct link){ .place = i, .at = U64_MAX };
	rig->pipeline = chp_pipeline_alloc(ctx, sizeof(struct chp_piece),
					   ROW_STAGES);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rig->pipeline);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, rig_finish, rig),
			0);
	return rig;
}

/* @buf before the stage in the middle. */
static void rig_start(struct kunit *test, struct rig *rig,
		      const struct chp_stage_ops *ops, unsigned int buf)
{
	struct chp_stage_config config;
	unsigned int i;

	for (i = 0; i < ROW_STAGES; i++) {
		config = (struct chp_stage_config){
			.name = "link",
			.ops = i ? ops : &chp_source_ops,
			.data = i ? (void *)&rig->links[i] : &rig->source,
			.workers = 1,
			.retry = 1,
		};
		chp_pipeline_add(rig->pipeline, &config,
				 i == ROW_STAGES / 2 ? buf : 0);
	}
	KUNIT_ASSERT_EQ(test, chp_pipeline_start(rig->pipeline), 0);
}

static struct rig *rig_run(struct kunit *test, u64 end, unsigned int i,
			   const struct link *link)
{
	struct rig *rig = rig_make(test, NULL, end);

	if (link) {
		rig->links[i] = *link;
		rig->links[i].place = i;
	}
	rig_start(test, rig, &link_ops, 0);
	return rig;
}

static unsigned int rig_members(const struct rig *rig)
{
	return READ_ONCE(chp_pipeline_group(rig->pipeline)->active);
}

static u64 rig_taken(const struct rig *rig, unsigned int i)
{
	struct chp_stage_stats stats;

	chp_pipeline_stats(rig->pipeline, i, &stats);
	return stats.taken;
}

/* How many still come out, in order from number @i on; then the end. */
static u64 rig_get_rest(struct kunit *test, struct rig *rig, u64 i)
{
	struct chp_chan *out = chp_pipeline_out(rig->pipeline);
	struct chp_piece piece;
	int err;

	while (!(err = chp_test_recv(out, &piece)))
		KUNIT_EXPECT_EQ(test, piece.value, i++ + ROW_STAGES - 1);
	KUNIT_EXPECT_EQ(test, err, -EPIPE);
	return i;
}

static void rig_get(struct kunit *test, struct rig *rig, u64 i)
{
	struct chp_piece piece;

	KUNIT_ASSERT_EQ(test, chp_test_recv(chp_pipeline_out(rig->pipeline),
					    &piece), 0);
	KUNIT_EXPECT_EQ(test, piece.value, i + ROW_STAGES - 1);
}

static int rig_wait(struct kunit *test, struct rig *rig)
{
	struct chp_pipeline *pipeline = rig->pipeline;
	unsigned int i;
	int err;

	rig->pipeline = NULL;
	err = chp_pipeline_wait(pipeline);
	chp_test_settled(test, &rig->ledger);
	for (i = 0; i < ROW_STAGES; i++)
		KUNIT_EXPECT_EQ(test, rig->links[i].wrong, 0);
	return err;
}

/* A buffer is between two rows. */
static void stages_without_buffers_are_one_task(struct kunit *test)
{
	static const unsigned int bufs[] = { 0, 1, 10 };
	struct chp_stage_stats stats;
	struct rig *rig;
	unsigned int i, j;

	for (j = 0; j < ARRAY_SIZE(bufs); j++) {
		rig = rig_make(test, NULL, 1000);
		rig_start(test, rig, &link_ops, bufs[j]);
		KUNIT_EXPECT_EQ(test, rig_members(rig), bufs[j] ? 2 : 1);
		KUNIT_EXPECT_EQ(test, rig_get_rest(test, rig, 0), 1000);
		for (i = 0; i < ROW_STAGES; i++) {
			chp_pipeline_stats(rig->pipeline, i, &stats);
			KUNIT_EXPECT_EQ(test, stats.taken, 1000);
			KUNIT_EXPECT_EQ(test, stats.sent, 1000);
			KUNIT_EXPECT_EQ(test, stats.most, 1);
		}
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.got), 1000);
	}
}

static void each_stage_tells_what_it_does(struct kunit *test)
{
	struct rig *rig = rig_run(test, U64_MAX, 0, NULL);
	struct chp_stage_stats stats;
	unsigned int i;

	rig_get(test, rig, 0);
	/* The second one waits for its reader. */
	CHP_EVENTUALLY(test, (chp_pipeline_stats(rig->pipeline, ROW_STAGES - 1,
						 &stats),
			      stats.busy && stats.taken == 2));
	for (i = 0; i < ROW_STAGES; i++) {
		chp_pipeline_stats(rig->pipeline, i, &stats);
		KUNIT_EXPECT_EQ(test, stats.workers, 1);
		KUNIT_EXPECT_EQ(test, stats.taken, 2);
		KUNIT_EXPECT_EQ(test, stats.sent, i == ROW_STAGES - 1 ? 1 : 2);
	}
	chp_pipeline_cancel(rig->pipeline);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 1);
}

static void numbers_and_order_stay_when_a_row_dissolves(struct kunit *test)
{
	const struct link link = { .at = 20, .delay = 1000 };
	struct rig *rig;
	unsigned int i;

	for (i = 1; i < ROW_STAGES; i++) {
		rig = rig_run(test, 100, i, &link);
		KUNIT_EXPECT_EQ(test, rig_get_rest(test, rig, 0), 100);
		KUNIT_EXPECT_EQ(test, rig_taken(rig, ROW_STAGES - 1), 100);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	}
}

/* As if each had its own task from the start: each has an element in hand. */
static void a_delay_holds_up_no_stage_before_it(struct kunit *test)
{
	const struct link link = { .at = 3, .delay = HOUR };
	struct rig *rig;
	unsigned int i;
	u64 n;

	for (i = 1; i < ROW_STAGES; i++) {
		rig = rig_run(test, U64_MAX, i, &link);
		for (n = 0; n < 3; n++)
			rig_get(test, rig, n);
		CHP_EVENTUALLY(test, rig_taken(rig, 0) == 4 + i);
		KUNIT_EXPECT_EQ(test, rig_members(rig), ROW_STAGES);
		chp_pipeline_cancel(rig->pipeline);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	}
}

static void what_a_stage_drops_passes_no_other(struct kunit *test)
{
	const struct link link = { .at = 20, .verdict = CHP_DROP };
	struct chp_stage_stats stats;
	struct rig *rig;
	unsigned int i;
	u64 n;

	for (i = 1; i < ROW_STAGES; i++) {
		rig = rig_make(test, NULL, 50);
		rig->links[i] = link;
		rig->links[i].place = i;
		rig_start(test, rig, &link_ops, 0);
		for (n = 0; n < 20; n++)
			rig_get(test, rig, n);
		KUNIT_EXPECT_EQ(test, rig_get_rest(test, rig, 21), 50);
		chp_pipeline_stats(rig->pipeline, i, &stats);
		KUNIT_EXPECT_EQ(test, stats.taken, 50);
		KUNIT_EXPECT_EQ(test, stats.sent, 49);
		/* Those behind it see one piece less: their numbers differ. */
		for (n = i + 1; n < ROW_STAGES; n++) {
			KUNIT_EXPECT_EQ(test, rig_taken(rig, n), 49);
			KUNIT_EXPECT_EQ(test, rig->links[n].wrong, 29);
			rig->links[n].wrong = 0;
		}
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.eaten), 1);
	}
}

static void an_error_of_a_stage_ends_all(struct kunit *test)
{
	const struct link link = { .at = 20, .verdict = -EIO };
	struct rig *rig;
	unsigned int i;

	for (i = 1; i < ROW_STAGES; i++) {
		rig = rig_run(test, U64_MAX, i, &link);
		KUNIT_EXPECT_LE(test, rig_get_rest(test, rig, 0), 20);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), -EIO);
	}
}

/* After one more try, as the stages are configured. */
static void what_has_failed_can_be_saved(struct kunit *test)
{
	const struct link link = { .at = 20, .verdict = -EIO };
	struct rig *rig;
	unsigned int i;

	for (i = 1; i < ROW_STAGES; i++) {
		rig = rig_make(test, NULL, 50);
		rig->links[i] = link;
		rig->links[i].place = i;
		rig_start(test, rig, &healing_ops, 0);
		KUNIT_EXPECT_EQ(test, rig_get_rest(test, rig, 0), 50);
		KUNIT_EXPECT_EQ(test, rig->links[i].failed, 1);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	}
}

static void the_last_of_a_stage_ends_those_before_it(struct kunit *test)
{
	struct link link = { .at = 20, .verdict = CHP_LAST };
	struct rig *rig;
	unsigned int i;

	for (i = 1; i < ROW_STAGES; i++) {
		link.verdict = CHP_LAST;
		rig = rig_run(test, U64_MAX, i, &link);
		KUNIT_EXPECT_EQ(test, rig_get_rest(test, rig, 0), 21);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
		link.verdict = CHP_STOP;
		rig = rig_run(test, U64_MAX, i, &link);
		KUNIT_EXPECT_EQ(test, rig_get_rest(test, rig, 0), 20);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	}
}

static void a_stage_can_make_more_of_a_piece(struct kunit *test)
{
	const struct link link = { .at = 0, .verdict = CHP_MORE, .pieces = 7 };
	struct rig *rig;
	unsigned int i;
	struct chp_piece piece;
	u64 n;

	for (i = 1; i < ROW_STAGES; i++) {
		rig = rig_run(test, 30, i, &link);
		for (n = 0; !chp_test_recv(chp_pipeline_out(rig->pipeline),
					   &piece); n++)
			;
		KUNIT_EXPECT_EQ(test, n, 36);
		KUNIT_EXPECT_EQ(test, rig_taken(rig, i), 30);
		for (n = i + 1; n < ROW_STAGES; n++) {
			KUNIT_EXPECT_EQ(test, rig_taken(rig, n), 36);
			rig->links[n].wrong = 0;
		}
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	}
}

/* What is in hand then goes no further: no function is called for it. */
static void a_stage_that_cancels_is_the_last_to_work(struct kunit *test)
{
	const struct link link = { .at = 20, .cancels = true };
	struct rig *rig;
	unsigned int i;

	for (i = 1; i < ROW_STAGES; i++) {
		rig = rig_run(test, U64_MAX, i, &link);
		KUNIT_EXPECT_LE(test, rig_get_rest(test, rig, 0), 20);
		KUNIT_EXPECT_EQ(test, rig_taken(rig, i), 21);
		if (i + 1 < ROW_STAGES)
			KUNIT_EXPECT_EQ(test, rig_taken(rig, i + 1), 20);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	}
}

static void a_reader_that_stops_early_ends_a_row(struct kunit *test)
{
	struct rig *rig = rig_run(test, U64_MAX, 0, NULL);
	u64 i;

	for (i = 0; i < 10; i++)
		rig_get(test, rig, i);
	chp_close(chp_pipeline_out(rig->pipeline));
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.got), 10);
}

/* At any moment, from another thread. */
static void a_row_can_be_cancelled_at_any_time(struct kunit *test)
{
	struct chp_ctx *ctx;
	unsigned int i;
	struct rig *rig;
	u64 n;

	for (i = 0; i < 50; i++) {
		ctx = chp_ctx_with_timeout(NULL, i * 20 * NSEC_PER_USEC);
		rig = rig_make(test, chp_test_ctx_keep(test, ctx), U64_MAX);
		rig_start(test, rig, &link_ops, i % 2);
		n = rig_get_rest(test, rig, 0);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.got), n);
	}
}

static void a_row_of_a_cancelled_pipeline_makes_nothing(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct rig *rig = rig_make(test, ctx, U64_MAX);

	chp_ctx_cancel(ctx);
	rig_start(test, rig, &link_ops, 0);
	KUNIT_EXPECT_EQ(test, rig_get_rest(test, rig, 0), 0);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.made), 0);
}

static struct kunit_case row_cases[] = {
	KUNIT_CASE(stages_without_buffers_are_one_task),
	KUNIT_CASE(each_stage_tells_what_it_does),
	KUNIT_CASE(numbers_and_order_stay_when_a_row_dissolves),
	KUNIT_CASE(a_delay_holds_up_no_stage_before_it),
	KUNIT_CASE(what_a_stage_drops_passes_no_other),
	KUNIT_CASE(an_error_of_a_stage_ends_all),
	KUNIT_CASE(what_has_failed_can_be_saved),
	KUNIT_CASE(the_last_of_a_stage_ends_those_before_it),
	KUNIT_CASE(a_stage_can_make_more_of_a_piece),
	KUNIT_CASE(a_stage_that_cancels_is_the_last_to_work),
	KUNIT_CASE(a_reader_that_stops_early_ends_a_row),
	KUNIT_CASE(a_row_can_be_cancelled_at_any_time),
	KUNIT_CASE(a_row_of_a_cancelled_pipeline_makes_nothing),
	{}
};

struct kunit_suite chp_row_suite = {
	.name = "chanpat_row",
	.init = chp_test_init,
	.test_cases = row_cases,
};
