// SPDX-License-Identifier: GPL-2.0
/* Pipelines: what is promised in <chanpat/pipeline.h>. */
#include <linux/err.h>
#include <linux/prandom.h>
#include <chanpat/pipeline.h>
#include "stages.h"
#include "suites.h"

/**
 * struct link - what a stage of a pipeline does with its pieces
 * @at: for the piece that came as number @at
 * @verdict: it returns this; otherwise it adds 1 to the value and lets it pass
 * @cancels: and there it cancels all, like somebody who has seen enough
 */
struct link {
	u64 at;
	int verdict;
	bool cancels;
};

static int link_item(struct chp_worker *worker, void *elem)
{
	struct link *link = chp_worker_data(worker);
	struct chp_piece *piece = elem;

	piece->value++;
	if (chp_worker_seq(worker) != link->at)
		return CHP_EMIT;
	if (link->cancels)
		chp_ctx_cancel(chp_worker_ctx(worker));
	if (link->verdict == CHP_STOP)
		chp_piece_eat(piece);
	return link->verdict;
}

static const struct chp_stage_ops link_ops = {
	.item = link_item,
	.drop = chp_piece_drop,
};

#define STAGES_MAX 8

/* A pipeline: the source, and up to seven that add 1. */
struct rig {
	struct chp_ledger ledger;
	struct chp_source source;
	struct link links[STAGES_MAX];
	struct chp_pipeline *pipeline;
	unsigned int stages;
};

/* Every other stage has threads, every third has several workers, ordered. */
static struct chp_stage_config rig_config(struct rig *rig, unsigned int i)
{
	struct chp_stage_config config = {
		.name = i ? "link" : "source",
		.ops = i ? &link_ops : &chp_source_ops,
		.data = i ? (void *)&rig->links[i] : (void *)&rig->source,
		.workers = i % 3 == 2 ? 4 : 1,
		.ordered = i % 3 == 2,
		.sleeps = i % 2,
	};

	return config;
}

static void rig_finish(void *data)
{
	struct rig *rig = data;

	if (!rig->pipeline)
		return;
	chp_pipeline_cancel(rig->pipeline);
	chp_pipeline_wait(rig->pipeline);
}

static struct rig *rig_make(struct kunit *test, struct chp_ctx *ctx,
			    unsigned int stages, u64 end)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct chp_pipeline *pipeline;
	unsigned int i;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->source = (struct chp_source){ .ledger = &rig->ledger, .end = end };
	for (i = 0; i < STAGES_MAX; i++)
		rig->links[i].at = U64_MAX;
	pipeline = chp_pipeline_alloc(ctx, sizeof(struct chp_piece), stages);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pipeline);
	rig->pipeline = pipeline;
	rig->stages = stages;
	err = kunit_add_action_or_reset(test, rig_finish, rig);
	KUNIT_ASSERT_EQ(test, err, 0);
	return rig;
}

static void rig_add(struct kunit *test, struct rig *rig, unsigned int buf)
{
	struct chp_stage_config config;
	unsigned int i;

	for (i = 0; i < rig->stages; i++) {
		config = rig_config(rig, i);
		KUNIT_ASSERT_EQ(test,
				chp_pipeline_add(rig->pipeline, &config, buf), 0);
	}
}

static struct rig *rig_start(struct kunit *test, struct chp_ctx *ctx,
			     unsigned int stages, u64 end)
{
	struct rig *rig = rig_make(test, ctx, stages, end);

	rig_add(test, rig, 0);
	KUNIT_ASSERT_EQ(test, chp_pipeline_start(rig->pipeline), 0);
	return rig;
}

/* Piece number @i has come through all stages. */
static void rig_get(struct kunit *test, struct rig *rig, u64 i)
{
	struct chp_piece piece;
	int err = chp_test_recv(chp_pipeline_out(rig->pipeline), &piece);

	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_ASSERT_EQ(test, piece.value, i + rig->stages - 1);
}

/* What still comes out, in order from number @i on; then the end. */
static u64 rig_get_rest(struct kunit *test, struct rig *rig, u64 i)
{
	struct chp_chan *out = chp_pipeline_out(rig->pipeline);
	struct chp_piece piece;
	int err;

	while (!(err = chp_test_recv(out, &piece)))
		KUNIT_EXPECT_EQ(test, piece.value, i++ + rig->stages - 1);
	KUNIT_EXPECT_EQ(test, err, -EPIPE);
	return i;
}

