// SPDX-License-Identifier: GPL-2.0
/* Users; see user.h. */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include "../compat.h"
#include "../core/live.h"
#include "limits.h"
#include "user.h"

/* Protects the list, and how often each account in it is referred to. */
static DEFINE_MUTEX(users_lock);
static LIST_HEAD(users);

/* A change of a parameter counts from the next session or job on. */
static void user_read_limits(struct chp_user *user)
{
	for (; user; user = user->parent) {
		WRITE_ONCE(user->bytes.limit,
			   READ_ONCE(chp_user_limits.memory));
		WRITE_ONCE(user->tasks.limit, READ_ONCE(chp_user_limits.tasks));
		WRITE_ONCE(user->items.limit, READ_ONCE(chp_user_limits.items));
	}
}

static struct chp_user *user_alloc(struct user_namespace *ns, kuid_t uid,
				   struct chp_user *parent)
{
	struct chp_user *user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);

	if (!user)
		return NULL;
	user->uid = uid;
	user->ns = get_user_ns(ns);
	user->parent = parent;
	user->root = parent ? parent->root : user;
	chp_quota_init(&user->bytes, 0, parent ? &parent->bytes : NULL, 0);
	chp_quota_init(&user->tasks, 0, parent ? &parent->tasks : NULL, 0);
	chp_quota_init(&user->items, 0, parent ? &parent->items : NULL, 0);
	spin_lock_init(&user->lock);
	INIT_LIST_HEAD(&user->members);
	list_add_tail(&user->node, &users);
	chp_live_inc(CHP_KIND_USER);
	return user;
}

static void user_put(struct chp_user *user)
{
	struct chp_user *parent;

	lockdep_assert_held(&users_lock);
	for (; user && !--user->refs; user = parent) {
		parent = user->parent;
		WARN_ON_ONCE(atomic64_read(&user->bytes.used) ||
			     atomic64_read(&user->tasks.used) ||
			     atomic64_read(&user->items.used));
		list_del(&user->node);
		put_user_ns(user->ns);
		kfree(user);
		chp_live_dec(CHP_KIND_USER);
	}
}

static struct chp_user *user_find(struct user_namespace *ns, kuid_t uid)
{
	struct chp_user *user;

	list_for_each_entry(user, &users, node)
		if (user->ns == ns && uid_eq(user->uid, uid))
			return user;
	return NULL;
}

/* Who made the namespace counts along; root does not. */
static bool user_has_parent(const struct user_namespace *ns)
{
	return ns->parent && !uid_eq(ns->owner, GLOBAL_ROOT_UID);
}

/* With a reference. Namespaces are nested 32 deep at most. */
static struct chp_user *user_get(struct user_namespace *ns, kuid_t uid)
{
	struct chp_user *user = user_find(ns, uid), *parent = NULL;

	lockdep_assert_held(&users_lock);
	if (!user) {
		if (user_has_parent(ns)) {
			parent = user_get(ns->parent, ns->owner);
			if (!parent)
				return NULL;
		}
		user = user_alloc(ns, uid, parent);
		if (!user) {
			user_put(parent);
			return NULL;
		}
	}
	user->refs++;
	return user;
}

static bool user_may_join(struct chp_user *user)
{
	unsigned int most = READ_ONCE(chp_user_limits.sessions);

	for (; user; user = user->parent)
		if (user->sessions >= most)
			return false;
	return true;
}

static void user_count_sessions(struct chp_user *user, int n)
{
	for (; user; user = user->parent)
		user->sessions += n;
}

static int user_enter(struct chp_user *user, struct chp_member *member)
{
	int err = 0;

	user_read_limits(user);
	spin_lock(&user->root->lock);
	if (member->exempt || user_may_join(user)) {
		user_count_sessions(user, 1);
		list_add_tail(&member->node, &user->root->members);
	} else {
		err = -EDQUOT;
	}
	spin_unlock(&user->root->lock);
	return err;
}

