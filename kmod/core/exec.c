// SPDX-License-Identifier: GPL-2.0
/*
 * The executor: runs ready tasks on workqueue workers.
 *
 * Each CPU has a queue of ready tasks and one work item that drains it. A task
 * made ready by a step goes to @next and runs when that step has returned, on
 * the same CPU with warm caches; one made ready from elsewhere goes to the end
 * of the queue of the CPU that it happened on. What waits behind others is
 * there for CPUs that have nothing to do: they are kicked when a queue grows,
 * and take half of it.
 *
 * In a queue the shares of those who own the tasks take turns, see ready.h.
 * @next is always of the share whose turn it is.
 *
 * A task whose steps may sleep has a work item of its own instead, on a
 * workqueue that has as many workers as are needed.
 *
 * A queue with tasks in it has its work item queued or running: @active says
 * so, under the lock. When a CPU goes offline its work item moves to another
 * one, since the workqueue's workers are no longer bound to it, and wakes that
 * come later choose the queue of an online CPU: no task has to be moved.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>
#include <chanpat/group.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "exec.h"
#include "lock.h"
#include "ready.h"
#include "share.h"
#include "task.h"
#include "yield.h"

/* Runs before a worker gives way to the other work items of its CPU. */
#define EXEC_BUDGET 1024
/* Runs of @next in a row before the queue has its turn. */
#define EXEC_NEXT_MAX 32

/**
 * struct exec_queue - the ready tasks of a CPU
 * @lock: protects what follows, where nothing else is said; innermost, nothing is
 *	taken inside of it
 * @ready: those that wait for their turn
 * @next: runs before them; NULL when there is none; the runner's alone
 * @share: whose tasks may be @next: that of the ready list's turn. Written under
 *	@lock; the runner looks without it, for a share with a task that lives
 * @active: @work is queued or running, and will look at @ready again
 * @runner: the worker that runs the steps of this queue now, and may be in one;
 *	compared only with current, and so needs no lock: who finds itself
 *	there has written it
 * @work: drains it
 * @cpu: whose queue this is
 */
struct exec_queue {
	raw_spinlock_t lock;
	struct chp_ready ready;
	struct chp_task *next;
	const struct chp_share *share;
	bool active;
	struct task_struct *runner;
	struct work_struct work;
	int cpu;
} ____cacheline_aligned_in_smp;

static DEFINE_PER_CPU(struct exec_queue, exec_queues);
static struct workqueue_struct *exec_wq;

/* For what is no step: it may sleep, or take long. */
static struct workqueue_struct *exec_slow_wq;

/* For steps that may sleep: apart, as they may keep all its workers busy. */
static struct workqueue_struct *exec_sleep_wq;

/* CPUs whose queue is not active; a bit changes under the lock of its queue. */
static struct cpumask exec_idle;

void chp_exec_queue_work(struct work_struct *work)
{
	queue_work(exec_slow_wq, work);
}

/* Under the lock; true when the caller is to kick the queue's work. */
static bool exec_activate(struct exec_queue *q)
{
	if (q->active)
		return false;
	q->active = true;
	cpumask_clear_cpu(q->cpu, &exec_idle);
	return true;
}

static void exec_kick(struct exec_queue *q)
{
	queue_work_on(q->cpu, exec_wq, &q->work);
}

/*
 * Wakes one CPU that has nothing to do, to take a part of a long queue. Without
 * preemption; see exec_ready_here().
 */
