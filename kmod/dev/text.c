// SPDX-License-Identifier: GPL-2.0
/* The text format: one line for each item, error, end of a job, and reject. */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/string_helpers.h>
#include "../compat.h"
#include "../jobs/job.h"
#include "text.h"

/* A line without a byte string: labels, names and numbers. */
#define TEXT_LINE	(CHP_LABEL_MAX + CHP_REASON_MAX + 128)

/* A byte becomes at most \xHH. */
#define TEXT_BYTE	4

/*
 * What would end the line, or a reader's parsing, early; the rest is data. The
 * NUL at the end counts too. It is written as \x00: after \0 a digit would
 * make another byte of it.
 */
static const char text_escaped[] =
	"\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017"
	"\020\021\022\023\024\025\026\027\030\031\032\033\034\035\036\037"
	"\177\"\\";

static int text_reserve(struct chp_text *text, size_t size)
{
	char *buf;

	text->len = 0;
	text->pos = 0;
	if (size <= text->size)
		return 0;
	buf = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	kvfree(text->buf);
	text->buf = buf;
	text->size = size;
	return 0;
}

__printf(2, 3)
static void text_add(struct chp_text *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text->len += vscnprintf(text->buf + text->len, text->size - text->len,
				fmt, args);
	va_end(args);
}

static int text_bytes(struct chp_text *text, const char *label,
		      const struct chp_bytes *bytes)
{
	int err = text_reserve(text, TEXT_LINE + TEXT_BYTE * (size_t)bytes->len);

	if (err)
		return err;
	text_add(text, "%s item \"", label);
	text->len += string_escape_mem(bytes->data, bytes->len,
				       text->buf + text->len,
				       text->size - text->len,
				       ESCAPE_SPACE | ESCAPE_SPECIAL |
				       ESCAPE_HEX, text_escaped);
	text_add(text, "\"\n");
	return 0;
}

static void text_error(struct chp_text *text, const struct chp_job *job,
		       const struct chp_item *item)
{
	const char *name = chp_errno_name(item->err);

	text_add(text, "%s error ", job->label);
	if (name)
		text_add(text, "%s", name);
	else
		text_add(text, "%u", item->err);
	text_add(text, " stage=%u op=%s seq=%llu\n", item->stage,
		 job->spec->stages[item->stage].op->name, item->seq);
}

static void text_done(struct chp_text *text, const struct chp_job *job)
{
	char status[32];

	chp_job_status_text(job, status, sizeof(status));
	text_add(text, "%s done %s items=%llu errors=%llu time_us=%lld\n",
		 job->label, status, job->items, job->errors,
		 ktime_us_delta(job->ended, job->started));
}

/* Formats a result, whose job is there as long as its end was not read. */
int chp_text_result(struct chp_text *text, const struct chp_result *result)
{
	const struct chp_item *item = &result->item;
	const struct chp_job *job = result->job;
	int err;

	if (item->type == CHP_ITEM_BYTES)
		return text_bytes(text, job->label, item->bytes);
	err = text_reserve(text, TEXT_LINE);
	if (err)
		return err;
	if (item->type == CHP_ITEM_NUM)
		text_add(text, "%s item %lld\n", job->label, item->num);
	else if (item->type == CHP_ITEM_ERROR)
		text_error(text, job, item);
	else
		text_done(text, job);
	return 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_text_result);

int chp_text_reject(struct chp_text *text, const struct chp_reject *why)
{
	const char *name = chp_errno_name(-why->err);
	int err = text_reserve(text, TEXT_LINE);

	if (err)
		return err;
	text_add(text, "- reject %s col=%u %s\n", name ?: "EINVAL", why->col,
		 why->reason);
	return 0;
}
EXPORT_SYMBOL_CHP_TESTS(chp_text_reject);

void chp_text_free(struct chp_text *text)
{
	kvfree(text->buf);
}
EXPORT_SYMBOL_CHP_TESTS(chp_text_free);
