// SPDX-License-Identifier: GPL-2.0
/* What the suites of stages, of their order and of pipelines share. */
#include "stages.h"

void chp_piece_make(struct chp_piece *piece, struct chp_ledger *ledger,
		    u64 value)
{
	piece->value = value;
	piece->ledger = ledger;
	atomic_inc(&ledger->made);
}

void chp_piece_eat(struct chp_piece *piece)
{
	atomic_inc(&piece->ledger->eaten);
}

/* For struct chp_stage_ops. */
void chp_piece_drop(void *elem)
{
	struct chp_piece *piece = elem;

	atomic_inc(&piece->ledger->dropped);
}

static int source_item(struct chp_worker *worker, void *elem)
{
	struct chp_source *source = chp_worker_data(worker);
	u64 value = atomic64_fetch_inc(&source->next);

	if (value >= source->end)
		return CHP_STOP;
	chp_piece_make(elem, source->ledger, value);
	return CHP_EMIT;
}

const struct chp_stage_ops chp_source_ops = {
	.item = source_item,
	.drop = chp_piece_drop,
};

static void stage_free(void *stage)
{
	chp_stage_free(stage);
}

/* The stage goes with the test, and so do its channels before it. */
struct chp_stage *chp_test_stage(struct kunit *test,
				 const struct chp_stage_config *config,
				 struct chp_chan *in, struct chp_chan *out)
{
	struct chp_stage *stage;
	int err;

	stage = chp_stage_alloc(config, sizeof(struct chp_piece), in, out);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, stage);
	err = kunit_add_action_or_reset(test, stage_free, stage);
	KUNIT_ASSERT_EQ(test, err, 0);
	return stage;
}

void chp_test_stage_start(struct kunit *test, struct chp_stage *stage,
			  struct chp_group *group)
{
	chp_test_group_finish(test, group);
	KUNIT_ASSERT_EQ(test, chp_stage_start(stage, group), 0);
}

/* What comes out of @ch, or -ETIME when nothing ever does. */
int chp_test_recv(struct chp_chan *ch, struct chp_piece *piece)
{
	struct chp_ctx *ctx;
	int err;

	ctx = chp_ctx_with_timeout(NULL, CHP_PATIENCE_MS * NSEC_PER_MSEC);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	err = chp_recv(ctx, ch, piece);
	if (!err)
		atomic_inc(&piece->ledger->got);
	chp_ctx_cancel(ctx);
	chp_ctx_put(ctx);
	return err;
}

/* What was sent and is still in the buffer. */
void chp_test_drain(struct chp_chan *ch)
{
	struct chp_piece piece;

	while (!chp_try_recv(ch, &piece))
		atomic_inc(&piece.ledger->got);
}

/* All stages are over: every piece has come to one end. */
void chp_test_settled(struct kunit *test, const struct chp_ledger *ledger)
{
	KUNIT_EXPECT_EQ(test, atomic_read(&ledger->made),
			atomic_read(&ledger->eaten) +
			atomic_read(&ledger->dropped) +
			atomic_read(&ledger->got));
}
