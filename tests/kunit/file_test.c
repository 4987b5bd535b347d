// SPDX-License-Identifier: GPL-2.0
/* Files of operations: what lines, chunks and out do with them. */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/string.h>
#include <linux/uio.h>
#include "../../kmod/compat.h"
#include "jobs.h"
#include "suites.h"

static void fd_close(void *fd)
{
	close_fd((long)fd);
}

/* A descriptor of the file, which goes with the test. */
static int fd_for(struct kunit *test, struct file *file)
{
	long fd = get_unused_fd_flags(O_CLOEXEC);

	if (fd < 0)
		fput(file);
	KUNIT_ASSERT_GE(test, fd, 0);
	fd_install(fd, file);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fd_close,
							(void *)fd), 0);
	return fd;
}

/* A descriptor of a file with this text, at its beginning. */
static int fd_of(struct kunit *test, const char *text, size_t len)
{
	struct file *file = shmem_file_setup("chanpat", len, CHP_SHMEM_NO_FLAGS);
	loff_t pos = 0;
	int fd;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	fd = fd_for(test, file);
	KUNIT_ASSERT_EQ(test, kernel_write(file, text, len, &pos), len);
	return fd;
}

/**
 * struct text - a file, and its lines
 * @what: in words
 * @text: of the file
 * @want: as chp_test_read() writes them
 */
struct text {
	const char *what;
	const char *text;
	const char *want;
};

static const struct text texts[] = {
	{ "one line", "one\n", "\"one\"" },
	{ "three lines, one of them empty", "a\n\nb c\n",
	  "\"a\" \"\" \"b c\"" },
	{ "no newline at the end", "a\nb", "\"a\" \"b\"" },
	{ "an empty file", "", "" },
	{ "only a newline", "\n", "\"\"" },
	{ "carriage returns stay", "a\r\n", "\"a\\x0d\"" },
};

static void text_desc(const struct text *text, char *desc)
{
	strscpy(desc, text->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(text, texts, text_desc);

static void lines_of_a_file(struct kunit *test)
{
	const struct text *text = test->param_value;
	int fd = fd_of(test, text->text, strlen(text->text));
	char line[32];

	snprintf(line, sizeof(line), "lines fd=%d", fd);
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), text->want);
	/* With a position of their own: the file can be read again. */
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), text->want);
}

/* The longest line that fits, one that does not, and one after it. */
static void a_line_that_is_too_long_is_an_error_in_its_place(struct kunit *test)
{
	size_t len = 3 * CHP_BYTES_MAX;
	char *text = kunit_kzalloc(test, len, GFP_KERNEL);
	char line[64];

	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, 'x', len);
	text[CHP_BYTES_MAX] = '\n';
	text[2 * CHP_BYTES_MAX + 2] = '\n';
	text[len - 1] = '\n';
	snprintf(line, sizeof(line), "lines fd=%d | len", fd_of(test, text, len));
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line),
			   "65536 EMSGSIZE@0.2 65532");
}

/**
 * struct cut - a file, and its chunks
 * @text: of the file
 * @size: of the chunks, as it is written
 * @want: as chp_test_read() writes them
 */
struct cut {
	const char *text;
	const char *size;
	const char *want;
};

static const struct cut cuts[] = {
	{ "abcdefg", "3", "\"abc\" \"def\" \"g\"" },
	{ "abcdef", "3", "\"abc\" \"def\"" },
	{ "abc", "64k", "\"abc\"" },
	{ "a\nb", "1", "\"a\" \"\\x0a\" \"b\"" },
	{ "", "1", "" },
};

static void cut_desc(const struct cut *cut, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu bytes by %s",
		  strlen(cut->text), cut->size);
}

KUNIT_ARRAY_PARAM(cut, cuts, cut_desc);

static void chunks_of_a_file(struct kunit *test)
{
	const struct cut *cut = test->param_value;
	int fd = fd_of(test, cut->text, strlen(cut->text));
	char line[48];

	snprintf(line, sizeof(line), "chunks fd=%d size=%s", fd, cut->size);
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), cut->want);
	/* With a position of their own: the file can be read again. */
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), cut->want);
}

