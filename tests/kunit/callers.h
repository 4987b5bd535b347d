/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls that may wait, made by a thread or by a task: what an actor is for
 * channels, for everything else.
 */
#ifndef CHP_KUNIT_CALLERS_H
#define CHP_KUNIT_CALLERS_H

#include "helpers.h"

struct chp_caller;

/**
 * struct chp_caller_kind - what callers do
 * @call: in a thread
 * @park: the first run of a task; when it returns -EINPROGRESS the result of
 *	the wait is that of the call
 */
struct chp_caller_kind {
	int (*call)(struct chp_ctx *ctx, struct chp_caller *caller);
	int (*park)(struct chp_task *task, struct chp_caller *caller);
};

/**
 * struct chp_caller - a call on its way
 * @kind: what it does
 * @form: who does it
 * @arg: for @kind
 * @units: likewise
 * @thread: who it is, once @begun
 * @task: likewise
 * @result: of the call, once @done
 * @begun: it is in the call, or beyond
 * @done: the call has returned
 */
struct chp_caller {
	const struct chp_caller_kind *kind;
	enum chp_form form;
	void *arg;
	u64 units;
	struct task_struct *thread;
	struct chp_task task;
	int result;
	bool begun;
	bool done;
};

struct chp_caller *chp_caller_start(struct kunit *test, struct chp_group *group,
				    const struct chp_caller_kind *kind,
				    enum chp_form form, void *arg, u64 units);
bool chp_caller_waits(struct chp_caller *caller);
bool chp_caller_done(const struct chp_caller *caller);

#endif
