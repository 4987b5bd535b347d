/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include <stdbool.h>

/**
 * struct progress - a line on the terminal that says how far a job is
 * @enabled: stderr is a terminal
 * @beside_output: the output may be seen on the same terminal
 * @shown: the line is there
 * @started: when the job began, in ns
 * @next: when the line is drawn, in ns
 */
struct progress {
	bool enabled;
	bool beside_output;
	bool shown;
	long long started;
	long long next;
};

void progress_start(struct progress *progress);
int progress_wait(const struct progress *progress);
void progress_show(struct progress *progress, unsigned long long items,
		   unsigned long long errors);
void progress_hide(struct progress *progress);
void progress_output(struct progress *progress);

#endif
