/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of multiplexing share: inputs, and outputs that can be let go
 * of before the end of the test, for what is left in them is dropped then.
 */
#ifndef CHP_KUNIT_MUXES_H
#define CHP_KUNIT_MUXES_H

#include <chanpat/mux.h>
#include "queues.h"
#include "stages.h"

void chp_test_hold(struct kunit *test, struct chp_chan **slot);
void chp_test_let_go(struct chp_chan **slot);

struct chp_chan *chp_test_source(struct kunit *test, struct chp_group *group,
				 struct chp_source *source, unsigned int cap);
struct chp_chan *chp_test_filled(struct kunit *test, struct chp_ledger *ledger,
				 u64 first, unsigned int n);
void chp_test_get(struct kunit *test, struct chp_chan *ch, u64 value);
void chp_test_get_end(struct kunit *test, struct chp_chan *ch);

#endif
