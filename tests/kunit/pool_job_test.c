// SPDX-License-Identifier: GPL-2.0
/*
 * The jobs of a pool: what is promised in <chanpat/pool.h> about waiting for
 * them, their time limits, priorities, sets and results. A chore at a gate
 * sleeps, so the workers are threads where tasks must run meanwhile.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include "callers.h"
#include "pools.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

/* One worker, with its hands full until the gate is raised, and @queue places. */
static struct chp_crew *crew_busy(struct kunit *test, unsigned int queue,
				  struct chp_pool_config config)
{
	struct chp_chore *chore;
	struct chp_crew *crew;

	config.workers = 1;
	config.queue = queue;
	config.sleeps = true;
	crew = chp_test_crew(test, NULL, NULL, &config);
	chore = chp_test_chores(test, crew, 1, chp_chore_gate);
	KUNIT_ASSERT_EQ(test, chp_pool_submit_job(NULL, crew->pool,
						  &chore->job), 0);
	CHP_EVENTUALLY(test, atomic_read(&crew->begun) == 1);
	return crew;
}

static struct chp_crew *crew_of(struct kunit *test, unsigned int workers,
				struct chp_pool_config config)
{
	config.workers = workers;
	config.queue = 16;
	config.sleeps = true;
	return chp_test_crew(test, NULL, NULL, &config);
}

static void submit_all(struct kunit *test, struct chp_crew *crew,
		       struct chp_chore *chores, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(test, chp_pool_submit_job(NULL, crew->pool,
							  &chores[i].job), 0);
}

/* Made before its chores, it goes after their pool. */
static struct chp_pool_set *set_make(struct kunit *test)
{
	struct chp_pool_set *set = kunit_kzalloc(test, sizeof(*set), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, set);
	chp_pool_set_init(set);
	return set;
}

/* Callers: wait for a job, wait for a set, submit a job. */
static int wait_job(struct chp_ctx *ctx, struct chp_caller *caller)
{
	return chp_pool_job_wait(ctx, caller->arg);
}

static int park_job(struct chp_task *task, struct chp_caller *caller)
{
	return chp_task_pool_job_wait(task, caller->arg);
}

static const struct chp_caller_kind job_waiter = { wait_job, park_job };

static int wait_set(struct chp_ctx *ctx, struct chp_caller *caller)
{
	return chp_pool_set_wait(ctx, caller->arg);
}

static int park_set(struct chp_task *task, struct chp_caller *caller)
{
	return chp_task_pool_set_wait(task, caller->arg);
}

static const struct chp_caller_kind set_waiter = { wait_set, park_set };

static int submit_chore(struct chp_ctx *ctx, struct chp_caller *caller)
{
	struct chp_chore *chore = caller->arg;

	return chp_pool_submit_job(ctx, chore->crew->pool, &chore->job);
}

static int park_chore(struct chp_task *task, struct chp_caller *caller)
{
	struct chp_chore *chore = caller->arg;

	return chp_task_pool_submit(task, chore->crew->pool, &chore->job);
}

static const struct chp_caller_kind submitter = { submit_chore, park_chore };

static void a_job_is_waited_for_and_tells_its_result(struct kunit *test)
{
	struct chp_pool_config config = { .goes_on = true };
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_crew *crew = crew_of(test, 2, config);
	struct chp_chore *chore;
	struct chp_caller *caller;

	chore = chp_test_chores(test, crew, 1, chp_chore_own_gate);
	chore->err = -EIO;
	submit_all(test, crew, chore, 1);
	caller = chp_caller_start(test, group, &job_waiter,
				  chp_test_form(test), &chore->job, 0);
	CHP_EVENTUALLY(test, chp_caller_waits(caller));
	chp_test_raise(&chore->open);
	CHP_EVENTUALLY(test, chp_caller_done(caller));
	KUNIT_EXPECT_EQ(test, caller->result, 0);
	KUNIT_EXPECT_EQ(test, chore->job.result, -EIO);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
}

