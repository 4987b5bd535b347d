/* SPDX-License-Identifier: GPL-2.0 */
/* The suites, one per noun, each in the file of that name. */
#ifndef CHP_KUNIT_SUITES_H
#define CHP_KUNIT_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite chp_wait_suite;
extern struct kunit_suite chp_ctx_suite;
extern struct kunit_suite chp_chan_suite;
extern struct kunit_suite chp_timer_suite;
extern struct kunit_suite chp_task_suite;
extern struct kunit_suite chp_exec_suite;
extern struct kunit_suite chp_group_suite;
extern struct kunit_suite chp_stage_suite;
extern struct kunit_suite chp_order_suite;
extern struct kunit_suite chp_pipeline_suite;
extern struct kunit_suite chp_pool_suite;
extern struct kunit_suite chp_item_suite;
extern struct kunit_suite chp_op_suite;
extern struct kunit_suite chp_job_suite;
extern struct kunit_suite chp_text_suite;
extern struct kunit_suite chp_storm_suite;
extern struct kunit_suite chp_spec_suite;

#endif
