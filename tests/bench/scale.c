// SPDX-License-Identifier: GPL-2.0
/*
 * Many of a thing: tasks parked on channels, a thousand on each, and threads
 * asleep on one.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/delay.h>
#include <chanpat/chan.h>
#include <chanpat/group.h>
#include <chanpat/task.h>
#include "bench.h"

#define TASKS_MAX	1000000
#define TASKS_PER_CHAN	1000
#define THREADS		10000

/* Sends as many elements as there are sleepers. */
struct feeder {
	struct chp_task task;
	struct crowd *crowd;
	unsigned int sent;
	u64 value;
};

/* All who wait, and who knows when the last one does; @threads has bare ones. */
struct crowd {
	unsigned int n;
	unsigned int nr_chans;
	struct task_struct **threads;
	struct chp_chan **chans;
	struct chp_group group;
	struct feeder feeder;
	struct completion all;
	atomic_t awake;
};

struct sleeper {
	struct chp_task task;
	struct crowd *crowd;
	struct chp_chan *ch;
	u64 value;
};

/* What is measured of a crowd. */
struct crowd_spread {
	struct spread start;
	struct spread wake;
	struct spread end;
};

static void crowd_expect(struct crowd *crowd)
{
	reinit_completion(&crowd->all);
	atomic_set(&crowd->awake, crowd->n);
}

static void crowd_arrive(struct crowd *crowd)
{
	if (atomic_dec_and_test(&crowd->awake))
		complete(&crowd->all);
}

static int sleeper_step(struct chp_task *task)
{
	struct sleeper *s = container_of(task, struct sleeper, task);
	int err = chp_task_result(task);

	if (err)
		return err == -EPIPE ? 0 : err;
	crowd_arrive(s->crowd);
	return chp_task_recv(task, s->ch, &s->value);
}

static void sleeper_gone(struct chp_task *task)
{
	kfree(container_of(task, struct sleeper, task));
}

static int sleeper_start(struct crowd *crowd, struct chp_chan *ch)
{
	struct sleeper *s = kmalloc(sizeof(*s), GFP_KERNEL);
	int err;

	if (!s)
		return -ENOMEM;
	s->crowd = crowd;
	s->ch = ch;
	chp_task_init(&s->task, sleeper_step, sleeper_gone);
	err = chp_task_start(&s->task, &crowd->group);
	if (err)
		kfree(s);
	return err;
}

/* Until all are parked; the last one is about to. */
static int tasks_start(struct crowd *crowd)
{
	unsigned int i;
	int err;

	crowd_expect(crowd);
	for (i = 0; i < crowd->n; i++) {
		err = sleeper_start(crowd, crowd->chans[i / TASKS_PER_CHAN]);
		if (err)
			return err;
	}
	wait_for_completion(&crowd->all);
	return 0;
}

/* A task, as in Go a goroutine; it lets others run after each channel. */
static int feeder_step(struct chp_task *task)
{
	struct feeder *f = container_of(task, struct feeder, task);
	int err = chp_task_result(task);

	while (!err && f->sent < f->crowd->n) {
		err = chp_task_send(task,
				    f->crowd->chans[f->sent / TASKS_PER_CHAN],
				    &f->value);
		if (++f->sent % TASKS_PER_CHAN == 0 && !err)
			return -EAGAIN;
	}
	return err;
}

/* One element for each: it wakes up, and parks again behind the others. */
static int tasks_wake(struct crowd *crowd)
{
	int err;

	crowd_expect(crowd);
	crowd->feeder.crowd = crowd;
	chp_task_init(&crowd->feeder.task, feeder_step, NULL);
	err = chp_task_start(&crowd->feeder.task, &crowd->group);
	if (err)
		return err;
	wait_for_completion(&crowd->all);
	return 0;
}

static int tasks_end(struct crowd *crowd)
{
	unsigned int i;

	for (i = 0; i < crowd->nr_chans; i++)
		chp_close(crowd->chans[i]);
	return chp_group_wait(&crowd->group);
}

static int tasks_measure(struct crowd *crowd, struct crowd_spread *spread)
{
	u64 began, parked, woken;
	int err, end;

	began = bench_clock();
	err = tasks_start(crowd);
	parked = bench_clock();
	err = err ?: tasks_wake(crowd);
	woken = bench_clock();
	end = tasks_end(crowd);
	bench_spread_add(&spread->start, parked - began);
	bench_spread_add(&spread->wake, woken - parked);
	bench_spread_add(&spread->end, bench_clock() - woken);
	return err ?: end;
}

static void crowd_free(struct crowd *crowd)
{
	unsigned int i;

	for (i = 0; crowd->chans && i < crowd->nr_chans; i++)
		chp_chan_put(crowd->chans[i]);
	kvfree(crowd->chans);
	kvfree(crowd->threads);
}

static int crowd_alloc(struct crowd *crowd, unsigned int n)
{
	struct chp_chan *ch;

	*crowd = (struct crowd) { .n = n };
	init_completion(&crowd->all);
	crowd->threads = kvcalloc(n, sizeof(*crowd->threads), GFP_KERNEL);
	crowd->chans = kvcalloc(DIV_ROUND_UP(n, TASKS_PER_CHAN), sizeof(ch),
				GFP_KERNEL);
	if (!crowd->threads || !crowd->chans)
		return -ENOMEM;
	for (; crowd->nr_chans * TASKS_PER_CHAN < n; crowd->nr_chans++) {
		ch = chp_chan_alloc(sizeof(u64), 0, "bench");
		if (IS_ERR(ch))
			return PTR_ERR(ch);
		crowd->chans[crowd->nr_chans] = ch;
	}
	return chp_group_init(&crowd->group, NULL);
}

