// SPDX-License-Identifier: GPL-2.0
/*
 * Makers: what a task receives from a generator or a pipeline, whoever's step it
 * is made in; see kmod/core/maker.h.
 */
#include <linux/err.h>
#include <chanpat/generator.h>
#include <chanpat/pipeline.h>
#include <chanpat/task.h>
#include "stages.h"
#include "suites.h"

#define READERS_MAX 3

/**
 * struct reader - a task that receives pieces up to the end
 * @task: it
 * @rig: what it is part of
 * @piece: received last
 * @next: the least value that the next one may have
 * @got: how many it has received
 * @stop_at: it closes the channel after so many
 * @begun: its first step has been
 * @wrong: pieces that came before one that was made earlier
 */
struct reader {
	struct chp_task task;
	struct rig *rig;
	struct chp_piece piece;
	u64 next;
	u64 got;
	u64 stop_at;
	bool begun;
	unsigned int wrong;
};

/**
 * struct rig - a generator, or a pipeline, and the tasks that read
 * @ledger: of the pieces
 * @group: of the generator
 * @readers_group: of the readers
 * @out: what they read
 * @end: how many pieces there are
 * @odd_at: at this piece something happens, as @odd says
 * @odd: 0: it ends; else this error
 * @close: the channel is closed there instead
 * @cancel: or the group is cancelled
 * @calls: of the function
 * @working: in the function
 * @twice: it was called while it was
 * @ahead: more than one piece was made ahead
 * @reading: a reader is in its receive
 * @pulled: the function was called there
 * @gone: how often it was said to be gone
 * @readers: those that read
 */
struct rig {
	struct chp_ledger ledger;
	struct chp_group *group;
	struct chp_group *readers_group;
	struct chp_chan *out;
	u64 end;
	u64 odd_at;
	int odd;
	bool close;
	bool cancel;
	atomic_t calls;
	atomic_t working;
	unsigned int twice;
	unsigned int ahead;
	struct task_struct *reading;
	unsigned int pulled;
	atomic_t gone;
	struct reader readers[READERS_MAX];
};

static int rig_next(struct chp_ctx *ctx, void *data, void *elem)
{
	struct rig *rig = data;
	u64 value = atomic_inc_return(&rig->calls) - 1;
	int last = 0;

	rig->twice += atomic_inc_return(&rig->working) != 1;
	rig->pulled += READ_ONCE(rig->reading) == current;
	/* The reader counts what it has after it has received. */
	rig->ahead += value > atomic_read(&rig->ledger.got) + 2 * READERS_MAX;
	if (value == rig->odd_at && rig->close)
		chp_close(rig->out);
	if (value == rig->odd_at && rig->cancel)
		chp_ctx_cancel(ctx);
	if (value == rig->odd_at && rig->odd)
		last = rig->odd;
	if (value >= rig->end)
		last = 1;
	if (!last)
		chp_piece_make(elem, &rig->ledger, value);
	atomic_dec(&rig->working);
	return last;
}

static void rig_gone(void *data)
{
	struct rig *rig = data;

	atomic_inc(&rig->gone);
}

static void reader_has(struct reader *r)
{
	atomic_inc(&r->piece.ledger->got);
	r->got++;
	r->wrong += r->piece.value < r->next;
	r->next = r->piece.value;
	if (r->got == r->stop_at)
		chp_close(r->rig->out);
}

static int reader_step(struct chp_task *task)
{
	struct reader *r = container_of(task, struct reader, task);
	int err = chp_task_result(task);

	if (r->begun && !err)
		reader_has(r);
	r->begun = true;
	while (!err) {
		WRITE_ONCE(r->rig->reading, current);
		err = chp_task_recv(task, r->rig->out, &r->piece);
		WRITE_ONCE(r->rig->reading, NULL);
		if (!err)
			reader_has(r);
	}
	return err == -EINPROGRESS ? err : 0;
}

static struct rig *rig_make(struct kunit *test, u64 end)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->end = end;
	rig->odd_at = U64_MAX;
	rig->group = chp_test_group(test, NULL);
	rig->readers_group = chp_test_group(test, NULL);
	for (i = 0; i < READERS_MAX; i++) {
		rig->readers[i].rig = rig;
		chp_task_init(&rig->readers[i].task, reader_step, NULL);
	}
	return rig;
}

static u64 rig_read(struct kunit *test, struct rig *rig, unsigned int readers)
{
	unsigned int i;
	u64 got = 0;

	for (i = 0; i < readers; i++)
		KUNIT_EXPECT_EQ(test, chp_task_start(&rig->readers[i].task,
						     rig->readers_group), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->readers_group), 0);
	for (i = 0; i < readers; i++) {
		got += rig->readers[i].got;
		KUNIT_EXPECT_EQ(test, rig->readers[i].wrong, 0);
	}
	return got;
}

