/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stages whose staff is looked at. Nobody reads the output until a test says so:
 * then a worker that has an element keeps it, and shows as busy.
 */
#ifndef CHP_KUNIT_HOUSES_H
#define CHP_KUNIT_HOUSES_H

#include <chanpat/stage.h>
#include "helpers.h"

/* Elements are numbers; those below @slow are delayed, the first for longest. */
struct chp_house {
	struct chp_stage_config config;
	struct chp_chan *in, *out;
	struct chp_group *group;
	struct chp_stage *stage;
	u64 slow;
	atomic_t calls;
};

struct chp_house *chp_house_make(struct kunit *test, unsigned int workers,
				 bool fan, unsigned int cap);
void chp_house_open(struct kunit *test, struct chp_house *house);
struct chp_stage_stats chp_house_stats(struct chp_house *house);
void chp_house_put(struct kunit *test, struct chp_house *house, u64 from,
		   u64 n);
u64 chp_house_get(struct kunit *test, struct chp_house *house);
void chp_house_over(struct kunit *test, struct chp_house *house);

#endif
