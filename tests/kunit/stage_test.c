// SPDX-License-Identifier: GPL-2.0
/*
 * Stages: what is promised in <chanpat/stage.h>, for workers that are tasks and
 * for workers that are threads. The stage under test stands between a channel
 * that the test or a source fills and one that the test reads.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include "../../kmod/core/task.h"
#include "../../kmod/patterns/stage.h"
#include "stages.h"
#include "suites.h"

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

#define NEVER U64_MAX
#define HOUR (3600 * (u64)NSEC_PER_SEC)

/**
 * struct act - what the stage under test does, and what happened to it
 * @at: for the piece of this value its function returns
 * @verdict: this
 * @slow: with the piece of this value
 * @delay: it takes its time; nanoseconds
 * @watch: the piece of this value is in the hands of
 * @worker: this one, once it was there
 * @thread: who runs it, when the workers are threads
 * @calls: of its function
 * @sum: of the values
 * @ends: calls of its end
 * @end_calls: as many as @calls when its end was called
 * @end_verdict: what its end returns
 * @end_value: of the piece that its end makes
 * @seen: a bit for each number of an element, of the first 64
 */
struct act {
	u64 at;
	int verdict;
	u64 slow;
	u64 delay;
	u64 watch;
	struct chp_worker *worker;
	struct task_struct *thread;
	atomic_t calls;
	atomic64_t sum;
	atomic_t ends;
	int end_calls;
	int end_verdict;
	u64 end_value;
	unsigned long seen[BITS_TO_LONGS(64)];
};

struct rig {
	struct chp_ledger ledger;
	struct chp_source source;
	struct act act;
	struct chp_stage_config config;
	struct chp_chan *in;
	struct chp_chan *out;
	struct chp_group *group;
	struct chp_stage *stage;
};

static int act_item(struct chp_worker *worker, void *elem)
{
	struct act *act = chp_worker_data(worker);
	struct chp_piece *piece = elem;
	u64 seq = chp_worker_seq(worker), value = piece->value;
	int verdict = value == act->at ? act->verdict : CHP_EMIT;

	if (seq < 64)
		set_bit(seq, act->seen);
	atomic64_add(value, &act->sum);
	if (value == act->slow)
		chp_worker_delay(worker, act->delay);
	if (value == act->watch) {
		act->thread = current;
		/* Pairs with the acquire in act_waits(). */
		smp_store_release(&act->worker, worker);
	}
	if (verdict == CHP_DROP || verdict == CHP_STOP)
		chp_piece_eat(piece);
	atomic_inc(&act->calls);
	return verdict;
}

static int act_end(struct chp_worker *worker, void *elem)
{
	struct act *act = chp_worker_data(worker);
	struct rig *rig = container_of(act, struct rig, act);

	act->end_calls = atomic_read(&act->calls);
	atomic_inc(&act->ends);
	if (act->end_verdict == CHP_EMIT)
		chp_piece_make(elem, &rig->ledger, act->end_value);
	return act->end_verdict;
}

static const struct chp_stage_ops act_ops = {
	.item = act_item,
	.end = act_end,
	.drop = chp_piece_drop,
};

/* The watched worker has parked in @phase: it would notice what happens now. */
static bool act_waits(const struct act *act, enum chp_form form,
		      enum chp_worker_phase phase)
{
	/* Pairs with the release in act_item(). */
	struct chp_worker *worker = smp_load_acquire(&act->worker);

	if (!worker || READ_ONCE(worker->phase) != phase)
		return false;
	if (form == CHP_TASK)
		return atomic_read(&worker->task.run) == CHP_TASK_PARKED;
	return chp_test_sleeps(act->thread);
}

static struct rig *rig_make(struct kunit *test, enum chp_form form,
			    unsigned int in_cap, unsigned int out_cap)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->act.at = NEVER;
	rig->act.slow = NEVER;
	rig->act.watch = NEVER;
	rig->act.end_verdict = CHP_DROP;
	rig->config = (struct chp_stage_config){
		.name = "act",
		.ops = &act_ops,
		.data = &rig->act,
		.workers = 1,
		.sleeps = form == CHP_THREAD,
	};
	rig->in = chp_test_chan(test, sizeof(struct chp_piece), in_cap);
	rig->out = chp_test_chan(test, sizeof(struct chp_piece), out_cap);
	rig->group = chp_test_group(test, NULL);
	return rig;
}

