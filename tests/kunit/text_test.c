// SPDX-License-Identifier: GPL-2.0
/* The text format: what a reader of the device sees, letter by letter. */
#include <linux/err.h>
#include <linux/string.h>
#include "../../kmod/dev/text.h"
#include "../../kmod/jobs/registry.h"
#include "jobs.h"
#include "suites.h"

/* A record, and a job that it can be about. */
struct sheet {
	struct chp_text text;
	struct chp_test_owner *o;
	struct chp_job *job;
	struct chp_result result;
};

static void sheet_free(void *text)
{
	chp_text_free(text);
}

static struct sheet *sheet_make(struct kunit *test, const char *line)
{
	struct sheet *sheet = kunit_kzalloc(test, sizeof(*sheet), GFP_KERNEL);
	struct chp_reject why;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, sheet);
	sheet->o = chp_test_owner(test, 1);
	sheet->job = chp_test_create(sheet->o, line, &why);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sheet->job);
	sheet->result.job = sheet->job;
	err = kunit_add_action_or_reset(test, sheet_free, &sheet->text);
	KUNIT_ASSERT_EQ(test, err, 0);
	return sheet;
}

/* The record of sheet->result is this line. */
static void expect(struct kunit *test, struct sheet *sheet, const char *want)
{
	KUNIT_ASSERT_EQ(test, chp_text_result(&sheet->text, &sheet->result), 0);
	KUNIT_EXPECT_EQ(test, sheet->text.len, strlen(want));
	KUNIT_EXPECT_EQ(test, sheet->text.pos, 0);
	sheet->text.buf[sheet->text.len] = 0;
	KUNIT_EXPECT_STREQ(test, sheet->text.buf, want);
}

static void numbers(struct kunit *test)
{
	struct sheet *sheet = sheet_make(test, "gen 1 3");

	chp_item_set_num(&sheet->result.item, 42);
	expect(test, sheet, "1 item 42\n");
	chp_item_set_num(&sheet->result.item, 0);
	expect(test, sheet, "1 item 0\n");
	chp_item_set_num(&sheet->result.item, S64_MIN);
	expect(test, sheet, "1 item -9223372036854775808\n");
	chp_item_set_num(&sheet->result.item, S64_MAX);
	expect(test, sheet, "1 item 9223372036854775807\n");
}

static void a_label_takes_the_place_of_the_number(struct kunit *test)
{
	struct sheet *sheet = sheet_make(test, "nightly: gen 1 3");

	chp_item_set_num(&sheet->result.item, 42);
	expect(test, sheet, "nightly item 42\n");
}

static struct chp_bytes *bytes_of(struct kunit *test, struct sheet *sheet,
				  const char *data, size_t len)
{
	struct chp_bytes *bytes = chp_bytes_alloc(&sheet->o->quota, len);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	memcpy(bytes->data, data, len);
	chp_item_set_bytes(&sheet->result.item, bytes);
	return bytes;
}

/**
 * struct string - a byte string and its record
 * @data: the bytes
 * @len: of @data
 * @want: the record
 */
struct string {
	const char *data;
	size_t len;
	const char *want;
};

#define STRING(data, want) { data, sizeof(data) - 1, want }

static const struct string strings[] = {
	STRING("", "1 item \"\"\n"),
	STRING("plain", "1 item \"plain\"\n"),
	STRING("two\nlines", "1 item \"two\\nlines\"\n"),
	STRING("a \"b\" \\c", "1 item \"a \\\"b\\\" \\\\c\"\n"),
	STRING("\t\r\v\f\a\033", "1 item \"\\t\\r\\v\\f\\a\\e\"\n"),
	STRING("\001\177", "1 item \"\\x01\\x7f\"\n"),
	STRING("caf\xc3\xa9", "1 item \"caf\xc3\xa9\"\n"),
	/* A digit after a NUL stays a digit. */
	STRING("a\00012", "1 item \"a\\x0012\"\n"),
};

static void byte_strings(struct kunit *test)
{
	struct sheet *sheet = sheet_make(test, "gen 1 3");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(strings); i++) {
		bytes_of(test, sheet, strings[i].data, strings[i].len);
		expect(test, sheet, strings[i].want);
		chp_item_drop(&sheet->result.item);
	}
}

