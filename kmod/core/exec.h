/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_CORE_EXEC_H
#define CHP_CORE_EXEC_H

struct chp_share;
struct chp_task;
struct work_struct;

int chp_exec_init(void);
void chp_exec_exit(void);
void chp_exec_ready(struct chp_task *task);
void chp_exec_prepare_sleeper(struct chp_task *task);
void chp_exec_forget(struct chp_share *share);
void chp_exec_queue_work(struct work_struct *work);

#endif
