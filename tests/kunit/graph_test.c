// SPDX-License-Identifier: GPL-2.0
/*
 * What a line says of how its stages work together: branches, fans, limits,
 * attempts, and what becomes of errors.
 */
#include <linux/string.h>
#include "../../kmod/jobs/input.h"
#include "jobs.h"
#include "suites.h"

/* A line, and what comes of it as chp_test_read() writes it. */
struct row {
	const char *line;
	const char *want;
};

static const struct row rows[] = {
	/* Each source is read to its end, wherever it stands. */
	{ "merge { gen 1 3 }", "1 2 3" },
	{ "merge { gen 1 0 }", "" },
	{ "merge { gen 1 3 ; gen 4 6 } | sum", "21" },
	{ "merge { gen 1 3 | double ; values 100 ; gen 1 0 } | sum", "112" },
	{ "merge { merge { gen 1 3 ; gen 4 6 } | double ; gen 1 1 } | sum", "43" },
	{ "merge { values a ; gen 1 1 } | count", "2" },
	{ "merge { gen 1 inf ; gen 1 inf } | take 5 | count", "5" },
	{ "merge { gen 1 inf | take 3 ; gen 1 5 } | count", "8" },

	/* Every branch has all items; what is done to one is not done to others. */
	{ "gen 1 4 | tee { sum ; count } | sum", "14" },
	{ "gen 1 3 | tee { null ; double }", "2 4 6" },
	{ "gen 1 3 | tee { double | tee { null ; double } ; null }", "4 8 12" },
	{ "values a b | tee { upper ; null }", "\"A\" \"B\"" },
	{ "values a b | tee { upper | grep A ; grep a } | count", "2" },
	{ "values a b | tee { upper ; upper } | grep A | count", "2" },
	{ "gen 1 inf | tee { take 2 ; take 3 } | count", "5" },
	{ "gen 1 inf | tee { take 2 ; take 3 } | take 1 | count", "1" },
	{ "gen 1 5 | tee { null ; null }", "" },
	{ "gen 1 3 | tee { null ; null } ", "" },

	/* Stages are counted from left to right, braces or not. */
	{ "merge { gen 1 2 | fail every=2 ; gen 1 0 }", "1 EIO@2.2" },
	{ "merge { gen 1 2 ; gen 1 0 } | fail every=2", "1 EIO@3.2" },
	{ "gen 1 2 | tee { null ; double } | fail every=2", "2 EIO@4.2" },

	/* Errors: shown, the last thing that is shown, or only counted. */
	{ "gen 1 6 | fail every=3", "1 2 EIO@1.3 4 5 EIO@1.6" },
	{ "errors=report gen 1 3 | fail every=3", "1 2 EIO@1.3" },
	{ "errors=stop gen 1 inf | fail every=3", "1 2 EIO@1.3 -> failed:EIO" },
	{ "errors=stop gen 1 inf | fail every=1 errno=ENOSPC",
	  "ENOSPC@1.1 -> failed:ENOSPC" },
	{ "errors=stop gen 1 3 | fail every=3 | count",
	  "EIO@1.3 -> failed:EIO" },
	{ "errors=skip gen 1 6 | fail every=3", "1 2 4 5" },
	{ "errors=skip gen 1 6 | fail every=3 | sum", "12" },
	{ "errors=skip values a b 3 | len", "1 1" },
	{ "errors=stop gen 1 3", "1 2 3" },

	/* Attempts */
	{ "gen 1 6 | fail every=3 retry=1", "1 2 3 4 5 6" },
	{ "gen 1 2 | sleep 1h timeout=1ms", "ETIME@1.1 ETIME@1.2" },
	{ "gen 1 2 | sleep 1h timeout=1ms retry=2", "ETIME@1.1 ETIME@1.2" },
	{ "gen 1 2 | sleep 1us timeout=1h retry=2", "1 2" },
	{ "values 1 a | double retry=3", "2 EINVAL@1.2" },

	/* Fans */
	{ "gen 1 20 | double fan | sum", "420" },
	{ "gen 1 5 | sleep 1us fan=2 ordered | double", "2 4 6 8 10" },
	{ "gen 1 5 | double fan ordered", "2 4 6 8 10" },
	{ "gen 1 0 | double fan", "" },
	{ "gen 1 inf | double fan | take 3 | count", "3" },

	/* Limits: whatever ends an item makes room for the next. */
	{ "limit=1 gen 1 5 | double", "2 4 6 8 10" },
	{ "limit=2 gen 1 100 | gt 50 | count", "50" },
	{ "limit=3 gen 1 inf | take 4 | double", "2 4 6 8" },
	{ "limit=2 merge { gen 1 inf | take 3 ; gen 1 5 } | count", "8" },
	{ "limit=2 gen 1 6 | tee { take 1 ; count } | sum", "7" },
	{ "limit=1 gen 1 6 | tee { count ; sum ; null } | sum", "27" },
	{ "limit=2 errors=skip gen 1 9 | fail every=2 | sum", "25" },
	{ "limit=2 gen 1 10 | sleep 1us fan | count", "10" },
	{ "limit=1 gen 1 9 | sum workers=1", "45" },
	{ "limit=1 values a b | len", "1 1" },
	{ "limit=1 values 1 2 a | upper", "EINVAL@1.1 EINVAL@1.2 \"A\"" },
};

