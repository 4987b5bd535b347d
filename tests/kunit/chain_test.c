// SPDX-License-Identifier: GPL-2.0
/* Chains: the light stages at the end of a line, which the sink runs itself. */
#include <linux/slab.h>
#include <linux/string.h>
#include "../../kmod/core/task.h"
#include "../../kmod/jobs/input.h"
#include "jobs.h"
#include "suites.h"

/*
 * Lines with "%" where an attribute can stand. With "workers=1" in its place each
 * stage is one of its own, as none of a chain is: what comes of it is the same.
 */
static const char * const lines[] = {
	"gen 1 5 | double %",
	"gen 1 0 | double %",
	"gen 1 5 | double % | add 1 % | gt 5 %",
	"gen 1 10 | even % | count %",
	"gen 1 inf | take 5 % | sum %",
	"gen 1 inf | double % | take 0 %",
	"gen 1 inf | double % | first %",
	"gen 1 9 | skip 3 % | last %",
	"gen 1 9 | last % | double % | sum % | neg %",
	"gen 1 9 | take 3 % | last %",
	"gen 1 5 | count % | double % | take 1 % | sum %",
	"gen 1 0 | min %",
	"gen 1 0 | sum % | count %",
	"gen 1 5 | null %",
	"gen 9223372036854775805 inf | add 0 %",
	"gen 4611686018427387903 4611686018427387905 | double % | count %",
	"gen 4611686018427387903 4611686018427387905 | double % | add 1 %",
	"gen 9223372036854775806 9223372036854775807 | sum % | double %",
	"values 1 a 2 b | double % | add 1 %",
	"values 1 a 2 | count %",
	"values a b c | skip 1 % | first %",
	"errors=skip values 1 a 2 | double % | sum %",
	"errors=stop values 1 a 2 | double %",
	"errors=stop values 1 2 a 3 4 | double % | sum %",
	"gen 1 5 | double % | sleep 1us | add 1 % | sub 1 %",
	"gen 1 40 | fail every=7 | double % | count %",
	"limit=1 gen 1 9 | double % | even % | take 4 %",
	"limit=3 gen 1 9 | gt 5 % | count %",
	"limit=2 gen 1 30 | fail every=3 | gt 20 % | take 3 % | mean %",
	"merge { gen 1 5 ; gen 6 9 } | double % | sum %",
	"gen 1 4 | tee { sum % ; count % } | sum % | double %",
	"gen 1 8 | double % buf=4 | add 1 % buf=2 | neg %",
	"rand 20 10 seed=7 | gt 4 % | max %",
};

static char *put(struct kunit *test, const char *line, const char *attribute)
{
	size_t size = strlen(line) + 16 * (strlen(attribute) + 1), len = 0;
	char *with = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, with);
	for (; *line; line++) {
		if (*line == '%')
			len += scnprintf(with + len, size - len, "%s", attribute);
		else
			with[len++] = *line;
	}
	return with;
}

static void a_chain_gives_what_stages_of_their_own_give(struct kunit *test)
{
	const char *line;
	int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		line = put(test, lines[i], "");
		KUNIT_EXPECT_STREQ_MSG(test, chp_test_run(test, line),
				       chp_test_run(test, put(test, lines[i],
							      "workers=1")),
				       "%s", line);
	}
}

static struct chp_stage_stats stats_of(struct chp_job *job, unsigned int i)
{
	struct chp_stage_stats stats = {};

	chp_job_stage_stats(job, i, &stats);
	return stats;
}

static bool parked(struct chp_job *job)
{
	return READ_ONCE(job->phase) == CHP_SINK_SEND &&
	       atomic_read(&job->sink.run) == CHP_TASK_PARKED;
}

static void the_stages_of_a_chain_are_counted_each(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 4);
	struct chp_job *job = chp_test_job(o, "gen 1 inf | even | double");
	struct chp_stage_stats stats;

	CHP_EVENTUALLY(test, parked(job));
	stats = stats_of(job, 0);
	KUNIT_EXPECT_EQ(test, stats.workers, 1);
	KUNIT_EXPECT_EQ(test, stats.busy, 1);
	KUNIT_EXPECT_EQ(test, stats.most, 1);
	KUNIT_EXPECT_EQ(test, stats.taken, 10);
	KUNIT_EXPECT_EQ(test, stats.sent, 10);
	stats = stats_of(job, 1);
	KUNIT_EXPECT_EQ(test, stats.taken, 10);
	KUNIT_EXPECT_EQ(test, stats.sent, 5);
	KUNIT_EXPECT_EQ(test, stats_of(job, 2).taken, 5);
	chp_job_cancel(job);
	KUNIT_EXPECT_EQ(test, stats_of(job, 2).workers, 0);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job),
			   "4 8 12 16 20 -> cancelled");
}

