// SPDX-License-Identifier: GPL-2.0
/*
 * Operations: a line for each thing that one does, and what comes of it. The
 * lines are parsed and run as those of a user.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/shmem_fs.h>
#include <linux/string.h>
#include "jobs.h"
#include "suites.h"

/**
 * struct row - a line and its results
 * @line: the line
 * @want: as chp_test_read() writes them
 */
struct row {
	const char *line;
	const char *want;
};

/* The ends of the numbers, and half of them. */
#define TOP	"9223372036854775807"
#define BOTTOM	"-9223372036854775808"
#define HALF	"4611686018427387904"
#define ZEROS8	"\\0\\0\\0\\0\\0\\0\\0\\0"

static const struct row rows[] = {
	/* gen: LAST is included; nothing comes before FIRST or after LAST. */
	{ "gen 1 3", "1 2 3" },
	{ "gen 1 10 2", "1 3 5 7 9" },
	{ "gen 7 7", "7" },
	{ "gen 3 1", "" },
	{ "gen 1 3 -1", "" },
	{ "gen 3 -3 -3", "3 0 -3" },
	{ "gen 1 10 100", "1" },
	{ "gen 9223372036854775806 " TOP, "9223372036854775806 " TOP },
	{ "gen -9223372036854775807 " BOTTOM " -1",
	  "-9223372036854775807 " BOTTOM },
	{ "gen " BOTTOM " " TOP " " TOP, BOTTOM " -1 9223372036854775806" },
	{ "gen " TOP " " BOTTOM " " BOTTOM, TOP " -1" },
	{ "gen 9223372036854775806 inf",
	  "9223372036854775806 " TOP " -> failed:EOVERFLOW" },
	{ "gen 0 inf " BOTTOM, "0 " BOTTOM " -> failed:EOVERFLOW" },
	{ "gen 1 inf 5 | take 3", "1 6 11" },

	{ "rand 0 10", "" },
	{ "rand 5 1", "0 0 0 0 0" },

	{ "values 1 -2 0x10 +3", "1 -2 16 3" },
	{ "values a \"b c\" \"7\" \"\"", "\"a\" \"b c\" \"7\" \"\"" },
	{ "values 1 two 3", "1 \"two\" 3" },
	{ "values \"\\n\\x00\\377\"", "\"\\x0a\\x00\\xff\"" },

	{ "tick 1us 3", "1 2 3" },
	{ "tick 0s 4", "1 2 3 4" },
	{ "tick 1h 0", "" },

	/* Overflow is an error in the place of the number. */
	{ "values 0 1 -1 | double", "0 2 -2" },
	{ "values 4611686018427387903 " HALF " -" HALF
	  " -4611686018427387905 5 | double",
	  "9223372036854775806 EOVERFLOW@1.2 " BOTTOM " EOVERFLOW@1.4 10" },
	{ "gen 1 3 | add 10", "11 12 13" },
	{ "values " TOP " 0 " BOTTOM " | add 1",
	  "EOVERFLOW@1.1 1 -9223372036854775807" },
	{ "values " TOP " 0 " BOTTOM " | add -1",
	  "9223372036854775806 -1 EOVERFLOW@1.3" },
	{ "values " TOP " " BOTTOM " -1 | add " BOTTOM,
	  "-1 EOVERFLOW@1.2 EOVERFLOW@1.3" },
	{ "values " TOP " " BOTTOM " | add 0", TOP " " BOTTOM },
	{ "values 2 -3 0 | mul -5", "-10 15 0" },
	{ "values " TOP " " BOTTOM " | mul -1",
	  "-9223372036854775807 EOVERFLOW@1.2" },
	{ "values " TOP " " BOTTOM " | mul 0", "0 0" },
	{ "values 4294967296 -4294967296 | mul 2147483648",
	  "EOVERFLOW@1.1 " BOTTOM },

	{ "values 4 5 6 " TOP " " BOTTOM " | gt 5", "6 " TOP },
	{ "values 4 5 6 " TOP " " BOTTOM " | lt 5", "4 " BOTTOM },
	{ "values 0 " TOP " | gt " TOP, "" },
	{ "values 0 " BOTTOM " | lt " BOTTOM, "" },
	{ "values 0 1 2 -1 -2 " TOP " " BOTTOM " | even", "0 2 -2 " BOTTOM },
	{ "values 0 1 2 -1 -2 " TOP " " BOTTOM " | odd", "1 -1 " TOP },

	{ "gen 1 9 | take 0", "" },
	{ "gen 1 9 | take 1", "1" },
	{ "gen 1 9 | take 9", "1 2 3 4 5 6 7 8 9" },
	{ "gen 1 3 | take " TOP, "1 2 3" },
	{ "values a b c | take 2", "\"a\" \"b\"" },
	{ "values a b c | take 0", "" },

	{ "gen 1 7 | count", "7" },
	{ "gen 1 0 | count", "0" },
	{ "values a 1 b | count", "3" },
	{ "gen 1 4 | sum", "10" },
	{ "gen 1 0 | sum", "0" },
	{ "values " TOP " " BOTTOM " | sum", "-1" },
	{ "values " TOP " 1 -1 | sum", "EOVERFLOW@1.2" },
	{ "values -1 " BOTTOM " 1 1 | sum", "EOVERFLOW@1.2" },
	{ "values 3 -7 5 | min", "-7" },
	{ "values 3 -7 5 | max", "5" },
	{ "values " TOP " " BOTTOM " 0 | min", BOTTOM },
	{ "values " BOTTOM " " TOP " 0 | max", TOP },
	{ "gen 1 0 | min", "" },
	{ "gen 1 0 | max", "" },

	{ "values ab abc xabx b | grep ab", "\"ab\" \"abc\" \"xabx\"" },
	{ "values ab abc | grep abc", "\"abc\"" },
	{ "values ab abc \"\" | grep abcd", "" },
	{ "values a \"\" | grep \"\"", "\"a\" \"\"" },
	{ "values Ab aB | grep ab", "" },
	{ "values aab | grep ab", "\"aab\"" },
	{ "values \"a\\x00b\" ab | grep \"\\x00\"", "\"a\\x00b\"" },
	{ "values \"\\xc3\\xa4\" a | grep \"\\xa4\"", "\"\\xc3\\xa4\"" },

	/* ASCII letters alone: the bytes of UTF-8 are left as they are. */
	{ "values \"azAZ09 {`\" | upper", "\"AZAZ09 {`\"" },
	{ "values \"a\\xc3\\xa4z\" | upper", "\"A\\xc3\\xa4Z\"" },
	{ "values \"a\\x00z\" \"\" | upper", "\"A\\x00Z\" \"\"" },
	{ "values abc \"\" | len", "3 0" },
	{ "values \"\\xc3\\xa4\" \"a\\x00b\" | len", "2 3" },

	{ "values \"123456789\" \"\" | crc32c", "3808858755 0" },
	{ "values \"" ZEROS8 ZEROS8 ZEROS8 ZEROS8 "\" | crc32c", "2324772522" },
	{ "values \"\" | sha256",
	  "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"" },
	{ "values abc | sha256",
	  "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"" },
	{ "values \"\\x00\" | sha256",
	  "\"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d\"" },
	{ "values abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq | sha256",
	  "\"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1\"" },

	{ "gen 1 3 | sleep 1us", "1 2 3" },
	{ "values a 1 | sleep 0s", "\"a\" 1" },

	{ "gen 1 7 | fail every=3", "1 2 EIO@1.3 4 5 EIO@1.6 7" },
	{ "gen 1 2 | fail every=1 errno=ENOSPC", "ENOSPC@1.1 ENOSPC@1.2" },
	{ "gen 1 3 | fail every=" TOP, "1 2 3" },
	{ "values a b | fail every=2", "\"a\" EIO@1.2" },

	{ "gen 1 3 | null", "" },
	{ "values a 1 | null", "" },

	/* An error passes every stage, and only its place is another. */
	{ "gen 1 4 | fail every=2 | double", "2 EIO@1.2 6 EIO@1.4" },
	{ "gen 1 4 | fail every=2 | null", "EIO@1.2 EIO@1.4" },
	{ "gen 1 4 | fail every=2 | count", "EIO@1.2 EIO@1.4 2" },
	{ "gen 1 9 | fail every=2 | take 2", "1 EIO@1.2 3" },
	{ "gen 1 6 | fail every=2 | fail every=3 errno=ENOSPC",
	  "1 EIO@1.2 ENOSPC@2.3 EIO@1.4 5 EIO@1.6" },
	{ "values " TOP " | double | sum", "EOVERFLOW@1.1 0" },

	/* What an operation does not take is an error too. */
	{ "values 1 a 2 | double", "2 EINVAL@1.2 4" },
	{ "values a 1 b | upper", "\"A\" EINVAL@1.2 \"B\"" },
	{ "values 1 a 2 | sum", "EINVAL@1.2 3" },

	/* Workers, in order. */
	{ "gen 1 9 | double workers=4 ordered", "2 4 6 8 10 12 14 16 18" },
	{ "gen 1 9 | sleep 1us workers=3 ordered buf=2", "1 2 3 4 5 6 7 8 9" },
	{ "gen 1 9 | sleep 10us workers=3 | sum", "45" },
	{ "values a b c | upper workers=2 ordered | len | sum", "3" },
};

static void row_desc(const struct row *row, char *desc)
{
	strscpy(desc, row->line, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(row, rows, row_desc);

static void a_line_comes_to(struct kunit *test)
{
	const struct row *row = test->param_value;

	KUNIT_EXPECT_STREQ(test, chp_test_run(test, row->line), row->want);
}

/* @name is one of the words of @line. */
static bool has_word(const char *line, const char *name)
{
	size_t len = strlen(name);
	const char *at = line;

	while ((at = strstr(at, name))) {
		if ((at == line || at[-1] == ' ') &&
		    (!at[len] || at[len] == ' '))
			return true;
		at++;
	}
	return false;
}

/* Whoever adds an operation adds lines above. */
static void every_operation_has_a_line(struct kunit *test)
{
	const struct chp_op_desc *op = NULL;
	unsigned int i;

	while ((op = chp_ops.next(&chp_ops, op))) {
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			if (has_word(rows[i].line, op->name))
				break;
		/* It reads a file, and has tests of its own. */
		if (!strcmp(op->name, "lines"))
			continue;
		KUNIT_EXPECT_LT_MSG(test, i, ARRAY_SIZE(rows), "%s", op->name);
	}
}

#define DRAWS 1000

/* All numbers of a line that makes DRAWS of them. */
static s64 *draw(struct kunit *test, const char *line)
{
	s64 *nums = kunit_kcalloc(test, DRAWS, sizeof(*nums), GFP_KERNEL);
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_result result;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, nums);
	chp_test_job(o, line);
	for (i = 0; i < DRAWS; i++) {
		KUNIT_ASSERT_EQ(test, chp_test_result(o, &result), 0);
		KUNIT_ASSERT_EQ(test, (int)result.item.type, (int)CHP_ITEM_NUM);
		nums[i] = result.item.num;
	}
	KUNIT_ASSERT_EQ(test, chp_test_result(o, &result), 0);
	KUNIT_EXPECT_EQ(test, (int)result.item.type, (int)CHP_ITEM_DONE);
	return nums;
}

static void random_numbers_are_below_the_maximum(struct kunit *test)
{
	s64 *nums = draw(test, "rand 1000 6 seed=3");
	int seen[6] = {}, i;

	for (i = 0; i < DRAWS; i++) {
		KUNIT_ASSERT_GE(test, nums[i], 0);
		KUNIT_ASSERT_LT(test, nums[i], 6);
		seen[nums[i]]++;
	}
	/* Each of them some 167 times; the seed makes it the same every time. */
	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_GT(test, seen[i], 100);
		KUNIT_EXPECT_LT(test, seen[i], 250);
	}
}

static void random_numbers_may_be_large(struct kunit *test)
{
	s64 *nums = draw(test, "rand 1000 " TOP " seed=-1");
	u64 all = 0;
	int i;

	for (i = 0; i < DRAWS; i++) {
		KUNIT_ASSERT_GE(test, nums[i], 0);
		KUNIT_ASSERT_LT(test, nums[i], S64_MAX);
		all |= nums[i];
	}
	KUNIT_EXPECT_EQ(test, all, (u64)S64_MAX);
}

static void a_seed_repeats_random_numbers(struct kunit *test)
{
	s64 *a = draw(test, "rand 1000 1000000 seed=42");
	s64 *b = draw(test, "rand 1000 1000000 seed=42");
	s64 *c = draw(test, "rand 1000 1000000 seed=43");
	s64 *d = draw(test, "rand 1000 1000000");
	s64 *e = draw(test, "rand 1000 1000000");
	size_t size = DRAWS * sizeof(*a);

	KUNIT_EXPECT_EQ(test, memcmp(a, b, size), 0);
	KUNIT_EXPECT_NE(test, memcmp(a, c, size), 0);
	KUNIT_EXPECT_NE(test, memcmp(d, e, size), 0);
}

static void a_tick_comes_no_earlier_than_its_time(struct kunit *test)
{
	ktime_t start = ktime_get();

	KUNIT_EXPECT_STREQ(test, chp_test_run(test, "tick 1ms 5"), "1 2 3 4 5");
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start), 5000);
}

