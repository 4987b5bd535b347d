// SPDX-License-Identifier: GPL-2.0
/* Control lines: what is said to a job that runs, and to its semaphores. */
#include <linux/string.h>
#include "../../kmod/jobs/input.h"
#include "jobs.h"
#include "suites.h"

static int push(struct chp_test_owner *o, struct chp_job *job, const char *line,
		struct chp_reject *why)
{
	*why = (struct chp_reject){ };
	return chp_input_push(job, chp_test_spec(o, line), why);
}

static int end_input(struct chp_test_owner *o, struct chp_job *job,
		     struct chp_reject *why)
{
	*why = (struct chp_reject){ };
	return chp_input_end(job, chp_test_spec(o, "end 1")->label_col, why);
}

static int resize(struct chp_test_owner *o, struct chp_job *job,
		  const char *line, struct chp_reject *why)
{
	*why = (struct chp_reject){ };
	return chp_job_resize(job, chp_test_spec(o, line), 1024, why);
}

static void what_is_pushed_goes_through_the_job(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "in | double");
	struct chp_reject why;

	KUNIT_EXPECT_EQ(test, push(o, job, "@1 1 2", &why), 0);
	KUNIT_EXPECT_EQ(test, push(o, job, "@1 a 3", &why), 0);
	KUNIT_EXPECT_EQ(test, end_input(o, job, &why), 0);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "2 4 EINVAL@1.3 6");
	/* Nobody waited for any. */
	KUNIT_EXPECT_EQ(test, atomic_read(&o->rooms), 0);
}

static void an_input_may_be_anywhere_in_a_merge(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "merge { gen 1 3 ; in } | sum");
	struct chp_reject why;

	KUNIT_EXPECT_EQ(test, push(o, job, "@1 10 20", &why), 0);
	KUNIT_EXPECT_EQ(test, end_input(o, job, &why), 0);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "36");
}

static void nothing_is_pushed_after_the_end(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "in");
	struct chp_reject why;

	KUNIT_EXPECT_EQ(test, end_input(o, job, &why), 0);
	KUNIT_EXPECT_EQ(test, push(o, job, "@1 1 a", &why), -EPIPE);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason,
			   "job \"1\" takes no more items");
	KUNIT_EXPECT_EQ(test, end_input(o, job, &why), -EPIPE);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "");
	KUNIT_EXPECT_EQ(test, push(o, job, "@1 1 a", &why), -EPIPE);
}

static void who_stops_early_takes_no_more(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "in | take 1");
	struct chp_reject why;

	KUNIT_EXPECT_EQ(test, push(o, job, "@1 7", &why), 0);
	/* The source notices with the next item. */
	push(o, job, "@1 8 b", &why);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "7");
	KUNIT_EXPECT_EQ(test, push(o, job, "@1 9 c", &why), -EPIPE);
}

static void only_a_job_with_input_takes_some(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "gen 1 inf | sleep 1h");
	struct chp_reject why;

	KUNIT_EXPECT_EQ(test, push(o, job, "@1 1", &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, why.col, 2);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason,
			   "job \"1\" does not begin with \"in\"");
	KUNIT_EXPECT_EQ(test, end_input(o, job, &why), -EINVAL);
}

/* Its stages are gone while its end is still to be read. */
static void nothing_is_said_to_a_job_that_has_ended(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "in | double");
	struct chp_reject why;

	chp_job_cancel(job);
	CHP_EVENTUALLY(test, atomic_read(&o->ended));
	KUNIT_EXPECT_EQ(test, push(o, job, "@1 1 a", &why), -EPIPE);
	KUNIT_EXPECT_EQ(test, end_input(o, job, &why), -EPIPE);
	KUNIT_EXPECT_EQ(test, resize(o, job, "workers 1 1 3", &why), -EPIPE);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
}

/* All values of a line, or none of them. */
static void a_line_that_does_not_fit_is_given_again_as_a_whole(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "in | sleep 1h");
	struct chp_item item = { };
	struct chp_reject why;
	int err, i;

	for (i = 0; i < 3000; i++) {
		err = push(o, job, "@1 1 2 3 a", &why);
		if (err)
			break;
	}
	KUNIT_EXPECT_EQ(test, err, -EBUSY);
	KUNIT_EXPECT_EQ(test, why.err, 0);
	KUNIT_EXPECT_GE(test, i, 512);
	for (i = chp_len(job->stages[0].input); i > 0; i--) {
		chp_item_drop(&item);
		chp_try_recv(job->stages[0].input, &item);
	}
	KUNIT_EXPECT_EQ(test, item.type, CHP_ITEM_BYTES);
	chp_item_drop(&item);
}