static void row_desc(const struct row *row, char *desc)
{
	strscpy(desc, row->line, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(row, rows, row_desc);

static void a_line_comes_to_what_it_says(struct kunit *test)
{
	const struct row *row = test->param_value;

	KUNIT_EXPECT_STREQ(test, chp_test_run(test, row->line), row->want);
}

static struct chp_stage_stats stats_of(struct chp_job *job, unsigned int i)
{
	struct chp_stage_stats stats = {};

	chp_job_stage_stats(job, i, &stats);
	return stats;
}

/* The source makes nothing before there is room for it. */
static void no_more_items_are_in_flight_than_the_limit(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "limit=3 gen 1 inf | sleep 1h fan");

	CHP_EVENTUALLY(test, stats_of(job, 1).busy == 3);
	CHP_EVENTUALLY(test, chp_sem_held(&job->flight.sem) == 3);
	KUNIT_EXPECT_EQ(test, stats_of(job, 0).taken, 3);
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
}

/* It left when it came to "last", which says it again at the end. */
static void the_last_item_leaves_its_flight_once(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "limit=2 merge { in | last ; gen 1 1 | sleep 1h }");
	struct chp_item item = { .type = CHP_ITEM_NUM, .num = 5 };
	struct chp_reject why;

	CHP_EVENTUALLY(test, chp_sem_held(&job->flight.sem) == 1);
	KUNIT_EXPECT_EQ(test, chp_input_push_items(job, &item, 1, &why), 0);
	KUNIT_EXPECT_EQ(test, chp_input_end(job, 0, &why), 0);
	CHP_EVENTUALLY(test, atomic_read(&o->sent) == 1);
	KUNIT_EXPECT_EQ(test, chp_sem_held(&job->flight.sem), 1);
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "5 -> cancelled");
}

static void a_reader_that_waits_holds_up_the_source(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 0);
	struct chp_job *job = chp_test_job(o, "limit=2 gen 1 4 | double buf=10");

	CHP_EVENTUALLY(test, stats_of(job, 0).taken == 2);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "2 4 6 8");
	KUNIT_EXPECT_EQ(test, chp_sem_held(&job->flight.sem), 0);
}

static void a_fan_shows_as_many_workers_as_items(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "gen 1 40 | sleep 1h fan");

	CHP_EVENTUALLY(test, stats_of(job, 1).busy == 40);
	CHP_EVENTUALLY(test, stats_of(job, 1).most == 41);
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
	job = chp_test_job(o, "gen 1 40 | sleep 1h fan=7");
	CHP_EVENTUALLY(test, stats_of(job, 1).busy == 7);
	KUNIT_EXPECT_EQ(test, stats_of(job, 1).most, 7);
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
}

static void errors_that_are_skipped_are_counted(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "errors=skip gen 1 6 | fail every=3");

	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "1 2 4 5");
	KUNIT_EXPECT_EQ(test, job->items, 4);
	KUNIT_EXPECT_EQ(test, job->errors, 2);
}

static void a_source_that_never_ends_holds_up_no_other(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job;

	job = chp_test_job(o, "merge { tick 1h 1 ; gen 1 3 } | take 3");
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "1 2 3");
}

static void everything_of_a_graph_can_be_cancelled(struct kunit *test)
{
	static const char * const lines[] = {
		"merge { gen 1 inf ; in ; tick 1h 3 } | null",
		"gen 1 inf | tee { sleep 1h ; null ; count } | sum",
		"limit=1 gen 1 inf | sleep 1h fan | tee { sum ; min }",
		"gen 1 inf | sleep 1h timeout=1h retry=5 fan=3 ordered",
		"values a b c | tee { sha256 ; upper | sleep 1h ; null }",
	};
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_job *job;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		job = chp_test_job(o, lines[i]);
		chp_test_relax();
		chp_job_cancel(job);
		CHP_EVENTUALLY(test, atomic_read(&o->ended) == i ||
			       chp_len(o->owner.out));
		chp_test_read(o, job);
		KUNIT_EXPECT_EQ(test, (int)job->status, (int)CHP_JOB_CANCELLED);
		chp_test_forget(job);
	}
}

static struct kunit_case graph_cases[] = {
	KUNIT_CASE_PARAM(a_line_comes_to_what_it_says, row_gen_params),
	KUNIT_CASE(no_more_items_are_in_flight_than_the_limit),
	KUNIT_CASE(the_last_item_leaves_its_flight_once),
	KUNIT_CASE(a_reader_that_waits_holds_up_the_source),
	KUNIT_CASE(a_fan_shows_as_many_workers_as_items),
	KUNIT_CASE(errors_that_are_skipped_are_counted),
	KUNIT_CASE(a_source_that_never_ends_holds_up_no_other),
	KUNIT_CASE(everything_of_a_graph_can_be_cancelled),
	{}
};

struct kunit_suite chp_graph_suite = {
	.name = "chanpat_graph",
	.init = chp_test_init,
	.test_cases = graph_cases,
};
