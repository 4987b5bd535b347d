/* SPDX-License-Identifier: GPL-2.0 */
/* Work: what the stages of a job do with an item, whatever the operation is. */
#ifndef CHP_JOBS_WORK_H
#define CHP_JOBS_WORK_H

#include <linux/types.h>

struct chp_item;
struct chp_op_stage;
struct chp_stage_config;
struct chp_worker;

void chp_work_config(struct chp_op_stage *st, struct chp_stage_config *config);
int chp_work_after(struct chp_op_stage *st, struct chp_worker *worker,
		   struct chp_item *item, u32 flight, int verdict);
int chp_work_end(struct chp_op_stage *st, struct chp_worker *worker,
		 struct chp_item *item);
int chp_work_copy(void *to, const void *from);
void chp_work_drop(void *item);

#endif
