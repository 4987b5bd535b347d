// SPDX-License-Identifier: GPL-2.0
/* Selects of tasks that have to wait. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/group.h>
#include <chanpat/select.h>
#include <chanpat/task.h>
#include <chanpat/ticker.h>
#include "bench.h"

/**
 * struct chooser - a task that sends to its peer, then waits for the answer
 * @task: it
 * @cases: receives from its own two channels
 * @to: the peer's two channels, used in turns
 * @value: what is sent and received
 * @left: sends and selects that are not done
 * @chooses: the next is a select
 */
struct chooser {
	struct chp_task task;
	struct chp_case cases[2];
	struct chp_chan *const *to;
	u64 value;
	unsigned int left;
	bool chooses;
};

static int chooser_step(struct chp_task *task)
{
	struct chooser *c = container_of(task, struct chooser, task);
	int err = chp_task_result(task);

	while (err >= 0 && c->left) {
		c->left--;
		c->chooses = !c->chooses;
		if (c->chooses)
			err = chp_task_send(task, c->to[c->left / 2 % 2],
					    &c->value);
		else
			err = chp_task_select(task, c->cases,
					      ARRAY_SIZE(c->cases));
	}
	return min(err, 0);
}

static void chooser_init(struct chooser *c, struct chp_chan *const *own,
			 struct chp_chan *const *to, unsigned int n)
{
	*c = (struct chooser) {
		.cases = {
			CHP_CASE_RECV(own[0], &c->value),
			CHP_CASE_RECV(own[1], &c->value),
		},
		.to = to,
		.left = n,
	};
	chp_task_init(&c->task, chooser_step, NULL);
}

/*
 * One operation: a task sends an element to the other one, which is parked in
 * a select of two receives, and then parks in such a select itself. Two tasks
 * do that in turns, over four unbuffered channels.
 */
static s64 select_blocked(const struct bench *bench)
{
	struct chooser choosers[2];
	struct chp_chan *ch[4];
	unsigned int i;
	s64 took;

	for (i = 0; i < ARRAY_SIZE(ch); i++)
		ch[i] = chp_chan_alloc(sizeof(u64), 0, "bench");
	chooser_init(&choosers[0], ch, ch + 2, bench->n);
	chooser_init(&choosers[1], ch + 2, ch, bench->n);
	/* The second begins with its select. */
	choosers[1].chooses = true;
	took = bench_two_tasks(&choosers[0].task, &choosers[1].task);
	for (i = 0; i < ARRAY_SIZE(ch); i++)
		chp_chan_put(ch[i]);
	return took;
}

/**
 * struct selector - a task that does the same select again and again
 * @task: it
 * @cases: of the select
 * @nr_cases: how many
 * @last: the case after which it ends, or a number that no case has
 * @left: selects that are not done, unless @last is
 * @rounds: of work before each
 * @value: what is sent and received
 * @closes: a channel that it closes in the end; may be NULL
 */
struct selector {
	struct chp_task task;
	struct chp_case cases[4];
	unsigned int nr_cases;
	int last;
	unsigned int left;
	unsigned int rounds;
	u64 value;
	struct chp_chan *closes;
};

static int selector_step(struct chp_task *task)
{
	struct selector *s = container_of(task, struct selector, task);
	int done = chp_task_result(task);

	while (done >= 0 && done != s->last && s->left) {
		s->left--;
		if (s->rounds)
			s->value = bench_work(s->value, s->rounds);
		done = chp_task_select(task, s->cases, s->nr_cases);
	}
	if (done == -EINPROGRESS)
		return done;
	if (s->closes)
		chp_close(s->closes);
	return min(done, 0);
}

static void selector_init(struct selector *s, unsigned int n,
			  unsigned int rounds)
{
	*s = (struct selector) { .last = -1, .left = n, .rounds = rounds };
	chp_task_init(&s->task, selector_step, NULL);
}

static void selector_sends(struct selector *s, struct chp_chan *ch)
{
	s->cases[s->nr_cases++] = (struct chp_case)CHP_CASE_SEND(ch, &s->value);
}

/* What it receives is thrown away. */
static void selector_receives(struct selector *s, struct chp_chan *ch)
{
	s->cases[s->nr_cases++] = (struct chp_case)CHP_CASE_RECV(ch, NULL);
}

/*
 * One operation: an element passes from a task that selects among sends to
 * three unbuffered channels, and the end, to one that selects among receives
 * from the three.
 */
