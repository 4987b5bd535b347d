/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flights: how many items of a job may be on their way at the same time.
 *
 * A source takes a unit for each item that it makes. The item carries the
 * flight's number, which fits into the item where a pointer would not, and
 * whoever ends it gives the unit back: the sink, or a stage from which nothing
 * goes on. What is made of an item carries the number on, once.
 */
#ifndef CHP_JOBS_FLIGHT_H
#define CHP_JOBS_FLIGHT_H

#include <linux/types.h>
#include <chanpat/sem.h>

/**
 * struct chp_flight - the items of a job that are on their way
 * @sem: a unit for each that may be
 * @id: its number, never 0; 0 before chp_flight_init()
 */
struct chp_flight {
	struct chp_sem sem;
	u32 id;
};

int chp_flight_init(struct chp_flight *flight, u32 limit);
void chp_flight_free(struct chp_flight *flight);
void chp_flight_end(u32 id);

#endif
