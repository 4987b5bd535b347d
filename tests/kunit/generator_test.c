// SPDX-License-Identifier: GPL-2.0
/*
 * Generators: what is promised in <chanpat/generator.h>, for those that are
 * tasks and those that are threads.
 */
#include <linux/err.h>
#include <linux/string.h>
#include <chanpat/generator.h>
#include "queues.h"
#include "stages.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

#define NEVER U64_MAX

/**
 * struct rig - a generator of pieces 0, 1, 2 ..., and what has happened to it
 * @ledger: of the pieces
 * @config: of the generator
 * @group: owns it
 * @out: its channel; NULL when the test has let go of it
 * @end: how many it makes
 * @last: what its function returns then
 * @read: what ended its reader, when that is a member of the group
 * @gate: where gated_next() waits
 * @calls: of its function
 * @gone: how often it was said to be gone
 * @calls_at_gone: @calls at that time
 */
struct rig {
	struct chp_ledger ledger;
	struct chp_generator_config config;
	struct chp_group *group;
	struct chp_chan *out;
	u64 end;
	int last;
	int read;
	struct chp_chan *gate;
	atomic_t calls;
	atomic_t gone;
	int calls_at_gone;
};

static int rig_next(struct chp_ctx *ctx, void *data, void *elem)
{
	struct rig *rig = data;
	u64 value = atomic_inc_return(&rig->calls) - 1;

	if (value >= rig->end)
		return rig->last;
	chp_piece_make(elem, &rig->ledger, value);
	return 0;
}

static void rig_gone(void *data)
{
	struct rig *rig = data;

	rig->calls_at_gone = atomic_read(&rig->calls);
	atomic_inc(&rig->gone);
}

static void rig_put(void *data)
{
	struct rig *rig = data;

	chp_chan_put(rig->out);
	rig->out = NULL;
}

static struct rig *rig_make_form(struct kunit *test, unsigned int cap,
				 enum chp_form form)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->end = NEVER;
	rig->last = 1;
	rig->config = (struct chp_generator_config){
		.name = "test",
		.elem_size = sizeof(struct chp_piece),
		.cap = cap,
		.sleeps = form == CHP_THREAD,
		.next = rig_next,
		.drop = chp_piece_drop,
		.gone = rig_gone,
		.data = rig,
	};
	rig->group = chp_test_group(test, NULL);
	return rig;
}

static struct rig *rig_make(struct kunit *test, unsigned int cap)
{
	return rig_make_form(test, cap, chp_test_form(test));
}

static void rig_start(struct kunit *test, struct rig *rig)
{
	struct chp_chan *out = chp_generator(rig->group, &rig->config);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, out);
	rig->out = out;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, rig_put, rig), 0);
	chp_test_group_finish(test, rig->group);
}

/* It has filled its buffer, and waits with one more in its hand. */
static void rig_blocks(struct kunit *test, struct rig *rig)
{
	CHP_EVENTUALLY(test, chp_test_senders(rig->out) == 1);
}

static void rig_get(struct kunit *test, struct rig *rig, u64 value)
{
	struct chp_piece piece;

	KUNIT_ASSERT_EQ(test, chp_test_recv(rig->out, &piece), 0);
	KUNIT_EXPECT_EQ(test, piece.value, value);
}

static void rig_get_end(struct kunit *test, struct rig *rig)
{
	struct chp_piece piece;

	KUNIT_EXPECT_EQ(test, chp_test_recv(rig->out, &piece), -EPIPE);
}

/*
 * It has ended by itself, and every piece has come to one end once the channel
 * has gone.
 */
static void rig_over(struct kunit *test, struct rig *rig, int err)
{
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), err);
	if (rig->out)
		KUNIT_EXPECT_TRUE(test, chp_test_closed(rig->out));
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->gone), 1);
	KUNIT_EXPECT_EQ(test, rig->calls_at_gone, atomic_read(&rig->calls));
	rig_put(rig);
	chp_test_settled(test, &rig->ledger);
}

