/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTL_LOOK_H
#define CTL_LOOK_H

int look_ops(void);
int look_jobs(void);
int look_stats(void);
int look_sessions(void);

#endif