/* A million take long: twice has to do. */
static unsigned int tasks_repeats(unsigned int n)
{
	return n == TASKS_MAX ? 2 : SCALE_REPEATS;
}

static int tasks_once(unsigned int n, struct crowd_spread *spread)
{
	struct crowd crowd;
	int err = crowd_alloc(&crowd, n);

	if (!err)
		err = tasks_measure(&crowd, spread);
	crowd_free(&crowd);
	return err;
}

static void tasks_report(struct seq_file *m, unsigned int n)
{
	struct crowd_spread spread = {};
	unsigned int i;
	int err;

	for (i = 0; i < tasks_repeats(n); i++) {
		err = tasks_once(n, &spread);
		if (err) {
			seq_printf(m, "error chanpat scale_task %d\n", err);
			return;
		}
	}
	bench_report(m, "chanpat", "instructions", &spread.start, n,
		     "scale_task_start_%u", n);
	bench_report(m, "chanpat", "instructions", &spread.wake, n,
		     "scale_task_wake_%u", n);
	bench_report(m, "chanpat", "instructions", &spread.end, n,
		     "scale_task_end_%u", n);
}

/*
 * Operations: a task is allocated, started, and parks in a receive; an element
 * is sent to it, and it parks again; its channel is closed, it ends, and is freed.
 */
void scale_tasks(struct seq_file *m)
{
	unsigned int n;

	if (!bench_wanted("scale_task"))
		return;
	for (n = 1; n <= TASKS_MAX; n *= 10)
		tasks_report(m, n);
}

/* What is free once all that was freed before has been given back. */
static s64 memory_free(void)
{
	msleep(10000);
	return (s64)si_mem_available() << PAGE_SHIFT;
}

static int thread_sleep(struct chp_ctx *ctx, void *arg)
{
	struct crowd *crowd = arg;
	u64 value;
	int err;

	crowd_arrive(crowd);
	err = chp_recv(ctx, crowd->chans[0], &value);
	return err == -EPIPE ? 0 : err;
}

static int threads_start(struct crowd *crowd)
{
	unsigned int i;
	int err;

	crowd_expect(crowd);
	for (i = 0; i < crowd->n; i++) {
		err = chp_go(&crowd->group, "bench", thread_sleep, crowd);
		if (err)
			return err;
	}
	wait_for_completion(&crowd->all);
	return 0;
}

static int threads_end(struct crowd *crowd)
{
	chp_close(crowd->chans[0]);
	return chp_group_wait(&crowd->group);
}

/* The same without chanpat: threads asleep until they are stopped. */
static int bare_sleep(void *arg)
{
	crowd_arrive(arg);
	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int bare_start(struct crowd *crowd)
{
	struct task_struct *thread;
	unsigned int i;

	crowd_expect(crowd);
	for (i = 0; i < crowd->n; i++) {
		thread = kthread_run(bare_sleep, crowd, "bench");
		if (IS_ERR(thread))
			return PTR_ERR(thread);
		crowd->threads[i] = thread;
	}
	wait_for_completion(&crowd->all);
	return 0;
}

static int bare_end(struct crowd *crowd)
{
	unsigned int i;

	for (i = 0; i < crowd->n; i++) {
		if (crowd->threads[i])
			kthread_stop(crowd->threads[i]);
	}
	return chp_group_wait(&crowd->group);
}

/* How a crowd of threads is made, and ends. */
struct thread_kind {
	const char *who;
	int (*start)(struct crowd *crowd);
	int (*end)(struct crowd *crowd);
};

static int threads_measure(struct crowd *crowd, const struct thread_kind *kind,
			   struct crowd_spread *spread, struct spread *memory)
{
	u64 began, parked;
	s64 before;
	int err, end;

	before = memory_free();
	began = bench_clock();
	err = kind->start(crowd);
	bench_spread_add(&spread->start, bench_clock() - began);
	bench_spread_add(memory, max(before - memory_free(), 0LL));
	parked = bench_clock();
	end = kind->end(crowd);
	bench_spread_add(&spread->end, bench_clock() - parked);
	return err ?: end;
}

static void threads_report(struct seq_file *m, const struct thread_kind *kind)
{
	struct crowd_spread spread = {};
	struct spread memory = {};
	struct crowd crowd;
	unsigned int i;
	int err = 0;

	for (i = 0; i < SCALE_REPEATS && !err; i++) {
		err = crowd_alloc(&crowd, THREADS);
		if (!err)
			err = threads_measure(&crowd, kind, &spread, &memory);
		crowd_free(&crowd);
	}
	if (err) {
		seq_printf(m, "error %s scale_thread %d\n", kind->who, err);
		return;
	}
	bench_report(m, kind->who, "instructions", &spread.start, THREADS,
		     "scale_thread_start_%u", THREADS);
	bench_report(m, kind->who, "instructions", &spread.end, THREADS,
		     "scale_thread_end_%u", THREADS);
	bench_report(m, kind->who, "bytes", &memory, THREADS,
		     "scale_thread_memory");
}

/*
 * Operations: a thread is started and sleeps in a receive; the channel is
 * closed, and it ends and is reaped.
 */
void scale_threads(struct seq_file *m)
{
	static const struct thread_kind kinds[] = {
		{ "chanpat", threads_start, threads_end },
		{ "kernel", bare_start, bare_end },
	};

	if (!bench_wanted("scale_thread"))
		return;
	threads_report(m, &kinds[0]);
	threads_report(m, &kinds[1]);
}
