// SPDX-License-Identifier: GPL-2.0
/* Jobs of a pool: submitting them, and waiting for them. */
#include <linux/err.h>
#include <linux/sched.h>
#include <chanpat/chan.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "../core/ctx.h"
#include "../core/task.h"
#include "../core/wait.h"
#include "pool.h"

/* Jobs that a thread submits before others have their turn. */
#define SUBMITS_IN_A_ROW 32

/* True while others than the owner of a job may look at it. */
static bool job_pending(const struct chp_pool_job *job)
{
	/* A hint; chp_pool_job_claim() decides under the lock. */
	return READ_ONCE(job->pending.count);
}

/* From here on until it is done the job belongs to the pool. */
int chp_pool_job_claim(struct chp_pool_job *job)
{
	struct chp_waitgroup *pending = &job->pending;
	unsigned long flags;
	int err = 0;

	if (job_pending(job))
		return -EBUSY;
	raw_spin_lock_irqsave(&pending->lock, flags);
	if (pending->count)
		err = -EBUSY;
	else
		pending->count = 1;
	raw_spin_unlock_irqrestore(&pending->lock, flags);
	if (err)
		return err;
	job->item = (struct chp_pool_item){ .arg = job };
	if (job->set)
		chp_waitgroup_add(&job->set->pending, 1);
	return 0;
}

/* It was not taken in. */
static void job_disclaim(struct chp_pool_job *job)
{
	struct chp_pool_set *set = job->set;

	chp_waitgroup_done(&job->pending);
	if (set)
		chp_waitgroup_done(&set->pending);
}

/* The last act on a job; its owner may free it while this goes on. */
void chp_pool_job_done(struct chp_pool_job *job, int result)
{
	void (*gone)(struct chp_pool_job *job) = job->gone;
	struct chp_pool_set *set = job->set;

	job->result = result;
	/* Before others can learn that this job is done: then theirs come later. */
	if (set && result)
		cmpxchg(&set->err, 0, result);
	/* What was written before is seen by who sees that nothing is pending. */
	chp_waitgroup_done(&job->pending);
	if (gone)
		gone(job);
	if (set)
		chp_waitgroup_done(&set->pending);
}

/* Where jobs of this priority wait. */
static struct chp_chan *pool_queue(struct chp_pool *pool, enum chp_prio prio)
{
	if ((unsigned int)prio >= CHP_NR_PRIOS || !pool->queues[prio])
		return ERR_PTR(-EINVAL);
	return pool->queues[prio];
}

/* Who waits keeps the pool: it may be freed by who has told the others. */
static void pool_wait_begin(struct chp_pool *pool)
{
	chp_pool_get(pool);
	atomic_inc(&pool->submitters);
}

static void pool_wait_end(struct chp_pool *pool)
{
	atomic_dec(&pool->submitters);
	chp_pool_put(pool);
}

/*
 * Who never has to wait lets others run all the same; not each time, or a worker
 * that has just been woken would get its jobs one by one.
 */
static void pool_let_run(struct chp_pool *pool)
{
	/* A lone word: if a count is lost, others come to the same point. */
	unsigned int n = READ_ONCE(pool->in_a_row) + 1;

	WRITE_ONCE(pool->in_a_row, n);
	if (!(n % SUBMITS_IN_A_ROW))
		cond_resched();
}

static int pool_send(struct chp_ctx *ctx, struct chp_pool *pool,
		     struct chp_chan *queue, const struct chp_pool_item *item)
{
	int err = chp_ctx_err(ctx);

	chp_might_sleep();
	if (!err)
		err = chp_try_send(queue, item);
	if (err != -EAGAIN) {
		pool_let_run(pool);
		return err;
	}
	pool_wait_begin(pool);
	err = chp_send(ctx, queue, item);
	pool_wait_end(pool);
	return err;
}

/**
 * chp_pool_submit() - hand work to the pool, wait for a place in its queue
 * @ctx: whose end ends the wait; may be NULL
 * @pool: a pool
 * @fn: called once by a worker; it is called with an ended context when the
 *	pool was stopped before its turn came, so that it can clean up
 * @arg: for @fn
 *
 * Context: may sleep.
 * Return: 0 when @fn has been or will be called; -EPIPE when the pool takes no
 * more; -EINVAL without @fn; -ECANCELED, -ETIME or -ERESTARTSYS as chp_send().
 */
