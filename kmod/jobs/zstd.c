// SPDX-License-Identifier: GPL-2.0
/*
 * zstd and unzstd, by the kernel's library: one frame a string, without a
 * checksum, as "zstd --no-check" makes it.
 *
 * A packer works on one string at a time, so there is one for each worker that
 * is at work; those that are not wait in a list.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/zstd.h>
#include "../compat.h"
#include "op.h"
#include "quota.h"

#define ZSTD_LEVEL	3	/* what zstd does when it is not told */

/**
 * struct zstd_packer - can pack or unpack one string at a time
 * @node: in the list of those that are idle
 * @cctx: that packs, in @workspace
 * @dctx: that unpacks, in @workspace
 * @buf: for the result; what cannot be compressed becomes longer
 * @workspace: of the library
 */
struct zstd_packer {
	struct list_head node;
	union {
		zstd_cctx *cctx;
		zstd_dctx *dctx;
	};
	u8 buf[ZSTD_COMPRESSBOUND(CHP_BYTES_MAX)];
	u8 workspace[] __aligned(8);
};

/**
 * struct zstd_state - the packers of a stage
 * @params: for packing; those for the longest string will do for all
 * @workspace: how many bytes of it a packer has
 * @init: makes a packer one that packs, or one that unpacks
 * @lock: protects @idle
 * @idle: packers
 */
struct zstd_state {
	zstd_parameters params;
	size_t workspace;
	bool (*init)(struct zstd_packer *packer, size_t workspace);
	spinlock_t lock;	/* @idle */
	struct list_head idle;
};

/* All that a packer takes: 715 KiB to pack, and 160 KiB to unpack. */
static size_t packer_size(const struct zstd_state *zstd)
{
	return sizeof(struct zstd_packer) + zstd->workspace;
}

static void packer_free(struct chp_op_stage *st, struct zstd_packer *packer)
{
	kvfree(packer);
	chp_quota_release(st->quota, packer_size(st->state));
}

static struct zstd_packer *packer_alloc(struct chp_op_stage *st)
{
	struct zstd_state *zstd = st->state;
	size_t size = packer_size(zstd);
	struct zstd_packer *packer;
	int err = chp_quota_charge(st->quota, size);

	if (err)
		return ERR_PTR(err);
	packer = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (packer && zstd->init(packer, zstd->workspace))
		return packer;
	kvfree(packer);
	chp_quota_release(st->quota, size);
	return ERR_PTR(-ENOMEM);
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

/* The first packer now: a line that there is no memory for is refused. */
static int packers_open(struct chp_op_stage *st)
{
	struct zstd_state *zstd = st->state;
	struct zstd_packer *packer;

	spin_lock_init(&zstd->lock);
	INIT_LIST_HEAD(&zstd->idle);
	packer = packer_alloc(st);
	if (IS_ERR(packer))
		return PTR_ERR(packer);
	packer_put(st, packer);
	return 0;
}

static void packers_close(struct chp_op_stage *st)
{
	struct zstd_state *zstd = st->state;
	struct zstd_packer *packer, *next;

	list_for_each_entry_safe(packer, next, &zstd->idle, node)
		packer_free(st, packer);
}

/* What the packer has made becomes the item. */
static int packer_replace(struct chp_op_stage *st, struct chp_item *item,
			  const struct zstd_packer *packer, size_t len)
{
	struct chp_bytes *bytes = chp_bytes_alloc(st->quota, len);

	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	memcpy(bytes->data, packer->buf, len);
	chp_item_drop(item);
	chp_item_set_bytes(item, bytes);
	return CHP_EMIT;
}

static bool zstd_init(struct zstd_packer *packer, size_t workspace)
{
	packer->cctx = zstd_init_cctx(packer->workspace, workspace);
	return packer->cctx;
}

static int zstd_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct zstd_state *zstd = st->state;

	zstd->params = zstd_get_params(ZSTD_LEVEL, CHP_BYTES_MAX);
	zstd->workspace = zstd_cctx_workspace_bound(&zstd->params.cParams);
	zstd->init = zstd_init;
	return packers_open(st);
}

/* -EMSGSIZE for a string that comes out longer than one can be. */
static int zstd_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	struct zstd_packer *packer = packer_get(st);
	struct zstd_state *zstd = st->state;
	int verdict = -EINVAL;
	size_t len;

	if (IS_ERR(packer))
		return PTR_ERR(packer);
	len = zstd_compress_cctx(packer->cctx, packer->buf,
				 sizeof(packer->buf), item->bytes->data,
				 item->bytes->len, &zstd->params);
	if (!zstd_is_error(len))
		verdict = packer_replace(st, item, packer, len);
	packer_put(st, packer);
	return verdict;
}

static bool unzstd_init(struct zstd_packer *packer, size_t workspace)
{
	packer->dctx = zstd_init_dctx(packer->workspace, workspace);
	return packer->dctx;
}

static int unzstd_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct zstd_state *zstd = st->state;

	zstd->workspace = zstd_dctx_workspace_bound();
	zstd->init = unzstd_init;
	return packers_open(st);
}

/*
 * -EMSGSIZE for what would be longer than a string can be, and -EINVAL for what
 * zstd has not made. Nothing is no frame, though the library takes it for none.
 */
static int unzstd_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	struct zstd_packer *packer;
	int verdict = -EINVAL;
	size_t len;

	if (!item->bytes->len)
		return -EINVAL;
	packer = packer_get(st);
	if (IS_ERR(packer))
		return PTR_ERR(packer);
	len = zstd_decompress_dctx(packer->dctx, packer->buf, CHP_BYTES_MAX,
				   item->bytes->data, item->bytes->len);
	if (!zstd_is_error(len))
		verdict = packer_replace(st, item, packer, len);
	else if (zstd_get_error_code(len) == ZSTD_error_dstSize_tooSmall)
		verdict = -EMSGSIZE;
	packer_put(st, packer);
	return verdict;
}

/* Its errors are those of what unpacks, so what packs cannot do without it. */
#define LACKS_unzstd							\
	(IS_ENABLED(CONFIG_ZSTD_DECOMPRESS) ? NULL : "CONFIG_ZSTD_DECOMPRESS")
#define LACKS_zstd							\
	(IS_ENABLED(CONFIG_ZSTD_COMPRESS) ? LACKS_unzstd : "CONFIG_ZSTD_COMPRESS")

/* Without the library its functions are referred to nowhere. */
#define ZSTD_OP(NAME, HELP)						\
	const struct chp_op chp_op_##NAME = {				\
		.desc = {						\
			.name = #NAME,					\
			.help = HELP,					\
			.takes = CHP_T_BYTES,				\
			.makes = CHP_T_BYTES,				\
		},							\
		.lacks = LACKS_##NAME,					\
		.state = sizeof(struct zstd_state),			\
		.open = LACKS_##NAME ? NULL : NAME##_open,		\
		.close = packers_close,					\
		.item = LACKS_##NAME ? NULL : NAME##_item,		\
	}

ZSTD_OP(zstd, "the string, compressed into a zstd frame");
ZSTD_OP(unzstd, "the string that a zstd frame stands for");