static void a_wait_that_is_cancelled_leaves_the_job_alone(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_crew *crew = crew_of(test, 2, config);
	struct chp_chore *chore;
	struct chp_caller *caller;

	chore = chp_test_chores(test, crew, 1, chp_chore_own_gate);
	submit_all(test, crew, chore, 1);
	caller = chp_caller_start(test, group, &job_waiter,
				  chp_test_form(test), &chore->job, 0);
	CHP_EVENTUALLY(test, chp_caller_waits(caller));
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_pool_submit_job(NULL, crew->pool,
						  &chore->job), -EBUSY);
	chp_test_raise(&chore->open);
	KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chore->job), 0);
	KUNIT_EXPECT_EQ(test, chore->job.result, 0);
	chp_test_called_once(test, chore, 1);
}

static void a_job_that_is_done_can_be_submitted_again(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_crew *crew = crew_of(test, 2, config);
	struct chp_chore *chore;
	int i;

	chore = chp_test_chores(test, crew, 1, chp_chore_quick);
	for (i = 0; i < 100; i++) {
		submit_all(test, crew, chore, 1);
		KUNIT_ASSERT_EQ(test, chp_pool_job_wait(NULL, &chore->job), 0);
		KUNIT_ASSERT_EQ(test, atomic_read(&chore->calls), i + 1);
	}
}

struct fleeting {
	struct chp_pool_job job;
	atomic_t *gone;
};

static int fleeting_work(struct chp_ctx *ctx, void *arg)
{
	return 0;
}

static void fleeting_gone(struct chp_pool_job *job)
{
	struct fleeting *fleeting = container_of(job, struct fleeting, job);

	atomic_inc(fleeting->gone);
	kfree(fleeting);
}

static void a_job_may_free_itself_when_it_is_gone(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_crew *crew = crew_of(test, 3, config);
	struct fleeting *fleeting;
	atomic_t gone = ATOMIC_INIT(0);
	int i;

	for (i = 0; i < 100; i++) {
		fleeting = kzalloc(sizeof(*fleeting), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, fleeting);
		chp_pool_job_init(&fleeting->job, fleeting_work, NULL);
		fleeting->job.gone = fleeting_gone;
		fleeting->gone = &gone;
		KUNIT_EXPECT_EQ(test, chp_pool_submit_job(NULL, crew->pool,
							  &fleeting->job), 0);
	}
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&gone), 100);
}

static void a_submit_waits_for_a_place(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_crew *crew = crew_busy(test, 1, config);
	struct chp_caller *caller;
	struct chp_chore *chores;

	chores = chp_test_chores(test, crew, 3, chp_chore_quick);
	submit_all(test, crew, chores, 1);
	KUNIT_EXPECT_EQ(test, chp_pool_try_submit_job(crew->pool,
						      &chores[1].job), -EAGAIN);
	caller = chp_caller_start(test, group, &submitter,
				  chp_test_form(test), &chores[1], 0);
	CHP_EVENTUALLY(test, chp_caller_waits(caller));
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).submitters, 1);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).queued, 1);
	chp_test_raise(&crew->gate);
	CHP_EVENTUALLY(test, chp_caller_done(caller));
	KUNIT_EXPECT_EQ(test, caller->result, 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).submitters, 0);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, 2);
}

static void a_submit_that_is_cancelled_leaves_the_job_to_its_owner(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_crew *crew = crew_busy(test, 0, config);
	struct chp_pool_set *set = set_make(test);
	struct chp_caller *caller;
	struct chp_chore *chore;

	chore = chp_test_chores(test, crew, 1, chp_chore_quick);
	chore->job.set = set;
	caller = chp_caller_start(test, group, &submitter,
				  chp_test_form(test), chore, 0);
	CHP_EVENTUALLY(test, chp_caller_waits(caller));
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -ECANCELED);
	/* Neither it nor its set has anything to wait for. */
	KUNIT_EXPECT_EQ(test, chp_pool_set_wait(NULL, set), 0);
	KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chore->job), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).submitters, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&chore->calls), 0);
	chp_test_raise(&crew->gate);
	submit_all(test, crew, chore, 1);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chore, 1);
}

