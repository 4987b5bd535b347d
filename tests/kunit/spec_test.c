// SPDX-License-Identifier: GPL-2.0
/*
 * The job language: what it is, by example. Its rules one by one are tested in
 * user space, in tests/fuzz/.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../../kmod/jobs/spec.h"
#include "../fuzz/optab.h"
#include "suites.h"

static const struct chp_limits limits = {
	.line = 4096,
	.stages = 32,
	.workers = 1024,
	.buf = 65536,
};

/**
 * struct example - a job and what it says
 * @what: the pattern that it shows
 * @line: the line
 * @label: the job's
 * @timeout_ms: for the whole job
 * @idle_ms: for the next item
 * @last: the operation of the last stage
 * @stages: how many, the source included
 * @workers: of the last stage
 * @buf: of the last stage
 * @ordered: of the last stage
 */
struct example {
	const char *what;
	const char *line;
	const char *label;
	u64 timeout_ms;
	u64 idle_ms;
	const char *last;
	u32 stages;
	u32 workers;
	u32 buf;
	bool ordered;
};

static const struct example examples[] = {
	{ "generator", "gen 1 10 2", "", 0, 0, "gen", 1, 1, 0, false },
	{ "pipeline", "gen 1 10 | double | gt 5 | sum", "", 0, 0,
	  "sum", 4, 1, 0, false },
	{ "worker pool", "rand 100 6 seed=1 | sleep 5ms workers=3", "", 0, 0,
	  "sleep", 2, 3, 0, false },
	{ "ordered pool", "lines fd=0 | sha256 ordered workers=8", "", 0, 0,
	  "sha256", 2, 8, 0, true },
	{ "bounded buffer", "tick 100ms 5 | double buf=4k", "", 0, 0,
	  "double", 2, 1, 4096, false },
	{ "timeouts", "timeout=2s idle=500ms gen 1 inf | null", "", 2000, 500,
	  "null", 2, 1, 0, false },
	{ "label", "nightly: values a \"b c\" 7 | count # mixed", "nightly",
	  0, 0, "count", 2, 1, 0, false },
};

static void describe_example(const struct example *example, char *desc)
{
	strscpy(desc, example->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(example, examples, describe_example);

static int parse(const char *line, struct chp_spec **spec,
		 struct chp_reject *why)
{
	return chp_spec_parse(line, strlen(line), &optab_set, &limits, spec,
			      why);
}

static void job_says_what_its_line_says(struct kunit *test)
{
	const struct example *want = test->param_value;
	const struct chp_stage_spec *last;
	struct chp_reject why;
	struct chp_spec *spec;

	KUNIT_ASSERT_EQ_MSG(test, parse(want->line, &spec, &why), 0, "%s",
			    why.reason);
	last = &spec->stages[spec->nr_stages - 1];
	KUNIT_EXPECT_EQ(test, (int)spec->kind, (int)CHP_LINE_JOB);
	KUNIT_EXPECT_STREQ(test, (const char *)spec->label, want->label);
	KUNIT_EXPECT_EQ(test, spec->timeout_ns, want->timeout_ms * 1000000);
	KUNIT_EXPECT_EQ(test, spec->idle_ns, want->idle_ms * 1000000);
	KUNIT_EXPECT_EQ(test, spec->nr_stages, want->stages);
	KUNIT_EXPECT_STREQ(test, last->op->name, want->last);
	KUNIT_EXPECT_EQ(test, last->workers, want->workers);
	KUNIT_EXPECT_EQ(test, last->buf, want->buf);
	KUNIT_EXPECT_EQ(test, last->ordered, want->ordered);
	chp_spec_free(spec);
}

/**
 * struct mistake - a line that is refused
 * @line: the line
 * @err: with this error
 * @col: at this column
 * @reason: with these words
 */
struct mistake {
	const char *line;
	int err;
	u32 col;
	const char *reason;
};

static const struct mistake mistakes[] = {
	{ "gen 1 10 | duble", -EINVAL, 12,
	  "unknown operation \"duble\", did you mean \"double\"?" },
	{ "gen 1 10 | gt", -EINVAL, 14, "\"gt\" needs N: gt N" },
	{ "gen 1 10 | double | upper", -EINVAL, 21,
	  "\"upper\" takes byte strings, but \"double\" makes numbers" },
	{ "gen 1 10 | double workers=4096", -ERANGE, 27,
	  "\"workers\" must be from 1 to 1024" },
	{ "gen 1 10 | sum workers=2", -EINVAL, 16,
	  "\"sum\" keeps state from item to item and cannot have workers" },
};

static void describe_mistake(const struct mistake *mistake, char *desc)
{
	strscpy(desc, mistake->line, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mistake, mistakes, describe_mistake);

static void mistake_is_explained(struct kunit *test)
{
	const struct mistake *want = test->param_value;
	struct chp_reject why;
	struct chp_spec *spec;

	KUNIT_EXPECT_EQ(test, parse(want->line, &spec, &why), want->err);
	KUNIT_EXPECT_NULL(test, spec);
	KUNIT_EXPECT_EQ(test, why.err, want->err);
	KUNIT_EXPECT_EQ(test, why.col, want->col);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason, want->reason);
	chp_spec_free(spec);
}

static void cancel_names_a_job(struct kunit *test)
{
	struct chp_reject why;
	struct chp_spec *spec;

	KUNIT_ASSERT_EQ_MSG(test, parse("cancel nightly", &spec, &why), 0,
			    "%s", why.reason);
	KUNIT_EXPECT_EQ(test, (int)spec->kind, (int)CHP_LINE_CANCEL);
	KUNIT_EXPECT_STREQ(test, (const char *)spec->label, "nightly");
	chp_spec_free(spec);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(job_says_what_its_line_says, example_gen_params),
	KUNIT_CASE_PARAM(mistake_is_explained, mistake_gen_params),
	KUNIT_CASE(cancel_names_a_job),
	{ }
};

struct kunit_suite chp_spec_suite = {
	.name = "chanpat-spec",
	.test_cases = cases,
};
