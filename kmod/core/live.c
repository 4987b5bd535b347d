// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "chanpat: " fmt

#include <linux/cpumask.h>
#include <linux/printk.h>
#include "../compat.h"
#include "live.h"

DEFINE_PER_CPU(struct chp_live, chp_live);

static const char * const live_names[CHP_NR_KINDS] = {
	[CHP_KIND_CHAN] = "channels",
	[CHP_KIND_CTX] = "contexts",
	[CHP_KIND_GROUP] = "groups",
	[CHP_KIND_THREAD] = "threads",
	[CHP_KIND_TASK] = "tasks",
	[CHP_KIND_STAGE] = "stages",
	[CHP_KIND_POOL] = "pools",
	[CHP_KIND_GENERATOR] = "generators",
	[CHP_KIND_MUX] = "muxes",
	[CHP_KIND_BUFFER] = "buffers",
	[CHP_KIND_JOB] = "jobs",
	[CHP_KIND_BYTES] = "byte_strings",
	[CHP_KIND_SESSION] = "sessions",
	[CHP_KIND_SHARE] = "shares",
	[CHP_KIND_USER] = "users",
};

const char *chp_live_name(enum chp_kind kind)
{
	return live_names[kind];
}

/* Exact when nothing is made or freed meanwhile, as at unload. */
long chp_live_count(enum chp_kind kind)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(chp_live, cpu).count[kind]);
	return sum;
}
EXPORT_SYMBOL_CHP_TESTS(chp_live_count);

void chp_live_report(void)
{
	enum chp_kind kind;

	for (kind = 0; kind < CHP_NR_KINDS; kind++) {
		long left = chp_live_count(kind);

		if (left)
			pr_err("leak: %s %ld\n", live_names[kind], left);
	}
}
