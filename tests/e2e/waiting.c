// SPDX-License-Identifier: GPL-2.0
/*
 * Ways to wait for the device, and to hand it on, in the order of the arguments:
 * see verbs.h.
 *
 *	open:MODE	r, w or rw, with n for O_NONBLOCK
 *	use:N		the N-th file that was opened, from 0
 *	fd:N		an inherited descriptor
 *	block nonblock	what the file does when it would have to wait
 *	write:TEXT	with \n
 *	fill:LINE	writes the line until that fails
 *	read:N show	as in calls.c
 *	epoll:EVENTS	waits for i and o from now on, with e for edges
 *	events:MS	what there is
 *	sigio		signals from now on
 *	sigin:MS sigout:MS	waits for one of the kind
 *	ringread:N ringwrite:TEXT	begun
 *	ringlines:TEXT	a write for each line, all begun at once
 *	ring:MS		waits for its end
 *	threads		that the kernel has made to wait for a ring
 *	splicein:TEXT	through a pipe
 *	spliceout:N	at most N bytes, through a pipe
 *	splicefile:PATH	to its end, through a pipe, into a file
 *	sendfile:PATH	the file, written
 *	passed:UID,GID	a file that a process of this user opens and sends
 *	alarm noalarm start signal kill finish	as in calls.c
 */
#include <dirent.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "verbs.h"

#define DEVICE "/dev/chanpat"
#define NR_FILES 16
#define BUF_SIZE 65536
#define SIGNAL (SIGRTMIN + 1)

static int files[NR_FILES];
static int nr_files;
static int fd = -1;
static char buf[BUF_SIZE];
static int epoll_fd;
static struct io_uring ring;
static bool has_ring;
static bool ring_reads;

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
}

static void call_use(const char *value)
{
	fd = files[atoi(value)];
}

static void call_fd(const char *value)
{
	fd = atoi(value);
}

static void set_flag(int flag, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (fcntl(fd, F_SETFL, on ? flags | flag : flags & ~flag))
		die("fcntl %s", strerrorname_np(errno));
}

static void call_block(const char *value)
{
	set_flag(O_NONBLOCK, false);
}

static void call_nonblock(const char *value)
{
	set_flag(O_NONBLOCK, true);
}

/* \n in place of what stands so in an argument. */
static size_t unescape(const char *from)
{
	char *to = buf;

	for (; *from; from++)
		if (from[0] == '\\' && from[1] == 'n') {
			*to++ = '\n';
			from++;
		} else {
			*to++ = *from;
		}
	return to - buf;
}

static void call_write(const char *text)
{
	say_result("write", write(fd, buf, unescape(text)));
}

static void call_fill(const char *line)
{
	int n = snprintf(buf, sizeof(buf), "%s\n", line), count = 0;

	while (write(fd, buf, n) == n)
		count++;
	printf("fill %d %s\n", count, strerrorname_np(errno));
}

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

static void call_read(const char *value)
{
	say_text("read", read(fd, buf, atoi(value)));
}

static void call_show(const char *value)
{
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, n, stdout);
	if (n)
		say_result("show", n);
}

/* epoll */

static void call_epoll(const char *value)
{
	struct epoll_event event = { };

	if (strchr(value, 'i'))
		event.events |= EPOLLIN;
	if (strchr(value, 'o'))
		event.events |= EPOLLOUT;
	if (strchr(value, 'e'))
		event.events |= EPOLLET;
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event))
		say_result("epoll", -1);
}

static void call_events(const char *value)
{
	struct epoll_event event = { };
	int n = epoll_wait(epoll_fd, &event, 1, atoi(value));

	if (n < 0) {
		say_result("events", n);
		return;
	}
	printf("events%s%s%s\n", event.events & EPOLLIN ? " in" : "",
	       event.events & EPOLLOUT ? " out" : "", n ? "" : " none");
}

/* Signals, which queue, for they are real-time ones. */

static void call_sigio(const char *value)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGNAL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (fcntl(fd, F_SETOWN, getpid()) || fcntl(fd, F_SETSIG, SIGNAL))
		die("fcntl %s", strerrorname_np(errno));
	set_flag(O_ASYNC, true);
}

static void wait_for_signal(const char *what, int code, int ms)
{
	struct timespec timeout = { ms / 1000, ms % 1000 * 1000000 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGNAL);
	do {
		if (sigtimedwait(&set, &info, &timeout) < 0) {
			printf("%s none\n", what);
			return;
		}
	} while (info.si_code != code || info.si_fd != fd);
	printf("%s\n", what);
}

static void call_sigin(const char *value)
{
	wait_for_signal("sigin", POLL_IN, atoi(value));
}

static void call_sigout(const char *value)
{
	wait_for_signal("sigout", POLL_OUT, atoi(value));
}

/* io_uring */

static struct io_uring_sqe *ring_begin(void)
{
	int err;

	if (!has_ring) {
		err = io_uring_queue_init(8, &ring, 0);
		if (err)
			die("ring %s", strerrorname_np(-err));
	}
	has_ring = true;
	return io_uring_get_sqe(&ring);
}

static void ring_submit(bool reads)
{
	ring_reads = reads;
	if (io_uring_submit(&ring) != 1)
		die("ring: nothing was submitted");
}

static void call_ringread(const char *value)
{
	io_uring_prep_read(ring_begin(), fd, buf, atoi(value), -1);
	ring_submit(true);
}

