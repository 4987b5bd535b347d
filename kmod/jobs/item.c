// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../compat.h"
#include "../core/live.h"
#include "item.h"
#include "op.h"
#include "quota.h"

/*
 * There may be very many, and each of them can be refused: rather -ENOMEM for
 * who makes them than a process that is killed for the want of memory.
 */
#define BYTES_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

static size_t bytes_size(size_t len)
{
	return offsetof(struct chp_bytes, data) + len;
}

/**
 * chp_bytes_alloc_room() - make a byte string that can become longer
 * @quota: charged for it
 * @len: of the string, which has one reference
 * @room: that there is at least
 *
 * Context: may sleep.
 * Return: a string; ERR_PTR(-EMSGSIZE), ERR_PTR(-EDQUOT) or ERR_PTR(-ENOMEM).
 */
struct chp_bytes *chp_bytes_alloc_room(struct chp_quota *quota, size_t len,
				       size_t room)
{
	struct chp_bytes *bytes;
	int err;

	if (len > CHP_BYTES_MAX)
		return ERR_PTR(-EMSGSIZE);
	room = max(len, room);
	err = chp_quota_charge(quota, bytes_size(room));
	if (err)
		return ERR_PTR(err);
	bytes = kvmalloc(bytes_size(room), GFP_KERNEL_ACCOUNT);
	if (!bytes) {
		chp_quota_release(quota, bytes_size(room));
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&bytes->ref, 1);
	bytes->quota = quota;
	bytes->len = len;
	bytes->room = room;
	chp_live_inc(CHP_KIND_BYTES);
	return bytes;
}

/* The same, for what stays as long as it is. */
struct chp_bytes *chp_bytes_alloc(struct chp_quota *quota, size_t len)
{
	return chp_bytes_alloc_room(quota, len, len);
}
EXPORT_SYMBOL_CHP_TESTS(chp_bytes_alloc);

static noinline void bytes_free(struct chp_bytes *bytes)
{
	chp_quota_release(bytes->quota, bytes_size(bytes->room));
	kvfree(bytes);
	chp_live_dec(CHP_KIND_BYTES);
}

static inline void bytes_put(struct chp_bytes *bytes)
{
	if (refcount_dec_and_test(&bytes->ref))
		bytes_free(bytes);
}

/* Context: any process context. */
void chp_bytes_put(struct chp_bytes *bytes)
{
	if (bytes)
		bytes_put(bytes);
}

/**
 * chp_item_drop() - let go of what an item owns
 * @item: the caller's; the number 0 afterwards
 *
 * Context: any process context.
 */
void chp_item_drop(struct chp_item *item)
{
	if (item->type != CHP_ITEM_BYTES)
		return;
	bytes_put(item->bytes);
	chp_item_set_num(item, 0);
}
EXPORT_SYMBOL_CHP(chp_item_drop);

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

	if (chp_bytes_is_own(bytes))
		return 0;
	copy = chp_bytes_alloc(bytes->quota, bytes->len);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	memcpy(copy->data, bytes->data, bytes->len);
	chp_bytes_put(bytes);
	item->bytes = copy;
	return 0;
}

/**
 * chp_item_is_num() - whether an item is a number; otherwise it is a byte string
 * @item: passed to an operation's function
 *
 * Context: any.
 */
bool chp_item_is_num(const struct chp_item *item)
{
	return item->type == CHP_ITEM_NUM;
}
EXPORT_SYMBOL_CHP(chp_item_is_num);

/**
 * chp_item_num() - the number
 * @item: passed to an operation's function
 *
 * Context: any.
 * Return: 0 for a byte string.
 */
s64 chp_item_num(const struct chp_item *item)
{
	return item->type == CHP_ITEM_NUM ? item->num : 0;
}
EXPORT_SYMBOL_CHP(chp_item_num);

/**
 * chp_item_bytes() - the byte string
 * @item: passed to an operation's function
 * @len: set to its length, up to 65536; it is not ended by NUL
 *
 * Context: any.
 * Return: the bytes, which others may have too: they are not to be changed. NULL
 * for a number.
 */
const void *chp_item_bytes(const struct chp_item *item, size_t *len)
{
	*len = item->type == CHP_ITEM_BYTES ? item->bytes->len : 0;
	return item->type == CHP_ITEM_BYTES ? item->bytes->data : NULL;
}
EXPORT_SYMBOL_CHP(chp_item_bytes);

/**
 * chp_item_to_num() - make an item a number
 * @item: lets go of the byte string that it was
 * @num: any
 *
 * Context: any process context.
 */
void chp_item_to_num(struct chp_item *item, s64 num)
{
	chp_item_drop(item);
	chp_item_set_num(item, num);
}
EXPORT_SYMBOL_CHP(chp_item_to_num);

/**
 * chp_item_to_bytes() - make an item a byte string
 * @st: passed to the operation's function; its session is charged
 * @item: lets go of the byte string that it was
 * @data: copied; may lie in that byte string
 * @len: bytes, up to 65536
 *
 * Context: may sleep.
 * Return: 0; -EMSGSIZE, -EDQUOT or -ENOMEM, and the item is as it was.
 */
int chp_item_to_bytes(struct chp_op_stage *st, struct chp_item *item,
		      const void *data, size_t len)
{
	struct chp_bytes *bytes = chp_bytes_alloc(st->quota, len);

	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	memcpy(bytes->data, data, len);
	chp_item_drop(item);
	chp_item_set_bytes(item, bytes);
	return 0;
}
EXPORT_SYMBOL_CHP(chp_item_to_bytes);

/**
 * chp_item_edit() - change a byte string in place
 * @item: a byte string; of one that others have too it gets a copy
 * @len: set to its length, which stays
 *
 * Context: may sleep.
 * Return: the bytes; ERR_PTR(-EINVAL) for a number; ERR_PTR(-EDQUOT) or
 * ERR_PTR(-ENOMEM), and the item is as it was.
 */
void *chp_item_edit(struct chp_item *item, size_t *len)
{
	int err = item->type == CHP_ITEM_BYTES ? chp_item_own(item) : -EINVAL;

	if (err)
		return ERR_PTR(err);
	*len = item->bytes->len;
	return item->bytes->data;
}
EXPORT_SYMBOL_CHP(chp_item_edit);
