// SPDX-License-Identifier: GPL-2.0
/*
 * System calls on the device, in the order of the arguments, one line of output
 * each: what a shell cannot do, or not exactly. An argument is CALL[:VALUE].
 *
 *	open:MODE	r, w or rw, with n for O_NONBLOCK; becomes the current file
 *	use:N		the N-th file that was opened, from 0, becomes the current one
 *	fd:N		an inherited descriptor becomes the current file
 *	dup close	of the current file
 *	block nonblock	what the current file does when it would have to wait
 *	write:TEXT	with \n and other escapes of printf
 *	writeall:TEXT	goes on after a short write, until it fails
 *	fill:LINE	writes the line until that fails
 *	writefault:TEXT	TEXT, and then a page that is not there
 *	read:N		at most N bytes
 *	readline	until a newline was read, one byte at a time
 *	drain[:N]	until the end, N bytes at a time; says how many lines
 *	show		until the end, and shows it as it is
 *	readfault:N	into N bytes, and then a page that is not there
 *	poll:MS		what is ready; pollin and pollout wait for one of the two; -1 is for ever
 *	alarm:MS	interrupts what comes next, until noalarm
 *	start:CALL	makes a call in a child, and waits until it sleeps
 *	signal kill	of the child
 *	finish		waits for the child; its line is printed now
 */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/mman.h>
#include "verbs.h"

#define DEVICE "/dev/chanpat"
#define NR_FILES 16
#define BUF_SIZE (1 << 20)

static int files[NR_FILES];
static int nr_files;
static int fd = -1;
static char buf[BUF_SIZE];

static void say_text(const char *what, ssize_t n)
{
	ssize_t i;

	if (n <= 0) {
		say_result(what, n);
		return;
	}
	printf("%s %zd ", what, n);
	for (i = 0; i < n; i++)
		if (buf[i] == '\n')
			fputs("\\n", stdout);
		else
			putchar(buf[i]);
	putchar('\n');
}

/* \n, \t, \\, \0 and \xHH in place. */
static size_t unescape(char *to, const char *from)
{
	char *start = to;
	unsigned int byte;

	for (; *from; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		switch (*++from) {
		case 'n':
			*to++ = '\n';
			break;
		case 't':
			*to++ = '\t';
			break;
		case 'x':
			if (sscanf(from + 1, "%2x", &byte) != 1)
				die("a bad \\x in an argument");
			*to++ = byte;
			from += 2;
			break;
		default:
			*to++ = *from;
		}
	}
	return to - start;
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
	if (fd < 0) {
		say_result("open", fd);
		return;
	}
	if (nr_files == NR_FILES)
		die("too many files");
	files[nr_files++] = fd;
}

static void call_use(const char *value)
{
	fd = files[atoi(value)];
}

static void call_fd(const char *value)
{
	fd = atoi(value);
}

static void call_dup(const char *value)
{
	fd = dup(fd);
	files[nr_files++] = fd;
}

static void call_close(const char *value)
{
	if (close(fd))
		say_result("close", -1);
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

static void call_write(const char *text)
{
	size_t len = unescape(buf, text);

	say_result("write", write(fd, buf, len));
}

static void call_writeall(const char *text)
{
	size_t len = unescape(buf, text), done = 0;
	ssize_t n = 0;

	while (done < len && n >= 0) {
		n = write(fd, buf + done, len - done);
		if (n > 0)
			done += n;
	}
	say_result("writeall", n < 0 ? n : (ssize_t)done);
}

static void call_fill(const char *line)
{
	int n = snprintf(buf, sizeof(buf), "%s\n", line), count = 0;

	while (write(fd, buf, n) == n)
		count++;
	printf("fill %d %s\n", count, strerrorname_np(errno));
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

static void call_writefault(const char *text)
{
	size_t len = unescape(buf, text);
	char *room = room_before_nothing(len);

	memcpy(room, buf, len);
	say_result("writefault", write(fd, room, len + 100));
}

static void call_readfault(const char *value)
{
	size_t size = atoi(value);
	char *room = room_before_nothing(size);
	ssize_t n = read(fd, room, size + 1000);

	if (n > 0)
		memcpy(buf, room, n);
	say_text("readfault", n);
}

static void call_read(const char *value)
{
	say_text("read", read(fd, buf, atoi(value)));
}

static void call_readline(const char *value)
{
	ssize_t n, len = 0;

	do {
		n = read(fd, buf + len, 1);
		if (n <= 0) {
			say_result("readline", n);
			return;
		}
		len++;
	} while (buf[len - 1] != '\n');
	say_text("readline", len);
}

static void call_drain(const char *value)
{
	size_t size = *value ? atoi(value) : 4096;
	ssize_t n, i, lines = 0;

	while ((n = read(fd, buf, size)) > 0)
		for (i = 0; i < n; i++)
			lines += buf[i] == '\n';
	if (n)
		printf("drain %zd %s\n", lines, strerrorname_np(errno));
	else
		printf("drain %zd\n", lines);
}

static void call_show(const char *value)
{
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, n, stdout);
	if (n)
		say_result("show", n);
}

static void call_poll(const char *value)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	int n = poll(&p, 1, atoi(value));

	if (n < 0)
		say_result("poll", n);
	else
		printf("poll%s%s%s%s%s\n", p.revents & POLLIN ? " in" : "",
		       p.revents & POLLOUT ? " out" : "",
		       p.revents & POLLERR ? " err" : "",
		       p.revents & POLLHUP ? " hup" : "",
		       p.revents ? "" : " none");
}

/* As call_poll(), for one of the two: so that it waits. */
static void call_pollin(const char *value)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n = poll(&p, 1, atoi(value));

	say_result("pollin", n);
}

static void call_pollout(const char *value)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int n = poll(&p, 1, atoi(value));

	say_result("pollout", n);
}

static const struct {
	const char *name;
	void (*make)(const char *value);
} calls[] = {
	{ "open", call_open },
	{ "use", call_use },
	{ "fd", call_fd },
	{ "dup", call_dup },
	{ "close", call_close },
	{ "block", call_block },
	{ "nonblock", call_nonblock },
	{ "write", call_write },
	{ "writeall", call_writeall },
	{ "fill", call_fill },
	{ "writefault", call_writefault },
	{ "read", call_read },
	{ "readline", call_readline },
	{ "drain", call_drain },
	{ "show", call_show },
	{ "readfault", call_readfault },
	{ "poll", call_poll },
	{ "pollin", call_pollin },
	{ "pollout", call_pollout },
	{ "alarm", call_alarm },
	{ "noalarm", call_noalarm },
	{ "start", call_start },
	{ "signal", call_signal },
	{ "kill", call_kill },
	{ "finish", call_finish },
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
