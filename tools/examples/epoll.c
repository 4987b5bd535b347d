// SPDX-License-Identifier: GPL-2.0
/*
 * An event loop over one session of /dev/chanpat.
 *
 * It shows
 *  - records in place of text, without blocking, and edge-triggered epoll;
 *  - several jobs in one session, told apart by their cookies;
 *  - pushing into a job that begins with "in", which is slower than this program:
 *    its input gets full, and EPOLLOUT tells when there is room again;
 *  - numbers, byte strings, items that failed, and ends;
 *  - ending a job early, and the reason when a line is refused.
 *
 * Build it with "make", or
 *
 *	cc -O2 -Wall -Wextra -I ../../include/uapi epoll.c -o epoll
 *
 * and run it with what may open the device:
 *
 *	epoll [JOB...]		jobs of your own, besides those below
 *
 * Exit status: 0 when each job ended as it should, 1 when not, or when there is no
 * device or a job is refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/chanpat.h>

#define DEVICE		"/dev/chanpat"
#define LINE_MAX	4096	/* bytes, by default; see CHANPAT_IOC_INFO */
#define BATCH		256	/* numbers in a record */
#define NUMBERS		10000	/* to push, 1 and so on */
#define JOBS_MAX	64

struct job {
	const char *line;
	unsigned int cancel_after;	/* so many items; 0: never */
	unsigned int items;		/* that were read */
};

static struct job jobs[JOBS_MAX] = {
	{ .line = "gen 1 10 | square | sum" },
	{ .line = "values apple \"two words\" | upper" },
	{ .line = "gen 1 6 | fail every=3" },
	{ .line = "tick 10ms 1000000", .cancel_after = 3 },
	/* The one that is pushed into. */
	{ .line = "in | sleep 10us | sum" },
};

static unsigned int nr_jobs = 5;
static struct job *const fed = &jobs[4];

static int fd;
static unsigned int nr_started, nr_running, nr_bad;
static unsigned int nr_pushed;	/* numbers */
static unsigned int nr_full;	/* times that there was no room */
static bool fed_ended;		/* nothing is left to push */

/* The record to be written next; nothing when its size is 0. */
static struct {
	struct chanpat_record head;
	union {
		char line[LINE_MAX];
		__s64 numbers[BATCH];
	};
} out;

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("epoll: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* Opened for reading and writing, it is a session of its own. */
static void open_session(void)
{
	int format = CHANPAT_FORMAT_RECORDS;

	fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s%s", DEVICE, strerror(errno),
		    errno == ENOENT ? " (is the module loaded?)" : "");
	if (ioctl(fd, CHANPAT_IOC_FORMAT, &format))
		die("%s: no records: %s", DEVICE, strerror(errno));
}

/* Writing: one record at a time, so it is taken as a whole, or not at all. */

static void make_record(unsigned int type, const struct job *job)
{
	memset(&out, 0, sizeof(out));
	out.head.size = sizeof(out.head);
	out.head.type = type;
	/* Any number but 0. An address makes looking up unnecessary. */
	out.head.cookie = (uintptr_t)job;
}

static void make_line(const struct job *job)
{
	size_t len = strlen(job->line);

	if (len > sizeof(out.line))
		die("a line of more than %zu bytes", sizeof(out.line));
	make_record(CHANPAT_LINE, job);
	memcpy(out.line, job->line, len);
	out.head.size += len;
}

static void make_numbers(void)
{
	unsigned int n = 0;

	make_record(CHANPAT_NUMBERS, fed);
	while (n < BATCH && nr_pushed < NUMBERS)
		out.numbers[n++] = ++nr_pushed;
	out.head.count = n;
	out.head.size += n * sizeof(out.numbers[0]);
}

/* False when there is nothing to write. */
static bool next_record(void)
{
	if (out.head.size)
		return true;
	if (nr_started < nr_jobs) {
		make_line(&jobs[nr_started]);
	} else if (fed_ended) {
		return false;
	} else if (nr_pushed < NUMBERS) {
		make_numbers();
	} else {
		make_record(CHANPAT_END, fed);
		fed_ended = true;
	}
	return true;
}

static void refused(int err)
{
	struct chanpat_reject why;

	/* A job that has ended by itself needs nothing more. */
	if (out.head.type != CHANPAT_LINE && (err == EPIPE || err == ESRCH)) {
		fed_ended = true;
		return;
	}
	if (ioctl(fd, CHANPAT_IOC_REJECT, &why) || why.err != (__u32)err)
		die("%s: write: %s", DEVICE, strerror(err));
	if (out.head.type != CHANPAT_LINE)
		die("%s: %s", fed->line, why.reason);
	die("%s: column %u: %s", jobs[nr_started].line, why.col, why.reason);
}

