/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a line of the job language says, after it was parsed.
 *
 * The parser (spec.c) is pure C: it allocates one block, looks operations up
 * through a callback, and touches nothing else. The same file is compiled in
 * user space, where it is tested and fuzzed with sanitizers.
 */
#ifndef CHP_JOBS_SPEC_H
#define CHP_JOBS_SPEC_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include "../../tests/fuzz/kernel.h"
#endif

#include "../../include/chanpat/op_desc.h"

#define CHP_LABEL_MAX	32	/* with its NUL */
#define CHP_REASON_MAX	160	/* with its NUL */

/**
 * struct chp_arg - the value that a line gives for a parameter
 * @given: false where an optional one was left out; all else is zero then
 * @inf: the word "inf" stood there
 * @is_bytes: @bytes and @len count, not @num
 * @num: a number, nanoseconds, a descriptor, or an errno
 * @bytes: not ended by NUL; lives as long as the spec
 * @len: of @bytes
 */
struct chp_arg {
	bool given;
	bool inf;
	bool is_bytes;
	s64 num;
	const char *bytes;
	u32 len;
};

/**
 * struct chp_stage_spec - one operation in a job
 * @op: never NULL
 * @args: @op's parameters in their order; where the last positional one is
 *	"many" its words follow in @more
 * @more: all words of a "many" parameter, or NULL
 * @nr_more: number of those
 * @workers: at least 1
 * @buf: capacity of the channel before the stage
 * @pool: the line says how many workers there are
 * @fan: one worker for each item, @workers at most, or 0 for no limit
 * @ordered: results leave in the order in which the items came
 * @sem: the name of a semaphore, not ended by NUL; NULL: none
 * @sem_len: of @sem
 * @sem_col: where it stands in the line, from 1
 * @timeout_ns: for an attempt at an item; 0: none
 * @retry: how often an item is tried again
 * @col: where the operation's name stands in the line, from 1
 * @next: the stage behind it in its branch; 0: none
 * @branch: the first stage of its first branch; 0: none
 * @sibling: of the first stage in a branch, the first of the next branch; 0:
 *	none
 */
struct chp_stage_spec {
	const struct chp_op_desc *op;
	struct chp_arg args[CHP_PARAM_MAX];
	struct chp_arg *more;
	u32 nr_more;
	u32 workers;
	u32 buf;
	bool pool;
	bool fan;
	bool ordered;
	const char *sem;
	u32 sem_len;
	u32 sem_col;
	u64 timeout_ns;
	u32 retry;
	u32 col;
	u32 next;
	u32 branch;
	u32 sibling;
};

enum chp_line_kind {
	CHP_LINE_EMPTY,		/* nothing, or only a comment */
	CHP_LINE_JOB,
	CHP_LINE_CANCEL,	/* cancel JOB|all */
	CHP_LINE_PUSH,		/* @JOB VALUE...: @more of stage 0 */
	CHP_LINE_END,		/* end JOB */
	CHP_LINE_SEM,		/* sem NAME UNITS: @args of stage 0 */
	CHP_LINE_WORKERS,	/* workers JOB STAGE N: @args of stage 0 */
};

enum chp_errors {
	CHP_ERRORS_REPORT,	/* an error is a line, and the job goes on */
	CHP_ERRORS_STOP,	/* the first one ends the job */
	CHP_ERRORS_SKIP,	/* they are counted, and not shown */
};

/**
 * struct chp_spec - one line, parsed
 * @kind: what the line is
 * @label: the job's label, or the label or number of the job that a control
 *	line is about; "" where none; for "cancel all" it is "all"
 * @label_col: where it stands in the line, from 1
 * @timeout_ns: for the whole job; 0: none
 * @idle_ns: longest wait for the next item; 0: none
 * @limit: items in flight; 0: as many as there is room for
 * @errors: what becomes of them
 * @nr_stages: the source and all branches included
 * @stages: in the order in which they stand in the line, the source first; for
 *	control lines with arguments, one that has these
 */
struct chp_spec {
	enum chp_line_kind kind;
	char label[CHP_LABEL_MAX];
	u32 label_col;
	u64 timeout_ns;
	u64 idle_ns;
	u32 limit;
	enum chp_errors errors;
	u32 nr_stages;
	struct chp_stage_spec *stages;
};

/**
 * struct chp_limits - what a line may ask for
 * @line: bytes
 * @stages: stages of a job, the source included
 * @workers: workers of a stage
 * @buf: capacity of a channel
 */
struct chp_limits {
	u32 line;
	u32 stages;
	u32 workers;
	u32 buf;
};

/**
 * struct chp_reject - why a line was not accepted
 * @err: negative errno
 * @col: the column it is about, in bytes from 1
 * @reason: for people; always ended by NUL, never with a newline in it
 */
struct chp_reject {
	int err;
	u32 col;
	char reason[CHP_REASON_MAX];
};

/**
 * struct chp_op_set - where the parser finds operations
 * @next: the operation after @prev, the first one for NULL, NULL at the end
 */
struct chp_op_set {
	const struct chp_op_desc *(*next)(const struct chp_op_set *set,
					  const struct chp_op_desc *prev);
};

int chp_spec_parse(const char *line, size_t len, const struct chp_op_set *ops,
		   const struct chp_limits *limits, struct chp_spec **spec,
		   struct chp_reject *why);
void chp_spec_free(struct chp_spec *spec);

/* "gen FIRST LAST|inf [STEP]", for help texts; what snprintf() returns. */
int chp_op_usage(const struct chp_op_desc *op, char *buf, size_t size);

/* "EIO" for 5, in both directions; NULL and 0 where there is none. */
const char *chp_errno_name(int err);
int chp_errno_number(const char *name, size_t len);

#endif
