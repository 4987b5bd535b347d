// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs, chanpat/: a look inside. Everything here is read under the locks of
 * the parts that are looked at, or without any, and costs nothing when nobody
 * looks.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include "../core/live.h"
#include "../dev/view.h"
#include "../jobs/op.h"
#include "../jobs/registry.h"
#include "debugfs.h"

static struct dentry *debugfs_dir;

static int stats_show(struct seq_file *m, void *data)
{
	enum chp_kind kind;

	for (kind = 0; kind < CHP_NR_KINDS; kind++)
		seq_printf(m, "%s %ld\n", chp_live_name(kind),
			   chp_live_count(kind));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int sessions_show(struct seq_file *m, void *data)
{
	chp_sessions_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sessions);

static int users_show(struct seq_file *m, void *data)
{
	chp_users_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(users);

static int jobs_show(struct seq_file *m, void *data)
{
	chp_jobs_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(jobs);

static int semaphores_show(struct seq_file *m, void *data)
{
	chp_semaphores_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(semaphores);

static int ops_show(struct seq_file *m, void *data)
{
	const struct chp_op_desc *op = NULL;
	char usage[80];

	chp_ops_lock();
	while ((op = chp_ops.next(&chp_ops, op))) {
		chp_op_usage(op, usage, sizeof(usage));
		seq_printf(m, "%-28s  %s\n", usage, op->help);
	}
	chp_ops_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ops);

/* As everywhere in the kernel: without debugfs the module works all the same. */
void chp_debugfs_init(void)
{
	debugfs_dir = debugfs_create_dir("chanpat", NULL);
	debugfs_create_file("stats", 0400, debugfs_dir, NULL, &stats_fops);
	debugfs_create_file("sessions", 0400, debugfs_dir, NULL,
			    &sessions_fops);
	debugfs_create_file("users", 0400, debugfs_dir, NULL, &users_fops);
	debugfs_create_file("jobs", 0400, debugfs_dir, NULL, &jobs_fops);
	debugfs_create_file("semaphores", 0400, debugfs_dir, NULL,
			    &semaphores_fops);
	debugfs_create_file("ops", 0400, debugfs_dir, NULL, &ops_fops);
}

void chp_debugfs_exit(void)
{
	debugfs_remove_recursive(debugfs_dir);
}