static s64 select_sync_contended(const struct bench *bench)
{
	struct selector from, to;
	struct chp_chan *ch[4];
	unsigned int i;
	s64 took;

	selector_init(&from, UINT_MAX, 0);
	selector_init(&to, bench->n, 0);
	for (i = 0; i < ARRAY_SIZE(ch); i++)
		ch[i] = chp_chan_alloc(sizeof(u64), 0, "bench");
	for (i = 0; i < 3; i++) {
		selector_sends(&from, ch[i]);
		selector_receives(&to, ch[i]);
	}
	selector_receives(&from, ch[3]);
	from.last = 3;
	to.closes = ch[3];
	took = bench_two_tasks(&from.task, &to.task);
	for (i = 0; i < ARRAY_SIZE(ch); i++)
		chp_chan_put(ch[i]);
	return took;
}

/*
 * One operation: an element passes from a producer to a consumer over a channel
 * with 128 places. Each works a hundred rounds for it, and selects among the
 * channel, the end, and a time limit, neither of which comes.
 */
static s64 select_prod_cons(const struct bench *bench)
{
	struct selector from, to;
	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), 128, "bench");
	struct chp_chan *end = chp_chan_alloc(sizeof(u64), 0, "bench");
	struct chp_chan *late = chp_after(3600 * NSEC_PER_SEC);
	s64 took;

	selector_init(&from, bench->n, 100);
	selector_init(&to, bench->n, 100);
	selector_sends(&from, ch);
	selector_receives(&from, late);
	selector_receives(&from, end);
	selector_receives(&to, ch);
	selector_receives(&to, late);
	selector_receives(&to, end);
	took = bench_two_tasks(&from.task, &to.task);
	chp_chan_put(ch);
	chp_chan_put(end);
	chp_chan_put(late);
	return took;
}

#define CROWD 1000

/* Who sends to each of those who select, in turns. */
struct crier {
	struct chp_task task;
	struct selector *crowd;
	unsigned int sent;
	unsigned int n;
	u64 value;
};

static int crier_step(struct chp_task *task)
{
	struct crier *c = container_of(task, struct crier, task);
	int err = chp_task_result(task);
	struct selector *to;

	while (!err && c->sent < c->n) {
		to = &c->crowd[c->sent++ % CROWD];
		err = chp_task_send(task, to->cases[1].ch, &c->value);
	}
	return err;
}

static s64 crowd_run(struct crier *crier)
{
	struct chp_group group;
	int err = chp_group_init(&group, NULL);
	unsigned int i;
	u64 took;

	if (err)
		return err;
	chp_task_init(&crier->task, crier_step, NULL);
	took = bench_clock();
	for (i = 0; i < CROWD; i++)
		chp_task_start(&crier->crowd[i].task, &group);
	chp_task_start(&crier->task, &group);
	err = chp_group_wait(&group);
	return err ?: bench_clock() - took;
}

/*
 * One operation: an element is sent to one of a thousand tasks. Each selects
 * among a channel of its own, and one that is popular: all wait on it.
 */
static s64 chan_popular(const struct bench *bench)
{
	struct selector *crowd = kvcalloc(CROWD, sizeof(*crowd), GFP_KERNEL);
	struct crier crier = { .crowd = crowd, .n = bench->n };
	struct chp_chan *popular;
	unsigned int i;
	s64 took;

	if (!crowd)
		return -ENOMEM;
	popular = chp_chan_alloc(0, 0, "bench");
	for (i = 0; i < CROWD; i++) {
		selector_init(&crowd[i],
			      bench->n / CROWD + (i < bench->n % CROWD), 0);
		selector_receives(&crowd[i], popular);
		selector_receives(&crowd[i],
				  chp_chan_alloc(sizeof(u64), 0, "bench"));
	}
	took = crowd_run(&crier);
	for (i = 0; i < CROWD; i++)
		chp_chan_put(crowd[i].cases[1].ch);
	chp_chan_put(popular);
	kvfree(crowd);
	return took;
}

const struct bench select_task_benches[] = {
	{ "select_two_blocked", "chanpat", select_blocked, 50000 },
	{ "select_sync_contended", "chanpat", select_sync_contended, 50000 },
	{ "select_prod_cons", "chanpat", select_prod_cons, 20000 },
	{ "chan_popular", "chanpat", chan_popular, 100 * CROWD },
	{}
};
