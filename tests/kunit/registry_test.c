// SPDX-License-Identifier: GPL-2.0
/* Operations of other modules: this one is one. */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/string.h>
#include <chanpat/op.h>
#include "../../kmod/compat.h"
#include "../../kmod/jobs/registry.h"
#include "jobs.h"
#include "suites.h"

/* Jobs have gone before: one that still held it would be a leak. */
static void op_gone(void *op)
{
	WARN_ON(chp_op_unregister(op));
}

/* For as long as the test. Jobs are made after it, so they go before. */
static struct chp_op *op_add(struct kunit *test, const struct chp_op *op)
{
	struct chp_op *copy = kunit_kmalloc(test, sizeof(*op), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	*copy = *op;
	KUNIT_ASSERT_EQ(test, chp_op_register(copy), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, op_gone, copy), 0);
	return copy;
}

static int scale_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	chp_item_to_num(item, chp_item_num(item) * chp_op_arg(st, 0));
	return CHP_EMIT;
}

static const struct chp_op scale = {
	.desc = {
		.name = "scale",
		.help = "N times the number",
		.takes = CHP_T_NUM,
		.makes = CHP_T_NUM,
		.params = { { .name = "N", .kind = CHP_P_NUM } },
	},
	.item = scale_item,
};

static void a_line_uses_the_operation(struct kunit *test)
{
	op_add(test, &scale);
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, "gen 1 3 | scale 10"),
			   "10 20 30");
	KUNIT_EXPECT_STREQ(test,
			   chp_test_run(test, "gen 1 9 | scale 2 workers=4 ordered | sum"),
			   "90");
}

static int parse(struct kunit *test, const char *line, struct chp_reject *why)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_spec *spec;
	int err = chp_ops_parse(line, strlen(line), &o->limits, &spec, why);

	if (!err)
		chp_ops_free(spec);
	return err;
}

static void neighbours_have_to_fit(struct kunit *test)
{
	struct chp_reject why;

	op_add(test, &scale);
	KUNIT_EXPECT_EQ(test, parse(test, "values a | upper | scale 2", &why),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, why.col, 20);
	KUNIT_EXPECT_STREQ(test, why.reason,
			   "\"scale\" takes numbers, but \"upper\" makes byte strings");
	KUNIT_EXPECT_EQ(test, parse(test, "gen 1 3 | scale 2 | upper", &why),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, parse(test, "gen 1 3 | scale", &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, parse(test, "gen 1 3 | scael 1", &why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, why.reason,
			   "unknown operation \"scael\", did you mean \"scale\"?");
}

static void a_line_after_its_end_does_not_know_it(struct kunit *test)
{
	struct chp_reject why;
	struct chp_op op = scale;

	KUNIT_ASSERT_EQ(test, chp_op_register(&op), 0);
	KUNIT_EXPECT_EQ(test, parse(test, "gen 1 3 | scale 2", &why), 0);
	KUNIT_EXPECT_EQ(test, chp_op_unregister(&op), 0);
	KUNIT_EXPECT_EQ(test, parse(test, "gen 1 3 | scale 2", &why), -EINVAL);
}

static void a_job_holds_the_operation_and_its_module(struct kunit *test)
{
	struct chp_op *op = op_add(test, &scale);
	struct chp_test_owner *o = chp_test_owner(test, 16);
	int before = module_refcount(THIS_MODULE);
	int uses = IS_ENABLED(CONFIG_MODULE_UNLOAD) ? 2 : 0;
	struct chp_job *job;

	job = chp_test_job(o, "gen 1 3 | scale 2 | scale 3");
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before + uses);
	KUNIT_EXPECT_EQ(test, chp_op_unregister(op), -EBUSY);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "6 12 18");
	/* Its results name the operation until they were read. */
	KUNIT_EXPECT_EQ(test, chp_op_unregister(op), -EBUSY);
	CHP_EVENTUALLY(test, atomic_read(&o->ended) == 1);
	chp_test_forget(job);
	CHP_EVENTUALLY(test, module_refcount(THIS_MODULE) == before);
}

static void a_line_that_is_refused_holds_nothing(struct kunit *test)
{
	int before = module_refcount(THIS_MODULE);
	struct chp_test_owner *o;
	struct chp_reject why;
	struct chp_job *job;

	op_add(test, &scale);
	o = chp_test_owner(test, 16);
	job = chp_test_create(o, "gen 1 3 | scale 2 sem=x", &why);
	KUNIT_EXPECT_TRUE(test, IS_ERR(job));
	KUNIT_EXPECT_EQ(test, parse(test, "gen 1 3 | scale 2 | upper", &why),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before);
}

static void a_name_is_taken_once(struct kunit *test)
{
	static const char * const names[] = { "scale", "double", "gen" };
	struct chp_op op = scale;
	unsigned int i;

	op_add(test, &scale);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		op.desc.name = names[i];
		KUNIT_EXPECT_EQ(test, chp_op_register(&op), -EEXIST);
	}
}

