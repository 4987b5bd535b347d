/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_CORE_GROUP_H
#define CHP_CORE_GROUP_H

#include <chanpat/group.h>

int chp_group_enter(struct chp_group *group);
void chp_group_leave(struct chp_group *group, int err, struct list_head *exited);

#endif
