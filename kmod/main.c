// SPDX-License-Identifier: GPL-2.0
/* chanpat: Go's concurrency patterns. Init and exit, nothing else. */
#include <linux/init.h>
#include <linux/module.h>
#include "compat.h"
#include "core/cache.h"
#include "core/ctx.h"
#include "core/exec.h"
#include "core/live.h"
#include "core/select.h"
#include "dev/device.h"
#include "dev/session.h"
#include "obs/debugfs.h"

static int __init chanpat_init(void)
{
	int err;

	chp_ctx_init();
	chp_select_init();
	err = chp_exec_init();
	if (err)
		return err;
	err = chp_sessions_init();
	if (err)
		goto exit_exec;
	err = chp_device_init();
	if (err)
		goto exit_sessions;
	chp_debugfs_init();
	return 0;
exit_sessions:
	chp_sessions_exit();
exit_exec:
	chp_exec_exit();
	chp_cache_exit();
	return err;
}
module_init(chanpat_init);

static void __exit chanpat_exit(void)
{
	chp_debugfs_exit();
	chp_device_exit();
	chp_sessions_exit();
	chp_ctx_exit();
	chp_exec_exit();
	chp_cache_exit();
	chp_live_report();
}
module_exit(chanpat_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Go's concurrency patterns: channels, contexts, pools, pipelines");
