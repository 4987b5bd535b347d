// SPDX-License-Identifier: GPL-2.0
/* What is kept of small objects that have gone. */
#include <kunit/test.h>
#include <linux/sched/mm.h>
#include "../../kmod/core/cache.h"
#include "helpers.h"
#include "suites.h"

/* Also no multiple of the step, and what is too large. */
static const size_t sizes[] = {
	8, 64, 100, 192, 250, 256, 257, 400, 512, 513, 5000,
};

#define MANY (3 * CHP_CACHE_KEEP)

/* Nothing is kept where the memory is watched; then there is little to see. */
static int cache_init(struct kunit *test)
{
	if (CHP_CACHES_OFF)
		kunit_skip(test, "the memory is watched: nothing is kept");
	return chp_test_init(test);
}

/* The caches of the others do not count, and nothing is kept yet. */
static void begin_empty(struct kunit *test)
{
	chp_test_one_cpu(test);
	chp_cache_exit();
}

/* @shelf is 0 where it is not to be kept. */
static void *make(struct kunit *test, size_t size, u8 *shelf)
{
	void *block;
	bool keep;

	block = chp_cache_alloc(size, chp_cache_shelf(size), &keep);
	*shelf = keep ? chp_cache_shelf(size) : 0;
	KUNIT_ASSERT_NOT_NULL(test, block);
	/* All of it is the caller's. */
	memset(block, 0xa5, size);
	return block;
}

static void let_go(void *block, u8 shelf)
{
	if (!shelf || !chp_cache_keep(block, shelf))
		kvfree(block);
}

static void what_has_gone_is_the_next_one(struct kunit *test)
{
	void *first, *second;
	size_t i;
	u8 shelf;

	begin_empty(test);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		first = make(test, sizes[i], &shelf);
		let_go(first, shelf);
		second = make(test, sizes[i], &shelf);
		if (sizes[i] <= CHP_CACHE_LARGE)
			KUNIT_EXPECT_PTR_EQ(test, second, first);
		let_go(second, shelf);
	}
}

static void no_block_is_given_twice(struct kunit *test)
{
	void *blocks[MANY];
	u8 shelves[MANY];
	int round, i, j;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < MANY; i++) {
			blocks[i] = make(test, 200, &shelves[i]);
			for (j = 0; j < i; j++)
				KUNIT_EXPECT_PTR_NE(test, blocks[i], blocks[j]);
		}
		for (i = 0; i < MANY; i++)
			let_go(blocks[i], shelves[i]);
	}
}

static void a_cpu_keeps_no_more_than_a_few(struct kunit *test)
{
	void *blocks[MANY];
	u8 shelves[MANY];
	int i;

	begin_empty(test);
	for (i = 0; i < MANY; i++)
		blocks[i] = make(test, 200, &shelves[i]);
	KUNIT_EXPECT_EQ(test, chp_cache_count(), 0);
	for (i = 0; i < MANY; i++)
		let_go(blocks[i], shelves[i]);
	KUNIT_EXPECT_EQ(test, chp_cache_count(), CHP_CACHE_KEEP);
}

static void nothing_is_left_when_the_module_goes(struct kunit *test)
{
	size_t i;
	void *block;
	u8 shelf;

	begin_empty(test);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		block = make(test, sizes[i], &shelf);
		let_go(block, shelf);
	}
	KUNIT_EXPECT_GT(test, chp_cache_count(), 0);
	chp_cache_exit();
	KUNIT_EXPECT_EQ(test, chp_cache_count(), 0);
}

static void sizes_do_not_mix(struct kunit *test)
{
	void *small, *large;
	u8 shelf;

	begin_empty(test);
	small = make(test, 64, &shelf);
	let_go(small, shelf);
	large = make(test, 65, &shelf);
	KUNIT_EXPECT_PTR_NE(test, large, small);
	KUNIT_EXPECT_EQ(test, chp_cache_count(), 1);
	let_go(large, shelf);
	small = make(test, 257, &shelf);
	let_go(small, shelf);
	large = make(test, 256, &shelf);
	KUNIT_EXPECT_PTR_NE(test, large, small);
	let_go(large, shelf);
}

/* Nobody is: this is a kernel thread. Then somebody is to pay for what it does. */
static void who_pays_has_nothing_of_it(struct kunit *test)
{
#ifdef CONFIG_MEMCG
	/* Only looked for: nothing is allocated meanwhile. */
	struct mem_cgroup *memcg = (struct mem_cgroup *)test;
	bool unpaid;

	KUNIT_EXPECT_TRUE(test, chp_cache_unpaid());
	memcg = set_active_memcg(memcg);
	unpaid = chp_cache_unpaid();
	set_active_memcg(memcg);
	KUNIT_EXPECT_FALSE(test, unpaid);
	KUNIT_EXPECT_TRUE(test, chp_cache_unpaid());
#else
	kunit_skip(test, "nobody pays for memory");
#endif
}

