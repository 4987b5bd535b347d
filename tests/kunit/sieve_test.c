// SPDX-License-Identifier: GPL-2.0
/*
 * The concurrent prime sieve: a chain of filters, one for each prime, each a
 * thread or a task with an unbuffered channel to the next. The classic test of
 * hand-overs; the last of 2,000 filters makes one prime of 17,389 numbers.
 */
#include <linux/slab.h>
#include "helpers.h"
#include "suites.h"

#define PRIMES 2000
#define LAST_PRIME 17389	/* the 2,000th */

/**
 * struct filter - lets pass what its prime does not divide
 * @task: when it is one
 * @in: from the filter before, or the source
 * @out: to the next
 * @prime: 0 in the source, which sends all numbers from 2
 * @number: received last, or to be sent
 * @sends: the operation that is due
 * @parked: the task waits for it
 */
struct filter {
	struct chp_task task;
	struct chp_chan *in, *out;
	u32 prime;
	u32 number;
	bool sends;
	bool parked;
};

/* A number was received, or was sent: is the next operation to send one? */
static bool filter_next(struct filter *f)
{
	if (!f->prime) {
		f->number++;
		return true;
	}
	return !f->sends && f->number % f->prime;
}

static int filter_thread(struct chp_ctx *ctx, void *data)
{
	struct filter *f = data;
	int err = 0;

	for (;;) {
		err = f->sends ? chp_send(ctx, f->out, &f->number) :
				 chp_recv(ctx, f->in, &f->number);
		if (err)
			return 0;
		f->sends = filter_next(f);
	}
}

static int filter_step(struct chp_task *task)
{
	struct filter *f = container_of(task, struct filter, task);
	int err = f->parked ? chp_task_result(task) : 0;
	int budget = 64;

	if (f->parked && !err)
		f->sends = filter_next(f);
	f->parked = false;
	while (!err && budget--) {
		err = f->sends ? chp_task_send(task, f->out, &f->number) :
				 chp_task_recv(task, f->in, &f->number);
		if (!err)
			f->sends = filter_next(f);
	}
	f->parked = err == -EINPROGRESS;
	if (f->parked)
		return err;
	return err ? 0 : -EAGAIN;
}

static int filter_start(struct filter *f, enum chp_form form,
			struct chp_group *group)
{
	f->sends = !f->prime;
	if (form == CHP_THREAD)
		return chp_go(group, "sieve", filter_thread, f);
	chp_task_init(&f->task, filter_step, NULL);
	return chp_task_start(&f->task, group);
}

/* As many primes as the size of the storms allows, the 2,000th at most. */
static unsigned int sieve_primes(void)
{
	return clamp(chp_storm / 20, 10UL, (unsigned long)PRIMES);
}

static bool is_prime(u32 n)
{
	u32 d;

	for (d = 2; d * d <= n; d++)
		if (n % d == 0)
			return false;
	return n > 1;
}

/* The channels, for they must be there as long as the group is. */
static struct filter *sieve_make(struct kunit *test, unsigned int n)
{
	struct filter *filters;
	unsigned int i;

	filters = kunit_kcalloc(test, n, sizeof(*filters), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, filters);
	for (i = 0; i < n; i++) {
		filters[i].in = i ? filters[i - 1].out : NULL;
		filters[i].out = chp_test_chan(test, sizeof(u32), 0);
	}
	return filters;
}

static void sieve_add(struct kunit *test, struct filter *f, u32 prime,
		      struct chp_group *group)
{
	f->prime = prime;
	f->number = prime ? 0 : 2;
	KUNIT_ASSERT_EQ(test, filter_start(f, chp_test_form(test), group), 0);
}

static void the_sieve_lets_primes_pass_and_nothing_else(struct kunit *test)
{
	unsigned int i, n = sieve_primes();
	struct filter *filters = sieve_make(test, n + 1);
	struct chp_group *group = chp_test_group(test, NULL);
	u32 prime = 0, expected = 1;

	chp_test_group_finish(test, group);
	sieve_add(test, &filters[0], 0, group);
	for (i = 1; i <= n; i++) {
		KUNIT_ASSERT_EQ(test, chp_recv(NULL, filters[i].in, &prime), 0);
		while (!is_prime(++expected))
			;
		KUNIT_ASSERT_EQ(test, prime, expected);
		sieve_add(test, &filters[i], prime, group);
	}
	if (n == PRIMES)
		KUNIT_EXPECT_EQ(test, prime, LAST_PRIME);
	chp_group_cancel(group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static struct kunit_case sieve_cases[] = {
	KUNIT_CASE_PARAM_ATTR(the_sieve_lets_primes_pass_and_nothing_else,
			      form_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	{}
};

struct kunit_suite chp_sieve_suite = {
	.name = "chanpat_storm_sieve",
	.init = chp_test_init,
	.test_cases = sieve_cases,
};