static void errors_name_their_place(struct kunit *test)
{
	struct sheet *sheet = sheet_make(test, "gen 1 3 | double | fail every=1");
	struct chp_item *item = &sheet->result.item;

	*item = (struct chp_item){ .type = CHP_ITEM_ERROR, .stage = 2,
				   .err = EIO, .seq = 3 };
	expect(test, sheet, "1 error EIO stage=2 op=fail seq=3\n");
	*item = (struct chp_item){ .type = CHP_ITEM_ERROR, .stage = 0,
				   .err = EOVERFLOW, .seq = U64_MAX };
	expect(test, sheet,
	       "1 error EOVERFLOW stage=0 op=gen seq=18446744073709551615\n");
	/* One that has no name. */
	*item = (struct chp_item){ .type = CHP_ITEM_ERROR, .stage = 1,
				   .err = 4000, .seq = 1 };
	expect(test, sheet, "1 error 4000 stage=1 op=double seq=1\n");
}

/**
 * struct end - of a job, and its record
 * @status: the job's
 * @failed: the job's
 * @items: the job's
 * @errors: the job's
 * @us: from its start to its end
 * @want: the record
 */
struct end {
	enum chp_job_status status;
	int failed;
	u64 items;
	u64 errors;
	s64 us;
	const char *want;
};

static const struct end ends[] = {
	{ CHP_JOB_OK, 0, 5, 0, 83, "ok items=5 errors=0 time_us=83" },
	{ CHP_JOB_OK, 0, 0, 0, 0, "ok items=0 errors=0 time_us=0" },
	{ CHP_JOB_CANCELLED, 0, 1, 2, 3, "cancelled items=1 errors=2 time_us=3" },
	{ CHP_JOB_TIMEOUT, 0, 3, 0, 2000113,
	  "timeout items=3 errors=0 time_us=2000113" },
	{ CHP_JOB_IDLE, 0, 3, 0, 7, "idle items=3 errors=0 time_us=7" },
	{ CHP_JOB_FAILED, EIO, 0, 0, 1, "failed:EIO items=0 errors=0 time_us=1" },
	{ CHP_JOB_FAILED, 4000, 0, 0, 1,
	  "failed:4000 items=0 errors=0 time_us=1" },
	{ CHP_JOB_OK, 0, U64_MAX, U64_MAX, 3600 * USEC_PER_SEC,
	  "ok items=18446744073709551615 errors=18446744073709551615 time_us=3600000000" },
};

static void ends_tell_how_and_how_much(struct kunit *test)
{
	struct sheet *sheet = sheet_make(test, "nightly: gen 1 3");
	struct chp_job *job = sheet->job;
	char want[160];
	unsigned int i;

	sheet->result.item.type = CHP_ITEM_DONE;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		job->status = ends[i].status;
		job->failed = ends[i].failed;
		job->items = ends[i].items;
		job->errors = ends[i].errors;
		job->started = 1000;
		job->ended = ktime_add_us(job->started, ends[i].us);
		snprintf(want, sizeof(want), "nightly done %s\n", ends[i].want);
		expect(test, sheet, want);
	}
	job->failed = 0;
}

static void rejects_say_where_and_why(struct kunit *test)
{
	static const struct chp_reject why = {
		.err = -EINVAL, .col = 12,
		.reason = "unknown operation \"duble\", did you mean \"double\"?",
	};
	static const char want[] =
		"- reject EINVAL col=12 unknown operation \"duble\", did you mean \"double\"?\n";
	struct sheet *sheet = sheet_make(test, "gen 1 3");
	struct chp_text *text = &sheet->text;

	KUNIT_ASSERT_EQ(test, chp_text_reject(text, &why), 0);
	text->buf[text->len] = 0;
	KUNIT_EXPECT_STREQ(test, text->buf, (const char *)want);
}

