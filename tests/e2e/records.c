// SPDX-License-Identifier: GPL-2.0
/*
 * The binary format and the ioctls, in the order of the arguments: see verbs.h.
 * Records are collected, and written by send; a COOKIE is a number.
 *
 *	open:MODE	r, w or rw, with n for O_NONBLOCK and t to leave it text
 *	use:N		the N-th file that was opened, from 0
 *	fd:N		an inherited descriptor
 *	block nonblock	what the file does when it would have to wait
 *	text		writes this to the file as it is, and a newline
 *	format:N	CHANPAT_IOC_FORMAT
 *
 *	line:COOKIE=TEXT numbers:COOKIE=N,N... bytes:COOKIE=TEXT,TEXT...
 *	range:COOKIE=FIRST,LAST long:COOKIE=LEN end:COOKIE cancel:COOKIE
 *			one more record
 *	set:FIELD=N	in the last record: size type flags cookie job count
 *	poke:OFFSET=N	a byte of the last record
 *	again:N		N times what there is
 *	pad:N cut:N	N bytes more, or less, at the end
 *	send		writes them and says "all", or how much; the rest stays
 *	sendfault	the same, and then a page that is not there
 *	clear		forgets them
 *	fill:COOKIE	pushes 256 numbers at a time until that fails
 *
 *	read:N		at most N bytes, and shows each record
 *	readfault:N	into N bytes, and then a page that is not there
 *	show[:N]	until the end, N bytes at a time, as if it had been one read
 *	small:N		says what N looks by another file see, while a process reads
 *			this one with too little room: whether there is something
 *			to read, and whether that is the end
 *	poll:MS pollin:MS pollout:MS
 *	wait:COOKIE,MS waitjob:JOB,MS
 *	info reject
 *	limit:JOBS,NICE,MEMORY
 *	stop:COOKIE	CHANPAT_IOC_CANCEL
 *	tail:N		ioctls are made with 8 bytes more from now on, the first of
 *			which is N
 *	ioctl:CMD	any number
 *	alarm noalarm start signal kill finish	as in calls.c
 */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include "../../include/uapi/linux/chanpat.h"
#include "verbs.h"

#define DEVICE "/dev/chanpat"
#define NR_FILES 16
#define BUF_SIZE (1 << 20)

static int files[NR_FILES];
static int nr_files;
static int fd = -1;
/* What is to be written, and where its last record begins. */
static char out[BUF_SIZE];
static size_t out_len;
static size_t last;
static char in[BUF_SIZE];
static int tail = -1;

static void call_format(const char *value)
{
	__u32 format = atoi(value);

	if (ioctl(fd, CHANPAT_IOC_FORMAT, &format))
		say_result("format", -1);
}

static void call_open(const char *mode)
{
	int flags = O_RDWR;

	if (!strchr(mode, 'w'))
		flags = O_RDONLY;
	else if (!strchr(mode, 'r'))
		flags = O_WRONLY;
	if (strchr(mode, 'n'))
		flags |= O_NONBLOCK;
	fd = open(DEVICE, flags);
	if (fd < 0)
		die("open %s", strerrorname_np(errno));
	files[nr_files++] = fd;
	if (!strchr(mode, 't'))
		call_format("1");
}

static void call_use(const char *value)
{
	fd = files[atoi(value)];
}

static void call_fd(const char *value)
{
	fd = atoi(value);
}

static void set_nonblock(bool on)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static void call_block(const char *value)
{
	set_nonblock(false);
}

static void call_nonblock(const char *value)
{
	set_nonblock(true);
}

static void call_text(const char *value)
{
	int n = snprintf(in, sizeof(in), "%s\n", value);

	if (write(fd, in, n) != n)
		say_result("text", -1);
}

/* Making records */

static struct chanpat_record *last_record(void)
{
	return (struct chanpat_record *)(out + last);
}

static void put(const void *data, size_t len)
{
	memcpy(out + out_len, data, len);
	out_len += len;
	last_record()->size += len;
}

