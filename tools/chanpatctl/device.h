/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTL_DEVICE_H
#define CTL_DEVICE_H

int device_open(void);

#endif