/* The pool is freed under them: they are told, and touch nothing of it. */
static void stop_tells_those_who_wait_for_a_place(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_crew *crew = crew_busy(test, 0, config);
	struct chp_caller *callers[10];
	struct chp_chore *chores;
	int i;

	chores = chp_test_chores(test, crew, 10, chp_chore_quick);
	for (i = 0; i < 10; i++) {
		callers[i] = chp_caller_start(test, group, &submitter,
					      chp_test_form(test), &chores[i],
					      0);
		CHP_EVENTUALLY(test, chp_caller_waits(callers[i]));
	}
	KUNIT_EXPECT_EQ(test, chp_crew_stop(crew), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, callers[i]->result, -EPIPE);
		KUNIT_EXPECT_EQ(test, atomic_read(&chores[i].calls), 0);
		KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chores[i].job),
				0);
	}
}

/* A task that does not wait for its place for ever. */
struct hasty {
	struct chp_task task;
	struct chp_timer timer;
	struct chp_chore *chore;
	bool parked;
	int result;
};

static int hasty_step(struct chp_task *task)
{
	struct hasty *hasty = container_of(task, struct hasty, task);
	int err;

	if (hasty->parked) {
		chp_timer_stop(&hasty->timer);
		hasty->result = chp_task_result(task);
		return 0;
	}
	err = chp_task_pool_submit(task, hasty->chore->crew->pool,
				   &hasty->chore->job);
	hasty->result = err;
	if (err != -EINPROGRESS)
		return 0;
	hasty->parked = true;
	chp_task_timeout(task, &hasty->timer, 100 * NSEC_PER_USEC, -ETIME);
	return err;
}

static int submit_hasty_task(struct kunit *test, struct chp_chore *chore)
{
	struct chp_group *group = chp_test_group(test, NULL);
	struct hasty *hasty = kunit_kzalloc(test, sizeof(*hasty), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, hasty);
	chp_test_group_finish(test, group);
	hasty->chore = chore;
	chp_timer_init(&hasty->timer);
	chp_task_init(&hasty->task, hasty_step, NULL);
	KUNIT_ASSERT_EQ(test, chp_task_start(&hasty->task, group), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	return hasty->result;
}

static int submit_hasty_thread(struct kunit *test, struct chp_chore *chore)
{
	struct chp_ctx *ctx = chp_ctx_with_timeout(NULL, 100 * NSEC_PER_USEC);

	chp_test_ctx_keep(test, ctx);
	return chp_pool_submit_job(ctx, chore->crew->pool, &chore->job);
}

static void the_time_for_a_place_is_limited_apart_from_the_work(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_crew *crew = crew_busy(test, 0, config);
	struct chp_chore *chore;
	int err;

	chore = chp_test_chores(test, crew, 1, chp_chore_quick);
	if (chp_test_form(test) == CHP_TASK)
		err = submit_hasty_task(test, chore);
	else
		err = submit_hasty_thread(test, chore);
	KUNIT_EXPECT_EQ(test, err, -ETIME);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).submitters, 0);
	chp_test_raise(&crew->gate);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&chore->calls), 0);
}

/* The context of the submit is not that of the work. */
static void the_end_of_the_submits_context_does_not_end_the_work(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct chp_crew *crew = crew_of(test, 1, config);
	struct chp_chore *chore;

	chore = chp_test_chores(test, crew, 1, chp_chore_own_gate);
	KUNIT_ASSERT_EQ(test, chp_pool_submit_job(ctx, crew->pool,
						  &chore->job), 0);
	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, chp_pool_submit_job(ctx, crew->pool,
						  &chore->job), -EBUSY);
	chp_test_raise(&chore->open);
	KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chore->job), 0);
	KUNIT_EXPECT_EQ(test, chore->job.result, 0);
	KUNIT_EXPECT_EQ(test, chp_pool_submit_job(ctx, crew->pool,
						  &chore->job), -ECANCELED);
	chp_test_called_once(test, chore, 1);
}

#define HOUR (3600 * (u64)NSEC_PER_SEC)