/* As many as there are places; they are pushed once more. */
static void fill_input(struct kunit *test, struct chp_job *job)
{
	struct chp_item *items = kunit_kcalloc(test, 2048, sizeof(*items),
					       GFP_KERNEL);
	struct chp_reject why = { };

	KUNIT_ASSERT_NOT_NULL(test, items);
	KUNIT_EXPECT_EQ(test, chp_input_push_items(job, items, 2048, &why), 0);
	KUNIT_EXPECT_EQ(test, chp_input_push_items(job, items, 2048, &why),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, chp_input_push_items(job, items, 2049, &why),
			-E2BIG);
}

static void who_waits_for_room_is_told_once_there_is_enough(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "in | count");
	struct chp_reject why;

	fill_input(test, job);
	CHP_EVENTUALLY(test, atomic_read(&o->rooms));
	KUNIT_EXPECT_EQ(test, chp_len(job->stages[0].input), 0);
	KUNIT_EXPECT_EQ(test, end_input(o, job, &why), 0);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "2048");
	KUNIT_EXPECT_EQ(test, atomic_read(&o->rooms), 1);
}

static void how_a_job_has_ended_is_known_before_it_is_read(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 2);
	struct chp_job *job = chp_test_job(o, "gen 1 2");

	CHP_EVENTUALLY(test, atomic_read(&o->over));
	KUNIT_EXPECT_TRUE(test, chp_job_is_over(job));
	KUNIT_EXPECT_EQ(test, job->status, CHP_JOB_OK);
	KUNIT_EXPECT_EQ(test, atomic_read(&o->ended), 0);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "1 2");
}

static void what_a_limit_lets_in_is_counted_for_pushed_items_too(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "limit=2 in | sleep 1h fan");
	struct chp_reject why;

	KUNIT_EXPECT_EQ(test, push(o, job, "@1 1 2 3 4 5", &why), 0);
	CHP_EVENTUALLY(test, chp_sem_held(&job->flight.sem) == 2);
}

static struct chp_sem *make_sem(struct chp_test_owner *o, const char *line)
{
	const struct chp_spec *spec = chp_test_spec(o, line);
	struct kunit *test = o->test;
	struct chp_reject why;

	KUNIT_ASSERT_EQ(test, chp_sems_set(&o->sems, spec, &why), 0);
	return chp_sems_get(&o->sems, "disk", 4);
}

static void a_semaphore_bounds_the_work_of_several_jobs(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_sem *disk = make_sem(o, "sem disk 3");
	struct chp_job *a, *b;

	KUNIT_ASSERT_NOT_NULL(test, disk);
	a = chp_test_job(o, "gen 1 inf | sleep 1h workers=2 sem=disk");
	b = chp_test_job(o, "gen 1 inf | sleep 1h workers=9 sem=disk");
	CHP_EVENTUALLY(test, chp_sem_held(disk) == 3);
	/* Its holders are cancelled, and others get what they held. */
	chp_job_cancel(a);
	CHP_EVENTUALLY(test, READ_ONCE(a->status) == CHP_JOB_CANCELLED);
	CHP_EVENTUALLY(test, chp_sem_held(disk) == 3);
	chp_job_cancel(b);
	CHP_EVENTUALLY(test, READ_ONCE(b->status) == CHP_JOB_CANCELLED);
	CHP_EVENTUALLY(test, !chp_sem_held(disk));
}

static void a_semaphore_can_be_resized(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_sem *disk = make_sem(o, "sem disk 1");
	struct chp_job *job;

	job = chp_test_job(o, "gen 1 inf | sleep 1h workers=9 sem=disk");
	CHP_EVENTUALLY(test, chp_sem_held(disk) == 1);
	KUNIT_EXPECT_PTR_EQ(test, make_sem(o, "sem disk 5"), disk);
	CHP_EVENTUALLY(test, chp_sem_held(disk) == 5);
	make_sem(o, "sem disk 2");
	KUNIT_EXPECT_EQ(test, chp_sem_held(disk), 5);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(disk, 1), -EAGAIN);
	chp_job_cancel(job);
	CHP_EVENTUALLY(test, !chp_sem_held(disk));
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(disk, 2), 0);
	KUNIT_EXPECT_EQ(test, chp_sem_release(disk, 2), 0);
}

static int remove_disk(struct chp_test_owner *o, struct chp_reject *why)
{
	*why = (struct chp_reject){ };
	return chp_sems_set(&o->sems, chp_test_spec(o, "sem disk 0"), why);
}

static void a_semaphore_is_removed_when_no_job_works_with_it(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_sem *disk = make_sem(o, "sem disk 2");
	struct chp_reject why;
	struct chp_job *job;

	chp_sems_put(&o->sems, disk);
	job = chp_test_job(o, "gen 1 2 | double sem=disk | sleep 1h sem=disk");
	KUNIT_EXPECT_EQ(test, remove_disk(o, &why), -EUSERS);
	KUNIT_EXPECT_STREQ(test, why.reason, "a job works with the semaphore");
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
	CHP_EVENTUALLY(test, !remove_disk(o, &why));
	KUNIT_EXPECT_EQ(test, remove_disk(o, &why), -ENOENT);
	/* A job that could not be made lets go of it, too. */
	chp_sems_put(&o->sems, make_sem(o, "sem disk 2"));
	job = chp_test_create(o, "gen 1 2 | div 0 sem=disk", &why);
	KUNIT_EXPECT_TRUE(test, IS_ERR(job));
	KUNIT_EXPECT_EQ(test, remove_disk(o, &why), 0);
}