/* All of the file that @fd names, and where it stands in it. */
static const char *text_of(struct kunit *test, int fd, loff_t *stands)
{
	char *text = kunit_kzalloc(test, 4096, GFP_KERNEL);
	struct file *file = fget(fd);
	loff_t pos = 0;

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_NOT_NULL(test, file);
	*stands = file->f_pos;
	KUNIT_EXPECT_GE(test, kernel_read(file, text, 4095, &pos), 0);
	fput(file);
	return text;
}

/**
 * struct sent - what a job has written to a file
 * @what: the job, without its sink
 * @raw: of the sink
 * @text: of the file
 * @want: what the reader of the job gets, as chp_test_read() writes it
 */
struct sent {
	const char *what;
	bool raw;
	const char *text;
	const char *want;
};

static const struct sent sents[] = {
	{ "gen -1 1", false, "-1\n0\n1\n", "" },
	{ "gen -1 1", true, "-101", "" },
	{ "values a \"\" \"b\\tc\" 7", false, "a\n\nb\tc\n7\n", "" },
	{ "values a \"\" \"b\\n\" 7", true, "ab\n7", "" },
	{ "gen 1 0", false, "", "" },
	{ "gen 1 3 | fail every=2", false, "1\n3\n", "EIO@1.2" },
};

static void sent_desc(const struct sent *sent, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s%s", sent->what,
		  sent->raw ? " raw" : "");
}

KUNIT_ARRAY_PARAM(sent, sents, sent_desc);

static void out_writes_what_comes(struct kunit *test)
{
	const struct sent *sent = test->param_value;
	int fd = fd_of(test, "", 0);
	char line[80];
	loff_t stands;

	snprintf(line, sizeof(line), "%s | out fd=%d%s", sent->what, fd,
		 sent->raw ? " raw" : "");
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), sent->want);
	KUNIT_EXPECT_STREQ(test, text_of(test, fd, &stands), sent->text);
	/* Whoever writes to the descriptor now goes on behind. */
	KUNIT_EXPECT_EQ(test, stands, strlen(sent->text));
}

static void two_jobs_do_not_overwrite_each_other(struct kunit *test)
{
	int fd = fd_of(test, "", 0);
	char line[48];
	loff_t stands;

	snprintf(line, sizeof(line), "gen 1 2 | out fd=%d", fd);
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), "");
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), "");
	KUNIT_EXPECT_STREQ(test, text_of(test, fd, &stands), "1\n2\n1\n2\n");
}

/**
 * struct disk - a file that takes little at a time
 * @text: what was written
 * @len: of @text
 * @room: for so many bytes; then there is no more, or ...
 * @hangs: ... nothing happens until a signal comes
 * @hanging: somebody waits for it
 */
struct disk {
	char text[32];
	size_t len;
	size_t room;
	bool hangs;
	bool hanging;
};

static ssize_t disk_hang(struct disk *disk)
{
	chp_test_raise(&disk->hanging);
	while (!signal_pending(current))
		schedule_timeout_interruptible(HZ);
	return -ERESTARTSYS;
}

/* Three bytes at most. */
static ssize_t disk_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct disk *disk = iocb->ki_filp->private_data;
	size_t room = disk->room - disk->len;
	size_t len = min3(iov_iter_count(from), room, (size_t)3);

	if (!room)
		return disk->hangs ? disk_hang(disk) : -ENOSPC;
	len = copy_from_iter(disk->text + disk->len, len, from);
	disk->len += len;
	iocb->ki_pos += len;
	return len;
}

static ssize_t disk_read(struct kiocb *iocb, struct iov_iter *to)
{
	return disk_hang(iocb->ki_filp->private_data);
}

static const struct file_operations disk_fops = {
	.owner = THIS_MODULE,
	.read_iter = disk_read,
	.write_iter = disk_write,
};

static int disk_fd(struct kunit *test, struct disk *disk, int flags)
{
	struct file *file = anon_inode_getfile("disk", &disk_fops, disk, flags);

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	return fd_for(test, file);
}

