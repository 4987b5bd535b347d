/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Open files of /dev/chanpat.
 *
 * The format of a file says who writes and reads: text_writer and text_reader,
 * or record_writer and record_reader. Each keeps with the file what is half
 * done.
 */
#ifndef CHP_DEV_FILE_H
#define CHP_DEV_FILE_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include "../jobs/spec.h"
#include "record_reader.h"
#include "text.h"
#include "text_writer.h"

struct chp_session;

/**
 * struct chp_file - an open file
 * @session: that it belongs to
 * @format: CHANPAT_FORMAT_*; changed under both mutexes
 * @writing: held by a writer; protects @line
 * @line: a line of text that has begun
 * @blocked: the last write found no place
 * @news: of the session, when it looked
 * @reading: held by a reader; protects @text and @batch
 * @text: a line of output, from which something may be left
 * @batch: records, from which some may be left
 * @lock: protects @why and @cookie
 * @why: why the last one that was rejected was; its err is 0 before
 * @cookie: of that
 */
struct chp_file {
	struct chp_session *session;
	unsigned int format;
	struct mutex writing;	/* @line */
	struct chp_text_writer line;
	bool blocked;
	int news;
	struct mutex reading;	/* @text, @batch */
	struct chp_text text;
	struct chp_batch batch;
	spinlock_t lock;	/* @why, @cookie */
	struct chp_reject why;
	u64 cookie;
};

/* The error of a write is one that its writer hears. */
static inline void chp_file_rejected(struct chp_file *f,
				     const struct chp_reject *why, u64 cookie)
{
	spin_lock(&f->lock);
	f->why = *why;
	f->cookie = cookie;
	spin_unlock(&f->lock);
}

#endif
