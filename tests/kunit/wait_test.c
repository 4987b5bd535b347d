// SPDX-License-Identifier: GPL-2.0
/* Waits: the claim, and every order of claim, commit, cancel and sleep. */
#include <linux/slab.h>
#include "../../kmod/core/wait.h"
#include "helpers.h"
#include "suites.h"

static void an_idle_wait_is_nobodys(struct kunit *test)
{
	struct chp_wait wait;

	chp_wait_init_thread(&wait, NULL);
	KUNIT_EXPECT_FALSE(test, chp_wait_claim(&wait));
}

static void a_wait_is_claimed_once(struct kunit *test)
{
	struct chp_wait wait;

	chp_wait_init_thread(&wait, NULL);
	chp_wait_begin(&wait);
	KUNIT_EXPECT_TRUE(test, chp_wait_claim(&wait));
	KUNIT_EXPECT_FALSE(test, chp_wait_claim(&wait));
	KUNIT_EXPECT_EQ(test, chp_wait_abandon(&wait, -EIO), -EIO);
	KUNIT_EXPECT_FALSE(test, chp_wait_claim(&wait));
	chp_wait_begin(&wait);
	KUNIT_EXPECT_TRUE(test, chp_wait_claim(&wait));
}

static void a_complete_before_the_commit_is_not_lost(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct chp_wait wait;

	chp_wait_init_thread(&wait, ctx);
	chp_wait_begin(&wait);
	KUNIT_EXPECT_TRUE(test, chp_wait_claim(&wait));
	chp_wait_complete(&wait, 42, NULL);
	KUNIT_EXPECT_EQ(test, chp_wait_commit(&wait), -EINPROGRESS);
	KUNIT_EXPECT_EQ(test, chp_wait_sleep(&wait), 42);
}

static void a_claim_before_the_commit_beats_the_end_of_the_context(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct chp_wait wait;

	chp_wait_init_thread(&wait, ctx);
	chp_wait_begin(&wait);
	KUNIT_EXPECT_TRUE(test, chp_wait_claim(&wait));
	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, chp_wait_commit(&wait), -EINPROGRESS);
	chp_wait_complete(&wait, 42, NULL);
	KUNIT_EXPECT_EQ(test, chp_wait_sleep(&wait), 42);
}

static void a_claim_after_the_commit_beats_the_end_of_the_context(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct chp_wait wait;

	chp_wait_init_thread(&wait, ctx);
	chp_wait_begin(&wait);
	KUNIT_EXPECT_EQ(test, chp_wait_commit(&wait), -EINPROGRESS);
	KUNIT_EXPECT_TRUE(test, chp_wait_claim(&wait));
	chp_ctx_cancel(ctx);
	chp_wait_complete(&wait, 42, NULL);
	KUNIT_EXPECT_EQ(test, chp_wait_sleep(&wait), 42);
}

static void the_end_of_the_context_before_the_commit_ends_the_wait(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct chp_wait wait;

	chp_wait_init_thread(&wait, ctx);
	chp_wait_begin(&wait);
	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, chp_wait_commit(&wait), -ECANCELED);
	KUNIT_EXPECT_FALSE(test, chp_wait_claim(&wait));
}

static void the_end_of_the_context_after_the_commit_ends_the_wait(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct chp_wait wait;

	chp_wait_init_thread(&wait, ctx);
	chp_wait_begin(&wait);
	KUNIT_EXPECT_EQ(test, chp_wait_commit(&wait), -EINPROGRESS);
	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_FALSE(test, chp_wait_claim(&wait));
	KUNIT_EXPECT_EQ(test, chp_wait_sleep(&wait), -ECANCELED);
}

/* Somebody who claims a wait while its owner is busy with it. */
struct busy_claim {
	struct chp_wait wait;
	bool begun;
	bool won;
};

static int busy_claim_thread(struct chp_ctx *ctx, void *data)
{
	struct busy_claim *claim = data;

	chp_test_raise(&claim->begun);
	claim->won = chp_wait_claim(&claim->wait);
	return 0;
}

static bool claim_while_busy(struct kunit *test, enum chp_wait_state then)
{
	struct busy_claim *claim = kunit_kzalloc(test, sizeof(*claim), GFP_KERNEL);
	struct chp_group *group;

	KUNIT_ASSERT_NOT_NULL(test, claim);
	group = chp_test_group(test, NULL);
	atomic_set(&claim->wait.state, CHP_BUSY);
	KUNIT_ASSERT_EQ(test, chp_go(group, "claim", busy_claim_thread, claim), 0);
	CHP_EVENTUALLY(test, chp_test_raised(&claim->begun));
	KUNIT_EXPECT_FALSE(test, READ_ONCE(claim->won));
	atomic_set(&claim->wait.state, then);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	return claim->won;
}

