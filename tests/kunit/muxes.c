// SPDX-License-Identifier: GPL-2.0
/* What the suites of multiplexing share. */
#include <chanpat/generator.h>
#include "muxes.h"

static void let_go(void *slot)
{
	chp_test_let_go(slot);
}

/* The channel in @slot goes with the test, unless it is let go of before. */
void chp_test_hold(struct kunit *test, struct chp_chan **slot)
{
	struct chp_chan *ch = *slot;

	if (IS_ERR(ch))
		*slot = NULL;
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, let_go, slot), 0);
}

void chp_test_let_go(struct chp_chan **slot)
{
	chp_chan_put(*slot);
	*slot = NULL;
}

static int source_next(struct chp_ctx *ctx, void *data, void *elem)
{
	struct chp_source *source = data;
	u64 value = atomic64_fetch_inc(&source->next);

	if (value >= source->end)
		return 1;
	chp_piece_make(elem, source->ledger, value);
	return 0;
}

static void chan_put(void *ch)
{
	chp_chan_put(ch);
}

/* A generator of pieces, that ends with the test. */
struct chp_chan *chp_test_source(struct kunit *test, struct chp_group *group,
				 struct chp_source *source, unsigned int cap)
{
	const struct chp_generator_config config = {
		.name = "source", .elem_size = sizeof(struct chp_piece),
		.cap = cap, .next = source_next, .drop = chp_piece_drop,
		.data = source,
	};
	struct chp_chan *ch = chp_generator(group, &config);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, chan_put, ch), 0);
	chp_test_group_finish(test, group);
	return ch;
}

/* A channel that has @n pieces in its buffer, with the values from @first on. */
struct chp_chan *chp_test_filled(struct kunit *test, struct chp_ledger *ledger,
				 u64 first, unsigned int n)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(struct chp_piece), n);
	struct chp_piece piece;
	unsigned int i;

	for (i = 0; i < n; i++) {
		chp_piece_make(&piece, ledger, first + i);
		KUNIT_ASSERT_EQ(test, chp_try_send(ch, &piece), 0);
	}
	return ch;
}

void chp_test_get(struct kunit *test, struct chp_chan *ch, u64 value)
{
	struct chp_piece piece;

	KUNIT_ASSERT_EQ(test, chp_test_recv(ch, &piece), 0);
	KUNIT_EXPECT_EQ(test, piece.value, value);
}

void chp_test_get_end(struct kunit *test, struct chp_chan *ch)
{
	struct chp_piece piece;

	KUNIT_EXPECT_EQ(test, chp_test_recv(ch, &piece), -EPIPE);
}
