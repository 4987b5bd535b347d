// SPDX-License-Identifier: GPL-2.0
/* What the suites of jobs share. */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../../kmod/jobs/registry.h"
#include "jobs.h"

/* Of the results of one job, as text. */
#define READ_MAX 8192

static struct chp_test_owner *owner_of(struct chp_job_owner *owner)
{
	return container_of(owner, struct chp_test_owner, owner);
}

static void owner_sent(struct chp_job_owner *owner)
{
	atomic_inc(&owner_of(owner)->sent);
}

static void owner_room(struct chp_job_owner *owner)
{
	atomic_inc(&owner_of(owner)->rooms);
}

static void owner_over(struct chp_job_owner *owner, struct chp_job *job)
{
	atomic_inc(&owner_of(owner)->over);
}

static void owner_ended(struct chp_job_owner *owner, struct chp_job *job)
{
	atomic_inc(&owner_of(owner)->ended);
}

/* As when its file is closed: what runs is cancelled, what is left is lost. */
static void owner_close(void *data)
{
	struct chp_test_owner *o = data;
	struct chp_job *job, *next;
	struct chp_result result;

	chp_ctx_cancel(o->owner.ctx);
	chp_close(o->owner.out);
	chp_group_wait(&o->sinks);
	while (!chp_try_recv(o->owner.out, &result))
		chp_item_drop(&result.item);
	list_for_each_entry_safe(job, next, &o->jobs, node)
		chp_test_forget(job);
	KUNIT_EXPECT_EQ(o->test, atomic64_read(&o->quota.used), 0);
	chp_sems_free(&o->sems);
}

/* @cap results wait for the test before jobs park. */
struct chp_test_owner *chp_test_owner(struct kunit *test, unsigned int cap)
{
	struct chp_test_owner *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, o);
	o->test = test;
	o->limits = (struct chp_limits){
		.line = 4096,
		.stages = 32,
		.workers = 1024,
		.buf = 65536,
	};
	o->quota.limit = 64 << 20;
	INIT_LIST_HEAD(&o->jobs);
	o->next_id = 1;
	o->owner.ctx = chp_test_ctx(test, NULL);
	o->owner.out = chp_test_chan(test, sizeof(struct chp_result), cap);
	o->owner.sinks = &o->sinks;
	o->owner.quota = &o->quota;
	o->owner.sems = &o->sems;
	chp_sems_init(&o->sems);
	o->owner.sent = owner_sent;
	o->owner.room = owner_room;
	o->owner.over = owner_over;
	o->owner.ended = owner_ended;
	KUNIT_ASSERT_EQ(test, chp_group_init(&o->sinks, NULL), 0);
	err = kunit_add_action_or_reset(test, owner_close, o);
	KUNIT_ASSERT_EQ(test, err, 0);
	return o;
}

static void spec_free(void *spec)
{
	chp_ops_free(spec);
}

/* A line that is right, for as long as the test. */
struct chp_spec *chp_test_spec(struct chp_test_owner *o, const char *line)
{
	struct kunit *test = o->test;
	struct chp_reject why;
	struct chp_spec *spec;
	int err;

	err = chp_ops_parse(line, strlen(line), &o->limits, &spec, &why);
	KUNIT_ASSERT_EQ_MSG(test, err, 0, "%s: %s", line, why.reason);
	err = kunit_add_action_or_reset(test, spec_free, spec);
	KUNIT_ASSERT_EQ(test, err, 0);
	return spec;
}

/* A job that does not run yet, or why there is none. The line is one. */
struct chp_job *chp_test_create(struct chp_test_owner *o, const char *line,
				struct chp_reject *why)
{
	struct kunit *test = o->test;
	struct chp_spec *spec;
	struct chp_job *job;
	int err;

	err = chp_ops_parse(line, strlen(line), &o->limits, &spec, why);
	KUNIT_ASSERT_EQ_MSG(test, err, 0, "%s: %s", line, why->reason);
	job = chp_job_create(&o->owner, spec, line, strlen(line), o->next_id,
			     true, why);
	if (IS_ERR(job))
		return job;
	o->next_id++;
	list_add_tail(&job->node, &o->jobs);
	return job;
}

/* A job that runs. */
struct chp_job *chp_test_job(struct chp_test_owner *o, const char *line)
{
	struct kunit *test = o->test;
	struct chp_reject why;
	struct chp_job *job = chp_test_create(o, line, &why);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(job), "%s: %s", line, why.reason);
	chp_job_run(job);
	return job;
}

/* The owner lets go of a job: it was never run, or its end was read. */
void chp_test_forget(struct chp_job *job)
{
	list_del_init(&job->node);
	chp_job_put(job);
}

/* The next result, or -ETIME when none ever comes. Its item is the caller's. */
int chp_test_result(struct chp_test_owner *o, struct chp_result *result)
{
	struct chp_ctx *ctx;
	int err;

	ctx = chp_ctx_with_timeout(NULL, CHP_PATIENCE_MS * NSEC_PER_MSEC);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	err = chp_recv(ctx, o->owner.out, result);
	chp_ctx_cancel(ctx);
	chp_ctx_put(ctx);
	return err;
}

__printf(2, 3)
static void add(char *text, const char *fmt, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, fmt);
	vscnprintf(text + len, READ_MAX - len, fmt, args);
	va_end(args);
}

static void add_bytes(char *text, const struct chp_bytes *bytes)
{
	u32 i;

	add(text, "\"");
	for (i = 0; i < bytes->len; i++) {
		u8 c = bytes->data[i];

		if (isascii(c) && isprint(c) && c != '"' && c != '\\')
			add(text, "%c", c);
		else
			add(text, "\\x%02x", c);
	}
	add(text, "\"");
}

static void add_item(char *text, const struct chp_item *item)
{
	const char *name;

	if (*text)
		add(text, " ");
	switch (item->type) {
	case CHP_ITEM_NUM:
		add(text, "%lld", item->num);
		break;
	case CHP_ITEM_BYTES:
		add_bytes(text, item->bytes);
		break;
	default:
		name = chp_errno_name(item->err);
		add(text, "%s@%u.%llu", name ?: "?", item->stage, item->seq);
	}
}

static void add_status(char *text, const struct chp_job *job)
{
	char status[32];

	if (job->status == CHP_JOB_OK)
		return;
	chp_job_status_text(job, status, sizeof(status));
	add(text, "%s-> %s", *text ? " " : "", status);
}

/*
 * All results of the only job, as one text: numbers, "strings", errors as
 * NAME@STAGE.NUMBER, and the status unless it is ok: 1 "two" EIO@1.3 -> timeout
 */
const char *chp_test_read(struct chp_test_owner *o, struct chp_job *job)
{
	struct kunit *test = o->test;
	struct chp_result result;
	char *text;

	text = kunit_kzalloc(test, READ_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	for (;;) {
		KUNIT_ASSERT_EQ(test, chp_test_result(o, &result), 0);
		KUNIT_EXPECT_PTR_EQ(test, result.job, job);
		if (result.item.type == CHP_ITEM_DONE)
			break;
		add_item(text, &result.item);
		chp_item_drop(&result.item);
	}
	add_status(text, job);
	return text;
}

/* What a line comes to, from beginning to end. */
const char *chp_test_run(struct kunit *test, const char *line)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);

	return chp_test_read(o, chp_test_job(o, line));
}
