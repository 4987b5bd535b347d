// SPDX-License-Identifier: GPL-2.0
/*
 * zstd and unzstd, by the kernel's crypto API: its module is loaded when a line
 * needs it, and chanpat loads without it. The level of compression is the one
 * of that module, 3.
 *
 * Each string is one frame of its own, without a checksum. A packer works on
 * one string at a time, so there is one for each worker that is at work; those
 * that are not wait in a list.
 */
#include <linux/crypto.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "../compat.h"
#include "op.h"
#include "quota.h"

/* The longest string that cannot be compressed becomes 288 bytes longer. */
#define ZSTD_BUF	(CHP_BYTES_MAX + 512)

/* What a packer takes, with the tables of the module: 1.4 MiB of it. */
#define ZSTD_CHARGE	(1536 * 1024)

/**
 * struct zstd_packer - can pack or unpack one string at a time
 * @node: in the list of those that are idle
 * @comp: the kernel's
 * @buf: for the result
 */
struct zstd_packer {
	struct list_head node;
	struct crypto_comp *comp;
	u8 buf[ZSTD_BUF];
};

/**
 * struct zstd_state - the packers of a stage
 * @lock: protects @idle
 * @idle: packers
 */
struct zstd_state {
	spinlock_t lock;	/* @idle */
	struct list_head idle;
};

static void packer_free(struct chp_op_stage *st, struct zstd_packer *packer)
{
	crypto_free_comp(packer->comp);
	kvfree(packer);
	chp_quota_release(st->quota, ZSTD_CHARGE);
}

static struct zstd_packer *packer_alloc(struct chp_op_stage *st)
{
	struct zstd_packer *packer;
	int err = chp_quota_charge(st->quota, ZSTD_CHARGE);

	if (err)
		return ERR_PTR(err);
	packer = kvmalloc(sizeof(*packer), GFP_KERNEL_ACCOUNT);
	err = -ENOMEM;
	if (!packer)
		goto release;
	packer->comp = crypto_alloc_comp("zstd", 0, 0);
	if (!IS_ERR(packer->comp))
		return packer;
	err = PTR_ERR(packer->comp);
	kvfree(packer);
release:
	chp_quota_release(st->quota, ZSTD_CHARGE);
	return ERR_PTR(err);
}

static struct zstd_packer *packer_get(struct chp_op_stage *st)
{
	struct zstd_state *zstd = st->state;
	struct zstd_packer *packer;

	spin_lock(&zstd->lock);
	packer = list_first_entry_or_null(&zstd->idle, struct zstd_packer,
					  node);
	if (packer)
		list_del(&packer->node);
	spin_unlock(&zstd->lock);
	return packer ?: packer_alloc(st);
}

static void packer_put(struct chp_op_stage *st, struct zstd_packer *packer)
{
	struct zstd_state *zstd = st->state;

	spin_lock(&zstd->lock);
	list_add(&packer->node, &zstd->idle);
	spin_unlock(&zstd->lock);
}

static int zstd_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct zstd_state *zstd = st->state;
	struct zstd_packer *packer;

	spin_lock_init(&zstd->lock);
	INIT_LIST_HEAD(&zstd->idle);
	packer = packer_alloc(st);
	if (!IS_ERR(packer)) {
		packer_put(st, packer);
		return 0;
	}
	if (PTR_ERR(packer) == -ENOENT)
		scnprintf(why->reason, sizeof(why->reason),
			  "the kernel's compression \"zstd\" is not there");
	return PTR_ERR(packer);
}

static void zstd_close(struct chp_op_stage *st)
{
	struct zstd_state *zstd = st->state;
	struct zstd_packer *packer, *next;

	list_for_each_entry_safe(packer, next, &zstd->idle, node)
		packer_free(st, packer);
}

/* What the packer has made becomes the item. */
static int zstd_replace(struct chp_op_stage *st, struct chp_item *item,
			const struct zstd_packer *packer, unsigned int len)
{
	struct chp_bytes *bytes = chp_bytes_alloc(st->quota, len);

	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	memcpy(bytes->data, packer->buf, len);
	chp_item_drop(item);
	chp_item_set_bytes(item, bytes);
	return CHP_EMIT;
}

/* -EMSGSIZE for a string that comes out longer than one can be. */
static int zstd_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	struct zstd_packer *packer = packer_get(st);
	unsigned int len = ZSTD_BUF;
	int verdict;

	if (IS_ERR(packer))
		return PTR_ERR(packer);
	verdict = crypto_comp_compress(packer->comp, item->bytes->data,
				       item->bytes->len, packer->buf, &len);
	if (!verdict)
		verdict = zstd_replace(st, item, packer, len);
	packer_put(st, packer);
	return verdict;
}

/*
 * -EINVAL for what zstd has not made, and for what would be longer than a
 * string can be: the crypto API does not say which. Nothing is no frame.
 */
static int unzstd_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	unsigned int len = CHP_BYTES_MAX;
	struct zstd_packer *packer;
	int verdict;

	if (!item->bytes->len)
		return -EINVAL;
	packer = packer_get(st);
	if (IS_ERR(packer))
		return PTR_ERR(packer);
	verdict = crypto_comp_decompress(packer->comp, item->bytes->data,
					 item->bytes->len, packer->buf, &len);
	if (!verdict)
		verdict = zstd_replace(st, item, packer, len);
	packer_put(st, packer);
	return verdict;
}

#define ZSTD_OP(NAME, HELP)						\
	const struct chp_op chp_op_##NAME = {				\
		.desc = {						\
			.name = #NAME,					\
			.help = HELP,					\
			.takes = CHP_T_BYTES,				\
			.makes = CHP_T_BYTES,				\
		},							\
		.state = sizeof(struct zstd_state),			\
		.open = zstd_open,					\
		.close = zstd_close,					\
		.item = NAME##_item,					\
	}

ZSTD_OP(zstd, "the string, compressed into a zstd frame");
ZSTD_OP(unzstd, "the string that a zstd frame stands for");
