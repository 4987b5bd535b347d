// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/slab.h>
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
	bytes->quota = quota;
	bytes->len = len;
	chp_live_inc(CHP_KIND_BYTES);
	return bytes;
}
EXPORT_SYMBOL_CHP_TESTS(chp_bytes_alloc);

/* Frees what the item owns; the item itself is the caller's. */
void chp_item_drop(struct chp_item *item)
{
	if (item->type != CHP_ITEM_BYTES)
		return;
	chp_quota_release(item->bytes->quota, bytes_size(item->bytes->len));
	kvfree(item->bytes);
	chp_live_dec(CHP_KIND_BYTES);
	chp_item_set_num(item, 0);
}
EXPORT_SYMBOL_CHP_TESTS(chp_item_drop);
