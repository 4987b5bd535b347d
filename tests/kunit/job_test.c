// SPDX-License-Identifier: GPL-2.0
/* Jobs: how they end, what their owner sees of them, what they hold. */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include "../../kmod/core/task.h"
#include "jobs.h"
#include "suites.h"

/**
 * struct row - a line and how it ends
 * @line: the line
 * @want: its items and its status, as chp_test_read() writes them
 */
struct row {
	const char *line;
	const char *want;
};

static const struct row rows[] = {
	{ "gen 1 3", "1 2 3" },
	{ "gen 1 0", "" },
	{ "timeout=1h idle=1h gen 1 3 | fail every=2", "1 EIO@1.2 3" },
	/* As "odd numbers, slowly": no clock fires. */
	{ "timeout=1h idle=1h gen 1 5 2 | sleep 1us", "1 3 5" },
	{ "timeout=2ms gen 1 inf | sleep 1h", "-> timeout" },
	{ "timeout=2ms tick 1h 5", "-> timeout" },
	{ "timeout=2ms gen 1 inf | null", "-> timeout" },
	{ "timeout=2ms idle=1h gen 1 inf | sleep 1h", "-> timeout" },
	{ "timeout=1ns gen 1 inf | null", "-> timeout" },
	{ "idle=2ms gen 1 3 | sleep 1h", "-> idle" },
	{ "idle=2ms tick 1h 5", "-> idle" },
	{ "idle=2ms gen 1 inf | null", "-> idle" },
	{ "timeout=1h idle=2ms gen 1 3 | sleep 1h workers=3", "-> idle" },
	{ "idle=1ns gen 1 3 | sleep 1h", "-> idle" },
	{ "gen 9223372036854775807 inf | null", "-> failed:EOVERFLOW" },
	{ "timeout=1h gen 9223372036854775807 inf",
	  "9223372036854775807 -> failed:EOVERFLOW" },
};

static void row_desc(const struct row *row, char *desc)
{
	strscpy(desc, row->line, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(row, rows, row_desc);

static void a_job_ends_with_its_status(struct kunit *test)
{
	const struct row *row = test->param_value;
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, row->line);
	struct chp_result result;

	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), row->want);
	KUNIT_EXPECT_EQ(test, chp_try_recv(o->owner.out, &result), -EAGAIN);
	CHP_EVENTUALLY(test, atomic_read(&o->ended) == 1);
}

static void cancel_ends_a_job(struct kunit *test)
{
	static const char * const lines[] = {
		"gen 1 inf | sleep 1h",
		"tick 1h 3 | double workers=20 ordered",
		"gen 1 inf | null",
		"timeout=1h idle=1h gen 1 3 | sleep 1h workers=2",
	};
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_job *job;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		job = chp_test_job(o, lines[i]);
		chp_job_cancel(job);
		chp_job_cancel(job);
		KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
		chp_job_cancel(job);
		KUNIT_EXPECT_EQ(test, (int)job->status, (int)CHP_JOB_CANCELLED);
	}
}

static void a_job_that_is_cancelled_before_it_runs_makes_nothing(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_reject why;
	struct chp_job *job = chp_test_create(o, "gen 1 inf", &why);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	chp_job_cancel(job);
	chp_job_cancel(job);
	chp_job_run(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
}

static void a_job_need_not_run(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_reject why;
	struct chp_job *job;

	job = chp_test_create(o, "timeout=1h values a b | sha256 workers=9", &why);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	KUNIT_EXPECT_GT(test, atomic64_read(&o->quota.used), 0);
	chp_test_forget(job);
	KUNIT_EXPECT_EQ(test, atomic64_read(&o->quota.used), 0);
}

static void the_end_of_the_owner_cancels_its_jobs(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "gen 1 inf | sleep 1h");

	chp_ctx_cancel(o->owner.ctx);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
	job = chp_test_job(o, "gen 1 inf");
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
}

static void a_job_knows_what_it_is(struct kunit *test)
{
	const char *line = "timeout=1h values 1 a 2 | double workers=2 ordered";
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, line);
	char status[32];

	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "2 EINVAL@1.2 4");
	KUNIT_EXPECT_STREQ(test, job->line, line);
	KUNIT_EXPECT_STREQ(test, (const char *)job->label, "1");
	KUNIT_EXPECT_EQ(test, job->id, 1);
	KUNIT_EXPECT_EQ(test, job->items, 2);
	KUNIT_EXPECT_EQ(test, job->errors, 1);
	KUNIT_EXPECT_GE(test, atomic_read(&o->sent), 1);
	KUNIT_EXPECT_FALSE(test, ktime_before(job->ended, job->started));
	chp_job_status_text(job, status, sizeof(status));
	KUNIT_EXPECT_STREQ(test, (const char *)status, "ok");
	job = chp_test_job(o, "nightly: gen 1 inf | sleep 1h");
	KUNIT_EXPECT_STREQ(test, (const char *)job->label, "nightly");
	KUNIT_EXPECT_EQ(test, job->id, 2);
	chp_job_status_text(job, status, sizeof(status));
	KUNIT_EXPECT_STREQ(test, (const char *)status, "running");
}

