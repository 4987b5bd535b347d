/*
 * kmod/core/wait.[ch], ctx.c: the claim, the sleep, and what else ends a wait.
 *
 * Included after NPROC, the number of activities. An activity has one wait, and
 * its number stands for the address of the wait.
 *
 * A step (d_step, atomic) is what no other can see a part of: one access to a
 * wait's state, together with accesses to what the lock that is held protects.
 * A spin is a step that cannot be made yet, so a spin without end is a deadlock.
 */
#define NONE	255

/* enum chp_wait_state */
#define IDLE	0
#define WAITING	1
#define BUSY	2
#define TAKEN	3

/* Results. */
#define OK		0
#define EPIPE		1
#define ECANCELED	2
#define ETIME		3
#define ERESTARTSYS	4

byte state[NPROC];
byte result[NPROC];
byte which[NPROC];	/* the waiter that was served, or NONE */
bit task[NPROC];	/* a task; others are threads */
bit done[NPROC];	/* made all its operations */

/* What is checked. */
bit gone[NPROC] = 1;	/* its memory is not the wait's: nobody may touch it */
byte wins[NPROC];	/* successful claims since chp_wait_begin() */

bit asleep[NPROC];	/* a thread: set_current_state(), wake_up_process() */
bit woken[NPROC];	/* a task: chp_task_wake() was called; see task.pml */
bit sig[NPROC];		/* signal_pending() */
bit deaf[NPROC];	/* sleeps uninterruptibly */

/* The one context. */
bit has_ctx[NPROC];
bit ctx_lock;
bit ctx_err;
bit on_ctx[NPROC];

/* A timer for each wait. */
#define OFF	0
#define ARMED	1
#define RUNNING	2
bit has_timer[NPROC];
byte timer[NPROC];
bit late[NPROC];	/* the time is over */

hidden byte hi, hj, hk;	/* only inside a d_step */

/* An operation begins: the wait is on the owner's stack, or in its task. */
inline wait_init(me)
{
	assert(gone[me] || task[me]);
	assert(!woken[me]);
	gone[me] = 0;
	state[me] = IDLE;
	result[me] = OK;
	which[me] = NONE;
	wins[me] = 0;
	deaf[me] = 0
}

/* The owner returns. The wait of a task lives on. */
inline wait_fini(me)
{
	assert(state[me] == IDLE);
	assert(wins[me] <= 1);
	assert(timer[me] == OFF);
	assert(!woken[me]);
	gone[me] = !task[me];
	result[me] = OK;
	which[me] = NONE;
	wins[me] = 0;
	deaf[me] = 0
}

/* chp_wait_claim() */
inline claim(x, won)
{
#if defined(MUT_PLAIN_CLAIM)
	d_step {
		state[x] != BUSY;
		assert(!gone[x]);
		won = (state[x] == WAITING)
	};
	if
	:: won -> d_step { state[x] = TAKEN; wins[x]++; assert(wins[x] == 1) }
	:: else
	fi
#else
	d_step {
#ifndef MUT_SKIP_BUSY
		state[x] != BUSY;
#endif
		assert(!gone[x]);
		won = (state[x] == WAITING);
		if
		:: won -> state[x] = TAKEN; wins[x]++; assert(wins[x] == 1)
		:: else
		fi
	}
#endif
}

/* chp_wait_abandon() */
inline abandon(me, r)
{
	d_step {
		assert(state[me] == TAKEN);
		result[me] = r;
		which[me] = NONE;
		state[me] = IDLE
	}
}

/* wake_up_process(), chp_task_wake(). A task must be there, and parked once. */
inline wake(x)
{
	d_step {
		if
		:: task[x] -> assert(!gone[x] && !woken[x]); woken[x] = 1
		:: else -> asleep[x] = 0
		fi
	}
}

/* chp_wait_complete() */
inline complete(x, r, w)
{
#ifdef MUT_WAKE_FIRST
	wake(x);
#endif
	d_step {
		assert(!gone[x]);
		assert(state[x] == TAKEN);
		result[x] = r;
		which[x] = w;
		state[x] = IDLE
	};
#ifndef MUT_WAKE_FIRST
	wake(x)
#endif
}