static int rig_wait(struct kunit *test, struct rig *rig)
{
	struct chp_pipeline *pipeline = rig->pipeline;
	int err;

	rig->pipeline = NULL;
	err = chp_pipeline_wait(pipeline);
	chp_test_settled(test, &rig->ledger);
	return err;
}

/**
 * struct shape - of a pipeline
 * @stages: the source included
 * @buf: before each stage
 */
struct shape {
	unsigned int stages;
	unsigned int buf;
};

static const struct shape shapes[] = {
	{ 1, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 8, 0 },
	{ 2, 1 }, { 3, 1 }, { 8, 1 },
	{ 2, 100 }, { 5, 100 }, { 8, 100 },
};

static void shape_desc(const struct shape *shape, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u stages, buffer %u",
		 shape->stages, shape->buf);
}

KUNIT_ARRAY_PARAM(shape, shapes, shape_desc);

static struct rig *shape_start(struct kunit *test, struct chp_ctx *ctx, u64 end)
{
	const struct shape *shape = test->param_value;
	struct rig *rig = rig_make(test, ctx, shape->stages, end);

	rig_add(test, rig, shape->buf);
	KUNIT_ASSERT_EQ(test, chp_pipeline_start(rig->pipeline), 0);
	return rig;
}

static void all_pass_all_stages_in_order(struct kunit *test)
{
	struct rig *rig = shape_start(test, NULL, 100);
	struct chp_stage_stats stats;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, chp_pipeline_len(rig->pipeline), rig->stages);
	KUNIT_EXPECT_EQ(test, rig_get_rest(test, rig, 0), 100);
	for (i = 0; i < rig->stages; i++) {
		chp_pipeline_stats(rig->pipeline, i, &stats);
		KUNIT_EXPECT_EQ(test, stats.taken, 100);
		KUNIT_EXPECT_EQ(test, stats.sent, 100);
	}
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.got), 100);
}

static void a_reader_that_closes_ends_all_stages(struct kunit *test)
{
	struct rig *rig = shape_start(test, NULL, U64_MAX);
	u64 i;

	for (i = 0; i < 10; i++)
		rig_get(test, rig, i);
	chp_close(chp_pipeline_out(rig->pipeline));
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
}

static void cancel_from_outside_ends_all_stages(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct rig *rig = shape_start(test, ctx, U64_MAX);
	u64 i;

	for (i = 0; i < 10; i++)
		rig_get(test, rig, i);
	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
}

static void cancel_of_the_pipeline_ends_all_stages(struct kunit *test)
{
	struct rig *rig = shape_start(test, NULL, U64_MAX);

	rig_get(test, rig, 0);
	chp_pipeline_cancel(rig->pipeline);
	chp_pipeline_cancel(rig->pipeline);
	rig_get_rest(test, rig, 1);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
}

/* Nobody has read anything: all stages and buffers are full. */
static void cancel_ends_a_pipeline_that_is_stuck(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct rig *rig = shape_start(test, NULL, U64_MAX);
	struct chp_stage_stats stats;

	CHP_EVENTUALLY(test, (chp_pipeline_stats(rig->pipeline, 0, &stats),
			      stats.taken > (shape->stages - 1) * shape->buf));
	chp_pipeline_cancel(rig->pipeline);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.got), 0);
}

static void a_deadline_ends_an_endless_pipeline(struct kunit *test)
{
	struct chp_ctx *ctx;
	struct rig *rig;
	u64 n;

	ctx = chp_test_ctx_keep(test, chp_ctx_with_timeout(NULL, 3 * NSEC_PER_MSEC));
	rig = shape_start(test, ctx, U64_MAX);
	n = rig_get_rest(test, rig, 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ETIME);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.got), n);
}

/* Somebody in the first, in the middle, or at the end has seen enough. */
static void a_stage_can_cancel_the_others(struct kunit *test)
{
	unsigned int i;
	struct rig *rig;

	for (i = 1; i < 5; i++) {
		rig = rig_make(test, NULL, 5, U64_MAX);
		rig->links[i] = (struct link){ .at = 20, .cancels = true };
		rig_add(test, rig, 3);
		KUNIT_ASSERT_EQ(test, chp_pipeline_start(rig->pipeline), 0);
		KUNIT_EXPECT_LE(test, rig_get_rest(test, rig, 0), 21 + 4 * 8);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	}
}