static void a_claim_waits_for_a_busy_owner(struct kunit *test)
{
	if (num_online_cpus() == 1)
		kunit_skip(test, "one CPU: the claimer would spin for ever");
	KUNIT_EXPECT_TRUE(test, claim_while_busy(test, CHP_WAITING));
	KUNIT_EXPECT_FALSE(test, claim_while_busy(test, CHP_TAKEN));
	KUNIT_EXPECT_FALSE(test, claim_while_busy(test, CHP_IDLE));
}

struct queue {
	raw_spinlock_t lock;
	struct list_head list;
	struct chp_wait wait[3];
	struct chp_waiter waiter[3];
};

static void queue_fill(struct queue *q)
{
	unsigned long flags;
	int i;

	raw_spin_lock_init(&q->lock);
	INIT_LIST_HEAD(&q->list);
	raw_spin_lock_irqsave(&q->lock, flags);
	for (i = 0; i < 3; i++) {
		chp_wait_init_thread(&q->wait[i], NULL);
		chp_waiter_init(&q->waiter[i], &q->wait[i]);
		chp_waiter_queue(&q->waiter[i], &q->list, &q->lock);
	}
	raw_spin_unlock_irqrestore(&q->lock, flags);
}

static struct chp_waiter *queue_claim(struct queue *q)
{
	struct chp_waiter *waiter;
	unsigned long flags;

	raw_spin_lock_irqsave(&q->lock, flags);
	waiter = chp_waiter_claim(&q->list);
	raw_spin_unlock_irqrestore(&q->lock, flags);
	return waiter;
}

static void waiters_are_claimed_in_their_order(struct kunit *test)
{
	struct queue q;

	queue_fill(&q);
	KUNIT_EXPECT_PTR_EQ(test, queue_claim(&q), &q.waiter[0]);
	KUNIT_EXPECT_PTR_EQ(test, queue_claim(&q), &q.waiter[1]);
	KUNIT_EXPECT_PTR_EQ(test, queue_claim(&q), &q.waiter[2]);
	KUNIT_EXPECT_NULL(test, queue_claim(&q));
}

static void a_waiter_whose_wait_has_ended_is_passed_over(struct kunit *test)
{
	struct queue q;

	queue_fill(&q);
	KUNIT_EXPECT_TRUE(test, chp_wait_claim(&q.wait[0]));
	KUNIT_EXPECT_PTR_EQ(test, queue_claim(&q), &q.waiter[1]);
	/* It was taken out on the way, and may leave all the same. */
	chp_waiter_leave(&q.waiter[0]);
	KUNIT_EXPECT_PTR_EQ(test, queue_claim(&q), &q.waiter[2]);
}

static void who_has_left_is_not_found(struct kunit *test)
{
	struct queue q;

	queue_fill(&q);
	chp_waiter_leave(&q.waiter[1]);
	chp_waiter_leave(&q.waiter[1]);
	KUNIT_EXPECT_PTR_EQ(test, queue_claim(&q), &q.waiter[0]);
	KUNIT_EXPECT_PTR_EQ(test, queue_claim(&q), &q.waiter[2]);
	KUNIT_EXPECT_NULL(test, queue_claim(&q));
}

static struct kunit_case wait_cases[] = {
	KUNIT_CASE(an_idle_wait_is_nobodys),
	KUNIT_CASE(a_wait_is_claimed_once),
	KUNIT_CASE(a_complete_before_the_commit_is_not_lost),
	KUNIT_CASE(a_claim_before_the_commit_beats_the_end_of_the_context),
	KUNIT_CASE(a_claim_after_the_commit_beats_the_end_of_the_context),
	KUNIT_CASE(the_end_of_the_context_before_the_commit_ends_the_wait),
	KUNIT_CASE(the_end_of_the_context_after_the_commit_ends_the_wait),
	KUNIT_CASE(a_claim_waits_for_a_busy_owner),
	KUNIT_CASE(waiters_are_claimed_in_their_order),
	KUNIT_CASE(a_waiter_whose_wait_has_ended_is_passed_over),
	KUNIT_CASE(who_has_left_is_not_found),
	{}
};

struct kunit_suite chp_wait_suite = {
	.name = "chanpat_wait",
	.init = chp_test_init,
	.test_cases = wait_cases,
};
