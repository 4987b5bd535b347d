/* SPDX-License-Identifier: GPL-2.0 */
/* The suites, one per noun, each in the file of that name. */
#ifndef CHP_KUNIT_SUITES_H
#define CHP_KUNIT_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite chp_cache_suite;
extern struct kunit_suite chp_wait_suite;
extern struct kunit_suite chp_ctx_suite;
extern struct kunit_suite chp_chan_suite;
extern struct kunit_suite chp_batch_suite;
extern struct kunit_suite chp_short_suite;
extern struct kunit_suite chp_timer_suite;
extern struct kunit_suite chp_task_suite;
extern struct kunit_suite chp_exec_suite;
extern struct kunit_suite chp_ready_suite;
extern struct kunit_suite chp_share_suite;
extern struct kunit_suite chp_group_suite;
extern struct kunit_suite chp_select_suite;
extern struct kunit_suite chp_window_suite;
extern struct kunit_suite chp_typed_suite;
extern struct kunit_suite chp_sem_suite;
extern struct kunit_suite chp_waitgroup_suite;
extern struct kunit_suite chp_once_suite;
extern struct kunit_suite chp_ticker_suite;
extern struct kunit_suite chp_group_limit_suite;
extern struct kunit_suite chp_detached_suite;
extern struct kunit_suite chp_sleeper_suite;
extern struct kunit_suite chp_examples_suite;
extern struct kunit_suite chp_stage_suite;
extern struct kunit_suite chp_staff_suite;
extern struct kunit_suite chp_attempt_suite;
extern struct kunit_suite chp_pieces_suite;
extern struct kunit_suite chp_order_suite;
extern struct kunit_suite chp_pipeline_suite;
extern struct kunit_suite chp_row_suite;
extern struct kunit_suite chp_maker_suite;
extern struct kunit_suite chp_pool_suite;
extern struct kunit_suite chp_fan_suite;
extern struct kunit_suite chp_pool_job_suite;
extern struct kunit_suite chp_pool_size_suite;
extern struct kunit_suite chp_generator_suite;
extern struct kunit_suite chp_mux_suite;
extern struct kunit_suite chp_tee_suite;
extern struct kunit_suite chp_or_suite;
extern struct kunit_suite chp_buffer_suite;
extern struct kunit_suite chp_programs_suite;
extern struct kunit_suite chp_quota_suite;
extern struct kunit_suite chp_find_suite;
extern struct kunit_suite chp_item_suite;
extern struct kunit_suite chp_op_suite;
extern struct kunit_suite chp_registry_suite;
extern struct kunit_suite chp_file_suite;
extern struct kunit_suite chp_many_items_suite;
extern struct kunit_suite chp_job_suite;
extern struct kunit_suite chp_charge_suite;
extern struct kunit_suite chp_graph_suite;
extern struct kunit_suite chp_chain_suite;
extern struct kunit_suite chp_control_suite;
extern struct kunit_suite chp_user_suite;
extern struct kunit_suite chp_text_suite;
extern struct kunit_suite chp_record_suite;
extern struct kunit_suite chp_storm_suite;
extern struct kunit_suite chp_select_storm_suite;
extern struct kunit_suite chp_sieve_suite;
extern struct kunit_suite chp_crowd_suite;
extern struct kunit_suite chp_spec_suite;

#endif