static void a_name_that_no_line_can_have_is_refused(struct kunit *test)
{
	static const char * const names[] = {
		NULL, "", "2x", "Scale", "a b", "a|b", "a:", "cancel", "end",
		"sem", "workers", "ordered", "fan",
		"a_name_of_thirty_two_bytes_is_too",
	};
	struct chp_op op = scale;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		op.desc.name = names[i];
		KUNIT_EXPECT_EQ_MSG(test, chp_op_register(&op), -EINVAL, "%s",
				    names[i] ?: "NULL");
	}
}

static void a_description_that_makes_no_sense_is_refused(struct kunit *test)
{
	struct chp_op op = scale;

	op.item = NULL;
	KUNIT_EXPECT_EQ(test, chp_op_register(&op), -EINVAL);
	op = scale;
	op.desc.help = NULL;
	KUNIT_EXPECT_EQ(test, chp_op_register(&op), -EINVAL);
	op = scale;
	op.desc.takes = 0;
	KUNIT_EXPECT_EQ(test, chp_op_register(&op), -EINVAL);
	op.desc.flags = CHP_OP_SOURCE;
	op.desc.makes = CHP_T_SAME;
	KUNIT_EXPECT_EQ(test, chp_op_register(&op), -EINVAL);
	op = scale;
	op.desc.flags = CHP_OP_BRANCHES;
	KUNIT_EXPECT_EQ(test, chp_op_register(&op), -EINVAL);
	op = scale;
	op.desc.params[0].many = true;
	op.desc.params[1] = op.desc.params[0];
	KUNIT_EXPECT_EQ(test, chp_op_register(&op), -EINVAL);
	op = scale;
	op.desc.params[0].name = "workers";
	op.desc.params[0].keyword = true;
	KUNIT_EXPECT_EQ(test, chp_op_register(&op), -EINVAL);
	op = scale;
	op.desc.params[CHP_PARAM_MAX] = op.desc.params[0];
	op.desc.params[1] = op.desc.params[0];
	op.desc.params[2] = op.desc.params[0];
	op.desc.params[3] = op.desc.params[0];
	KUNIT_EXPECT_EQ(test, chp_op_register(&op), -EINVAL);
}

/* Returns its argument for each item; a string is let go of as the word says. */
static int verdict_item(struct chp_op_stage *st, struct chp_worker *worker,
			struct chp_item *item)
{
	int verdict = chp_op_arg(st, 0);

	if (verdict == CHP_DROP || verdict == CHP_STOP)
		chp_item_drop(item);
	if (verdict == CHP_MORE && chp_worker_piece(worker) == 2)
		return CHP_EMIT;
	return verdict;
}

static const struct chp_op verdict = {
	.desc = {
		.name = "verdict",
		.help = "what its argument says",
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
		.params = { { .name = "V", .kind = CHP_P_NUM } },
	},
	.item = verdict_item,
};

/* 0: emit, 1: drop, 2: last, 3: stop, 4: more. */
static void only_one_that_says_so_changes_the_number_of_items(struct kunit *test)
{
	static const char * const lines[] = {
		"values 7 a | verdict 1", "values 7 a | verdict 2",
		"values 7 a | verdict 3", "values 7 a | verdict 4",
	};
	static const char * const many[] = { "", "7", "", "7 0 0 \"a\" 0 0" };
	struct chp_op op = verdict;
	unsigned int i;

	op_add(test, &verdict);
	op.desc.name = "verdicts";
	op.desc.flags = CHP_OP_MANY;
	op_add(test, &op);
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		char line[40];

		KUNIT_EXPECT_STREQ(test, chp_test_run(test, lines[i]),
				   "EPROTO@1.1 EPROTO@1.2");
		snprintf(line, sizeof(line), "values 7 a | verdicts %u", i + 1);
		KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), many[i]);
	}
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, "values 7 a | verdict 0"),
			   "7 \"a\"");
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, "values 7 a | verdict -5"),
			   "EIO@1.1 EIO@1.2");
}

struct counter {
	s64 n;
};

static int counter_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct counter *counter = chp_op_state(st);
	size_t len;

	counter->n = chp_op_arg(st, 0);
	if (chp_op_given(st, 1) && chp_op_arg_bytes(st, 1, &len) && len == 3)
		return chp_op_refuse(why, -EDOM, "three is not a good length");
	return 0;
}

static int counter_item(struct chp_op_stage *st, struct chp_worker *worker,
			struct chp_item *item)
{
	struct counter *counter = chp_op_state(st);

	if (!counter->n)
		return CHP_STOP;
	if (counter->n < 0)
		return chp_op_fail_job(st, -ENODATA);
	if (counter->n == 3)
		return chp_item_to_bytes(st, item, "three", 5) ?: CHP_EMIT;
	chp_item_to_num(item, counter->n);
	counter->n--;
	return CHP_EMIT;
}

