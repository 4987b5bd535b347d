// SPDX-License-Identifier: GPL-2.0
/* Items: byte strings, what they are charged, and how they go. */
#include <linux/err.h>
#include <linux/string.h>
#include "../../kmod/core/live.h"
#include "../../kmod/jobs/item.h"
#include "../../kmod/jobs/quota.h"
#include "helpers.h"
#include "suites.h"

#define HEAD offsetof(struct chp_bytes, data)

static u64 used(struct chp_quota *quota)
{
	return atomic64_read(&quota->used);
}

static void a_byte_string_holds_what_was_put_in(struct kunit *test)
{
	static const u32 lens[] = { 1, 7, 4096, CHP_BYTES_MAX };
	struct chp_quota quota = { .limit = U64_MAX };
	struct chp_bytes *bytes;
	struct chp_item item;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		bytes = chp_bytes_alloc(&quota, lens[i]);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
		memset(bytes->data, 'x', lens[i]);
		chp_item_set_bytes(&item, bytes);
		KUNIT_EXPECT_EQ(test, (int)item.type, (int)CHP_ITEM_BYTES);
		KUNIT_EXPECT_PTR_EQ(test, item.bytes, bytes);
		KUNIT_EXPECT_EQ(test, item.bytes->len, lens[i]);
		KUNIT_EXPECT_NULL(test, memchr_inv(bytes->data, 'x', lens[i]));
		chp_item_drop(&item);
	}
}

static void an_empty_string_is_a_string(struct kunit *test)
{
	struct chp_quota quota = { .limit = HEAD };
	struct chp_bytes *bytes = chp_bytes_alloc(&quota, 0);
	struct chp_item item;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	KUNIT_EXPECT_EQ(test, bytes->len, 0);
	KUNIT_EXPECT_EQ(test, used(&quota), HEAD);
	chp_item_set_bytes(&item, bytes);
	chp_item_drop(&item);
	KUNIT_EXPECT_EQ(test, used(&quota), 0);
}

static void a_string_that_is_too_long_is_refused(struct kunit *test)
{
	struct chp_quota quota = { .limit = U64_MAX };
	struct chp_bytes *bytes;

	bytes = chp_bytes_alloc(&quota, CHP_BYTES_MAX + 1);
	KUNIT_EXPECT_PTR_EQ(test, bytes, ERR_PTR(-EMSGSIZE));
	bytes = chp_bytes_alloc(&quota, SIZE_MAX);
	KUNIT_EXPECT_PTR_EQ(test, bytes, ERR_PTR(-EMSGSIZE));
	KUNIT_EXPECT_EQ(test, used(&quota), 0);
}

static void a_string_is_charged_until_it_is_dropped(struct kunit *test)
{
	struct chp_quota quota = { .limit = 3 * (HEAD + 10) };
	long before = chp_live_count(CHP_KIND_BYTES);
	struct chp_item items[3];
	struct chp_bytes *bytes;
	int i;

	for (i = 0; i < 3; i++) {
		bytes = chp_bytes_alloc(&quota, 10);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
		chp_item_set_bytes(&items[i], bytes);
		KUNIT_EXPECT_EQ(test, used(&quota), (i + 1) * (HEAD + 10));
	}
	KUNIT_EXPECT_EQ(test, chp_live_count(CHP_KIND_BYTES), before + 3);
	bytes = chp_bytes_alloc(&quota, 0);
	KUNIT_EXPECT_PTR_EQ(test, bytes, ERR_PTR(-EDQUOT));
	KUNIT_EXPECT_EQ(test, used(&quota), 3 * (HEAD + 10));
	for (i = 0; i < 3; i++)
		chp_item_drop(&items[i]);
	KUNIT_EXPECT_EQ(test, used(&quota), 0);
	KUNIT_EXPECT_EQ(test, chp_live_count(CHP_KIND_BYTES), before);
}

/* A dropped item is a number: dropping it twice does no harm. */
static void only_strings_own_anything(struct kunit *test)
{
	struct chp_quota quota = { .limit = U64_MAX };
	struct chp_bytes *bytes = chp_bytes_alloc(&quota, 1);
	struct chp_item item;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	chp_item_set_bytes(&item, bytes);
	chp_item_drop(&item);
	KUNIT_EXPECT_EQ(test, (int)item.type, (int)CHP_ITEM_NUM);
	chp_item_drop(&item);
	chp_item_set_num(&item, -7);
	chp_item_drop(&item);
	KUNIT_EXPECT_EQ(test, item.num, -7);
	item = (struct chp_item){ .type = CHP_ITEM_ERROR, .err = EIO, .seq = 3 };
	chp_item_drop(&item);
	KUNIT_EXPECT_EQ(test, item.seq, 3);
}

static void a_quota_is_full_at_its_limit(struct kunit *test)
{
	struct chp_quota quota = { .limit = 100 };

	KUNIT_EXPECT_EQ(test, chp_quota_charge(&quota, 60), 0);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&quota, 41), -EDQUOT);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&quota, 40), 0);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&quota, 1), -EDQUOT);
	chp_quota_release(&quota, 60);
	KUNIT_EXPECT_EQ(test, used(&quota), 40);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&quota, 60), 0);
	chp_quota_release(&quota, 100);
	KUNIT_EXPECT_EQ(test, used(&quota), 0);
}

static struct kunit_case item_cases[] = {
	KUNIT_CASE(a_byte_string_holds_what_was_put_in),
	KUNIT_CASE(an_empty_string_is_a_string),
	KUNIT_CASE(a_string_that_is_too_long_is_refused),
	KUNIT_CASE(a_string_is_charged_until_it_is_dropped),
	KUNIT_CASE(only_strings_own_anything),
	KUNIT_CASE(a_quota_is_full_at_its_limit),
	{}
};

struct kunit_suite chp_item_suite = {
	.name = "chanpat_item",
	.init = chp_test_init,
	.test_cases = item_cases,
};