static void rig_start(struct kunit *test, struct rig *rig)
{
	rig->stage = chp_test_stage(test, &rig->config, rig->in, rig->out);
	chp_test_stage_start(test, rig->stage, rig->group);
}

/* A source of @n pieces that sends to @ch. */
static struct chp_stage *rig_source(struct kunit *test, struct rig *rig,
				    struct chp_chan *ch, u64 n)
{
	struct chp_stage_config config = {
		.name = "source",
		.ops = &chp_source_ops,
		.data = &rig->source,
		.workers = 1,
		.sleeps = rig->config.sleeps,
	};
	struct chp_stage *stage;

	rig->source.ledger = &rig->ledger;
	rig->source.end = n;
	stage = chp_test_stage(test, &config, NULL, ch);
	chp_test_stage_start(test, stage, rig->group);
	return stage;
}

/* @n pieces into the buffer of the stage's input. */
static void rig_put(struct kunit *test, struct rig *rig, u64 n)
{
	struct chp_piece piece;
	u64 i;

	for (i = 0; i < n; i++) {
		chp_piece_make(&piece, &rig->ledger, i);
		KUNIT_ASSERT_EQ(test, chp_try_send(rig->in, &piece), 0);
	}
}

/* The next piece has this value. */
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

static bool closed(struct chp_chan *ch)
{
	struct chp_piece piece = {};

	return chp_try_send(ch, &piece) == -EPIPE;
}

/* All workers end by themselves, and nothing is left in anyone's hands. */
static void rig_over(struct kunit *test, struct rig *rig, int err)
{
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), err);
	KUNIT_EXPECT_TRUE(test, closed(rig->in));
	KUNIT_EXPECT_TRUE(test, closed(rig->out));
	chp_test_drain(rig->in);
	chp_test_drain(rig->out);
	chp_test_settled(test, &rig->ledger);
}

/*
 * The generator, as a module would write it: odd numbers, on demand, until
 * there are no more.
 */
struct odd {
	u64 next;
	u64 last;
};

static int odd_item(struct chp_worker *worker, void *elem)
{
	struct odd *odd = chp_worker_data(worker);

	if (odd->next > odd->last)
		return CHP_STOP;
	*(u64 *)elem = odd->next;
	odd->next += 2;
	return CHP_EMIT;
}

static const struct chp_stage_ops odd_ops = { .item = odd_item };

static void a_generator_makes_odd_numbers_and_then_closes(struct kunit *test)
{
	struct odd odd = { .next = 1, .last = 10 };
	struct chp_stage_config config = {
		.name = "odd",
		.ops = &odd_ops,
		.data = &odd,
		.workers = 1,
		.sleeps = chp_test_form(test) == CHP_THREAD,
	};
	struct chp_chan *ch = chp_test_chan(test, sizeof(u64), 0);
	struct chp_stage *stage;
	struct chp_group group;
	u64 value, sum = 0;
	int n = 0;

	stage = chp_stage_alloc(&config, sizeof(u64), NULL, ch);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, stage);
	KUNIT_ASSERT_EQ(test, chp_group_init(&group, NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_stage_start(stage, &group), 0);
	while (!chp_recv(NULL, ch, &value)) {
		KUNIT_EXPECT_EQ(test, value, 2 * n + 1);
		sum += value;
		n++;
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(&group), 0);
	chp_stage_free(stage);
	KUNIT_EXPECT_EQ(test, n, 5);
	KUNIT_EXPECT_EQ(test, sum, 25);
}

/* At every moment: what was taken, what is buffered, and one in its hand. */
static void a_generator_makes_nothing_ahead_of_the_buffer(struct kunit *test)
{
	static const unsigned int caps[] = { 0, 1, 8 };
	struct chp_stage_stats stats;
	struct chp_stage *source;
	struct rig *rig;
	unsigned int i;
	u64 n;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		rig = rig_make(test, chp_test_form(test), 0, caps[i]);
		source = rig_source(test, rig, rig->out, NEVER);
		for (n = 0; n < 100; n++) {
			KUNIT_EXPECT_LE(test, atomic_read(&rig->ledger.made),
					n + caps[i] + 1);
			rig_get(test, rig, n);
		}
		CHP_EVENTUALLY(test,
			       atomic_read(&rig->ledger.made) == n + caps[i] + 1);
		KUNIT_EXPECT_EQ(test, chp_len(rig->out), caps[i]);
		chp_stage_stats(source, &stats);
		KUNIT_EXPECT_EQ(test, stats.taken, n + caps[i] + 1);
		chp_close(rig->in);
		chp_close(rig->out);
		rig_over(test, rig, 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 1);
	}
}

