// SPDX-License-Identifier: GPL-2.0
/*
 * The examples at the top of the headers in include/chanpat/, as functions that
 * compile and do what is said there. Each is to be kept as close to its header
 * as it can be: who changes one changes the other. <chanpat/wait.h>, which is
 * for other headers, has none.
 */
#include <linux/slab.h>
#include <chanpat/buffer.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/generator.h>
#include <chanpat/group.h>
#include <chanpat/mux.h>
#include <chanpat/once.h>
#include <chanpat/op.h>
#include <chanpat/pipeline.h>
#include <chanpat/pool.h>
#include <chanpat/select.h>
#include <chanpat/sem.h>
#include <chanpat/stage.h>
#include <chanpat/task.h>
#include <chanpat/ticker.h>
#include <chanpat/timer.h>
#include <chanpat/typed.h>
#include <chanpat/waitgroup.h>
#include "helpers.h"
#include "suites.h"

/* chan.h */

static int chan_sender(struct chp_ctx *ctx, void *data)
{
	struct chp_chan *ch = data;
	u64 event = 42;
	int err;

	err = chp_send(ctx, ch, &event);	/* in one thread */
	chp_close(ch);				/* the sender, at its end */
	chp_chan_put(ch);			/* each of the two */
	return err;
}

static int chan_receiver(struct chp_ctx *ctx, void *data)
{
	struct chp_chan *ch = data;
	u64 event = 0;
	int err;

	err = chp_recv(ctx, ch, &event);	/* in another */
	if (!err && event != 42)
		err = -EINVAL;
	if (chp_recv(ctx, ch, &event) != -EPIPE || event)
		err = -EINVAL;
	chp_chan_put(ch);
	return err;
}

static void example_of_channels(struct kunit *test)
{
	struct chp_chan *ch = chp_chan_alloc(sizeof(u64), 16, "events");
	struct chp_group *group = chp_test_group(test, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	KUNIT_EXPECT_EQ(test, chp_go(group, "sender", chan_sender,
				     chp_chan_get(ch)), 0);
	KUNIT_EXPECT_EQ(test, chp_go(group, "receiver", chan_receiver, ch), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

/*
 * ctx.h, with another limit than its two seconds: nobody is to wait for that, and
 * what is there in time is so however slow the machine is.
 */

static int recv_in_time(struct chp_ctx *parent, struct chp_chan *ch, u64 limit_ns)
{
	struct chp_ctx *ctx = chp_ctx_with_timeout(parent, limit_ns);
	u64 value;
	int err;

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	err = chp_recv(ctx, ch, &value);
	chp_ctx_cancel(ctx);
	chp_ctx_put(ctx);
	return err;
}

static void example_of_contexts(struct kunit *test)
{
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 1);
	struct chp_ctx *parent = chp_test_ctx(test, NULL);
	u64 value = 1;

	KUNIT_EXPECT_EQ(test, recv_in_time(parent, ch, NSEC_PER_MSEC), -ETIME);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, ch, &value), 0);
	KUNIT_EXPECT_EQ(test, recv_in_time(parent, ch, 3600ULL * NSEC_PER_SEC), 0);
	KUNIT_EXPECT_EQ(test, chp_ctx_err(parent), 0);
}

/* group.h */

struct market {
	struct chp_chan *ch;
	u64 sum;
};

static int produce(struct chp_ctx *ctx, void *arg)
{
	struct market *data = arg;
	int err = 0;
	u64 i;

	for (i = 1; i <= 10 && !err; i++)
		err = chp_send(ctx, data->ch, &i);
	chp_close(data->ch);
	return err;
}

static int consume(struct chp_ctx *ctx, void *arg)
{
	struct market *data = arg;
	u64 value;
	int err;

	while (!(err = chp_recv(ctx, data->ch, &value)))
		data->sum += value;
	return err == -EPIPE ? 0 : err;
}

