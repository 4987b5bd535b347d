/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A selector is one select, performed by a thread or by a task: what an actor
 * is for the operations of a single channel. In both forms its context is the
 * one of its group.
 */
#ifndef CHP_KUNIT_SELECTOR_H
#define CHP_KUNIT_SELECTOR_H

#include <chanpat/select.h>
#include "helpers.h"

/**
 * struct chp_selector - one select on its way
 * @form: who does it
 * @n: how many cases
 * @cases: what it chooses from
 * @value: room for an element of eight bytes for each case
 * @ordered: whether the first of the ready cases is taken
 * @timed: whether it waits no longer than @ns
 * @ns: nanoseconds
 * @thread: who it is, once @begun
 * @task: likewise
 * @timer: for @ns
 * @result: of the select, once @done
 * @start: when it began
 * @took: nanoseconds, once @done
 * @begun: it is in the select, or beyond
 * @done: the select has returned
 */
struct chp_selector {
	enum chp_form form;
	unsigned int n;
	struct chp_case *cases;
	u64 *value;
	bool ordered;
	bool timed;
	u64 ns;
	struct task_struct *thread;
	struct chp_task task;
	struct chp_timer timer;
	int result;
	ktime_t start;
	s64 took;
	bool begun;
	bool done;
};

struct chp_selector *chp_selector_make(struct kunit *test, enum chp_form form,
				       unsigned int n);
void chp_selector_sends(struct chp_selector *s, unsigned int i,
			struct chp_chan *ch, u64 value);
void chp_selector_recvs(struct chp_selector *s, unsigned int i,
			struct chp_chan *ch);
void chp_selector_ends(struct chp_selector *s, unsigned int i,
		       struct chp_ctx *ctx);
int chp_selector_go(struct chp_selector *s, struct chp_group *group);
void chp_selector_start(struct kunit *test, struct chp_selector *s,
			struct chp_group *group);
int chp_selector_finish(struct kunit *test, struct chp_selector *s);
int chp_selector_run(struct kunit *test, struct chp_selector *s,
		     struct chp_group *group);
bool chp_selector_waits(struct chp_selector *s);
bool chp_selector_done(const struct chp_selector *s);

#endif
