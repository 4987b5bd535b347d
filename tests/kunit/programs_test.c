// SPDX-License-Identifier: GPL-2.0
/*
 * The classic demonstrations, as a module would write them: nothing but what is
 * in include/chanpat/. The same programs as lines for /dev/chanpat are in
 * tools/demo/programs.sh.
 *
 * Each has two sets of times. Where time is virtual, as on uml with --icount,
 * waiting costs nothing and takes exactly as long as it should: there the times
 * are those of the demonstrations, and durations are right to 2 %. Elsewhere
 * waiting is real, and the machine may be busy with something else at any time.
 * There the times are short, two clocks are never close to each other, and
 * durations are only known to be no shorter than what was waited for.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/random.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/fan.h>
#include <chanpat/generator.h>
#include <chanpat/group.h>
#include <chanpat/pipeline.h>
#include <chanpat/pool.h>
#include <chanpat/select.h>
#include <chanpat/stage.h>
#include <chanpat/timer.h>
#include "helpers.h"
#include "suites.h"

#if IS_ENABLED(CONFIG_UML_TIME_TRAVEL_SUPPORT)
#include <linux/time-internal.h>

static bool time_is_virtual(void)
{
	return time_travel_mode != TT_MODE_OFF;
}
#else
static bool time_is_virtual(void)
{
	return false;
}
#endif

/* A time that is never over, on the slowest of machines. */
#define LONG CHP_PATIENCE_MS

/* Deviation of a duration where time is virtual, in percent. */
#define TOLERANCE 2

static u64 ns(unsigned int ms)
{
	return (u64)ms * NSEC_PER_MSEC;
}

static void expect_took(struct kunit *test, ktime_t start, unsigned int ms)
{
	u64 took = ktime_to_ns(ktime_sub(ktime_get(), start));

	KUNIT_EXPECT_GE(test, took, ns(ms));
	if (time_is_virtual())
		KUNIT_EXPECT_LE(test, took * 100, ns(ms) * (100 + TOLERANCE));
}

/* Odd numbers. */

/**
 * struct clocks - how long everything takes, in milliseconds
 * @work: after a number, before the next
 * @idle: between two numbers, at most
 * @limit: the whole program, at most
 * @quit: somebody interrupts it then; 0 for nobody
 */
struct clocks {
	unsigned int work;
	unsigned int idle;
	unsigned int limit;
	unsigned int quit;
};

enum time_kind {
	REAL,
	VIRTUAL,
	NR_TIMES,
};

/**
 * struct odd_numbers - the program, and what it has done
 * @clocks: that it runs by
 * @last: the numbers end there
 * @next: the number that is made next
 * @n: how many were received
 * @sum: of them
 * @idled: it was the clock between two numbers that has ended it
 */
struct odd_numbers {
	const struct clocks *clocks;
	u64 last;
	u64 next;
	unsigned int n;
	u64 sum;
	bool idled;
};

/* Whoever took a number has it worked on; the next one is made after that. */
static int odd_next(struct chp_ctx *ctx, void *data, void *elem)
{
	struct odd_numbers *p = data;
	int err = 0;

	if (p->next > 1)
		err = chp_sleep(ctx, ns(p->clocks->work));
	if (err)
		return err;
	if (p->next > p->last)
		return 1;
	*(u64 *)elem = p->next;
	p->next += 2;
	return 0;
}

/* Until the numbers end, or one of the two clocks strikes. */
static int odd_read(struct chp_ctx *ctx, struct chp_chan *numbers,
		    struct odd_numbers *p)
{
	u64 number;
	struct chp_case next[] = { CHP_CASE_RECV(numbers, &number) };
	int err;

	for (;;) {
		err = chp_select_timeout(ctx, next, 1, ns(p->clocks->idle));
		if (err < 0)
			break;
		if (next[0].err)	/* -EPIPE: there are no more */
			return 0;
		p->n++;
		p->sum += number;
	}
	/* Either clock says -ETIME; that of the whole has ended the context. */
	p->idled = !chp_ctx_err(ctx);
	return err;
}

