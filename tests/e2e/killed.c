// SPDX-License-Identifier: GPL-2.0
/*
 * killed: how long it takes until everything is back after the kill of a process
 * that runs 64 jobs: sources without an end, fans, sleepers, files that never
 * have more, threads. Prints milliseconds, from the kill to when stats are at
 * rest; fails when that never comes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEVICE "/dev/chanpat"
#define STATS "/sys/kernel/debug/chanpat/stats"
#define JOBS 64
#define PATIENCE_MS 30000

static void die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static const char * const lines[] = {
	"gen 1 inf | null",
	"gen 1 inf | sleep 1h fan=100",
	"gen 1 inf | double workers=16 ordered | sleep 1h workers=16",
	"tick 1h 5 | str | sha256",
	"lines fd=%d | upper",
	"merge { gen 1 inf ; tick 1ms 100000 } | tee { null ; double }",
	"values a b c | sleep 1h fan",
	"chunks fd=%d size=4096 | sleep 1h",
};

/* A pipe that is open for writing has no end. */
static int endless_file(void)
{
	int ends[2];

	if (pipe(ends))
		die("pipe");
	return ends[0];
}

static void submit(int fd, const char *format)
{
	char line[128];
	int n;

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	n = snprintf(line, sizeof(line) - 1, format,
		     strchr(format, '%') ? endless_file() : 0);
	line[n++] = '\n';
	if (write(fd, line, n) != n)
		die(format);
}

static void run_jobs(int ready)
{
	int fd = open(DEVICE, O_RDWR), i;

	if (fd < 0)
		die(DEVICE);
	for (i = 0; i < JOBS; i++)
		submit(fd, lines[i % (sizeof(lines) / sizeof(*lines))]);
	if (write(ready, "r", 1) != 1)
		die("write");
	for (;;)
		pause();
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static bool at_rest(void)
{
	FILE *stats = fopen(STATS, "r");
	bool rest = true;
	char name[64];
	long n;

	if (!stats)
		die(STATS);
	while (fscanf(stats, "%63s %ld", name, &n) == 2)
		if (n != !strcmp(name, "contexts"))
			rest = false;
	fclose(stats);
	return rest;
}

static pid_t start_child(void)
{
	int ends[2];
	pid_t child;
	char byte;

	if (pipe(ends))
		die("pipe");
	child = fork();
	if (!child)
		run_jobs(ends[1]);
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		exit(1);
	return child;
}

int main(void)
{
	pid_t child = start_child();
	double start;

	usleep(200000);
	start = now_ms();
	kill(child, SIGKILL);
	while (!at_rest()) {
		if (now_ms() - start > PATIENCE_MS)
			die("never at rest");
		usleep(1000);
	}
	printf("%.0f\n", now_ms() - start);
	waitpid(child, NULL, 0);
	return 0;
}