static int group_example(struct chp_ctx *parent, struct market *data)
{
	struct chp_group group;
	int err;

	err = chp_group_init(&group, parent);
	if (err)
		return err;
	err = chp_go(&group, "producer", produce, data);
	if (!err)
		err = chp_go(&group, "consumer", consume, data);
	if (err)
		chp_group_cancel(&group);
	return chp_group_wait(&group) ?: err;
}

static void example_of_groups(struct kunit *test)
{
	struct market *data = kunit_kzalloc(test, sizeof(*data), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, data);
	data->ch = chp_test_chan(test, sizeof(u64), 0);
	KUNIT_EXPECT_EQ(test, group_example(NULL, data), 0);
	KUNIT_EXPECT_EQ(test, data->sum, 55);
}

/* once.h */

static int build_tables(void *arg)
{
	int *built = arg;

	++*built;
	return 0;
}

static int in_one_call(struct chp_ctx *ctx, int *arg)
{
	static DEFINE_CHP_ONCE(tables);

	return chp_once_do(ctx, &tables, build_tables, arg);
}

static int in_two_halves(struct chp_ctx *ctx, int *arg)
{
	static DEFINE_CHP_ONCE(tables);
	int err;

	err = chp_once_begin(ctx, &tables);
	if (err > 0)				/* this caller is the one */
		err = chp_once_end(&tables, build_tables(arg));
	return err;
}

static void examples_of_once(struct kunit *test)
{
	/* As what they count: once in the life of the module. */
	static int built, built_in_halves;
	int i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, in_one_call(NULL, &built), 0);
		KUNIT_EXPECT_EQ(test, in_two_halves(NULL, &built_in_halves), 0);
	}
	KUNIT_EXPECT_EQ(test, built, 1);
	KUNIT_EXPECT_EQ(test, built_in_halves, 1);
}

/* pipeline.h, and of stage.h the generator and the stage between channels */

static int numbers_item(struct chp_worker *worker, void *elem)
{
	u64 *next = chp_worker_data(worker);

	if (*next == 5)
		return CHP_STOP;
	*(u64 *)elem = ++*next;
	return CHP_EMIT;
}

static const struct chp_stage_ops numbers_ops = { .item = numbers_item };

static int square_item(struct chp_worker *worker, void *elem)
{
	u64 *value = elem;

	*value *= *value;
	return CHP_EMIT;
}

static const struct chp_stage_ops square_ops = { .item = square_item };

static int pipeline_run(struct chp_ctx *ctx, struct chp_pipeline *p, u64 *sum)
{
	u64 value, next = 0;
	const struct chp_stage_config numbers = {
		.name = "numbers", .ops = &numbers_ops, .workers = 1,
		.data = &next,
	};
	const struct chp_stage_config square = {
		.name = "square", .ops = &square_ops, .workers = 1,
	};
	int err, ended;

	err = chp_pipeline_add(p, &numbers, 0);
	if (!err)
		err = chp_pipeline_add(p, &square, 0);
	if (!err)
		err = chp_pipeline_start(p);
	while (!err && !chp_recv(ctx, chp_pipeline_out(p), &value))
		*sum += value;
	ended = chp_pipeline_wait(p);
	return err ?: ended;
}

static void example_of_pipelines(struct kunit *test)
{
	struct chp_pipeline *p = chp_pipeline_alloc(NULL, sizeof(u64), 3);
	u64 sum = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	KUNIT_EXPECT_EQ(test, pipeline_run(NULL, p, &sum), 0);
	KUNIT_EXPECT_EQ(test, sum, 1 + 4 + 9 + 16 + 25);
}

/* stage.h: without an output a stage is a pool. */

static int add_item(struct chp_worker *worker, void *elem)
{
	atomic64_add(*(u64 *)elem, chp_worker_data(worker));
	return CHP_DROP;
}

static const struct chp_stage_ops add_ops = { .item = add_item };

static int stage_feed(struct chp_stage *stage, struct chp_chan *in)
{
	struct chp_group group;
	int err;
	u64 i;

	err = chp_group_init(&group, NULL);
	if (err)
		return err;
	err = chp_stage_start(stage, &group);
	for (i = 1; i <= 10 && !err; i++)
		err = chp_send(group.ctx, in, &i);
	chp_close(in);
	return chp_group_wait(&group) ?: err;
}

