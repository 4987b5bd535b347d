/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Named semaphores: shared by the jobs of a session. One is made by a line, and
 * stays until another removes it, or the session goes; a stage holds a unit for
 * each item that it works on.
 */
#ifndef CHP_JOBS_SEMAPHORE_H
#define CHP_JOBS_SEMAPHORE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <chanpat/sem.h>

#define CHP_SEMS_MAX	64	/* of a session */

struct chp_reject;
struct chp_spec;
struct seq_file;

/**
 * struct chp_sems - the semaphores of a session
 * @lock: protects what follows
 * @list: of them
 * @n: how many
 */
struct chp_sems {
	struct mutex lock;	/* @list, @n */
	struct list_head list;
	unsigned int n;
};

void chp_sems_init(struct chp_sems *sems);
void chp_sems_free(struct chp_sems *sems);
int chp_sems_set(struct chp_sems *sems, const struct chp_spec *spec,
		 struct chp_reject *why);
struct chp_sem *chp_sems_get(struct chp_sems *sems, const char *name,
			     size_t len);
void chp_sems_put(struct chp_sems *sems, struct chp_sem *sem);
bool chp_sems_empty(struct chp_sems *sems);
void chp_sems_show(struct seq_file *m, struct chp_sems *sems, u32 session);

#endif