/* A thread, as its work is to sleep; it ends before this returns. */
static int odd_generate(struct chp_ctx *ctx, struct odd_numbers *p)
{
	const struct chp_generator_config config = {
		.name = "odd", .elem_size = sizeof(u64), .sleeps = true,
		.next = odd_next, .data = p,
	};
	struct chp_chan *numbers;
	struct chp_group group;
	int err, ended;

	err = chp_group_init(&group, ctx);
	if (err)
		return err;
	numbers = chp_generator(&group, &config);
	if (IS_ERR(numbers)) {
		err = PTR_ERR(numbers);
	} else {
		err = odd_read(ctx, numbers, p);
		chp_chan_put(numbers);
	}
	chp_group_cancel(&group);
	ended = chp_group_wait(&group);
	return err ?: ended;
}

static int odd_run(struct chp_ctx *parent, struct odd_numbers *p)
{
	struct chp_ctx *ctx;
	int err;

	ctx = chp_ctx_with_timeout(parent, ns(p->clocks->limit));
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	p->next = 1;
	err = odd_generate(ctx, p);
	chp_ctx_cancel(ctx);
	chp_ctx_put(ctx);
	return err;
}

/* As many of 1, 3, 5 ... as were received, and no other. */
static void expect_odd(struct kunit *test, const struct odd_numbers *p)
{
	KUNIT_EXPECT_EQ(test, p->sum, (u64)p->n * p->n);
}

static void odd_numbers(struct kunit *test)
{
	static const struct clocks none = { .idle = LONG, .limit = LONG };
	struct odd_numbers p = { .clocks = &none, .last = 10 };

	KUNIT_EXPECT_EQ(test, odd_run(NULL, &p), 0);
	KUNIT_EXPECT_EQ(test, p.n, 5);
	expect_odd(test, &p);
}

/* The work takes 499 ms, and nobody waits for more than 500 ms. */
static void odd_numbers_slowly(struct kunit *test)
{
	static const struct clocks clocks[NR_TIMES] = {
		[REAL] = { .work = 5, .idle = LONG, .limit = LONG },
		[VIRTUAL] = { .work = 499, .idle = 500, .limit = 2000 },
	};
	struct odd_numbers p = {
		.clocks = &clocks[time_is_virtual()], .last = 5,
	};
	ktime_t start = ktime_get();

	KUNIT_EXPECT_EQ(test, odd_run(NULL, &p), 0);
	expect_took(test, start, 3 * p.clocks->work);
	KUNIT_EXPECT_EQ(test, p.n, 3);
	expect_odd(test, &p);
}

/* The work takes 600 ms: after the first number nobody waits that long. */
static void odd_numbers_too_slowly(struct kunit *test)
{
	static const struct clocks clocks[NR_TIMES] = {
		[REAL] = { .work = LONG, .idle = 20, .limit = 2 * LONG },
		[VIRTUAL] = { .work = 600, .idle = 500, .limit = 2000 },
	};
	struct odd_numbers p = {
		.clocks = &clocks[time_is_virtual()], .last = 5,
	};
	ktime_t start = ktime_get();

	KUNIT_EXPECT_EQ(test, odd_run(NULL, &p), -ETIME);
	KUNIT_EXPECT_TRUE(test, p.idled);
	expect_took(test, start, p.clocks->idle);
	/* Even the first may come too late where time is real. */
	KUNIT_EXPECT_LE(test, p.n, 1);
	KUNIT_EXPECT_GE(test, p.n, time_is_virtual());
	expect_odd(test, &p);
}

/* The numbers have no end, but the program has a limit. */
static void odd_numbers_without_end(struct kunit *test)
{
	static const struct clocks clocks[NR_TIMES] = {
		[REAL] = { .work = 20, .idle = LONG, .limit = 80 },
		[VIRTUAL] = { .work = 499, .idle = 500, .limit = 2000 },
	};
	struct odd_numbers p = {
		.clocks = &clocks[time_is_virtual()], .last = U64_MAX,
	};
	ktime_t start = ktime_get();

	KUNIT_EXPECT_EQ(test, odd_run(NULL, &p), -ETIME);
	KUNIT_EXPECT_FALSE(test, p.idled);
	expect_took(test, start, p.clocks->limit);
	if (time_is_virtual())
		KUNIT_EXPECT_EQ(test, p.n, 5);
	expect_odd(test, &p);
}