static void all_is_made_in_order_and_then_the_end(struct kunit *test)
{
	static const unsigned int caps[] = { 0, 1, 3, 200 };
	struct rig *rig;
	unsigned int i;
	u64 n;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		rig = rig_make(test, caps[i]);
		rig->end = 150;
		rig_start(test, rig);
		KUNIT_EXPECT_EQ(test, chp_cap(rig->out), caps[i]);
		for (n = 0; n < 150; n++)
			rig_get(test, rig, n);
		rig_get_end(test, rig);
		rig_over(test, rig, 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 151);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 0);
	}
}

static void a_sequence_may_be_empty(struct kunit *test)
{
	struct rig *rig = rig_make(test, 0);

	rig->end = 0;
	rig_start(test, rig);
	rig_get_end(test, rig);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 1);
}

/* What was taken, what is buffered, and the one in hand: no more, no less. */
static void nothing_is_made_ahead_of_the_buffer(struct kunit *test)
{
	static const unsigned int caps[] = { 0, 1, 3 };
	struct rig *rig;
	unsigned int i;
	u64 n;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		rig = rig_make(test, caps[i]);
		rig_start(test, rig);
		for (n = 0; n < 50; n++) {
			rig_blocks(test, rig);
			KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls),
					n + caps[i] + 1);
			rig_get(test, rig, n);
		}
		chp_close(rig->out);
		rig_over(test, rig, 0);
	}
}

/* As it could not if nothing were made before a receiver waits. */
static void who_only_tries_finds_elements_too(struct kunit *test)
{
	struct rig *rig = rig_make(test, 0);
	struct chp_piece piece;
	u64 n;

	rig_start(test, rig);
	for (n = 0; n < 10; n++) {
		CHP_EVENTUALLY(test, !chp_try_recv(rig->out, &piece));
		chp_piece_eat(&piece);
		KUNIT_EXPECT_EQ(test, piece.value, n);
	}
	chp_close(rig->out);
	rig_over(test, rig, 0);
}

static void an_early_close_ends_an_infinite_sequence(struct kunit *test)
{
	static const unsigned int caps[] = { 0, 3 };
	struct rig *rig;
	unsigned int i;
	u64 n;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		rig = rig_make(test, caps[i]);
		rig_start(test, rig);
		for (n = 0; n < 10; n++)
			rig_get(test, rig, n);
		rig_blocks(test, rig);
		KUNIT_EXPECT_EQ(test, chp_close(rig->out), 0);
		rig_over(test, rig, 0);
		/* The one in hand, and those that nobody has received. */
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped),
				1 + caps[i]);
	}
}

static void cancel_ends_an_infinite_sequence(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3);
	u64 n;

	rig_start(test, rig);
	rig_blocks(test, rig);
	chp_group_cancel(rig->group);
	CHP_EVENTUALLY(test, chp_test_closed(rig->out));
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 1);
	/* What was buffered is not lost. */
	for (n = 0; n < 3; n++)
		rig_get(test, rig, n);
	rig_get_end(test, rig);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 1);
}

static void the_deadline_of_the_parent_ends_it(struct kunit *test)
{
	struct rig *rig = rig_make(test, 0);
	struct chp_ctx *ctx;

	ctx = chp_ctx_with_timeout(NULL, 2 * NSEC_PER_MSEC);
	chp_test_ctx_keep(test, ctx);
	rig->group = chp_test_group(test, ctx);
	rig_start(test, rig);
	CHP_EVENTUALLY(test, chp_test_closed(rig->out));
	KUNIT_EXPECT_EQ(test, chp_ctx_err(ctx), -ETIME);
	rig_over(test, rig, 0);
}

/* The group ends it; then nobody is left to receive what it has made. */
static void a_reader_may_just_let_go(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3);

	rig_start(test, rig);
	rig_blocks(test, rig);
	rig_put(rig);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 0);
	chp_group_cancel(rig->group);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 4);
}

