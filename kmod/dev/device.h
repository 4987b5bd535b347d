/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_DEV_DEVICE_H
#define CHP_DEV_DEVICE_H

int chp_device_init(void);
void chp_device_exit(void);

#endif