/*
 * chp_wait_commit(). @mine: the owner has ended its own wait, and nobody will
 * wake it. The barrier is in task.pml.
 */
inline commit(me, err, mine)
{
	if
	:: !has_ctx[me]
	:: has_ctx[me] ->
		if
#ifdef MUT_COMMIT_NO_LOOK
		:: d_step { !ctx_lock -> on_ctx[me] = 1; err = 0 }
#else
		:: task[me] -> err = ctx_err
		:: !task[me] -> /* chp_ctx_watch() */
			d_step {
				!ctx_lock;
				err = ctx_err;
				on_ctx[me] = !err
			}
#endif
		fi;
		if
		:: err ->
			claim(me, mine);
			if
			:: mine -> abandon(me, ECANCELED)
			:: else
			fi
		:: else
		fi;
		err = 0
	fi
}

/* wait_sleep(), and for a task its next run. */
inline sleep(me, won)
{
	if
	:: task[me] ->
		d_step {
			woken[me];
			woken[me] = 0;
			assert(state[me] == IDLE)
		}
	:: !task[me] ->
		do
		:: asleep[me] = 1;
			if
			:: state[me] == IDLE -> asleep[me] = 0; break
			:: state[me] != IDLE ->
				if
				:: sig[me] && !deaf[me] ->
					claim(me, won);
					if
					:: won -> abandon(me, ERESTARTSYS)
					:: else -> deaf[me] = 1
					fi
				:: else -> !asleep[me]	/* schedule() */
				fi
			fi
		od;
		won = 0
	fi
}

/* chp_ctx_unwatch(). A task does this when it ends. */
inline unwatch(me)
{
	if
	:: has_ctx[me] -> d_step { !ctx_lock -> on_ctx[me] = 0 }
	:: else
	fi
}

/* hrtimer_cancel(): waits for the callback. */
inline timer_stop(me)
{
#ifndef MUT_TIMER_RUNS_ON
	if
	:: has_timer[me] -> d_step { timer[me] != RUNNING -> timer[me] = OFF }
	:: else
	fi
#else
	timer[me] = OFF
#endif
}

/*
 * What disturbs. Each happens at any time or out: a lost wake-up must not be
 * hidden by the end of a context that comes to the rescue.
 */

/* ctx_mark(), then ctx_end_wait() until nothing is left. */
proctype ctx_end()
{
	byte x;
	bit won;

	if
	:: goto out
	:: skip
	fi;
#ifndef MUT_ERR_LATE
	d_step { !ctx_lock -> ctx_err = 1 };
#endif
	do
	:: d_step {
			!ctx_lock;
			ctx_lock = 1;
			x = 0;
			do
			:: x < NPROC && !on_ctx[x] -> x++
			:: else -> break
			od;
			if
			:: x < NPROC -> on_ctx[x] = 0
			:: else -> ctx_lock = 0
			fi
		};
		if
		:: x == NPROC -> break
		:: else
		fi;
#ifdef MUT_CTX_CLAIM_UNLOCKED
		ctx_lock = 0;
#endif
		claim(x, won);
		ctx_lock = 0;
		if
		:: won -> complete(x, ECANCELED, NONE)
		:: else
		fi;
		d_step { won = 0; x = 0 }
	od;
#ifdef MUT_ERR_LATE
	skip;
	d_step { !ctx_lock -> ctx_err = 1 };
#endif
out:
	skip
}

/* The callback of the timer of a wait; it fires once at most. */
proctype expire(byte x)
{
	bit won;

	if
	:: goto out
	:: d_step { timer[x] == ARMED -> timer[x] = RUNNING }
	fi;
	claim(x, won);
	if
	:: won -> complete(x, ETIME, NONE)
	:: else
	fi;
	d_step { late[x] = 1; timer[x] = OFF };
out:
	skip
}

/* signal_wake_up() */
proctype signal(byte x)
{
	if
	:: skip
	:: d_step {
			sig[x] = 1;
			if
			:: !deaf[x] -> asleep[x] = 0
			:: else
			fi
		}
	fi
}