static void a_semaphore_has_to_be_there(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_reject why;
	struct chp_job *job;

	job = chp_test_create(o, "gen 1 3 | double sem=disk", &why);
	KUNIT_EXPECT_PTR_EQ(test, job, ERR_PTR(-ENOENT));
	KUNIT_EXPECT_EQ(test, why.col, 22);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason,
			   "no semaphore \"disk\", a line such as sem disk 4 makes one");
}

static void a_session_has_a_bounded_number_of_semaphores(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_reject why;
	char line[32];
	int i;

	for (i = 0; i < CHP_SEMS_MAX; i++) {
		snprintf(line, sizeof(line), "sem s%d 1", i);
		KUNIT_ASSERT_EQ(test, chp_sems_set(&o->sems,
						   chp_test_spec(o, line),
						   &why), 0);
	}
	KUNIT_EXPECT_EQ(test, chp_sems_set(&o->sems,
					   chp_test_spec(o, "sem more 1"), &why),
			-EDQUOT);
	KUNIT_EXPECT_EQ(test, chp_sems_set(&o->sems,
					   chp_test_spec(o, "sem s3 9"), &why),
			0);
}

static struct chp_stage_stats stats_of(struct chp_job *job, unsigned int i)
{
	struct chp_stage_stats stats = {};

	chp_job_stage_stats(job, i, &stats);
	return stats;
}

static void a_stage_is_resized_while_it_works(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job = chp_test_job(o, "gen 1 inf | sleep 1h");
	struct chp_reject why;

	CHP_EVENTUALLY(test, stats_of(job, 1).busy == 1);
	KUNIT_EXPECT_EQ(test, resize(o, job, "workers 1 1 6", &why), 0);
	CHP_EVENTUALLY(test, stats_of(job, 1).busy == 6);
	chp_job_cancel(job);
	KUNIT_EXPECT_STREQ(test, chp_test_read(o, job), "-> cancelled");
	KUNIT_EXPECT_EQ(test, resize(o, job, "workers 1 1 6", &why), -EPIPE);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason, "the job has ended");
}

static void only_some_stages_can_be_resized(struct kunit *test)
{
	struct chp_test_owner *o = chp_test_owner(test, 16);
	struct chp_job *job;
	struct chp_reject why;

	job = chp_test_job(o, "merge { in ; gen 1 0 } | tee { double ; null } | count");
	KUNIT_EXPECT_EQ(test, resize(o, job, "workers 1 0 2", &why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason,
			   "stage 0 cannot have workers");
	KUNIT_EXPECT_EQ(test, resize(o, job, "workers 1 1 2", &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, resize(o, job, "workers 1 3 2", &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, resize(o, job, "workers 1 6 2", &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, resize(o, job, "workers 1 4 2", &why), 0);
	KUNIT_EXPECT_EQ(test, resize(o, job, "workers 1 4 1025", &why), -ERANGE);
	KUNIT_EXPECT_EQ(test, resize(o, job, "workers 1 7 2", &why), -ERANGE);
	KUNIT_EXPECT_STREQ(test, (const char *)why.reason,
			   "the last stage of the job is 6");
}

static struct kunit_case control_cases[] = {
	KUNIT_CASE(what_is_pushed_goes_through_the_job),
	KUNIT_CASE(an_input_may_be_anywhere_in_a_merge),
	KUNIT_CASE(nothing_is_pushed_after_the_end),
	KUNIT_CASE(who_stops_early_takes_no_more),
	KUNIT_CASE(only_a_job_with_input_takes_some),
	KUNIT_CASE(who_waits_for_room_is_told_once_there_is_enough),
	KUNIT_CASE(how_a_job_has_ended_is_known_before_it_is_read),
	KUNIT_CASE(nothing_is_said_to_a_job_that_has_ended),
	KUNIT_CASE(a_line_that_does_not_fit_is_given_again_as_a_whole),
	KUNIT_CASE(what_a_limit_lets_in_is_counted_for_pushed_items_too),
	KUNIT_CASE(a_semaphore_bounds_the_work_of_several_jobs),
	KUNIT_CASE(a_semaphore_can_be_resized),
	KUNIT_CASE(a_semaphore_is_removed_when_no_job_works_with_it),
	KUNIT_CASE(a_semaphore_has_to_be_there),
	KUNIT_CASE(a_session_has_a_bounded_number_of_semaphores),
	KUNIT_CASE(a_stage_is_resized_while_it_works),
	KUNIT_CASE(only_some_stages_can_be_resized),
	{}
};

struct kunit_suite chp_control_suite = {
	.name = "chanpat_control",
	.init = chp_test_init,
	.test_cases = control_cases,
};
