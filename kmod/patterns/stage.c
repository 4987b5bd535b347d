// SPDX-License-Identifier: GPL-2.0
/*
 * Stages.
 *
 * A worker goes through phases: receive, work, delay, turn, send, and again.
 * What a phase waits for is started by worker_begin() in a task and by
 * worker_block() in a thread; what follows from its result is worker_next(),
 * the same for both.
 */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include "../compat.h"
#include "../core/chan.h"
#include "../core/live.h"
#include "../core/wait.h"
#include "order.h"
#include "stage.h"

/* Elements that a worker handles before other tasks have their turn. */
#define STAGE_BUDGET 64

/* worker_next() says that the worker has ended. */
#define WORKER_OVER 1

/**
 * struct chp_stage - see include/chanpat/stage.h
 * @config: as it was made
 * @in: holds a reference; NULL for a generator
 * @out: holds a reference; NULL for a pool
 * @group: owns the workers
 * @order: NULL unless the stage is ordered and has several workers
 * @alive: workers that have not ended; the last one closes @out
 * @stopped: no more input is taken, also not what is buffered
 * @stride: bytes from one worker to the next
 * @workers: as many as configured
 */
struct chp_stage {
	struct chp_stage_config config;
	struct chp_chan *in;
	struct chp_chan *out;
	struct chp_group *group;
	struct chp_order *order;
	atomic_t alive;
	bool stopped;
	size_t stride;
	u8 workers[] __aligned(8);
};

static struct chp_worker *stage_worker(const struct chp_stage *stage,
				       unsigned int i)
{
	return (struct chp_worker *)(stage->workers + i * stage->stride);
}

void *chp_worker_data(const struct chp_worker *worker)
{
	return worker->stage->config.data;
}
EXPORT_SYMBOL_CHP(chp_worker_data);

/**
 * chp_worker_seq() - the number of the element in hand
 * @worker: passed to the stage's function
 *
 * Context: the stage's functions.
 * Return: how many elements the stage had received, or made, before it.
 */
u64 chp_worker_seq(const struct chp_worker *worker)
{
	return worker->seq;
}
EXPORT_SYMBOL_CHP(chp_worker_seq);

/**
 * chp_worker_delay() - let the worker sleep before it sends this element
 * @worker: passed to the stage's function
 * @ns: nanoseconds from the return of the function
 *
 * Context: the stage's functions.
 */
void chp_worker_delay(struct chp_worker *worker, u64 ns)
{
	worker->delay = ns;
}
EXPORT_SYMBOL_CHP(chp_worker_delay);

/**
 * chp_worker_ctx() - the context that the work belongs to
 * @worker: passed to the stage's function
 *
 * Context: the stage's functions.
 */
struct chp_ctx *chp_worker_ctx(const struct chp_worker *worker)
{
	return worker->stage->group->ctx;
}
EXPORT_SYMBOL_CHP(chp_worker_ctx);

static void worker_set_phase(struct chp_worker *worker,
			     enum chp_worker_phase phase)
{
	/* For chp_stage_stats(), which has no lock. */
	WRITE_ONCE(worker->phase, phase);
}

static void worker_drop(struct chp_worker *worker)
{
	const struct chp_stage_ops *ops = worker->stage->config.ops;

	if (worker->emit && ops->drop)
		ops->drop(worker->elem);
	worker->emit = false;
}

/*
 * The stage takes and sends no more. Upstream stops when it sends the next
 * time, other workers of the stage when they receive or wait for their turn.
 */
static void worker_stop_stage(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	/* For those that are about to receive; the close wakes the others. */
	WRITE_ONCE(stage->stopped, true);
	chp_close(stage->in);
	if (stage->order)
		chp_order_close(stage->order);
}

static int worker_over(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	worker_drop(worker);
	worker_set_phase(worker, CHP_W_RECV);
	if (!worker->ended && !atomic_dec_and_test(&stage->alive))
		return WORKER_OVER;
	/* Nobody is left to receive, and nothing more will be sent. */
	chp_close(stage->in);
	chp_close(stage->out);
	return WORKER_OVER;
}

/*
 * The context has ended, or the output was closed by its reader. The first is
 * no error of the group; the second stops the stage.
 */
static int worker_fail(struct chp_worker *worker, int err)
{
	if (err == -EPIPE)
		worker_stop_stage(worker);
	return worker_over(worker);
}

/* The last worker asks for what the stage has to say at its end. */
static int worker_input_ended(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;
	int verdict = CHP_DROP;

	if (!atomic_dec_and_test(&stage->alive)) {
		worker_set_phase(worker, CHP_W_RECV);
		return WORKER_OVER;
	}
	worker->ended = true;
	/* Whoever stopped the stage has left it before the last one did. */
	if (stage->config.ops->end && !READ_ONCE(stage->stopped))
		verdict = stage->config.ops->end(worker, worker->elem);
	if (verdict != CHP_EMIT)
		return worker_over(worker);
	worker->emit = true;
	worker->last = true;
	worker_set_phase(worker, CHP_W_SEND);
	return 0;
}

