// SPDX-License-Identifier: GPL-2.0
/* What the suites of pools share. */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/slab.h>
#include "pools.h"

int chp_crew_drain(struct chp_crew *crew)
{
	struct chp_pool *pool = crew->pool;

	crew->pool = NULL;
	return chp_pool_drain(pool);
}

int chp_crew_stop(struct chp_crew *crew)
{
	struct chp_pool *pool = crew->pool;

	crew->pool = NULL;
	return chp_pool_stop(pool);
}

static void crew_finish(void *data)
{
	struct chp_crew *crew = data;

	chp_test_raise(&crew->gate);
	if (crew->pool)
		chp_crew_stop(crew);
}

/* The pool goes with the test; a sub-pool goes before the one above. */
struct chp_crew *chp_test_crew(struct kunit *test, struct chp_ctx *parent,
			       struct chp_crew *above,
			       const struct chp_pool_config *config)
{
	struct chp_pool_config copy = *config;
	struct chp_crew *crew;
	struct chp_pool *pool;
	int err;

	crew = kunit_kzalloc(test, sizeof(*crew), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, crew);
	copy.name = "test";
	copy.above = above ? above->pool : NULL;
	crew->above = above;
	pool = chp_pool_alloc_config(parent, &copy);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
	crew->pool = pool;
	err = kunit_add_action_or_reset(test, crew_finish, crew);
	KUNIT_ASSERT_EQ(test, err, 0);
	return crew;
}

struct chp_pool_stats chp_crew_stats(struct chp_crew *crew)
{
	struct chp_pool_stats stats;

	chp_pool_stats(crew->pool, &stats);
	return stats;
}

static void chores_free(void *chores)
{
	kvfree(chores);
}

/* They are there before the crew, and go after it. */
struct chp_chore *chp_test_chores(struct kunit *test, struct chp_crew *crew,
				  unsigned int n, chp_work_fn work)
{
	struct chp_chore *chores;
	unsigned int i;
	int err;

	chores = kvcalloc(n, sizeof(*chores), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, chores);
	err = kunit_add_action_or_reset(test, chores_free, chores);
	KUNIT_ASSERT_EQ(test, err, 0);
	/* Once more, so that the pool goes before what its jobs are in. */
	err = kunit_add_action_or_reset(test, crew_finish, crew);
	KUNIT_ASSERT_EQ(test, err, 0);
	for (i = 0; i < n; i++) {
		chp_pool_job_init(&chores[i].job, work, &chores[i]);
		chores[i].crew = crew;
		chores[i].number = i;
	}
	return chores;
}

void chp_test_called_once(struct kunit *test, struct chp_chore *chores,
			  unsigned int n)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < n; i++)
		wrong += atomic_read(&chores[i].calls) != 1;
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

static void crew_enter(struct chp_crew *crew)
{
	int now = atomic_inc_return(&crew->inside);
	int most = atomic_read(&crew->most);

	while (now > most && !atomic_try_cmpxchg(&crew->most, &most, now))
		;
	if (crew->above)
		crew_enter(crew->above);
}

static void crew_leave(struct chp_crew *crew)
{
	atomic_dec(&crew->inside);
	if (crew->above)
		crew_leave(crew->above);
}

static void chore_begin(struct chp_ctx *ctx, struct chp_chore *chore)
{
	struct chp_crew *crew = chore->crew;
	int i;

	if (chp_ctx_err(ctx))
		atomic_inc(&crew->late);
	else
		crew_enter(crew);
	atomic_inc(&chore->calls);
	i = atomic_fetch_inc(&crew->begun);
	if (i < CHP_CREW_LOG)
		crew->log[i] = chore->number;
}

static int chore_end(struct chp_chore *chore, bool late, int err)
{
	if (!late)
		crew_leave(chore->crew);
	atomic_inc(&chore->crew->ended);
	return err;
}

int chp_chore_quick(struct chp_ctx *ctx, void *arg)
{
	struct chp_chore *chore = arg;
	bool late = chp_ctx_err(ctx);

	/* The context may end in between: it counts as it was at first. */
	chore_begin(late ? ctx : NULL, chore);
	return chore_end(chore, late, chore->err);
}

static int chore_wait(struct chp_ctx *ctx, struct chp_chore *chore, bool *gate)
{
	bool late = chp_ctx_err(ctx);

	chore_begin(late ? ctx : NULL, chore);
	while (!(gate && chp_test_raised(gate)) && !chp_ctx_err(ctx))
		usleep_range(20, 100);
	return chore_end(chore, late, chp_ctx_err(ctx) ?: chore->err);
}

int chp_chore_gate(struct chp_ctx *ctx, void *arg)
{
	struct chp_chore *chore = arg;

	return chore_wait(ctx, chore, &chore->crew->gate);
}

int chp_chore_own_gate(struct chp_ctx *ctx, void *arg)
{
	struct chp_chore *chore = arg;

	return chore_wait(ctx, chore, &chore->open);
}

int chp_chore_until_end(struct chp_ctx *ctx, void *arg)
{
	return chore_wait(ctx, arg, NULL);
}

/* Now and then it sleeps a little, so that others come between. */
int chp_chore_nap(struct chp_ctx *ctx, void *arg)
{
	struct chp_chore *chore = arg;
	bool late = chp_ctx_err(ctx);

	chore_begin(late ? ctx : NULL, chore);
	if (chore->number % 8 == 0)
		usleep_range(20, 50);
	return chore_end(chore, late, chore->err);
}
