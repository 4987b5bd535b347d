// SPDX-License-Identifier: GPL-2.0
/*
 * Records that are written; see include/uapi/linux/chanpat.h. Nothing is copied
 * twice: byte strings go from the writer's memory to where jobs work on them.
 */
#include <linux/align.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <uapi/linux/chanpat.h>
#include "../compat.h"
#include "../jobs/input.h"
#include "../jobs/item.h"
#include "../jobs/reject.h"
#include "record.h"

#define RECORD_ALIGN 8

/* Numbers that are copied at a time. */
#define RECORD_CHUNK 32

static_assert(sizeof(struct chanpat_record) == 24);
static_assert(sizeof(struct chanpat_bytes) == 8);
static_assert(sizeof(struct chanpat_error) == 16);
static_assert(sizeof(struct chanpat_done) == 32);
static_assert(sizeof(struct chanpat_reject) == 16 + CHANPAT_REASON);
static_assert(sizeof(struct chanpat_wait) == 56);
static_assert(CHANPAT_COUNT_MAX == CHP_INPUT_MAX);

/* What is being parsed: @left of the record's bytes stand in @from. */
struct parser {
	struct chp_record *record;
	struct iov_iter *from;
	size_t left;
	u32 count;
	struct chp_quota *quota;
	struct chp_reject *why;
};

__printf(2, 3)
static int parser_reject(struct parser *p, const char *fmt, ...)
{
	va_list args;

	p->why->err = -EINVAL;
	p->why->col = 0;
	va_start(args, fmt);
	vsnprintf(p->why->reason, sizeof(p->why->reason), fmt, args);
	va_end(args);
	return -EINVAL;
}

static int parser_no_memory(struct parser *p, int err)
{
	return chp_reject(p->why, err, 0, err == -EDQUOT ?
			  "the jobs of this session would hold too much memory" :
			  "out of memory");
}

static int parser_copy(struct parser *p, void *to, size_t n)
{
	if (n > p->left)
		return parser_reject(p, "the record ends in the middle of a value");
	if (!copy_from_iter_full(to, n, p->from))
		return -EFAULT;
	p->left -= n;
	return 0;
}

/* Zeroes, up to where what follows is aligned again. */
static int parser_skip_padding(struct parser *p, size_t len)
{
	u64 padding = 0;
	int err = parser_copy(p, &padding, ALIGN(len, RECORD_ALIGN) - len);

	if (!err && padding)
		err = parser_reject(p, "the padding is not 0");
	return err;
}

static int parser_line(struct parser *p)
{
	struct chp_record *record = p->record;
	size_t len = p->left;
	int err;

	record->line = kvmalloc(max_t(size_t, len, 1), GFP_KERNEL_ACCOUNT);
	if (!record->line)
		return parser_no_memory(p, -ENOMEM);
	record->len = len;
	err = parser_copy(p, record->line, len);
	if (err)
		return err;
	if (memchr(record->line, '\n', len))
		return parser_reject(p, "a line is written without its newline");
	p->left = ALIGN(len, RECORD_ALIGN) - len;
	return parser_skip_padding(p, len);
}

static int parser_make_items(struct parser *p)
{
	p->record->items = kvmalloc_array(max(p->count, 1U),
					  sizeof(struct chp_item),
					  GFP_KERNEL_ACCOUNT);
	return p->record->items ? 0 : parser_no_memory(p, -ENOMEM);
}

static void record_add_number(struct chp_record *record, s64 num)
{
	struct chp_item *item = &record->items[record->nr_items++];

	*item = (struct chp_item){ };
	chp_item_set_num(item, num);
}

static int parser_numbers(struct parser *p)
{
	s64 chunk[RECORD_CHUNK];
	u32 left, n, i;
	int err;

	if (p->left != p->count * sizeof(s64))
		return parser_reject(p, "%u numbers do not have %zu bytes",
				     p->count, p->left);
	err = parser_make_items(p);
	for (left = p->count; left && !err; left -= n) {
		n = min_t(u32, left, RECORD_CHUNK);
		err = parser_copy(p, chunk, n * sizeof(s64));
		for (i = 0; i < n && !err; i++)
			record_add_number(p->record, chunk[i]);
	}
	return err;
}

static int parser_check_bytes(struct parser *p, const struct chanpat_bytes *head)
{
	if (head->reserved)
		return parser_reject(p, "the reserved field of a byte string is not 0");
	if (head->len > CHP_BYTES_MAX)
		return parser_reject(p, "a byte string has at most %u bytes",
				     CHP_BYTES_MAX);
	if (head->len > p->left)
		return parser_reject(p, "the record ends in the middle of a value");
	return 0;
}