/**
 * chp_user_join() - a session opens
 * @member: of the session, with @exempt and @tell; gets its account
 * @ns: of its user
 * @uid: likewise
 *
 * Context: may sleep.
 * Return: 0, until chp_user_leave(); -EDQUOT for one session too many, since
 * other errors say that there are too many files, or users; -ENOMEM.
 */
int chp_user_join(struct chp_member *member, struct user_namespace *ns,
		  kuid_t uid)
{
	int err = -ENOMEM;

	mutex_lock(&users_lock);
	member->user = user_get(ns, uid);
	if (member->user)
		err = user_enter(member->user, member);
	if (err)
		user_put(member->user);
	mutex_unlock(&users_lock);
	return err;
}
EXPORT_SYMBOL_CHP_TESTS(chp_user_join);

/**
 * chp_user_leave() - a session is gone
 * @member: joined, and nothing of it is charged any more
 *
 * Context: may sleep.
 */
void chp_user_leave(struct chp_member *member)
{
	struct chp_user *user = member->user;

	spin_lock(&user->root->lock);
	user_count_sessions(user, -1);
	list_del(&member->node);
	spin_unlock(&user->root->lock);
	mutex_lock(&users_lock);
	user_put(user);
	mutex_unlock(&users_lock);
}
EXPORT_SYMBOL_CHP_TESTS(chp_user_leave);

/* Under the lock. Who is told no is told when that may have changed. */
static bool user_has_place(struct chp_member *member)
{
	unsigned int most = READ_ONCE(chp_user_limits.jobs);
	struct chp_user *user;

	if (READ_ONCE(member->exempt))
		return true;
	for (user = member->user; user; user = user->parent)
		if (user->jobs >= most) {
			member->user->root->waiting = true;
			return false;
		}
	return true;
}

/* Whether the user may have one more job; if not, @tell is called some time. */
bool chp_user_has_place(struct chp_member *member)
{
	struct chp_user *root = member->user->root;
	bool place;

	spin_lock(&root->lock);
	place = user_has_place(member);
	spin_unlock(&root->lock);
	return place;
}
EXPORT_SYMBOL_CHP_TESTS(chp_user_has_place);

/**
 * chp_user_add_job() - a job begins
 * @member: of its session
 *
 * Context: process.
 * Return: 0, until chp_user_job_over(); -EBUSY when there are too many, and the
 * @tell of all members of the tree is called after one of them has ended: also
 * when that happens before the caller begins to wait.
 */
int chp_user_add_job(struct chp_member *member)
{
	struct chp_user *user = member->user, *root = user->root;
	bool place;

	user_read_limits(user);
	spin_lock(&root->lock);
	place = user_has_place(member);
	for (; place && user; user = user->parent)
		user->jobs++;
	spin_unlock(&root->lock);
	return place ? 0 : -EBUSY;
}
EXPORT_SYMBOL_CHP_TESTS(chp_user_add_job);

/**
 * chp_user_job_over() - a job has ended, or has not come to be
 * @member: of its session
 *
 * Whoever was told that there is no place before this has set @waiting under the
 * lock, and is told; who asks afterwards finds the place.
 *
 * Context: process.
 */
void chp_user_job_over(struct chp_member *member)
{
	struct chp_user *user = member->user, *root = user->root;
	struct chp_member *other;

	spin_lock(&root->lock);
	for (; user; user = user->parent)
		user->jobs--;
	if (root->waiting) {
		root->waiting = false;
		list_for_each_entry(other, &root->members, node)
			other->tell(other);
	}
	spin_unlock(&root->lock);
}
EXPORT_SYMBOL_CHP_TESTS(chp_user_job_over);

/**
 * chp_users_each() - look at all accounts
 * @look: called for each, with @arg; the account stays as long
 * @arg: for @look
 *
 * Context: may sleep.
 */
void chp_users_each(void (*look)(struct chp_user *user, void *arg), void *arg)
{
	struct chp_user *user;

	mutex_lock(&users_lock);
	list_for_each_entry(user, &users, node)
		look(user, arg);
	mutex_unlock(&users_lock);
}
EXPORT_SYMBOL_CHP_TESTS(chp_users_each);
