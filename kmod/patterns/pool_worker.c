// SPDX-License-Identifier: GPL-2.0
/*
 * The workers of a pool.
 *
 * A worker goes through phases: take, work, turn, send, and again; turn and
 * send only where there are results. What a phase waits for is started by
 * worker_begin() in a task and by worker_block() in a thread; what follows from
 * its result is worker_next(), the same for both.
 *
 * A worker of a sub-pool does not work itself. It submits a job to the pool
 * above, whose worker does, and waits for that: so what runs here counts there,
 * at any depth, and each of the pools can be resized at any time.
 */
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/select.h>
#include <chanpat/task.h>
#include "../core/task.h"
#include "../core/wait.h"
#include "pool.h"

/* Jobs that a worker does before other tasks have their turn. */
#define POOL_BUDGET 64

/* worker_next() says that the worker has ended. */
#define WORKER_OVER 1

enum worker_phase {
	WORKER_TAKE,	/* select: leave, or a job from one of the queues */
	WORKER_PLACE,	/* select: the pool above takes the job, or it is over */
	WORKER_RELAY,	/* wait until the pool above has done the job */
	WORKER_TURN,	/* wait until all earlier results have been sent */
	WORKER_SEND,	/* select: the result is taken, or the pool is over */
};

/**
 * struct pool_worker - a worker
 * @task: also carries the wait of a worker that is a thread
 * @pool: its own
 * @phase: what it does next, or waits for
 * @parked: the phase's operation has been started, its result is to come
 * @silent: the job in hand was a sub-pool's, which has results of its own
 * @closed: a bit for each priority whose queue is closed and empty
 * @nr_cases: in use in this phase
 * @prios: the priority of each case of a take, from case 1 on
 * @prio: of the job in hand
 * @item: the job in hand
 * @result: of its work
 * @turn: its place among the results
 * @relay: for the pool above
 * @cases: of the select; two, and what the take needs
 */
struct pool_worker {
	struct chp_task task;
	struct chp_pool *pool;
	enum worker_phase phase;
	bool parked;
	bool silent;
	u8 closed;
	u8 nr_cases;
	u8 prios[CHP_NR_PRIOS];
	enum chp_prio prio;
	struct chp_pool_item item;
	struct chp_pool_result result;
	struct chp_turn turn;
	struct chp_pool_job relay;
	struct chp_case cases[];
};

/* The preferences of the looks: most prefer what is urgent. */
static const u8 prefer_high[] = {
	CHP_PRIO_HIGH, CHP_PRIO_NORMAL, CHP_PRIO_LOW
};

static const u8 prefer_normal[] = {
	CHP_PRIO_NORMAL, CHP_PRIO_HIGH, CHP_PRIO_LOW
};

static const u8 prefer_low[] = {
	CHP_PRIO_LOW, CHP_PRIO_NORMAL, CHP_PRIO_HIGH
};

/* Each look takes one job at most, so none can skip the turn of the lower. */
static const u8 *pool_prefers(struct chp_pool *pool)
{
	if (!pool->config.priorities)
		return prefer_normal;
	switch ((unsigned int)atomic_fetch_inc(&pool->looks) % CHP_POOL_FAIR) {
	case CHP_POOL_FAIR / 2 - 1:
		return prefer_normal;
	case CHP_POOL_FAIR - 1:
		return prefer_low;
	default:
		return prefer_high;
	}
}

static void case_set(struct chp_case *c, enum chp_case_kind kind,
		     struct chp_chan *ch, void *elem)
{
	c->kind = kind;
	c->ch = ch;
	c->waiter.elem = elem;
}

static void case_set_done(struct chp_case *c, struct chp_ctx *ctx)
{
	c->kind = CHP_DONE;
	c->ctx = ctx;
}

/* What to take. The queues that are closed and empty would always be ready. */
static int worker_look(struct pool_worker *worker)
{
	struct chp_pool *pool = worker->pool;
	const u8 *prios = pool_prefers(pool);
	unsigned int i, n = 0;

	case_set(&worker->cases[n++], CHP_RECV, pool->retire, NULL);
	for (i = 0; i < CHP_NR_PRIOS; i++) {
		if (!pool->queues[prios[i]] || worker->closed & BIT(prios[i]))
			continue;
		worker->prios[n - 1] = prios[i];
		case_set(&worker->cases[n++], CHP_RECV, pool->queues[prios[i]],
			 &worker->item);
	}
	worker->nr_cases = n;
	worker->phase = WORKER_TAKE;
	return n > 1 ? 0 : WORKER_OVER;
}