/* Zeroes, which do not count for a line. */
static void put_padding(bool counts)
{
	while (out_len % 8) {
		out[out_len++] = 0;
		last_record()->size += counts;
	}
}

/* Returns what stands behind "COOKIE=". */
static char *begin(int type, const char *value)
{
	struct chanpat_record head = { .type = type };
	char *rest;

	head.cookie = strtoull(value, &rest, 0);
	last = out_len;
	last_record()->size = 0;
	put(&head, sizeof(head));
	last_record()->size = sizeof(head);
	return *rest ? rest + 1 : rest;
}

static void call_line(const char *value)
{
	char *text = begin(CHANPAT_LINE, value);

	put(text, strlen(text));
	put_padding(false);
}

static void put_number(long long num)
{
	__s64 value = num;

	put(&value, sizeof(value));
	last_record()->count++;
}

static void call_numbers(const char *value)
{
	char *rest = begin(CHANPAT_NUMBERS, value), *word;

	while ((word = strsep(&rest, ",")))
		if (*word)
			put_number(strtoll(word, NULL, 0));
}

static void call_range(const char *value)
{
	long long num, to;

	if (sscanf(begin(CHANPAT_NUMBERS, value), "%lld,%lld", &num, &to) != 2)
		die("range: %s", value);
	while (num <= to)
		put_number(num++);
}

static void put_bytes(const char *text, size_t len)
{
	struct chanpat_bytes head = { .len = len };

	put(&head, sizeof(head));
	put(text, len);
	put_padding(true);
	last_record()->count++;
}

static void call_bytes(const char *value)
{
	char *rest = begin(CHANPAT_BYTES, value), *word;

	while ((word = strsep(&rest, ",")))
		put_bytes(word, strlen(word));
}

static void call_long(const char *value)
{
	size_t len = atoi(begin(CHANPAT_BYTES, value));

	memset(in, 'x', len);
	put_bytes(in, len);
}

static void call_end(const char *value)
{
	begin(CHANPAT_END, value);
}

static void call_cancel(const char *value)
{
	begin(CHANPAT_CANCEL, value);
}

static void call_set(const char *value)
{
	struct chanpat_record *r = last_record();
	const char *number = strchr(value, '=') + 1;
	__u64 n = strtoull(number, NULL, 0);
	int len = number - 1 - value;

	if (!strncmp(value, "size", len))
		r->size = n;
	else if (!strncmp(value, "type", len))
		r->type = n;
	else if (!strncmp(value, "flags", len))
		r->flags = n;
	else if (!strncmp(value, "cookie", len))
		r->cookie = n;
	else if (!strncmp(value, "job", len))
		r->job = n;
	else if (!strncmp(value, "count", len))
		r->count = n;
	else
		die("no such field: %s", value);
}

static void call_poke(const char *value)
{
	int offset, byte;

	if (sscanf(value, "%d=%d", &offset, &byte) != 2)
		die("poke: %s", value);
	out[last + offset] = byte;
}

static void call_again(const char *value)
{
	size_t once = out_len;
	int i;

	for (i = 1; i < atoi(value); i++, out_len += once)
		memcpy(out + out_len, out, once);
}

static void call_pad(const char *value)
{
	memset(out + out_len, 0, atoi(value));
	out_len += atoi(value);
}

static void call_cut(const char *value)
{
	out_len -= atoi(value);
}

static void say_sent(const char *what, ssize_t n)
{
	if (n > 0 && (size_t)n == out_len)
		printf("%s all\n", what);
	else
		say_result(what, n);
	if (n < 0)
		return;
	out_len -= n;
	memmove(out, out + n, out_len);
}

static void call_send(const char *value)
{
	say_sent("send", write(fd, out, out_len));
}

static void call_clear(const char *value)
{
	out_len = 0;
}