static void a_short_write_is_continued(struct kunit *test)
{
	struct disk disk = { .room = 31 };
	int fd = disk_fd(test, &disk, O_RDWR);
	char line[64];

	snprintf(line, sizeof(line), "values 1234567 abcdefghij | out fd=%d", fd);
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), "");
	KUNIT_EXPECT_STREQ(test, (const char *)disk.text,
			   "1234567\nabcdefghij\n");
}

static void a_write_that_fails_ends_the_job(struct kunit *test)
{
	struct disk disk = { .room = 7 };
	int fd = disk_fd(test, &disk, O_RDWR);
	char line[64];

	snprintf(line, sizeof(line), "gen 10 inf | out fd=%d", fd);
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), "-> failed:ENOSPC");
	KUNIT_EXPECT_STREQ(test, (const char *)disk.text, "10\n11\n1");
}

static void cancel_ends_a_file_that_hangs(struct kunit *test)
{
	static const char * const lines[] = {
		"values a b | out fd=%d",
		"lines fd=%d",
		"chunks fd=%d size=4k",
	};
	struct chp_test_owner *o;
	struct chp_job *job;
	unsigned int i;
	char line[48];

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		struct disk disk = { .hangs = true };
		int fd = disk_fd(test, &disk, O_RDWR);

		snprintf(line, sizeof(line), lines[i], fd);
		o = chp_test_owner(test, 4);
		job = chp_test_job(o, line);
		CHP_EVENTUALLY(test, chp_test_raised(&disk.hanging));
		chp_job_cancel(job);
		KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
	}
}

static void refused(struct kunit *test, const char *line, int err,
		    const char *reason)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_reject why;
	struct chp_job *job = chp_test_create(o, line, &why);

	KUNIT_EXPECT_PTR_EQ(test, job, ERR_PTR(err));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why.reason, reason), "%s: %s",
				  line, why.reason);
}

static void a_file_of_the_wrong_mode_is_refused(struct kunit *test)
{
	struct disk disk = {};
	int to = disk_fd(test, &disk, O_WRONLY);
	int from = disk_fd(test, &disk, O_RDONLY);
	char line[48];

	snprintf(line, sizeof(line), "lines fd=%d", to);
	refused(test, line, -EBADF, "is not open for reading");
	snprintf(line, sizeof(line), "chunks fd=%d size=1", to);
	refused(test, line, -EBADF, "is not open for reading");
	snprintf(line, sizeof(line), "gen 1 2 | out fd=%d", from);
	refused(test, line, -EBADF, "is not open for writing");
}

static const struct file_operations dead_fops = { .owner = THIS_MODULE };

static void a_file_of_a_strange_kind_is_refused(struct kunit *test)
{
	struct file *file = anon_inode_getfile("dead", &dead_fops, NULL, O_RDWR);
	char line[48];
	int fd;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	fd = fd_for(test, file);
	snprintf(line, sizeof(line), "gen 1 2 | out fd=%d", fd);
	refused(test, line, -EINVAL, "the kernel cannot write");
	snprintf(line, sizeof(line), "chunks fd=%d size=1", fd);
	refused(test, line, -EINVAL, "the kernel cannot read");
}

static struct kunit_case file_cases[] = {
	KUNIT_CASE_PARAM(lines_of_a_file, text_gen_params),
	KUNIT_CASE(a_line_that_is_too_long_is_an_error_in_its_place),
	KUNIT_CASE_PARAM(chunks_of_a_file, cut_gen_params),
	KUNIT_CASE_PARAM(out_writes_what_comes, sent_gen_params),
	KUNIT_CASE(two_jobs_do_not_overwrite_each_other),
	KUNIT_CASE(a_short_write_is_continued),
	KUNIT_CASE(a_write_that_fails_ends_the_job),
	KUNIT_CASE(cancel_ends_a_file_that_hangs),
	KUNIT_CASE(a_file_of_the_wrong_mode_is_refused),
	KUNIT_CASE(a_file_of_a_strange_kind_is_refused),
	{}
};

struct kunit_suite chp_file_suite = {
	.name = "chanpat_file",
	.init = chp_test_init,
	.test_cases = file_cases,
};
