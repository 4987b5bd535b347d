/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions as people see them, in debugfs. */
#ifndef CHP_DEV_VIEW_H
#define CHP_DEV_VIEW_H

struct seq_file;

void chp_sessions_show(struct seq_file *m);
void chp_users_show(struct seq_file *m);
void chp_jobs_show(struct seq_file *m);
void chp_semaphores_show(struct seq_file *m);

#endif
