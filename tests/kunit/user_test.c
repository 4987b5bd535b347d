// SPDX-License-Identifier: GPL-2.0
/* Accounts of users: who counts for whom, and who is told when there is a place. */
#include <linux/cred.h>
#include <linux/random.h>
#include <linux/user_namespace.h>
#include "../../kmod/compat.h"
#include "../../kmod/core/live.h"
#include "../../kmod/dev/limits.h"
#include "../../kmod/dev/user.h"
#include "helpers.h"
#include "suites.h"

/* A session without a file. */
struct guest {
	struct chp_member member;
	atomic_t told;
};

static struct chp_user_limits limits_before;

static void guest_told(struct chp_member *member)
{
	atomic_inc(&container_of(member, struct guest, member)->told);
}

static int guest_join_in(struct guest *guest, struct user_namespace *ns,
			 unsigned int uid)
{
	guest->member.tell = guest_told;
	return chp_user_join(&guest->member, ns, KUIDT_INIT(uid));
}

static int guest_join(struct guest *guest, unsigned int uid)
{
	return guest_join_in(guest, &init_user_ns, uid);
}

static long accounts(void)
{
	return chp_live_count(CHP_KIND_USER);
}

static void an_account_lives_as_long_as_its_sessions(struct kunit *test)
{
	struct guest first = {}, second = {}, other = {};
	long before = accounts();

	KUNIT_ASSERT_EQ(test, guest_join(&first, 77001), 0);
	KUNIT_ASSERT_EQ(test, guest_join(&second, 77001), 0);
	KUNIT_ASSERT_EQ(test, guest_join(&other, 77002), 0);
	KUNIT_EXPECT_PTR_EQ(test, first.member.user, second.member.user);
	KUNIT_EXPECT_PTR_NE(test, first.member.user, other.member.user);
	KUNIT_EXPECT_EQ(test, accounts(), before + 2);
	chp_user_leave(&first.member);
	KUNIT_EXPECT_EQ(test, accounts(), before + 2);
	chp_user_leave(&second.member);
	chp_user_leave(&other.member);
	KUNIT_EXPECT_EQ(test, accounts(), before);
}

static void a_session_too_many_is_refused(struct kunit *test)
{
	struct guest guests[4] = {};
	int i;

	chp_user_limits.sessions = 2;
	KUNIT_ASSERT_EQ(test, guest_join(&guests[0], 77001), 0);
	KUNIT_ASSERT_EQ(test, guest_join(&guests[1], 77001), 0);
	KUNIT_EXPECT_EQ(test, guest_join(&guests[2], 77001), -EDQUOT);
	KUNIT_EXPECT_EQ(test, guest_join(&guests[2], 77002), 0);
	guests[3].member.exempt = true;
	KUNIT_EXPECT_EQ(test, guest_join(&guests[3], 77001), 0);
	for (i = 0; i < 4; i++)
		chp_user_leave(&guests[i].member);
}

static void the_jobs_of_a_user_are_limited_and_not_those_of_another(struct kunit *test)
{
	struct guest first = {}, second = {}, other = {};

	chp_user_limits.jobs = 2;
	KUNIT_ASSERT_EQ(test, guest_join(&first, 77001), 0);
	KUNIT_ASSERT_EQ(test, guest_join(&second, 77001), 0);
	KUNIT_ASSERT_EQ(test, guest_join(&other, 77002), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&first.member), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&second.member), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&first.member), -EBUSY);
	KUNIT_EXPECT_FALSE(test, chp_user_has_place(&second.member));
	KUNIT_EXPECT_TRUE(test, chp_user_has_place(&other.member));
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&other.member), 0);
	chp_user_job_over(&second.member);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&first.member), 0);
	chp_user_job_over(&first.member);
	chp_user_job_over(&first.member);
	chp_user_job_over(&other.member);
	chp_user_leave(&first.member);
	chp_user_leave(&second.member);
	chp_user_leave(&other.member);
}