/* The end of this room is the end of what is mapped. */
static char *room_before_nothing(size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t whole = (size + page - 1) / page * page;
	char *map = mmap(NULL, whole + page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || munmap(map + whole, page))
		die("no memory");
	return map + whole - size;
}

static void call_sendfault(const char *value)
{
	char *room = room_before_nothing(out_len);

	memcpy(room, out, out_len);
	say_sent("sendfault", write(fd, room, out_len + 1000));
}

static void call_fill(const char *value)
{
	char zeroes[32];
	int count = 0;

	snprintf(zeroes, sizeof(zeroes), "%s=1,256", value);
	out_len = 0;
	call_range(zeroes);
	while (write(fd, out, out_len) == (ssize_t)out_len)
		count++;
	printf("fill %s %s\n", count >= 8 ? "8" : "too few",
	       strerrorname_np(errno));
	out_len = 0;
}

/* Showing records */

static const char * const statuses[] = {
	"running", "ok", "cancelled", "timeout", "idle", "failed",
};

static void show_done(const struct chanpat_done *done)
{
	printf(" %s items=%llu errors=%llu", statuses[done->status],
	       (unsigned long long)done->items,
	       (unsigned long long)done->errors);
	if (done->err)
		printf(" %s", strerrorname_np(done->err));
	if (!done->time_ns)
		printf(" no time");
}

static void show_reject(const struct chanpat_reject *reject)
{
	printf(" cookie=%llu %s col=%u %s",
	       (unsigned long long)reject->cookie, strerrorname_np(reject->err),
	       reject->col, reject->reason);
}

/* A byte string, or what it has many of and how many of these. */
static size_t show_bytes(const struct chanpat_bytes *bytes)
{
	size_t padded = (bytes->len + 7) & ~7, i;

	if (bytes->reserved)
		die("bytes: reserved is not 0");
	for (i = bytes->len; i < padded; i++)
		if (bytes->data[i])
			die("bytes: the padding is not 0");
	if (bytes->len > 100)
		printf(" %c*%u", bytes->data[0], bytes->len);
	else
		printf(" \"%.*s\"", (int)bytes->len, bytes->data);
	return sizeof(*bytes) + padded;
}

static size_t show_error(const struct chanpat_error *error)
{
	printf(" %s@%u.%llu", strerrorname_np(error->err), error->stage,
	       (unsigned long long)error->seq);
	return sizeof(*error);
}

static size_t show_value(int type, const char *at)
{
	switch (type) {
	case CHANPAT_NUMBERS:
		printf(" %lld", (long long)*(const __s64 *)at);
		return sizeof(__s64);
	case CHANPAT_BYTES:
		return show_bytes((const void *)at);
	case CHANPAT_ERRORS:
		return show_error((const void *)at);
	case CHANPAT_DONE:
		show_done((const void *)at);
		return sizeof(struct chanpat_done);
	case CHANPAT_REJECT:
		show_reject((const void *)at);
		return sizeof(struct chanpat_reject);
	default:
		die("a record of type %d was read", type);
	}
}

static const char * const types[] = {
	[CHANPAT_NUMBERS] = "numbers", [CHANPAT_BYTES] = "bytes",
	[CHANPAT_ERRORS] = "errors", [CHANPAT_DONE] = "done",
	[CHANPAT_REJECT] = "reject",
};

/* Runs of more than 16 values are shown as their number, where they are alone. */
static void show_record(const struct chanpat_record *r)
{
	size_t at = sizeof(*r);
	__u32 i;

	if (r->flags || r->size % 8 || !r->count)
		die("a bad record was read");
	if (r->type == CHANPAT_NUMBERS && r->count > 16) {
		printf(" %lld..%u", (long long)*(const __s64 *)(r + 1), r->count);
		return;
	}
	for (i = 0; i < r->count; i++)
		at += show_value(r->type, (const char *)r + at);
	if (at != r->size)
		die("a record of %u bytes has %zu", r->size, at);
}