/* Somebody who presses Ctrl-C after a while. */
struct interrupter {
	struct chp_ctx *program;
	unsigned int ms;
};

static int interrupt(struct chp_ctx *ctx, void *arg)
{
	struct interrupter *who = arg;
	int err = chp_sleep(ctx, ns(who->ms));

	chp_ctx_cancel(who->program);
	return err;
}

/* The program waits for its members, and the end of the test counts them. */
static void odd_numbers_interrupted(struct kunit *test)
{
	static const struct clocks clocks[NR_TIMES] = {
		[REAL] = { .work = 5, .idle = LONG, .limit = LONG, .quit = 40 },
		[VIRTUAL] = { .work = 499, .idle = 500, .limit = 2000,
			      .quit = 1100 },
	};
	struct odd_numbers p = {
		.clocks = &clocks[time_is_virtual()], .last = U64_MAX,
	};
	struct interrupter who = {
		.program = chp_test_ctx(test, NULL), .ms = p.clocks->quit,
	};
	struct chp_group *group = chp_test_group(test, NULL);
	ktime_t start = ktime_get();

	KUNIT_EXPECT_EQ(test, chp_go(group, "interrupt", interrupt, &who), 0);
	KUNIT_EXPECT_EQ(test, odd_run(who.program, &p), -ECANCELED);
	expect_took(test, start, p.clocks->quit);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	if (time_is_virtual())
		KUNIT_EXPECT_EQ(test, p.n, 3);
	expect_odd(test, &p);
}

/* Numbers that take a while to be doubled. */

/**
 * struct workshop - where numbers are doubled
 * @ms: that one takes
 * @at_work: how many are being doubled
 * @most: at a time, so far
 */
struct workshop {
	unsigned int ms;
	atomic_t at_work;
	atomic_t most;
};

static void workshop_open(struct workshop *shop, unsigned int ms)
{
	shop->ms = time_is_virtual() ? ms : ms / 20;
	atomic_set(&shop->at_work, 0);
	atomic_set(&shop->most, 0);
}

static int workshop_double(struct workshop *shop, struct chp_ctx *ctx,
			   u64 *number)
{
	int now = atomic_inc_return(&shop->at_work);
	int most = atomic_read(&shop->most);
	int err;

	while (now > most && !atomic_try_cmpxchg(&shop->most, &most, now))
		;
	err = chp_sleep(ctx, ns(shop->ms));
	*number *= 2;
	atomic_dec(&shop->at_work);
	return err;
}

/* Never more than @n at a time; so many where nothing is slower than it should. */
static void expect_at_work(struct kunit *test, const struct workshop *shop,
			   int n)
{
	KUNIT_EXPECT_LE(test, atomic_read(&shop->most), n);
	if (time_is_virtual())
		KUNIT_EXPECT_EQ(test, atomic_read(&shop->most), n);
}

/* The doubles of 1 to @n, in some order: each comes once, and then the end. */
static void expect_doubles(struct kunit *test, struct chp_chan *doubles,
			   unsigned int n)
{
	u64 seen = 0, number;
	unsigned int i;

	for (i = 0; i < n; i++) {
		KUNIT_ASSERT_EQ(test, chp_recv(NULL, doubles, &number), 0);
		KUNIT_ASSERT_LE(test, number, 2 * n);
		seen |= BIT_ULL(number);
	}
	for (i = 1; i <= n; i++)
		KUNIT_EXPECT_TRUE(test, seen & BIT_ULL(2 * i));
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, doubles, &number), -EPIPE);
}

/* A pool. */

struct pool_number {
	struct workshop *shop;
	u64 value;
};

static int pool_double(struct chp_ctx *ctx, void *arg)
{
	struct pool_number *number = arg;

	return workshop_double(number->shop, ctx, &number->value);
}

