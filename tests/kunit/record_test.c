// SPDX-License-Identifier: GPL-2.0
/* Records: parsed as they are written, and made of results. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <uapi/linux/chanpat.h>
#include "../../kmod/dev/record.h"
#include "../../kmod/dev/record_reader.h"
#include "jobs.h"
#include "suites.h"

#define ROOM 4096

/**
 * struct letter - what is written: one record
 * @head: its beginning
 * @body: what follows
 * @len: bytes that are written, the head included
 * @quota: charged for byte strings
 * @record: what it was parsed to
 * @why: or why not
 * @taken: bytes that were taken of it
 */
struct letter {
	struct chanpat_record head;
	u8 body[ROOM];
	size_t len;
	struct chp_quota quota;
	struct chp_record record;
	struct chp_reject why;
	size_t taken;
};

static struct letter *letter_make(struct kunit *test, u16 type, u32 count,
				  const void *body, size_t len)
{
	struct letter *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, l);
	l->quota.limit = U64_MAX;
	l->head = (struct chanpat_record){
		.size = sizeof(l->head) + len,
		.type = type,
		.cookie = 7,
		.count = count,
	};
	memcpy(l->body, body, len);
	l->len = ALIGN(sizeof(l->head) + len, 8);
	return l;
}

static int letter_parse(struct letter *l)
{
	struct kvec vec = { .iov_base = &l->head, .iov_len = l->len };
	struct iov_iter from;
	int err;

	iov_iter_kvec(&from, ITER_SOURCE, &vec, 1, l->len);
	err = chp_record_parse(&l->record, &from, &l->quota, &l->why);
	l->taken = l->len - iov_iter_count(&from);
	return err;
}

/* Nothing is taken of it, nothing is kept, and there is a reason. */
static void refused(struct kunit *test, struct letter *l)
{
	KUNIT_EXPECT_EQ(test, letter_parse(l), -EINVAL);
	KUNIT_EXPECT_EQ(test, l->why.err, -EINVAL);
	KUNIT_EXPECT_EQ(test, l->why.col, 0);
	KUNIT_EXPECT_NE(test, l->why.reason[0], '\0');
	KUNIT_EXPECT_EQ(test, l->taken, 0);
	chp_record_free(&l->record);
	KUNIT_EXPECT_EQ(test, atomic64_read(&l->quota.used), 0);
}

static void numbers_become_items(struct kunit *test)
{
	static const s64 nums[] = { 1, -2, S64_MAX, S64_MIN };
	struct letter *l = letter_make(test, CHANPAT_NUMBERS, 4, nums,
				       sizeof(nums));
	unsigned int i;

	KUNIT_ASSERT_EQ(test, letter_parse(l), 0);
	KUNIT_EXPECT_EQ(test, l->taken, l->len);
	KUNIT_EXPECT_EQ(test, l->record.type, CHANPAT_NUMBERS);
	KUNIT_EXPECT_EQ(test, l->record.cookie, 7);
	KUNIT_ASSERT_EQ(test, l->record.nr_items, 4);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, l->record.items[i].type, CHP_ITEM_NUM);
		KUNIT_EXPECT_EQ(test, l->record.items[i].num, nums[i]);
		KUNIT_EXPECT_EQ(test, l->record.items[i].flight, 0);
	}
	chp_record_free(&l->record);
}

static void more_numbers_than_are_copied_at_a_time(struct kunit *test)
{
	struct letter *l;
	s64 nums[77];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nums); i++)
		nums[i] = i;
	l = letter_make(test, CHANPAT_NUMBERS, 77, nums, sizeof(nums));
	KUNIT_ASSERT_EQ(test, letter_parse(l), 0);
	KUNIT_ASSERT_EQ(test, l->record.nr_items, 77);
	for (i = 0; i < ARRAY_SIZE(nums); i++)
		KUNIT_EXPECT_EQ(test, l->record.items[i].num, i);
	chp_record_free(&l->record);
}

/* "abc", an empty one, and one that needs no padding. */
static const u8 three_strings[] = {
	3, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 'c', 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,
	8, 0, 0, 0, 0, 0, 0, 0, '1', '2', '3', '4', '5', '6', '7', '8',
};

