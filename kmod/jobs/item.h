/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Items: what flows through a job. A number, a byte string, or an error in the
 * place of the item that could not be made.
 */
#ifndef CHP_JOBS_ITEM_H
#define CHP_JOBS_ITEM_H

#include <linux/refcount.h>
#include <linux/types.h>

#define CHP_BYTES_MAX	65536	/* of one byte string */

struct chp_quota;

/**
 * struct chp_bytes - a byte string; owned by the items that point to it
 * @ref: how many these are; who changes it makes sure that there is one
 * @quota: charged for it, once
 * @len: of what is in @data
 * @room: of @data
 * @data: any bytes
 */
struct chp_bytes {
	refcount_t ref;
	struct chp_quota *quota;
	u32 len;
	u32 room;
	u8 data[];
};

enum chp_item_type {
	CHP_ITEM_NUM,
	CHP_ITEM_BYTES,
	CHP_ITEM_ERROR,
	CHP_ITEM_DONE,	/* no item, the end of its job; only in results */
};

/**
 * struct chp_item - an item
 * @type: enum chp_item_type
 * @stage: where the error arose
 * @err: its positive errno
 * @flight: the number of the flight that it counts in, or 0
 * @num: CHP_ITEM_NUM
 * @bytes: CHP_ITEM_BYTES
 * @seq: CHP_ITEM_ERROR: the number of the item at that stage, from 1
 */
struct chp_item {
	u8 type;
	u8 stage;
	u16 err;
	u32 flight;
	union {
		s64 num;
		struct chp_bytes *bytes;
		u64 seq;
	};
};

struct chp_bytes *chp_bytes_alloc(struct chp_quota *quota, size_t len);
struct chp_bytes *chp_bytes_alloc_room(struct chp_quota *quota, size_t len,
				       size_t room);
void chp_bytes_put(struct chp_bytes *bytes);
void chp_item_drop(struct chp_item *item);
void chp_item_share(const struct chp_item *item);
int chp_item_own(struct chp_item *item);

static inline struct chp_bytes *chp_bytes_get(struct chp_bytes *bytes)
{
	refcount_inc(&bytes->ref);
	return bytes;
}

/* Whether nobody but the caller has it: then it stays so, and may be changed. */
static inline bool chp_bytes_is_own(const struct chp_bytes *bytes)
{
	/*
	 * Others only ever drop theirs: one stays one. What is written then
	 * comes after their last look, by this branch and the release in
	 * chp_bytes_put().
	 */
	return refcount_read(&bytes->ref) == 1;
}

/* Makes it @len bytes long, if nobody else has it and there is room for them. */
static inline bool chp_bytes_reuse(struct chp_bytes *bytes, size_t len)
{
	if (len > bytes->room || !chp_bytes_is_own(bytes))
		return false;
	bytes->len = len;
	return true;
}

static inline void chp_item_set_num(struct chp_item *item, s64 num)
{
	item->type = CHP_ITEM_NUM;
	item->num = num;
}

static inline void chp_item_set_bytes(struct chp_item *item,
				      struct chp_bytes *bytes)
{
	item->type = CHP_ITEM_BYTES;
	item->bytes = bytes;
}

#endif