/* The sink of the job waits for a place in the owner's channel. */
static bool parked(struct chp_job *job)
{
	enum chp_sink_phase phase = READ_ONCE(job->phase);

	return (phase == CHP_SINK_SEND || phase == CHP_SINK_DONE) &&
	       atomic_read(&job->sink.run) == CHP_TASK_PARKED;
}

static u64 made(struct chp_job *job)
{
	struct chp_stage_stats stats = {};

	chp_job_stage_stats(job, 0, &stats);
	return stats.taken;
}

/* The owner's places, and one in the sink's hand. */
static void a_job_parks_when_nobody_reads_and_loses_nothing(struct kunit *test)
{
	static const unsigned int caps[] = { 0, 1, 5 };
	struct chp_test_owner *o;
	struct chp_result result;
	struct chp_job *job;
	unsigned int i;
	s64 n;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		o = chp_test_owner(test, caps[i]);
		job = chp_test_job(o, "gen 1 100");
		CHP_EVENTUALLY(test, parked(job) && made(job) == caps[i] + 1);
		KUNIT_EXPECT_EQ(test, chp_len(o->owner.out), caps[i]);
		for (n = 1; n <= 100; n++) {
			KUNIT_EXPECT_LE(test, made(job), n + caps[i] + 1);
			KUNIT_ASSERT_EQ(test, chp_test_result(o, &result), 0);
			KUNIT_EXPECT_EQ(test, result.item.num, n);
		}
		KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "");
	}
}

/* What the sink has in its hand is still given, then the end. */
static void cancel_of_a_parked_job_is_read_later(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 2);
	struct chp_job *job = chp_test_job(o, "gen 1 inf");

	CHP_EVENTUALLY(test, parked(job));
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "1 2 3 -> cancelled");
}

static void a_timeout_of_a_parked_job_is_read_later(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_job *job = chp_test_job(o, "timeout=200ms values a b c d");

	CHP_EVENTUALLY(test, parked(job));
	CHP_EVENTUALLY(test, chp_ctx_err(job->ctx) == -ETIME);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job),
			   "\"a\" \"b\" -> timeout");
}

static void a_job_ends_when_its_owner_stops_reading(struct kunit *test)
{
	static const char * const lines[] = {
		"gen 1 inf",
		"values a b c d e f g | upper workers=3",
		"values a b c d e f g | fail every=2 buf=9",
		"gen 1 1",		/* parks with its end in its hand */
		"gen 1 inf | sleep 1h",	/* has nothing to say */
		"idle=1h gen 1 inf | null",
	};
	struct chp_test_owner *o;
	struct chp_result result;
	struct chp_job *job;
	unsigned int i;
	int n;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		o = chp_test_owner(test, 1);
		job = chp_test_job(o, lines[i]);
		if (i < 4)
			CHP_EVENTUALLY(test, parked(job));
		chp_ctx_cancel(o->owner.ctx);
		chp_close(o->owner.out);
		CHP_EVENTUALLY(test, atomic_read(&o->ended) == 1);
		/* What was in its place; or the end, if it came before the close. */
		for (n = 0; !chp_try_recv(o->owner.out, &result); n++)
			chp_item_drop(&result.item);
		KUNIT_EXPECT_LE(test, n, 1);
		KUNIT_EXPECT_GE(test, n, i < 4);
	}
}

/* The channel is closed, and nothing else: the job finds out by itself. */
static void a_closed_channel_is_enough_to_end_a_job(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_job *job = chp_test_job(o, "gen 1 inf");
	struct chp_result result;
	int i;

	for (i = 0; i < 10; i++)
		KUNIT_ASSERT_EQ(test, chp_test_result(o, &result), 0);
	chp_close(o->owner.out);
	CHP_EVENTUALLY(test, atomic_read(&o->ended) == 1);
	KUNIT_EXPECT_EQ(test, (int)job->status, (int)CHP_JOB_CANCELLED);
}

#define JOBS 30

