/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_CORE_GROUP_H
#define CHP_CORE_GROUP_H

#include <chanpat/group.h>

/* Set before the group has members, and never changed again. */
static inline bool chp_group_limited(const struct chp_group *group)
{
	return group->limit.units;
}

struct chp_share;

int chp_group_set_share(struct chp_group *group, struct chp_share *share);
int chp_group_enter(struct chp_group *group);
void chp_group_leave(struct chp_group *group, int err, bool limited,
		     struct list_head *exited);

#endif
