/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that operations read and write: those that a descriptor named when the
 * line was written, each with a reference of its own.
 *
 * Reading and writing may block, on a pipe for ever, so it is done in a thread,
 * which takes one signal: the end of its context. A file on a disk of this machine,
 * or in its memory, needs none: see chp_op_file_is_quick().
 */
#ifndef CHP_JOBS_FILE_H
#define CHP_JOBS_FILE_H

#include <linux/fs.h>
#include <chanpat/ctx.h>

struct chp_op_stage;
struct chp_reject;
struct chp_worker;

/**
 * struct chp_op_file - a file at work
 * @file: with a reference
 * @pos: of the next read; not used for streams
 * @thread: who reads or writes, with a reference; NULL before it has begun
 * @wake: interrupts @thread
 */
struct chp_op_file {
	struct file *file;
	loff_t pos;
	struct task_struct *thread;
	struct chp_after wake;
};

int chp_op_file_open(struct chp_op_stage *st, struct chp_op_file *f,
		     fmode_t mode, struct chp_reject *why);
bool chp_op_file_is_quick(const struct chp_op_file *f);
void chp_op_file_close(struct chp_op_file *f);
void chp_op_file_begin(struct chp_op_file *f, struct chp_worker *worker);
ssize_t chp_op_file_read(struct chp_op_file *f, void *buf, size_t len);
ssize_t chp_op_file_write(struct chp_op_file *f, const void *buf, size_t len);
int chp_op_file_failed(struct chp_op_stage *st, struct chp_worker *worker,
		       int err);

#endif