static void exec_kick_idle(void)
{
	struct exec_queue *q;
	unsigned long flags;
	bool kick;
	int cpu;

	cpu = cpumask_any_and(&exec_idle, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		return;
	q = per_cpu_ptr(&exec_queues, cpu);
	flags = chp_lock(&q->lock);
	kick = exec_activate(q);
	chp_unlock(&q->lock, flags);
	if (kick)
		exec_kick(q);
}

static struct chp_share_cpu *exec_share_of(const struct exec_queue *q,
					   const struct chp_task *task)
{
	return per_cpu_ptr(task->group->share->cpu, q->cpu);
}

static void exec_add(struct exec_queue *q, struct chp_task *task)
{
	chp_ready_add(&q->ready, exec_share_of(q, task), task);
}

/*
 * True when a step of this queue is running right here and made @task ready:
 * its worker will look at @next as soon as that step has returned.
 */
static bool exec_in_step(const struct exec_queue *q)
{
	return in_task() && READ_ONCE(q->runner) == current;
}

/*
 * Not preempted between exec_activate() and the kick: until then the tasks of that
 * queue wait for this thread, which may have to wait for others that are more
 * urgent. The one who is woken may run when that is over.
 */
static noinline void exec_ready_here(struct chp_task *task)
{
	struct exec_queue *q;
	unsigned long flags;
	bool kick, share;

	preempt_disable();
	q = this_cpu_ptr(&exec_queues);
	flags = chp_lock(&q->lock);
	if (exec_in_step(q) && task->group->share == q->share)
		swap(q->next, task);
	if (task)
		exec_add(q, task);
	kick = exec_activate(q);
	share = task && !kick;
	chp_unlock(&q->lock, flags);
	if (kick)
		exec_kick(q);
	if (share)
		exec_kick_idle();
	preempt_enable();
}

static void exec_sleeper_work(struct work_struct *work)
{
	struct chp_task *task = container_of(work, struct chp_task, work);
	struct chp_share *share = task->group->share;
	struct chp_share_worker worker;
	bool again;

	/* When the step was the last, the share may be gone afterwards. */
	chp_share_worker_begin(&worker, share);
	again = chp_task_run(task);
	chp_share_worker_end(&worker);
	if (again)
		queue_work(exec_sleep_wq, work);
}

void chp_exec_prepare_sleeper(struct chp_task *task)
{
	INIT_WORK(&task->work, exec_sleeper_work);
}

/*
 * Makes @task run; it may have run, and be gone, when this returns. From any
 * context.
 *
 * A step that makes the first task ready needs no lock for it. The CPU can change
 * after the queue was looked up, but not if it is the one that this thread runs.
 */
void chp_exec_ready(struct chp_task *task)
{
	struct exec_queue *q = raw_cpu_ptr(&exec_queues);

	if (unlikely(task->flags & CHP_TASK_SLEEPS))
		queue_work(exec_sleep_wq, &task->work);
	else if (exec_in_step(q) && !q->next &&
		 task->group->share == READ_ONCE(q->share))
		q->next = task;
	else
		exec_ready_here(task);
}

static bool exec_take_half(struct exec_queue *from, struct list_head *to)
{
	unsigned int n;

	chp_lock_irq(&from->lock);
	n = chp_ready_take_half(&from->ready, to);
	chp_unlock_irq(&from->lock);
	return n;
}

/* What was taken keeps its order. */
static void exec_add_all(struct exec_queue *q, struct list_head *tasks)
{
	struct chp_task *task, *tmp;

	chp_lock_irq(&q->lock);
	list_for_each_entry_safe(task, tmp, tasks, ready)
		exec_add(q, task);
	chp_unlock_irq(&q->lock);
}

static bool exec_steal(struct exec_queue *q)
{
	struct exec_queue *from;
	LIST_HEAD(taken);
	int cpu;

	for_each_possible_cpu(cpu) {
		from = per_cpu_ptr(&exec_queues, cpu);
		/* A hint; exec_take_half() looks again under the lock. */
		if (from == q || !READ_ONCE(from->ready.len))
			continue;
		if (!exec_take_half(from, &taken))
			continue;
		exec_add_all(q, &taken);
		return true;
	}
	return false;
}

static void exec_put_back_next(struct exec_queue *q)
{
	if (q->next)
		exec_add(q, q->next);
	q->next = NULL;
}

/*
 * From the queue. All that runs until this is called again is of the share
 * whose turn it is now, and so the worker allocates for that. When the share
 * has gone meanwhile, nothing is allocated any more.
 */
static struct chp_task *exec_pop(struct exec_queue *q, unsigned int runs)
{
	struct chp_share_cpu *before = q->ready.turn;
	struct chp_task *task;

	exec_put_back_next(q);
	task = chp_ready_pop(&q->ready, runs);
	if (q->ready.turn != before) {
		/* Pairs with the look in chp_exec_ready(). */
		WRITE_ONCE(q->share, q->ready.turn->share);
		set_active_memcg(q->share->memcg);
	}
	return task;
}

/* Under the lock. */
static void exec_end_turn(struct exec_queue *q)
{
	chp_ready_end(&q->ready);
	WRITE_ONCE(q->share, NULL);
}

/* The queue's turn comes at the latest after EXEC_NEXT_MAX runs of @next. */
static __always_inline struct chp_task *exec_pick(struct exec_queue *q,
						  unsigned int *in_a_row)
{
	struct chp_task *task = q->next;

	if (likely(task) && *in_a_row < EXEC_NEXT_MAX) {
		++*in_a_row;
		q->next = NULL;
		return task;
	}
	chp_lock_irq(&q->lock);
	task = exec_pop(q, *in_a_row + 1);
	chp_unlock_irq(&q->lock);
	*in_a_row = 0;
	return task;
}

/* False when tasks have come since the queue was found empty. */
static bool exec_retire(struct exec_queue *q)
{
	bool empty;

	chp_lock_irq(&q->lock);
	empty = !q->ready.len && !q->next;
	if (empty) {
		exec_end_turn(q);
		q->active = false;
		cpumask_set_cpu(q->cpu, &exec_idle);
	}
	chp_unlock_irq(&q->lock);
	return empty;
}

static void exec_add_last(struct exec_queue *q, struct chp_task *task)
{
	chp_lock_irq(&q->lock);
	exec_add(q, task);
	chp_unlock_irq(&q->lock);
}

static void exec_give_way(struct exec_queue *q)
{
	chp_lock_irq(&q->lock);
	/* It has not had its turn, and would have had the next. */
	if (q->next)
		chp_ready_add_first(&q->ready, exec_share_of(q, q->next),
				    q->next);
	q->next = NULL;
	exec_end_turn(q);
	chp_unlock_irq(&q->lock);
	exec_kick(q);
}

/* Runs tasks until there are none, or the budget has been used up. */
static void exec_run_all(struct exec_queue *q)
{
	unsigned int budget = EXEC_BUDGET, in_a_row = 0;
	struct chp_task *task;

	while (budget--) {
		task = exec_pick(q, &in_a_row);
		if (likely(task)) {
			if (unlikely(chp_task_run(task)))
				exec_add_last(q, task);
		} else if (!exec_steal(q) && exec_retire(q)) {
			return;
		}
		chp_yield();
	}
	exec_give_way(q);
}

static void exec_drain(struct work_struct *work)
{
	struct exec_queue *q = container_of(work, struct exec_queue, work);
	struct mem_cgroup *old = set_active_memcg(NULL);

	/* Pairs with the look in exec_in_step(). */
	WRITE_ONCE(q->runner, current);
	exec_run_all(q);
	WRITE_ONCE(q->runner, NULL);
	set_active_memcg(old);
}

/* All groups of @share are over. A step of it may still be on its way out. */
void chp_exec_forget(struct chp_share *share)
{
	struct exec_queue *q;
	int cpu;

	for_each_possible_cpu(cpu) {
		q = per_cpu_ptr(&exec_queues, cpu);
		chp_lock_irq(&q->lock);
		chp_ready_forget(&q->ready, per_cpu_ptr(share->cpu, cpu));
		if (q->share == share)
			WRITE_ONCE(q->share, NULL);
		chp_unlock_irq(&q->lock);
	}
}

static void exec_init_queues(void)
{
	struct exec_queue *q;
	int cpu;

	for_each_possible_cpu(cpu) {
		q = per_cpu_ptr(&exec_queues, cpu);
		raw_spin_lock_init(&q->lock);
		chp_ready_init(&q->ready, ktime_get_mono_fast_ns);
		INIT_WORK(&q->work, exec_drain);
		q->cpu = cpu;
		cpumask_set_cpu(cpu, &exec_idle);
	}
}

int chp_exec_init(void)
{
	exec_wq = alloc_workqueue("chanpat",
				  WQ_PERCPU | WQ_CPU_INTENSIVE | WQ_FREEZABLE,
				  0);
	if (!exec_wq)
		return -ENOMEM;
	exec_slow_wq = alloc_workqueue("chanpat_slow",
				       WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!exec_slow_wq)
		goto destroy_wq;
	exec_sleep_wq = alloc_workqueue("chanpat_sleep",
					WQ_UNBOUND | WQ_FREEZABLE,
					WQ_MAX_ACTIVE);
	if (!exec_sleep_wq)
		goto destroy_slow_wq;
	chp_shares_init();
	exec_init_queues();
	return 0;
destroy_slow_wq:
	destroy_workqueue(exec_slow_wq);
destroy_wq:
	destroy_workqueue(exec_wq);
	return -ENOMEM;
}

void chp_exec_exit(void)
{
	destroy_workqueue(exec_sleep_wq);
	destroy_workqueue(exec_slow_wq);
	destroy_workqueue(exec_wq);
}