/* The longest of everything fits. */
static void the_longest_record_is_whole(struct kunit *test)
{
	struct sheet *sheet;
	struct chp_bytes *bytes;
	struct chp_reject why = { .err = -EPROTONOSUPPORT, .col = U32_MAX };
	struct chp_text *text;
	char *data;

	sheet = sheet_make(test, "a234567890123456789012345678901: gen 1 3");
	text = &sheet->text;
	data = kunit_kzalloc(test, CHP_BYTES_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	bytes = bytes_of(test, sheet, data, CHP_BYTES_MAX);
	KUNIT_ASSERT_EQ(test, chp_text_result(text, &sheet->result), 0);
	KUNIT_EXPECT_EQ(test, text->len,
			strlen(sheet->job->label) + strlen(" item \"\"\n") +
			4 * (size_t)bytes->len);
	KUNIT_EXPECT_EQ(test, memcmp(text->buf + text->len - 6, "\\x00\"\n", 6),
			0);
	chp_item_drop(&sheet->result.item);

	memset(why.reason, 'x', sizeof(why.reason) - 1);
	KUNIT_ASSERT_EQ(test, chp_text_reject(text, &why), 0);
	KUNIT_EXPECT_EQ(test, text->len,
			strlen("- reject EPROTONOSUPPORT col=4294967295 ") +
			sizeof(why.reason));
	KUNIT_EXPECT_EQ(test, text->buf[text->len - 1], '\n');
}

/* What is between the quotes is a string of the job language: the same bytes. */
static void round_trip(struct kunit *test, struct sheet *sheet, const char *data,
		       size_t len)
{
	static const char before[] = "1 item ", source[] = "values ";
	struct chp_text *text = &sheet->text;
	struct chp_bytes *bytes;
	struct chp_reject why;
	struct chp_spec *spec;
	size_t rest;
	char *line;
	int err;

	bytes = bytes_of(test, sheet, data, len);
	KUNIT_ASSERT_EQ(test, chp_text_result(text, &sheet->result), 0);
	KUNIT_ASSERT_EQ(test, memcmp(text->buf, before, strlen(before)), 0);
	KUNIT_EXPECT_PTR_EQ(test, (char *)memchr(text->buf, '\n', text->len),
			    text->buf + text->len - 1);
	rest = text->len - strlen(before) - 1;
	line = kunit_kzalloc(test, strlen(source) + rest, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, line);
	memcpy(line, source, strlen(source));
	memcpy(line + strlen(source), text->buf + strlen(before), rest);
	err = chp_ops_parse(line, strlen(source) + rest, &sheet->o->limits,
			    &spec, &why);
	kunit_kfree(test, line);
	KUNIT_ASSERT_EQ_MSG(test, err, 0, "%s", why.reason);
	KUNIT_EXPECT_EQ(test, spec->stages[0].nr_more, 1);
	KUNIT_EXPECT_EQ(test, spec->stages[0].more[0].len, len);
	KUNIT_EXPECT_EQ(test, memcmp(spec->stages[0].more[0].bytes, bytes->data,
				     len), 0);
	chp_ops_free(spec);
	chp_item_drop(&sheet->result.item);
}

/* Every byte, and after it what could be taken for a part of its escape. */
static void what_is_printed_can_be_typed(struct kunit *test)
{
	static const char after[] = "0178afAFxnz\"\\\n ";
	struct sheet *sheet = sheet_make(test, "gen 1 3");
	char all[256], pair[2];
	unsigned int i, k;

	for (i = 0; i < 128; i++) {
		for (k = 0; k < sizeof(after); k++) {
			pair[0] = i;
			pair[1] = after[k];
			round_trip(test, sheet, pair, 2);
		}
		all[i] = i;
	}
	round_trip(test, sheet, all, 128);
	round_trip(test, sheet, "", 0);
	round_trip(test, sheet, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7", 9);
}

/* Bytes beyond ASCII stand for themselves, whatever they mean. */
static void other_bytes_stand_as_they_are(struct kunit *test)
{
	struct sheet *sheet = sheet_make(test, "gen 1 3");
	struct chp_text *text = &sheet->text;
	char data[128];
	int i;

	for (i = 0; i < 128; i++)
		data[i] = 128 + i;
	bytes_of(test, sheet, data, 128);
	KUNIT_ASSERT_EQ(test, chp_text_result(text, &sheet->result), 0);
	KUNIT_ASSERT_EQ(test, text->len, strlen("1 item \"\"\n") + 128);
	KUNIT_EXPECT_EQ(test, memcmp(text->buf + strlen("1 item \""), data, 128),
			0);
	chp_item_drop(&sheet->result.item);
}

static struct kunit_case text_cases[] = {
	KUNIT_CASE(numbers),
	KUNIT_CASE(a_label_takes_the_place_of_the_number),
	KUNIT_CASE(byte_strings),
	KUNIT_CASE(errors_name_their_place),
	KUNIT_CASE(ends_tell_how_and_how_much),
	KUNIT_CASE(rejects_say_where_and_why),
	KUNIT_CASE(the_longest_record_is_whole),
	KUNIT_CASE(what_is_printed_can_be_typed),
	KUNIT_CASE(other_bytes_stand_as_they_are),
	{}
};

struct kunit_suite chp_text_suite = {
	.name = "chanpat_text",
	.init = chp_test_init,
	.test_cases = text_cases,
};