static int parser_bytes_item(struct parser *p)
{
	struct chp_record *record = p->record;
	struct chanpat_bytes head;
	struct chp_bytes *bytes;
	struct chp_item *item;
	int err;

	err = parser_copy(p, &head, sizeof(head));
	if (!err)
		err = parser_check_bytes(p, &head);
	if (err)
		return err;
	bytes = chp_bytes_alloc(p->quota, head.len);
	if (IS_ERR(bytes))
		return parser_no_memory(p, PTR_ERR(bytes));
	/* The record's from now on, also after an error. */
	item = &record->items[record->nr_items++];
	*item = (struct chp_item){ };
	chp_item_set_bytes(item, bytes);
	err = parser_copy(p, bytes->data, head.len);
	return err ? err : parser_skip_padding(p, head.len);
}

static int parser_bytes(struct parser *p)
{
	int err = parser_make_items(p);
	u32 i;

	for (i = 0; i < p->count && !err; i++)
		err = parser_bytes_item(p);
	if (!err && p->left)
		err = parser_reject(p, "%zu bytes follow the last value",
				    p->left);
	return err;
}

static int parser_check_fields(struct parser *p,
			       const struct chanpat_record *head)
{
	if (head->flags)
		return parser_reject(p, "the flags of a record are not 0");
	if (head->job)
		return parser_reject(p, "the job of a record that is written is not 0");
	if (head->count > CHANPAT_COUNT_MAX)
		return parser_reject(p, "a record has at most %u values",
				     CHANPAT_COUNT_MAX);
	if (!head->cookie && head->type != CHANPAT_LINE)
		return parser_reject(p, "a record without a cookie is about no job");
	return 0;
}

static int parser_check_size(struct parser *p,
			     const struct chanpat_record *head)
{
	size_t room = iov_iter_count(p->from) + sizeof(*head), size = head->size;

	if (size < sizeof(*head))
		return parser_reject(p, "a record has at least %zu bytes",
				     sizeof(*head));
	if (size > CHANPAT_RECORD_MAX)
		return parser_reject(p, "a record has at most %u bytes",
				     CHANPAT_RECORD_MAX);
	if (head->type != CHANPAT_LINE && !IS_ALIGNED(size, RECORD_ALIGN))
		return parser_reject(p, "the size of a record is a multiple of %u",
				     RECORD_ALIGN);
	if (ALIGN(size, RECORD_ALIGN) > room)
		return parser_reject(p, "the write ends before its record of %zu bytes",
				     size);
	return 0;
}

static int parser_nothing(struct parser *p)
{
	if (p->count || p->left)
		return parser_reject(p, "nothing follows in a record of this type");
	return 0;
}

static int parser_body(struct parser *p)
{
	switch (p->record->type) {
	case CHANPAT_LINE:
		return p->count ? parser_reject(p, "the count of a line is 0") :
				  parser_line(p);
	case CHANPAT_NUMBERS:
		return parser_numbers(p);
	case CHANPAT_BYTES:
		return parser_bytes(p);
	case CHANPAT_END:
	case CHANPAT_CANCEL:
		return parser_nothing(p);
	default:
		return parser_reject(p, "no record of type %u can be written",
				     p->record->type);
	}
}

static int parser_record(struct parser *p)
{
	struct chanpat_record head;
	int err;

	if (iov_iter_count(p->from) < sizeof(head))
		return parser_reject(p, "a record has at least %zu bytes",
				     sizeof(head));
	if (!copy_from_iter_full(&head, sizeof(head), p->from))
		return -EFAULT;
	p->record->type = head.type;
	p->record->cookie = head.cookie;
	p->count = head.count;
	err = parser_check_size(p, &head);
	if (err)
		return err;
	p->left = head.size - sizeof(head);
	err = parser_check_fields(p, &head);
	return err ? err : parser_body(p);
}

/**
 * chp_record_parse() - parse a record that is written
 * @record: filled; to be given to chp_record_free(), also after an error
 * @from: where it stands; afterwards where the next one does, after an error
 *	where it was
 * @quota: charged for byte strings
 * @why: filled after an error, but for -EFAULT
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for what is no record, or none that is written; -EFAULT;
 * -EDQUOT; -ENOMEM.
 */
int chp_record_parse(struct chp_record *record, struct iov_iter *from,
		     struct chp_quota *quota, struct chp_reject *why)
{
	struct parser p = {
		.record = record,
		.from = from,
		.quota = quota,
		.why = why,
	};
	size_t before = iov_iter_count(from);
	int err;

	*record = (struct chp_record){ };
	*why = (struct chp_reject){ };
	err = parser_record(&p);
	if (err)
		iov_iter_revert(from, before - iov_iter_count(from));
	return err;
}
EXPORT_SYMBOL_CHP_TESTS(chp_record_parse);

/* Items that have not been pushed are dropped. */
void chp_record_free(struct chp_record *record)
{
	while (record->nr_items)
		chp_item_drop(&record->items[--record->nr_items]);
	kvfree(record->items);
	kvfree(record->line);
}
EXPORT_SYMBOL_CHP_TESTS(chp_record_free);
