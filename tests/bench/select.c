// SPDX-License-Identifier: GPL-2.0
/* Selects. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <chanpat/chan.h>
#include <chanpat/group.h>
#include <chanpat/select.h>
#include <chanpat/task.h>
#include "bench.h"

static int select_drain(struct chp_chan *const *ch, unsigned int n)
{
	u64 value;
	struct chp_case cases[] = {
		CHP_CASE_RECV(ch[0], &value),
		CHP_CASE_RECV(ch[1], &value),
	};
	int err = 0;

	while (n-- && err >= 0)
		err = chp_select(NULL, cases, ARRAY_SIZE(cases));
	return min(err, 0);
}

static void select_fill(struct chp_chan *const *ch, unsigned int n)
{
	u64 value = 0;

	while (n--) {
		chp_try_send(ch[0], &value);
		chp_try_send(ch[1], &value);
	}
}

/*
 * One operation: a select of receives from two channels. Each has as many
 * elements as there are operations, so both are ready each time.
 */
static s64 select_ready(const struct bench *bench)
{
	struct chp_chan *ch[2];
	int err;
	u64 took;

	ch[0] = chp_chan_alloc(sizeof(u64), bench->n, "bench");
	ch[1] = chp_chan_alloc(sizeof(u64), bench->n, "bench");
	select_fill(ch, bench->n);
	took = bench_clock();
	err = select_drain(ch, bench->n);
	took = bench_clock() - took;
	chp_chan_put(ch[0]);
	chp_chan_put(ch[1]);
	return err ?: took;
}

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

static s64 select_play(struct chooser *choosers)
{
	struct chp_group group;
	int err = chp_group_init(&group, NULL);
	u64 took;

	if (err)
		return err;
	took = bench_clock();
	chp_task_start(&choosers[0].task, &group);
	chp_task_start(&choosers[1].task, &group);
	err = chp_group_wait(&group);
	return err ?: bench_clock() - took;
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
	took = select_play(choosers);
	for (i = 0; i < ARRAY_SIZE(ch); i++)
		chp_chan_put(ch[i]);
	return took;
}

const struct bench select_benches[] = {
	{ "select_two_ready", "chanpat", select_ready, 10000 },
	{ "select_two_blocked", "chanpat", select_blocked, 50000 },
	{}
};
