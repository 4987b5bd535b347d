// SPDX-License-Identifier: GPL-2.0
/*
 * What a worker of a stage does.
 *
 * It goes through phases: receive, wait for a place, work, delay, turn, send,
 * and again. What a phase waits for is started by worker_begin() in a task and
 * by worker_block() in a thread; what follows from its result is worker_next(),
 * the same for both.
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include <chanpat/sem.h>
#include "../compat.h"
#include "../core/chan.h"
#include "../core/ctx.h"
#include "../core/task.h"
#include "../core/wait.h"
#include "member.h"
#include "stage.h"

/* Elements that a worker handles before other tasks have their turn. */
#define WORKER_BUDGET 64

/* worker_next() says that the worker has ended. */
#define WORKER_OVER 1

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
 * chp_worker_attempt() - how often the element in hand has failed before
 * @worker: passed to the stage's function
 *
 * Context: the stage's functions.
 * Return: 0 the first time.
 */
unsigned int chp_worker_attempt(const struct chp_worker *worker)
{
	return worker->attempt;
}
EXPORT_SYMBOL_CHP(chp_worker_attempt);

/**
 * chp_worker_piece() - how many pieces of the element in hand were sent
 * @worker: passed to the stage's function
 *
 * Context: the stage's functions.
 * Return: 0 at the first call for an element, or for the end, and one more at
 * each call that follows from CHP_MORE.
 */
u64 chp_worker_piece(const struct chp_worker *worker)
{
	return worker->piece;
}
EXPORT_SYMBOL_CHP(chp_worker_piece);

/**
 * chp_worker_delay() - let the worker sleep before it sends this element
 * @worker: passed to the stage's function
 * @ns: nanoseconds from the return of the function
 *
 * In a stage with a time limit the delay can be cut off: then an element that was
 * to be sent is tried again, or has failed, as the function has left it.
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
 * In a thread of a stage with a time limit it ends with that, too.
 *
 * Context: the stage's functions.
 */
struct chp_ctx *chp_worker_ctx(const struct chp_worker *worker)
{
	return worker->ctx ?: worker->stage->group->ctx;
}
EXPORT_SYMBOL_CHP(chp_worker_ctx);

static void worker_drop(struct chp_worker *worker)
{
	const struct chp_stage_ops *ops = worker->stage->config.ops;

	if (worker->emit && ops->drop)
		ops->drop(worker->elem);
	worker->emit = false;
}

/* The element was not sent, and needs no admission. */
static void worker_unadmit(struct chp_worker *worker)
{
	if (worker->admitted)
		chp_sem_release(worker->stage->config.admit, 1);
	worker->admitted = false;
}

/* What an attempt has, its place and its time, it has no more. */
static void worker_end_attempt(struct chp_worker *worker)
{
	if (worker->placed)
		chp_sem_release(worker->stage->config.sem, 1);
	worker->placed = false;
	if (!worker->ctx)
		return;
	chp_ctx_cancel(worker->ctx);
	chp_ctx_put(worker->ctx);
	worker->ctx = NULL;
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
	if (stage->ordered)
		chp_turns_close(&stage->turns);
}