int chp_pool_submit(struct chp_ctx *ctx, struct chp_pool *pool, chp_work_fn fn,
		    void *arg)
{
	struct chp_pool_item item = { .fn = fn, .arg = arg };

	if (!fn)
		return -EINVAL;
	return pool_send(ctx, pool, pool->queues[CHP_PRIO_NORMAL], &item);
}
EXPORT_SYMBOL_CHP(chp_pool_submit);

/**
 * chp_pool_try_submit() - hand work to the pool if that needs no waiting
 * @pool: a pool
 * @fn: as for chp_pool_submit()
 * @arg: for @fn
 *
 * Context: any, hard interrupts included.
 * Return: 0 when @fn has been or will be called; -EAGAIN when the queue is
 * full; -EPIPE when the pool takes no more; -EINVAL without @fn.
 */
int chp_pool_try_submit(struct chp_pool *pool, chp_work_fn fn, void *arg)
{
	struct chp_pool_item item = { .fn = fn, .arg = arg };

	if (!fn)
		return -EINVAL;
	return chp_try_send(pool->queues[CHP_PRIO_NORMAL], &item);
}
EXPORT_SYMBOL_CHP(chp_pool_try_submit);

/**
 * chp_pool_job_init() - prepare a job
 * @job: the caller's; not submitted
 * @fn: the work; as for chp_pool_submit()
 * @arg: for @fn
 *
 * Sets all else to its default: normal priority, the pool's time limit, no set.
 *
 * Context: any.
 */
void chp_pool_job_init(struct chp_pool_job *job, chp_work_fn fn, void *arg)
{
	*job = (struct chp_pool_job){ .fn = fn, .arg = arg };
	chp_waitgroup_init(&job->pending);
}
EXPORT_SYMBOL_CHP(chp_pool_job_init);

/* The queue for @job, which is claimed; or an error, and it is not. */
static struct chp_chan *job_begin(struct chp_pool *pool,
				  struct chp_pool_job *job)
{
	struct chp_chan *queue = pool_queue(pool, job->prio);
	int err;

	if (!job->fn)
		return ERR_PTR(-EINVAL);
	if (IS_ERR(queue))
		return queue;
	err = chp_pool_job_claim(job);
	return err ? ERR_PTR(err) : queue;
}

/**
 * chp_pool_submit_job() - hand a job to the pool, wait for a place in its queue
 * @ctx: whose end ends the wait, but not the work; may be NULL
 * @pool: a pool
 * @job: prepared; kept by its owner until it is done
 *
 * Context: may sleep.
 * Return: 0 when the work has been or will be called; -EPIPE when the pool
 * takes no more; -EBUSY when @job is submitted and not done; -EINVAL without
 * work, or for a priority that the pool does not have; -ECANCELED, -ETIME or
 * -ERESTARTSYS as chp_send(). After an error @job is its owner's.
 */
int chp_pool_submit_job(struct chp_ctx *ctx, struct chp_pool *pool,
			struct chp_pool_job *job)
{
	struct chp_chan *queue = job_begin(pool, job);
	int err;

	if (IS_ERR(queue))
		return PTR_ERR(queue);
	err = pool_send(ctx, pool, queue, &job->item);
	if (err)
		job_disclaim(job);
	return err;
}
EXPORT_SYMBOL_CHP(chp_pool_submit_job);

/**
 * chp_pool_try_submit_job() - hand a job to the pool if that needs no waiting
 * @pool: a pool
 * @job: prepared; kept by its owner until it is done
 *
 * Context: any, hard interrupts included.
 * Return: 0 when the work has been or will be called; -EAGAIN when the queue of
 * its priority is full; -EPIPE, -EBUSY and -EINVAL as chp_pool_submit_job().
 */
int chp_pool_try_submit_job(struct chp_pool *pool, struct chp_pool_job *job)
{
	struct chp_chan *queue = job_begin(pool, job);
	int err;

	if (IS_ERR(queue))
		return PTR_ERR(queue);
	err = chp_try_send(queue, &job->item);
	if (err)
		job_disclaim(job);
	return err;
}
EXPORT_SYMBOL_CHP(chp_pool_try_submit_job);

/*
 * The wait for a place is over. What chp_task_pool_submit() has left behind is
 * in the task's place in the queue, which a sender has no other use for. A job
 * that was taken in may be gone.
 */