static void the_time_for_the_work_of_a_job_is_limited(struct kunit *test)
{
	struct chp_pool_config config = { .goes_on = true, .timeout = HOUR };
	struct chp_crew *crew = crew_of(test, 2, config);
	struct chp_chore *chores;
	struct chp_pool_stats stats;

	chores = chp_test_chores(test, crew, 2, chp_chore_until_end);
	chores[0].job.timeout = 100 * NSEC_PER_USEC;
	chores[1].job.fn = chp_chore_quick;
	submit_all(test, crew, chores, 2);
	KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chores[0].job), 0);
	KUNIT_EXPECT_EQ(test, chores[0].job.result, -ETIME);
	KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chores[1].job), 0);
	KUNIT_EXPECT_EQ(test, chores[1].job.result, 0);
	stats = chp_crew_stats(crew);
	KUNIT_EXPECT_EQ(test, stats.timeouts, 1);
	KUNIT_EXPECT_EQ(test, stats.failed, 0);
	KUNIT_EXPECT_EQ(test, stats.completed, 2);
	/* On a loaded machine the short time can be over before it begins. */
	KUNIT_EXPECT_LE(test, atomic_read(&crew->late), 1);
}

static void the_pool_has_a_time_limit_for_those_without(struct kunit *test)
{
	struct chp_pool_config config = {
		.goes_on = true,
		.timeout = 100 * NSEC_PER_USEC,
	};
	struct chp_crew *crew = crew_of(test, 3, config);
	struct chp_chore *chores;

	chores = chp_test_chores(test, crew, 3, chp_chore_until_end);
	chores[1].job.timeout = CHP_POOL_NO_TIMEOUT;
	chores[1].job.fn = chp_chore_own_gate;
	KUNIT_ASSERT_EQ(test, chp_pool_submit_job(NULL, crew->pool,
						  &chores[1].job), 0);
	KUNIT_ASSERT_EQ(test, chp_pool_submit_job(NULL, crew->pool,
						  &chores[0].job), 0);
	KUNIT_ASSERT_EQ(test, chp_pool_submit(NULL, crew->pool,
					      chp_chore_until_end, &chores[2]),
			0);
	KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chores[0].job), 0);
	KUNIT_EXPECT_EQ(test, chores[0].job.result, -ETIME);
	CHP_EVENTUALLY(test, chp_crew_stats(crew).timeouts == 2);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).completed, 2);
	chp_test_raise(&chores[1].open);
	KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chores[1].job), 0);
	KUNIT_EXPECT_EQ(test, chores[1].job.result, 0);
}

static void a_set_is_over_when_all_its_jobs_are(struct kunit *test)
{
	struct chp_pool_config config = { .goes_on = true };
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_crew *crew = crew_of(test, 3, config);
	struct chp_pool_set *set = set_make(test);
	struct chp_caller *caller;
	struct chp_chore *chores;
	int i;

	chores = chp_test_chores(test, crew, 5, chp_chore_own_gate);
	for (i = 0; i < 3; i++)
		chores[i].job.set = set;
	chores[1].err = -EIO;
	chores[2].err = -ENXIO;
	submit_all(test, crew, chores, 3);
	caller = chp_caller_start(test, group, &set_waiter,
				  chp_test_form(test), set, 0);
	for (i = 2; i >= 0; i--) {
		CHP_EVENTUALLY(test, chp_caller_waits(caller));
		chp_test_raise(&chores[i].open);
		KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chores[i].job),
				0);
	}
	CHP_EVENTUALLY(test, chp_caller_done(caller));
	KUNIT_EXPECT_EQ(test, caller->result, 0);
	KUNIT_EXPECT_EQ(test, set->err, -ENXIO);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

static void the_first_error_cancels_the_pool(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_crew *crew = crew_of(test, 2, config);
	struct chp_chore *chores;
	int i;

	chores = chp_test_chores(test, crew, 6, chp_chore_until_end);
	chores[1].job.fn = chp_chore_own_gate;
	chores[1].err = -EIO;
	submit_all(test, crew, chores, 6);
	CHP_EVENTUALLY(test, atomic_read(&crew->begun) == 2);
	chp_test_raise(&chores[1].open);
	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chores[i].job),
				0);
		KUNIT_EXPECT_EQ(test, chores[i].job.result,
				i == 1 ? -EIO : -ECANCELED);
	}
	KUNIT_EXPECT_EQ(test, chp_pool_submit(NULL, crew->pool,
					      chp_chore_quick, &chores[0]),
			-EPIPE);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).failed, 1);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).cancelled, 5);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->late), 4);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), -EIO);
	chp_test_called_once(test, chores, 6);
}

