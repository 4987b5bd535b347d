// SPDX-License-Identifier: GPL-2.0
/* Named semaphores; see semaphore.h. */
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../compat.h"
#include "semaphore.h"
#include "spec.h"

/**
 * struct named_sem - a semaphore with a name
 * @node: in the session's list
 * @sem: the semaphore
 * @units: that it has
 * @users: stages of jobs that work with it
 * @name: its name
 */
struct named_sem {
	struct list_head node;
	struct chp_sem sem;
	u64 units;
	unsigned int users;
	char name[CHP_LABEL_MAX];
};

void chp_sems_init(struct chp_sems *sems)
{
	mutex_init(&sems->lock);
	INIT_LIST_HEAD(&sems->list);
	sems->n = 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_sems_init);

/* No stage works with them any more. */
void chp_sems_free(struct chp_sems *sems)
{
	struct named_sem *named, *next;

	list_for_each_entry_safe(named, next, &sems->list, node)
		kfree(named);
	INIT_LIST_HEAD(&sems->list);
	sems->n = 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_sems_free);

static struct named_sem *sems_find(struct chp_sems *sems, const char *name,
				   size_t len)
{
	struct named_sem *named;

	list_for_each_entry(named, &sems->list, node)
		if (strlen(named->name) == len && !memcmp(named->name, name, len))
			return named;
	return NULL;
}

/* Under the lock. */
static int sems_add(struct chp_sems *sems, const struct chp_arg *name,
		    u64 units)
{
	struct named_sem *named;

	if (sems->n == CHP_SEMS_MAX)
		return -EDQUOT;
	named = kzalloc(sizeof(*named), GFP_KERNEL_ACCOUNT);
	if (!named)
		return -ENOMEM;
	memcpy(named->name, name->bytes, name->len);
	named->units = units;
	chp_sem_init(&named->sem, units);
	list_add_tail(&named->node, &sems->list);
	sems->n++;
	return 0;
}

/* Under the lock. */
static int sems_remove(struct chp_sems *sems, struct named_sem *named)
{
	if (!named)
		return -ENOENT;
	if (named->users)
		return -EUSERS;
	list_del(&named->node);
	kfree(named);
	sems->n--;
	return 0;
}

static int sems_reject(struct chp_reject *why, int err)
{
	why->err = err;
	why->col = 1;
	switch (err) {
	case -EDQUOT:
		scnprintf(why->reason, sizeof(why->reason),
			  "a session has at most %d semaphores", CHP_SEMS_MAX);
		break;
	case -EUSERS:
		strscpy(why->reason, "a job works with the semaphore",
			sizeof(why->reason));
		break;
	case -ENOENT:
		strscpy(why->reason, "there is no such semaphore",
			sizeof(why->reason));
		break;
	default:
		strscpy(why->reason, "out of memory", sizeof(why->reason));
	}
	return err;
}

/**
 * chp_sems_set() - make a semaphore, change how many units one has, or remove it
 * @sems: of the session
 * @spec: of a line "sem NAME UNITS"
 * @why: filled after an error
 *
 * Units that are held stay so: when they are more than the new number, nobody
 * gets one until enough are back. One with 0 units is removed.
 *
 * Context: may sleep.
 * Return: 0, -EDQUOT or -ENOMEM; -EUSERS or -ENOENT where one is to be removed
 * that a job works with, or that there is not.
 */
int chp_sems_set(struct chp_sems *sems, const struct chp_spec *spec,
		 struct chp_reject *why)
{
	const struct chp_arg *name = &spec->stages[0].args[0];
	u64 units = spec->stages[0].args[1].num;
	struct named_sem *named;
	int err = 0;

	mutex_lock(&sems->lock);
	named = sems_find(sems, name->bytes, name->len);
	if (!units) {
		err = sems_remove(sems, named);
	} else if (named) {
		named->units = units;
		chp_sem_resize(&named->sem, units);
	} else {
		err = sems_add(sems, name, units);
	}
	mutex_unlock(&sems->lock);
	return err ? sems_reject(why, err) : 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_sems_set);

/**
 * chp_sems_get() - the semaphore of this name
 * @sems: of the session
 * @name: not ended by NUL
 * @len: of @name
 *
 * Context: may sleep.
 * Return: a semaphore that stays until chp_sems_put(), or NULL.
 */
struct chp_sem *chp_sems_get(struct chp_sems *sems, const char *name, size_t len)
{
	struct named_sem *named;

	mutex_lock(&sems->lock);
	named = sems_find(sems, name, len);
	if (named)
		named->users++;
	mutex_unlock(&sems->lock);
	return named ? &named->sem : NULL;
}
EXPORT_SYMBOL_CHP_TESTS(chp_sems_get);

/* Of its units none is held on behalf of who lets go of it; @sem may be NULL. */
void chp_sems_put(struct chp_sems *sems, struct chp_sem *sem)
{
	if (!sem)
		return;
	mutex_lock(&sems->lock);
	container_of(sem, struct named_sem, sem)->users--;
	mutex_unlock(&sems->lock);
}
EXPORT_SYMBOL_CHP_TESTS(chp_sems_put);

bool chp_sems_empty(struct chp_sems *sems)
{
	bool empty;

	mutex_lock(&sems->lock);
	empty = !sems->n;
	mutex_unlock(&sems->lock);
	return empty;
}

/* A line for each: its session, name, units, those that are held. */
void chp_sems_show(struct seq_file *m, struct chp_sems *sems, u32 session)
{
	struct named_sem *named;

	mutex_lock(&sems->lock);
	list_for_each_entry(named, &sems->list, node)
		seq_printf(m, "%u %s units=%llu held=%llu\n", session,
			   named->name, named->units,
			   chp_sem_held(&named->sem));
	mutex_unlock(&sems->lock);
}
