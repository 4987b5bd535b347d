// SPDX-License-Identifier: GPL-2.0
/*
 * What the device costs a program, the kernel's part and the program's together,
 * in instructions: the clock of the machine counts them. Prints for each case
 *
 *	chanpat NAME UNIT MIN MAX
 *
 * per item, in tenths of the unit, of several repetitions; and for a program that
 * does the same, "busybox NAME UNIT MIN MAX".
 *
 * usage: device LOG WORD
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../../include/uapi/linux/chanpat.h"

#define REPEATS 7
/* Of what takes long, and hardly varies. */
#define FEW 3
#define COOKIE 1
/* Items of a repetition. */
#define ITEMS 51200
#define GEN_ITEMS 1000000
#define BYTES_LEN 64
#define BUF_SIZE CHANPAT_RECORD_MAX

static char buf[BUF_SIZE];
static int fd;

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *fmt, ...)
{
	va_list args;

	printf("error device ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void report(const char *who, const char *name, uint64_t (*run)(void),
		   uint64_t items, int repeats)
{
	uint64_t min = UINT64_MAX, max = 0, took;
	int i;

	for (i = 0; i < repeats; i++) {
		took = run();
		min = took < min ? took : min;
		max = took > max ? took : max;
	}
	printf("%s %s instructions %.0f %.0f\n", who, name,
	       10.0 * min / items, 10.0 * max / items);
	fflush(stdout);
}

static void write_all(const void *data, size_t len)
{
	ssize_t n = write(fd, data, len);

	if (n != (ssize_t)len)
		die("a write of %zu returned %zd", len, n);
}

static void put_record(uint16_t type, const void *data, size_t len,
		       uint32_t count)
{
	struct chanpat_record head = {
		.size = sizeof(head) + len,
		.type = type,
		.cookie = COOKIE,
		.count = count,
	};
	static char record[BUF_SIZE];

	memcpy(record, &head, sizeof(head));
	memcpy(record + sizeof(head), data, len);
	memset(record + head.size, 0, 8);
	write_all(record, (head.size + 7) / 8 * 8);
}

static void begin(const char *line)
{
	uint32_t format = CHANPAT_FORMAT_RECORDS;

	fd = open("/dev/chanpat", O_RDWR);
	if (fd < 0 || ioctl(fd, CHANPAT_IOC_FORMAT, &format))
		die("the device cannot be opened");
	put_record(CHANPAT_LINE, line, strlen(line), 0);
}

/* How many values a read returned; -1 for the end of the job. */
static long read_values(void)
{
	ssize_t n = read(fd, buf, sizeof(buf)), pos;
	const struct chanpat_record *record;
	long values = 0;

	if (n <= 0)
		die("a read returned %zd", n);
	for (pos = 0; pos < n; pos += record->size) {
		record = (const void *)(buf + pos);
		if (record->type == CHANPAT_DONE)
			return -1;
		if (record->type == CHANPAT_ERRORS)
			die("an item failed");
		values += record->count;
	}
	return values;
}

static void read_values_until(long n)
{
	while (n > 0)
		n -= read_values();
}

static uint64_t push_numbers(uint32_t batch)
{
	static int64_t numbers[CHANPAT_COUNT_MAX];
	uint64_t start;
	uint32_t i;

	begin("in | double");
	for (i = 0; i < batch; i++)
		numbers[i] = i;
	start = now();
	for (i = 0; i < ITEMS; i += batch) {
		put_record(CHANPAT_NUMBERS, numbers, batch * sizeof(*numbers),
			   batch);
		read_values_until(batch);
	}
	start = now() - start;
	close(fd);
	return start;
}

static uint64_t push_256(void)
{
	return push_numbers(256);
}

static uint64_t push_1(void)
{
	return push_numbers(1);
}

static uint64_t push_bytes(void)
{
	static struct {
		struct chanpat_bytes head;
		char data[BYTES_LEN];
	} strings[64];
	uint64_t start;
	int i;

	begin("in | len");
	for (i = 0; i < 64; i++)
		strings[i].head.len = BYTES_LEN;
	start = now();
	for (i = 0; i < ITEMS; i += 64) {
		put_record(CHANPAT_BYTES, strings, sizeof(strings), 64);
		read_values_until(64);
	}
	start = now() - start;
	close(fd);
	return start;
}

static uint64_t push_text(void)
{
	static const char job[] = "in | double\n", line[] = "@1 21\n";
	uint64_t start;
	int i;

	fd = open("/dev/chanpat", O_RDWR);
	write_all(job, strlen(job));
	start = now();
	for (i = 0; i < ITEMS; i++) {
		write_all(line, strlen(line));
		if (read(fd, buf, sizeof(buf)) <= 0)
			die("no line was read");
	}
	start = now() - start;
	close(fd);
	return start;
}

static uint64_t run_job(const char *line)
{
	uint64_t start = now();

	begin(line);
	while (read_values() >= 0)
		;
	start = now() - start;
	close(fd);
	return start;
}

static uint64_t gen_count(void)
{
	return run_job("gen 1 1000000 | double | count");
}

static uint64_t gen_read(void)
{
	return run_job("gen 1 1000000 | double");
}

static const char *log_file, *log_word;

static uint64_t lines_grep(void)
{
	char line[256];
	uint64_t took;
	int log = open(log_file, O_RDONLY);

	if (log < 0)
		die("%s cannot be opened", log_file);
	snprintf(line, sizeof(line), "lines fd=%d | grep \"%s\" | count", log,
		 log_word);
	took = run_job(line);
	close(log);
	return took;
}

static uint64_t busybox_grep(void)
{
	uint64_t start = now();
	pid_t pid = fork();
	int status;

	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		execlp("busybox", "grep", "-cF", log_word, log_file, NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("busybox grep failed");
	return now() - start;
}

static uint64_t count_lines(void)
{
	FILE *file = fopen(log_file, "r");
	uint64_t n = 0;
	int c;

	if (!file)
		die("%s cannot be opened", log_file);
	while ((c = getc_unlocked(file)) != EOF)
		n += c == '\n';
	fclose(file);
	return n;
}

int main(int argc, char **argv)
{
	uint64_t lines;

	if (argc != 3)
		die("usage: device LOG WORD");
	log_file = argv[1];
	log_word = argv[2];
	lines = count_lines();
	report("chanpat", "device_in_double_256", push_256, ITEMS, REPEATS);
	report("chanpat", "device_in_double_1", push_1, ITEMS, REPEATS);
	report("chanpat", "device_in_double_text", push_text, ITEMS, REPEATS);
	report("chanpat", "device_in_len_64x64", push_bytes, ITEMS, REPEATS);
	report("chanpat", "device_gen_double_count", gen_count, GEN_ITEMS, REPEATS);
	report("chanpat", "device_gen_double_read", gen_read, GEN_ITEMS, FEW);
	report("chanpat", "device_lines_grep_count", lines_grep, lines, FEW);
	report("busybox", "device_lines_grep_count", busybox_grep, lines, FEW);
	return 0;
}