static int worker_place(struct pool_worker *worker)
{
	struct chp_pool *above = worker->pool->config.above;
	struct chp_chan *queue = above->queues[worker->prio];

	chp_pool_job_claim(&worker->relay);
	case_set_done(&worker->cases[0], worker->pool->ctx);
	case_set(&worker->cases[1], CHP_SEND,
		 queue ?: above->queues[CHP_PRIO_NORMAL], &worker->relay.item);
	worker->nr_cases = 2;
	worker->phase = WORKER_PLACE;
	return 0;
}

/* What can be sent without waiting is sent, also when the pool is over. */
static int worker_send(struct pool_worker *worker)
{
	struct chp_pool *pool = worker->pool;

	case_set(&worker->cases[0], CHP_SEND, pool->config.results,
		 &worker->result);
	case_set_done(&worker->cases[1], pool->ctx);
	worker->nr_cases = 2;
	worker->phase = WORKER_SEND;
	return 0;
}

static void pool_count_taken(struct chp_pool *pool)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->taken++;
	pool->busy++;
	pool->most_busy = max(pool->most_busy, pool->busy);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

static void pool_count_done(struct chp_pool *pool, int err)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->completed++;
	if (err == -ECANCELED)
		pool->cancelled++;
	else if (err == -ETIME)
		pool->timeouts++;
	else if (err)
		pool->failed++;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

static void pool_count_idle(struct chp_pool *pool)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->busy--;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* With @ns to work, counted from here. */
static int work_in_time(struct chp_pool *pool, chp_work_fn fn, void *arg,
			u64 ns)
{
	struct chp_ctx *ctx = chp_ctx_with_timeout(pool->ctx, ns);
	int err;

	/* It is called in any case, and must not run without its limit. */
	if (IS_ERR(ctx))
		return fn(pool->no_memory, arg) ?: PTR_ERR(ctx);
	err = fn(ctx, arg);
	chp_ctx_cancel(ctx);
	chp_ctx_put(ctx);
	return err;
}

static int worker_call(struct chp_pool *pool, chp_work_fn fn, void *arg,
		       u64 ns)
{
	if (!ns || ns == CHP_POOL_NO_TIMEOUT || chp_ctx_err(pool->ctx))
		return fn(pool->ctx, arg);
	return work_in_time(pool, fn, arg, ns);
}

static int relay_work(struct chp_ctx *ctx, void *arg);

/* The work itself, wherever it is done. */
static void worker_work(struct pool_worker *worker)
{
	struct chp_pool_item *item = &worker->item;
	struct chp_pool *pool = worker->pool;
	struct chp_pool_job *job = item->fn ? NULL : item->arg;
	u64 ns = job && job->timeout ? job->timeout : pool->config.timeout;
	int err;

	worker->silent = job && job->fn == relay_work;
	worker->result.arg = job ? job->arg : item->arg;
	err = worker_call(pool, job ? job->fn : item->fn, worker->result.arg,
			  ns);
	worker->result.err = err;
	pool_count_done(pool, err);
	if (err && !pool->config.goes_on)
		chp_pool_fail(pool, err);
	if (job)
		chp_pool_job_done(job, err);
}

/* Called by a worker of the pool above; ours waits for that. */
static int relay_work(struct chp_ctx *ctx, void *arg)
{
	worker_work(arg);
	return 0;
}

static int worker_free_again(struct pool_worker *worker)
{
	pool_count_idle(worker->pool);
	return worker_look(worker);
}

static int worker_worked(struct pool_worker *worker)
{
	const struct chp_pool_config *config = &worker->pool->config;

	if (config->ordered) {
		worker->phase = WORKER_TURN;
		return 0;
	}
	if (!config->results || worker->silent)
		return worker_free_again(worker);
	return worker_send(worker);
}

static int worker_work_here(struct pool_worker *worker)
{
	worker_work(worker);
	return worker_worked(worker);
}

/* Case @i of a take was done. */
static int worker_took(struct pool_worker *worker, int i)
{
	if (i <= 0)
		return WORKER_OVER;
	worker->prio = worker->prios[i - 1];
	if (worker->cases[i].err) {
		worker->closed |= BIT(worker->prio);
		return worker_look(worker);
	}
	worker->turn.ticket = worker->cases[i].waiter.ticket;
	pool_count_taken(worker->pool);
	return worker->pool->config.above ? worker_place(worker) :
					    worker_work_here(worker);
}

/*
 * When the pool above takes no more this one is over too. What it has queued is
 * called here then, with an ended context.
 */
static int worker_placed(struct pool_worker *worker, int i)
{
	if (i == 1 && !worker->cases[i].err) {
		worker->phase = WORKER_RELAY;
		return 0;
	}
	chp_waitgroup_done(&worker->relay.pending);
	chp_pool_cancel(worker->pool);
	return worker_work_here(worker);
}

static int worker_sent(struct pool_worker *worker)
{
	if (worker->pool->config.ordered)
		chp_turns_advance(&worker->pool->turns);
	return worker_free_again(worker);
}