/* A block of each size is kept, and all of it has been written to. */
static void keep_used(struct kunit *test)
{
	size_t size;
	void *block;
	u8 shelf;

	begin_empty(test);
	for (size = 64; size <= CHP_CACHE_LARGE; size += 64) {
		block = make(test, size, &shelf);
		let_go(block, shelf);
	}
}

/* A channel from what others have written is as good as a new one. */
static void a_channel_from_it_is_a_new_one(struct kunit *test)
{
	struct chp_chan *ch;
	u64 value = 7;

	keep_used(test);
	ch = chp_test_chan(test, sizeof(value), 8);
	KUNIT_EXPECT_EQ(test, chp_len(ch), 0);
	KUNIT_EXPECT_EQ(test, chp_cap(ch), 8);
	KUNIT_EXPECT_FALSE(test, chp_chan_closed(ch));
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), -EAGAIN);
	KUNIT_EXPECT_EQ(test, chp_try_send(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_try_recv(ch, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 7);
	KUNIT_EXPECT_EQ(test, chp_close(ch), 0);
}

static void a_context_from_it_is_a_new_one(struct kunit *test)
{
	struct chp_ctx *ctx, *child;

	keep_used(test);
	ctx = chp_test_ctx(test, NULL);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_deadline(ctx), KTIME_MAX);
	child = chp_test_ctx(test, ctx);
	chp_ctx_cancel_cause(ctx, -EIO);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(child), -EIO);
}

#define ROUNDS 20000
#define SHELF chp_cache_shelf(256)

/* Makes and lets go on a CPU; what it made it finds as it left it. */
static int churn(struct chp_ctx *unused, void *data)
{
	u64 *blocks[CHP_CACHE_KEEP + 4];
	u8 shelves[ARRAY_SIZE(blocks)];
	unsigned int i, n, round;
	int err = 0;
	bool keep;

	for (round = 0; round < ROUNDS && !err; round++) {
		n = 1 + round % ARRAY_SIZE(blocks);
		for (i = 0; i < n; i++) {
			blocks[i] = chp_cache_alloc(256, SHELF, &keep);
			if (!blocks[i])
				return -ENOMEM;
			shelves[i] = keep ? SHELF : 0;
			*blocks[i] = (unsigned long)&blocks[i];
		}
		if (round % 64 == 0)
			cond_resched();
		for (i = 0; i < n; i++) {
			if (*blocks[i] != (unsigned long)&blocks[i])
				err = -EIO;
			let_go(blocks[i], shelves[i]);
		}
	}
	return err;
}

static void threads_on_all_cpus_share_no_block(struct kunit *test)
{
	struct chp_group *group;
	int i;

	group = chp_test_group(test, NULL);
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, chp_go(group, "churn", churn, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

struct giver {
	void *block;
	u8 shelf;
	bool kept;
};

static void irq_keep(void *data)
{
	struct giver *giver = data;

	giver->kept = chp_cache_keep(giver->block, giver->shelf);
}

static void a_block_can_be_given_back_in_a_hard_interrupt(struct kunit *test)
{
	struct giver giver = {};

	begin_empty(test);
	giver.block = make(test, 256, &giver.shelf);
	chp_test_in_hardirq(test, irq_keep, &giver);
	KUNIT_EXPECT_TRUE(test, giver.kept);
	KUNIT_EXPECT_EQ(test, chp_cache_count(), 1);
}

static struct kunit_case cache_cases[] = {
	KUNIT_CASE(what_has_gone_is_the_next_one),
	KUNIT_CASE(no_block_is_given_twice),
	KUNIT_CASE(a_cpu_keeps_no_more_than_a_few),
	KUNIT_CASE(nothing_is_left_when_the_module_goes),
	KUNIT_CASE(sizes_do_not_mix),
	KUNIT_CASE(who_pays_has_nothing_of_it),
	KUNIT_CASE(a_channel_from_it_is_a_new_one),
	KUNIT_CASE(a_context_from_it_is_a_new_one),
	KUNIT_CASE(threads_on_all_cpus_share_no_block),
	KUNIT_CASE(a_block_can_be_given_back_in_a_hard_interrupt),
	{}
};

struct kunit_suite chp_cache_suite = {
	.name = "chanpat_cache",
	.init = cache_init,
	.test_cases = cache_cases,
};
