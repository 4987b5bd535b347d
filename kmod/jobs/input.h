/* SPDX-License-Identifier: GPL-2.0 */
/* The input of a job: what lines push into it, for its source "in". */
#ifndef CHP_JOBS_INPUT_H
#define CHP_JOBS_INPUT_H

#include <linux/types.h>

/* Items that wait in an input: as many as a line of 4096 bytes can push. */
#define CHP_INPUT_MAX	2048

struct chp_item;
struct chp_job;
struct chp_reject;
struct chp_spec;

int chp_input_push(struct chp_job *job, const struct chp_spec *spec,
		   struct chp_reject *why);
int chp_input_push_items(struct chp_job *job, struct chp_item *items, u32 n,
			 struct chp_reject *why);
int chp_input_end(struct chp_job *job, u32 col, struct chp_reject *why);

#endif