static void a_pool_may_go_on_after_an_error(struct kunit *test)
{
	struct chp_pool_config config = { .goes_on = true };
	struct chp_crew *crew = crew_of(test, 2, config);
	struct chp_pool_stats stats;
	struct chp_chore *chores;
	int i;

	chores = chp_test_chores(test, crew, 50, chp_chore_quick);
	for (i = 0; i < 50; i += 5)
		chores[i].err = -EIO;
	submit_all(test, crew, chores, 50);
	for (i = 0; i < 50; i++) {
		KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chores[i].job),
				0);
		KUNIT_EXPECT_EQ(test, chores[i].job.result, chores[i].err);
	}
	stats = chp_crew_stats(crew);
	KUNIT_EXPECT_EQ(test, stats.failed, 10);
	KUNIT_EXPECT_EQ(test, stats.completed, 50);
	KUNIT_EXPECT_EQ(test, stats.submitted, 50);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->late), 0);
}

/* What a stop makes of the jobs is no error of the pool. */
static void a_stopped_pool_has_no_error(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_crew *crew = crew_of(test, 2, config);
	struct chp_chore *chores;
	int i;

	chores = chp_test_chores(test, crew, 8, chp_chore_until_end);
	submit_all(test, crew, chores, 8);
	CHP_EVENTUALLY(test, atomic_read(&crew->begun) == 2);
	KUNIT_EXPECT_EQ(test, chp_crew_stop(crew), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->late), 6);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, chores[i].job.result, -ECANCELED);
	chp_test_called_once(test, chores, 8);
}

static void urgent_jobs_are_taken_first(struct kunit *test)
{
	struct chp_pool_config config = { .priorities = true };
	struct chp_crew *crew = crew_busy(test, 32, config);
	struct chp_chore *chores;
	int i, high = 0;

	chores = chp_test_chores(test, crew, 64, chp_chore_quick);
	for (i = 0; i < 64; i++)
		chores[i].job.prio = i < 32 ? CHP_PRIO_LOW : CHP_PRIO_HIGH;
	submit_all(test, crew, chores, 64);
	chp_test_raise(&crew->gate);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, 64);
	for (i = 1; i <= 32; i++)
		high += crew->log[i] >= 32;
	KUNIT_EXPECT_GE(test, high, 32 - 32 / CHP_POOL_FAIR - 1);
}

/* A high job that comes again and again, with no pause in between. */
static void flood_gone(struct chp_pool_job *job)
{
	struct chp_chore *chore = container_of(job, struct chp_chore, job);

	if (!chp_test_raised(&chore->crew->gate))
		chp_pool_try_submit_job(chore->crew->pool, job);
}

#define FLOOD 16
/* One: so what begins between is exactly what was taken before. */
#define FLOOD_WORKERS 1

struct ebb {
	struct chp_pool_job job;
	struct chp_chore *chore;
	int at;
};

static int ebb_work(struct chp_ctx *ctx, void *arg)
{
	struct ebb *ebb = arg;

	ebb->at = atomic_read(&ebb->chore->crew->begun);
	return 0;
}

static const enum chp_prio lower[] = { CHP_PRIO_NORMAL, CHP_PRIO_LOW };

