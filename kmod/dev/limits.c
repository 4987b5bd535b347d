// SPDX-License-Identifier: GPL-2.0
/*
 * Limits, as module parameters. They are read when a line is parsed and when a
 * session is opened; a change counts from then on, and takes nothing away. A
 * change to a value out of range is refused.
 *
 * What is too much for good in a line, or does not fit now for memory, tasks or
 * items, rejects it; a job too many waits. See user.h for the limits of users.
 */
#include <linux/bits.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sysfs.h>
#include <chanpat/chan.h>
#include <chanpat/stage.h>
#include "../compat.h"
#include "limits.h"

struct chp_limits chp_limits = {
	.line = 4096,
	.stages = 32,
	.workers = 1024,
	.buf = 65536,
};

unsigned int chp_max_jobs = 64;
unsigned long chp_max_memory = 64UL << 20;
unsigned int chp_max_tasks = 32768;
unsigned int chp_max_items = 4 << 20;

struct chp_user_limits chp_user_limits = {
	.sessions = 256,
	.jobs = 1024,
	.tasks = 65536,
	.items = 16 << 20,
	.memory = 256UL << 20,
};
EXPORT_SYMBOL_CHP_TESTS(chp_user_limits);

/* The number of a stage has to fit into an item. */
#define STAGES_MAX	256
#define LINE_MAX	BIT(20)
#define SESSIONS_MAX	BIT(20)
#define TASKS_MAX	BIT(30)
#define ITEMS_MAX	BIT(30)

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

/* Bytes: any number but 0. */
static int memory_set(const char *val, const struct kernel_param *kp)
{
	unsigned long bytes;
	int err = kstrtoul(val, 0, &bytes);

	if (!err && !bytes)
		err = -EINVAL;
	if (!err)
		WRITE_ONCE(*(unsigned long *)kp->arg, bytes);
	return err;
}

static const struct kernel_param_ops memory_ops = {
	.set = memory_set,
	.get = param_get_ulong,
};

static struct limit limit_line = { &chp_limits.line, LINE_MAX };
static struct limit limit_stages = { &chp_limits.stages, STAGES_MAX };
static struct limit limit_workers = { &chp_limits.workers, CHP_WORKERS_MAX };
static struct limit limit_buf = { &chp_limits.buf, CHP_CAP_MAX };
static struct limit limit_jobs = { &chp_max_jobs, CHP_JOBS_MAX };
static struct limit limit_tasks = { &chp_max_tasks, TASKS_MAX };
static struct limit limit_items = { &chp_max_items, ITEMS_MAX };
static struct limit limit_user_sessions = { &chp_user_limits.sessions,
					    SESSIONS_MAX };
static struct limit limit_user_jobs = { &chp_user_limits.jobs, CHP_JOBS_MAX };
static struct limit limit_user_tasks = { &chp_user_limits.tasks, TASKS_MAX };
static struct limit limit_user_items = { &chp_user_limits.items, ITEMS_MAX };

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

module_param_cb(max_memory, &memory_ops, &chp_max_memory, 0644);
MODULE_PARM_DESC(max_memory, "bytes that a session may hold (default 64 MiB)");

module_param_cb(max_tasks, &limit_ops, &limit_tasks, 0644);
MODULE_PARM_DESC(max_tasks, "workers of a session's jobs (default 32768)");

module_param_cb(max_items, &limit_ops, &limit_items, 0644);
MODULE_PARM_DESC(max_items, "items that a session's jobs have room for (default 4194304)");

module_param_cb(max_user_sessions, &limit_ops, &limit_user_sessions, 0644);
MODULE_PARM_DESC(max_user_sessions, "sessions of a user (default 256)");

module_param_cb(max_user_jobs, &limit_ops, &limit_user_jobs, 0644);
MODULE_PARM_DESC(max_user_jobs, "jobs of a user that run at a time (default 1024)");

module_param_cb(max_user_memory, &memory_ops, &chp_user_limits.memory, 0644);
MODULE_PARM_DESC(max_user_memory, "bytes that a user's sessions may hold (default 256 MiB)");

module_param_cb(max_user_tasks, &limit_ops, &limit_user_tasks, 0644);
MODULE_PARM_DESC(max_user_tasks, "workers of a user's jobs (default 65536)");

module_param_cb(max_user_items, &limit_ops, &limit_user_items, 0644);
MODULE_PARM_DESC(max_user_items, "items that a user's jobs have room for (default 16777216)");
