/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share.
 *
 * Channels, contexts, groups and actors made here go with the test, also when
 * an assertion ends it early, and in an order in which nothing is used after it
 * has gone. Then nothing may be alive that was not before the test.
 *
 * An actor is one operation, performed by a thread or by a task: a test with an
 * actor's form as its parameter makes the same promise for both. Nobody but the
 * test's own thread asserts anything; others leave results behind.
 */
#ifndef CHP_KUNIT_HELPERS_H
#define CHP_KUNIT_HELPERS_H

#include <kunit/test.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include <chanpat/task.h>
#include <chanpat/timer.h>

/* How long a condition may take to come true on the slowest of machines. */
#define CHP_PATIENCE_MS 30000

/* Operations in each of the storms; a parameter of the module. */
extern unsigned long chp_storm;

int chp_test_init(struct kunit *test);

struct chp_chan *chp_test_chan(struct kunit *test, size_t elem_size,
			       unsigned int cap);
struct chp_ctx *chp_test_ctx(struct kunit *test, struct chp_ctx *parent);
struct chp_ctx *chp_test_ctx_keep(struct kunit *test, struct chp_ctx *ctx);
struct chp_group *chp_test_group(struct kunit *test, struct chp_ctx *parent);
void chp_test_group_finish(struct kunit *test, struct chp_group *group);

/* Waits until @cond holds; ends the test when it never does. */
#define CHP_EVENTUALLY(test, cond)					\
	KUNIT_ASSERT_TRUE_MSG(test, ({					\
		ktime_t __end = chp_test_patience();			\
		bool __met;						\
									\
		while (!(__met = (cond)) && chp_test_pause(__end))	\
			;						\
		__met;							\
	}), "never: %s", #cond)

/* How a kthread sleeps in a wait of chanpat. */
static inline bool chp_test_sleeps(const struct task_struct *thread)
{
	return READ_ONCE(thread->__state) == (TASK_IDLE | TASK_FREEZABLE);
}

ktime_t chp_test_patience(void);
bool chp_test_pause(ktime_t end);
void chp_test_relax(void);

/* What one has written before it raises a flag, others see who see it raised. */
static inline void chp_test_raise(bool *flag)
{
	/* Pairs with the acquire in chp_test_raised(). */
	smp_store_release(flag, true);
}

static inline bool chp_test_raised(const bool *flag)
{
	/* Pairs with the release in chp_test_raise(). */
	return smp_load_acquire(flag);
}

/*
 * For a race against time: the time of the next round, longer when this one was
 * over too early, otherwise shorter. So the two meet, however fast the machine.
 */
static inline u64 chp_test_adapt(u64 ns, bool too_early)
{
	if (too_early)
		return min(ns + ns / 8 + 100, 100 * (u64)NSEC_PER_MSEC);
	return ns - ns / 8;
}

void chp_test_all_cpus(void *unused);
void chp_test_one_cpu(struct kunit *test);

void chp_test_in_hardirq(struct kunit *test, void (*fn)(void *arg), void *arg);

enum chp_form {
	CHP_THREAD,
	CHP_TASK,
	CHP_NR_FORMS,
};

extern const enum chp_form chp_forms[CHP_NR_FORMS];

void chp_form_desc(const enum chp_form *form, char *desc);

static inline enum chp_form chp_test_form(struct kunit *test)
{
	return *(const enum chp_form *)test->param_value;
}

enum chp_act {
	CHP_ACT_SEND,
	CHP_ACT_RECV,
	CHP_ACT_SLEEP,
	CHP_ACT_JOIN,		/* tasks only */
};

/**
 * struct chp_actor - one operation on its way
 * @act: what it does
 * @form: who does it
 * @ch: for sending and receiving
 * @elem: what is sent, or where it is received; &@value unless set otherwise
 * @value: room for an element of eight bytes
 * @ns: how long to sleep
 * @join: the group to join
 * @ctx: what the operation is given in a thread; a task has its group's
 * @thread: who it is, once @begun
 * @task: likewise
 * @timer: for sleeping
 * @result: of the operation, once @done
 * @ticket: of the received element, once @done; tasks only
 * @start: when the operation began
 * @took: nanoseconds, once @done
 * @begun: it is in the operation, or beyond
 * @done: the operation has returned
 */
struct chp_actor {
	enum chp_act act;
	enum chp_form form;
	struct chp_chan *ch;
	void *elem;
	u64 value;
	u64 ns;
	struct chp_group *join;
	struct chp_ctx *ctx;
	struct task_struct *thread;
	struct chp_task task;
	struct chp_timer timer;
	int result;
	u64 ticket;
	ktime_t start;
	s64 took;
	bool begun;
	bool done;
};

struct chp_actor *chp_actor_make(struct kunit *test, enum chp_form form,
				 enum chp_act act);
void chp_actor_start(struct kunit *test, struct chp_actor *actor,
		     struct chp_group *group);
struct chp_actor *chp_actor_send(struct kunit *test, struct chp_group *group,
				 enum chp_form form, struct chp_chan *ch,
				 u64 value);
struct chp_actor *chp_actor_recv(struct kunit *test, struct chp_group *group,
				 enum chp_form form, struct chp_chan *ch);
bool chp_actor_waits(struct chp_actor *actor);
bool chp_actor_done(const struct chp_actor *actor);

#endif
