// SPDX-License-Identifier: GPL-2.0
/* The suites as a module: they run when it is loaded. */
#include <linux/module.h>
#include <chanpat/import.h>
#include "../../kmod/compat.h"
#include "helpers.h"
#include "suites.h"

unsigned long chp_storm = 4000;
module_param_named(storm, chp_storm, ulong, 0444);
MODULE_PARM_DESC(storm, "operations in each of the storms");

/* In the order in which the parts are built on each other. */
kunit_test_suites(&chp_cache_suite,
		  &chp_wait_suite,
		  &chp_ctx_suite,
		  &chp_chan_suite,
	&chp_batch_suite,
	&chp_short_suite,
		  &chp_timer_suite,
		  &chp_task_suite,
		  &chp_exec_suite,
		  &chp_ready_suite,
		  &chp_share_suite,
		  &chp_group_suite,
		  &chp_select_suite,
		  &chp_window_suite,
		  &chp_typed_suite,
		  &chp_sem_suite,
		  &chp_waitgroup_suite,
		  &chp_once_suite,
		  &chp_ticker_suite,
		  &chp_group_limit_suite,
		  &chp_detached_suite,
		  &chp_sleeper_suite,
		  &chp_examples_suite,
		  &chp_stage_suite,
		  &chp_staff_suite,
		  &chp_attempt_suite,
		  &chp_pieces_suite,
		  &chp_order_suite,
		  &chp_pipeline_suite,
		  &chp_row_suite,
		  &chp_maker_suite,
		  &chp_pool_suite,
		  &chp_fan_suite,
		  &chp_pool_job_suite,
		  &chp_pool_size_suite,
		  &chp_generator_suite,
		  &chp_mux_suite,
		  &chp_tee_suite,
		  &chp_or_suite,
		  &chp_buffer_suite,
		  &chp_programs_suite,
		  &chp_spec_suite,
		  &chp_quota_suite,
		  &chp_find_suite,
		  &chp_item_suite,
		  &chp_op_suite,
		  &chp_registry_suite,
		  &chp_file_suite,
		  &chp_many_items_suite,
		  &chp_job_suite,
		  &chp_charge_suite,
		  &chp_graph_suite,
		  &chp_chain_suite,
		  &chp_control_suite,
		  &chp_user_suite,
		  &chp_text_suite,
		  &chp_record_suite,
		  &chp_storm_suite,
		  &chp_select_storm_suite,
		  &chp_sieve_suite,
		  &chp_crowd_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suites of chanpat");
CHP_IMPORT();