static void who_found_no_place_is_told_when_another_session_has_one(struct kunit *test)
{
	struct guest first = {}, second = {};

	chp_user_limits.jobs = 1;
	KUNIT_ASSERT_EQ(test, guest_join(&first, 77001), 0);
	KUNIT_ASSERT_EQ(test, guest_join(&second, 77001), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&first.member), 0);
	chp_user_job_over(&first.member);
	KUNIT_EXPECT_EQ(test, atomic_read(&second.told), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&first.member), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&second.member), -EBUSY);
	chp_user_job_over(&first.member);
	KUNIT_EXPECT_EQ(test, atomic_read(&second.told), 1);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&second.member), 0);
	KUNIT_EXPECT_FALSE(test, chp_user_has_place(&first.member));
	chp_user_job_over(&second.member);
	KUNIT_EXPECT_GE(test, atomic_read(&first.told), 1);
	chp_user_leave(&first.member);
	chp_user_leave(&second.member);
}

/* As far as an account looks at it. */
static struct user_namespace *namespace_of(struct kunit *test,
					   struct user_namespace *parent,
					   unsigned int owner)
{
	struct user_namespace *ns = kunit_kzalloc(test, sizeof(*ns), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ns);
	ns->parent = parent;
	ns->owner = KUIDT_INIT(owner);
	chp_ns_init(&ns->ns);
	return ns;
}

static void a_namespace_brings_its_maker_no_new_limits(struct kunit *test)
{
	struct user_namespace *ns = namespace_of(test, &init_user_ns, 77001);
	struct user_namespace *inner = namespace_of(test, ns, 88001);
	struct guest outside = {}, inside = {}, deep = {}, other = {};
	long before = accounts();

	chp_user_limits.jobs = 2;
	KUNIT_ASSERT_EQ(test, guest_join(&outside, 77001), 0);
	KUNIT_ASSERT_EQ(test, guest_join_in(&inside, ns, 77001), 0);
	KUNIT_ASSERT_EQ(test, guest_join_in(&deep, inner, 88002), 0);
	KUNIT_ASSERT_EQ(test, guest_join(&other, 77002), 0);
	KUNIT_EXPECT_PTR_NE(test, outside.member.user, inside.member.user);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&inside.member), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&deep.member), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&outside.member), -EBUSY);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&inside.member), -EBUSY);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&other.member), 0);
	chp_user_job_over(&deep.member);
	KUNIT_EXPECT_EQ(test, atomic_read(&outside.told), 1);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&outside.member), 0);
	chp_user_job_over(&outside.member);
	chp_user_job_over(&inside.member);
	chp_user_job_over(&other.member);
	chp_user_leave(&outside.member);
	chp_user_leave(&inside.member);
	chp_user_leave(&deep.member);
	chp_user_leave(&other.member);
	KUNIT_EXPECT_EQ(test, accounts(), before);
	KUNIT_EXPECT_EQ(test, refcount_read(chp_ns_refs(&ns->ns)), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(chp_ns_refs(&inner->ns)), 1);
}

static void namespaces_that_root_made_are_on_their_own(struct kunit *test)
{
	struct user_namespace *one = namespace_of(test, &init_user_ns, 0);
	struct user_namespace *two = namespace_of(test, &init_user_ns, 0);
	struct guest first = {}, second = {};

	chp_user_limits.jobs = 1;
	KUNIT_ASSERT_EQ(test, guest_join_in(&first, one, 77001), 0);
	KUNIT_ASSERT_EQ(test, guest_join_in(&second, two, 77001), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&first.member), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&second.member), 0);
	chp_user_job_over(&first.member);
	chp_user_job_over(&second.member);
	chp_user_leave(&first.member);
	chp_user_leave(&second.member);
}

