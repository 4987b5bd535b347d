/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_DEV_IOCTL_H
#define CHP_DEV_IOCTL_H

struct file;

long chp_file_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif
