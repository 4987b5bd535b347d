/*
 * kmod/core/wait.c: a thread sleeps until its wait is IDLE, and returns, with the
 * store buffers of memory.pml. A sender serves it through the channel's queue.
 */
#define STATE	0	/* wait->state */
#define RESULT	1	/* wait->result, and the element that was copied */
#define SLEEP	2	/* the thread's state: 1 asleep */
#define LOCK	3	/* the channel's */
#define QUEUED	4	/* the waiter stands in the queue */
#define WORDS	5

#define CPUS	2	/* the thread, the sender */
#define OF_WAIT(word)	((word) <= RESULT)
#include "memory.pml"

bit returned;

/* chan_recv(), then wait_sleep() */
proctype receiver()
{
	byte early;

#define ME	0
	lock(ME);
	store(ME, STATE, WAITING);
	store(ME, QUEUED, 1);
	unlock(ME);
	do
	:: store(ME, SLEEP, 1);
#ifndef MUT_SLEEP_NO_BARRIER
		smp_mb(ME);
#endif
#ifdef MUT_IDLE_NO_ACQUIRE
		early = LOAD(ME, RESULT);
#endif
		if
		:: LOAD(ME, STATE) == IDLE -> break
		:: LOAD(ME, STATE) != IDLE -> LOAD(ME, SLEEP) == 0
		fi
	od;
	store(ME, SLEEP, 0);
#ifndef MUT_IDLE_NO_ACQUIRE
	early = LOAD(ME, RESULT);
#endif
	assert(early == 1);
	assert(mem[QUEUED] == 0);
	d_step { ALL_SEEN(ME) -> gone = 1; returned = 1 }
#undef ME
}

inline wake(me)
{
	/* wake_up_process() begins with a barrier. */
#ifndef MUT_WAKE_NO_BARRIER
	smp_mb(me);
#endif
	if
	:: d_step { LOAD(me, SLEEP) == 1 && ALL_SEEN(me) -> mem[SLEEP] = 0 }
	:: LOAD(me, SLEEP) == 0
	fi
}

/* chan_send(), chp_wait_complete() */
proctype sender()
{
	bit won;

#define ME	1
	mem[QUEUED] == 1;
	lock(ME);
	store(ME, QUEUED, 0);
	claim(ME, won);
	assert(won);
	store(ME, RESULT, 1);
	unlock(ME);
#ifdef MUT_WAKE_BEFORE_IDLE
	wake(ME);
#endif
#ifdef MUT_IDLE_RELAXED
	store(ME, STATE, IDLE);
#else
	store_release(ME, STATE, IDLE);
#endif
#ifndef MUT_WAKE_BEFORE_IDLE
	wake(ME)
#endif
#undef ME
}

init
{
	atomic {
		run receiver();
		run sender();
		run drain(0);
		run drain(1)
	}
	timeout -> assert(returned)
}