/* The early stop goes from the reader to the source, through the stage. */
static void a_reader_that_closes_stops_all_upstream(struct kunit *test)
{
	static const unsigned int workers[] = { 1, 5 };
	struct rig *rig;
	unsigned int i;
	u64 n;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		rig = rig_make(test, chp_test_form(test), 3, 2);
		rig->config.workers = workers[i];
		rig->config.ordered = true;
		rig_start(test, rig);
		rig_source(test, rig, rig->in, NEVER);
		for (n = 0; n < 10; n++)
			rig_get(test, rig, n);
		KUNIT_EXPECT_EQ(test, chp_close(rig->out), 0);
		rig_over(test, rig, 0);
		KUNIT_EXPECT_GE(test, atomic_read(&rig->ledger.dropped), 1);
	}
}

static void the_last_worker_says_the_end_once_and_closes(struct kunit *test)
{
	static const unsigned int workers[] = { 1, 2, 16, 64 };
	const u64 n = 150, sum = n * (n - 1) / 2;
	struct chp_piece piece;
	struct rig *rig;
	unsigned int i;
	u64 got;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		rig = rig_make(test, chp_test_form(test), 4, 4);
		rig->config.workers = workers[i];
		rig->act.end_verdict = CHP_EMIT;
		rig->act.end_value = 12345;
		rig_start(test, rig);
		rig_source(test, rig, rig->in, n);
		for (got = 0; !chp_test_recv(rig->out, &piece); got++)
			KUNIT_EXPECT_EQ(test, piece.value == 12345, got == n);
		rig_over(test, rig, 0);
		KUNIT_EXPECT_EQ(test, got, n + 1);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->act.ends), 1);
		KUNIT_EXPECT_EQ(test, rig->act.end_calls, n);
		KUNIT_EXPECT_EQ(test, atomic64_read(&rig->act.sum), sum);
	}
}

static void an_end_may_have_nothing_to_say(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_test_form(test), 0, 0);

	rig->config.workers = 4;
	rig_start(test, rig);
	chp_close(rig->in);
	rig_get_end(test, rig);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->act.ends), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->act.calls), 0);
}

static void what_the_end_says_is_dropped_when_nobody_reads(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_test_form(test), 0, 0);

	rig->act.end_verdict = CHP_EMIT;
	chp_close(rig->in);
	chp_close(rig->out);
	rig_start(test, rig);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 1);
}

/**
 * struct verdict_case - what a verdict on the piece 3 of 0 to 9 leads to
 * @what: in words
 * @verdict: on that piece
 * @first: pieces that are received, from 0 on, before and with that one
 * @rest: whether 4 to 9 are received too
 * @ends: how often the end is called
 * @err: of the group
 */
struct verdict_case {
	const char *what;
	int verdict;
	u64 first;
	bool rest;
	int ends;
	int err;
};

static const struct verdict_case verdict_cases[] = {
	{ "emit", CHP_EMIT, 4, true, 1, 0 },
	{ "drop", CHP_DROP, 3, true, 1, 0 },
	{ "last", CHP_LAST, 4, false, 0, 0 },
	{ "stop", CHP_STOP, 3, false, 0, 0 },
	{ "error", -EIO, 3, false, 0, -EIO },
};

static void verdict_desc(const struct verdict_case *c, char *desc)
{
	strscpy(desc, c->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(verdict, verdict_cases, verdict_desc);

static void verdict_check(struct kunit *test, const struct verdict_case *c,
			  enum chp_form form)
{
	struct rig *rig = rig_make(test, form, 0, 0);
	struct chp_ctx *ctx;
	u64 i;

	ctx = chp_test_ctx_keep(test, chp_ctx_get(rig->group->ctx));
	rig->act.at = 3;
	rig->act.verdict = c->verdict;
	rig_start(test, rig);
	rig_source(test, rig, rig->in, c->rest ? 10 : NEVER);
	for (i = 0; i < c->first; i++)
		rig_get(test, rig, i);
	for (i = 4; c->rest && i < 10; i++)
		rig_get(test, rig, i);
	rig_get_end(test, rig);
	rig_over(test, rig, c->err);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->act.ends), c->ends);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->act.calls), c->rest ? 10 : 4);
	KUNIT_EXPECT_EQ(test, chp_ctx_cause(ctx), c->err ?: -ECANCELED);
}

