// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers through a job of /dev/chanpat, with io_uring.
 *
 * It shows
 *  - a write and a read in flight at the same time, and not a thread for either:
 *    the kernel goes on with a write when the job has room, and with a read when
 *    there are results;
 *  - many values in a record, and many records in a write;
 *  - what a short write is, and that nothing else has to be done for a full input.
 *
 * Build it with "make", which wants liburing-dev, or
 *
 *	cc -O2 -Wall -Wextra -I ../../include/uapi uring.c -luring -o uring
 *
 * and run it with what may open the device:
 *
 *	uring [NUMBERS [JOB]]
 *
 * pushes 1 to NUMBERS (1000000) into JOB ("in | double"), and prints how much came
 * out of it. Without JOB it knows what that has to be.
 *
 * Exit status: 0 when the job ended well and the sum is right, 1 when not, or when
 * there is no device or the job is refused, 2 for wrong usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <linux/chanpat.h>

#define DEVICE		"/dev/chanpat"
#define LINE_MAX	4096	/* bytes, by default; see CHANPAT_IOC_INFO */
#define BATCH		256	/* numbers in a record */
#define BATCHES		8	/* records in a write */
#define COOKIE		1	/* there is one job */

/* What a completion is of. */
enum { WRITE = 1, READ };

static int fd;
static struct io_uring ring;
static bool writing;		/* a write is in flight */

/* What is to be pushed. */
static unsigned long long numbers = 1000000, pushed;
static bool end_made;

/* What came out. */
static unsigned long long nr_results, nr_errors, nr_writes, nr_reads;
static long long sum;
static struct chanpat_done done;

static struct {
	char buf[BATCHES * (sizeof(struct chanpat_record) +
			    BATCH * sizeof(__s64))];
	size_t len, pos;	/* what there is, and what was taken of it */
} out __attribute__((aligned(8)));

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *fmt, ...)
{
	va_list args;

	fputs("uring: ", stderr);
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

	/* Not O_NONBLOCK: a request is to wait, and does so in the kernel. */
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s%s", DEVICE, strerror(errno),
		    errno == ENOENT ? " (is the module loaded?)" : "");
	if (ioctl(fd, CHANPAT_IOC_FORMAT, &format))
		die("%s: no records: %s", DEVICE, strerror(errno));
}

/* The module's reason, where it gave one. */
static void refused(const char *what, int err)
{
	struct chanpat_reject why;

	if (ioctl(fd, CHANPAT_IOC_REJECT, &why) || why.err != (__u32)err)
		die("%s: %s", what, strerror(err));
	if (why.col)
		die("%s: column %u: %s", what, why.col, why.reason);
	die("%s: %s", what, why.reason);
}

/* Before anything is read: a session without a job is at its end at once. */
static void start_job(const char *job)
{
	struct {
		struct chanpat_record head;
		char line[LINE_MAX];
	} record = { .head = { .type = CHANPAT_LINE, .cookie = COOKIE } };
	size_t len = strlen(job);

	if (len > sizeof(record.line))
		die("a line of more than %zu bytes", sizeof(record.line));
	memcpy(record.line, job, len);
	record.head.size = sizeof(record.head) + len;
	/* Zeroes follow a line up to the next multiple of 8. */
	if (write(fd, &record, (record.head.size + 7) & ~7u) < 0)
		refused(job, errno);
}

/* Writing */

static void add_record(unsigned int type, unsigned int count)
{
	struct chanpat_record *record = (void *)(out.buf + out.len);
	__s64 *values = (void *)(record + 1);
	unsigned int i;

	*record = (struct chanpat_record) {
		.size = sizeof(*record) + count * sizeof(*values),
		.type = type,
		.cookie = COOKIE,
		.count = count,
	};
	for (i = 0; i < count; i++)
		values[i] = ++pushed;
	out.len += record->size;
}

static void make_records(void)
{
	unsigned int i;

	out.len = 0;
	out.pos = 0;
	for (i = 0; i < BATCHES && pushed < numbers; i++)
		add_record(CHANPAT_NUMBERS, numbers - pushed < BATCH ?
					    numbers - pushed : BATCH);
	if (!out.len && !end_made) {
		add_record(CHANPAT_END, 0);
		end_made = true;
	}
}

