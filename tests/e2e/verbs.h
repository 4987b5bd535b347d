/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What programs share whose arguments are calls that they make in order, one
 * line of output each: CALL[:VALUE]. A program defines calls[] and do_call().
 */
#ifndef CHP_E2E_VERBS_H
#define CHP_E2E_VERBS_H

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;
static int child_output;

static void do_call(char *word);

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	exit(1);
}

static void ignore_signal(int number)
{
}

/* Without SA_RESTART: what sleeps returns. */
static void catch_signal(int number)
{
	struct sigaction action = { .sa_handler = ignore_signal };

	sigaction(number, &action, NULL);
}

static void say_result(const char *what, ssize_t n)
{
	if (n < 0)
		printf("%s %s\n", what, strerrorname_np(errno));
	else
		printf("%s %zd\n", what, n);
}

static void call_alarm(const char *value)
{
	int ms = atoi(value);
	struct itimerval timer = {
		.it_value = { ms / 1000, ms % 1000 * 1000 },
		/* Once more, should the first come before the call. */
		.it_interval = { 0, 100000 },
	};

	catch_signal(SIGALRM);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void call_noalarm(const char *value)
{
	struct itimerval timer = { };

	setitimer(ITIMER_REAL, &timer, NULL);
}

static char child_state(void)
{
	char path[32], text[512], state = 'X', *end;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	file = fopen(path, "r");
	if (!file)
		return state;
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	end = strrchr(text, ')');
	if (end)
		state = end[2];
	fclose(file);
	return state;
}

static void call_start(const char *value)
{
	int tries = 0, ends[2];

	fflush(stdout);
	if (pipe(ends))
		die("no pipe");
	child_output = ends[0];
	child = fork();
	if (!child) {
		dup2(ends[1], STDOUT_FILENO);
		catch_signal(SIGUSR1);
		do_call(strdup(value));
		exit(0);
	}
	close(ends[1]);
	while (child_state() != 'S') {
		if (child_state() == 'Z' || tries++ > 2000)
			die("start: it does not sleep");
		usleep(1000);
	}
}

static void call_signal(const char *value)
{
	kill(child, SIGUSR1);
}

static void call_kill(const char *value)
{
	kill(child, SIGKILL);
}

static void call_finish(const char *value)
{
	int status;
	char buf[4096];
	ssize_t n;

	while ((n = read(child_output, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, n, stdout);
	waitpid(child, &status, 0);
	close(child_output);
	if (WIFSIGNALED(status))
		printf("finish: killed by %d\n", WTERMSIG(status));
}

#endif
