// SPDX-License-Identifier: GPL-2.0
/* Quotas with a parent: what a session takes from its user, and gives back. */
#include <linux/err.h>
#include <linux/random.h>
#include "../../kmod/jobs/quota.h"
#include "helpers.h"
#include "suites.h"

#define CHUNK 100

/* A user with two sessions. */
struct family {
	struct chp_quota user;
	struct chp_quota first;
	struct chp_quota second;
};

static struct family *family_make(struct kunit *test, u64 limit)
{
	struct family *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	chp_quota_init(&f->user, limit, NULL, 0);
	chp_quota_init(&f->first, U64_MAX, &f->user, CHUNK);
	chp_quota_init(&f->second, U64_MAX, &f->user, CHUNK);
	return f;
}

static u64 used(struct chp_quota *quota)
{
	return atomic64_read(&quota->used);
}

static void a_charge_counts_for_the_user_too(struct kunit *test)
{
	struct family *f = family_make(test, 10000);

	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 500), 0);
	KUNIT_EXPECT_EQ(test, used(&f->first), 500);
	KUNIT_EXPECT_GE(test, used(&f->user), 500);
	KUNIT_EXPECT_LE(test, used(&f->user), 500 + 2 * CHUNK);
	chp_quota_release(&f->first, 500);
	KUNIT_EXPECT_EQ(test, used(&f->first), 0);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

static void the_limit_of_the_session_holds_as_before(struct kunit *test)
{
	struct family *f = family_make(test, 10000);

	f->first.limit = 50;
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 50), 0);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 1), -EDQUOT);
	KUNIT_EXPECT_EQ(test, used(&f->first), 50);
	chp_quota_release(&f->first, 50);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

static void what_the_user_may_not_have_is_charged_nowhere(struct kunit *test)
{
	struct family *f = family_make(test, 1000);

	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 1001), -EDQUOT);
	KUNIT_EXPECT_EQ(test, used(&f->first), 0);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

static void one_session_leaves_the_other_what_it_does_not_use(struct kunit *test)
{
	struct family *f = family_make(test, 1000);

	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 600), 0);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->second, 401), -EDQUOT);
	chp_quota_release(&f->first, 600);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->second, 1000), 0);
	KUNIT_EXPECT_EQ(test, used(&f->user), 1000);
	chp_quota_release(&f->second, 1000);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

/* Where there is no chunk left each takes what it needs. */
static void the_last_unit_of_the_limit_can_be_used(struct kunit *test)
{
	struct family *f = family_make(test, 10);
	int i;

	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, chp_quota_charge(i % 2 ? &f->first :
						       &f->second, 1), 0);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 1), -EDQUOT);
	KUNIT_EXPECT_EQ(test, used(&f->user), 10);
	chp_quota_release(&f->first, 5);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->second, 5), 0);
	chp_quota_release(&f->second, 10);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

static void most_charges_do_not_touch_the_user(struct kunit *test)
{
	struct family *f = family_make(test, 10000);
	u64 before;
	int i;

	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 1), 0);
	before = used(&f->user);
	for (i = 0; i < CHUNK; i++)
		KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 1), 0);
	KUNIT_EXPECT_EQ(test, used(&f->user), before);
	for (i = 0; i < CHUNK; i++)
		chp_quota_release(&f->first, 1);
	KUNIT_EXPECT_EQ(test, used(&f->user), before);
	chp_quota_release(&f->first, 1);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

static void a_session_keeps_two_chunks_at_most(struct kunit *test)
{
	struct family *f = family_make(test, 1000000);
	int i;

	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 50000), 0);
	for (i = 0; i < 49999; i++) {
		chp_quota_release(&f->first, 1);
		if (used(&f->user) >= used(&f->first) + 2 * CHUNK)
			KUNIT_FAIL(test, "too much is kept at %d", i);
	}
	chp_quota_release(&f->first, 1);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

static void who_is_exempt_is_counted_and_not_refused(struct kunit *test)
{
	struct family *f = family_make(test, 10);

	f->first.exempt = true;
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 1000), 0);
	KUNIT_EXPECT_GE(test, used(&f->user), 1000);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->second, 1), -EDQUOT);
	chp_quota_release(&f->first, 1000);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

/* A user in a namespace counts for the one who made that. */
static void all_above_may_refuse(struct kunit *test)
{
	struct family *f = family_make(test, 10000);
	struct chp_quota maker = { .limit = 300 };

	f->user.parent = &maker;
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 300), 0);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->second, 1), -EDQUOT);
	KUNIT_EXPECT_EQ(test, used(&maker), 300);
	KUNIT_EXPECT_EQ(test, used(&f->user), 300);
	chp_quota_release(&f->first, 300);
	KUNIT_EXPECT_EQ(test, used(&maker), 0);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

static void a_limit_can_be_lowered_below_what_is_used(struct kunit *test)
{
	struct family *f = family_make(test, 1000);

	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 900), 0);
	f->user.limit = 100;
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->second, 1), -EDQUOT);
	chp_quota_release(&f->first, 900);
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->second, 100), 0);
	chp_quota_release(&f->second, 100);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

#define STORM_THREADS	6
#define STORM_LIMIT	700
#define STORM_MOST	300	/* of a charge */
#define STORM_SLOTS	4

