// SPDX-License-Identifier: GPL-2.0
/*
 * Many processes at once on the device. See usage() below.
 *
 * Each job has a label that says who made it, and three items that follow from
 * its number, so that each line that is read can be checked: that it belongs
 * here, that it is the next one of its job, and that nothing is missing at the
 * end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEVICE "/dev/chanpat"
#define ITEMS 3

static int processes, jobs;

/* How many lines of each job were seen: its items, then its end. */
static unsigned char *seen;

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void usage(void)
{
	die("usage: many private|shared PROCESSES JOBS\n"
	    "private: each process runs JOBS jobs in a session of its own, and checks them\n"
	    "shared: all write to the session of the user, and this one reads and checks");
}

static void submit(int fd, int process, int job)
{
	char line[128];
	int n = snprintf(line, sizeof(line),
			 "p%dj%d: gen %d %d | double workers=2 ordered\n",
			 process, job, job, job + ITEMS - 1);

	if (write(fd, line, n) != n)
		die("write: %s", strerror(errno));
}

static void check_item(int process, int job, int count, const char *rest)
{
	long long value;

	if (sscanf(rest, "item %lld", &value) != 1 || count >= ITEMS ||
	    value != 2LL * (job + count))
		die("p%dj%d: line %d is \"%s\"", process, job, count, rest);
}

static void check_end(int process, int job, int count, const char *rest)
{
	if (count != ITEMS || strncmp(rest, "done ok items=3 errors=0 ", 25))
		die("p%dj%d: after %d items: \"%s\"", process, job, count, rest);
}

/* @only: the process whose lines these must be, or -1. Says if it is an end. */
static bool check_line(const char *line, int only)
{
	int process, job, used = 0;
	unsigned char *count;
	bool end;

	if (sscanf(line, "p%dj%d %n", &process, &job, &used) != 2 || !used ||
	    (only >= 0 && process != only) || process >= processes || job >= jobs)
		die("not of this session: \"%s\"", line);
	count = &seen[process * jobs + job];
	end = !strncmp(line + used, "done", 4);
	if (end)
		check_end(process, job, *count, line + used);
	else
		check_item(process, job, *count, line + used);
	++*count;
	return end;
}

/* Reads until @wanted jobs have ended. At an end before that it looks again. */
static void read_jobs(int fd, int only, int wanted)
{
	static char buf[65536];
	char *line, *nl;
	ssize_t n;

	while (wanted) {
		n = read(fd, buf, sizeof(buf) - 1);
		if (n < 0)
			die("read: %s", strerror(errno));
		if (!n) {
			if (only >= 0)
				die("the end, and %d jobs are missing", wanted);
			usleep(1000);
		}
		buf[n] = '\0';
		for (line = buf; (nl = strchr(line, '\n')); line = nl + 1) {
			*nl = '\0';
			wanted -= check_line(line, only);
		}
		if (*line)
			die("half a line: \"%s\"", line);
	}
}

static void expect_nothing_more(int fd)
{
	char c;

	if (read(fd, &c, 1))
		die("more than there should be");
}

/* At most half of the jobs that a session may have, then their results. */
static void run_private(int process)
{
	int fd = open(DEVICE, O_RDWR), job, last;

	if (fd < 0)
		die("open: %s", strerror(errno));
	for (job = 0; job < jobs;) {
		last = job + 32 < jobs ? job + 32 : jobs;
		for (int i = job; i < last; i++)
			submit(fd, process, i);
		read_jobs(fd, process, last - job);
		job = last;
	}
	expect_nothing_more(fd);
}

static void run_writer(int process)
{
	int fd = open(DEVICE, O_WRONLY), job;

	if (fd < 0)
		die("open: %s", strerror(errno));
	for (job = 0; job < jobs; job++)
		submit(fd, process, job);
}

static void start(void (*run)(int process))
{
	int i;

	for (i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork: %s", strerror(errno));
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			run(i);
			exit(0);
		}
	}
}

static void finish(void)
{
	bool failed = false;
	int status;

	while (wait(&status) > 0)
		failed |= status;
	if (failed)
		exit(1);
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 4)
		usage();
	processes = atoi(argv[2]);
	jobs = atoi(argv[3]);
	seen = calloc(processes, jobs);
	if (!seen)
		die("no memory");
	if (!strcmp(argv[1], "private")) {
		start(run_private);
	} else if (!strcmp(argv[1], "shared")) {
		fd = open(DEVICE, O_RDONLY);
		start(run_writer);
		read_jobs(fd, -1, processes * jobs);
		expect_nothing_more(fd);
	} else {
		usage();
	}
	finish();
	return 0;
}
