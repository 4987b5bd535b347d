/* SPDX-License-Identifier: GPL-2.0 */
/* What chanpatctl returns; the manual page has the same table. */
#ifndef CTL_EXITS_H
#define CTL_EXITS_H

enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,	/* the job, or the output */
	EXIT_USAGE = 2,		/* the command, or the line was rejected */
	EXIT_NO_DEVICE = 3,	/* no device, no debugfs, or no permission */
	EXIT_TIME = 124,	/* timeout or idle */
	EXIT_CANCELLED = 130,
	EXIT_NO_READER = 141,	/* nobody reads the output any more */
};

#endif
