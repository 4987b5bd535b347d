// SPDX-License-Identifier: GPL-2.0
/*
 * The module: whoever reads /sys/kernel/debug/chanpat_bench runs all cases, and
 * gets a line for each:
 *
 *	WHO NAME UNIT MIN MAX
 *
 * per operation, in tenths of the unit, so that small figures are not rounded
 * away.
 */
#include <linux/array_size.h>
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/tick.h>
#include <chanpat/task.h>
#include <chanpat/import.h>
#include "../../kmod/compat.h"
#include "bench.h"

static char *only = "";
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "run the cases alone whose name begins so; NAME$ for one case");

static unsigned int times;
module_param(times, uint, 0444);
MODULE_PARM_DESC(times, "operations of a case, for who traces them; 0: enough to measure");

static char *who = "";
module_param(who, charp, 0444);
MODULE_PARM_DESC(who, "chanpat, or the name of a peer: the cases of that one alone");

static char *part = "";
module_param(part, charp, 0444);
MODULE_PARM_DESC(part, "operations, scale, or smp; the first two without");

static struct dentry *bench_file;

/*
 * Instructions so far. Where there is nothing to do the virtual clock jumps to
 * the next timer: that is no work, and does not count.
 */
u64 bench_clock(void)
{
	u64 idle;

	idle = get_cpu_idle_time_us(raw_smp_processor_id(), NULL);
	if (idle == U64_MAX)
		idle = 0;
	return ktime_get_ns() - idle * NSEC_PER_USEC;
}

void bench_spread_add(struct spread *spread, u64 took)
{
	if (!spread->max || took < spread->min)
		spread->min = took;
	spread->max = max(spread->max, took);
}

/*
 * What a case does between two operations, where it does something: as many
 * instructions as localWork() of the peer.
 */
noinline u64 bench_work(u64 value, unsigned int rounds)
{
	unsigned int i;

	for (i = 0; i < rounds; i++)
		value = value * 1103515245 + 12345;
	return value;
}

bool bench_wanted(const char *name)
{
	size_t len = strcspn(only, "$");

	return !strncmp(name, only, len) && (!only[len] || !name[len]);
}

void bench_report(struct seq_file *m, const char *who, const char *unit,
		  const struct spread *spread, unsigned int n,
		  const char *name, ...)
{
	va_list args;

	seq_printf(m, "%s ", who);
	va_start(args, name);
	seq_vprintf(m, name, args);
	va_end(args);
	seq_printf(m, " %s %llu %llu\n", unit,
		   DIV64_U64_ROUND_CLOSEST(spread->min * 10, n),
		   DIV64_U64_ROUND_CLOSEST(spread->max * 10, n));
}

static void bench_one(struct seq_file *m, const struct bench *original)
{
	struct bench copy = *original, *bench = &copy;
	struct spread spread = {};
	unsigned int i;
	s64 took;

	if (times)
		bench->n = times;
	for (i = 0; i < BENCH_REPEATS; i++) {
		took = bench->run(bench);
		if (took < 0) {
			seq_printf(m, "error %s %s %lld\n", bench->who,
				   bench->name, took);
			return;
		}
		bench_spread_add(&spread, took);
		cond_resched();
	}
	bench_report(m, bench->who, "instructions", &spread, bench->n, "%s",
		     bench->name);
}

static void bench_all(struct seq_file *m, const struct bench *bench)
{
	for (; bench->name; bench++)
		if (bench_wanted(bench->name) && strstarts(bench->who, who))
			bench_one(m, bench);
}

static bool part_wanted(const char *name, bool always)
{
	return *part ? !strcmp(part, name) : always;
}

static void show_operations(struct seq_file *m)
{
	static const struct bench *const benches[] = {
		chan_benches, ring_benches, make_benches, select_benches,
		select_task_benches, ctx_benches, sem_benches, task_benches,
		thread_benches, worker_benches, pattern_benches,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(benches); i++)
		bench_all(m, benches[i]);
}

static void show_scale(struct seq_file *m)
{
	struct spread size = {
		.min = sizeof(struct chp_task),
		.max = sizeof(struct chp_task),
	};

	compare_pool_fan(m);
	if (bench_wanted("scale_task_memory"))
		bench_report(m, "chanpat", "bytes", &size, 1,
			     "scale_task_memory");
	/* Before the tasks: what they leave in the page allocator would count. */
	scale_threads(m);
	scale_tasks(m);
	scale_growth(m);
}

static int bench_show(struct seq_file *m, void *unused)
{
	if (part_wanted("operations", true))
		show_operations(m);
	if (part_wanted("scale", true))
		show_scale(m);
	/* By the wall's clock, which is another one where there are several CPUs. */
	if (part_wanted("smp", false))
		compare_cpus(m);
	return 0;
}

/* All at once: a buffer that is too small would run everything again. */
static int bench_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, bench_show, NULL, SZ_64K);
}

static const struct file_operations bench_fops = {
	.owner = THIS_MODULE,
	.open = bench_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init bench_init(void)
{
	bench_file = debugfs_create_file("chanpat_bench", 0400, NULL, NULL,
					 &bench_fops);
	return PTR_ERR_OR_ZERO(bench_file);
}

static void __exit bench_exit(void)
{
	debugfs_remove(bench_file);
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("Benchmarks of chanpat");
MODULE_LICENSE("GPL");
CHP_IMPORT();
