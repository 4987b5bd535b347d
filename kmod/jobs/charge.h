/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a job is charged for, besides its byte strings and what operations keep.
 *
 * Bytes: roughly what the job itself holds, until its end was read.
 *
 * Tasks: the workers that its stages begin with, and those that carry items of
 * and to branches; from when the line is accepted until all stages are over.
 * Workers that are hired later, by a fan for each item in flight or by a resize,
 * are charged as they are hired, until they end. A fan that may not hire goes on
 * with the workers it has. A resize to fewer gives back only what was hired.
 *
 * Items: those that there is room for, since an item in flight is in a buffer, in
 * a worker's hands, or waits in the input: a place each, charged together with
 * the tasks. So no charge is needed when items move, and numbers count as byte
 * strings do. Results on their way to the reader do not count: a session has room
 * for 256, whatever its jobs do. What an operation keeps, such as distinct, is
 * charged in bytes.
 */
#ifndef CHP_JOBS_CHARGE_H
#define CHP_JOBS_CHARGE_H

#include <linux/types.h>

struct chp_job;
struct chp_quota;
struct chp_reject;

/**
 * struct chp_charge - what the owner's quotas were charged for a job
 * @bytes: of memory
 * @tasks: that stages begin with
 * @items: that there is room for
 */
struct chp_charge {
	u64 bytes;
	u64 tasks;
	u64 items;
};

int chp_charge_job(struct chp_job *job, struct chp_reject *why);
void chp_charge_stages_over(struct chp_job *job);
void chp_charge_job_over(struct chp_job *job);

int chp_charge_hire(void *stage);
void chp_charge_leave(void *stage);

/* What there is too much of, in words. */
#define CHP_CHARGE_BYTES	"hold too much memory"
#define CHP_CHARGE_TASKS	"have too many tasks"
#define CHP_CHARGE_ITEMS	"have too many items in flight"

int chp_charge_reject(struct chp_reject *why, struct chp_quota *quota,
		      const char *what);

#endif
