// SPDX-License-Identifier: GPL-2.0
/*
 * Operations that hold many items or long ones: distinct, batch, join, split
 * and zstd at their limits, and when they are stopped early.
 */
#include <linux/err.h>
#include <linux/string.h>
#include <chanpat/pipeline.h>
#include "jobs.h"
#include "suites.h"

static void distinct_tells_many_values_apart(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test, "gen 0 99999 | mod 50000 | distinct | count"),
			   "50000");
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test, "gen 0 19999 | mod 10000 | str | distinct | count"),
			   "10000");
}

/* What is remembered is still told apart when no more can be. */
static void distinct_has_a_limit_that_is_an_error(struct kunit *test)
{
	if (IS_ENABLED(CONFIG_KASAN) || IS_ENABLED(CONFIG_KCSAN))
		kunit_skip(test, "so many items take a minute here");
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test, "gen 1 262145 | distinct | count"),
			   "ENOSPC@1.262145 262144");
}

static void distinct_is_bounded_by_the_quota(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_result result;
	struct chp_job *job;
	s64 n = 0;

	o->quota.limit = 400 << 10;
	job = chp_test_job(o, "gen 1 inf | distinct");
	for (;;) {
		KUNIT_ASSERT_EQ(test, chp_test_result(o, &result), 0);
		if (result.item.type != CHP_ITEM_NUM)
			break;
		KUNIT_ASSERT_EQ(test, result.item.num, ++n);
	}
	KUNIT_EXPECT_EQ(test, (int)result.item.type, (int)CHP_ITEM_ERROR);
	KUNIT_EXPECT_EQ(test, (int)result.item.err, EDQUOT);
	KUNIT_EXPECT_EQ(test, result.item.seq, n + 1);
	KUNIT_EXPECT_GT(test, n, 1000);
	KUNIT_EXPECT_LE(test, atomic64_read(&o->quota.used), o->quota.limit);
	chp_job_cancel(job);
}

/**
 * struct text - a line whose text is longer than a test can show
 * @line: with one %s, which is @count times "x"
 * @count: that number
 * @want: as chp_test_read() writes it
 */
struct text {
	const char *line;
	unsigned int count;
	const char *want;
};

/* Each hex doubles the length; 65536 bytes are all that fit. */
static const struct text texts[] = {
	{ "values %s | join | len", 3600, "3600" },
	{ "values %s | hex | hex | hex | hex | len", 3600, "57600" },
	{ "values %s | hex | hex | hex | hex | hex", 3600, "EMSGSIZE@5.1" },
	{ "values %s | hex | hex | hex | hex | join | len", 3600, "57600" },
	{ "values %s a | hex | hex | hex | hex | join | len", 3600, "57617" },
	{ "values %s %s | hex | hex | hex | hex | join | len", 1500, "48001" },
	{ "values %s %s | hex | hex | hex | hex | hex | join", 1500,
	  "EMSGSIZE@6.2" },
	{ "values %s %s a b | hex | hex | hex | hex | hex | join", 1500,
	  "EMSGSIZE@6.2" },
	/* The batch that did not fit is over where it would have been. */
	{ "values %s %s a b c d e | hex | hex | hex | hex | hex | batch 3 | len",
	  1500, "EMSGSIZE@6.2 98 32" },
	{ "values a %s %s b | hex | hex | hex | hex | hex | batch 3 | len", 1500,
	  "EMSGSIZE@6.3 32" },
	{ "values %s %s | hex | hex | hex | hex | hex | batch 1 | len", 1500,
	  "48000 48000" },
	{ "values %s | zstd | unzstd | len", 3600, "3600" },
	{ "values %s | hex | hex | hex | hex | zstd | unzstd | len", 3600,
	  "57600" },
	{ "values %s | zstd | len | lt 100 | count", 3600, "1" },
	{ "values %s | split x | count", 3600, "3601" },
	{ "values %s | hex | split 7 | len | sum", 3600, "3600" },
};

