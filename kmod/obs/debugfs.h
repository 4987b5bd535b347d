/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_OBS_DEBUGFS_H
#define CHP_OBS_DEBUGFS_H

void chp_debugfs_init(void);
void chp_debugfs_exit(void);

#endif