/* @before: of the same kind goes on in its line. */
static struct chanpat_record show_records(size_t n, struct chanpat_record before)
{
	const struct chanpat_record *r;
	size_t at;

	for (at = 0; at < n; at += r->size) {
		r = (const struct chanpat_record *)(in + at);
		if (r->size > n - at)
			die("a part of a record was read");
		if (r->job != before.job || r->type != before.type) {
			if (before.type)
				putchar('\n');
			printf("%s", types[r->type]);
			if (r->job)
				printf(" %llu/%u:", (unsigned long long)r->cookie,
				       r->job);
		}
		show_record(r);
		before = *r;
	}
	return before;
}

static void say_read(const char *what, ssize_t n)
{
	struct chanpat_record none = { };

	if (n <= 0) {
		say_result(what, n);
		return;
	}
	printf("%s %zd\n", what, n);
	show_records(n, none);
	putchar('\n');
}

static void call_read(const char *value)
{
	say_read("read", read(fd, in, atoi(value)));
}

static void call_readfault(const char *value)
{
	size_t size = atoi(value);
	char *room = room_before_nothing(size);
	ssize_t n = read(fd, room, size + 1000);

	if (n > 0)
		memcpy(in, room, n);
	say_read("readfault", n);
}

static void call_show(const char *value)
{
	size_t size = *value ? atoi(value) : CHANPAT_RECORD_MAX;
	struct chanpat_record before = { };
	ssize_t n;

	while ((n = read(fd, in, size)) > 0)
		before = show_records(n, before);
	if (before.type)
		putchar('\n');
	if (n)
		say_result("show", n);
}

/* ioctls */

/* With 8 bytes more, if tail was given. */
static int do_ioctl(unsigned int cmd, void *arg)
{
	unsigned int size = _IOC_SIZE(cmd);
	char longer[512] = { };
	int err;

	if (tail < 0)
		return ioctl(fd, cmd, arg);
	memcpy(longer, arg, size);
	longer[size] = tail;
	err = ioctl(fd, _IOC(_IOC_DIR(cmd), _IOC_TYPE(cmd), _IOC_NR(cmd),
			     size + 8), longer);
	memcpy(arg, longer, size);
	return err;
}

static void call_tail(const char *value)
{
	tail = atoi(value);
}

static void call_ioctl(const char *value)
{
	say_result("ioctl", ioctl(fd, strtoul(value, NULL, 0), in));
}

static void call_info(const char *value)
{
	struct chanpat_info info;

	memset(&info, 0xff, sizeof(info));
	if (do_ioctl(CHANPAT_IOC_INFO, &info)) {
		say_result("info", -1);
		return;
	}
	printf("info abi=%u format=%u", info.abi, info.format);
	printf(" line=%u stages=%u workers=%u buf=%u", info.line, info.stages,
	       info.workers, info.buf);
	printf(" jobs=%u memory=%llu used=%llu\n", info.jobs,
	       (unsigned long long)info.memory,
	       (unsigned long long)info.memory_used);
	if (!info.session)
		die("no session");
}

static void call_reject(const char *value)
{
	struct chanpat_reject reject;

	if (do_ioctl(CHANPAT_IOC_REJECT, &reject)) {
		say_result("reject", -1);
		return;
	}
	printf("reject");
	show_reject(&reject);
	putchar('\n');
}

static void wait_for(struct chanpat_wait *wait, int ms)
{
	wait->timeout_ns = ms < 0 ? -1 : ms * 1000000LL;
	if (do_ioctl(CHANPAT_IOC_WAIT, wait)) {
		say_result("wait", -1);
		return;
	}
	printf("wait");
	show_done(&wait->done);
	putchar('\n');
}

static void call_wait(const char *value)
{
	struct chanpat_wait wait = { };
	char *rest;

	wait.cookie = strtoull(value, &rest, 0);
	wait_for(&wait, atoi(rest + 1));
}