static int worker_after_turn(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	if (worker->emit && stage->out) {
		worker_set_phase(worker, CHP_W_SEND);
		return 0;
	}
	worker_drop(worker);
	if (worker->last) {
		worker_stop_stage(worker);
		return worker_over(worker);
	}
	if (stage->order)
		chp_order_advance(stage->order);
	worker_set_phase(worker, CHP_W_RECV);
	return 0;
}

static int worker_after_delay(struct chp_worker *worker)
{
	worker->delay = 0;
	if (!worker->stage->order)
		return worker_after_turn(worker);
	worker_set_phase(worker, CHP_W_TURN);
	return 0;
}

static int worker_work(struct chp_worker *worker)
{
	int verdict;

	worker->seq = worker->stage->in ? chp_task_ticket(&worker->task) :
					  worker->taken;
	worker_set_phase(worker, CHP_W_WORK);
	verdict = worker->stage->config.ops->item(worker, worker->elem);
	worker->emit = verdict == CHP_EMIT || verdict == CHP_LAST;
	if (worker->stage->in || worker->emit)
		WRITE_ONCE(worker->taken, worker->taken + 1);
	worker->last = verdict == CHP_LAST || verdict == CHP_STOP;
	if (verdict < 0) {
		worker_over(worker);
		return verdict;
	}
	if (!worker->delay)
		return worker_after_delay(worker);
	worker_set_phase(worker, CHP_W_DELAY);
	return 0;
}

static int worker_sent(struct chp_worker *worker)
{
	WRITE_ONCE(worker->sent, worker->sent + 1);
	worker->emit = false;
	if (worker->ended)
		return worker_over(worker);
	return worker_after_turn(worker);
}

/*
 * The operation of the current phase returned @err. Returns 0 when a next
 * phase is to be begun, WORKER_OVER, or the error that ends the group.
 */
static int worker_next(struct chp_worker *worker, int err)
{
	if (worker->phase == CHP_W_RECV && err == -EPIPE)
		return worker_input_ended(worker);
	if (err)
		return worker_fail(worker, err);
	switch (worker->phase) {
	case CHP_W_RECV:
		return worker_work(worker);
	case CHP_W_DELAY:
		return worker_after_delay(worker);
	case CHP_W_TURN:
		return worker_after_turn(worker);
	default:
		return worker_sent(worker);
	}
}

static int worker_begin(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;
	struct chp_task *task = &worker->task;
	int err;

	switch (worker->phase) {
	case CHP_W_RECV:
		if (READ_ONCE(stage->stopped))
			return -EPIPE;
		if (!stage->in)
			return chp_ctx_err(stage->group->ctx);
		return chp_task_recv(task, stage->in, worker->elem);
	case CHP_W_DELAY:
		return chp_task_sleep(task, &worker->timer, worker->delay);
	case CHP_W_TURN:
		err = chp_order_wait(stage->order, worker);
		return err == -EINPROGRESS ? chp_task_park_queued(task) : err;
	default:
		return chp_task_send(task, stage->out, worker->elem);
	}
}

static int worker_resume(struct chp_worker *worker)
{
	if (!worker->parked)
		return worker_begin(worker);
	worker->parked = false;
	if (worker->phase == CHP_W_DELAY)
		chp_timer_stop(&worker->timer);
	return chp_task_result(&worker->task);
}

static int worker_step(struct chp_task *task)
{
	struct chp_worker *worker = container_of(task, struct chp_worker, task);
	int err = worker_resume(worker), budget = STAGE_BUDGET;

	while (err != -EINPROGRESS) {
		err = worker_next(worker, err);
		if (err)
			return err == WORKER_OVER ? 0 : err;
		if (!budget--)
			return -EAGAIN;
		err = worker_begin(worker);
	}
	worker->parked = true;
	return -EINPROGRESS;
}

static int worker_block_turn(struct chp_ctx *ctx, struct chp_worker *worker)
{
	struct chp_wait *wait = &worker->task.wait;
	int err;

	chp_wait_init_thread(wait, ctx);
	err = chp_order_wait(worker->stage->order, worker);
	if (err == -EINPROGRESS)
		err = chp_wait_commit(wait);
	return err == -EINPROGRESS ? chp_wait_sleep(wait) : err;
}

static int worker_block(struct chp_ctx *ctx, struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	switch (worker->phase) {
	case CHP_W_RECV:
		if (READ_ONCE(stage->stopped))
			return -EPIPE;
		if (!stage->in)
			return chp_ctx_err(ctx);
		return chp_recv_ticket(ctx, stage->in, worker->elem,
				       &worker->task.waiter.ticket);
	case CHP_W_DELAY:
		return chp_sleep(ctx, worker->delay);
	case CHP_W_TURN:
		return worker_block_turn(ctx, worker);
	default:
		return chp_send(ctx, stage->out, worker->elem);
	}
}

static int worker_thread(struct chp_ctx *ctx, void *arg)
{
	struct chp_worker *worker = arg;
	int err;

	do {
		err = worker_next(worker, worker_block(ctx, worker));
	} while (!err);
	return err == WORKER_OVER ? 0 : err;
}