static void call_ringwrite(const char *text)
{
	io_uring_prep_write(ring_begin(), fd, buf, unescape(text), -1);
	ring_submit(false);
}

/* From memory of their own: a read into @buf may be waiting. */
static void call_ringlines(const char *text)
{
	static char lines[BUF_SIZE];
	char *pos = lines, *next, *end = lines + unescape(text);
	int n = 0;

	memcpy(lines, buf, end - lines);
	for (; pos < end; pos = next) {
		next = memchr(pos, '\n', end - pos) + 1;
		io_uring_prep_write(ring_begin(), fd, pos, next - pos, -1);
		n++;
	}
	ring_reads = false;
	if (io_uring_submit(&ring) != n)
		die("ring: not all was submitted");
}

static void call_ring(const char *value)
{
	int ms = atoi(value), err, n;
	struct __kernel_timespec timeout = { ms / 1000, ms % 1000 * 1000000 };
	struct io_uring_cqe *cqe;

	err = io_uring_wait_cqe_timeout(&ring, &cqe, ms < 0 ? NULL : &timeout);
	if (err) {
		printf("ring %s\n", strerrorname_np(-err));
		return;
	}
	n = cqe->res;
	io_uring_cqe_seen(&ring, cqe);
	if (n < 0) {
		errno = -n;
		n = -1;
	}
	if (ring_reads)
		say_text("ring", n);
	else
		say_result("ring", n);
}

static bool is_ring_thread(const char *id)
{
	char path[300], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%s/comm", id);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return !strncmp(name, "iou-wrk", 7);
}

static void call_threads(const char *value)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;
	int n = 0;

	while ((task = readdir(tasks)))
		n += is_ring_thread(task->d_name);
	closedir(tasks);
	printf("threads %d\n", n);
}

/* splice */

static void call_splicein(const char *text)
{
	size_t len = unescape(text);
	int ends[2];

	if (pipe(ends) || write(ends[1], buf, len) != (ssize_t)len)
		die("no pipe");
	close(ends[1]);
	say_result("splicein", splice(ends[0], NULL, fd, NULL, len, 0));
	close(ends[0]);
}

static void call_spliceout(const char *value)
{
	int ends[2];
	ssize_t n;

	if (pipe(ends))
		die("no pipe");
	n = splice(fd, NULL, ends[1], NULL, atoi(value), 0);
	if (n > 0 && read(ends[0], buf, n) != n)
		die("the pipe has less");
	say_text("spliceout", n);
	close(ends[0]);
	close(ends[1]);
}

static void call_splicefile(const char *path)
{
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), ends[2];
	ssize_t n;

	if (pipe(ends) || to < 0)
		die("no pipe");
	while ((n = splice(fd, NULL, ends[1], NULL, 4096, 0)) > 0)
		if (splice(ends[0], NULL, to, NULL, n, 0) != n)
			die("the file took less");
	say_result("splicefile", n);
	close(ends[0]);
	close(ends[1]);
	close(to);
}

static void call_sendfile(const char *path)
{
	int from = open(path, O_RDONLY);
	struct stat st;

	if (from < 0 || fstat(from, &st))
		die("no such file: %s", path);
	say_result("sendfile", sendfile(fd, from, NULL, st.st_size));
	close(from);
}

/* Passing a file on */

union rights {
	char buf[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static void send_file(int to, int file)
{
	char byte = 0;
	union rights rights = { };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = rights.buf,
		.msg_controllen = sizeof(rights.buf),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &file, sizeof(int));
	if (sendmsg(to, &msg, 0) != 1)
		die("sendmsg %s", strerrorname_np(errno));
}

static int receive_file(int from)
{
	char byte;
	union rights rights;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = rights.buf,
		.msg_controllen = sizeof(rights.buf),
	};
	int file;

	if (recvmsg(from, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		die("no file was passed");
	memcpy(&file, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return file;
}

static void call_passed(const char *value)
{
	int ends[2], uid, gid;

	if (sscanf(value, "%d,%d", &uid, &gid) != 2)
		die("passed: %s", value);
	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("no sockets");
	if (!fork()) {
		if (setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
			die("setres*id %s", strerrorname_np(errno));
		call_open("rw");
		send_file(ends[1], fd);
		exit(0);
	}
	close(ends[1]);
	fd = receive_file(ends[0]);
	files[nr_files++] = fd;
	close(ends[0]);
	wait(NULL);
}

static const struct {
	const char *name;
	void (*make)(const char *value);
} calls[] = {
	{ "open", call_open }, { "use", call_use }, { "fd", call_fd },
	{ "block", call_block }, { "nonblock", call_nonblock },
	{ "write", call_write }, { "fill", call_fill }, { "read", call_read },
	{ "show", call_show }, { "epoll", call_epoll },
	{ "events", call_events }, { "sigio", call_sigio },
	{ "sigin", call_sigin }, { "sigout", call_sigout },
	{ "ringread", call_ringread }, { "ringwrite", call_ringwrite },
	{ "ringlines", call_ringlines },
	{ "ring", call_ring }, { "threads", call_threads },
	{ "splicein", call_splicein }, { "spliceout", call_spliceout },
	{ "splicefile", call_splicefile }, { "sendfile", call_sendfile },
	{ "passed", call_passed },
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
	/* What has been said can be seen while the next call waits. */
	setlinebuf(stdout);
	while (*++argv)
		do_call(*argv);
	return 0;
}