static void prio_desc(const enum chp_prio *prio, char *desc)
{
	strscpy(desc, *prio == CHP_PRIO_LOW ? "low" : "normal",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(prio, lower, prio_desc);

static void a_flood_of_high_jobs_starves_nobody(struct kunit *test)
{
	enum chp_prio prio = *(const enum chp_prio *)test->param_value;
	struct chp_pool_config config = {
		.workers = FLOOD_WORKERS,
		.queue = 2 * FLOOD,
		.priorities = true,
	};
	struct chp_crew *crew = chp_test_crew(test, NULL, NULL, &config);
	struct chp_chore *flood;
	struct ebb *ebb = kunit_kzalloc(test, sizeof(*ebb), GFP_KERNEL);
	int i, before;

	KUNIT_ASSERT_NOT_NULL(test, ebb);
	flood = chp_test_chores(test, crew, FLOOD, chp_chore_nap);
	for (i = 0; i < FLOOD; i++) {
		flood[i].job.prio = CHP_PRIO_HIGH;
		flood[i].job.gone = flood_gone;
	}
	submit_all(test, crew, flood, FLOOD);
	ebb->chore = flood;
	for (i = 0; i < 100; i++) {
		chp_pool_job_init(&ebb->job, ebb_work, ebb);
		ebb->job.prio = prio;
		KUNIT_ASSERT_EQ(test, chp_pool_try_submit_job(crew->pool,
							      &ebb->job), 0);
		before = atomic_read(&crew->begun);
		KUNIT_ASSERT_EQ(test, chp_pool_job_wait(NULL, &ebb->job), 0);
		KUNIT_EXPECT_LE(test, ebb->at - before,
				CHP_POOL_FAIR + FLOOD_WORKERS);
	}
	chp_test_raise(&crew->gate);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
}

static void a_priority_that_the_pool_has_not_is_refused(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_crew *crew = crew_of(test, 1, config);
	struct chp_chore *chore;

	chore = chp_test_chores(test, crew, 1, chp_chore_quick);
	chore->job.prio = CHP_PRIO_HIGH;
	KUNIT_EXPECT_EQ(test, chp_pool_try_submit_job(crew->pool, &chore->job),
			-EINVAL);
	chore->job.prio = CHP_NR_PRIOS;
	KUNIT_EXPECT_EQ(test, chp_pool_submit_job(NULL, crew->pool,
						  &chore->job), -EINVAL);
	chore->job.prio = CHP_PRIO_NORMAL;
	chore->job.fn = NULL;
	KUNIT_EXPECT_EQ(test, chp_pool_submit_job(NULL, crew->pool,
						  &chore->job), -EINVAL);
	KUNIT_EXPECT_EQ(test, chp_pool_submit(NULL, crew->pool, NULL, NULL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, chp_pool_try_submit(crew->pool, NULL, NULL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&chore->calls), 0);
}

static void irq_submit(void *arg)
{
	struct chp_chore *chores = arg;
	int i;

	for (i = 0; i < 10; i++)
		chores[i].err = chp_pool_try_submit_job(chores->crew->pool,
							&chores[i].job);
}

static void a_hard_interrupt_may_submit_jobs(struct kunit *test)
{
	struct chp_pool_config config = { };
	struct chp_crew *crew = crew_of(test, 2, config);
	struct chp_pool_set *set = set_make(test);
	struct chp_chore *chores;
	int i;

	chores = chp_test_chores(test, crew, 10, chp_chore_gate);
	for (i = 0; i < 10; i++)
		chores[i].job.set = set;
	chp_test_in_hardirq(test, irq_submit, chores);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, chores[i].err, 0);
	chp_test_raise(&crew->gate);
	KUNIT_EXPECT_EQ(test, chp_pool_set_wait(NULL, set), 0);
	chp_test_called_once(test, chores, 10);
}

/* Results: a reader that does not wait for ever. */
static int take_result(struct chp_chan *ch, struct chp_pool_result *result)
{
	struct chp_ctx *ctx;
	int err;

	ctx = chp_ctx_with_timeout(NULL, CHP_PATIENCE_MS * NSEC_PER_MSEC);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	err = chp_recv(ctx, ch, result);
	chp_ctx_cancel(ctx);
	chp_ctx_put(ctx);
	return err;
}

static struct chp_chan *result_chan(struct kunit *test, unsigned int cap)
{
	return chp_test_chan(test, sizeof(struct chp_pool_result), cap);
}

static void each_job_has_a_result_and_then_they_are_closed(struct kunit *test)
{
	struct chp_chan *results = result_chan(test, 64);
	struct chp_pool_config config = {
		.goes_on = true,
		.workers = 3,
		.queue = 64,
		.results = results,
		.sleeps = chp_test_form(test) == CHP_THREAD,
	};
	struct chp_crew *crew = chp_test_crew(test, NULL, NULL, &config);
	struct chp_pool_result result;
	struct chp_chore *chores, *chore;
	int i;

	chores = chp_test_chores(test, crew, 60, chp_chore_nap);
	for (i = 0; i < 60; i++) {
		chores[i].err = -i;
		KUNIT_ASSERT_EQ(test, i % 2 ?
				chp_pool_submit_job(NULL, crew->pool,
						    &chores[i].job) :
				chp_pool_submit(NULL, crew->pool, chp_chore_nap,
						&chores[i]), 0);
	}
	chp_pool_close(crew->pool);
	for (i = 0; i < 60; i++) {
		KUNIT_ASSERT_EQ(test, take_result(results, &result), 0);
		chore = result.arg;
		KUNIT_EXPECT_EQ(test, result.err, chore->err);
		chore->open = !chore->open;
	}
	KUNIT_EXPECT_EQ(test, take_result(results, &result), -EPIPE);
	for (i = 0; i < 60; i++)
		KUNIT_EXPECT_TRUE(test, chores[i].open);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, 60);
}

static void results_come_in_order_though_jobs_finish_in_reverse(struct kunit *test)
{
	struct chp_chan *results = result_chan(test, 0);
	struct chp_pool_config config = {
		.goes_on = true,
		.ordered = true,
		.results = results,
	};
	struct chp_crew *crew = crew_of(test, 8, config);
	struct chp_pool_result result;
	struct chp_chore *chores;
	int i;

	chores = chp_test_chores(test, crew, 8, chp_chore_own_gate);
	submit_all(test, crew, chores, 8);
	for (i = 7; i >= 0; i--) {
		KUNIT_EXPECT_EQ(test, chp_try_recv(results, &result), -EAGAIN);
		chp_test_raise(&chores[i].open);
		KUNIT_EXPECT_EQ(test, chp_pool_job_wait(NULL, &chores[i].job),
				0);
	}
	for (i = 0; i < 8; i++) {
		KUNIT_ASSERT_EQ(test, take_result(results, &result), 0);
		KUNIT_EXPECT_PTR_EQ(test, result.arg, (void *)&chores[i]);
	}
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
}

static int submit_many(struct chp_ctx *ctx, void *arg)
{
	struct chp_chore *chores = arg;
	struct chp_crew *crew = chores->crew;
	unsigned long i;
	int err = 0;

	for (i = 0; i < chp_storm && !err; i++)
		err = chp_pool_submit_job(ctx, crew->pool, &chores[i].job);
	chp_pool_close(crew->pool);
	return err;
}

/* The order holds while workers come and go. */
static void results_stay_in_order_while_the_pool_is_resized(struct kunit *test)
{
	struct chp_chan *results = result_chan(test, 4);
	struct chp_pool_config config = {
		.workers = 4,
		.queue = 8,
		.ordered = true,
		.results = results,
		.sleeps = chp_test_form(test) == CHP_THREAD,
	};
	struct chp_crew *crew = chp_test_crew(test, NULL, NULL, &config);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_pool_result result;
	unsigned long i, wrong = 0;
	struct chp_chore *chores;

	chores = chp_test_chores(test, crew, chp_storm, chp_chore_nap);
	chp_test_group_finish(test, group);
	KUNIT_ASSERT_EQ(test, chp_go(group, "submit", submit_many, chores), 0);
	for (i = 0; i < chp_storm; i++) {
		if (i % 32 == 0)
			KUNIT_EXPECT_EQ(test, chp_pool_resize(crew->pool,
							      1 + i / 32 % 13),
					0);
		KUNIT_ASSERT_EQ(test, take_result(results, &result), 0);
		wrong += result.arg != &chores[i];
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, take_result(results, &result), -EPIPE);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, chp_storm);
}

