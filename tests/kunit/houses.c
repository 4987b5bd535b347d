// SPDX-License-Identifier: GPL-2.0
/* Stages whose staff is looked at. */
#include <linux/slab.h>
#include "houses.h"

static int house_item(struct chp_worker *worker, void *elem)
{
	struct chp_house *house = chp_worker_data(worker);
	u64 value = *(u64 *)elem;

	atomic_inc(&house->calls);
	if (value < house->slow)
		chp_worker_delay(worker, (house->slow - value) * NSEC_PER_MSEC);
	return CHP_EMIT;
}

static const struct chp_stage_ops house_ops = { .item = house_item };

static void house_free(void *stage)
{
	chp_stage_free(stage);
}

struct chp_house *chp_house_make(struct kunit *test, unsigned int workers,
				 bool fan, unsigned int cap)
{
	struct chp_house *house = kunit_kzalloc(test, sizeof(*house), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, house);
	house->config = (struct chp_stage_config){
		.name = "house",
		.ops = &house_ops,
		.data = house,
		.workers = workers,
		.fan = fan,
		.sleeps = chp_test_form(test) == CHP_THREAD,
	};
	house->in = chp_test_chan(test, sizeof(u64), cap);
	house->out = chp_test_chan(test, sizeof(u64), 0);
	return house;
}

void chp_house_open(struct kunit *test, struct chp_house *house)
{
	house->stage = chp_stage_alloc(&house->config, sizeof(u64), house->in,
				       house->out);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, house->stage);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, house_free,
							house->stage), 0);
	house->group = chp_test_group(test, NULL);
	chp_test_group_finish(test, house->group);
	KUNIT_ASSERT_EQ(test, chp_stage_start(house->stage, house->group), 0);
}

struct chp_stage_stats chp_house_stats(struct chp_house *house)
{
	struct chp_stage_stats stats;

	chp_stage_stats(house->stage, &stats);
	return stats;
}

void chp_house_put(struct kunit *test, struct chp_house *house, u64 from, u64 n)
{
	u64 i;

	for (i = from; i < from + n; i++)
		KUNIT_ASSERT_EQ(test, chp_send(NULL, house->in, &i), 0);
}

u64 chp_house_get(struct kunit *test, struct chp_house *house)
{
	u64 value = U64_MAX;

	KUNIT_ASSERT_EQ(test, chp_recv(NULL, house->out, &value), 0);
	return value;
}

void chp_house_over(struct kunit *test, struct chp_house *house)
{
	chp_close(house->in);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, house->out, NULL), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_group_wait(house->group), 0);
	KUNIT_EXPECT_EQ(test, chp_house_stats(house).workers, 0);
}
