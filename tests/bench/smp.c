// SPDX-License-Identifier: GPL-2.0
/*
 * Pairs of tasks, as many as there are CPUs: one of a pair only sends, the other
 * only receives, each pair over a channel of its own, or all over the same one.
 * Nobody says which task runs where.
 *
 * Here the clock is the wall's. One operation: an element passes; so with twice
 * the CPUs it would be half, if nothing were shared.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/group.h>
#include <chanpat/task.h>
#include "bench.h"

/* Elements of a pair. */
#define SMP_ELEMS 50000

/* One of a pair. */
struct half {
	struct chp_task task;
	struct chp_chan *ch;
	unsigned int left;
	u64 value;
};

static int send_step(struct chp_task *task)
{
	struct half *half = container_of(task, struct half, task);
	int err = chp_task_result(task);

	while (!err && half->left) {
		half->left--;
		err = chp_task_send(task, half->ch, &half->value);
	}
	return err;
}

static int recv_step(struct chp_task *task)
{
	struct half *half = container_of(task, struct half, task);
	int err = chp_task_result(task);

	while (!err && half->left) {
		half->left--;
		err = chp_task_recv(task, half->ch, &half->value);
	}
	return err;
}

/* What is measured: @name is that of the case without the number of CPUs. */
struct smp_case {
	const char *name;
	unsigned int cap;
	bool shared;
};

static s64 halves_run(struct half *halves, unsigned int n)
{
	struct chp_group group;
	int err = chp_group_init(&group, NULL);
	unsigned int i;
	u64 took;

	if (err)
		return err;
	took = ktime_get_ns();
	for (i = 0; i < n; i++)
		chp_task_start(&halves[i].task, &group);
	err = chp_group_wait(&group);
	return err ?: ktime_get_ns() - took;
}

/* Each has its own reference. */
static struct chp_chan *half_channel(const struct smp_case *smp,
				     struct half *halves, unsigned int i)
{
	unsigned int with = smp->shared ? 0 : i / 2 * 2;

	if (i != with)
		return chp_chan_get(halves[with].ch);
	return chp_chan_alloc(sizeof(u64), smp->cap, "bench");
}

static s64 smp_once(const struct smp_case *smp, struct half *halves,
		    unsigned int n)
{
	unsigned int i;
	s64 took;

	for (i = 0; i < n; i++) {
		halves[i].ch = half_channel(smp, halves, i);
		if (IS_ERR(halves[i].ch))
			break;
		halves[i].left = SMP_ELEMS;
		chp_task_init(&halves[i].task, i % 2 ? recv_step : send_step,
			      NULL);
	}
	took = i == n ? halves_run(halves, n) : -ENOMEM;
	while (i--)
		chp_chan_put(halves[i].ch);
	return took;
}

static void smp_report(struct seq_file *m, const struct smp_case *smp)
{
	unsigned int i, cpus = num_online_cpus();
	struct spread spread = {};
	struct half *halves = kcalloc(2 * cpus, sizeof(*halves), GFP_KERNEL);
	s64 took = halves ? 0 : -ENOMEM;

	for (i = 0; i < BENCH_REPEATS && took >= 0; i++) {
		took = smp_once(smp, halves, 2 * cpus);
		bench_spread_add(&spread, took);
	}
	kfree(halves);
	if (took < 0)
		seq_printf(m, "error chanpat %s %lld\n", smp->name, took);
	else
		bench_report(m, "chanpat", "ns", &spread, SMP_ELEMS * cpus,
			     "%s_%u", smp->name, cpus);
}

void compare_cpus(struct seq_file *m)
{
	static const struct smp_case cases[] = {
		{ "smp_pairs_unbuffered", 0, false },
		{ "smp_pairs_buffered", 100, false },
		{ "smp_shared_unbuffered", 0, true },
		{ "smp_shared_buffered", 100, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		smp_report(m, &cases[i]);
}
