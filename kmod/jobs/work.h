/* SPDX-License-Identifier: GPL-2.0 */
/* Work: what the stages of a job do with an item, whatever the operation is. */
#ifndef CHP_JOBS_WORK_H
#define CHP_JOBS_WORK_H

struct chp_op_stage;
struct chp_stage_config;

void chp_work_config(struct chp_op_stage *st, struct chp_stage_config *config);
int chp_work_copy(void *to, const void *from);
void chp_work_drop(void *item);

#endif
