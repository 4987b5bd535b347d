/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of stages, of their order and of pipelines share.
 *
 * Pieces flow through the stages of a test. A ledger counts what becomes of
 * them: each one that was made is in the end received by the test, eaten by a
 * stage's function, or dropped by a stage that could not send it.
 */
#ifndef CHP_KUNIT_STAGES_H
#define CHP_KUNIT_STAGES_H

#include <chanpat/stage.h>
#include "helpers.h"

/**
 * struct chp_ledger - what has become of the pieces of a test
 * @made: how many there were
 * @eaten: by functions of stages
 * @dropped: by stages that could not send them
 * @got: by the test
 */
struct chp_ledger {
	atomic_t made;
	atomic_t eaten;
	atomic_t dropped;
	atomic_t got;
};

struct chp_piece {
	u64 value;
	struct chp_ledger *ledger;
};

/**
 * struct chp_source - a generator of pieces with the values 0, 1, 2, ...
 * @ledger: of the pieces
 * @end: how many it makes; U64_MAX: it has no end
 * @next: the next value
 */
struct chp_source {
	struct chp_ledger *ledger;
	u64 end;
	atomic64_t next;
};

extern const struct chp_stage_ops chp_source_ops;

void chp_piece_make(struct chp_piece *piece, struct chp_ledger *ledger,
		    u64 value);
void chp_piece_eat(struct chp_piece *piece);
void chp_piece_drop(void *elem);

struct chp_stage *chp_test_stage(struct kunit *test,
				 const struct chp_stage_config *config,
				 struct chp_chan *in, struct chp_chan *out);
void chp_test_stage_start(struct kunit *test, struct chp_stage *stage,
			  struct chp_group *group);

int chp_test_recv(struct chp_chan *ch, struct chp_piece *piece);
void chp_test_drain(struct chp_chan *ch);
void chp_test_settled(struct kunit *test, const struct chp_ledger *ledger);

#endif