static void what_is_left_is_dropped_with_the_channel(struct kunit *test)
{
	struct rig *rig = rig_make(test, 5);
	struct chp_chan *other;

	rig->end = 4;
	rig_start(test, rig);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	rig_get(test, rig, 0);
	other = chp_chan_get(rig->out);
	rig_put(rig);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 0);
	chp_chan_put(other);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 3);
	chp_test_settled(test, &rig->ledger);
}

static void nothing_needs_to_be_dropped(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3);

	rig->config.drop = NULL;
	rig->config.gone = NULL;
	rig_start(test, rig);
	rig_blocks(test, rig);
	chp_group_cancel(rig->group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	rig_put(rig);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.made), 4);
}

static void an_error_is_the_group_s(struct kunit *test)
{
	struct rig *rig = rig_make(test, 0);
	struct chp_ctx *ctx;
	u64 n;

	ctx = chp_test_ctx_keep(test, chp_ctx_get(rig->group->ctx));
	rig->end = 3;
	rig->last = -EIO;
	rig_start(test, rig);
	for (n = 0; n < 3; n++)
		rig_get(test, rig, n);
	rig_get_end(test, rig);
	/* Before the end is seen: see the test that follows. */
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), -EIO);
	rig_over(test, rig, -EIO);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 4);
}

static int read_to_the_end(struct chp_ctx *ctx, void *data)
{
	struct rig *rig = data;
	struct chp_piece piece;
	int err;

	while (!(err = chp_recv(ctx, rig->out, &piece)))
		chp_piece_eat(&piece);
	rig->read = err;
	return 0;
}

static void no_member_takes_an_error_for_the_end(struct kunit *test)
{
	struct rig *rig;
	int i;

	for (i = 0; i < 50; i++) {
		rig = rig_make(test, 0);
		rig->end = 3;
		rig->last = -EIO;
		rig_start(test, rig);
		KUNIT_ASSERT_EQ(test, chp_go(rig->group, "reader",
					     read_to_the_end, rig), 0);
		rig_over(test, rig, -EIO);
		KUNIT_ASSERT_EQ(test, rig->read, -ECANCELED);
	}
}

/* What the executor would take for something else. */
static void what_a_step_says_is_no_error(struct kunit *test)
{
	static const int words[] = { -EAGAIN, -EINPROGRESS };
	struct rig *rig;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		rig = rig_make(test, 0);
		rig->end = 1;
		rig->last = words[i];
		rig_start(test, rig);
		rig_get(test, rig, 0);
		rig_get_end(test, rig);
		rig_over(test, rig, -EINVAL);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 2);
	}
}

/* A function of its own waits, and finds out. */
static int cancelled_next(struct chp_ctx *ctx, void *data, void *elem)
{
	struct rig *rig = data;

	atomic_inc(&rig->calls);
	chp_group_cancel(rig->group);
	return chp_ctx_err(ctx);
}

static void the_error_of_the_context_is_none(struct kunit *test)
{
	struct rig *rig = rig_make(test, 0);

	rig->config.next = cancelled_next;
	rig_start(test, rig);
	rig_get_end(test, rig);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 1);
}

/* What it waits for may be anything that takes a context. */
static int gated_next(struct chp_ctx *ctx, void *data, void *elem)
{
	struct rig *rig = data;
	int err = chp_recv(ctx, rig->gate, NULL);

	return err == -EPIPE ? 1 : err ?: rig_next(ctx, data, elem);
}

static struct rig *rig_gated(struct kunit *test)
{
	struct rig *rig = rig_make_form(test, 0, CHP_THREAD);

	rig->gate = chp_test_chan(test, 0, 0);
	rig->config.next = gated_next;
	rig_start(test, rig);
	KUNIT_ASSERT_EQ(test, chp_send(NULL, rig->gate, NULL), 0);
	rig_get(test, rig, 0);
	CHP_EVENTUALLY(test, chp_test_receivers(rig->gate) == 1);
	return rig;
}