static void task_submitted(struct chp_task *task)
{
	struct chp_pool *pool = (void *)(unsigned long)task->waiter.units;
	struct chp_pool_item *item = task->waiter.elem;

	chp_task_leave(task);
	task->wait.result = chp_ctx_wins(task->wait.ctx, task->wait.result);
	if (task->wait.result)
		job_disclaim(container_of(item, struct chp_pool_job, item));
	pool_wait_end(pool);
}

/**
 * chp_task_pool_submit() - hand a job to the pool from a task
 * @task: the task whose step is running
 * @pool: a pool
 * @job: prepared; kept by its owner until it is done
 *
 * The time limit for the wait for a place is chp_task_timeout().
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked: its step returns that, and in
 * its next run chp_task_result() is the result; otherwise as
 * chp_pool_submit_job().
 */
int chp_task_pool_submit(struct chp_task *task, struct chp_pool *pool,
			 struct chp_pool_job *job)
{
	struct chp_chan *queue = job_begin(pool, job);
	int err;

	if (IS_ERR(queue))
		return PTR_ERR(queue);
	pool_wait_begin(pool);
	err = chp_task_send(task, queue, &job->item);
	if (err == -EINPROGRESS) {
		task->waiter.units = (unsigned long)pool;
		task->settle = task_submitted;
		return err;
	}
	if (err)
		job_disclaim(job);
	pool_wait_end(pool);
	return err;
}
EXPORT_SYMBOL_CHP(chp_task_pool_submit);

/**
 * chp_pool_job_wait() - wait until a job is done
 * @ctx: whose end ends the wait, but not the job; may be NULL
 * @job: submitted or not; without &chp_pool_job.gone
 *
 * Context: may sleep.
 * Return: 0 when it is done, then &chp_pool_job.result is valid, or when it was
 * not submitted; -ECANCELED, -ETIME or -ERESTARTSYS as chp_waitgroup_wait().
 */
int chp_pool_job_wait(struct chp_ctx *ctx, struct chp_pool_job *job)
{
	return chp_waitgroup_wait(ctx, &job->pending);
}
EXPORT_SYMBOL_CHP(chp_pool_job_wait);

/**
 * chp_task_pool_job_wait() - park a task until a job is done
 * @task: the task whose step is running
 * @job: as for chp_pool_job_wait(); stays until @task runs again
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked; otherwise as
 * chp_pool_job_wait().
 */
int chp_task_pool_job_wait(struct chp_task *task, struct chp_pool_job *job)
{
	return chp_task_waitgroup_wait(task, &job->pending);
}
EXPORT_SYMBOL_CHP(chp_task_pool_job_wait);

/**
 * chp_pool_set_init() - prepare a set of jobs
 * @set: the caller's; kept until its jobs are done
 *
 * A job belongs to it whose &chp_pool_job.set says so when it is submitted.
 *
 * Context: any.
 */
void chp_pool_set_init(struct chp_pool_set *set)
{
	chp_waitgroup_init(&set->pending);
	set->err = 0;
}
EXPORT_SYMBOL_CHP(chp_pool_set_init);

/**
 * chp_pool_set_wait() - wait until all jobs of a set are done
 * @ctx: whose end ends the wait, but not the jobs; may be NULL
 * @set: none of whose jobs is being submitted
 *
 * Context: may sleep.
 * Return: 0 when they are done, then &chp_pool_set.err is the error of the first
 * that failed, or 0; -ECANCELED, -ETIME or -ERESTARTSYS as
 * chp_waitgroup_wait().
 */
int chp_pool_set_wait(struct chp_ctx *ctx, struct chp_pool_set *set)
{
	return chp_waitgroup_wait(ctx, &set->pending);
}
EXPORT_SYMBOL_CHP(chp_pool_set_wait);

/**
 * chp_task_pool_set_wait() - park a task until all jobs of a set are done
 * @task: the task whose step is running
 * @set: as for chp_pool_set_wait(); stays until @task runs again
 *
 * Context: a step of @task.
 * Return: -EINPROGRESS when the task is parked; otherwise as
 * chp_pool_set_wait().
 */
int chp_task_pool_set_wait(struct chp_task *task, struct chp_pool_set *set)
{
	return chp_task_waitgroup_wait(task, &set->pending);
}
EXPORT_SYMBOL_CHP(chp_task_pool_set_wait);