/* Each job's results are in order, and its end is the last of them. */
static void many_jobs_share_an_owner(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 3);
	s64 next[JOBS + 1];
	struct chp_result result;
	struct chp_job *job;
	int i, left = JOBS;

	for (i = 1; i <= JOBS; i++) {
		next[i] = 2;
		chp_test_job(o, i % 2 ? "gen 1 20 | double workers=3 ordered" :
					"gen 2 40 2 | add 0 buf=5");
	}
	while (left) {
		KUNIT_ASSERT_EQ(test, chp_test_result(o, &result), 0);
		job = result.job;
		i = job->id;
		if (result.item.type == CHP_ITEM_DONE) {
			KUNIT_EXPECT_EQ(test, next[i], 42);
			KUNIT_EXPECT_EQ(test, (int)job->status, (int)CHP_JOB_OK);
			next[i] = -1;
			chp_test_forget(job);
			left--;
		} else {
			KUNIT_EXPECT_EQ(test, result.item.num, next[i]);
			next[i] += 2;
		}
	}
	CHP_EVENTUALLY(test, atomic_read(&o->ended) == JOBS);
	CHP_EVENTUALLY(test, !atomic64_read(&o->quota.used));
}

/* Reads a job that makes 2, 4, 6 ... to its end; returns how many came. */
static int read_even(struct kunit *test, struct chp_test_owner *o,
		     struct chp_job *job)
{
	struct chp_result result;
	int n = 0;

	for (;;) {
		KUNIT_ASSERT_EQ(test, chp_test_result(o, &result), 0);
		KUNIT_EXPECT_PTR_EQ(test, result.job, job);
		if (result.item.type == CHP_ITEM_DONE)
			return n;
		KUNIT_EXPECT_EQ(test, result.item.num, 2 * ++n);
	}
}

#define ROUNDS 100

/* A job of 20 items has come to its end, or was ended with this status. */
static bool ended_as(const struct chp_job *job, int n, enum chp_job_status status)
{
	return job->status == status || (job->status == CHP_JOB_OK && n == 20);
}

/* The time limit meets the end of the work: one of the two is the status. */
static void a_job_ends_once_when_time_and_work_end_together(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 4);
	int i, n, counts[CHP_JOB_FAILED + 1] = {};
	u64 ns = 100 * NSEC_PER_USEC;
	enum chp_job_status status;
	struct chp_job *job;
	char line[80];

	for (i = 0; i < ROUNDS; i++) {
		snprintf(line, sizeof(line),
			 "timeout=%lluns gen 1 20 | double workers=2 ordered",
			 ns);
		job = chp_test_job(o, line);
		n = read_even(test, o, job);
		status = job->status;
		KUNIT_EXPECT_TRUE(test, ended_as(job, n, CHP_JOB_TIMEOUT));
		KUNIT_EXPECT_LE(test, n, 20);
		KUNIT_EXPECT_EQ(test, job->items, n);
		counts[status]++;
		chp_test_forget(job);
		ns = chp_test_adapt(ns, status == CHP_JOB_TIMEOUT);
	}
	KUNIT_EXPECT_GT(test, counts[CHP_JOB_TIMEOUT], 0);
	KUNIT_EXPECT_GT(test, counts[CHP_JOB_OK], 0);
}

static void a_job_ends_once_wherever_it_is_cancelled(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 64);
	struct rnd_state rnd;
	struct chp_job *job;
	int i, n;

	prandom_seed_state(&rnd, 4);
	for (i = 0; i < ROUNDS; i++) {
		job = chp_test_job(o, "gen 1 20 | double workers=3 ordered buf=2");
		udelay(prandom_u32_state(&rnd) % 100);
		chp_job_cancel(job);
		n = read_even(test, o, job);
		KUNIT_EXPECT_TRUE(test, ended_as(job, n, CHP_JOB_CANCELLED));
		KUNIT_EXPECT_EQ(test, job->items, n);
		chp_test_forget(job);
	}
}

static void a_job_that_holds_too_much_is_refused(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_reject why;
	struct chp_job *job;

	o->quota.limit = 100;
	job = chp_test_create(o, "gen 1 3", &why);
	KUNIT_EXPECT_PTR_EQ(test, job, ERR_PTR(-EDQUOT));
	KUNIT_EXPECT_EQ(test, why.err, -EDQUOT);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason,
			   "the jobs of this session would hold too much memory");
	KUNIT_EXPECT_EQ(test, atomic64_read(&o->quota.used), 0);
}

static u64 charge(struct chp_test_owner *o, const char *line)
{
	struct kunit *test = o->test;
	struct chp_reject why;
	struct chp_job *job = chp_test_create(o, line, &why);
	u64 bytes = atomic64_read(&o->quota.used);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	chp_test_forget(job);
	KUNIT_EXPECT_EQ(test, atomic64_read(&o->quota.used), 0);
	return bytes;
}

