/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shares: whose the work is, and how much of a CPU it may take from others.
 *
 * The tasks of all groups of a share together get the time of a CPU that their
 * share's weight is worth against the other shares that have ready tasks there,
 * however many tasks there are and however long their steps take; see ready.h.
 * What they allocate is charged to the share's memory cgroup, and its threads
 * run with its nice value.
 *
 * Steps that may sleep are on workers of their own, between which the scheduler
 * decides: these run with the share's nice value too. How many of them a share
 * has at work is not bounded but by the workqueue.
 *
 * Each CPU is shared on its own. A share whose tasks are all on one CPU gets
 * nothing of the others as long as these have work; idle CPUs take from all.
 */
#ifndef CHP_CORE_SHARE_H
#define CHP_CORE_SHARE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/rbtree.h>

struct chp_share;
struct mem_cgroup;

/**
 * struct chp_share_cpu - the ready tasks of a share on a CPU
 * @tasks: in the order in which they run
 * @len: how many there are
 * @waits: among the shares that wait for their turn; or RB_EMPTY_NODE()
 * @used: what it has used of the CPU, in nanoseconds of a share of nice 0
 * @share: whose they are
 *
 * All under the lock of the CPU's queue.
 */
struct chp_share_cpu {
	struct list_head tasks;
	unsigned int len;
	struct rb_node waits;
	u64 used;
	struct chp_share *share;
};

/**
 * struct chp_share - a claim on the executor
 * @cpu: its part of each CPU's queue
 * @cost: what time costs it, in units of 1/CHP_SHARE_COST; the inverse weight
 * @nice: of its threads
 * @memcg: pays for its memory, and is held; NULL for nobody
 * @groups: that belong to it and have not been waited for
 */
struct chp_share {
	struct chp_share_cpu __percpu *cpu;
	unsigned int cost;
	int nice;
	struct mem_cgroup *memcg;
	atomic_t groups;
};

/* What time costs a share of nice 0. */
#define CHP_SHARE_COST 1024

/* For the groups that have been given no share. */
extern struct chp_share chp_share_root;

/* How somebody ran before it began to work for a share. */
struct chp_share_worker {
	struct mem_cgroup *memcg;
	int nice;
};

void chp_share_worker_begin(struct chp_share_worker *worker,
			    const struct chp_share *share);
void chp_share_worker_end(const struct chp_share_worker *worker);

void chp_shares_init(void);
int chp_share_init(struct chp_share *share, int nice, struct mem_cgroup *memcg);
void chp_share_exit(struct chp_share *share);
void chp_share_set_nice(struct chp_share *share, int nice);
struct mem_cgroup *chp_share_memcg_of_current(void);

#endif