static void a_chain_that_waits_is_not_busy(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 4);
	struct chp_job *job = chp_test_job(o, "in | double");

	CHP_EVENTUALLY(test, !stats_of(job, 1).busy);
	KUNIT_EXPECT_EQ(test, stats_of(job, 1).workers, 1);
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
}

static void who_pushes_is_told_that_a_chain_takes_no_more(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 0);
	struct chp_job *job = chp_test_job(o, "in | take 1");
	struct chp_reject why = {};

	KUNIT_EXPECT_EQ(test, atomic_read(&o->rooms), 0);
	KUNIT_EXPECT_EQ(test, chp_input_push(job, chp_test_spec(o, "@1 5"), &why),
			0);
	CHP_EVENTUALLY(test, parked(job));
	KUNIT_EXPECT_GT(test, atomic_read(&o->rooms), 0);
	KUNIT_EXPECT_EQ(test, chp_input_push(job, chp_test_spec(o, "@1 5"), &why),
			-EPIPE);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "5");
}

static void nothing_that_comes_out_is_idle_though_much_goes_in(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 4);
	struct chp_job *job = chp_test_job(o, "idle=2ms gen 1 inf | lt 0");

	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> idle");
}

static void a_chain_without_end_ends_with_its_time(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 4);
	struct chp_job *job = chp_test_job(o, "timeout=2ms gen 1 inf | null");

	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> timeout");
}

static void other_jobs_have_their_turn_beside_a_chain_without_end(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 4);
	struct chp_job *busy[4], *job;
	int i;

	for (i = 0; i < ARRAY_SIZE(busy); i++)
		busy[i] = chp_test_job(o, "gen 1 inf | null");
	job = chp_test_job(o, "gen 1 3 | sleep 1us | double");
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "2 4 6");
	for (i = 0; i < ARRAY_SIZE(busy); i++) {
		chp_job_cancel(busy[i]);
		KUNIT_EXPECT_STREQ(test, chp_test_read(o, busy[i]),
				   "-> cancelled");
	}
}

static void a_stage_of_a_chain_is_no_pool(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_job *job = chp_test_job(o, "gen 1 inf | double | neg workers=1");
	struct chp_spec *spec = chp_test_spec(o, "workers 1 1 4");
	struct chp_reject why = {};

	KUNIT_EXPECT_EQ(test, chp_job_resize(job, spec, 1024, &why), 0);
	chp_job_cancel(job);
	chp_test_read(o, job);
	job = chp_test_job(o, "gen 1 inf | double | neg");
	CHP_EVENTUALLY(test, parked(job));
	KUNIT_EXPECT_EQ(test, chp_job_resize(job, spec, 1024, &why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason,
			   "stage 1 is no pool, write workers=1 in the job's line for one");
	chp_job_cancel(job);
	chp_test_read(o, job);
}

static struct kunit_case chain_cases[] = {
	KUNIT_CASE(a_chain_gives_what_stages_of_their_own_give),
	KUNIT_CASE(the_stages_of_a_chain_are_counted_each),
	KUNIT_CASE(a_chain_that_waits_is_not_busy),
	KUNIT_CASE(who_pushes_is_told_that_a_chain_takes_no_more),
	KUNIT_CASE(nothing_that_comes_out_is_idle_though_much_goes_in),
	KUNIT_CASE(a_chain_without_end_ends_with_its_time),
	KUNIT_CASE(other_jobs_have_their_turn_beside_a_chain_without_end),
	KUNIT_CASE(a_stage_of_a_chain_is_no_pool),
	{}
};

struct kunit_suite chp_chain_suite = {
	.name = "chanpat_chain",
	.init = chp_test_init,
	.test_cases = chain_cases,
};
