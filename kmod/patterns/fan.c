// SPDX-License-Identifier: GPL-2.0
/*
 * Fans: stages with a worker for each element; see include/chanpat/fan.h. Who
 * hires them, and when, is stage.c's.
 */
#include <chanpat/fan.h>
#include "../compat.h"

/**
 * chp_fan_alloc() - make a fan
 * @config: copied
 * @elem_size: bytes of an element, on both sides
 * @in: where it receives
 * @out: where it sends, and what it closes; NULL for none
 *
 * Context: may sleep.
 * Return: a stage; ERR_PTR(-EINVAL) without an input, for a limit of more than
 * CHP_WORKERS_MAX, or for elements beyond CHP_ELEM_MAX; ERR_PTR(-ENOMEM).
 */
struct chp_stage *chp_fan_alloc(const struct chp_fan_config *config,
				size_t elem_size, struct chp_chan *in,
				struct chp_chan *out)
{
	const struct chp_stage_config stage = {
		.name = config->name,
		.ops = config->ops,
		.data = config->data,
		.workers = config->limit,
		.fan = true,
		.ordered = config->ordered,
		.sleeps = config->sleeps,
	};

	return chp_stage_alloc(&stage, elem_size, in, out);
}
EXPORT_SYMBOL_CHP(chp_fan_alloc);