static void text_desc(const struct text *text, char *desc)
{
	strscpy(desc, text->line, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(text, texts, text_desc);

static void a_long_string_comes_to(struct kunit *test)
{
	const struct text *text = test->param_value;
	char *line = kunit_kzalloc(test, 8192, GFP_KERNEL);
	char *xs = kunit_kzalloc(test, text->count + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, line);
	KUNIT_ASSERT_NOT_NULL(test, xs);
	memset(xs, 'x', text->count);
	/* A line with one of them has no use for the second. */
	snprintf(line, 8192, text->line, xs, xs);
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), text->want);
}

/* The string that is being split is given back, wherever it is stopped. */
static void split_stops_in_the_middle(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test, "values a,b,c,d e,f | split , | take 2"),
			   "\"a\" \"b\"");
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test, "values a,b,c,d e,f | split , buf=9 | null"),
			   "");
}

static void cancel_ends_a_split_in_the_middle(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_stage_stats stats = {};
	struct chp_job *job;

	job = chp_test_job(o, "values a,b,c,d,e,f,g | split , | sleep 1h");
	/* One piece sleeps, and the next one waits. */
	CHP_EVENTUALLY(test, ({
		chp_job_stage_stats(job, 1, &stats);
		stats.sent == 1 && stats.busy;
	}));
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
}

/* As many pieces as there is memory for, then an error in their place. */
static void a_piece_without_memory_is_an_error(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_reject why;
	struct chp_job *job;

	job = chp_test_create(o, "values a,bcdefgh,c | split ,", &why);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	/* Room for the string and its first piece, whether that has gone or not. */
	o->quota.limit = atomic64_read(&o->quota.used) +
			 2 * offsetof(struct chp_bytes, data) + 11 + 1;
	chp_job_run(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "\"a\" EDQUOT@1.1");
}

/* An end that has no memory says so; nothing is lost without a word. */
static void an_end_without_memory_is_an_error(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_reject why;
	struct chp_job *job = chp_test_create(o, "gen 1 3 | join", &why);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	o->quota.limit = atomic64_read(&o->quota.used);
	chp_job_run(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "EDQUOT@1.3");
}

/* A frame with other flags: an error, or the string where they mean the same. */
static void a_damaged_frame_is_no_more_than_an_error(struct kunit *test)
{
	static const char magic[] = "28b52ffd";
	const char *got;
	char line[96];
	int i, errors = 0;

	for (i = 0; i < 32; i++) {
		snprintf(line, sizeof(line),
			 "values \"%s\\x%02x%s\" | unzstd | len",
			 "\\x28\\xb5\\x2f\\xfd", i * 8,
			 "\\x08\\x41\\x00\\x00abcdefgh");
		got = chp_test_run(test, line);
		errors += !strcmp(got, "EINVAL@1.1");
		/* A longer field for the length takes some of the text for it. */
		KUNIT_EXPECT_TRUE_MSG(test, !strcmp(got, "EINVAL@1.1") ||
				      !strcmp(got, "EMSGSIZE@1.1") ||
				      !strcmp(got, "8"), "%s: %s", line, got);
	}
	KUNIT_EXPECT_GT(test, errors, 16);
	got = chp_test_run(test, "values abcdefgh | zstd | hex");
	KUNIT_EXPECT_EQ(test, memcmp(got + 1, magic, 8), 0);
}

#define MAGIC	"\\x28\\xb5\\x2f\\xfd"

/* Frames of a few bytes: what one byte stands for, so many times in one block. */
static void a_frame_cannot_grow_beyond_a_string(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test,
					"values \"" MAGIC "\\xa0\\x00\\x00\\x01\\x00"
					"\\x03\\x00\\x08x\" | unzstd | len"),
			   "65536");
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test,
					"values \"" MAGIC "\\xa0\\x01\\x00\\x01\\x00"
					"\\x0b\\x00\\x08x\" | unzstd | len"),
			   "EMSGSIZE@1.1");
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test,
					"values \"" MAGIC "\\xa0\\x00\\x00\\x00\\x04"
					"\\x03\\x00\\x10\\x00\" | unzstd"),
			   "EMSGSIZE@1.1");
}