/* One at a time: which of two goes on first when there is room is not promised. */
static void begin_write(void)
{
	struct io_uring_sqe *sqe;

	if (out.pos == out.len)
		make_records();
	if (!out.len)
		return;
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_write(sqe, fd, out.buf + out.pos, out.len - out.pos, -1);
	io_uring_sqe_set_data64(sqe, WRITE);
	writing = true;
	nr_writes++;
}

static void end_write(int result)
{
	writing = false;
	/* A job that has ended by itself, or failed, takes nothing more. */
	if (result == -EPIPE || result == -ESRCH)
		return;
	if (result < 0)
		refused("pushing", -result);
	/* It was short when there was no room for more: whole records. */
	out.pos += result;
	begin_write();
}

/* Reading */

static char in[CHANPAT_RECORD_MAX] __attribute__((aligned(8)));

static void begin_read(void)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	io_uring_prep_read(sqe, fd, in, sizeof(in), -1);
	io_uring_sqe_set_data64(sqe, READ);
	nr_reads++;
}

static void take_record(const struct chanpat_record *record)
{
	const __s64 *values = (const void *)(record + 1);
	__u32 i;

	switch (record->type) {
	case CHANPAT_NUMBERS:
		for (i = 0; i < record->count; i++)
			sum += values[i];
		nr_results += record->count;
		break;
	case CHANPAT_BYTES:
		nr_results += record->count;
		break;
	case CHANPAT_ERRORS:
		nr_errors += record->count;
		break;
	case CHANPAT_DONE:
		done = *(const struct chanpat_done *)values;
		break;
	/* What a later module may say is no concern of this program. */
	default:
		break;
	}
}

static void end_read(int result)
{
	const struct chanpat_record *record;
	int pos;

	if (result < 0)
		die("read: %s", strerror(-result));
	for (pos = 0; pos < result; pos += record->size) {
		record = (const void *)(in + pos);
		take_record(record);
	}
	if (done.status != CHANPAT_RUNNING)
		return;
	if (!result)
		die("no end of the job was read");
	begin_read();
}

static void complete_one(void)
{
	struct io_uring_cqe *cqe;
	int err, result;
	__u64 what;

	err = io_uring_submit_and_wait(&ring, 1);
	if (err < 0 && err != -EINTR)
		die("io_uring: %s", strerror(-err));
	if (io_uring_peek_cqe(&ring, &cqe))
		return;
	what = cqe->user_data;
	result = cqe->res;
	io_uring_cqe_seen(&ring, cqe);
	if (what == WRITE)
		end_write(result);
	else
		end_read(result);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Whether they are what "double" makes of 1 to @numbers. */
static bool verify(void)
{
	long long expected = (long long)numbers * (numbers + 1);

	if (nr_results == numbers && sum == expected) {
		puts("and that is right");
		return true;
	}
	printf("and that is wrong: %llu results with the sum %lld were due\n",
	       numbers, expected);
	return false;
}

int main(int argc, char **argv)
{
	const char *job = argc > 2 ? argv[2] : "in | double";
	double start, took;
	char *end = "";
	int err;

	if (argc > 1)
		numbers = strtoull(argv[1], &end, 10);
	if (argc > 3 || *end || !numbers || numbers > 1000000000) {
		fputs("usage: uring [NUMBERS [JOB]]\n", stderr);
		return 2;
	}
	open_session();
	start_job(job);
	err = io_uring_queue_init(4, &ring, 0);
	if (err)
		die("io_uring: %s", strerror(-err));
	start = seconds();
	begin_read();
	begin_write();
	while (writing || done.status == CHANPAT_RUNNING)
		complete_one();
	took = seconds() - start;
	io_uring_queue_exit(&ring);
	/* This would cancel a job that still runs. */
	close(fd);

	printf("%llu numbers pushed, %llu results, %llu errors\n", pushed,
	       nr_results, nr_errors);
	printf("%.3f s, %.0f numbers a second, %llu writes, %llu reads\n", took,
	       pushed / took, nr_writes, nr_reads);
	printf("sum %lld\n", sum);
	if (done.status != CHANPAT_OK)
		die("the job did not end well: %s", done.status == CHANPAT_FAILED ?
						    strerror(done.err) :
						    "it was ended early");
	return argc > 2 || verify() ? 0 : 1;
}