static void one_that_sleeps_is_cancelled_while_it_makes(struct kunit *test)
{
	struct rig *rig = rig_gated(test);

	chp_group_cancel(rig->group);
	rig_get_end(test, rig);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 1);
}

static void one_that_sleeps_may_wait_for_its_own_end(struct kunit *test)
{
	struct rig *rig = rig_gated(test);

	chp_close(rig->gate);
	rig_get_end(test, rig);
	rig_over(test, rig, 0);
}

/* Whoever receives the end may reuse what the generator was given. */
static void it_is_gone_before_the_end_is_seen(struct kunit *test)
{
	struct rig *rig;
	int i;

	for (i = 0; i < 50; i++) {
		rig = rig_make(test, 0);
		rig->end = 1;
		rig_start(test, rig);
		rig_get(test, rig, 0);
		rig_get_end(test, rig);
		KUNIT_ASSERT_EQ(test, atomic_read(&rig->gone), 1);
		rig_over(test, rig, 0);
	}
}

static void nothing_is_made_in_a_cancelled_group(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3);

	chp_group_cancel(rig->group);
	rig_start(test, rig);
	rig_get_end(test, rig);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 0);
}

static void one_of_a_group_that_is_over_is_refused(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3);

	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	KUNIT_EXPECT_PTR_EQ(test, chp_generator(rig->group, &rig->config),
			    ERR_PTR(-ESHUTDOWN));
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->gone), 0);
}

static void an_impossible_one_is_refused(struct kunit *test)
{
	struct rig *rig = rig_make(test, 3);
	struct chp_generator_config config = rig->config;

	config.next = NULL;
	KUNIT_EXPECT_PTR_EQ(test, chp_generator(rig->group, &config),
			    ERR_PTR(-EINVAL));
	config = rig->config;
	config.elem_size = CHP_ELEM_MAX + 1;
	KUNIT_EXPECT_PTR_EQ(test, chp_generator(rig->group, &config),
			    ERR_PTR(-EINVAL));
	config = rig->config;
	config.cap = CHP_CAP_MAX + 1;
	KUNIT_EXPECT_PTR_EQ(test, chp_generator(rig->group, &config),
			    ERR_PTR(-EINVAL));
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->calls), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->gone), 0);
}

/**
 * struct sized - makes two elements of a size, and disposes of one
 * @size: bytes
 * @made: how many
 */
struct sized {
	size_t size;
	int made;
};

static int sized_next(struct chp_ctx *ctx, void *data, void *elem)
{
	struct sized *sized = data;

	memset(elem, 0xa0 + sized->made, sized->size);
	return sized->made++ == 2;
}

static void elements_may_be_of_any_size(struct kunit *test)
{
	static const size_t sizes[] = { 0, 1, 13, CHP_ELEM_MAX };
	u8 *elem = kunit_kzalloc(test, CHP_ELEM_MAX, GFP_KERNEL);
	struct chp_generator_config config = {
		.name = "sized",
		.sleeps = chp_test_form(test) == CHP_THREAD,
		.next = sized_next,
	};
	struct sized *sized;
	struct chp_group *group;
	struct chp_chan *ch;
	unsigned int i, n;

	KUNIT_ASSERT_NOT_NULL(test, elem);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		sized = kunit_kzalloc(test, sizeof(*sized), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, sized);
		group = chp_test_group(test, NULL);
		config.elem_size = sizes[i];
		sized->size = sizes[i];
		config.data = sized;
		ch = chp_generator(group, &config);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
		for (n = 0; n < 2; n++) {
			KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, elem), 0);
			KUNIT_EXPECT_NULL(test, memchr_inv(elem, 0xa0 + n,
							   sizes[i]));
		}
		KUNIT_EXPECT_EQ(test, chp_recv(NULL, ch, elem), -EPIPE);
		KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
		chp_chan_put(ch);
	}
}