/**
 * struct storm - threads that charge and release
 * @family: two sessions, each of three threads
 * @held: what all threads have been granted and hold
 * @over: times that this was above the limit
 * @granted: charges
 * @refused: charges
 */
struct storm {
	struct family *family;
	atomic64_t held;
	atomic_t over;
	atomic_t granted;
	atomic_t refused;
};

static struct storm *storm;

static void storm_charge(struct chp_quota *quota, u64 *slot)
{
	u64 n = get_random_u32() % STORM_MOST + 1;

	if (chp_quota_charge(quota, n)) {
		atomic_inc(&storm->refused);
		return;
	}
	*slot = n;
	atomic_inc(&storm->granted);
	if (atomic64_add_return(n, &storm->held) > STORM_LIMIT)
		atomic_inc(&storm->over);
}

static void storm_release(struct chp_quota *quota, u64 *slot)
{
	atomic64_sub(*slot, &storm->held);
	chp_quota_release(quota, *slot);
	*slot = 0;
}

static int storm_thread(struct chp_ctx *ctx, void *arg)
{
	struct chp_quota *quota = arg;
	u64 slots[STORM_SLOTS] = {};
	unsigned long i;

	for (i = 0; i < chp_storm; i++) {
		u64 *slot = &slots[get_random_u32() % STORM_SLOTS];

		if (*slot)
			storm_release(quota, slot);
		else
			storm_charge(quota, slot);
		cond_resched();
	}
	for (i = 0; i < STORM_SLOTS; i++)
		if (slots[i])
			storm_release(quota, &slots[i]);
	return 0;
}

static void a_storm_never_exceeds_the_limit_and_leaves_nothing(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct storm s = { .family = family_make(test, STORM_LIMIT) };
	int i;

	storm = &s;
	for (i = 0; i < STORM_THREADS; i++)
		KUNIT_EXPECT_EQ(test, chp_go(group, "storm", storm_thread,
					     i % 2 ? &s.family->first :
						     &s.family->second), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&s.over), 0);
	KUNIT_EXPECT_GT(test, atomic_read(&s.granted), 0);
	KUNIT_EXPECT_GT(test, atomic_read(&s.refused), 0);
	KUNIT_EXPECT_EQ(test, used(&s.family->first), 0);
	KUNIT_EXPECT_EQ(test, used(&s.family->second), 0);
	KUNIT_EXPECT_EQ(test, used(&s.family->user), 0);
}

/* What one session has, and asks for over and over, in vain. */
struct greedy {
	struct chp_quota *quota;
	u64 n;
	bool over;
	unsigned int granted;
};

static int greedy_thread(struct chp_ctx *ctx, void *arg)
{
	struct greedy *g = arg;

	while (!READ_ONCE(g->over)) {
		g->granted += !chp_quota_charge(g->quota, g->n);
		cond_resched();
	}
	return 0;
}

/* Times that others are refused who ask for 50 of which there are 100 and more. */
static unsigned int refused_beside(struct kunit *test, struct greedy *g,
				   struct chp_quota *quota)
{
	struct chp_group *group = chp_test_group(test, NULL);
	unsigned int refused = 0;
	unsigned long i;

	KUNIT_EXPECT_EQ(test, chp_go(group, "greedy", greedy_thread, g), 0);
	for (i = 0; i < 10 * chp_storm; i++) {
		if (chp_quota_charge(quota, 50))
			refused++;
		else
			chp_quota_release(quota, 50);
		cond_resched();
	}
	WRITE_ONCE(g->over, true);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, g->granted, 0);
	return refused;
}

static void who_is_refused_costs_nobody_else_anything(struct kunit *test)
{
	struct family *f = family_make(test, 1000);
	struct greedy same = { .quota = &f->first, .n = 450 };
	struct greedy other = { .quota = &f->second, .n = 990 };

	f->first.limit = 500;
	KUNIT_EXPECT_EQ(test, chp_quota_charge(&f->first, 60), 0);
	KUNIT_EXPECT_EQ(test, refused_beside(test, &same, &f->first), 0);
	KUNIT_EXPECT_EQ(test, refused_beside(test, &other, &f->first), 0);
	chp_quota_release(&f->first, 60);
	KUNIT_EXPECT_EQ(test, used(&f->user), 0);
}

static struct kunit_case quota_cases[] = {
	KUNIT_CASE(a_charge_counts_for_the_user_too),
	KUNIT_CASE(the_limit_of_the_session_holds_as_before),
	KUNIT_CASE(what_the_user_may_not_have_is_charged_nowhere),
	KUNIT_CASE(one_session_leaves_the_other_what_it_does_not_use),
	KUNIT_CASE(the_last_unit_of_the_limit_can_be_used),
	KUNIT_CASE(most_charges_do_not_touch_the_user),
	KUNIT_CASE(a_session_keeps_two_chunks_at_most),
	KUNIT_CASE(who_is_exempt_is_counted_and_not_refused),
	KUNIT_CASE(all_above_may_refuse),
	KUNIT_CASE(a_limit_can_be_lowered_below_what_is_used),
	KUNIT_CASE(a_storm_never_exceeds_the_limit_and_leaves_nothing),
	KUNIT_CASE(who_is_refused_costs_nobody_else_anything),
	{}
};

struct kunit_suite chp_quota_suite = {
	.name = "chanpat_quota",
	.init = chp_test_init,
	.test_cases = quota_cases,
};