static void sleep_takes_its_time_for_each(struct kunit *test)
{
	ktime_t start = ktime_get();

	KUNIT_EXPECT_STREQ(test, chp_test_run(test, "gen 1 3 | sleep 2ms"),
			   "1 2 3");
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start), 6000);
}

/**
 * struct refusal - a line that is understood, but cannot be done
 * @line: the line
 * @err: of the one who writes it
 * @col: of the operation
 * @reason: for people
 */
struct refusal {
	const char *line;
	int err;
	u32 col;
	const char *reason;
};

static const struct refusal refusals[] = {
	{ "gen 1 5 0", -EINVAL, 1, "the step of \"gen\" must not be 0" },
	{ "slow:  gen 1 inf 0 | double", -EINVAL, 8,
	  "the step of \"gen\" must not be 0" },
	{ "lines fd=2147483647", -EBADF, 1,
	  "descriptor 2147483647 is not open" },
};

static void refusal_desc(const struct refusal *refusal, char *desc)
{
	strscpy(desc, refusal->line, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refusal, refusals, refusal_desc);

static void a_line_that_cannot_be_done_is_refused(struct kunit *test)
{
	const struct refusal *want = test->param_value;
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_reject why;
	struct chp_job *job = chp_test_create(o, want->line, &why);

	KUNIT_EXPECT_PTR_EQ(test, job, ERR_PTR(want->err));
	KUNIT_EXPECT_EQ(test, why.err, want->err);
	KUNIT_EXPECT_EQ(test, why.col, want->col);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason, want->reason);
	KUNIT_EXPECT_EQ(test, atomic64_read(&o->quota.used), 0);
}

