// SPDX-License-Identifier: GPL-2.0
/* Digests of byte strings, by the kernel's crypto API. */
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include "op.h"

#define SHA256_SIZE	32

struct digest_state {
	struct crypto_shash *shash;
};

static int digest_open(struct chp_op_stage *st, struct chp_reject *why)
{
	const char *name = st->op->desc.name;
	struct digest_state *digest = st->state;
	struct crypto_shash *shash = crypto_alloc_shash(name, 0, 0);

	if (!IS_ERR(shash)) {
		digest->shash = shash;
		return 0;
	}
	if (PTR_ERR(shash) == -ENOENT)
		scnprintf(why->reason, sizeof(why->reason),
			  "the kernel's digest \"%s\" is not there", name);
	return PTR_ERR(shash);
}

static void digest_close(struct chp_op_stage *st)
{
	struct digest_state *digest = st->state;

	if (digest->shash)
		crypto_free_shash(digest->shash);
}

static int digest_of(struct chp_op_stage *st, const struct chp_item *item,
		     u8 *out)
{
	struct digest_state *digest = st->state;

	return crypto_shash_tfm_digest(digest->shash, item->bytes->data,
				       item->bytes->len, out);
}

static int crc32c_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	__le32 crc;
	int err = digest_of(st, item, (u8 *)&crc);

	if (err)
		return err;
	chp_item_drop(item);
	chp_item_set_num(item, le32_to_cpu(crc));
	return CHP_EMIT;
}

const struct chp_op chp_op_crc32c = {
	.desc = {
		.name = "crc32c",
		.help = "the CRC-32C of the string",
		.takes = CHP_T_BYTES,
		.makes = CHP_T_NUM,
	},
	.state = sizeof(struct digest_state),
	.open = digest_open,
	.close = digest_close,
	.item = crc32c_item,
};

static int sha256_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	struct chp_bytes *hex;
	u8 out[SHA256_SIZE];
	int err = digest_of(st, item, out);

	if (err)
		return err;
	hex = chp_bytes_alloc(st->quota, 2 * SHA256_SIZE);
	if (IS_ERR(hex))
		return PTR_ERR(hex);
	bin2hex(hex->data, out, SHA256_SIZE);
	chp_item_drop(item);
	chp_item_set_bytes(item, hex);
	return CHP_EMIT;
}

const struct chp_op chp_op_sha256 = {
	.desc = {
		.name = "sha256",
		.help = "the SHA-256 of the string, in hexadecimal",
		.takes = CHP_T_BYTES,
		.makes = CHP_T_BYTES,
	},
	.state = sizeof(struct digest_state),
	.open = digest_open,
	.close = digest_close,
	.item = sha256_item,
};