/* A generator, read up to its end. Returns how many pieces were received. */
static u64 generator_run(struct kunit *test, struct rig *rig,
			 unsigned int readers, int err)
{
	const struct chp_generator_config config = {
		.name = "test", .elem_size = sizeof(struct chp_piece),
		.next = rig_next, .drop = chp_piece_drop, .gone = rig_gone,
		.data = rig,
	};
	u64 got;

	rig->out = chp_generator(rig->group, &config);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rig->out);
	got = rig_read(test, rig, readers);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), err);
	chp_chan_put(rig->out);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->gone), 1);
	KUNIT_EXPECT_EQ(test, rig->twice, 0);
	KUNIT_EXPECT_EQ(test, rig->ahead, 0);
	chp_test_settled(test, &rig->ledger);
	return got;
}

static void a_reader_s_step_makes_the_next(struct kunit *test)
{
	struct rig *rig = rig_make(test, 1000);

	KUNIT_EXPECT_EQ(test, generator_run(test, rig, 1, 0), 1000);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 1001);
	/* Most of them; now and then the generator itself has its turn. */
	KUNIT_EXPECT_GT(test, rig->pulled, 500);
	KUNIT_EXPECT_LT(test, rig->pulled, 1001);
}

static void the_end_may_come_in_any_step(struct kunit *test)
{
	struct rig *rig;
	u64 end;

	for (end = 0; end < 150; end++) {
		rig = rig_make(test, end);
		KUNIT_EXPECT_EQ(test, generator_run(test, rig, 1, 0), end);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), end + 1);
	}
}

static void an_error_may_come_in_any_step(struct kunit *test)
{
	struct rig *rig;
	u64 at;

	for (at = 0; at < 150; at++) {
		rig = rig_make(test, U64_MAX);
		rig->odd_at = at;
		rig->odd = -EIO;
		KUNIT_EXPECT_LE(test, generator_run(test, rig, 1, -EIO), at);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), at + 1);
	}
}

static void the_channel_may_be_closed_while_the_next_is_made(struct kunit *test)
{
	struct rig *rig;
	u64 at;

	/* The first one may be made before there is a channel to be closed. */
	for (at = 1; at < 150; at++) {
		rig = rig_make(test, U64_MAX);
		rig->odd_at = at;
		rig->close = true;
		KUNIT_EXPECT_LE(test, generator_run(test, rig, 1, 0), at);
		KUNIT_EXPECT_GE(test, atomic_read(&rig->ledger.dropped), 1);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), at + 1);
	}
}

static void the_context_may_end_while_the_next_is_made(struct kunit *test)
{
	struct rig *rig;
	u64 at;

	for (at = 0; at < 150; at++) {
		rig = rig_make(test, U64_MAX);
		rig->odd_at = at;
		rig->cancel = true;
		KUNIT_EXPECT_LE(test, generator_run(test, rig, 1, 0), at);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 1);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), at + 1);
	}
}

static void a_reader_may_close_at_any_time(struct kunit *test)
{
	struct rig *rig;
	u64 at;

	for (at = 1; at < 150; at++) {
		rig = rig_make(test, U64_MAX);
		rig->readers[0].stop_at = at;
		KUNIT_EXPECT_EQ(test, generator_run(test, rig, 1, 0), at);
	}
}

static void several_readers_share_what_is_made(struct kunit *test)
{
	struct rig *rig;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		rig = rig_make(test, 3000);
		KUNIT_EXPECT_EQ(test, generator_run(test, rig, READERS_MAX, 0),
				3000);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 3001);
	}
}

/* From another thread, at any time. */
static void a_deadline_ends_what_a_reader_makes(struct kunit *test)
{
	struct chp_ctx *ctx;
	unsigned int i;
	struct rig *rig;

	for (i = 0; i < 50; i++) {
		rig = rig_make(test, U64_MAX);
		ctx = chp_ctx_with_timeout(NULL, i * 20 * NSEC_PER_USEC);
		chp_test_ctx_keep(test, ctx);
		rig->group = chp_test_group(test, ctx);
		generator_run(test, rig, 1 + i % READERS_MAX, 0);
	}
}

/* Of the stage in the middle, for the piece @odd_at. */
static int middle_item(struct chp_worker *worker, void *elem)
{
	struct rig *rig = chp_worker_data(worker);
	struct chp_piece *piece = elem;

	rig->pulled += READ_ONCE(rig->reading) == current;
	if (chp_worker_seq(worker) != rig->odd_at)
		return CHP_EMIT;
	switch (rig->odd) {
	case CHP_EMIT:
		chp_worker_delay(worker, 1000);
		return CHP_EMIT;
	case CHP_DROP:
	case CHP_STOP:
		chp_piece_eat(piece);
		return rig->odd;
	case CHP_MORE:
		if (chp_worker_piece(worker))
			chp_piece_make(piece, &rig->ledger, rig->odd_at);
		return chp_worker_piece(worker) < 2 ? CHP_MORE : CHP_EMIT;
	default:
		return rig->odd;
	}
}

