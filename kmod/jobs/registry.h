/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations of other modules. Whoever looks at the set of operations holds its
 * lock; a line that was parsed under it holds those that it names.
 */
#ifndef CHP_JOBS_REGISTRY_H
#define CHP_JOBS_REGISTRY_H

#include "spec.h"

void chp_ops_lock(void);
void chp_ops_unlock(void);
const struct chp_op_desc *chp_registry_next(const struct chp_op_desc *prev);

int chp_ops_parse(const char *line, size_t len, const struct chp_limits *limits,
		  struct chp_spec **spec, struct chp_reject *why);
void chp_ops_free(struct chp_spec *spec);

#endif