static void who_is_exempt_counts_and_never_waits(struct kunit *test)
{
	struct guest first = {}, exempt = { .member.exempt = true };

	chp_user_limits.jobs = 1;
	KUNIT_ASSERT_EQ(test, guest_join(&first, 77001), 0);
	KUNIT_ASSERT_EQ(test, guest_join(&exempt, 77001), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&exempt.member), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&exempt.member), 0);
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&first.member), -EBUSY);
	chp_user_job_over(&exempt.member);
	chp_user_job_over(&exempt.member);
	chp_user_leave(&first.member);
	chp_user_leave(&exempt.member);
}

static void a_changed_limit_counts_from_the_next_job_on(struct kunit *test)
{
	struct guest guest = {};
	struct chp_user *user;

	chp_user_limits.memory = 1000;
	KUNIT_ASSERT_EQ(test, guest_join(&guest, 77001), 0);
	user = guest.member.user;
	KUNIT_EXPECT_EQ(test, chp_quota_take(&user->bytes, 1001, false), -EDQUOT);
	chp_user_limits.memory = 2000;
	KUNIT_EXPECT_EQ(test, chp_user_add_job(&guest.member), 0);
	KUNIT_EXPECT_EQ(test, chp_quota_take(&user->bytes, 1001, false), 0);
	chp_quota_give(&user->bytes, 1001);
	chp_user_job_over(&guest.member);
	chp_user_leave(&guest.member);
}

#define CROWD 6

static struct guest crowd[CROWD];
static atomic_t crowd_jobs;
static atomic_t crowd_over;

/* Begins a job as soon as there is a place: as a line does in a full session. */
static int crowd_thread(struct chp_ctx *ctx, void *arg)
{
	struct guest *guest = arg;
	ktime_t end = chp_test_patience();
	unsigned long i;
	int told;

	for (i = 0; i < chp_storm / 4; i++) {
		told = atomic_read(&guest->told);
		while (chp_user_add_job(&guest->member)) {
			while (atomic_read(&guest->told) == told)
				if (!chp_test_pause(end))
					return -ETIME;
			told = atomic_read(&guest->told);
		}
		if (atomic_inc_return(&crowd_jobs) > 2)
			atomic_inc(&crowd_over);
		if (get_random_u32() % 2)
			cond_resched();
		atomic_dec(&crowd_jobs);
		chp_user_job_over(&guest->member);
	}
	return 0;
}

static void in_a_crowd_nobody_is_forgotten(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	int i;

	chp_user_limits.jobs = 2;
	atomic_set(&crowd_jobs, 0);
	atomic_set(&crowd_over, 0);
	for (i = 0; i < CROWD; i++) {
		crowd[i] = (struct guest){ };
		KUNIT_ASSERT_EQ(test, guest_join(&crowd[i], 77001), 0);
	}
	for (i = 0; i < CROWD; i++)
		KUNIT_EXPECT_EQ(test, chp_go(group, "crowd", crowd_thread,
					     &crowd[i]), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd_over), 0);
	for (i = 0; i < CROWD; i++)
		chp_user_leave(&crowd[i].member);
}

static int user_init(struct kunit *test)
{
	limits_before = chp_user_limits;
	return chp_test_init(test);
}

static void user_exit(struct kunit *test)
{
	chp_user_limits = limits_before;
}

static struct kunit_case user_cases[] = {
	KUNIT_CASE(an_account_lives_as_long_as_its_sessions),
	KUNIT_CASE(a_session_too_many_is_refused),
	KUNIT_CASE(the_jobs_of_a_user_are_limited_and_not_those_of_another),
	KUNIT_CASE(who_found_no_place_is_told_when_another_session_has_one),
	KUNIT_CASE(a_namespace_brings_its_maker_no_new_limits),
	KUNIT_CASE(namespaces_that_root_made_are_on_their_own),
	KUNIT_CASE(who_is_exempt_counts_and_never_waits),
	KUNIT_CASE(a_changed_limit_counts_from_the_next_job_on),
	KUNIT_CASE(in_a_crowd_nobody_is_forgotten),
	{}
};

struct kunit_suite chp_user_suite = {
	.name = "chanpat_user",
	.init = user_init,
	.exit = user_exit,
	.test_cases = user_cases,
};
