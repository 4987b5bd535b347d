/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stages: workers between two channels, the piece that patterns are made of.
 *
 * Each worker takes an element from the stage's input, lets a function work on
 * it in place, and sends it to the output. The last worker that ends closes
 * the output, so that the end of the input travels from stage to stage. When
 * the output is closed by its reader the stage closes its input, so that an
 * early stop travels the other way.
 *
 * Without an input a stage is a generator: its function makes the elements,
 * one for each that was sent. Without an output it is a pool.
 */
#ifndef CHANPAT_STAGE_H
#define CHANPAT_STAGE_H

#include <linux/types.h>

struct chp_chan;
struct chp_group;
struct chp_stage;
struct chp_worker;

/**
 * enum chp_verdict - what becomes of an element that was worked on
 * @CHP_EMIT: it is sent to the output
 * @CHP_DROP: nothing is sent; the function has disposed of it
 * @CHP_LAST: it is sent, then the stage ends and takes no more input
 * @CHP_STOP: nothing is sent, and the stage ends
 */
enum chp_verdict {
	CHP_EMIT,
	CHP_DROP,
	CHP_LAST,
	CHP_STOP,
};

/**
 * struct chp_stage_ops - what a stage does
 * @item: works on @elem in place, or makes it when there is no input; returns
 *	a verdict, or a negative errno that ends the whole group
 * @end: called once, by the last worker, after the input has ended; may make
 *	one more element: returns CHP_EMIT or CHP_DROP; may be NULL
 * @drop: disposes of an element that could not be sent; may be NULL
 *
 * They run in steps of tasks, or in threads when the stage sleeps.
 */
struct chp_stage_ops {
	int (*item)(struct chp_worker *worker, void *elem);
	int (*end)(struct chp_worker *worker, void *elem);
	void (*drop)(void *elem);
};

/**
 * struct chp_stage_config - how a stage is made
 * @name: for people; of its threads too
 * @ops: what it does
 * @data: for @ops
 * @workers: how many work at the same time, at least 1
 * @ordered: elements leave in the order in which they came
 * @sleeps: @ops block for long: the workers are threads
 */
struct chp_stage_config {
	const char *name;
	const struct chp_stage_ops *ops;
	void *data;
	unsigned int workers;
	bool ordered;
	bool sleeps;
};

/**
 * struct chp_stage_stats - a snapshot of a stage
 * @workers: that have not ended
 * @busy: that have an element in hand
 * @taken: elements received, or made
 * @sent: elements sent
 */
struct chp_stage_stats {
	unsigned int workers;
	unsigned int busy;
	u64 taken;
	u64 sent;
};

#define CHP_WORKERS_MAX	65536

struct chp_stage *chp_stage_alloc(const struct chp_stage_config *config,
				  size_t elem_size, struct chp_chan *in,
				  struct chp_chan *out);
void chp_stage_free(struct chp_stage *stage);
int chp_stage_start(struct chp_stage *stage, struct chp_group *group);
void chp_stage_stats(const struct chp_stage *stage,
		     struct chp_stage_stats *stats);
const char *chp_stage_name(const struct chp_stage *stage);

void *chp_worker_data(const struct chp_worker *worker);
u64 chp_worker_seq(const struct chp_worker *worker);
void chp_worker_delay(struct chp_worker *worker, u64 ns);
struct chp_ctx *chp_worker_ctx(const struct chp_worker *worker);

#endif
