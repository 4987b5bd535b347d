// SPDX-License-Identifier: GPL-2.0
/* Operations with branches: merge and tee. What they do is in graph.c. */
#include "op.h"

const struct chp_op chp_op_merge = {
	.desc = {
		.name = "merge",
		.help = "what several jobs make: merge { JOB ; JOB ... }",
		.flags = CHP_OP_SOURCE | CHP_OP_BRANCHES,
		.makes = CHP_T_ANY,
	},
};

const struct chp_op chp_op_tee = {
	.desc = {
		.name = "tee",
		.help = "every item to each branch, and what they make: tee { STAGES ; ... }",
		.flags = CHP_OP_BRANCHES,
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
	},
};
