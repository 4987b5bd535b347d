/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTL_RUN_H
#define CTL_RUN_H

#include <stdbool.h>

/**
 * struct run_options - how a job is run
 * @strict: errors of items count as a failure
 * @verbose: say how the job ended also when all is well
 */
struct run_options {
	bool strict;
	bool verbose;
};

int run_job(const char *line, const struct run_options *options);

#endif
