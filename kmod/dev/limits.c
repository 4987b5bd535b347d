// SPDX-License-Identifier: GPL-2.0
/*
 * Limits, as module parameters. They are read when a line is parsed and when a
 * session is opened; a change counts from then on. A change to a value out of
 * range is refused.
 */
#include <linux/bits.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sysfs.h>
#include <chanpat/chan.h>
#include <chanpat/stage.h>
#include "limits.h"

struct chp_limits chp_limits = {
	.line = 4096,
	.stages = 32,
	.workers = 1024,
	.buf = 65536,
};

unsigned int chp_max_jobs = 64;
unsigned long chp_max_memory = 64UL << 20;

/* The number of a stage has to fit into an item. */
#define STAGES_MAX	256
#define LINE_MAX	BIT(20)

/* One parameter of type "limit": where it is kept, and the highest value. */
struct limit {
	unsigned int *value;
	unsigned int max;
};

static int limit_set(const char *val, const struct kernel_param *kp)
{
	const struct limit *limit = kp->arg;
	struct kernel_param number = { .arg = limit->value };

	return param_set_uint_minmax(val, &number, 1, limit->max);
}

static int limit_get(char *buf, const struct kernel_param *kp)
{
	const struct limit *limit = kp->arg;

	return sysfs_emit(buf, "%u\n", READ_ONCE(*limit->value));
}

static const struct kernel_param_ops limit_ops = {
	.set = limit_set,
	.get = limit_get,
};

static struct limit limit_line = { &chp_limits.line, LINE_MAX };
static struct limit limit_stages = { &chp_limits.stages, STAGES_MAX };
static struct limit limit_workers = { &chp_limits.workers, CHP_WORKERS_MAX };
static struct limit limit_buf = { &chp_limits.buf, CHP_CAP_MAX };
static struct limit limit_jobs = { &chp_max_jobs, CHP_JOBS_MAX };

module_param_cb(max_line, &limit_ops, &limit_line, 0644);
MODULE_PARM_DESC(max_line, "longest line in bytes (default 4096)");

module_param_cb(max_stages, &limit_ops, &limit_stages, 0644);
MODULE_PARM_DESC(max_stages, "stages of a job, the source included (default 32)");

module_param_cb(max_workers, &limit_ops, &limit_workers, 0644);
MODULE_PARM_DESC(max_workers, "workers of a stage (default 1024)");

module_param_cb(max_buf, &limit_ops, &limit_buf, 0644);
MODULE_PARM_DESC(max_buf, "capacity of a buffer in items (default 65536)");

module_param_cb(max_jobs, &limit_ops, &limit_jobs, 0644);
MODULE_PARM_DESC(max_jobs, "jobs of a session that run at a time (default 64)");

module_param_named(max_memory, chp_max_memory, ulong, 0644);
MODULE_PARM_DESC(max_memory, "bytes that a session may hold (default 64 MiB)");
