// SPDX-License-Identifier: GPL-2.0
/*
 * Digests of byte strings: checksums by the kernel's libraries, and SHA by its
 * crypto API, which loads the module of an algorithm when a line needs it.
 */
#include <crypto/hash.h>
#include <linux/crc32c.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/xxhash.h>
#include "../compat.h"
#include "op.h"

/* The one of iSCSI and ext4: it begins and ends with all bits inverted. */
static int crc32c_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	u32 crc = ~crc32c(~0, item->bytes->data, item->bytes->len);

	chp_item_drop(item);
	chp_item_set_num(item, crc);
	return CHP_EMIT;
}

/* All 64 bits as a number with a sign: half of them are below 0. */
static int xxhash_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	u64 hash = xxh64(item->bytes->data, item->bytes->len, 0);

	chp_item_drop(item);
	chp_item_set_num(item, hash);
	return CHP_EMIT;
}

#define LACKS_crc32c	CHP_LACKS_CRC32C
#define LACKS_xxhash	(IS_ENABLED(CONFIG_XXHASH) ? NULL : "CONFIG_XXHASH")

/* Without the library its function is referred to nowhere. */
#define CHECKSUM_OP(NAME, HELP)						\
	const struct chp_op chp_op_##NAME = {				\
		.desc = {						\
			.name = #NAME,					\
			.help = HELP,					\
			.takes = CHP_T_BYTES,				\
			.makes = CHP_T_NUM,				\
		},							\
		.lacks = LACKS_##NAME,					\
		.item = LACKS_##NAME ? NULL : NAME##_item,		\
	}

CHECKSUM_OP(crc32c, "the CRC-32C of the string");
CHECKSUM_OP(xxhash, "the XXH64 of the string, with seed 0 and as a signed number");

#define SHA_MAX	64	/* bytes, of a SHA-512 */

struct sha_state {
	struct crypto_shash *shash;
};

static int sha_open(struct chp_op_stage *st, struct chp_reject *why)
{
	const char *name = st->op->desc.name;
	struct sha_state *sha = st->state;
	struct crypto_shash *shash = crypto_alloc_shash(name, 0, 0);

	if (PTR_ERR_OR_ZERO(shash) == -ENOENT)
		return chp_op_refuse(why, -ENOENT,
				     "the kernel's digest \"%s\" is not there",
				     name);
	if (IS_ERR(shash))
		return PTR_ERR(shash);
	sha->shash = shash;
	return 0;
}

static void sha_close(struct chp_op_stage *st)
{
	struct sha_state *sha = st->state;

	crypto_free_shash(sha->shash);
}

static int sha_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	struct sha_state *sha = st->state;
	unsigned int size = crypto_shash_digestsize(sha->shash);
	struct chp_bytes *hex;
	u8 out[SHA_MAX];
	int err;

	err = crypto_shash_tfm_digest(sha->shash, item->bytes->data,
				      item->bytes->len, out);
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

#define LACKS_SHA	(IS_ENABLED(CONFIG_CRYPTO_HASH) ? NULL : "CONFIG_CRYPTO_HASH")

#define SHA_OP(NAME, HELP)						\
	const struct chp_op chp_op_##NAME = {				\
		.desc = {						\
			.name = #NAME,					\
			.help = HELP,					\
			.takes = CHP_T_BYTES,				\
			.makes = CHP_T_BYTES,				\
		},							\
		.state = sizeof(struct sha_state),			\
		.lacks = LACKS_SHA,					\
		.open = LACKS_SHA ? NULL : sha_open,			\
		.close = LACKS_SHA ? NULL : sha_close,			\
		.item = LACKS_SHA ? NULL : sha_item,			\
	}

SHA_OP(sha256, "the SHA-256 of the string, in hexadecimal");
SHA_OP(sha512, "the SHA-512 of the string, in hexadecimal");