/* Several frames are one string, as they are for the program. */
static void frames_one_after_the_other_are_one_string(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test,
					"values \"" MAGIC "\\x20\\x01\\x09\\x00\\x00a"
					MAGIC "\\x20\\x01\\x09\\x00\\x00b\" | unzstd"),
			   "\"ab\"");
}

/**
 * struct packer - what a packer takes of a quota
 * @line: of a job that has one
 * @least: no less than this, in KiB
 * @most: nor more than this
 */
struct packer {
	const char *line;
	u32 least;
	u32 most;
};

static const struct packer packers[] = {
	{ "values a | zstd", 500, 1000 },
	{ "values a | unzstd", 100, 250 },
};

static void packer_desc(const struct packer *packer, char *desc)
{
	strscpy(desc, packer->line, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(packer, packers, packer_desc);

static void a_packer_is_charged_to_the_quota(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	const struct packer *packer = test->param_value;
	struct chp_reject why;
	struct chp_job *job;
	s64 used;

	job = chp_test_create(o, packer->line, &why);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	used = atomic64_read(&o->quota.used);
	KUNIT_EXPECT_GE(test, used, packer->least << 10);
	KUNIT_EXPECT_LE(test, used, packer->most << 10);
	chp_job_run(job);
	chp_test_read(o, job);
	o = chp_test_owner(test, 16);
	o->quota.limit = used - 1;
	job = chp_test_create(o, packer->line, &why);
	KUNIT_EXPECT_PTR_EQ(test, job, ERR_PTR(-EDQUOT));
	KUNIT_EXPECT_EQ(test, atomic64_read(&o->quota.used), 0);
}

static void last_gives_back_what_it_held(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_stage_stats stats = {};
	struct chp_job *job;

	job = chp_test_job(o, "values a b c d | sleep 1us | last | sleep 1h");
	CHP_EVENTUALLY(test, ({
		chp_job_stage_stats(job, 3, &stats);
		stats.busy;
	}));
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
}

/* Cancelled while it holds what has gone nowhere. */
static void what_is_held_is_given_back_when_cancelled(struct kunit *test)
{
	static const char * const lines[] = {
		"gen 1 inf | str | last",
		"gen 1 inf | str | distinct | null",
		"gen 1 inf | str | batch 9223372036854775807",
		"gen 1 inf | str | join",
	};
	struct chp_stage_stats stats = {};
	struct chp_test_owner *o;
	struct chp_job *job;
	const char *text;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		o = chp_test_owner(test, 1);
		job = chp_test_job(o, lines[i]);
		CHP_EVENTUALLY(test, ({
			chp_job_stage_stats(job, 2, &stats);
			stats.taken > 9;
		}));
		chp_job_cancel(job);
		text = chp_test_read(o, job);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "-> cancelled"),
					  "%s: %s", lines[i], text);
	}
}

static struct kunit_case many_items_cases[] = {
	KUNIT_CASE(distinct_tells_many_values_apart),
	KUNIT_CASE(distinct_has_a_limit_that_is_an_error),
	KUNIT_CASE(distinct_is_bounded_by_the_quota),
	KUNIT_CASE_PARAM(a_long_string_comes_to, text_gen_params),
	KUNIT_CASE(split_stops_in_the_middle),
	KUNIT_CASE(cancel_ends_a_split_in_the_middle),
	KUNIT_CASE(a_piece_without_memory_is_an_error),
	KUNIT_CASE(an_end_without_memory_is_an_error),
	KUNIT_CASE(a_damaged_frame_is_no_more_than_an_error),
	KUNIT_CASE(a_frame_cannot_grow_beyond_a_string),
	KUNIT_CASE(frames_one_after_the_other_are_one_string),
	KUNIT_CASE_PARAM(a_packer_is_charged_to_the_quota, packer_gen_params),
	KUNIT_CASE(last_gives_back_what_it_held),
	KUNIT_CASE(what_is_held_is_given_back_when_cancelled),
	{}
};

struct kunit_suite chp_many_items_suite = {
	.name = "chanpat_many_items",
	.init = chp_test_init,
	.test_cases = many_items_cases,
};