static int worker_over(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;
	bool receives = worker->phase == CHP_W_RECV;

	worker_drop(worker);
	worker_unadmit(worker);
	worker_end_attempt(worker);
	chp_worker_set_phase(worker, CHP_W_RECV);
	if (!worker->ended && !chp_stage_leave(stage, receives))
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

/* Returns what the worker is to end with. */
static int worker_end_group(struct chp_worker *worker, int err)
{
	err = chp_member_fail(worker->stage->group, err);
	worker_over(worker);
	return err ?: WORKER_OVER;
}

/* For the last worker: asks for what the stage has to say at its end. */
static int worker_say_end(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;
	int verdict = CHP_DROP;

	/* Whoever stopped the stage has left it before the last one did. */
	if (stage->config.ops->end && !READ_ONCE(stage->stopped))
		verdict = stage->config.ops->end(worker, worker->elem);
	if (verdict < 0)
		return worker_end_group(worker, verdict);
	worker->emit = verdict == CHP_EMIT || verdict == CHP_MORE;
	worker->more = verdict == CHP_MORE;
	chp_worker_set_phase(worker, CHP_W_SEND);
	return worker->emit ? 0 : worker_over(worker);
}

static int worker_input_ended(struct chp_worker *worker)
{
	if (!chp_stage_leave(worker->stage, true))
		return WORKER_OVER;
	worker->ended = true;
	return worker_say_end(worker);
}

static int worker_limit_attempt(struct chp_worker *worker, u64 ns)
{
	struct chp_stage *stage = worker->stage;
	struct chp_ctx *ctx;

	worker->deadline = ktime_add_safe(ktime_get(), ns);
	if (!stage->config.sleeps)
		return 0;
	ctx = chp_ctx_with_timeout(stage->group->ctx, ns);
	if (IS_ERR(ctx))
		return worker_end_group(worker, PTR_ERR(ctx));
	worker->ctx = ctx;
	return 0;
}

/* One more attempt, with a time limit of its own once it may leave at all. */
static int worker_try(struct chp_worker *worker)
{
	const struct chp_stage_config *config = &worker->stage->config;
	u64 ns = config->timeout_ns;

	if (config->admit && !worker->admitted) {
		chp_worker_set_phase(worker, CHP_W_ADMIT);
		return 0;
	}
	chp_worker_set_phase(worker, config->sem ? CHP_W_PLACE : CHP_W_WORK);
	return ns ? worker_limit_attempt(worker, ns) : 0;
}

/* The element in hand has come to its end, here or in the output. */
static int worker_after_elem(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	worker->attempt = 0;
	if (worker->more && !READ_ONCE(stage->stopped)) {
		worker->piece++;
		return worker_try(worker);
	}
	worker->piece = 0;
	worker->has_turn = false;
	if (worker->last) {
		worker_stop_stage(worker);
		return worker_over(worker);
	}
	if (stage->ordered)
		chp_turns_advance(&stage->turns);
	chp_worker_set_phase(worker, CHP_W_RECV);
	return chp_stage_may_leave(stage, false) ? WORKER_OVER : 0;
}

static int worker_after_turn(struct chp_worker *worker)
{
	worker->has_turn = true;
	if (worker->emit && worker->stage->out) {
		chp_worker_set_phase(worker, CHP_W_SEND);
		return 0;
	}
	worker_drop(worker);
	return worker_after_elem(worker);
}

static int worker_after_delay(struct chp_worker *worker)
{
	worker->delay = 0;
	worker_end_attempt(worker);
	if (!worker->stage->ordered || worker->has_turn)
		return worker_after_turn(worker);
	chp_worker_set_phase(worker, CHP_W_TURN);
	return 0;
}

static int worker_judge(struct chp_worker *worker, int verdict)
{
	worker->emit = verdict == CHP_EMIT || verdict == CHP_LAST ||
		       verdict == CHP_MORE;
	worker->last = verdict == CHP_LAST || verdict == CHP_STOP;
	worker->more = verdict == CHP_MORE;
	if (worker->emit)
		worker->admitted = false;
	else
		worker_unadmit(worker);
	if (!worker->stage->in && worker->emit)
		WRITE_ONCE(worker->taken, worker->taken + 1);
	if (!worker->delay)
		return worker_after_delay(worker);
	chp_worker_set_phase(worker, CHP_W_DELAY);
	return 0;
}

/* The attempt was in vain, and the element is as it was. */
static int worker_failed(struct chp_worker *worker, int err)
{
	const struct chp_stage_config *config = &worker->stage->config;
	int verdict;

	worker->delay = 0;
	worker->late = false;
	worker_end_attempt(worker);
	if (worker->attempt < config->retry) {
		worker->attempt++;
		return worker_try(worker);
	}
	verdict = config->ops->failed ?
		  config->ops->failed(worker, worker->elem, err) : err;
	if (verdict >= 0)
		return worker_judge(worker, verdict);
	return worker_end_group(worker, verdict);
}

static int worker_call(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;
	int verdict;

	if (!stage->in)
		worker->seq = worker->taken;
	chp_worker_set_phase(worker, CHP_W_WORK);
	verdict = stage->config.ops->item(worker, worker->elem);
	if (verdict < 0)
		return worker_failed(worker, verdict);
	return worker_judge(worker, verdict);
}

/* Of the element, unless the whole group ends. */
static int worker_attempt_ended(struct chp_worker *worker, int err)
{
	if (chp_ctx_err(worker->stage->group->ctx))
		return worker_fail(worker, err);
	return worker_failed(worker, err);
}

static int worker_received(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	if (stage->in) {
		worker->seq = chp_task_ticket(&worker->task) - stage->base;
		worker->emit = true;
		WRITE_ONCE(worker->taken, worker->taken + 1);
	}
	chp_worker_set_phase(worker, CHP_W_WORK);
	if (stage->config.fan)
		chp_stage_relay(stage);
	if (!chp_stage_is_plain(&stage->config))
		return worker_try(worker);
	return worker_call(worker);
}

static int worker_after_recv(struct chp_worker *worker, int err)
{
	switch (err) {
	case 0:
		return worker_received(worker);
	case -EPIPE:
		return worker_input_ended(worker);
	case -ESHUTDOWN:
		return chp_stage_may_leave(worker->stage, true) ? WORKER_OVER :
								  0;
	default:
		return worker_fail(worker, err);
	}
}

static int worker_after_admit(struct chp_worker *worker, int err)
{
	if (err)
		return worker_attempt_ended(worker, err);
	worker->admitted = true;
	return worker_try(worker);
}

static int worker_after_place(struct chp_worker *worker, int err)
{
	if (err)
		return worker_attempt_ended(worker, err);
	worker->placed = true;
	return worker_call(worker);
}

/* The delay was cut off: what the function has made comes too late. */
static int worker_too_late(struct chp_worker *worker, int err)
{
	const struct chp_stage *stage = worker->stage;

	/* What it has disposed of cannot be tried again. */
	if (!worker->emit && !chp_ctx_err(stage->group->ctx))
		return worker_after_delay(worker);
	/* The element has not left, and the unit is with us again. */
	worker->admitted = stage->config.admit && worker->emit;
	return worker_attempt_ended(worker, err);
}

static int worker_after_sleep(struct chp_worker *worker, int err)
{
	if (!err && worker->late)
		err = -ETIME;
	worker->late = false;
	return err ? worker_too_late(worker, err) : worker_after_delay(worker);
}

static int worker_sent(struct chp_worker *worker)
{
	if (worker->stage->out)
		WRITE_ONCE(worker->sent, worker->sent + 1);
	worker->emit = false;
	if (!worker->ended)
		return worker_after_elem(worker);
	if (!worker->more)
		return worker_over(worker);
	worker->piece++;
	return worker_say_end(worker);
}

/*
 * The operation of the current phase returned @err. Returns 0 when a next
 * phase is to be begun, WORKER_OVER, or the error that ends the group.
 */
static int worker_next(struct chp_worker *worker, int err)
{
	switch (worker->phase) {
	case CHP_W_RECV:
		return worker_after_recv(worker, err);
	case CHP_W_ADMIT:
		return worker_after_admit(worker, err);
	case CHP_W_PLACE:
		return worker_after_place(worker, err);
	case CHP_W_WORK:
		return err ? worker_fail(worker, err) : worker_call(worker);
	case CHP_W_JUDGE:
		return worker->verdict < 0 ?
		       worker_failed(worker, worker->verdict) :
		       worker_judge(worker, worker->verdict);
	case CHP_W_DELAY:
		return worker_after_sleep(worker, err);
	case CHP_W_TURN:
		if (!err)
			return worker_after_turn(worker);
		chp_turns_leave(&worker->stage->turns, &worker->turn);
		return worker_fail(worker, err);
	default:
		return err ? worker_fail(worker, err) : worker_sent(worker);
	}
}

/* Nanoseconds that the attempt may still take. */
static u64 worker_time_left(const struct chp_worker *worker)
{
	s64 left = ktime_to_ns(ktime_sub(worker->deadline, ktime_get()));

	if (!worker->stage->config.timeout_ns)
		return U64_MAX;
	return max_t(s64, left, 0);
}

/* How long it may sleep of what the function has asked for. */
static u64 worker_cut_delay(struct chp_worker *worker)
{
	u64 left = worker_time_left(worker);

	worker->late = worker->delay > left;
	return min(worker->delay, left);
}

/* It stands in the queue; see stage_set_target(). */
void chp_worker_look_again(const struct chp_stage *stage)
{
	if (chp_stage_has_surplus(stage))
		chp_chan_end_recvs(stage->in, stage, 1, -ESHUTDOWN);
}

/* Without an input, or when there is none to wait for; else -EAGAIN. */
static int worker_begin_elem(const struct chp_worker *worker,
			     struct chp_ctx *ctx)
{
	const struct chp_stage *stage = worker->stage;

	if (READ_ONCE(stage->stopped))
		return -EPIPE;
	return stage->in ? -EAGAIN : chp_ctx_err(ctx);
}

static int worker_begin_recv(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;
	struct chp_task *task = &worker->task;
	int err = worker_begin_elem(worker, stage->group->ctx);

	if (err != -EAGAIN)
		return err;
	task->waiter.tag = stage;
	err = chp_task_recv(task, stage->in, worker->elem);
	if (err == -EINPROGRESS)
		chp_worker_look_again(stage);
	return err;
}

static int worker_begin_acquire(struct chp_worker *worker, struct chp_sem *sem)
{
	struct chp_task *task = &worker->task;
	int err = chp_task_acquire(task, sem, 1);

	if (err == -EINPROGRESS && worker->stage->config.timeout_ns)
		chp_task_timeout(task, &worker->timer, worker_time_left(worker),
				 -ETIME);
	return err;
}

/* What is made at the end of a stage without an output goes nowhere. */
static int worker_send_nowhere(struct chp_worker *worker, struct chp_ctx *ctx)
{
	worker_drop(worker);
	return chp_ctx_err(ctx);
}

static int worker_begin(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;
	struct chp_task *task = &worker->task;
	int err;

	switch (worker->phase) {
	case CHP_W_RECV:
		return worker_begin_recv(worker);
	case CHP_W_ADMIT:
		return chp_task_acquire(task, stage->config.admit, 1);
	case CHP_W_PLACE:
		return worker_begin_acquire(worker, stage->config.sem);
	case CHP_W_WORK:
		return chp_ctx_err(stage->group->ctx);
	case CHP_W_JUDGE:
		return 0;
	case CHP_W_DELAY:
		return chp_task_sleep(task, &worker->timer,
				      worker_cut_delay(worker));
	case CHP_W_TURN:
		err = chp_turns_wait(&stage->turns, &worker->turn, worker->seq,
				     &task->wait);
		return err == -EINPROGRESS ? chp_task_park_queued(task) : err;
	default:
		if (!stage->out)
			return worker_send_nowhere(worker, stage->group->ctx);
		return chp_task_send(task, stage->out, worker->elem);
	}
}

static bool worker_timed(const struct chp_worker *worker)
{
	return worker->phase == CHP_W_DELAY ||
	       (worker->phase == CHP_W_PLACE &&
		worker->stage->config.timeout_ns);
}

static int worker_resume(struct chp_worker *worker)
{
	if (!worker->parked)
		return worker_begin(worker);
	worker->parked = false;
	if (worker_timed(worker))
		chp_timer_stop(&worker->timer);
	return chp_task_result(&worker->task);
}

/* The result of the current phase, or -EINPROGRESS. */
static int worker_run(struct chp_worker *worker, int *budget)
{
	return chp_row_is_at(worker) ? chp_row_run(worker, budget) :
				       worker_resume(worker);
}

static bool worker_joins(struct chp_worker *worker)
{
	bool joins = !worker->joins || chp_stage_join(worker->stage, worker);

	worker->joins = false;
	return joins;
}

static int worker_step(struct chp_task *task)
{
	struct chp_worker *worker = container_of(task, struct chp_worker, task);
	int err, budget = WORKER_BUDGET;

	if (!worker_joins(worker))
		return 0;
	err = worker_run(worker, &budget);
	while (err != -EINPROGRESS) {
		/* Of a row: the budget has been used up, or it has left. */
		if (err == -EAGAIN)
			return err;
		if (err == CHP_ROW_OVER)
			return 0;
		err = worker_next(worker, err);
		if (err)
			return err == WORKER_OVER ? 0 : err;
		if (budget-- <= 0)
			return -EAGAIN;
		err = worker_run(worker, &budget);
	}
	worker->parked = true;
	return -EINPROGRESS;
}

static void worker_gone(struct chp_task *task)
{
	chp_stage_forget(container_of(task, struct chp_worker, task));
}

static int worker_block_recv(struct chp_ctx *ctx, struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;
	struct chp_call call;
	int err = chp_ctx_err(ctx) ?: worker_begin_elem(worker, ctx);

	if (err != -EAGAIN)
		return err;
	chp_call_init(&call, ctx);
	call.waiter.tag = stage;
	err = chp_chan_recv(stage->in, worker->elem, &call.waiter.ticket,
			    &call.waiter);
	if (err == -EINPROGRESS) {
		chp_worker_look_again(stage);
		err = chp_call_block(&call);
	}
	worker->task.waiter.ticket = call.waiter.ticket;
	return chp_ctx_wins(ctx, err);
}

static int worker_block_turn(struct chp_ctx *ctx, struct chp_worker *worker)
{
	struct chp_wait *wait = &worker->task.wait;
	int err;

	chp_wait_init_thread(wait, ctx);
	err = chp_turns_wait(&worker->stage->turns, &worker->turn, worker->seq,
			     wait);
	if (err == -EINPROGRESS)
		err = chp_wait_commit(wait);
	return err == -EINPROGRESS ? chp_wait_sleep(wait) : err;
}

static int worker_block(struct chp_ctx *ctx, struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	switch (worker->phase) {
	case CHP_W_RECV:
		return worker_block_recv(ctx, worker);
	case CHP_W_WORK:
		return chp_ctx_err(stage->group->ctx);
	case CHP_W_ADMIT:
		return chp_sem_acquire(ctx, stage->config.admit, 1);
	case CHP_W_PLACE:
		return chp_sem_acquire(chp_worker_ctx(worker),
				       stage->config.sem, 1);
	case CHP_W_DELAY:
		return chp_sleep(chp_worker_ctx(worker), worker->delay);
	case CHP_W_TURN:
		return worker_block_turn(ctx, worker);
	default:
		if (!stage->out)
			return worker_send_nowhere(worker, ctx);
		return chp_send(ctx, stage->out, worker->elem);
	}
}

static int worker_thread(struct chp_ctx *ctx, void *arg)
{
	struct chp_worker *worker = arg;
	int err = worker_joins(worker) ? 0 : WORKER_OVER;

	while (!err) {
		err = worker_next(worker, worker_block(ctx, worker));
		/* One that never has to wait lets others run all the same. */
		cond_resched();
	}
	chp_stage_forget(worker);
	return err == WORKER_OVER ? 0 : err;
}

/* Runs until it is over, and frees itself. */
int chp_worker_start(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	chp_task_init(&worker->task, worker_step, worker_gone);
	/* Who hires may hold the place in the group that it would wait for. */
	if (stage->config.sleeps && worker->joins)
		return chp_try_go(stage->group, stage->config.name,
				  worker_thread, worker);
	if (stage->config.sleeps)
		return chp_go(stage->group, stage->config.name, worker_thread,
			      worker);
	return chp_task_start(&worker->task, stage->group);
}