static void a_verdict_decides_what_becomes_of_an_element(struct kunit *test)
{
	verdict_check(test, test->param_value, CHP_THREAD);
	verdict_check(test, test->param_value, CHP_TASK);
}

/* What two others have in hand still goes out; they take nothing new. */
static void a_stage_of_many_workers_stops_as_one(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_test_form(test), 50, 0);
	struct chp_stage_stats stats;
	struct chp_piece piece;
	u64 sum = 0;
	int n;

	rig->config.workers = 3;
	rig->act.at = 2;
	rig->act.verdict = CHP_STOP;
	rig->act.end_verdict = CHP_EMIT;
	rig_put(test, rig, 50);
	rig_start(test, rig);
	CHP_EVENTUALLY(test, (chp_stage_stats(rig->stage, &stats),
			      stats.workers == 2));
	for (n = 0; !chp_test_recv(rig->out, &piece); n++)
		sum += piece.value;
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, n, 2);
	KUNIT_EXPECT_EQ(test, sum, 0 + 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->act.calls), 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->act.ends), 0);
}

/* A delay ends when its time is over, and no other worker waits for it. */
static void a_delay_holds_up_one_element_alone(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_test_form(test), 0, 0);
	const u64 ns = 3 * NSEC_PER_MSEC;
	ktime_t start = ktime_get();

	rig->config.workers = 2;
	rig->act.slow = 0;
	rig->act.delay = ns;
	rig_start(test, rig);
	rig_source(test, rig, rig->in, 1);
	rig_get(test, rig, 0);
	KUNIT_EXPECT_GE(test, ktime_to_ns(ktime_sub(ktime_get(), start)), ns);
	rig_get_end(test, rig);
	rig_over(test, rig, 0);
}

static void others_pass_the_one_that_is_delayed(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_test_form(test), 0, 0);
	u64 i;

	rig->config.workers = 2;
	rig->act.slow = 0;
	rig->act.delay = HOUR;
	rig_start(test, rig);
	rig_source(test, rig, rig->in, 50);
	for (i = 1; i < 50; i++)
		rig_get(test, rig, i);
	chp_group_cancel(rig->group);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 1);
}

/**
 * struct phase_case - how a worker comes to wait in a phase
 * @what: in words
 * @phase: that phase
 * @workers: how many there are; ordered when there are two
 * @pieces: that are put into the stage
 * @slow: the one that takes an hour
 * @watch: the one whose worker comes to wait
 * @gets: how many the test receives
 * @busy: workers with a piece in hand then, which are dropped
 */
struct phase_case {
	const char *what;
	enum chp_worker_phase phase;
	unsigned int workers;
	u64 pieces;
	u64 slow;
	u64 watch;
	u64 gets;
	unsigned int busy;
};

static const struct phase_case phase_cases[] = {
	{ "input", CHP_W_RECV, 1, 2, NEVER, 1, 2, 0 },
	{ "delay", CHP_W_DELAY, 1, 1, 0, 0, 0, 1 },
	{ "turn", CHP_W_TURN, 2, 2, 0, 1, 0, 2 },
	{ "output", CHP_W_SEND, 1, 2, NEVER, 1, 1, 1 },
};

static void phase_desc(const struct phase_case *c, char *desc)
{
	strscpy(desc, c->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(phase, phase_cases, phase_desc);

static struct rig *phase_rig(struct kunit *test, enum chp_form form)
{
	const struct phase_case *c = test->param_value;
	struct rig *rig = rig_make(test, form, 4, 0);
	u64 i;

	rig->config.workers = c->workers;
	rig->config.ordered = c->workers > 1;
	rig->act.slow = c->slow;
	rig->act.delay = HOUR;
	rig->act.watch = c->watch;
	rig_put(test, rig, c->pieces);
	rig_start(test, rig);
	for (i = 0; i < c->gets; i++)
		rig_get(test, rig, i);
	CHP_EVENTUALLY(test, act_waits(&rig->act, form, c->phase));
	return rig;
}

static void cancel_ends_a_worker_whatever_it_waits_for(struct kunit *test)
{
	const struct phase_case *c = test->param_value;
	struct rig *rig;
	int form;

	for (form = 0; form < CHP_NR_FORMS; form++) {
		rig = phase_rig(test, form);
		chp_group_cancel(rig->group);
		rig_over(test, rig, 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), c->busy);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->act.ends), 0);
	}
}