static void example_of_stages(struct kunit *test)
{
	atomic64_t *sum = kunit_kzalloc(test, sizeof(*sum), GFP_KERNEL);
	struct chp_chan *in = chp_test_chan(test, sizeof(u64), 4);
	const struct chp_stage_config config = {
		.name = "add", .ops = &add_ops, .data = sum, .workers = 3,
	};
	struct chp_stage *stage;

	KUNIT_ASSERT_NOT_NULL(test, sum);
	stage = chp_stage_alloc(&config, sizeof(u64), in, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, stage);
	KUNIT_EXPECT_EQ(test, stage_feed(stage, in), 0);
	chp_stage_free(stage);
	KUNIT_EXPECT_EQ(test, atomic64_read(sum), 55);
}

/* pool.h */

struct block {
	u8 data[16];
	u8 hash;
};

static int hash_block(struct chp_ctx *ctx, void *arg)
{
	struct block *block = arg;
	int i;

	for (i = 0; i < sizeof(block->data); i++)
		block->hash ^= block->data[i];
	return chp_ctx_err(ctx);
}

static int pool_example(struct chp_ctx *ctx, struct block *blocks, int n)
{
	struct chp_pool *pool = chp_pool_alloc(ctx, "hash", 4, 64);
	int i, ended, err = 0;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	for (i = 0; i < n && !err; i++)
		err = chp_pool_submit(ctx, pool, hash_block, &blocks[i]);
	ended = err ? chp_pool_stop(pool) : chp_pool_drain(pool);
	return err ?: ended;
}

#define BLOCKS 100