static void byte_strings_become_items(struct kunit *test)
{
	struct letter *l = letter_make(test, CHANPAT_BYTES, 3, three_strings,
				       sizeof(three_strings));
	struct chp_item *items;

	KUNIT_ASSERT_EQ(test, letter_parse(l), 0);
	KUNIT_ASSERT_EQ(test, l->record.nr_items, 3);
	items = l->record.items;
	KUNIT_EXPECT_EQ(test, items[0].bytes->len, 3);
	KUNIT_EXPECT_EQ(test, memcmp(items[0].bytes->data, "abc", 3), 0);
	KUNIT_EXPECT_EQ(test, items[1].bytes->len, 0);
	KUNIT_EXPECT_EQ(test, items[2].bytes->len, 8);
	KUNIT_EXPECT_EQ(test, memcmp(items[2].bytes->data, "12345678", 8), 0);
	chp_record_free(&l->record);
	KUNIT_EXPECT_EQ(test, atomic64_read(&l->quota.used), 0);
}

static void lines_end_where_their_size_says(struct kunit *test)
{
	struct letter *l = letter_make(test, CHANPAT_LINE, 0, "gen 1 2", 7);

	KUNIT_ASSERT_EQ(test, letter_parse(l), 0);
	KUNIT_EXPECT_EQ(test, l->taken, 32);
	KUNIT_EXPECT_EQ(test, l->record.len, 7);
	KUNIT_EXPECT_EQ(test, memcmp(l->record.line, "gen 1 2", 7), 0);
	chp_record_free(&l->record);
	l = letter_make(test, CHANPAT_LINE, 0, "", 0);
	l->head.cookie = 0;
	KUNIT_EXPECT_EQ(test, letter_parse(l), 0);
	KUNIT_EXPECT_EQ(test, l->taken, 24);
	chp_record_free(&l->record);
}

/* What a write holds may end anywhere: each place is refused, and none read. */
static void a_record_that_is_cut_off_is_refused(struct kunit *test)
{
	struct letter *l = letter_make(test, CHANPAT_BYTES, 3, three_strings,
				       sizeof(three_strings));
	size_t whole = l->len;

	for (l->len = 1; l->len < whole; l->len++)
		refused(test, l);
}

static void a_record_that_says_another_size_is_refused(struct kunit *test)
{
	struct letter *l = letter_make(test, CHANPAT_BYTES, 3, three_strings,
				       sizeof(three_strings));
	u32 whole = l->head.size;

	l->len = sizeof(l->head) + ROOM;
	for (l->head.size = 0; l->head.size < whole + 100; l->head.size++)
		if (l->head.size != whole)
			refused(test, l);
	l->head.size = U32_MAX;
	refused(test, l);
}

static void a_record_that_counts_wrong_is_refused(struct kunit *test)
{
	static const u32 counts[] = { 0, 1, 2, 4, 5, 2048, 2049, U32_MAX };
	struct letter *bytes = letter_make(test, CHANPAT_BYTES, 3,
					   three_strings,
					   sizeof(three_strings));
	struct letter *numbers = letter_make(test, CHANPAT_NUMBERS, 3,
					     three_strings, 24);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		bytes->head.count = counts[i];
		refused(test, bytes);
		numbers->head.count = counts[i];
		refused(test, numbers);
	}
}

/* Each byte that has to be 0 is looked at. */
static void what_means_nothing_yet_has_to_be_0(struct kunit *test)
{
	static const u8 places[] = { 4, 5, 6, 7, 11, 12, 13, 14, 15, 20, 23 };
	struct letter *l = letter_make(test, CHANPAT_BYTES, 3, three_strings,
				       sizeof(three_strings));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		l->body[places[i]] = 1;
		refused(test, l);
		l->body[places[i]] = 0;
	}
	l->head.flags = 0x100;
	refused(test, l);
	l->head.flags = 0;
	l->head.job = 1;
	refused(test, l);
	l->head.job = 0;
	l->head.cookie = 0;
	refused(test, l);
}

static void nothing_is_kept_of_strings_that_are_charged_too_much(struct kunit *test)
{
	struct letter *l = letter_make(test, CHANPAT_BYTES, 3, three_strings,
				       sizeof(three_strings));

	l->quota.limit = 2 * offsetof(struct chp_bytes, data) + 3;
	KUNIT_EXPECT_EQ(test, letter_parse(l), -EDQUOT);
	KUNIT_EXPECT_EQ(test, l->why.err, -EDQUOT);
	KUNIT_EXPECT_EQ(test, l->taken, 0);
	chp_record_free(&l->record);
	KUNIT_EXPECT_EQ(test, atomic64_read(&l->quota.used), 0);
}