static void stats_show_who_has_what_in_hand(struct kunit *test)
{
	const struct phase_case *c = test->param_value;
	struct chp_stage_stats stats;
	struct rig *rig;
	int form;

	for (form = 0; form < CHP_NR_FORMS; form++) {
		rig = phase_rig(test, form);
		/* The others of the stage have come as far as they can, too. */
		CHP_EVENTUALLY(test, (chp_stage_stats(rig->stage, &stats),
				      stats.busy == c->busy));
		KUNIT_EXPECT_EQ(test, stats.workers, c->workers);
		KUNIT_EXPECT_EQ(test, stats.taken, c->pieces);
		KUNIT_EXPECT_EQ(test, stats.sent, c->gets);
		chp_group_cancel(rig->group);
		rig_over(test, rig, 0);
		chp_stage_stats(rig->stage, &stats);
		KUNIT_EXPECT_EQ(test, stats.workers, 0);
		KUNIT_EXPECT_EQ(test, stats.busy, 0);
	}
}

static void stats_of_a_source_count_what_it_made(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_test_form(test), 0, 10);
	struct chp_stage *source = rig_source(test, rig, rig->out, 3);
	struct chp_stage_stats stats;
	u64 i;

	for (i = 0; i < 3; i++)
		rig_get(test, rig, i);
	chp_close(rig->in);
	rig_over(test, rig, 0);
	chp_stage_stats(source, &stats);
	KUNIT_EXPECT_EQ(test, stats.taken, 3);
	KUNIT_EXPECT_EQ(test, stats.sent, 3);
	KUNIT_EXPECT_STREQ(test, chp_stage_name(source), "source");
}

static void every_element_has_a_number_of_its_own(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_test_form(test), 0, 64);

	rig->config.workers = 7;
	rig_start(test, rig);
	rig_source(test, rig, rig->in, 64);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_TRUE(test, bitmap_full(rig->act.seen, 64));
}

/* Parallel workers: as many elements in hand as workers, never more. */
static void a_stage_works_on_as_many_as_it_has_workers(struct kunit *test)
{
	static const unsigned int workers[] = { 1, 3, 40 };
	struct chp_stage_stats stats;
	struct rig *rig;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		rig = rig_make(test, chp_test_form(test), 50, 0);
		rig->config.workers = workers[i];
		rig_put(test, rig, 50);
		rig_start(test, rig);
		CHP_EVENTUALLY(test, (chp_stage_stats(rig->stage, &stats),
				      stats.busy == workers[i]));
		CHP_EVENTUALLY(test, atomic_read(&rig->act.calls) == workers[i]);
		KUNIT_EXPECT_EQ(test, chp_len(rig->in), 50 - workers[i]);
		chp_group_cancel(rig->group);
		rig_over(test, rig, 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&rig->act.calls), workers[i]);
	}
}

static void a_stage_without_an_output_drops_what_it_would_send(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_test_form(test), 0, 0);

	rig->stage = chp_test_stage(test, &rig->config, rig->in, NULL);
	chp_test_stage_start(test, rig->stage, rig->group);
	rig_source(test, rig, rig->in, 20);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	chp_test_settled(test, &rig->ledger);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ledger.dropped), 20);
}

static void a_stage_of_a_cancelled_group_ends_at_once(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_test_form(test), 4, 4);

	rig->config.workers = 3;
	rig_put(test, rig, 4);
	chp_group_cancel(rig->group);
	rig_start(test, rig);
	rig_over(test, rig, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->act.calls), 0);
}

static void a_stage_cannot_start_in_a_group_that_is_over(struct kunit *test)
{
	struct rig *rig = rig_make(test, chp_test_form(test), 0, 0);

	rig->config.workers = 3;
	rig->stage = chp_test_stage(test, &rig->config, rig->in, rig->out);
	KUNIT_EXPECT_EQ(test, chp_group_wait(rig->group), 0);
	KUNIT_EXPECT_EQ(test, chp_stage_start(rig->stage, rig->group),
			-ESHUTDOWN);
	rig_get_end(test, rig);
}

