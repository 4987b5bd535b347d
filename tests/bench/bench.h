/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cases, and how they are measured. They are meant for a machine with one
 * CPU whose clock counts instructions.
 */
#ifndef CHP_BENCH_H
#define CHP_BENCH_H

#include <linux/compiler.h>
#include <linux/types.h>

struct chp_task;
struct seq_file;

/**
 * struct bench - something that is done many times
 * @name: the same in the peer's program
 * @who: "chanpat", or the name of what the kernel has itself
 * @run: does it @n times; returns the instructions that it took, or an error
 * @n: how many operations
 * @arg: for @run
 */
struct bench {
	const char *name;
	const char *who;
	s64 (*run)(const struct bench *bench);
	unsigned int n;
	unsigned int arg;
};

/* What the repetitions of one measurement came to. */
struct spread {
	u64 min;
	u64 max;
};

/* How often a case is repeated. */
#define BENCH_REPEATS 7
/* The same for what is done with very many things. */
#define SCALE_REPEATS 5

/* Each ends with an entry that has no name. */
extern const struct bench chan_benches[];
extern const struct bench ring_benches[];
extern const struct bench make_benches[];
extern const struct bench select_benches[];
extern const struct bench select_task_benches[];
extern const struct bench ctx_benches[];
extern const struct bench sem_benches[];
extern const struct bench task_benches[];
extern const struct bench thread_benches[];
extern const struct bench worker_benches[];
extern const struct bench pattern_benches[];

u64 bench_clock(void);
s64 bench_two_tasks(struct chp_task *one, struct chp_task *other);
u64 bench_work(u64 value, unsigned int rounds);
void bench_spread_add(struct spread *spread, u64 took);
bool bench_wanted(const char *name);
__printf(6, 7)
void bench_report(struct seq_file *m, const char *who, const char *unit,
		  const struct spread *spread, unsigned int n,
		  const char *name, ...);
int heap_watch(void);
u64 heap_unwatch(void);
void compare_pool_fan(struct seq_file *m);
void compare_cpus(struct seq_file *m);
void scale_growth(struct seq_file *m);
void scale_tasks(struct seq_file *m);
void scale_threads(struct seq_file *m);

#endif