static void workers_and_buffers_are_charged(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	u64 one = charge(o, "gen 1 3 | double");

	KUNIT_EXPECT_GE(test, charge(o, "gen 1 3 | double workers=100"),
			one + 99 * sizeof(struct chp_task));
	KUNIT_EXPECT_GE(test, charge(o, "gen 1 3 | double buf=1000"),
			one + 1000 * sizeof(struct chp_item));
	KUNIT_EXPECT_GT(test, charge(o, "gen 1 3 | double | double"), one);
}

/* The job fits, and so does nothing else: its strings become errors. */
static void a_string_without_a_place_is_an_error(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 4);
	const char *line = "values 1 a 2 b";
	struct chp_reject why;
	struct chp_job *job, *other;

	o->quota.limit = charge(o, line);
	job = chp_test_job(o, line);
	other = chp_test_create(o, "gen 1 1", &why);
	KUNIT_EXPECT_PTR_EQ(test, other, ERR_PTR(-EDQUOT));
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job),
			   "1 EDQUOT@0.2 2 EDQUOT@0.4");
}

/* Limits that are too high let a line through that cannot be started. */
static void a_job_that_cannot_start_has_failed(struct kunit *test)
{
	static const char * const lines[] = {
		"gen 1 3 | double buf=65537",
		"gen 1 3 | double buf=65537 | double",
		"gen 1 3 | double workers=65537",
	};
	struct chp_test_owner *o = chp_test_owner(test, 4);
	struct chp_job *job;
	unsigned int i;

	o->limits.workers = UINT_MAX;
	o->limits.buf = UINT_MAX;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		job = chp_test_job(o, lines[i]);
		KUNIT_EXPECT_STREQ(test, chp_test_read(o, job),
				   "-> failed:EINVAL");
		KUNIT_EXPECT_EQ(test, job->items, 0);
	}
}

/*
 * The pipeline, as a line: ten random numbers, doubled, those above 10 kept.
 * The seed makes it the same each time.
 */
static void ten_random_numbers_doubled_and_the_large_ones_kept(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_result result;
	struct chp_job *job;

	job = chp_test_job(o, "rand 10 100 seed=1 | double | gt 10");
	for (;;) {
		KUNIT_ASSERT_EQ(test, chp_test_result(o, &result), 0);
		if (result.item.type == CHP_ITEM_DONE)
			break;
		KUNIT_EXPECT_EQ(test, result.item.num % 2, 0);
		KUNIT_EXPECT_GT(test, result.item.num, 10);
		KUNIT_EXPECT_LT(test, result.item.num, 200);
	}
	KUNIT_EXPECT_EQ(test, (int)job->status, (int)CHP_JOB_OK);
	KUNIT_EXPECT_GT(test, job->items, 0);
	KUNIT_EXPECT_LE(test, job->items, 10);
}

static struct kunit_case job_cases[] = {
	KUNIT_CASE_PARAM(a_job_ends_with_its_status, row_gen_params),
	KUNIT_CASE(cancel_ends_a_job),
	KUNIT_CASE(a_job_that_is_cancelled_before_it_runs_makes_nothing),
	KUNIT_CASE(a_job_need_not_run),
	KUNIT_CASE(the_end_of_the_owner_cancels_its_jobs),
	KUNIT_CASE(a_job_knows_what_it_is),
	KUNIT_CASE(a_job_parks_when_nobody_reads_and_loses_nothing),
	KUNIT_CASE(cancel_of_a_parked_job_is_read_later),
	KUNIT_CASE(a_timeout_of_a_parked_job_is_read_later),
	KUNIT_CASE(a_job_ends_when_its_owner_stops_reading),
	KUNIT_CASE(a_closed_channel_is_enough_to_end_a_job),
	KUNIT_CASE(many_jobs_share_an_owner),
	KUNIT_CASE(a_job_ends_once_when_time_and_work_end_together),
	KUNIT_CASE(a_job_ends_once_wherever_it_is_cancelled),
	KUNIT_CASE(a_job_that_holds_too_much_is_refused),
	KUNIT_CASE(workers_and_buffers_are_charged),
	KUNIT_CASE(a_string_without_a_place_is_an_error),
	KUNIT_CASE(a_job_that_cannot_start_has_failed),
	KUNIT_CASE(ten_random_numbers_doubled_and_the_large_ones_kept),
	{}
};

struct kunit_suite chp_job_suite = {
	.name = "chanpat_job",
	.init = chp_test_init,
	.test_cases = job_cases,
};
