// SPDX-License-Identifier: GPL-2.0
/* Memory of small objects that have gone: where it comes from, and its end. */
#include <linux/cgroup.h>
#include <linux/cpumask.h>
#include <linux/memcontrol.h>
#include <linux/sched.h>
#include "cache.h"

DEFINE_PER_CPU(struct chp_cache, chp_cache);
EXPORT_PER_CPU_SYMBOL_CHP_TESTS(chp_cache);

/*
 * Nobody is charged for what the caller allocates. A task that is moved meanwhile
 * is as one that has allocated before.
 */
bool chp_cache_unpaid(void)
{
#ifdef CONFIG_MEMCG
	bool root;

	if (current->active_memcg)
		return false;
	if ((current->flags & PF_KTHREAD) || !current->mm)
		return true;
	rcu_read_lock();
	root = !task_css(current, memory_cgrp_id)->parent;
	rcu_read_unlock();
	return root;
#else
	return true;
#endif
}
EXPORT_SYMBOL_CHP_TESTS(chp_cache_unpaid);

static size_t cache_size(u8 shelf)
{
	return shelf > CHP_CACHE_STEPS ? CHP_CACHE_LARGE :
					 (size_t)shelf * CHP_CACHE_STEP;
}

/*
 * A block from the allocator. What is for a shelf is charged to nobody, whoever the
 * caller is meanwhile.
 */
void *chp_cache_refill(size_t size, u8 shelf)
{
	if (!shelf)
		return kvmalloc(size, GFP_KERNEL_ACCOUNT);
	return kmalloc(cache_size(shelf), GFP_KERNEL);
}
EXPORT_SYMBOL_CHP_TESTS(chp_cache_refill);

/* How many blocks are kept. Exact when nothing is made or freed meanwhile. */
unsigned int chp_cache_count(void)
{
	const struct chp_cache *cache;
	unsigned int i, n = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		cache = per_cpu_ptr(&chp_cache, cpu);
		for (i = 0; i < CHP_CACHE_SIZES; i++)
			n += READ_ONCE(cache->shelves[i].n);
	}
	return n;
}
EXPORT_SYMBOL_CHP_TESTS(chp_cache_count);

/* Frees all that is kept, after the last who could make or free anything. */
void chp_cache_exit(void)
{
	struct chp_cache *cache;
	struct chp_shelf *shelf;
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		cache = per_cpu_ptr(&chp_cache, cpu);
		for (i = 0; i < CHP_CACHE_SIZES; i++) {
			shelf = &cache->shelves[i];
			while (shelf->n)
				kfree(shelf->blocks[--shelf->n]);
		}
	}
}
EXPORT_SYMBOL_CHP_TESTS(chp_cache_exit);
