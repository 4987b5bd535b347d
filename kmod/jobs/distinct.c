// SPDX-License-Identifier: GPL-2.0
/*
 * The operation "distinct": each value once.
 *
 * It remembers every value that it has handed on, whole and not only its hash,
 * so that it never takes one value for another. That takes memory, which the
 * session's quota is charged for: a new value beyond DISTINCT_MAX of them is
 * -ENOSPC in its place, and one beyond the quota -EDQUOT. Those that are
 * remembered are still told apart from all others then.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "op.h"
#include "quota.h"

#define DISTINCT_MAX	262144	/* values; 16 in each list, on average */
#define DISTINCT_LISTS	16384	/* a power of 2 */
#define DISTINCT_CHARGE	(DISTINCT_LISTS * sizeof(struct hlist_head))

/**
 * struct distinct_value - one that was handed on
 * @node: in the list of its hash
 * @hash: of @item
 * @item: a copy
 */
struct distinct_value {
	struct hlist_node node;
	u64 hash;
	struct chp_item item;
};

/**
 * struct distinct_state - the values so far
 * @key: random, so that nobody can choose values that fall into one list
 * @lists: DISTINCT_LISTS of them
 * @count: of the values
 */
struct distinct_state {
	siphash_key_t key;
	struct hlist_head *lists;
	u32 count;
};

static int distinct_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct distinct_state *d = st->state;
	int err = chp_quota_charge(st->quota, DISTINCT_CHARGE);

	if (err)
		return err;
	d->lists = kvcalloc(DISTINCT_LISTS, sizeof(*d->lists),
			    GFP_KERNEL_ACCOUNT);
	if (!d->lists) {
		chp_quota_release(st->quota, DISTINCT_CHARGE);
		return -ENOMEM;
	}
	get_random_bytes(&d->key, sizeof(d->key));
	return 0;
}

static void distinct_forget(struct chp_op_stage *st,
			    struct distinct_value *value)
{
	chp_item_drop(&value->item);
	kfree(value);
	chp_quota_release(st->quota, sizeof(*value));
}

static void distinct_close(struct chp_op_stage *st)
{
	struct distinct_state *d = st->state;
	struct distinct_value *value;
	struct hlist_node *next;
	u32 i;

	for (i = 0; i < DISTINCT_LISTS; i++) {
		hlist_for_each_entry_safe(value, next, &d->lists[i], node)
			distinct_forget(st, value);
		cond_resched();
	}
	kvfree(d->lists);
	chp_quota_release(st->quota, DISTINCT_CHARGE);
}

static u64 distinct_hash(const struct distinct_state *d,
			 const struct chp_item *item)
{
	if (item->type == CHP_ITEM_NUM)
		return siphash_1u64(item->num, &d->key);
	return siphash(item->bytes->data, item->bytes->len, &d->key);
}

/* The number 7 and the string "7" are two values. */
static bool distinct_same(const struct chp_item *a, const struct chp_item *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == CHP_ITEM_NUM)
		return a->num == b->num;
	return a->bytes->len == b->bytes->len &&
	       !memcmp(a->bytes->data, b->bytes->data, a->bytes->len);
}

static bool distinct_known(const struct hlist_head *list, u64 hash,
			   const struct chp_item *item)
{
	const struct distinct_value *value;

	hlist_for_each_entry(value, list, node)
		if (value->hash == hash && distinct_same(&value->item, item))
			return true;
	return false;
}

static int distinct_copy(struct chp_op_stage *st, struct chp_item *to,
			 const struct chp_item *from)
{
	struct chp_bytes *bytes;

	*to = *from;
	if (from->type == CHP_ITEM_NUM)
		return 0;
	bytes = chp_bytes_alloc(st->quota, from->bytes->len);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	memcpy(bytes->data, from->bytes->data, from->bytes->len);
	to->bytes = bytes;
	return 0;
}

static int distinct_remember(struct chp_op_stage *st, struct hlist_head *list,
			     u64 hash, const struct chp_item *item)
{
	struct distinct_state *d = st->state;
	struct distinct_value *value;
	int err;

	if (d->count == DISTINCT_MAX)
		return -ENOSPC;
	err = chp_quota_charge(st->quota, sizeof(*value));
	if (err)
		return err;
	value = kmalloc(sizeof(*value), GFP_KERNEL_ACCOUNT);
	err = value ? distinct_copy(st, &value->item, item) : -ENOMEM;
	if (err) {
		kfree(value);
		chp_quota_release(st->quota, sizeof(*value));
		return err;
	}
	value->hash = hash;
	hlist_add_head(&value->node, list);
	d->count++;
	return 0;
}

static int distinct_item(struct chp_op_stage *st, struct chp_worker *worker,
			 struct chp_item *item)
{
	struct distinct_state *d = st->state;
	u64 hash = distinct_hash(d, item);
	struct hlist_head *list = &d->lists[hash & (DISTINCT_LISTS - 1)];

	if (distinct_known(list, hash, item)) {
		chp_item_drop(item);
		return CHP_DROP;
	}
	return distinct_remember(st, list, hash, item) ?: CHP_EMIT;
}

const struct chp_op chp_op_distinct = {
	.desc = {
		.name = "distinct",
		.help = "each value once, of up to 262144 different ones",
		.flags = CHP_OP_STATE | CHP_OP_MANY,
		.takes = CHP_T_ANY,
		.makes = CHP_T_SAME,
	},
	.state = sizeof(struct distinct_state),
	.open = distinct_open,
	.close = distinct_close,
	.item = distinct_item,
};
