// SPDX-License-Identifier: GPL-2.0
/*
 * Workers that the kernel has: what a module would use where a pool is used
 * here. One operation: a job that does nothing is queued, called, and counted.
 * As many as a queue would hold are queued, and waited for, then the next ones.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/padata.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "../../kmod/compat.h"
#include "bench.h"

#define JOBS 256u

struct jobs;

struct job {
	union {
		struct work_struct work;
		struct kthread_work kwork;
		struct padata_priv padata;
	};
	struct jobs *jobs;
};

/* What is queued, and where. */
struct jobs {
	struct job job[JOBS];
	atomic_t left;
	struct completion done;
	struct workqueue_struct *wq;
	struct kthread_worker *worker;
	struct padata_shell *shell;
};

static void job_done(struct job *job)
{
	if (atomic_dec_and_test(&job->jobs->left))
		complete(&job->jobs->done);
}

static void job_work(struct work_struct *work)
{
	job_done(container_of(work, struct job, work));
}

static int job_queue_work(struct job *job)
{
	INIT_WORK(&job->work, job_work);
	return queue_work(job->jobs->wq, &job->work) ? 0 : -EBUSY;
}

static void job_kwork(struct kthread_work *work)
{
	job_done(container_of(work, struct job, kwork));
}

static int job_queue_kwork(struct job *job)
{
	kthread_init_work(&job->kwork, job_kwork);
	return kthread_queue_work(job->jobs->worker, &job->kwork) ? 0 : -EBUSY;
}

static s64 jobs_run(struct jobs *jobs, unsigned int n,
		    int (*queue)(struct job *job))
{
	unsigned int i, batch;
	int err = 0;
	u64 took;

	init_completion(&jobs->done);
	took = bench_clock();
	for (; n; n -= batch) {
		batch = min(n, JOBS);
		atomic_set(&jobs->left, batch);
		for (i = 0; i < batch && !err; i++) {
			jobs->job[i].jobs = jobs;
			err = queue(&jobs->job[i]);
		}
		if (err)
			return err;
		wait_for_completion(&jobs->done);
	}
	return bench_clock() - took;
}

/* The workers that all workqueues have in common. */
static s64 worker_queue_work(const struct bench *bench)
{
	struct jobs *jobs = kvzalloc(sizeof(*jobs), GFP_KERNEL);
	s64 took;

	if (!jobs)
		return -ENOMEM;
	jobs->wq = alloc_workqueue("bench", WQ_PERCPU, 0);
	if (jobs->wq) {
		took = jobs_run(jobs, bench->n, job_queue_work);
		destroy_workqueue(jobs->wq);
	} else {
		took = -ENOMEM;
	}
	kvfree(jobs);
	return took;
}

/* One thread that does nothing else. */
static s64 worker_kthread(const struct bench *bench)
{
	struct jobs *jobs = kvzalloc(sizeof(*jobs), GFP_KERNEL);
	s64 took;

	if (!jobs)
		return -ENOMEM;
	jobs->worker = kthread_create_worker(0, "bench");
	if (IS_ERR(jobs->worker)) {
		took = PTR_ERR(jobs->worker);
	} else {
		took = jobs_run(jobs, bench->n, job_queue_kwork);
		kthread_destroy_worker(jobs->worker);
	}
	kvfree(jobs);
	return took;
}

#if IS_ENABLED(CONFIG_PADATA)
static void job_serial(struct padata_priv *padata)
{
	job_done(container_of(padata, struct job, padata));
}

static void job_parallel(struct padata_priv *padata)
{
	padata_do_serial(padata);
}

static int job_queue_padata(struct job *job)
{
	int cpu = 0;

	job->padata = (struct padata_priv) {
		.parallel = job_parallel,
		.serial = job_serial,
	};
	return padata_do_parallel(job->jobs->shell, &job->padata, &cpu);
}

static s64 padata_run(struct jobs *jobs, struct padata_instance *padata,
		      unsigned int n)
{
	s64 took;

	jobs->shell = padata_alloc_shell(padata);
	if (!jobs->shell)
		return -ENOMEM;
	took = jobs_run(jobs, n, job_queue_padata);
	padata_free_shell(jobs->shell);
	return took;
}

/* Any CPU, and the results in the order of the jobs. */
static s64 worker_padata(const struct bench *bench)
{
	struct jobs *jobs = kvzalloc(sizeof(*jobs), GFP_KERNEL);
	struct padata_instance *padata;
	s64 took;

	if (!jobs)
		return -ENOMEM;
	padata = padata_alloc("bench");
	if (padata) {
		took = padata_run(jobs, padata, bench->n);
		padata_free(padata);
	} else {
		took = -ENOMEM;
	}
	kvfree(jobs);
	return took;
}
#endif

const struct bench worker_benches[] = {
	{ "pool_run", "queue_work", worker_queue_work, 40 * JOBS },
	{ "pool_run", "kthread_worker", worker_kthread, 40 * JOBS },
#if IS_ENABLED(CONFIG_PADATA)
	{ "pool_run", "padata", worker_padata, 40 * JOBS },
#endif
	{}
};