/* A byte of the record, or one of the places where a number is likely to hurt. */
static void letter_spoil(struct letter *l, struct rnd_state *rnd)
{
	u8 *bytes = (u8 *)&l->head;
	u32 at = prandom_u32_state(rnd) % l->len;

	bytes[at] = prandom_u32_state(rnd);
	if (prandom_u32_state(rnd) % 4 == 0)
		l->head.size = prandom_u32_state(rnd) % (l->len + 16);
	if (prandom_u32_state(rnd) % 4 == 0)
		l->head.type = prandom_u32_state(rnd) % 8;
	if (prandom_u32_state(rnd) % 4 == 0)
		l->head.count = prandom_u32_state(rnd) % 6;
}

/* All of it is taken, or nothing is, and nothing is left behind. */
static void whatever_is_written_is_taken_or_refused(struct kunit *test)
{
	struct letter *l = letter_make(test, CHANPAT_BYTES, 3, three_strings,
				       sizeof(three_strings));
	struct chanpat_record head = l->head;
	struct rnd_state rnd;
	int i, err;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 20000; i++) {
		l->head = head;
		memcpy(l->body, three_strings, sizeof(three_strings));
		letter_spoil(l, &rnd);
		err = letter_parse(l);
		KUNIT_EXPECT_EQ(test, l->why.err, err);
		if (err)
			KUNIT_EXPECT_EQ(test, l->taken, 0);
		else
			KUNIT_EXPECT_EQ(test, l->taken, ALIGN(l->head.size, 8));
		chp_record_free(&l->record);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&l->quota.used), 0);
}

/* Reading */

/**
 * struct pile - records that are made of results
 * @batch: of them
 * @o: of the jobs
 * @jobs: whose results they are
 */
struct pile {
	struct chp_batch batch;
	struct chp_test_owner *o;
	struct chp_job *jobs[2];
};

static void pile_free(void *batch)
{
	chp_batch_free(batch);
}

static struct pile *pile_make(struct kunit *test, size_t room)
{
	struct pile *pile = kunit_kzalloc(test, sizeof(*pile), GFP_KERNEL);
	struct chp_reject why;
	int err, i;

	KUNIT_ASSERT_NOT_NULL(test, pile);
	pile->o = chp_test_owner(test, 1);
	for (i = 0; i < 2; i++) {
		pile->jobs[i] = chp_test_create(pile->o, "gen 1 3", &why);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pile->jobs[i]);
		pile->jobs[i]->cookie = 100 + i;
	}
	err = kunit_add_action_or_reset(test, pile_free, &pile->batch);
	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_ASSERT_EQ(test, chp_batch_start(&pile->batch, room), 0);
	return pile;
}

static int pile_number(struct pile *pile, int job, s64 num)
{
	struct chp_result result = { .job = pile->jobs[job] };

	chp_item_set_num(&result.item, num);
	return chp_batch_result(&pile->batch, &result);
}

static int pile_error(struct pile *pile, int job, u64 seq)
{
	struct chp_result result = {
		.job = pile->jobs[job],
		.item = {
			.type = CHP_ITEM_ERROR,
			.stage = 2,
			.err = EIO,
			.seq = seq,
		},
	};

	return chp_batch_result(&pile->batch, &result);
}

/* The record that stands @at there; where the next one does. */
static size_t expect_record(struct kunit *test, struct pile *pile, size_t at,
			    u16 type, int job, u32 count, u32 size)
{
	const struct chanpat_record *r = pile->batch.buf + at;

	KUNIT_ASSERT_LE(test, at + size, pile->batch.len);
	KUNIT_EXPECT_EQ(test, r->size, size);
	KUNIT_EXPECT_EQ(test, r->type, type);
	KUNIT_EXPECT_EQ(test, r->flags, 0);
	KUNIT_EXPECT_EQ(test, r->cookie, job < 0 ? 0 : 100 + job);
	KUNIT_EXPECT_EQ(test, r->job, job < 0 ? 0 : pile->jobs[job]->id);
	KUNIT_EXPECT_EQ(test, r->count, count);
	return at + size;
}

