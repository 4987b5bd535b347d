/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Users: what all sessions of a user in a user namespace have together.
 *
 * An account is made when a user's first session opens, and goes with the last.
 * It counts sessions, running jobs, bytes, tasks and items, each with a limit
 * that is a parameter of the module.
 *
 * As with the kernel's own ucounts, what happens in a user namespace counts for
 * who made it too, or else a user would get new limits with each namespace; but
 * not for root, whose containers have nothing to do with each other. So accounts
 * form a tree, up to that of a user in the initial namespace.
 *
 * As with RLIMIT_NPROC, a session of somebody with CAP_SYS_RESOURCE in the initial
 * namespace is counted, and never refused for its user's sake; its own limits
 * hold.
 *
 * Sessions and jobs are counted under the lock of the tree. A job that is one
 * too many waits, like one in a full session, until a job of the tree has ended;
 * what has to do with bytes, tasks and items is refused with -EDQUOT.
 */
#ifndef CHP_DEV_USER_H
#define CHP_DEV_USER_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include "../jobs/quota.h"

struct user_namespace;

/**
 * struct chp_user - an account
 * @node: in the list of accounts, under its lock
 * @uid: whose it is
 * @ns: where; holds a reference
 * @refs: sessions, and accounts whose parent it is; under the lock of the list
 * @parent: of who made @ns; NULL at the root of the tree
 * @root: of the tree
 * @sessions: open; under the lock of @root
 * @jobs: whose results have not all been sent; likewise
 * @bytes: what sessions hold, or have reserved
 * @tasks: likewise
 * @items: likewise
 * @lock: in the root: protects @sessions and @jobs of all accounts of the tree,
 *	@members and @waiting
 * @members: in the root: struct chp_member
 * @waiting: in the root: somebody was told that there is no place for a job
 */
struct chp_user {
	struct list_head node;
	kuid_t uid;
	struct user_namespace *ns;
	unsigned int refs;
	struct chp_user *parent;
	struct chp_user *root;
	unsigned int sessions;
	unsigned int jobs;
	struct chp_quota bytes;
	struct chp_quota tasks;
	struct chp_quota items;
	spinlock_t lock;	/* @sessions, @jobs, @members, @waiting */
	struct list_head members;
	bool waiting;
};

/**
 * struct chp_member - a session, as its user sees it
 * @node: in the tree's members
 * @user: the account
 * @exempt: it is counted and not refused
 * @tell: there may be a place for a job again; called under a spin lock
 */
struct chp_member {
	struct list_head node;
	struct chp_user *user;
	bool exempt;
	void (*tell)(struct chp_member *member);
};

int chp_user_join(struct chp_member *member, struct user_namespace *ns,
		  kuid_t uid);
void chp_user_leave(struct chp_member *member);

int chp_user_add_job(struct chp_member *member);
void chp_user_job_over(struct chp_member *member);
bool chp_user_has_place(struct chp_member *member);

void chp_users_each(void (*look)(struct chp_user *user, void *arg), void *arg);

#endif
