/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of jobs share: an owner of jobs that has no file, and jobs
 * from lines of the job language.
 */
#ifndef CHP_KUNIT_JOBS_H
#define CHP_KUNIT_JOBS_H

#include "../../kmod/jobs/job.h"
#include "../../kmod/jobs/quota.h"
#include "../../kmod/jobs/semaphore.h"
#include "helpers.h"

/**
 * struct chp_test_owner - an owner, which goes with the test
 * @owner: of its jobs
 * @sinks: theirs
 * @quota: theirs; it must be unused in the end
 * @sems: theirs
 * @limits: of lines
 * @jobs: that have not been let go
 * @next_id: of the next job
 * @sent: calls of the owner's function of that name
 * @rooms: likewise, of @room
 * @over: likewise
 * @ended: likewise
 * @test: the owner's
 */
struct chp_test_owner {
	struct chp_job_owner owner;
	struct chp_group sinks;
	struct chp_quota quota;
	struct chp_sems sems;
	struct chp_limits limits;
	struct list_head jobs;
	u32 next_id;
	atomic_t sent;
	atomic_t rooms;
	atomic_t over;
	atomic_t ended;
	struct kunit *test;
};

struct chp_test_owner *chp_test_owner(struct kunit *test, unsigned int cap);
struct chp_job *chp_test_create(struct chp_test_owner *o, const char *line,
				struct chp_reject *why);
struct chp_spec *chp_test_spec(struct chp_test_owner *o, const char *line);
struct chp_job *chp_test_job(struct chp_test_owner *o, const char *line);
void chp_test_forget(struct chp_job *job);

int chp_test_result(struct chp_test_owner *o, struct chp_result *result);
const char *chp_test_run(struct kunit *test, const char *line);
const char *chp_test_read(struct chp_test_owner *o, struct chp_job *job);

#endif