static int counter_three(struct chp_op_stage *st, struct chp_worker *worker,
			 struct chp_item *item)
{
	int err = counter_item(st, worker, item);
	struct counter *counter = chp_op_state(st);

	if (!chp_item_is_num(item))
		counter->n--;
	return err;
}

static const struct chp_op counter = {
	.desc = {
		.name = "countdown",
		.help = "from N to 1",
		.flags = CHP_OP_SOURCE,
		.makes = CHP_T_ANY,
		.params = {
			{ .name = "N", .kind = CHP_P_NUM },
			{ .name = "TEXT", .kind = CHP_P_BYTES, .optional = true },
		},
	},
	.state = sizeof(struct counter),
	.open = counter_open,
	.item = counter_three,
};

static void a_source_may_be_another_modules(struct kunit *test)
{
	struct chp_test_owner *o;
	struct chp_reject why;

	op_add(test, &counter);
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, "countdown 4 four"),
			   "4 \"three\" 2 1");
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, "countdown -1"),
			   "-> failed:ENODATA");
	o = chp_test_owner(test, 16);
	KUNIT_EXPECT_EQ(test, PTR_ERR(chp_test_create(o, "countdown 1 abc", &why)),
			-EDOM);
	KUNIT_EXPECT_STREQ(test, why.reason, "three is not a good length");
}

/* It has no @item: the compiler has thrown it away. */
static void what_the_kernel_lacks_is_refused_by_name(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 1);
	struct chp_reject why;
	struct chp_op op = scale;
	struct chp_job *job;

	op.item = NULL;
	op.lacks = "CONFIG_SCALE";
	op_add(test, &op);
	KUNIT_EXPECT_EQ(test, parse(test, "gen 1 3 | scale 2", &why), 0);
	job = chp_test_create(o, "gen 1 3 | scale 2", &why);
	KUNIT_EXPECT_PTR_EQ(test, job, ERR_PTR(-EOPNOTSUPP));
	KUNIT_EXPECT_EQ(test, why.err, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, why.col, 11);
	KUNIT_EXPECT_STREQ(test, why.reason,
			   "\"scale\" needs CONFIG_SCALE, which this kernel was built without");
}

/* All of an item that an operation sees, and can do to it. */
static int shout_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	const char *text;
	size_t len, i;
	char *own;

	if (chp_item_is_num(item)) {
		chp_item_bytes(item, &len);
		own = chp_item_edit(item, &i);
		return len || PTR_ERR(own) != -EINVAL ? -EBADMSG : CHP_EMIT;
	}
	text = chp_item_bytes(item, &len);
	if (chp_item_num(item) || len != 4)
		return -EBADMSG;
	own = chp_item_edit(item, &len);
	if (IS_ERR(own))
		return PTR_ERR(own);
	for (i = 0; i < len; i++)
		own[i] = 'A' + (own[i] - 'a');
	text = chp_item_bytes(item, &len);
	return chp_item_to_bytes(st, item, text + 1, len - 1) ?: CHP_EMIT;
}

static const struct chp_op shout = {
	.desc = {
		.name = "shout",
		.help = "in capital letters, the first one left out",
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
	},
	.sleeps = true,
	.item = shout_item,
};

static void items_can_be_looked_at_and_changed(struct kunit *test)
{
	const char *line;

	op_add(test, &shout);
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, "values abcd 5 abc | shout"),
			   "\"BCD\" 5 EBADMSG@1.3");
	/* Others have the same string, and keep theirs. */
	line = "values abcd | tee { shout ; upper ; lower } | join , | len";
	KUNIT_EXPECT_STREQ(test, chp_test_run(test, line), "13");
}

static struct kunit_case registry_cases[] = {
	KUNIT_CASE(a_line_uses_the_operation),
	KUNIT_CASE(neighbours_have_to_fit),
	KUNIT_CASE(a_line_after_its_end_does_not_know_it),
	KUNIT_CASE(a_job_holds_the_operation_and_its_module),
	KUNIT_CASE(a_line_that_is_refused_holds_nothing),
	KUNIT_CASE(a_name_is_taken_once),
	KUNIT_CASE(a_name_that_no_line_can_have_is_refused),
	KUNIT_CASE(a_description_that_makes_no_sense_is_refused),
	KUNIT_CASE(only_one_that_says_so_changes_the_number_of_items),
	KUNIT_CASE(a_source_may_be_another_modules),
	KUNIT_CASE(what_the_kernel_lacks_is_refused_by_name),
	KUNIT_CASE(items_can_be_looked_at_and_changed),
	{}
};

struct kunit_suite chp_registry_suite = {
	.name = "chanpat_registry",
	.init = chp_test_init,
	.test_cases = registry_cases,
};
