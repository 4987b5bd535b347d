// SPDX-License-Identifier: GPL-2.0
/*
 * For tests: runs a command on a terminal of its own, and copies what it shows
 * there to stdout, until it ends. What stdin gives is typed, so that \003 is
 * Ctrl-C. Returns the status of the command.
 *
 * usage: pty COMMAND ARG...
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* False at the end of @from. */
static int copy(int from, int to)
{
	char buf[4096];
	ssize_t n = read(from, buf, sizeof(buf));

	if (n < 0 && errno == EINTR)
		return 1;
	return n > 0 && write(to, buf, n) == n;
}

static void copy_both(int terminal)
{
	struct pollfd fds[] = {
		{ .fd = terminal, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents && !copy(STDIN_FILENO, terminal))
			fds[1].fd = -1;
		if (fds[0].revents && !copy(terminal, STDOUT_FILENO))
			return;
	}
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int terminal, status;
	pid_t child;

	if (argc < 2)
		return 2;
	child = forkpty(&terminal, NULL, NULL, &size);
	if (!child) {
		/* A shell's background jobs ignore it. */
		signal(SIGINT, SIG_DFL);
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (child < 0) {
		perror("pty");
		return 126;
	}
	copy_both(terminal);
	if (waitpid(child, &status, 0) < 0)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}