/* Submits the numbers, and passes on what has become of them. */
static int pool_run(struct pool_number *numbers, unsigned int n,
		    struct chp_chan *results, struct chp_chan *doubles)
{
	const struct chp_pool_config config = {
		.name = "double", .workers = 3, .queue = 8, .sleeps = true,
		.results = results,
	};
	struct chp_pool *pool = chp_pool_alloc_config(NULL, &config);
	struct chp_pool_result result;
	unsigned int i;
	int err = 0;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	for (i = 0; i < n && !err; i++)
		err = chp_pool_submit(NULL, pool, pool_double, &numbers[i]);
	chp_pool_close(pool);
	while (!chp_recv(NULL, results, &result)) {
		struct pool_number *number = result.arg;

		err = err ?: chp_send(NULL, doubles, &number->value);
	}
	chp_close(doubles);
	return chp_pool_drain(pool) ?: err;
}

/* Three workers take five jobs of a second: two rounds. */
static void a_pool(struct kunit *test)
{
	struct chp_chan *results, *doubles;
	struct pool_number numbers[5];
	struct workshop shop;
	ktime_t start;
	int i;

	results = chp_test_chan(test, sizeof(struct chp_pool_result), 0);
	doubles = chp_test_chan(test, sizeof(u64), ARRAY_SIZE(numbers));
	workshop_open(&shop, 1000);
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		numbers[i] = (struct pool_number) { &shop, i + 1 };
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, pool_run(numbers, ARRAY_SIZE(numbers), results,
				       doubles), 0);
	expect_took(test, start, 2 * shop.ms);
	expect_at_work(test, &shop, 3);
	expect_doubles(test, doubles, ARRAY_SIZE(numbers));
}

/* Fans: ten numbers that take half a second each. */

#define FANNED 10

static int fan_number(struct chp_worker *worker, void *elem)
{
	int err = workshop_double(chp_worker_data(worker),
				  chp_worker_ctx(worker), elem);

	return err ?: CHP_EMIT;
}

static const struct chp_stage_ops fan_ops = { .item = fan_number };

static int count_up(struct chp_ctx *ctx, void *data, void *elem)
{
	u64 *next = data;

	if (*next > FANNED)
		return 1;
	*(u64 *)elem = (*next)++;
	return 0;
}

/* One makes the numbers, the stage works on them, the results come together. */
static int fan_run(struct chp_stage *stage, struct chp_chan *in)
{
	u64 next = 1, number;
	const struct chp_generator_config config = {
		.name = "numbers", .elem_size = sizeof(u64),
		.next = count_up, .data = &next,
	};
	struct chp_chan *numbers;
	struct chp_group group;
	int err, ended;

	err = chp_group_init(&group, NULL);
	if (err)
		return err;
	numbers = chp_generator(&group, &config);
	err = PTR_ERR_OR_ZERO(numbers) ?: chp_stage_start(stage, &group);
	while (!err && !chp_recv(group.ctx, numbers, &number))
		err = chp_send(group.ctx, in, &number);
	chp_close(in);
	if (err)
		chp_group_cancel(&group);
	ended = chp_group_wait(&group);
	if (!IS_ERR(numbers))
		chp_chan_put(numbers);
	return err ?: ended;
}

static void expect_fan(struct kunit *test, struct chp_stage *stage,
		       struct chp_chan *in, struct chp_chan *out)
{
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, stage);
	KUNIT_EXPECT_EQ(test, fan_run(stage, in), 0);
	chp_stage_free(stage);
	expect_doubles(test, out, FANNED);
}

/* Over three workers: four rounds. */
static void fan_out_and_in(struct kunit *test)
{
	struct chp_chan *in = chp_test_chan(test, sizeof(u64), 0);
	struct chp_chan *out = chp_test_chan(test, sizeof(u64), FANNED);
	struct workshop shop;
	const struct chp_stage_config config = {
		.name = "double", .ops = &fan_ops, .data = &shop,
		.workers = 3, .sleeps = true,
	};
	ktime_t start = ktime_get();

	workshop_open(&shop, 500);
	expect_fan(test, chp_stage_alloc(&config, sizeof(u64), in, out), in,
		   out);
	expect_took(test, start, 4 * shop.ms);
	expect_at_work(test, &shop, 3);
}