static void example_of_pools(struct kunit *test)
{
	struct block *blocks;
	int i;

	blocks = kunit_kcalloc(test, BLOCKS, sizeof(*blocks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, blocks);
	for (i = 0; i < BLOCKS; i++)
		blocks[i].data[i % 16] = i + 1;
	KUNIT_EXPECT_EQ(test, pool_example(NULL, blocks, BLOCKS), 0);
	for (i = 0; i < BLOCKS; i++)
		KUNIT_EXPECT_EQ(test, blocks[i].hash, i + 1);
}

/* select.h */

struct server {
	struct chp_chan *requests;
	struct chp_chan *replies;
	struct chp_ctx *quit;
	u64 reply;
	u64 served;
};

static int serve(struct server *s, u64 *request)
{
	s->served = *request;
	return 1;
}

static int select_example(struct chp_ctx *ctx, struct server *s)
{
	u64 request, reply = s->reply;
	struct chp_case cases[] = {
		CHP_CASE_RECV(s->requests, &request),
		CHP_CASE_SEND(s->replies, &reply),
		CHP_CASE_DONE(s->quit),
	};

	switch (chp_select(ctx, cases, ARRAY_SIZE(cases))) {
	case 0:
		if (cases[0].err)	/* -EPIPE: closed and empty */
			return 0;
		return serve(s, &request);
	case 1:
		return cases[1].err;	/* -EPIPE: nobody wants it any more */
	case 2:
		return cases[2].err;	/* how the context has ended */
	default:
		return -ECANCELED;	/* @ctx has ended; nothing was done */
	}
}

static struct server *server_make(struct kunit *test)
{
	struct server *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->requests = chp_test_chan(test, sizeof(u64), 1);
	s->replies = chp_test_chan(test, sizeof(u64), 1);
	s->quit = chp_test_ctx(test, NULL);
	s->reply = 7;
	return s;
}

static void example_of_select(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct server *s = server_make(test);
	u64 value = 42;

	KUNIT_EXPECT_EQ(test, select_example(ctx, s), 0);
	KUNIT_EXPECT_EQ(test, chp_send(NULL, s->requests, &value), 0);
	/* The channel of replies is full now. */
	KUNIT_EXPECT_EQ(test, select_example(ctx, s), 1);
	KUNIT_EXPECT_EQ(test, s->served, 42);
	KUNIT_EXPECT_EQ(test, chp_recv(NULL, s->replies, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 7);
	chp_close(s->replies);
	KUNIT_EXPECT_EQ(test, select_example(ctx, s), -EPIPE);
	s->replies = NULL;
	chp_ctx_cancel(s->quit);
	KUNIT_EXPECT_EQ(test, select_example(ctx, s), -ECANCELED);
	s->quit = NULL;
	chp_close(s->requests);
	KUNIT_EXPECT_EQ(test, select_example(ctx, s), 0);
	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, select_example(ctx, s), -ECANCELED);
}

/* sem.h */

static int sem_example(struct chp_ctx *ctx, struct chp_sem *disk)
{
	int err;

	err = chp_sem_acquire(ctx, disk, 2);
	if (err)
		return err;		/* nothing was acquired */
	return chp_sem_release(disk, 2);
}

static void example_of_semaphores(struct kunit *test)
{
	struct chp_ctx *ctx = chp_test_ctx(test, NULL);
	struct chp_sem disk;

	chp_sem_init(&disk, 4);
	KUNIT_EXPECT_EQ(test, sem_example(ctx, &disk), 0);
	chp_ctx_cancel(ctx);
	KUNIT_EXPECT_EQ(test, sem_example(ctx, &disk), -ECANCELED);
	KUNIT_EXPECT_EQ(test, chp_sem_try_acquire(&disk, 4), 0);
}

/* task.h */

enum echo_state {
	START,
	RECEIVING,
	SENDING,
};

struct echo {
	struct chp_task task;
	enum echo_state state;
	struct chp_chan *in;
	struct chp_chan *out;
	u64 value;
};

/* What follows an operation that is done, parked in between or not. */
static int echo_next(struct echo *e)
{
	if (e->state == RECEIVING) {
		e->state = SENDING;
		return chp_task_send(&e->task, e->out, &e->value);
	}
	e->state = RECEIVING;
	return chp_task_recv(&e->task, e->in, &e->value);
}

static int echo_step(struct chp_task *task)
{
	struct echo *e = container_of(task, struct echo, task);
	int err = e->state == START ? 0 : chp_task_result(task);

	while (!err)
		err = echo_next(e);
	/* The input has ended: so does the task. */
	return err == -EPIPE ? 0 : err;
}

static void example_of_tasks(struct kunit *test)
{
	struct echo *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);
	struct chp_group *group;
	u64 i, value = 0;

	KUNIT_ASSERT_NOT_NULL(test, e);
	e->in = chp_test_chan(test, sizeof(u64), 0);
	e->out = chp_test_chan(test, sizeof(u64), 1);
	group = chp_test_group(test, NULL);
	chp_task_init(&e->task, echo_step, NULL);
	KUNIT_ASSERT_EQ(test, chp_task_start(&e->task, group), 0);
	for (i = 1; i <= 10; i++) {
		KUNIT_EXPECT_EQ(test, chp_send(group->ctx, e->in, &i), 0);
		KUNIT_EXPECT_EQ(test, chp_recv(group->ctx, e->out, &value), 0);
		KUNIT_EXPECT_EQ(test, value, i);
	}
	chp_close(e->in);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

/* ticker.h: with a shorter period. */

static int sample_until_the_end(struct chp_ctx *ctx, int *samples)
{
	struct chp_chan *tick = chp_ticker(NSEC_PER_MSEC);
	ktime_t now;
	int err;

	if (IS_ERR(tick))
		return PTR_ERR(tick);
	while (!(err = chp_recv(ctx, tick, &now)))
		++*samples;
	chp_chan_put(tick);
	return err;
}

static void example_of_tickers(struct kunit *test)
{
	struct chp_ctx *ctx;
	int samples = 0;

	/* Where the machine stands still, all of the time can pass before a sample. */
	while (!samples) {
		ctx = chp_ctx_with_timeout(NULL, 50 * NSEC_PER_MSEC);
		chp_test_ctx_keep(test, ctx);
		KUNIT_EXPECT_EQ(test, sample_until_the_end(ctx, &samples), -ETIME);
		KUNIT_EXPECT_LE(test, samples, 50);
	}
}

/* timer.h */

static void example_of_timers(struct kunit *test)
{
	ktime_t start = ktime_get();

	KUNIT_EXPECT_EQ(test, chp_sleep(NULL, 2 * NSEC_PER_MSEC), 0);
	KUNIT_EXPECT_GE(test, ktime_get(), ktime_add_ms(start, 2));
}

/* typed.h */

struct request {
	int number;
	char name[8];
};

CHP_CHAN_TYPE(request_chan, struct request);

static int typed_example(struct chp_ctx *ctx, struct request *got)
{
	struct request_chan *ch = request_chan_alloc(16, "requests");
	struct request req = { .number = 42, .name = "answer" };
	int err;

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	err = request_chan_send(ctx, ch, &req);
	if (!err)
		err = request_chan_recv(ctx, ch, got);
	request_chan_close(ch);
	request_chan_put(ch);
	return err;
}

static void example_of_typed_channels(struct kunit *test)
{
	struct request got = {};

	KUNIT_EXPECT_EQ(test, typed_example(NULL, &got), 0);
	KUNIT_EXPECT_EQ(test, got.number, 42);
	KUNIT_EXPECT_STREQ(test, got.name, "answer");
}

/* waitgroup.h */

static int finish(struct chp_ctx *ctx, void *arg)
{
	struct chp_waitgroup *pending = arg;

	return chp_waitgroup_done(pending);	/* each of the two */
}

static int waitgroup_example(struct chp_ctx *ctx, struct chp_group *group)
{
	struct chp_waitgroup pending;
	int i, err;

	chp_waitgroup_init(&pending);
	err = chp_waitgroup_add(&pending, 2);	/* before the two can be done */
	for (i = 0; i < 2; i++)
		if (chp_go(group, "finish", finish, &pending))
			chp_waitgroup_done(&pending);
	return err ?: chp_waitgroup_wait(ctx, &pending);
}

static void example_of_wait_groups(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);

	KUNIT_EXPECT_EQ(test, waitgroup_example(NULL, group), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

/* generator.h */

static int odd_next(struct chp_ctx *ctx, void *data, void *elem)
{
	u64 *odd = data;

	if (*odd > 10)
		return 1;		/* there are no more */
	*(u64 *)elem = *odd;
	*odd += 2;
	return 0;
}

static int generator_example(struct chp_group *group, u64 *sum)
{
	u64 odd = 1, value;
	const struct chp_generator_config config = {
		.name = "odd", .elem_size = sizeof(u64),
		.next = odd_next, .data = &odd,
	};
	struct chp_chan *ch = chp_generator(group, &config);

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	while (!chp_recv(group->ctx, ch, &value))
		*sum += value;
	chp_close(ch);			/* it may have stopped early */
	chp_chan_put(ch);
	/* @odd is on the stack. */
	return chp_group_wait(group);
}

static void example_of_generators(struct kunit *test)
{
	struct chp_group *group = chp_test_group(test, NULL);
	u64 sum = 0;

	KUNIT_EXPECT_EQ(test, generator_example(group, &sum), 0);
	KUNIT_EXPECT_EQ(test, sum, 1 + 3 + 5 + 7 + 9);
}

/* mux.h */

static int mux_example(struct chp_group *group, struct chp_chan *north,
		       struct chp_chan *south, u64 *sum)
{
	struct chp_chan *sources[] = { north, south };
	const struct chp_mux_config config = { .name = "both", .cap = 8 };
	struct chp_chan *both = chp_merge(group, sources, 2, &config);
	u64 value;

	if (IS_ERR(both))
		return PTR_ERR(both);
	while (!chp_recv(group->ctx, both, &value))
		*sum += value;
	chp_close(both);		/* it may have stopped early */
	chp_chan_put(both);
	return 0;
}

static void example_of_multiplexing(struct kunit *test)
{
	struct chp_chan *north = chp_test_chan(test, sizeof(u64), 1);
	struct chp_chan *south = chp_test_chan(test, sizeof(u64), 1);
	struct chp_group *group = chp_test_group(test, NULL);
	u64 value = 3, sum = 0;

	KUNIT_EXPECT_EQ(test, chp_try_send(north, &value), 0);
	KUNIT_EXPECT_EQ(test, chp_try_send(south, &value), 0);
	chp_close(north);
	chp_close(south);
	KUNIT_EXPECT_EQ(test, mux_example(group, north, south, &sum), 0);
	KUNIT_EXPECT_EQ(test, sum, 6);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
}

/* buffer.h */

static int buffer_produce(struct chp_ctx *ctx, void *arg)
{
	struct chp_buffer *buf = arg;
	u64 value;

	for (value = 1; value <= 200; value++)
		if (chp_buffer_send(ctx, buf, &value))
			break;
	chp_buffer_leave(buf, -ENODATA);	/* a producer, at its end */
	return 0;
}

static int buffer_consume(struct chp_ctx *ctx, struct chp_buffer *buf, u64 *sum)
{
	u64 value;
	int err;

	while (!(err = chp_buffer_recv(ctx, buf, &value)))
		*sum += value;
	return err == -EPIPE ? chp_buffer_err(buf) : err;
}

static void example_of_buffers(struct kunit *test)
{
	const struct chp_buffer_config config = {
		.name = "samples", .elem_size = sizeof(u64),
		.high = 64, .low = 16,
	};
	struct chp_buffer *buf = chp_buffer_alloc(&config);
	struct chp_group *group = chp_test_group(test, NULL);
	u64 sum = 0;

	KUNIT_ASSERT_FALSE(test, IS_ERR(buf));
	chp_buffer_join(buf);			/* for each producer */
	KUNIT_EXPECT_EQ(test, chp_go(group, "p", buffer_produce, buf), 0);
	KUNIT_EXPECT_EQ(test, buffer_consume(NULL, buf, &sum), -ENODATA);
	KUNIT_EXPECT_EQ(test, sum, 200 * 201 / 2);
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	chp_buffer_free(buf);			/* when all have ended */
}

/* op.h */

static int scale_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	chp_item_to_num(item, chp_item_num(item) * chp_op_arg(st, 0));
	return CHP_EMIT;
}

static struct chp_op scale = {
	.desc = {
		.name = "scale",
		.help = "N times the number",
		.takes = CHP_T_NUM,
		.makes = CHP_T_NUM,
		.params = { { .name = "N", .kind = CHP_P_NUM } },
	},
	.item = scale_item,
};

/* That lines can use it is shown by registry_test.c. */
static void example_of_operations(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, chp_op_register(&scale), 0);
	KUNIT_EXPECT_EQ(test, chp_op_unregister(&scale), 0);
}

static struct kunit_case examples_cases[] = {
	KUNIT_CASE(example_of_channels),
	KUNIT_CASE(example_of_contexts),
	KUNIT_CASE(example_of_groups),
	KUNIT_CASE(examples_of_once),
	KUNIT_CASE(example_of_pipelines),
	KUNIT_CASE(example_of_stages),
	KUNIT_CASE(example_of_pools),
	KUNIT_CASE(example_of_select),
	KUNIT_CASE(example_of_semaphores),
	KUNIT_CASE(example_of_tasks),
	KUNIT_CASE(example_of_tickers),
	KUNIT_CASE(example_of_timers),
	KUNIT_CASE(example_of_typed_channels),
	KUNIT_CASE(example_of_wait_groups),
	KUNIT_CASE(example_of_generators),
	KUNIT_CASE(example_of_multiplexing),
	KUNIT_CASE(example_of_buffers),
	KUNIT_CASE(example_of_operations),
	{}
};

struct kunit_suite chp_examples_suite = {
	.name = "chanpat_examples",
	.init = chp_test_init,
	.test_cases = examples_cases,
};
