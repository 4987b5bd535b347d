/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_CORE_SELECT_H
#define CHP_CORE_SELECT_H

void chp_select_init(void);

#endif
