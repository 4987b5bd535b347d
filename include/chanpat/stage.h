/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stages: workers between two channels, the piece that patterns are made of.
 *
 *	static const struct chp_stage_ops square_ops = { .item = square_item };
 *	struct chp_stage_config config = {
 *		.name = "square",
 *		.ops = &square_ops,
 *		.workers = 4,
 *	};
 *	struct chp_stage *stage;
 *
 *	stage = chp_stage_alloc(&config, sizeof(u64), in, out);
 *	err = chp_stage_start(stage, &group);
 *	...
 *	err = chp_group_wait(&group);
 *	chp_stage_free(stage);
 *
 * Each worker takes an element from the stage's input, lets a function work on
 * it in place, and sends it to the output. The last worker that ends closes
 * the output, so that the end of the input travels from stage to stage. When
 * the output is closed by its reader the stage closes its input, so that an
 * early stop travels the other way.
 *
 * Without an input a stage is a generator: its function makes the elements,
 * one for each that was sent. Without an output it is a pool. A fan has a worker
 * for each element in flight, instead of a number of them.
 *
 * An element that could not be worked on is tried again as often as the stage's
 * configuration says; then chp_stage_ops.failed makes something of it, or else
 * the error ends the whole group.
 */
#ifndef CHANPAT_STAGE_H
#define CHANPAT_STAGE_H

#include <linux/types.h>

struct chp_chan;
struct chp_group;
struct chp_sem;
struct chp_stage;
struct chp_worker;

/**
 * enum chp_verdict - what becomes of an element that was worked on
 * @CHP_EMIT: it is sent to the output
 * @CHP_MORE: it is sent, then the function is called again for more of the same
 *	element; in an ordered stage nothing comes between the two
 * @CHP_DROP: nothing is sent; the function has disposed of it
 * @CHP_LAST: it is sent, then the stage ends and takes no more input
 * @CHP_STOP: nothing is sent, and the stage ends
 */
enum chp_verdict {
	CHP_EMIT,
	CHP_DROP,
	CHP_LAST,
	CHP_STOP,
	CHP_MORE,
};

/**
 * struct chp_stage_ops - what a stage does
 * @item: works on @elem in place, or makes it when there is no input; returns
 *	a verdict, or a negative errno: then the element is as it was. After
 *	CHP_MORE it makes @elem too: what is there has been sent, and is
 *	another's
 * @failed: the last attempt has ended with @err, which is -ETIME when its time
 *	was over; makes something of the element, and returns a verdict; NULL,
 *	or a negative errno: it ends the whole group
 * @end: called once, by the last worker, after the input has ended; may make
 *	one more element: returns CHP_EMIT or CHP_DROP, or CHP_MORE to be called
 *	again; a negative errno ends the whole group; may be NULL
 * @drop: disposes of an element that could not be sent; may be NULL
 * @hire: called with the stage's data before one more worker than it began with
 *	is made, in process context; an errno refuses: a fan goes on with the
 *	workers that it has, and chp_stage_resize() returns it; may be NULL
 * @leave: one that was hired so has ended; may be NULL, like @hire
 *
 * The first three run in steps of tasks, or in threads when the stage sleeps. The
 * step may be that of a task that receives from the output, one call at a time all
 * the same: so it holds no lock that they take while it receives.
 *
 * What @item keeps of an element between its pieces is its own: it is not called
 * again once the context has ended or the output was closed, so the owner of
 * the stage disposes of it after the group was waited for. With several
 * workers chp_worker_seq() tells whose pieces are wanted.
 */
struct chp_stage_ops {
	int (*item)(struct chp_worker *worker, void *elem);
	int (*failed)(struct chp_worker *worker, void *elem, int err);
	int (*end)(struct chp_worker *worker, void *elem);
	void (*drop)(void *elem);
	int (*hire)(void *data);
	void (*leave)(void *data);
};

/**
 * struct chp_stage_config - how a stage is made
 * @name: for people; of its threads too
 * @ops: what it does
 * @data: for @ops
 * @workers: how many work at the same time, at least 1; see chp_stage_resize()
 * @fan: one worker for each element, @workers at most, or 0 for no limit
 * @ordered: elements leave in the order in which they came; nobody else receives
 *	from the input meanwhile
 * @sleeps: @ops block for long: the workers are threads
 * @sem: a unit of it is held while an element is worked on, its delay included;
 *	outlives the stage; NULL for none
 * @admit: a unit of it goes with each element that @ops->item has sent, and is
 *	given back by who ends the element; outlives the stage; not for several
 *	workers in order; NULL for none
 * @timeout_ns: nanoseconds for an attempt: waiting for @sem, working, and the
 *	delay; 0 for no limit. A function is not interrupted: it ends itself when
 *	chp_worker_ctx() has ended
 * @retry: how often an element is tried again after it has failed
 */
struct chp_stage_config {
	const char *name;
	const struct chp_stage_ops *ops;
	void *data;
	unsigned int workers;
	bool fan;
	bool ordered;
	bool sleeps;
	struct chp_sem *sem;
	struct chp_sem *admit;
	u64 timeout_ns;
	unsigned int retry;
};

/**
 * struct chp_stage_stats - a snapshot of a stage
 * @workers: that have not ended
 * @busy: that have an element in hand
 * @most: that were alive at the same time
 * @taken: elements received, or made
 * @sent: elements sent
 */
struct chp_stage_stats {
	unsigned int workers;
	unsigned int busy;
	unsigned int most;
	u64 taken;
	u64 sent;
};

#define CHP_WORKERS_MAX	65536

struct chp_stage *chp_stage_alloc(const struct chp_stage_config *config,
				  size_t elem_size, struct chp_chan *in,
				  struct chp_chan *out);
void chp_stage_free(struct chp_stage *stage);
int chp_stage_start(struct chp_stage *stage, struct chp_group *group);
int chp_stage_resize(struct chp_stage *stage, unsigned int n);
void chp_stage_stats(struct chp_stage *stage, struct chp_stage_stats *stats);
const char *chp_stage_name(const struct chp_stage *stage);

void *chp_worker_data(const struct chp_worker *worker);
u64 chp_worker_seq(const struct chp_worker *worker);
unsigned int chp_worker_attempt(const struct chp_worker *worker);
u64 chp_worker_piece(const struct chp_worker *worker);
void chp_worker_delay(struct chp_worker *worker, u64 ns);
struct chp_ctx *chp_worker_ctx(const struct chp_worker *worker);

#endif