static const struct chp_stage_ops middle_ops = {
	.item = middle_item,
	.drop = chp_piece_drop,
};

static int plain_item(struct chp_worker *worker, void *elem)
{
	return CHP_EMIT;
}

static const struct chp_stage_ops plain_ops = {
	.item = plain_item,
	.drop = chp_piece_drop,
};

/* A source and three stages, @buf before the one in the middle. */
static u64 pipeline_run(struct kunit *test, struct rig *rig, unsigned int buf,
			int err)
{
	struct chp_source source = { .ledger = &rig->ledger, .end = rig->end };
	const struct chp_stage_config stages[] = {
		{ .name = "source", .ops = &chp_source_ops, .data = &source,
		  .workers = 1 },
		{ .name = "first", .ops = &plain_ops, .workers = 1 },
		{ .name = "middle", .ops = &middle_ops, .data = rig,
		  .workers = 1 },
		{ .name = "last", .ops = &plain_ops, .workers = 1 },
	};
	struct chp_pipeline *p;
	struct chp_stage_stats stats;
	unsigned int i;
	u64 got;

	p = chp_pipeline_alloc(NULL, sizeof(struct chp_piece), 4);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	for (i = 0; i < ARRAY_SIZE(stages); i++)
		chp_pipeline_add(p, &stages[i], i == 2 ? buf : 0);
	KUNIT_EXPECT_EQ(test, chp_pipeline_start(p), 0);
	rig->out = chp_pipeline_out(p);
	got = rig_read(test, rig, 1);
	/* Who has sent counts it when it runs again. */
	CHP_EVENTUALLY(test, (chp_pipeline_stats(p, 3, &stats),
			      stats.sent == got));
	KUNIT_EXPECT_EQ(test, chp_pipeline_wait(p), err);
	chp_test_settled(test, &rig->ledger);
	return got;
}

static void a_reader_s_step_runs_a_pipeline(struct kunit *test)
{
	static const unsigned int bufs[] = { 0, 1, 10, 100 };
	struct rig *rig;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bufs); i++) {
		rig = rig_make(test, 1000);
		KUNIT_EXPECT_EQ(test, pipeline_run(test, rig, bufs[i], 0),
				1000);
		if (bufs[i] != 1)
			KUNIT_EXPECT_GT(test, rig->pulled, 300);
	}
}

struct turn {
	int odd;
	int err;
	u64 got;
};

/* Each of them at a piece that the reader's step may make, or the stage's own. */
static void what_is_odd_in_a_reader_s_step_is_as_ever(struct kunit *test)
{
	static const struct turn turns[] = {
		{ CHP_EMIT, 0, 200 }, { CHP_DROP, 0, 199 },
		{ CHP_MORE, 0, 202 }, { CHP_LAST }, { CHP_STOP },
		{ -EIO, -EIO },
	};
	unsigned int i, buf;
	struct rig *rig;
	u64 at, got;

	for (i = 0; i < ARRAY_SIZE(turns); i++) {
		for (at = 0; at < 70; at++) {
			rig = rig_make(test, 200);
			rig->odd_at = at;
			rig->odd = turns[i].odd;
			buf = at % 3 * 5;
			got = pipeline_run(test, rig, buf, turns[i].err);
			if (turns[i].err)
				KUNIT_EXPECT_LE(test, got, at);
			else
				KUNIT_EXPECT_EQ(test, got, turns[i].got ?:
						at + (turns[i].odd == CHP_LAST));
		}
	}
}

static void a_reader_may_close_a_pipeline_at_any_time(struct kunit *test)
{
	struct rig *rig;
	u64 at;

	for (at = 1; at < 100; at++) {
		rig = rig_make(test, U64_MAX);
		rig->readers[0].stop_at = at;
		KUNIT_EXPECT_EQ(test, pipeline_run(test, rig, at % 3, 0), at);
	}
}

static struct kunit_case maker_cases[] = {
	KUNIT_CASE(a_reader_s_step_makes_the_next),
	KUNIT_CASE(the_end_may_come_in_any_step),
	KUNIT_CASE(an_error_may_come_in_any_step),
	KUNIT_CASE(the_channel_may_be_closed_while_the_next_is_made),
	KUNIT_CASE(the_context_may_end_while_the_next_is_made),
	KUNIT_CASE(a_reader_may_close_at_any_time),
	KUNIT_CASE(several_readers_share_what_is_made),
	KUNIT_CASE(a_deadline_ends_what_a_reader_makes),
	KUNIT_CASE(a_reader_s_step_runs_a_pipeline),
	KUNIT_CASE(what_is_odd_in_a_reader_s_step_is_as_ever),
	KUNIT_CASE(a_reader_may_close_a_pipeline_at_any_time),
	{}
};

struct kunit_suite chp_maker_suite = {
	.name = "chanpat_maker",
	.init = chp_test_init,
	.test_cases = maker_cases,
};
