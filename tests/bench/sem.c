// SPDX-License-Identifier: GPL-2.0
/* Semaphores that nobody waits for. */
#include <linux/semaphore.h>
#include <chanpat/sem.h>
#include "bench.h"

/*
 * One operation: one unit of @arg is acquired, and released. The peer of
 * "semaphore_pair" is x/sync/semaphore, and of "semaphore" a channel.
 */
static s64 sem_pair(const struct bench *bench)
{
	struct chp_sem sem;
	unsigned int i;
	int err = 0;
	u64 took;

	chp_sem_init(&sem, bench->arg);
	took = bench_clock();
	for (i = 0; i < bench->n && !err; i++)
		err = chp_sem_acquire(NULL, &sem, 1) ?:
		      chp_sem_release(&sem, 1);
	return err ?: bench_clock() - took;
}

static s64 sem_kernel(const struct bench *bench)
{
	struct semaphore sem;
	unsigned int i;
	u64 took;

	sema_init(&sem, 4);
	took = bench_clock();
	for (i = 0; i < bench->n; i++) {
		/* Nobody else has it: there is always one left. */
		if (down_interruptible(&sem))
			return -EINTR;
		up(&sem);
	}
	return bench_clock() - took;
}

const struct bench sem_benches[] = {
	{ "semaphore_pair", "chanpat", sem_pair, 100000, 4 },
	{ "semaphore_pair", "kernel", sem_kernel, 100000 },
	{ "semaphore", "chanpat", sem_pair, 100000, 1 },
	{}
};