static void call_waitjob(const char *value)
{
	struct chanpat_wait wait = { };
	char *rest;

	wait.job = strtoul(value, &rest, 0);
	wait_for(&wait, atoi(rest + 1));
}

static void call_limit(const char *value)
{
	struct chanpat_limits limits = { };
	unsigned long long memory;

	if (sscanf(value, "%u,%u,%llu", &limits.jobs, &limits.nice,
		   &memory) != 3)
		die("limit: %s", value);
	limits.memory = memory;
	say_result("limit", do_ioctl(CHANPAT_IOC_LIMIT, &limits));
}

static void call_stop(const char *value)
{
	__u64 cookie = strtoull(value, NULL, 0);

	say_result("stop", do_ioctl(CHANPAT_IOC_CANCEL, &cookie));
}

static void do_poll(const char *what, int events, const char *value)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n = poll(&p, 1, atoi(value));

	if (n < 0) {
		say_result(what, n);
		return;
	}
	printf("%s%s%s%s\n", what, p.revents & POLLIN ? " in" : "",
	       p.revents & POLLOUT ? " out" : "", p.revents ? "" : " none");
}

static void call_poll(const char *value)
{
	do_poll("poll", POLLIN | POLLOUT, value);
}

/* A byte at a time: no record has room. */
static pid_t start_small_reads(void)
{
	pid_t pid = fork();
	char byte;

	while (!pid)
		if (read(fd, &byte, 1) >= 0)
			exit(1);
	return pid;
}

static void call_small(const char *value)
{
	struct iovec room = { in, 1 };
	int looks = atoi(value), silent = 0, ends = 0, status;
	struct pollfd p = { .events = POLLIN };
	pid_t pid = start_small_reads();

	call_open("r");
	p.fd = fd;
	while (looks--) {
		silent += !poll(&p, 1, 0);
		ends += !preadv2(fd, &room, 1, -1, RWF_NOWAIT);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	printf("small nothing %d end %d%s\n", silent, ends,
	       WIFSIGNALED(status) ? "" : ", and one was read");
}

static void call_pollin(const char *value)
{
	do_poll("pollin", POLLIN, value);
}

static void call_pollout(const char *value)
{
	do_poll("pollout", POLLOUT, value);
}

static const struct {
	const char *name;
	void (*make)(const char *value);
} calls[] = {
	{ "open", call_open }, { "use", call_use }, { "fd", call_fd },
	{ "block", call_block }, { "nonblock", call_nonblock },
	{ "text", call_text }, { "format", call_format },
	{ "line", call_line }, { "numbers", call_numbers },
	{ "bytes", call_bytes }, { "range", call_range },
	{ "long", call_long }, { "end", call_end }, { "cancel", call_cancel },
	{ "set", call_set }, { "poke", call_poke }, { "again", call_again },
	{ "pad", call_pad }, { "cut", call_cut }, { "send", call_send },
	{ "sendfault", call_sendfault }, { "clear", call_clear },
	{ "fill", call_fill }, { "read", call_read },
	{ "readfault", call_readfault }, { "show", call_show },
	{ "small", call_small },
	{ "poll", call_poll }, { "pollin", call_pollin },
	{ "pollout", call_pollout }, { "wait", call_wait },
	{ "waitjob", call_waitjob }, { "info", call_info },
	{ "reject", call_reject }, { "limit", call_limit },
	{ "stop", call_stop }, { "tail", call_tail }, { "ioctl", call_ioctl },
	{ "alarm", call_alarm }, { "noalarm", call_noalarm },
	{ "start", call_start }, { "signal", call_signal },
	{ "kill", call_kill }, { "finish", call_finish },
};

static void do_call(char *word)
{
	char *value = strchr(word, ':');
	size_t i;

	if (value)
		*value++ = '\0';
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, word)) {
			calls[i].make(value ? value : "");
			return;
		}
	die("no such call: %s", word);
}

int main(int argc, char **argv)
{
	while (*++argv)
		do_call(*argv);
	return 0;
}
