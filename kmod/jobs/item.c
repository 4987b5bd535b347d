// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../compat.h"
#include "../core/live.h"
#include "item.h"
#include "quota.h"

static size_t bytes_size(size_t len)
{
	return offsetof(struct chp_bytes, data) + len;
}

/* ERR_PTR(-EMSGSIZE), ERR_PTR(-EDQUOT) or ERR_PTR(-ENOMEM). May sleep. */
struct chp_bytes *chp_bytes_alloc(struct chp_quota *quota, size_t len)
{
	struct chp_bytes *bytes;
	int err;

	if (len > CHP_BYTES_MAX)
		return ERR_PTR(-EMSGSIZE);
	err = chp_quota_charge(quota, bytes_size(len));
	if (err)
		return ERR_PTR(err);
	bytes = kvmalloc(bytes_size(len), GFP_KERNEL_ACCOUNT);
	if (!bytes) {
		chp_quota_release(quota, bytes_size(len));
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&bytes->ref, 1);
	bytes->quota = quota;
	bytes->len = len;
	chp_live_inc(CHP_KIND_BYTES);
	return bytes;
}
EXPORT_SYMBOL_CHP_TESTS(chp_bytes_alloc);

static void bytes_put(struct chp_bytes *bytes)
{
	if (!refcount_dec_and_test(&bytes->ref))
		return;
	chp_quota_release(bytes->quota, bytes_size(bytes->len));
	kvfree(bytes);
	chp_live_dec(CHP_KIND_BYTES);
}

/* Lets go of what the item owns; the item itself is the caller's. */
void chp_item_drop(struct chp_item *item)
{
	if (item->type != CHP_ITEM_BYTES)
		return;
	bytes_put(item->bytes);
	chp_item_set_num(item, 0);
}
EXPORT_SYMBOL_CHP_TESTS(chp_item_drop);

/* There is one more item that is the same. */
void chp_item_share(const struct chp_item *item)
{
	if (item->type == CHP_ITEM_BYTES)
		refcount_inc(&item->bytes->ref);
}

/*
 * Its bytes may be changed then: they are a copy where others have them too. The
 * errors are those of chp_bytes_alloc(). May sleep.
 */
int chp_item_own(struct chp_item *item)
{
	struct chp_bytes *bytes = item->bytes, *copy;

	/*
	 * Others only ever drop theirs: one stays one. What is written then
	 * comes after their last look, by this branch and the release in
	 * bytes_put().
	 */
	if (refcount_read(&bytes->ref) == 1)
		return 0;
	copy = chp_bytes_alloc(bytes->quota, bytes->len);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	memcpy(copy->data, bytes->data, bytes->len);
	bytes_put(bytes);
	item->bytes = copy;
	return 0;
}