static void values_of_one_job_and_kind_share_a_record(struct kunit *test)
{
	struct pile *pile = pile_make(test, ROOM);
	size_t at;

	KUNIT_EXPECT_EQ(test, pile_number(pile, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, pile_number(pile, 0, 2), 0);
	KUNIT_EXPECT_EQ(test, pile_number(pile, 1, 3), 0);
	KUNIT_EXPECT_EQ(test, pile_error(pile, 1, 8), 0);
	KUNIT_EXPECT_EQ(test, pile_error(pile, 1, 9), 0);
	KUNIT_EXPECT_EQ(test, pile_number(pile, 1, 4), 0);
	at = expect_record(test, pile, 0, CHANPAT_NUMBERS, 0, 2, 40);
	at = expect_record(test, pile, at, CHANPAT_NUMBERS, 1, 1, 32);
	at = expect_record(test, pile, at, CHANPAT_ERRORS, 1, 2, 56);
	at = expect_record(test, pile, at, CHANPAT_NUMBERS, 1, 1, 32);
	KUNIT_EXPECT_EQ(test, at, pile->batch.len);
}

static void the_padding_of_a_string_is_0(struct kunit *test)
{
	struct pile *pile = pile_make(test, ROOM);
	struct chp_result result = { .job = pile->jobs[0] };
	struct chp_bytes *bytes = chp_bytes_alloc(&pile->o->quota, 3);
	const u8 *at;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	memcpy(bytes->data, "abc", 3);
	chp_item_set_bytes(&result.item, bytes);
	memset(pile->batch.buf, 0xff, ROOM);
	KUNIT_EXPECT_EQ(test, chp_batch_result(&pile->batch, &result), 0);
	chp_item_drop(&result.item);
	expect_record(test, pile, 0, CHANPAT_BYTES, 0, 1, 40);
	at = pile->batch.buf + sizeof(struct chanpat_record);
	KUNIT_EXPECT_EQ(test, memcmp(at, three_strings, 16), 0);
}

static void a_value_that_does_not_fit_changes_nothing(struct kunit *test)
{
	struct pile *pile = pile_make(test, 24 + 2 * 8);

	KUNIT_EXPECT_EQ(test, pile_error(pile, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, pile_number(pile, 0, 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pile_error(pile, 0, 2), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pile->batch.len, 40);
	expect_record(test, pile, 0, CHANPAT_ERRORS, 0, 1, 40);
	KUNIT_ASSERT_EQ(test, chp_batch_start(&pile->batch, 31), 0);
	KUNIT_EXPECT_EQ(test, pile_number(pile, 0, 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pile->batch.len, 0);
}

static void rejects_do_not_share_a_record(struct kunit *test)
{
	static const struct chp_reject why = {
		.err = -EINVAL, .col = 3, .reason = "no",
	};
	struct pile *pile = pile_make(test, ROOM);
	const u32 size = sizeof(struct chanpat_record) +
			 sizeof(struct chanpat_reject);
	const struct chanpat_reject *reject;
	size_t at;

	KUNIT_EXPECT_EQ(test, chp_batch_reject(&pile->batch, &why), 0);
	KUNIT_EXPECT_EQ(test, chp_batch_reject(&pile->batch, &why), 0);
	at = expect_record(test, pile, 0, CHANPAT_REJECT, -1, 1, size);
	expect_record(test, pile, at, CHANPAT_REJECT, -1, 1, size);
	reject = pile->batch.buf + sizeof(struct chanpat_record);
	KUNIT_EXPECT_EQ(test, reject->err, EINVAL);
	KUNIT_EXPECT_EQ(test, reject->col, 3);
	KUNIT_EXPECT_STREQ(test, (const char *)reject->reason, "no");
}

static struct kunit_case record_cases[] = {
	KUNIT_CASE(numbers_become_items),
	KUNIT_CASE(more_numbers_than_are_copied_at_a_time),
	KUNIT_CASE(byte_strings_become_items),
	KUNIT_CASE(lines_end_where_their_size_says),
	KUNIT_CASE(a_record_that_is_cut_off_is_refused),
	KUNIT_CASE(a_record_that_says_another_size_is_refused),
	KUNIT_CASE(a_record_that_counts_wrong_is_refused),
	KUNIT_CASE(what_means_nothing_yet_has_to_be_0),
	KUNIT_CASE(nothing_is_kept_of_strings_that_are_charged_too_much),
	KUNIT_CASE(whatever_is_written_is_taken_or_refused),
	KUNIT_CASE(values_of_one_job_and_kind_share_a_record),
	KUNIT_CASE(the_padding_of_a_string_is_0),
	KUNIT_CASE(a_value_that_does_not_fit_changes_nothing),
	KUNIT_CASE(rejects_do_not_share_a_record),
	{}
};

struct kunit_suite chp_record_suite = {
	.name = "chanpat_record",
	.init = chp_test_init,
	.test_cases = record_cases,
};