static void fd_close(void *fd)
{
	close_fd((long)fd);
}

/* A descriptor of a file with this text, at its beginning. */
static int fd_of(struct kunit *test, const char *text, size_t len)
{
	struct file *file = shmem_file_setup("chanpat", len, 0);
	loff_t pos = 0;
	long fd;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		fput(file);
	KUNIT_ASSERT_GE(test, fd, 0);
	fd_install(fd, file);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fd_close,
							(void *)fd), 0);
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

static struct kunit_case op_cases[] = {
	KUNIT_CASE_PARAM(a_line_comes_to, row_gen_params),
	KUNIT_CASE(every_operation_has_a_line),
	KUNIT_CASE(random_numbers_are_below_the_maximum),
	KUNIT_CASE(random_numbers_may_be_large),
	KUNIT_CASE(a_seed_repeats_random_numbers),
	KUNIT_CASE(a_tick_comes_no_earlier_than_its_time),
	KUNIT_CASE(sleep_takes_its_time_for_each),
	KUNIT_CASE_PARAM(a_line_that_cannot_be_done_is_refused,
			 refusal_gen_params),
	KUNIT_CASE_PARAM(lines_of_a_file, text_gen_params),
	KUNIT_CASE(a_line_that_is_too_long_is_an_error_in_its_place),
	{}
};

struct kunit_suite chp_op_suite = {
	.name = "chanpat_op",
	.init = chp_test_init,
	.test_cases = op_cases,
};
