// SPDX-License-Identifier: GPL-2.0
/* Opening /dev/chanpat, and what to do when that fails. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "device.h"

#define DEVICE "/dev/chanpat"

/* Descriptors below are for jobs: "fd=3" must never mean the device. */
#define DEVICE_FD 64

/* The files themselves: a static program has no other sources of names. */
static void group_name(gid_t gid, char *name, size_t size)
{
	FILE *file = fopen("/etc/group", "re");
	struct group *group;

	snprintf(name, size, "%u", gid);
	while (file && (group = fgetgrent(file)))
		if (group->gr_gid == gid)
			snprintf(name, size, "%s", group->gr_name);
	if (file)
		fclose(file);
}

static void user_name(uid_t uid, char *name, size_t size)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *user;

	snprintf(name, size, "%u", uid);
	while (file && (user = fgetpwent(file)))
		if (user->pw_uid == uid)
			snprintf(name, size, "%s", user->pw_name);
	if (file)
		fclose(file);
}

static void say_no_permission(void)
{
	char user[64], group[64];
	struct stat st;

	fprintf(stderr, "chanpatctl: no permission for " DEVICE);
	if (stat(DEVICE, &st)) {
		fprintf(stderr, "\n");
		return;
	}
	user_name(st.st_uid, user, sizeof(user));
	group_name(st.st_gid, group, sizeof(group));
	fprintf(stderr, ", which is %s:%s with mode %04o\n", user, group,
		st.st_mode & 07777);
	if ((st.st_mode & 0060) == 0060 && st.st_gid)
		fprintf(stderr,
			"  become a member of the group: sudo adduser $USER %s, and log in again\n",
			group);
	else
		fprintf(stderr, "  become root: sudo chanpatctl ...\n");
}

static void say_why(int err)
{
	if (err == EACCES || err == EPERM)
		say_no_permission();
	else if (err == ENOENT || err == ENXIO || err == ENODEV)
		fprintf(stderr, "chanpatctl: " DEVICE " is not there\n"
				"  load the module: sudo modprobe chanpat\n");
	else
		fprintf(stderr, "chanpatctl: " DEVICE ": %s\n", strerror(err));
}

/* A session of its own. Returns a descriptor, or -1 after saying why not. */
int device_open(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC), high;

	if (fd < 0) {
		say_why(errno);
		return -1;
	}
	high = fcntl(fd, F_DUPFD_CLOEXEC, DEVICE_FD);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}