/* A worker of its own for each: one round. */
static void fan_without_limit(struct kunit *test)
{
	struct chp_chan *in = chp_test_chan(test, sizeof(u64), 0);
	struct chp_chan *out = chp_test_chan(test, sizeof(u64), FANNED);
	struct workshop shop;
	const struct chp_fan_config config = {
		.name = "double", .ops = &fan_ops, .data = &shop,
		.sleeps = true,
	};
	ktime_t start = ktime_get();

	workshop_open(&shop, 500);
	expect_fan(test, chp_fan_alloc(&config, sizeof(u64), in, out), in, out);
	expect_took(test, start, shop.ms);
	expect_at_work(test, &shop, FANNED);
}

/* A pipeline. */

#define RANDOM_NUMBERS 10

static int random_item(struct chp_worker *worker, void *elem)
{
	u64 *numbers = chp_worker_data(worker);
	u64 i = chp_worker_seq(worker);

	if (i == RANDOM_NUMBERS)
		return CHP_STOP;
	numbers[i] = get_random_u32() % 100;
	*(u64 *)elem = numbers[i];
	return CHP_EMIT;
}

static int double_item(struct chp_worker *worker, void *elem)
{
	*(u64 *)elem *= 2;
	return CHP_EMIT;
}

static int above_ten_item(struct chp_worker *worker, void *elem)
{
	return *(u64 *)elem > 10 ? CHP_EMIT : CHP_DROP;
}

static const struct chp_stage_ops random_ops = { .item = random_item };
static const struct chp_stage_ops double_ops = { .item = double_item };
static const struct chp_stage_ops above_ten_ops = { .item = above_ten_item };

/* The generator leaves behind in @numbers what it has made. */
static int pipeline_run(struct chp_pipeline *p, u64 *numbers)
{
	const struct chp_stage_config random = {
		.name = "random", .ops = &random_ops, .workers = 1,
		.data = numbers,
	};
	const struct chp_stage_config twice = {
		.name = "double", .ops = &double_ops, .workers = 1,
	};
	const struct chp_stage_config above_ten = {
		.name = "above_ten", .ops = &above_ten_ops, .workers = 1,
	};

	return chp_pipeline_add(p, &random, 0) ?:
	       chp_pipeline_add(p, &twice, 0) ?:
	       chp_pipeline_add(p, &above_ten, 0) ?:
	       chp_pipeline_start(p);
}

/* Random numbers below 100, doubled; of those what is above 10. */
static void a_pipeline(struct kunit *test)
{
	struct chp_pipeline *p = chp_pipeline_alloc(NULL, sizeof(u64), 3);
	u64 numbers[RANDOM_NUMBERS], number;
	int i, err;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	err = pipeline_run(p, numbers);
	KUNIT_EXPECT_EQ(test, err, 0);
	for (i = 0; !err && !chp_recv(NULL, chp_pipeline_out(p), &number); i++) {
		while (i < RANDOM_NUMBERS && numbers[i] <= 5)
			i++;
		err = i < RANDOM_NUMBERS && number == 2 * numbers[i] ? 0 : -EIO;
		KUNIT_EXPECT_EQ(test, err, 0);
	}
	while (!err && i < RANDOM_NUMBERS)
		KUNIT_EXPECT_LE(test, numbers[i++], 5);
	chp_pipeline_cancel(p);
	KUNIT_EXPECT_EQ(test, chp_pipeline_wait(p), 0);
}

static struct kunit_case programs_cases[] = {
	KUNIT_CASE(odd_numbers),
	KUNIT_CASE(odd_numbers_slowly),
	KUNIT_CASE(odd_numbers_too_slowly),
	KUNIT_CASE(odd_numbers_without_end),
	KUNIT_CASE(odd_numbers_interrupted),
	KUNIT_CASE(a_pool),
	KUNIT_CASE(fan_out_and_in),
	KUNIT_CASE(fan_without_limit),
	KUNIT_CASE(a_pipeline),
	{}
};

struct kunit_suite chp_programs_suite = {
	.name = "chanpat_programs",
	.init = chp_test_init,
	.test_cases = programs_cases,
};
