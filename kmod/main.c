// SPDX-License-Identifier: GPL-2.0
/* chanpat: Go's concurrency patterns. Init and exit, nothing else. */
#define pr_fmt(fmt) "chanpat: " fmt

#include <linux/init.h>
#include <linux/module.h>
#include "compat.h"
#include "core/exec.h"
#include "core/live.h"

static int __init chanpat_init(void)
{
	return chp_exec_init();
}
module_init(chanpat_init);

static void __exit chanpat_exit(void)
{
	chp_exec_exit();
	chp_live_report();
}
module_exit(chanpat_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Go's concurrency patterns: channels, contexts, pools, pipelines");