static int pass_item(struct chp_worker *worker, void *elem)
{
	return CHP_EMIT;
}

/* Somebody else has received from the input before: the order begins later. */
static void an_ordered_stage_begins_where_its_input_is(struct kunit *test)
{
	static const struct chp_stage_ops ops = { .item = pass_item };
	struct chp_stage_config config = {
		.name = "pass", .ops = &ops, .workers = 3, .ordered = true,
	};
	struct chp_chan *in = chp_test_chan(test, sizeof(u64), 8);
	struct chp_chan *out = chp_test_chan(test, sizeof(u64), 8);
	struct chp_group *group = chp_test_group(test, NULL);
	struct chp_stage *stage;
	u64 i, value;

	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, chp_try_send(in, &i), 0);
	KUNIT_ASSERT_EQ(test, chp_try_recv(in, &value), 0);
	stage = chp_stage_alloc(&config, sizeof(u64), in, out);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, stage);
	KUNIT_EXPECT_EQ(test, chp_stage_start(stage, group), 0);
	chp_close(in);
	for (i = 1; i < 8; i++) {
		KUNIT_EXPECT_EQ(test, chp_recv(NULL, out, &value), 0);
		KUNIT_EXPECT_EQ(test, value, i);
	}
	KUNIT_EXPECT_EQ(test, chp_group_wait(group), 0);
	chp_stage_free(stage);
}

static void a_stage_of_impossible_size_is_refused(struct kunit *test)
{
	struct chp_stage_config config = { .name = "x", .ops = &act_ops };
	static const unsigned int workers[] = { 0, CHP_WORKERS_MAX + 1, UINT_MAX };
	struct chp_stage *stage;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		config.workers = workers[i];
		stage = chp_stage_alloc(&config, 8, NULL, NULL);
		KUNIT_EXPECT_PTR_EQ(test, stage, ERR_PTR(-EINVAL));
	}
	config.workers = 1;
	stage = chp_stage_alloc(&config, CHP_ELEM_MAX + 1, NULL, NULL);
	KUNIT_EXPECT_PTR_EQ(test, stage, ERR_PTR(-EINVAL));
	chp_stage_free(NULL);
}

static struct kunit_case stage_cases[] = {
	KUNIT_CASE_PARAM(a_generator_makes_odd_numbers_and_then_closes,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_generator_makes_nothing_ahead_of_the_buffer,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_reader_that_closes_stops_all_upstream,
			 form_gen_params),
	KUNIT_CASE_PARAM(the_last_worker_says_the_end_once_and_closes,
			 form_gen_params),
	KUNIT_CASE_PARAM(an_end_may_have_nothing_to_say, form_gen_params),
	KUNIT_CASE_PARAM(what_the_end_says_is_dropped_when_nobody_reads,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_verdict_decides_what_becomes_of_an_element,
			 verdict_gen_params),
	KUNIT_CASE_PARAM(a_stage_of_many_workers_stops_as_one, form_gen_params),
	KUNIT_CASE_PARAM(a_delay_holds_up_one_element_alone, form_gen_params),
	KUNIT_CASE_PARAM(others_pass_the_one_that_is_delayed, form_gen_params),
	KUNIT_CASE_PARAM(cancel_ends_a_worker_whatever_it_waits_for,
			 phase_gen_params),
	KUNIT_CASE_PARAM(stats_show_who_has_what_in_hand, phase_gen_params),
	KUNIT_CASE_PARAM(stats_of_a_source_count_what_it_made, form_gen_params),
	KUNIT_CASE_PARAM(every_element_has_a_number_of_its_own, form_gen_params),
	KUNIT_CASE_PARAM(a_stage_works_on_as_many_as_it_has_workers,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_stage_without_an_output_drops_what_it_would_send,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_stage_of_a_cancelled_group_ends_at_once,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_stage_cannot_start_in_a_group_that_is_over,
			 form_gen_params),
	KUNIT_CASE(an_ordered_stage_begins_where_its_input_is),
	KUNIT_CASE(a_stage_of_impossible_size_is_refused),
	{}
};

struct kunit_suite chp_stage_suite = {
	.name = "chanpat_stage",
	.init = chp_test_init,
	.test_cases = stage_cases,
};