static int worker_after_turn(struct pool_worker *worker)
{
	return worker->silent ? worker_sent(worker) : worker_send(worker);
}

/*
 * The operation of the current phase returned @result. Returns 0 when a next
 * phase is to be begun, or WORKER_OVER.
 */
static int worker_next(struct pool_worker *worker, int result)
{
	switch (worker->phase) {
	case WORKER_TAKE:
		return worker_took(worker, result);
	case WORKER_PLACE:
		return worker_placed(worker, result);
	case WORKER_RELAY:
		return worker_worked(worker);
	case WORKER_TURN:
		return worker_after_turn(worker);
	default:
		return worker_sent(worker);
	}
}

static int worker_wait_turn(struct pool_worker *worker)
{
	return chp_turns_wait(&worker->pool->turns, &worker->turn,
			      worker->turn.ticket, &worker->task.wait);
}

static int worker_begin(struct pool_worker *worker)
{
	struct chp_task *task = &worker->task;
	int err;

	switch (worker->phase) {
	case WORKER_RELAY:
		return chp_task_pool_job_wait(task, &worker->relay);
	case WORKER_TURN:
		err = worker_wait_turn(worker);
		return err == -EINPROGRESS ? chp_task_park_queued(task) : err;
	default:
		return chp_task_select_ordered(task, worker->cases,
					       worker->nr_cases);
	}
}

static int worker_resume(struct pool_worker *worker)
{
	if (!worker->parked)
		return worker_begin(worker);
	worker->parked = false;
	return chp_task_result(&worker->task);
}

static int worker_step(struct chp_task *task)
{
	struct pool_worker *worker =
		container_of(task, struct pool_worker, task);
	int result = worker_resume(worker), budget = POOL_BUDGET;

	while (result != -EINPROGRESS) {
		if (worker_next(worker, result))
			return 0;
		if (!budget--)
			return -EAGAIN;
		result = worker_begin(worker);
	}
	worker->parked = true;
	return -EINPROGRESS;
}

/* Nothing but the turn ends this wait. */
static int worker_block_turn(struct pool_worker *worker)
{
	struct chp_wait *wait = &worker->task.wait;
	int err;

	chp_wait_init_thread(wait, NULL);
	err = worker_wait_turn(worker);
	return err == -EINPROGRESS ? chp_wait_sleep_uninterruptible(wait) : err;
}

static int worker_block(struct pool_worker *worker)
{
	if (worker->phase == WORKER_TURN)
		return worker_block_turn(worker);
	return chp_select_ordered(NULL, worker->cases, worker->nr_cases);
}

/* The last one to leave has nobody behind it who could send. */
static void worker_free(struct pool_worker *worker)
{
	struct chp_pool *pool = worker->pool;
	unsigned long flags;
	bool last;

	raw_spin_lock_irqsave(&pool->lock, flags);
	last = !--pool->alive && pool->built;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (last)
		chp_close(pool->config.results);
	kfree(worker);
}

static void worker_gone(struct chp_task *task)
{
	worker_free(container_of(task, struct pool_worker, task));
}

static int worker_thread(struct chp_ctx *ctx, void *arg)
{
	struct pool_worker *worker = arg;

	while (!worker_next(worker, worker_block(worker)))
		cond_resched();
	worker_free(worker);
	return 0;
}

static struct pool_worker *worker_alloc(struct chp_pool *pool)
{
	unsigned int nr = pool->config.priorities ? 1 + CHP_NR_PRIOS : 2;
	struct pool_worker *worker;

	worker = kzalloc(struct_size(worker, cases, nr), GFP_KERNEL_ACCOUNT);
	if (!worker)
		return NULL;
	worker->pool = pool;
	chp_task_init(&worker->task, worker_step, worker_gone);
	chp_pool_job_init(&worker->relay, relay_work, worker);
	/* The limit of its own job counts, and not one of the pool above. */
	worker->relay.timeout = CHP_POOL_NO_TIMEOUT;
	worker_look(worker);
	return worker;
}

static int worker_start(struct pool_worker *worker)
{
	struct chp_pool *pool = worker->pool;

	if (pool->config.sleeps && !pool->config.above)
		return chp_go(&pool->group, pool->config.name, worker_thread,
			      worker);
	return chp_task_start(&worker->task, &pool->group);
}

static void pool_count_worker(struct chp_pool *pool, int n)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->alive += n;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* 0, -ENOMEM, or the error of chp_go(). */
int chp_pool_add_worker(struct chp_pool *pool)
{
	struct pool_worker *worker = worker_alloc(pool);
	int err;

	if (!worker)
		return -ENOMEM;
	/* Before it can end. */
	pool_count_worker(pool, 1);
	err = worker_start(worker);
	if (err) {
		pool_count_worker(pool, -1);
		kfree(worker);
	}
	return err;
}