/* False when there is nothing to write, or no room for it now. */
static bool write_some(void)
{
	if (!next_record())
		return false;
	/* The line of a job may be of any length, and zeroes follow. */
	if (write(fd, &out, (out.head.size + 7) & ~7u) < 0) {
		if (errno == EAGAIN) {
			nr_full++;
			return false;
		}
		refused(errno);
	} else if (out.head.type == CHANPAT_LINE) {
		nr_started++;
		nr_running++;
		printf("%u started: %s\n", nr_started, jobs[nr_started - 1].line);
	}
	out.head.size = 0;
	return true;
}

/* Reading */

static void show_numbers(unsigned int id, const __s64 *numbers, __u32 count)
{
	while (count--)
		printf("%u number %lld\n", id, (long long)*numbers++);
}

static void show_bytes(unsigned int id, const void *pos, __u32 count)
{
	const struct chanpat_bytes *bytes;

	while (count--) {
		bytes = pos;
		printf("%u bytes \"%.*s\"\n", id, (int)bytes->len, bytes->data);
		pos += sizeof(*bytes) + ((bytes->len + 7) & ~7u);
	}
}

static void show_errors(unsigned int id, const struct chanpat_error *error,
			__u32 count)
{
	for (; count--; error++)
		printf("%u error in item %llu of stage %u: %s\n", id,
		       (unsigned long long)error->seq, error->stage,
		       strerror(error->err));
}

static void show_done(unsigned int id, const struct job *job,
		      const struct chanpat_done *done)
{
	static const char *const names[] = {
		"running", "ok", "cancelled", "timeout", "idle", "failed",
	};
	unsigned int wanted = job->cancel_after ? CHANPAT_CANCELLED : CHANPAT_OK;

	printf("%u done: %s, %llu items, %llu errors\n", id,
	       done->status <= CHANPAT_FAILED ? names[done->status] : "?",
	       (unsigned long long)done->items,
	       (unsigned long long)done->errors);
	if (done->status == CHANPAT_FAILED)
		printf("%u because of: %s\n", id, strerror(done->err));
	nr_bad += done->status != wanted;
	nr_running--;
}

/* The job runs on until it notices; its last record is CHANPAT_DONE as always. */
static void cancel_when_due(struct job *job, __u32 count)
{
	__u64 cookie = (uintptr_t)job;
	bool due = job->items < job->cancel_after;

	job->items += count;
	if (due && job->items >= job->cancel_after &&
	    ioctl(fd, CHANPAT_IOC_CANCEL, &cookie))
		die("cancel: %s", strerror(errno));
}

static void show(const struct chanpat_record *record)
{
	struct job *job = (struct job *)(uintptr_t)record->cookie;
	unsigned int id = job - jobs + 1;
	const void *values = record + 1;

	switch (record->type) {
	case CHANPAT_NUMBERS:
		show_numbers(id, values, record->count);
		cancel_when_due(job, record->count);
		break;
	case CHANPAT_BYTES:
		show_bytes(id, values, record->count);
		cancel_when_due(job, record->count);
		break;
	case CHANPAT_ERRORS:
		show_errors(id, values, record->count);
		break;
	case CHANPAT_DONE:
		show_done(id, job, values);
		break;
	/* What a later module may say is no concern of this program. */
	default:
		break;
	}
}

/* False when there is nothing to read now. */
static bool read_some(void)
{
	/* The longest record fits, so there is none that cannot be read. */
	static char in[CHANPAT_RECORD_MAX] __attribute__((aligned(8)));
	const struct chanpat_record *record;
	ssize_t n = read(fd, in, sizeof(in)), pos;

	if (n < 0 && errno != EAGAIN)
		die("%s: read: %s", DEVICE, strerror(errno));
	for (pos = 0; pos < n; pos += record->size) {
		record = (const void *)(in + pos);
		show(record);
	}
	/* 0 is the end: no job runs, and all has been read. */
	return n > 0;
}

/* An edge is told once, so this goes on until neither is possible. By turns. */
static void do_what_is_possible(void)
{
	bool writes = true, reads = true;

	while (writes || reads) {
		writes = writes && write_some();
		reads = reads && read_some();
	}
}

int main(int argc, char **argv)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int epoll = epoll_create1(EPOLL_CLOEXEC), i;

	if (nr_jobs + argc - 1 > JOBS_MAX)
		die("more than %d jobs", JOBS_MAX);
	for (i = 1; i < argc; i++)
		jobs[nr_jobs++].line = argv[i];
	open_session();
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		die("epoll: %s", strerror(errno));
	/* Another program would have sockets, timers and so on here, too. */
	while (nr_running || next_record()) {
		if (epoll_wait(epoll, &event, 1, -1) < 0 && errno != EINTR)
			die("epoll: %s", strerror(errno));
		do_what_is_possible();
	}
	printf("pushed %u numbers, found no room %u times\n", nr_pushed, nr_full);
	/* This would cancel what still runs. */
	close(fd);
	return nr_bad != 0;
}