static void the_first_error_ends_the_others_and_is_returned(struct kunit *test)
{
	struct chp_ctx *ctx;
	unsigned int i;
	struct rig *rig;

	for (i = 1; i < 5; i++) {
		rig = rig_make(test, NULL, 5, U64_MAX);
		rig->links[i] = (struct link){ .at = 20, .verdict = -EIO };
		rig_add(test, rig, 3);
		ctx = chp_pipeline_group(rig->pipeline)->ctx;
		chp_test_ctx_keep(test, chp_ctx_get(ctx));
		KUNIT_ASSERT_EQ(test, chp_pipeline_start(rig->pipeline), 0);
		KUNIT_EXPECT_LE(test, rig_get_rest(test, rig, 0), 20);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), -EIO);
		KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), -EIO);
	}
}

/* As "take": upstream ends, downstream gets all that came before. */
static void the_last_of_a_stage_ends_all_before_it(struct kunit *test)
{
	unsigned int i;
	struct rig *rig;

	for (i = 1; i < 5; i++) {
		rig = rig_make(test, NULL, 5, U64_MAX);
		rig->links[i] = (struct link){ .at = 20, .verdict = CHP_LAST };
		rig_add(test, rig, 3);
		KUNIT_ASSERT_EQ(test, chp_pipeline_start(rig->pipeline), 0);
		KUNIT_EXPECT_EQ(test, rig_get_rest(test, rig, 0), 21);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	}
}

static void a_pipeline_that_was_never_started_can_be_let_go(struct kunit *test)
{
	struct rig *rig = rig_make(test, NULL, 3, 10);
	struct chp_stage_stats stats;

	rig_add(test, rig, 0);
	chp_pipeline_stats(rig->pipeline, 2, &stats);
	KUNIT_EXPECT_EQ(test, stats.workers, 0);
	KUNIT_EXPECT_EQ(test, stats.taken, 0);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.made), 0);
}

static void a_pipeline_below_an_ended_context_ends_at_once(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct rig *rig;

	chp_ctx_cancel(ctx);
	rig = rig_start(test, ctx, 4, U64_MAX);
	KUNIT_EXPECT_EQ(test, rig_get_rest(test, rig, 0), 0);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.made), 0);
}

static void an_empty_pipeline_does_not_start(struct kunit *test)
{
	struct rig *rig = rig_make(test, NULL, 3, 10);

	KUNIT_EXPECT_EQ(test, chp_pipeline_start(rig->pipeline), -EINVAL);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
}

static void a_full_pipeline_takes_no_more_stages(struct kunit *test)
{
	struct rig *rig = rig_make(test, NULL, 3, 10);
	struct chp_stage_config config = rig_config(rig, 1);

	rig_add(test, rig, 0);
	KUNIT_EXPECT_EQ(test, chp_pipeline_add(rig->pipeline, &config, 0),
			-E2BIG);
	KUNIT_EXPECT_EQ(test, chp_pipeline_len(rig->pipeline), 3);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
}

/* The first, the middle or the last of three is impossible. */
static void a_wrong_stage_fails_the_start_and_leaves_nothing(struct kunit *test)
{
	struct chp_stage_config config;
	struct chp_stage_stats stats;
	unsigned int wrong, i;
	struct rig *rig;
	int err;

	for (wrong = 0; wrong < 3; wrong++) {
		rig = rig_make(test, NULL, 3, U64_MAX);
		for (i = 0; i < 3; i++) {
			config = rig_config(rig, i);
			if (i == wrong)
				config.workers = 0;
			chp_pipeline_add(rig->pipeline, &config, 0);
		}
		err = chp_pipeline_start(rig->pipeline);
		KUNIT_EXPECT_EQ(test, err, -EINVAL);
		for (i = 0; i < 3; i++)
			chp_pipeline_stats(rig->pipeline, i, &stats);
		KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.made), 0);
	}
}

static void a_wrong_buffer_fails_the_start(struct kunit *test)
{
	struct chp_stage_config config;
	struct rig *rig;
	unsigned int i;

	rig = rig_make(test, NULL, 3, U64_MAX);
	for (i = 0; i < 3; i++) {
		config = rig_config(rig, i);
		chp_pipeline_add(rig->pipeline, &config,
				 i == 2 ? CHP_CAP_MAX + 1 : 0);
	}
	KUNIT_EXPECT_EQ(test, chp_pipeline_start(rig->pipeline), -EINVAL);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
}

/* A slow stage is widened with workers: all of them come to work. */
static void a_slow_stage_has_parallel_workers(struct kunit *test)
{
	struct chp_stage_stats stats;
	struct rig *rig = rig_make(test, NULL, 3, U64_MAX);
	struct chp_stage_config config;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		config = rig_config(rig, i);
		if (i == 1)
			config.workers = 20;
		chp_pipeline_add(rig->pipeline, &config, 0);
	}
	KUNIT_ASSERT_EQ(test, chp_pipeline_start(rig->pipeline), 0);
	CHP_EVENTUALLY(test, (chp_pipeline_stats(rig->pipeline, 1, &stats),
			      stats.busy == 20));
	chp_pipeline_cancel(rig->pipeline);
	KUNIT_EXPECT_EQ(test, rig_wait(test, rig), 0);
}