/* Disposes of what was sent and not received; the stage's group is over. */
void chp_stage_drain(struct chp_stage *stage)
{
	const struct chp_stage_ops *ops = stage->config.ops;
	void *elem = stage_worker(stage, 0)->elem;

	if (!stage->out || !ops->drop)
		return;
	while (!chp_try_recv(stage->out, elem))
		ops->drop(elem);
}

/**
 * chp_stage_alloc() - make a stage
 * @config: copied
 * @elem_size: bytes of an element, on both sides
 * @in: where it receives; NULL for a generator
 * @out: where it sends, and what it closes; NULL for a pool
 *
 * Context: may sleep.
 * Return: a stage; ERR_PTR(-EINVAL) for 0 or more than CHP_WORKERS_MAX
 * workers, a generator with more than one, or an element beyond CHP_ELEM_MAX;
 * ERR_PTR(-ENOMEM).
 */
struct chp_stage *chp_stage_alloc(const struct chp_stage_config *config,
				  size_t elem_size, struct chp_chan *in,
				  struct chp_chan *out)
{
	size_t stride = ALIGN(sizeof(struct chp_worker) + elem_size, 8);
	struct chp_stage *stage;
	unsigned int i;

	if (!config->workers || config->workers > CHP_WORKERS_MAX ||
	    (!in && config->workers > 1) || elem_size > CHP_ELEM_MAX)
		return ERR_PTR(-EINVAL);
	stage = kvzalloc(sizeof(*stage) + stride * config->workers,
			 GFP_KERNEL_ACCOUNT);
	if (!stage)
		return ERR_PTR(-ENOMEM);
	stage->config = *config;
	stage->stride = stride;
	if (config->ordered && config->workers > 1) {
		stage->order = chp_order_alloc(config->workers);
		if (!stage->order) {
			kvfree(stage);
			return ERR_PTR(-ENOMEM);
		}
	}
	stage->in = chp_chan_get(in);
	stage->out = chp_chan_get(out);
	for (i = 0; i < config->workers; i++) {
		stage_worker(stage, i)->stage = stage;
		chp_timer_init(&stage_worker(stage, i)->timer);
	}
	chp_live_inc(CHP_KIND_STAGE);
	return stage;
}
EXPORT_SYMBOL_CHP(chp_stage_alloc);

/**
 * chp_stage_free() - free a stage
 * @stage: never started, or its group has been waited for; or NULL
 *
 * Context: may sleep.
 */
void chp_stage_free(struct chp_stage *stage)
{
	if (!stage)
		return;
	chp_chan_put(stage->in);
	chp_chan_put(stage->out);
	kvfree(stage->order);
	kvfree(stage);
	chp_live_dec(CHP_KIND_STAGE);
}
EXPORT_SYMBOL_CHP(chp_stage_free);

static int stage_start_worker(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	chp_task_init(&worker->task, worker_step, NULL);
	if (stage->config.sleeps)
		return chp_go(stage->group, stage->config.name, worker_thread,
			      worker);
	return chp_task_start(&worker->task, stage->group);
}

/**
 * chp_stage_start() - let the workers work
 * @stage: started once
 * @group: owns them
 *
 * Context: may sleep.
 * Return: 0, or the error of chp_go() or chp_task_start(): then the caller
 * cancels the group and waits for it, since some may be at work already.
 */
int chp_stage_start(struct chp_stage *stage, struct chp_group *group)
{
	unsigned int i, n = stage->config.workers;
	int err;

	stage->group = group;
	/* Before any can end: else the first could take itself for the last. */
	atomic_set(&stage->alive, n);
	for (i = 0; i < n; i++) {
		err = stage_start_worker(stage_worker(stage, i));
		if (err)
			goto fail;
	}
	return 0;
fail:
	if (atomic_sub_and_test(n - i, &stage->alive))
		chp_close(stage->out);
	return err;
}
EXPORT_SYMBOL_CHP(chp_stage_start);

/**
 * chp_stage_stats() - look at a stage while it works
 * @stage: a stage
 * @stats: filled; the numbers are read one after the other
 *
 * Context: any.
 */
void chp_stage_stats(const struct chp_stage *stage,
		     struct chp_stage_stats *stats)
{
	const struct chp_worker *worker;
	unsigned int i;

	*stats = (struct chp_stage_stats){
		.workers = max(atomic_read(&stage->alive), 0),
	};
	for (i = 0; i < stage->config.workers; i++) {
		worker = stage_worker(stage, i);
		/* Lone words, written by the worker; nothing is ordered. */
		stats->taken += READ_ONCE(worker->taken);
		stats->sent += READ_ONCE(worker->sent);
		stats->busy += READ_ONCE(worker->phase) != CHP_W_RECV;
	}
}
EXPORT_SYMBOL_CHP(chp_stage_stats);

/**
 * chp_stage_name() - the name that the stage was made with
 * @stage: a stage
 *
 * Context: any.
 */
const char *chp_stage_name(const struct chp_stage *stage)
{
	return stage->config.name;
}
EXPORT_SYMBOL_CHP(chp_stage_name);
