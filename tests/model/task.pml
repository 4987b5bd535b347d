/*
 * kmod/core/task.c, chp_wait_commit(): parking, waking and the end of the
 * context, with the store buffers of memory.pml.
 *
 * A task parks PARKS times in the queue of a channel, or nowhere (PARKS 0: once,
 * on a NULL channel), while send() serves it and ctx_end() may end it; two workers
 * run it. In the end it must have ended, whatever happened.
 */
#define WOKEN	0	/* chp_task_run */
#define RUNNING	1
#define PARKED	2

/* Words of memory. */
#define STATE	0	/* wait->state */
#define RUN	1	/* task->run */
#define RESULT	2	/* wait->result */
#define WHICH	3	/* wait->which: 1 is the waiter */
#define ERR	4	/* ctx->err */
#define LOCK	5	/* the channel's */
#define QUEUED	6	/* the waiter stands in the queue */
#define WORDS	7

#if PARKS
#define PARKS_DONE	PARKS
#else
#define PARKS_DONE	1
#endif

#define ENDED	9	/* the result with which ctx_end() wakes; send() numbers its */

#define CPUS	4	/* two workers, send(), ctx_end() */
#define OF_WAIT(word)	((word) <= WHICH)
#include "memory.pml"

byte ready;		/* the executor's queue, which has a lock of its own */
bit running;		/* a step runs; no two at once */
byte parks;		/* the last result */
byte sends;		/* elements that were handed over */
bit has_lock;		/* waiter->lock: the task may stand in the queue */
bit on_ctx = 1;		/* under the lock of the context, that is not modelled: */
bit ctx_lock;		/* it would only add barriers */

/* chp_task_wake() */
inline task_wake(me, old)
{
#ifdef MUT_WAKE_IF_PARKED
	if
	:: d_step {
			LOAD(me, RUN) == PARKED && ALL_SEEN(me);
			assert(!gone);
			mem[RUN] = WOKEN;
			ready++
		}
	:: LOAD(me, RUN) != PARKED -> assert(!gone)
	fi
#else
	d_step {
		ALL_SEEN(me);
		assert(!gone);
		old = mem[RUN];
		mem[RUN] = WOKEN
	};
	if
	:: old == PARKED -> d_step { ready++; assert(ready <= 1 && !running) }
	:: else
	fi;
	old = 0
#endif
}

/* chp_wait_complete() */
inline complete(me, r, w, old)
{
#ifdef MUT_WAKE_BEFORE_IDLE
	task_wake(me, old);
#endif
	store(me, RESULT, r);
	store(me, WHICH, w);
#if defined(MUT_IDLE_RELAXED) || defined(MUT_WAKE_BEFORE_IDLE)
	store(me, STATE, IDLE);
#else
	store_release(me, STATE, IDLE);
#endif
#ifndef MUT_WAKE_BEFORE_IDLE
	task_wake(me, old)
#endif
}

/* chp_send() to the channel that the task receives from. */
proctype send()
{
	bit won;
	byte old;

#define ME	2
	do
	:: sends == PARKS -> break
	:: sends < PARKS && mem[QUEUED] == 1 ->
		lock(ME);
		if
		:: LOAD(ME, QUEUED) == 1 ->
			store(ME, QUEUED, 0);
			claim(ME, won);
			unlock(ME);
			if
			:: won -> sends++; complete(ME, sends, 1, old)
			:: else
			fi
		:: LOAD(ME, QUEUED) == 0 -> unlock(ME)
		fi;
		won = 0
	:: gone -> break
	od
#undef ME
}

/* ctx_mark(), ctx_end(), ctx_tell_one() */
proctype ctx_end()
{
	bit won;
	byte old;

#define ME	3
	if
	:: PARKS > 0 -> goto out
	:: skip
	fi;
#ifdef MUT_ERR_AFTER_CLAIM
	skip;
#else
	store_release(ME, ERR, 1);
#endif
#ifndef MUT_CTX_NO_BARRIER
	smp_mb(ME);
#endif
	d_step { !ctx_lock -> ctx_lock = 1 };
	if
	:: on_ctx ->
		on_ctx = 0;
		claim(ME, won)
	:: else
	fi;
	ctx_lock = 0;
	if
	:: won -> complete(ME, ENDED, 0, old)
	:: else
	fi;
#ifdef MUT_ERR_AFTER_CLAIM
	store_release(ME, ERR, 1);
#endif
out:
	skip
#undef ME
}

/* chp_waiter_leave() */
inline leave(me)
{
	lock(me);
	store(me, QUEUED, 0);
	unlock(me);
	has_lock = 0
}

/*
 * A worker of the executor: chp_task_run(), and the task's step, which ends the
 * task when the context has ended or it was served often enough.
 */
proctype worker(byte me)
{
	bit won, queued;
	byte err;

end:	do
	:: d_step { ready > 0 -> ready--; assert(!running && !gone); running = 1 };
again:		skip;
#ifdef MUT_RUNNING_FULL
		d_step { ALL_SEEN(me) -> mem[RUN] = RUNNING };
#else
		store(me, RUN, RUNNING);
#endif
		/* task_settle() */
		if
		:: LOAD(me, WHICH) -> has_lock = 0
		:: LOAD(me, WHICH) == 0 && has_lock -> leave(me)
		:: else
		fi;
		/* The step: the result of the last operation, once each, */
		parks = LOAD(me, RESULT);
		assert(parks == ENDED || parks == sends);
		/* then chp_ctx_err(), chan_recv() */
		if
		:: LOAD(me, ERR) || parks == ENDED || parks == PARKS_DONE ->
			break
		:: else
		fi;
#if PARKS
		lock(me);
#endif
		/* chp_wait_begin() */
#ifdef MUT_BEGIN_RELAXED
		store(me, STATE, WAITING);
#else
		store_release(me, STATE, WAITING);
#endif
#if PARKS
		store(me, QUEUED, 1);
		has_lock = 1;
		unlock(me);
#endif
		/* chp_wait_commit() */
#ifndef MUT_COMMIT_NO_BARRIER
		smp_mb(me);
#endif
#ifndef MUT_COMMIT_NO_LOOK
		err = LOAD(me, ERR);
#endif
		if
		:: err -> claim(me, won)
		:: else
		fi;
		err = 0;
		if
		:: won ->
			/* chp_wait_abandon(), chp_task_park_queued(): the step ends */
			store(me, WHICH, 0);
			store(me, STATE, IDLE);
#if PARKS
			leave(me);
#endif
			won = 0;
			break
		:: else
		fi;
		/* The step has returned -EINPROGRESS. */
#ifdef MUT_PARK_STORE
		if
		:: LOAD(me, RUN) == RUNNING ->
			running = 0;
			d_step { ALL_SEEN(me) -> mem[RUN] = PARKED }
		:: LOAD(me, RUN) != RUNNING -> goto again
		fi
#else
		if
		:: d_step {
				LOAD(me, RUN) == RUNNING && ALL_SEEN(me);
				mem[RUN] = PARKED;
				running = 0
			}
		:: LOAD(me, RUN) != RUNNING -> goto again
		fi
#endif
	od;
	/* task_end() */
	skip;
	d_step { !ctx_lock -> on_ctx = 0 };
	ALL_SEEN(me);
	d_step { gone = 1; running = 0 }
}

init
{
	atomic {
		ready = 1;
		run worker(0);
		run worker(1);
		run send();
		run ctx_end();
		run drain(0);
		run drain(1);
		run drain(2);
		run drain(3)
	}
	timeout -> assert(gone && ready == 0 && !running && mem[LOCK] == 0)
}
