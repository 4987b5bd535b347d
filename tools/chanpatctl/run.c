// SPDX-License-Identifier: GPL-2.0
/* Running one job: its line goes in, its items come out. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "caret.h"
#include "device.h"
#include "exits.h"
#include "input.h"
#include "output.h"
#include "progress.h"
#include "record.h"
#include "run.h"

/* The run goes on: there is no exit status yet. */
#define RUNNING (-1)

/**
 * struct run - a job that runs
 * @line: the job
 * @options: how it is run
 * @in: the device
 * @out: for the items
 * @progress: on the terminal
 * @items: that came
 * @errors: that came
 * @status: exit status, or RUNNING
 */
struct run {
	const char *line;
	const struct run_options *options;
	struct input in;
	struct output out;
	struct progress progress;
	unsigned long long items;
	unsigned long long errors;
	int status;
};

/* Ctrl-C */

static struct {
	int dev;
	const struct progress *progress;
	atomic_int seen;
} interrupt;

/* The first one cancels the job, whose end is still read; the second one ends. */
static void on_interrupt(int signal)
{
	static const char cancel[] = "cancel all\n";
	static const char clear[] = "\r\033[K";
	int err = errno;
	ssize_t n;

	(void)signal;
	if (interrupt.seen) {
		if (interrupt.progress->shown)
			n = write(STDERR_FILENO, clear, sizeof(clear) - 1);
		_exit(EXIT_CANCELLED);
	}
	interrupt.seen = 1;
	n = write(interrupt.dev, cancel, sizeof(cancel) - 1);
	(void)n;
	errno = err;
}

/* Whoever started us with Ctrl-C ignored wants it to stay so. */
static void catch_interrupt(struct run *run)
{
	struct sigaction action = { .sa_handler = on_interrupt,
				    .sa_flags = SA_RESTART };
	struct sigaction before;

	interrupt.dev = run->in.fd;
	interrupt.progress = &run->progress;
	sigaction(SIGINT, NULL, &before);
	if (before.sa_handler != SIG_IGN)
		sigaction(SIGINT, &action, NULL);
}

/* Output */

/* Nothing can be written any more, for which the reader is no error. */
static void run_cannot_write(struct run *run, int err)
{
	progress_hide(&run->progress);
	run->status = EXIT_NO_READER;
	if (err == -EPIPE)
		return;
	run->status = EXIT_FAILED;
	fprintf(stderr, "chanpatctl: cannot write the output: %s\n",
		strerror(-err));
}

/* False when it cannot be written; the exit status is then set. */
static bool run_flush(struct run *run)
{
	int err;

	if (!run->out.len)
		return true;
	progress_output(&run->progress);
	err = output_flush(&run->out);
	if (err)
		run_cannot_write(run, err);
	return !err;
}

static void run_put(struct run *run, const struct record *record)
{
	int err;

	run->items++;
	if (OUTPUT_BUFFER - run->out.len <= record->len)
		progress_output(&run->progress);
	err = output_line(&run->out, record->value, record->len);
	if (err)
		run_cannot_write(run, err);
}

/* In the order in which they came, for those who see both on a terminal. */
static void run_put_error(struct run *run, const struct record *record)
{
	run->errors++;
	if (!run_flush(run))
		return;
	progress_hide(&run->progress);
	fprintf(stderr, "chanpatctl: %s at stage %llu (%s), item %llu\n",
		record->word, record->stage, record->op, record->seq);
}

/* The end */

static const struct end {
	const char *status;
	int exit;
	const char *words;
} ends[] = {
	{ "ok", EXIT_OK, "ok" },
	{ "timeout", EXIT_TIME, "timeout: the time of the job was over" },
	{ "idle", EXIT_TIME, "idle: the next item did not come in time" },
	{ "cancelled", EXIT_CANCELLED, "cancelled" },
	{ },
};

static const struct end *find_end(const char *status)
{
	const struct end *end = ends;

	while (end->status && strcmp(end->status, status))
		end++;
	return end->status ? end : NULL;
}

static void say_time(unsigned long long us)
{
	if (us < 1000)
		fprintf(stderr, "%llu us", us);
	else if (us < 1000000)
		fprintf(stderr, "%.1f ms", us / 1e3);
	else
		fprintf(stderr, "%.3f s", us / 1e6);
}

static void say_end(const struct record *record, const struct end *end)
{
	if (end)
		fprintf(stderr, "chanpatctl: %s", end->words);
	else if (!strncmp(record->word, "failed:", 7))
		fprintf(stderr, "chanpatctl: failed: %s", record->word + 7);
	else
		fprintf(stderr, "chanpatctl: %s", record->word);
	fprintf(stderr, " (%llu items, %llu errors, ", record->items,
		record->errors);
	say_time(record->time_us);
	fprintf(stderr, ")\n");
}

