/*
 * The weighted semaphore: first come, first served; who leaves the queue without
 * having been served lets those behind it go on. SCENE:
 *  1  of 2 units: 1 held for ever; 2 wanted with a context; 1 wanted twice
 *  2  of 3 units: 2; 2 with a context; 3; all are released
 *  3  as 2, the one with the context is a task
 *  4  of 2 units: 1; 2 with a context; 1 with a context; all are released
 */
#define NPROC	3
#include "wait.pml"

bit lock;
byte units;		/* that are free */
byte total;
byte want[NPROC];
byte n;
byte q[NPROC];

byte in_use;		/* what is checked */

inline q_del(p)
{
	hi = 0;
	do
	:: hi < n && q[hi] != p -> hi++
	:: else -> break
	od;
	if
	:: hi < n ->
		n--;
		do
		:: hi < n -> q[hi] = q[hi + 1 - (hi + 1 == NPROC)]; hi++
		:: else -> q[hi] = 0; break
		od
	:: else
	fi
}

/*
 * Under the lock, which it drops: those in front whose units are there, then
 * wakes them. One that is dead is skipped; one that does not fit holds up all
 * behind it, dead or not: when it is dead its owner will come here too.
 */
inline grant_unlock()
{
	do
	:: n > 0 && want[q[0]] <= units ->
		d_step {
			p = q[0];
			q_del(p)
		};
		claim(p, won);
		if
#ifdef MUT_GRANT_DEAD
		:: true ->
#else
		:: won ->
#endif
			d_step {
				units = units - want[p];
				list = list | (1 << p)
			}
		:: else
		fi
	:: else -> break
	od;
	lock = 0;
	p = 0;
	do
	:: p < NPROC ->
		if
		:: list & (1 << p) -> complete(p, OK, p)
		:: else
		fi;
		p++
	:: p == NPROC -> break
	od;
	skip;
	d_step { p = 0; list = 0; won = 0 }
}

/* Acquires and, if @back, releases, @times times. */
proctype user(byte me; byte times; bit back)
{
	byte p, list, i;
	bit won, err, mine, wait;

	d_step {
		on_ctx[me] = task[me] && has_ctx[me] && !ctx_err;
		gone[me] = !task[me]
	};
	do
	:: i == times -> break
	:: i < times ->
		d_step { wait_init(me); i++ };
		if
		:: has_ctx[me] && ctx_err -> result[me] = ECANCELED
		:: else ->
			d_step {
				!lock;
				if
#ifdef MUT_ACQUIRE_OVERTAKES
				:: units >= want[me] ->
#else
				:: n == 0 && units >= want[me] ->
#endif
					hi = 0;
					do
					:: hi < n ->
						assert(state[q[hi]] != WAITING);
						hi++
					:: else -> break
					od;
					units = units - want[me]
				:: else ->
					state[me] = WAITING;
					q[n] = me;
					n++;
					wait = 1
				fi
			};
			if
			:: wait ->
				commit(me, err, mine);
				if
				:: !mine -> sleep(me, won);
					if
					:: !task[me] -> unwatch(me)
					:: else
					fi
				:: else
				fi;
				if
				:: which[me] == NONE ->
					d_step { !lock -> lock = 1; q_del(me) };
#ifdef MUT_LEAVE_NO_GRANT
					lock = 0
#else
					grant_unlock()
#endif
				:: else
				fi
			:: else
			fi
		fi;
		if
		:: result[me] == OK ->
			d_step {
				in_use = in_use + want[me];
				assert(in_use <= total)
			};
			if
			:: back ->
				d_step {
					!lock;
					lock = 1;
					in_use = in_use - want[me];
					units = units + want[me]
				};
#ifdef MUT_RELEASE_NO_GRANT
				lock = 0
#else
				grant_unlock()
#endif
			:: else
			fi
		:: else
		fi;
		d_step { wait = 0; mine = 0; wait_fini(me) }
	od;
	unwatch(me);
	d_step { gone[me] = 1; done[me] = 1 }
}

init
{
	byte p;

	atomic {
#if SCENE == 1
		total = 2;
		want[0] = 1; want[1] = 2; want[2] = 1;
		has_ctx[1] = 1;
		run user(0, 1, 0);
		run user(1, 1, 1);
		run user(2, 2, 1);
#else
		total = (SCENE == 4 -> 2 : 3);
		want[0] = (SCENE == 4 -> 1 : 2);
		want[1] = 2;
		want[2] = (SCENE == 4 -> 1 : 3);
		has_ctx[1] = 1;
		has_ctx[2] = (SCENE == 4);
		task[1] = (SCENE == 3);
		run user(0, 1, 1);
		run user(1, 1, 1);
		run user(2, 1, 1);
#endif
		units = total;
		run ctx_end()
	}
	timeout ->
	d_step {
		assert(!lock && !ctx_lock);
		assert(units + in_use == total);
		/* Who has not returned waits in the queue, whose first does not fit. */
		p = 0;
		do
		:: p < NPROC ->
			assert(done[p] || state[p] == WAITING);
			assert(done[p] || !(has_ctx[p] && ctx_err));
			assert(done[p] || n > 0);
			p++
		:: else -> break
		od;
		assert(n == 0 || (want[q[0]] > units && state[q[0]] == WAITING))
	}
}
