/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Select: wait for the first of several operations, after Go's statement.
 *
 * Each case is an operation on a channel, or the end of a context. Exactly one
 * case is done: its index is returned, and its @err is the result. When several
 * could be done, one of them is chosen at random, each as likely as the others;
 * chp_select_ordered() takes the first of them instead.
 *
 *	struct chp_case cases[] = {
 *		CHP_CASE_RECV(requests, &request),
 *		CHP_CASE_SEND(replies, &reply),
 *		CHP_CASE_DONE(quit),
 *	};
 *
 *	switch (chp_select(ctx, cases, ARRAY_SIZE(cases))) {
 *	case 0:
 *		if (cases[0].err)	// -EPIPE: closed and empty
 *			return 0;
 *		return serve(&request);
 *	case 1:
 *		return cases[1].err;	// -EPIPE: nobody wants it any more
 *	case 2:
 *		return cases[2].err;	// how the context has ended
 *	default:
 *		return -ECANCELED;	// @ctx has ended; nothing was done
 *	}
 *
 * Any number of cases is allowed, none of them allocates. A channel may be in
 * several of them, in both directions; a select never meets itself. A case with
 * a NULL channel or context is never ready: set it to NULL to switch it off.
 * The array can be used again as it is.
 *
 * A default branch is chp_try_select(). A time limit is chp_select_timeout(),
 * or the timeout of a context, or a case that receives from chp_after(); for
 * tasks it is chp_task_timeout().
 */
#ifndef CHANPAT_SELECT_H
#define CHANPAT_SELECT_H

#include <chanpat/wait.h>

struct chp_chan;
struct chp_ctx;
struct chp_task;

enum chp_case_kind {
	CHP_SEND,
	CHP_RECV,
	CHP_DONE,
};

/**
 * struct chp_case - a case of a select; made with CHP_CASE_SEND() and its like
 * @ch: for CHP_SEND and CHP_RECV; the caller's, and may be changed by it
 *	between two selects
 * @ctx: likewise, for CHP_DONE
 * @kind: what to do
 * @err: of the case that was done: 0, or -EPIPE for a closed channel, or how
 *	the context has ended
 * @turn: which case is looked at in this case's stead; belongs to chanpat
 * @waiter: its @elem is what to send, or where to receive; the rest belongs to
 *	chanpat
 */
struct chp_case {
	union {
		struct chp_chan *ch;
		struct chp_ctx *ctx;
	};
	enum chp_case_kind kind;
	int err;
	unsigned int turn;
	struct chp_waiter waiter;
};

/**
 * CHP_CASE_SEND() - a case that sends
 * @_ch: a channel, or NULL for a case that is never ready
 * @_elem: copied when this case is done
 */
#define CHP_CASE_SEND(_ch, _elem) {					\
	.ch = (_ch), .kind = CHP_SEND, .waiter.elem = (void *)(_elem)	\
}

/**
 * CHP_CASE_RECV() - a case that receives
 * @_ch: a channel, or NULL for a case that is never ready
 * @_elem: where to copy it; zeroed when the channel is closed; NULL to throw it
 *	away
 */
#define CHP_CASE_RECV(_ch, _elem) {					\
	.ch = (_ch), .kind = CHP_RECV, .waiter.elem = (_elem)		\
}

/**
 * CHP_CASE_DONE() - a case that is ready once a context has ended
 * @_ctx: a context, or NULL for a case that is never ready
 *
 * Go: case <-ctx.Done().
 */
#define CHP_CASE_DONE(_ctx) { .ctx = (_ctx), .kind = CHP_DONE }

int chp_select(struct chp_ctx *ctx, struct chp_case *cases, unsigned int n);
int chp_select_ordered(struct chp_ctx *ctx, struct chp_case *cases,
		       unsigned int n);
int chp_select_timeout(struct chp_ctx *ctx, struct chp_case *cases,
		       unsigned int n, u64 ns);
int chp_try_select(struct chp_case *cases, unsigned int n);
int chp_try_select_ordered(struct chp_case *cases, unsigned int n);

int chp_task_select(struct chp_task *task, struct chp_case *cases,
		    unsigned int n);
int chp_task_select_ordered(struct chp_task *task, struct chp_case *cases,
			    unsigned int n);

#endif
