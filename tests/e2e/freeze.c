// SPDX-License-Identifier: GPL-2.0
/*
 * freeze: freezes all other processes, as a suspend or a hibernation begins, and
 * lets them go on. Prints "frozen", or why it could not be done.
 */
#include <fcntl.h>
#include <linux/suspend_ioctls.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void)
{
	int fd = open("/dev/snapshot", O_RDONLY);

	if (fd < 0) {
		perror("/dev/snapshot");
		return 1;
	}
	if (ioctl(fd, SNAPSHOT_FREEZE, 0)) {
		perror("freeze");
		return 1;
	}
	puts("frozen");
	return ioctl(fd, SNAPSHOT_UNFREEZE, 0) ? 1 : 0;
}
