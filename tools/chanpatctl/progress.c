// SPDX-License-Identifier: GPL-2.0
/*
 * The progress line. What is written on the terminal meanwhile would get mixed
 * up with it, so it goes before anything is written there, and comes back when
 * nothing was for a while.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "progress.h"
#include "width.h"

#define MS		1000000LL
#define FIRST_DRAW	(500 * MS)
#define DRAW_EVERY	(200 * MS)

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

/* A pipe may lead to somebody who writes on our terminal. */
static bool output_is_elsewhere(void)
{
	struct stat st;

	return fstat(STDOUT_FILENO, &st) || S_ISREG(st.st_mode) ||
	       (S_ISCHR(st.st_mode) && !isatty(STDOUT_FILENO));
}

void progress_start(struct progress *progress)
{
	progress->enabled = isatty(STDERR_FILENO);
	progress->beside_output = !output_is_elsewhere();
	progress->shown = false;
	progress->started = now();
	progress->next = progress->started + FIRST_DRAW;
}

/* For poll(): milliseconds until it is to be drawn, or -1. */
int progress_wait(const struct progress *progress)
{
	long long left;

	if (!progress->enabled)
		return -1;
	left = progress->next - now();
	return left > 0 ? (left + MS - 1) / MS : 0;
}

static int format_count(char *buf, size_t size, double count)
{
	if (count >= 1e6)
		return snprintf(buf, size, "%.1f M", count / 1e6);
	if (count >= 1e4)
		return snprintf(buf, size, "%.1f k", count / 1e3);
	return snprintf(buf, size, "%.*f ", count < 10 ? 1 : 0, count);
}

static void draw(unsigned long long items, unsigned long long errors,
		 double seconds)
{
	int room = width_terminal(STDERR_FILENO) - 1;
	char line[160], rate[32];

	format_count(rate, sizeof(rate), items / seconds);
	snprintf(line, sizeof(line), "%llu items, %llu errors, %s/s, %.1f s",
		 items, errors, rate, seconds);
	fprintf(stderr, "\r%.*s\033[K", room, line);
}

/* Draws it, if it is time. */
void progress_show(struct progress *progress, unsigned long long items,
		   unsigned long long errors)
{
	long long time;

	if (!progress->enabled)
		return;
	time = now();
	if (time < progress->next)
		return;
	progress->next = time + DRAW_EVERY;
	draw(items, errors, (time - progress->started) / 1e9);
	progress->shown = true;
}

void progress_hide(struct progress *progress)
{
	if (progress->shown)
		fprintf(stderr, "\r\033[K");
	progress->shown = false;
}

/* Output is about to be written. */
void progress_output(struct progress *progress)
{
	if (!progress->enabled || !progress->beside_output)
		return;
	progress_hide(progress);
	if (progress->next < now() + DRAW_EVERY)
		progress->next = now() + DRAW_EVERY;
}
