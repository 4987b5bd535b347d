// SPDX-License-Identifier: GPL-2.0
/* Digests of byte strings, by the kernel's crypto API. */
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include "../compat.h"
#include "op.h"

#define DIGEST_MAX	64	/* bytes, of a SHA-512 */

struct digest_state {
	struct crypto_shash *shash;
};

static int digest_open(struct chp_op_stage *st, struct chp_reject *why,
		       const char *name)
{
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

static int digest_open_same(struct chp_op_stage *st, struct chp_reject *why)
{
	return digest_open(st, why, st->op->desc.name);
}

/* Without a key its seed is 0. */
static int xxhash_open(struct chp_op_stage *st, struct chp_reject *why)
{
	return digest_open(st, why, "xxhash64");
}

static void digest_close(struct chp_op_stage *st)
{
	struct digest_state *digest = st->state;

	crypto_free_shash(digest->shash);
}

static int digest_of(struct chp_op_stage *st, const struct chp_item *item,
		     void *out)
{
	struct digest_state *digest = st->state;

	return crypto_shash_tfm_digest(digest->shash, item->bytes->data,
				       item->bytes->len, out);
}

static int crc32c_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	__le32 crc;
	int err = digest_of(st, item, &crc);

	if (err)
		return err;
	chp_item_drop(item);
	chp_item_set_num(item, le32_to_cpu(crc));
	return CHP_EMIT;
}

/* All 64 bits as a number with a sign: half of them are below 0. */
static int xxhash_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	__le64 hash;
	int err = digest_of(st, item, &hash);

	if (err)
		return err;
	chp_item_drop(item);
	chp_item_set_num(item, le64_to_cpu(hash));
	return CHP_EMIT;
}

static int sha_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	struct digest_state *digest = st->state;
	unsigned int size = crypto_shash_digestsize(digest->shash);
	struct chp_bytes *hex;
	u8 out[DIGEST_MAX];
	int err = digest_of(st, item, out);

	if (err)
		return err;
	hex = chp_bytes_alloc(st->quota, 2 * size);
	if (IS_ERR(hex))
		return PTR_ERR(hex);
	bin2hex(hex->data, out, size);
	chp_item_drop(item);
	chp_item_set_bytes(item, hex);
	return CHP_EMIT;
}

#define DIGEST_OP(NAME, HELP, MAKES, OPEN, ITEM)			\
	const struct chp_op chp_op_##NAME = {				\
		.desc = {						\
			.name = #NAME,					\
			.help = HELP,					\
			.takes = CHP_T_BYTES,				\
			.makes = MAKES,					\
		},							\
		.state = sizeof(struct digest_state),			\
		.open = OPEN,						\
		.close = digest_close,					\
		.item = ITEM,						\
	}

DIGEST_OP(crc32c, "the CRC-32C of the string", CHP_T_NUM, digest_open_same,
	  crc32c_item);
DIGEST_OP(xxhash, "the XXH64 of the string, with seed 0 and as a signed number",
	  CHP_T_NUM, xxhash_open, xxhash_item);
DIGEST_OP(sha256, "the SHA-256 of the string, in hexadecimal", CHP_T_BYTES,
	  digest_open_same, sha_item);
DIGEST_OP(sha512, "the SHA-512 of the string, in hexadecimal", CHP_T_BYTES,
	  digest_open_same, sha_item);