static const bool orders[] = { false, true };

static void order_desc(const bool *ordered, char *desc)
{
	strscpy(desc, *ordered ? "ordered" : "unordered",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static void stop_does_not_wait_for_a_reader(struct kunit *test)
{
	struct chp_chan *results = result_chan(test, 1);
	struct chp_pool_config config = {
		.ordered = *(const bool *)test->param_value,
		.results = results,
	};
	struct chp_crew *crew = crew_of(test, 3, config);
	struct chp_pool_result result;
	struct chp_chore *chores;

	chores = chp_test_chores(test, crew, 10, chp_chore_quick);
	submit_all(test, crew, chores, 10);
	/* One result is in the buffer, three are in the workers' hands. */
	CHP_EVENTUALLY(test, atomic_read(&crew->ended) == 4);
	KUNIT_EXPECT_EQ(test, chp_crew_stats(crew).busy, 3);
	KUNIT_EXPECT_EQ(test, chp_crew_stop(crew), 0);
	chp_test_called_once(test, chores, 10);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->late), 6);
	KUNIT_EXPECT_EQ(test, take_result(results, &result), 0);
	KUNIT_EXPECT_EQ(test, take_result(results, &result), -EPIPE);
}

static void a_reader_that_closes_does_not_stop_the_work(struct kunit *test)
{
	struct chp_chan *results = result_chan(test, 0);
	struct chp_pool_config config = {
		.ordered = *(const bool *)test->param_value,
		.results = results,
	};
	struct chp_crew *crew = crew_of(test, 3, config);
	struct chp_chore *chores;

	chores = chp_test_chores(test, crew, 10, chp_chore_quick);
	submit_all(test, crew, chores, 10);
	KUNIT_EXPECT_EQ(test, chp_close(results), 0);
	KUNIT_EXPECT_EQ(test, chp_crew_drain(crew), 0);
	chp_test_called_once(test, chores, 10);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->late), 0);
}

