// SPDX-License-Identifier: GPL-2.0
/*
 * Operations: a line for each thing that one does, and what comes of it. The
 * lines are parsed and run as those of a user.
 */
#include <linux/err.h>
#include <linux/string.h>
#include <chanpat/pipeline.h>
#include "../../kmod/compat.h"
#include "../../kmod/jobs/registry.h"
#include "jobs.h"
#include "op_rows.h"
#include "suites.h"

/* The ends of the numbers. */
#define TOP	"9223372036854775807"

static const void *row_gen_params(CHP_KUNIT_PARAMS)
{
	const struct chp_op_row *row = prev;

	row = row ? row + 1 : chp_op_rows;
	if (!row->line)
		return NULL;
	strscpy(desc, row->line, KUNIT_PARAM_DESC_SIZE);
	return row;
}

static void a_line_comes_to(struct kunit *test)
{
	const struct chp_op_row *row = test->param_value;

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

/* These have files, and tests of their own. */
static bool has_file(const char *name)
{
	return !strcmp(name, "lines") || !strcmp(name, "chunks") ||
	       !strcmp(name, "out") || !strcmp(name, "in");
}

/* Whoever adds an operation adds lines to op_rows.c. */
static void every_operation_has_a_line(struct kunit *test)
{
	const struct chp_op_desc *op = NULL;
	const struct chp_op_row *row;

	chp_ops_lock();
	while ((op = chp_ops.next(&chp_ops, op))) {
		for (row = chp_op_rows; row->line; row++)
			if (has_word(row->line, op->name))
				break;
		if (!has_file(op->name))
			KUNIT_EXPECT_NOT_NULL_MSG(test, row->line, "%s",
						  op->name);
	}
	chp_ops_unlock();
}

static void every_operation_has_a_help_line(struct kunit *test)
{
	const struct chp_op_desc *op = NULL;

	chp_ops_lock();
	while ((op = chp_ops.next(&chp_ops, op))) {
		KUNIT_EXPECT_NOT_NULL(test, op->help);
		KUNIT_EXPECT_GT_MSG(test, strlen(op->help), 5, "%s", op->name);
		KUNIT_EXPECT_LT_MSG(test, strlen(op->help), 72, "%s", op->name);
	}
	chp_ops_unlock();
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

static void spin_takes_its_time_for_each(struct kunit *test)
{
	ktime_t start = ktime_get();

	KUNIT_EXPECT_STREQ(test, chp_test_run(test, "gen 1 3 | spin 1ms"),
			   "1 2 3");
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start), 3000);
}

/* The one that spins for hours does not keep others from running. */
static void spin_shares_a_cpu(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);

	chp_test_job(o, "gen 1 inf | spin 100h workers=2");
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test, "gen 1 100 | spin 1us | sum"),
			   "5050");
}

static void cancel_ends_a_spin_at_once(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_job *job = chp_test_job(o, "gen 1 3 | spin 100h");
	struct chp_stage_stats stats = {};

	/* It has the first item in its hand. */
	CHP_EVENTUALLY(test, chp_job_stage_stats(job, 1, &stats) && stats.busy);
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
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
	{ "gen 1 5 | div 0", -EDOM, 11, "\"div\" cannot divide by 0" },
	{ "gen 1 5 | mod 0x0", -EDOM, 11, "\"mod\" cannot divide by 0" },
	{ "values a | split \"\"", -EINVAL, 12,
	  "SEP of \"split\" must not be empty" },
	{ "chunks fd=2147483647 size=1", -EBADF, 1,
	  "descriptor 2147483647 is not open" },
	{ "chunks fd=0 size=65537", -ERANGE, 1,
	  "size of \"chunks\" must be from 1 to 65536" },
	{ "gen 1 5 | out fd=2147483647", -EBADF, 11,
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

static struct kunit_case op_cases[] = {
	KUNIT_CASE_PARAM(a_line_comes_to, row_gen_params),
	KUNIT_CASE(every_operation_has_a_line),
	KUNIT_CASE(every_operation_has_a_help_line),
	KUNIT_CASE(spin_takes_its_time_for_each),
	KUNIT_CASE(spin_shares_a_cpu),
	KUNIT_CASE(cancel_ends_a_spin_at_once),
	KUNIT_CASE(random_numbers_are_below_the_maximum),
	KUNIT_CASE(random_numbers_may_be_large),
	KUNIT_CASE(a_seed_repeats_random_numbers),
	KUNIT_CASE(a_tick_comes_no_earlier_than_its_time),
	KUNIT_CASE(sleep_takes_its_time_for_each),
	KUNIT_CASE_PARAM(a_line_that_cannot_be_done_is_refused,
			 refusal_gen_params),
	{}
};

struct kunit_suite chp_op_suite = {
	.name = "chanpat_op",
	.init = chp_test_init,
	.test_cases = op_cases,
};
