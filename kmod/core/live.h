/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many objects of each kind are alive. The counts are zero when the module
 * is unloaded; what is left is reported by name as a leak.
 */
#ifndef CHP_CORE_LIVE_H
#define CHP_CORE_LIVE_H

#include <linux/percpu.h>

enum chp_kind {
	CHP_KIND_CHAN,
	CHP_KIND_CTX,
	CHP_KIND_GROUP,
	CHP_KIND_THREAD,
	CHP_KIND_TASK,
	CHP_KIND_STAGE,
	CHP_KIND_POOL,
	CHP_KIND_GENERATOR,
	CHP_KIND_MUX,
	CHP_KIND_BUFFER,
	CHP_KIND_JOB,
	CHP_KIND_BYTES,
	CHP_KIND_SESSION,
	CHP_KIND_SHARE,
	CHP_KIND_USER,
	CHP_NR_KINDS,
};

/* Per CPU: what is made on one and freed on another still adds up to zero. */
struct chp_live {
	long count[CHP_NR_KINDS];
};

DECLARE_PER_CPU(struct chp_live, chp_live);

static inline void chp_live_add(enum chp_kind kind, long n)
{
	this_cpu_add(chp_live.count[kind], n);
}

static inline void chp_live_inc(enum chp_kind kind)
{
	chp_live_add(kind, 1);
}

static inline void chp_live_dec(enum chp_kind kind)
{
	chp_live_add(kind, -1);
}

const char *chp_live_name(enum chp_kind kind);
long chp_live_count(enum chp_kind kind);
void chp_live_report(void);

#endif