static void a_wrong_config_is_refused(struct kunit *test)
{
	struct chp_chan *results = result_chan(test, 0);
	struct chp_pool_config configs[] = {
		{ .workers = 0 },
		{ .workers = CHP_WORKERS_MAX + 1 },
		{ .workers = 1, .queue = CHP_CAP_MAX + 1 },
		{ .workers = 1, .ordered = true },
		{ .workers = 1, .ordered = true, .priorities = true,
		  .results = results },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(configs); i++)
		KUNIT_EXPECT_PTR_EQ(test,
				    chp_pool_alloc_config(NULL, &configs[i]),
				    ERR_PTR(-EINVAL));
	KUNIT_EXPECT_EQ(test, chp_close(results), 0);
}

static struct kunit_case pool_job_cases[] = {
	KUNIT_CASE_PARAM(a_job_is_waited_for_and_tells_its_result,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_wait_that_is_cancelled_leaves_the_job_alone,
			 form_gen_params),
	KUNIT_CASE(a_job_that_is_done_can_be_submitted_again),
	KUNIT_CASE(a_job_may_free_itself_when_it_is_gone),
	KUNIT_CASE_PARAM(a_submit_waits_for_a_place, form_gen_params),
	KUNIT_CASE_PARAM(a_submit_that_is_cancelled_leaves_the_job_to_its_owner,
			 form_gen_params),
	KUNIT_CASE_PARAM(stop_tells_those_who_wait_for_a_place,
			 form_gen_params),
	KUNIT_CASE_PARAM(the_time_for_a_place_is_limited_apart_from_the_work,
			 form_gen_params),
	KUNIT_CASE(the_end_of_the_submits_context_does_not_end_the_work),
	KUNIT_CASE(the_time_for_the_work_of_a_job_is_limited),
	KUNIT_CASE(the_pool_has_a_time_limit_for_those_without),
	KUNIT_CASE_PARAM(a_set_is_over_when_all_its_jobs_are, form_gen_params),
	KUNIT_CASE(the_first_error_cancels_the_pool),
	KUNIT_CASE(a_pool_may_go_on_after_an_error),
	KUNIT_CASE(a_stopped_pool_has_no_error),
	KUNIT_CASE(urgent_jobs_are_taken_first),
	KUNIT_CASE_PARAM(a_flood_of_high_jobs_starves_nobody, prio_gen_params),
	KUNIT_CASE(a_priority_that_the_pool_has_not_is_refused),
	KUNIT_CASE(a_hard_interrupt_may_submit_jobs),
	KUNIT_CASE_PARAM(each_job_has_a_result_and_then_they_are_closed,
			 form_gen_params),
	KUNIT_CASE(results_come_in_order_though_jobs_finish_in_reverse),
	KUNIT_CASE_PARAM(results_stay_in_order_while_the_pool_is_resized,
			 form_gen_params),
	KUNIT_CASE_PARAM(stop_does_not_wait_for_a_reader, order_gen_params),
	KUNIT_CASE_PARAM(a_reader_that_closes_does_not_stop_the_work,
			 order_gen_params),
	KUNIT_CASE(a_wrong_config_is_refused),
	{}
};

struct kunit_suite chp_pool_job_suite = {
	.name = "chanpat_pool_job",
	.init = chp_test_init,
	.test_cases = pool_job_cases,
};