static void run_end(struct run *run, const struct record *record)
{
	const struct end *end = find_end(record->word);

	run->status = end ? end->exit : EXIT_FAILED;
	if (!run->status && run->options->strict && record->errors)
		run->status = EXIT_FAILED;
	if (!run_flush(run))
		return;
	/* The "^C" that the terminal shows goes too. */
	if (interrupt.seen && run->progress.enabled)
		run->progress.shown = true;
	progress_hide(&run->progress);
	if (!end || end->exit || run->options->verbose)
		say_end(record, end);
}

static void run_rejected(struct run *run, const struct record *record)
{
	fprintf(stderr, "chanpatctl: %s\n", record->reason);
	caret_show(run->line, record->col);
	run->status = EXIT_USAGE;
}

/* Records */

static void run_take(struct run *run, char *line, size_t len)
{
	struct record record;

	if (!record_parse(line, len, &record)) {
		fprintf(stderr, "chanpatctl: the device said: %s\n", line);
		run->status = EXIT_FAILED;
		return;
	}
	if (record.kind == RECORD_ITEM)
		run_put(run, &record);
	else if (record.kind == RECORD_ERROR)
		run_put_error(run, &record);
	else if (record.kind == RECORD_DONE)
		run_end(run, &record);
	else
		run_rejected(run, &record);
}

/* Nothing is there to be read: shows what came, and waits for more. */
static void run_wait(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = run->in.fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};

	if (!run_flush(run))
		return;
	poll(fds, 2, progress_wait(&run->progress));
	if (fds[1].revents & (POLLERR | POLLNVAL))
		run->status = EXIT_NO_READER;
}

/* The device has no more lines: they end with the end of the job. */
static void run_over(struct run *run, int err)
{
	run->status = EXIT_FAILED;
	if (!run_flush(run))
		return;
	progress_hide(&run->progress);
	if (err) {
		fprintf(stderr, "chanpatctl: cannot read the results: %s\n",
			strerror(err));
		return;
	}
	fprintf(stderr, "chanpatctl: there is no job in this line\n");
	run->status = EXIT_USAGE;
}

static void run_read(struct run *run)
{
	ssize_t n = input_read(&run->in);
	size_t len;
	char *line;

	if (n < 0 && errno == EAGAIN)
		run_wait(run);
	else if (n <= 0)
		run_over(run, n ? errno : 0);
	while (run->status == RUNNING && (line = input_line(&run->in, &len)))
		run_take(run, line, len);
	if (run->status == RUNNING)
		progress_show(&run->progress, run->items, run->errors);
}

/* Submitting */

static int write_all(int fd, const char *buf, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, buf, len);
		if (n < 0)
			return -errno;
		buf += n;
		len -= n;
	}
	return 0;
}

static int submit(struct run *run)
{
	size_t len = strlen(run->line);
	char *line = malloc(len + 1);
	int err;

	if (!line)
		return -ENOMEM;
	memcpy(line, run->line, len);
	line[len] = '\n';
	err = write_all(run->in.fd, line, len + 1);
	free(line);
	return err;
}

/* The reason waits to be read; without one, the errno has to do. */
static void run_refused(struct run *run, int err)
{
	char *line = NULL;
	size_t len;

	fcntl(run->in.fd, F_SETFL, O_NONBLOCK);
	run->status = EXIT_USAGE;
	if (input_read(&run->in) > 0)
		line = input_line(&run->in, &len);
	if (line)
		run_take(run, line, len);
	else
		fprintf(stderr, "chanpatctl: the line was not taken: %s\n",
			strerror(-err));
}

static void run_loop(struct run *run)
{
	catch_interrupt(run);
	progress_start(&run->progress);
	fcntl(run->in.fd, F_SETFL, O_NONBLOCK);
	while (run->status == RUNNING)
		run_read(run);
	progress_hide(&run->progress);
}

/* Returns an exit status. */
int run_job(const char *line, const struct run_options *options)
{
	static struct run run;
	int err;

	run.line = line;
	run.options = options;
	run.status = RUNNING;
	run.in.fd = device_open();
	if (run.in.fd < 0)
		return EXIT_NO_DEVICE;
	signal(SIGPIPE, SIG_IGN);
	err = submit(&run);
	if (err)
		run_refused(&run, err);
	else
		run_loop(&run);
	close(run.in.fd);
	input_free(&run.in);
	return run.status;
}