/**
 * struct crowd - a generator whose buffer has room for all that it makes, and
 *	another task
 * @other: made ready by the first call
 * @group: owns both
 * @calls: of the generator's function
 * @seen: @calls when @other came to run
 */
struct crowd {
	struct chp_task other;
	struct chp_group *group;
	atomic_t calls;
	int seen;
};

static int other_step(struct chp_task *task)
{
	struct crowd *crowd = container_of(task, struct crowd, other);

	crowd->seen = atomic_read(&crowd->calls);
	return 0;
}

static int crowd_next(struct chp_ctx *ctx, void *data, void *elem)
{
	struct crowd *crowd = data;
	int call = atomic_inc_return(&crowd->calls);

	if (call == 1)
		return chp_task_start(&crowd->other, crowd->group);
	return call > CHP_CAP_MAX;
}

static void a_task_that_never_waits_lets_others_run(struct kunit *test)
{
	struct crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	const struct chp_generator_config config = {
		.name = "busy", .cap = CHP_CAP_MAX,
		.next = crowd_next, .data = crowd,
	};
	struct chp_chan *ch;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	crowd->group = chp_test_group(test, NULL);
	chp_task_init(&crowd->other, other_step, NULL);
	ch = chp_generator(crowd->group, &config);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	KUNIT_EXPECT_EQ(test, chp_group_wait(crowd->group), 0);
	KUNIT_EXPECT_EQ(test, chp_len(ch), CHP_CAP_MAX);
	KUNIT_EXPECT_LE(test, crowd->seen, CHP_CAP_MAX / 2);
	chp_chan_put(ch);
}

static struct kunit_case generator_cases[] = {
	KUNIT_CASE_PARAM(all_is_made_in_order_and_then_the_end, form_gen_params),
	KUNIT_CASE_PARAM(a_sequence_may_be_empty, form_gen_params),
	KUNIT_CASE_PARAM(nothing_is_made_ahead_of_the_buffer, form_gen_params),
	KUNIT_CASE_PARAM(who_only_tries_finds_elements_too, form_gen_params),
	KUNIT_CASE_PARAM(an_early_close_ends_an_infinite_sequence,
			 form_gen_params),
	KUNIT_CASE_PARAM(cancel_ends_an_infinite_sequence, form_gen_params),
	KUNIT_CASE_PARAM(the_deadline_of_the_parent_ends_it, form_gen_params),
	KUNIT_CASE_PARAM(a_reader_may_just_let_go, form_gen_params),
	KUNIT_CASE_PARAM(what_is_left_is_dropped_with_the_channel,
			 form_gen_params),
	KUNIT_CASE_PARAM(nothing_needs_to_be_dropped, form_gen_params),
	KUNIT_CASE_PARAM(an_error_is_the_group_s, form_gen_params),
	KUNIT_CASE_PARAM(no_member_takes_an_error_for_the_end, form_gen_params),
	KUNIT_CASE_PARAM(what_a_step_says_is_no_error, form_gen_params),
	KUNIT_CASE_PARAM(the_error_of_the_context_is_none, form_gen_params),
	KUNIT_CASE_PARAM(it_is_gone_before_the_end_is_seen, form_gen_params),
	KUNIT_CASE_PARAM(nothing_is_made_in_a_cancelled_group, form_gen_params),
	KUNIT_CASE_PARAM(one_of_a_group_that_is_over_is_refused,
			 form_gen_params),
	KUNIT_CASE_PARAM(an_impossible_one_is_refused, form_gen_params),
	KUNIT_CASE_PARAM(elements_may_be_of_any_size, form_gen_params),
	KUNIT_CASE(one_that_sleeps_is_cancelled_while_it_makes),
	KUNIT_CASE(one_that_sleeps_may_wait_for_its_own_end),
	KUNIT_CASE(a_task_that_never_waits_lets_others_run),
	{}
};

struct kunit_suite chp_generator_suite = {
	.name = "chanpat_generator",
	.init = chp_test_init,
	.test_cases = generator_cases,
};
