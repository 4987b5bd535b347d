// SPDX-License-Identifier: GPL-2.0
/* Shares: their weight and who pays. How they take turns is ready.c's. */
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/prio.h>
#include "../compat.h"
#include "exec.h"
#include "live.h"
#include "share.h"

static DEFINE_PER_CPU(struct chp_share_cpu, share_root_cpu);

struct chp_share chp_share_root = {
	.cpu = &share_root_cpu,
	.cost = CHP_SHARE_COST,
};

/* As for processes: each step makes a quarter of a difference. */
static unsigned int share_cost(int nice)
{
	unsigned int cost = CHP_SHARE_COST;

	while (nice-- > 0)
		cost += cost / 4;
	return cost;
}

static void share_init_cpus(struct chp_share *share)
{
	struct chp_share_cpu *sc;
	int cpu;

	for_each_possible_cpu(cpu) {
		sc = per_cpu_ptr(share->cpu, cpu);
		INIT_LIST_HEAD(&sc->tasks);
		RB_CLEAR_NODE(&sc->waits);
		sc->share = share;
	}
}

/* Before the executor begins. */
void chp_shares_init(void)
{
	share_init_cpus(&chp_share_root);
}

/**
 * chp_share_init() - make a share
 * @share: the caller's; see chp_share_exit()
 * @nice: from 0, a whole part, to MAX_NICE, hardly any
 * @memcg: pays for what is allocated; a reference that the share takes over, or
 *	lets go of when it cannot be made; may be NULL
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int chp_share_init(struct chp_share *share, int nice, struct mem_cgroup *memcg)
{
	share->cpu = alloc_percpu_gfp(struct chp_share_cpu, GFP_KERNEL_ACCOUNT);
	if (!share->cpu) {
		mem_cgroup_put(memcg);
		return -ENOMEM;
	}
	share_init_cpus(share);
	share->memcg = memcg;
	atomic_set(&share->groups, 0);
	chp_share_set_nice(share, nice);
	chp_live_inc(CHP_KIND_SHARE);
	return 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_share_init);

/**
 * chp_share_exit() - let go of a share
 * @share: all its groups have been waited for
 *
 * Context: may sleep.
 */
void chp_share_exit(struct chp_share *share)
{
	WARN_ON_ONCE(atomic_read(&share->groups));
	chp_exec_forget(share);
	free_percpu(share->cpu);
	mem_cgroup_put(share->memcg);
	chp_live_dec(CHP_KIND_SHARE);
}
EXPORT_SYMBOL_CHP_TESTS(chp_share_exit);

/**
 * chp_share_set_nice() - change what a share is worth
 * @share: the share
 * @nice: from 0 to MAX_NICE; others become the nearest of these
 *
 * What its tasks use from now on is counted so. Threads that have begun keep
 * the nice value that they began with.
 *
 * Context: any.
 */
void chp_share_set_nice(struct chp_share *share, int nice)
{
	nice = clamp(nice, 0, MAX_NICE);
	/* Read without a lock where time is counted, and where threads begin. */
	WRITE_ONCE(share->nice, nice);
	WRITE_ONCE(share->cost, share_cost(nice));
}
EXPORT_SYMBOL_CHP_TESTS(chp_share_set_nice);

/* The calling thread runs for @share, which may be gone when that is over. */
void chp_share_worker_begin(struct chp_share_worker *worker,
			    const struct chp_share *share)
{
	worker->nice = task_nice(current);
	worker->memcg = set_active_memcg(share->memcg);
	set_user_nice(current, READ_ONCE(share->nice));
}

void chp_share_worker_end(const struct chp_share_worker *worker)
{
	set_active_memcg(worker->memcg);
	set_user_nice(current, worker->nice);
}

/**
 * chp_share_memcg_of_current() - who pays for the calling process
 *
 * Context: process context.
 * Return: a reference for chp_share_init(); NULL without memory cgroups.
 */
struct mem_cgroup *chp_share_memcg_of_current(void)
{
	return get_mem_cgroup_from_mm(current->mm);
}
EXPORT_SYMBOL_CHP_TESTS(chp_share_memcg_of_current);