/*
 * The pipeline, as a module would write it: ten random numbers below 100,
 * doubled, and those above 10 kept.
 */
struct numbers {
	struct rnd_state rnd;
	unsigned int left;
	unsigned int kept;
};

static int random_item(struct chp_worker *worker, void *elem)
{
	struct numbers *numbers = chp_worker_data(worker);

	if (!numbers->left--)
		return CHP_STOP;
	*(u64 *)elem = prandom_u32_state(&numbers->rnd) % 100;
	return CHP_EMIT;
}

static int double_item(struct chp_worker *worker, void *elem)
{
	*(u64 *)elem *= 2;
	return CHP_EMIT;
}

static int large_item(struct chp_worker *worker, void *elem)
{
	struct numbers *numbers = chp_worker_data(worker);

	if (*(u64 *)elem <= 10)
		return CHP_DROP;
	numbers->kept++;
	return CHP_EMIT;
}

static const struct chp_stage_ops random_ops = { .item = random_item };
static const struct chp_stage_ops double_ops = { .item = double_item };
static const struct chp_stage_ops large_ops = { .item = large_item };

static void ten_random_numbers_doubled_and_the_large_ones_kept(struct kunit *test)
{
	struct numbers numbers = { .left = 10 };
	struct chp_stage_config stages[] = {
		{ .name = "rand", .ops = &random_ops, .data = &numbers,
		  .workers = 1 },
		{ .name = "double", .ops = &double_ops, .workers = 1 },
		{ .name = "large", .ops = &large_ops, .data = &numbers,
		  .workers = 1 },
	};
	struct chp_pipeline *p = chp_pipeline_alloc(NULL, sizeof(u64), 3);
	unsigned int i, n = 0;
	u64 value;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	prandom_seed_state(&numbers.rnd, 7);
	for (i = 0; i < ARRAY_SIZE(stages); i++)
		KUNIT_EXPECT_EQ(test, chp_pipeline_add(p, &stages[i], 0), 0);
	KUNIT_EXPECT_EQ(test, chp_pipeline_start(p), 0);
	while (!chp_recv(NULL, chp_pipeline_out(p), &value)) {
		KUNIT_EXPECT_EQ(test, value % 2, 0);
		KUNIT_EXPECT_GT(test, value, 10);
		n++;
	}
	KUNIT_EXPECT_EQ(test, chp_pipeline_wait(p), 0);
	KUNIT_EXPECT_EQ(test, n, numbers.kept);
}

static struct kunit_case pipeline_cases[] = {
	KUNIT_CASE_PARAM(all_pass_all_stages_in_order, shape_gen_params),
	KUNIT_CASE_PARAM(a_reader_that_closes_ends_all_stages,
			 shape_gen_params),
	KUNIT_CASE_PARAM(cancel_from_outside_ends_all_stages, shape_gen_params),
	KUNIT_CASE_PARAM(cancel_of_the_pipeline_ends_all_stages,
			 shape_gen_params),
	KUNIT_CASE_PARAM(cancel_ends_a_pipeline_that_is_stuck, shape_gen_params),
	KUNIT_CASE_PARAM(a_deadline_ends_an_endless_pipeline, shape_gen_params),
	KUNIT_CASE(a_stage_can_cancel_the_others),
	KUNIT_CASE(the_first_error_ends_the_others_and_is_returned),
	KUNIT_CASE(the_last_of_a_stage_ends_all_before_it),
	KUNIT_CASE(a_pipeline_that_was_never_started_can_be_let_go),
	KUNIT_CASE(a_pipeline_below_an_ended_context_ends_at_once),
	KUNIT_CASE(an_empty_pipeline_does_not_start),
	KUNIT_CASE(a_full_pipeline_takes_no_more_stages),
	KUNIT_CASE(a_wrong_stage_fails_the_start_and_leaves_nothing),
	KUNIT_CASE(a_wrong_buffer_fails_the_start),
	KUNIT_CASE(a_slow_stage_has_parallel_workers),
	KUNIT_CASE(ten_random_numbers_doubled_and_the_large_ones_kept),
	{}
};

struct kunit_suite chp_pipeline_suite = {
	.name = "chanpat_pipeline",
	.init = chp_test_init,
	.test_cases = pipeline_cases,
};
