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
#include "../core/chan.h"
#include "../core/lock.h"
#include "../core/task.h"
#include "../core/wait.h"
#include "pool.h"

/* Jobs that a worker does before other tasks have their turn. */
#define POOL_BUDGET 64

/* worker_next() says that the worker has ended. */
#define WORKER_OVER 1

/* A take has its job without a select: none has so many cases. */
#define TOOK_ONE INT_MAX

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
 * @busy: it counts as busy
 * @quick: a job is taken, done and sent, and nothing else
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
	bool busy;
	bool quick;
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
static void worker_look(struct pool_worker *worker)
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
}

static bool worker_all_closed(const struct pool_worker *worker)
{
	u8 all = worker->pool->config.priorities ? BIT(CHP_NR_PRIOS) - 1 :
						   BIT(CHP_PRIO_NORMAL);

	return worker->closed == all;
}

/*
 * A job that need not be waited for, from the only queue, while nobody is to
 * leave: that is what the select would find. -EAGAIN: it is to look.
 */
static int worker_try_take(struct pool_worker *worker)
{
	struct chp_pool *pool = worker->pool;

	/* A lone word, written under the lock of the channel, as chp_len(). */
	if (pool->config.priorities || READ_ONCE(pool->retire->len))
		return -EAGAIN;
	return chp_try_recv_ticket(pool->queues[CHP_PRIO_NORMAL],
				   &worker->item, &worker->turn.ticket);
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

static int worker_send(struct pool_worker *worker)
{
	worker->phase = WORKER_SEND;
	return 0;
}

/* What can be sent without waiting is sent, also when the pool is over. */
static void worker_set_send(struct pool_worker *worker)
{
	struct chp_pool *pool = worker->pool;

	case_set(&worker->cases[0], CHP_SEND, pool->config.results,
		 &worker->result);
	case_set_done(&worker->cases[1], pool->ctx);
	worker->nr_cases = 2;
}

/* One that comes from a job and finds the next has been busy all the time. */
static void worker_count_taken(struct pool_worker *worker)
{
	struct chp_pool *pool = worker->pool;
	unsigned long flags;

	/* Before the job is done: no more are completed than were submitted. */
	atomic64_inc(&pool->taken);
	if (worker->busy)
		return;
	flags = chp_lock(&pool->lock);
	pool->busy++;
	pool->most_busy = max(pool->most_busy, pool->busy);
	chp_unlock(&pool->lock, flags);
	worker->busy = true;
}

static void pool_count_done(struct chp_pool *pool, int err)
{
	unsigned long flags = chp_lock(&pool->lock);

	pool->completed++;
	if (err == -ECANCELED)
		pool->cancelled++;
	else if (err == -ETIME)
		pool->timeouts++;
	else if (err)
		pool->failed++;
	chp_unlock(&pool->lock, flags);
}

static void worker_count_idle(struct pool_worker *worker)
{
	struct chp_pool *pool = worker->pool;
	unsigned long flags;

	if (!worker->busy)
		return;
	flags = chp_lock(&pool->lock);
	pool->busy--;
	chp_unlock(&pool->lock, flags);
	worker->busy = false;
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

/* It stays busy until it has looked for the next job. */
static int worker_free_again(struct pool_worker *worker)
{
	worker->phase = WORKER_TAKE;
	return 0;
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

static int worker_took_one(struct pool_worker *worker)
{
	worker_count_taken(worker);
	return worker->pool->config.above ? worker_place(worker) :
					    worker_work_here(worker);
}

/* Case @i of a take was done. */
static int worker_took(struct pool_worker *worker, int i)
{
	if (i <= 0)
		return WORKER_OVER;
	worker->prio = worker->prios[i - 1];
	if (worker->cases[i].err) {
		worker->closed |= BIT(worker->prio);
		return worker_all_closed(worker) ? WORKER_OVER : 0;
	}
	worker->turn.ticket = worker->cases[i].waiter.ticket;
	return worker_took_one(worker);
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
		return result == TOOK_ONE ? worker_took_one(worker) :
					    worker_took(worker, result);
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

/* 0, or the cases are set, to wait for. Without a reader it is thrown away. */
static int worker_try_send(struct pool_worker *worker)
{
	int err = chp_try_send(worker->pool->config.results, &worker->result);

	if (err != -EAGAIN)
		return 0;
	worker_set_send(worker);
	return err;
}

/* It has a job in hand. True when that is over, and its result is sent. */
static bool worker_do_quick(struct pool_worker *worker)
{
	worker_count_taken(worker);
	worker_work(worker);
	if (!worker->pool->config.results || worker->silent ||
	    !worker_try_send(worker))
		return true;
	worker->phase = WORKER_SEND;
	return false;
}

/*
 * As many jobs as need no waiting. Returns TOOK_ONE; or 0, and the cases are set,
 * to wait for.
 */
static int worker_begin_take(struct pool_worker *worker, int *budget)
{
	while (!worker_try_take(worker)) {
		if (!worker->quick || --*budget <= 0)
			return TOOK_ONE;
		if (!worker_do_quick(worker))
			return 0;
	}
	worker_count_idle(worker);
	worker_look(worker);
	return 0;
}

static int worker_begin(struct pool_worker *worker, int *budget)
{
	struct chp_task *task = &worker->task;
	int err;

	switch (worker->phase) {
	case WORKER_TAKE:
		err = worker_begin_take(worker, budget);
		if (err)
			return err;
		break;
	case WORKER_SEND:
		if (!worker_try_send(worker))
			return 0;
		break;
	case WORKER_RELAY:
		return chp_task_pool_job_wait(task, &worker->relay);
	case WORKER_TURN:
		err = worker_wait_turn(worker);
		return err == -EINPROGRESS ? chp_task_park_queued(task) : err;
	default:
		break;
	}
	return chp_task_select_ordered(task, worker->cases, worker->nr_cases);
}

static int worker_resume(struct pool_worker *worker, int *budget)
{
	if (!worker->parked)
		return worker_begin(worker, budget);
	worker->parked = false;
	return chp_task_result(&worker->task);
}

/* Others have their turn. */
static void worker_rest(struct pool_worker *worker)
{
	if (worker->phase == WORKER_TAKE)
		worker_count_idle(worker);
}

static int worker_step(struct chp_task *task)
{
	struct pool_worker *worker =
		container_of(task, struct pool_worker, task);
	int budget = POOL_BUDGET, result = worker_resume(worker, &budget);

	while (result != -EINPROGRESS) {
		if (worker_next(worker, result))
			return 0;
		if (--budget <= 0) {
			worker_rest(worker);
			return -EAGAIN;
		}
		result = worker_begin(worker, &budget);
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
	int budget = 0, err;

	if (worker->phase == WORKER_TURN)
		return worker_block_turn(worker);
	if (worker->phase == WORKER_TAKE) {
		err = worker_begin_take(worker, &budget);
		if (err)
			return err;
	} else if (worker->phase == WORKER_SEND) {
		worker_set_send(worker);
	}
	return chp_select_ordered(NULL, worker->cases, worker->nr_cases);
}

/* The last one to leave has nobody behind it who could send. */
static void worker_free(struct pool_worker *worker)
{
	struct chp_pool *pool = worker->pool;
	unsigned long flags;
	bool last;

	worker_count_idle(worker);
	flags = chp_lock(&pool->lock);
	last = !--pool->alive && pool->built;
	chp_unlock(&pool->lock, flags);
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
	worker->prio = CHP_PRIO_NORMAL;
	worker->phase = WORKER_TAKE;
	worker->quick = !pool->config.above && !pool->config.ordered;
	chp_task_init(&worker->task, worker_step, worker_gone);
	chp_pool_job_init(&worker->relay, relay_work, worker);
	/* The limit of its own job counts, and not one of the pool above. */
	worker->relay.timeout = CHP_POOL_NO_TIMEOUT;
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
	unsigned long flags = chp_lock(&pool->lock);

	pool->alive += n;
	chp_unlock(&pool->lock, flags);
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
