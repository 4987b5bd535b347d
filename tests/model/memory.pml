/*
 * A machine whose stores become visible late and out of order.
 *
 * Every processor has a buffer of stores that others do not see yet. The
 * process drain() makes them visible, any that no earlier one to the same word
 * precedes; a release waits for all before it. TSO: strictly in order, as x86.
 * A full barrier, and an atomic operation that is one, waits for an empty buffer;
 * taking a lock does not. Loads are made in order: acquire is not looked at.
 *
 * Included after CPUS, WORDS (of memory), the words STATE and LOCK, and
 * OF_WAIT(word): it is part of the wait.
 */
#define IDLE	0
#define WAITING	1
#define TAKEN	3

#define SLOTS	4
typedef buffer {
	byte n;
	byte word[SLOTS];
	byte value[SLOTS];
	bit release[SLOTS];
};
byte mem[WORDS];
buffer buf[CPUS];
bit gone;		/* the wait's memory is another's: nobody may touch it */

hidden byte hi, hj;

/* What processor @me sees: its own last store, or the memory. */
#define B(me, i, w)	(buf[me].n > i && buf[me].word[i] == w)
#define LOAD(me, w) \
	(B(me, 3, w) -> buf[me].value[3] : (B(me, 2, w) -> buf[me].value[2] : \
	(B(me, 1, w) -> buf[me].value[1] : (B(me, 0, w) -> buf[me].value[0] : \
	mem[w]))))
#define ALL_SEEN(me)	(buf[me].n == 0)

inline put(me, w, v, rel)
{
	d_step {
		buf[me].n < SLOTS;
		hi = buf[me].n;
		buf[me].word[hi] = w;
		buf[me].value[hi] = v;
		buf[me].release[hi] = rel;
		buf[me].n++
	}
}

#define store(me, w, v)		put(me, w, v, 0)
#define store_release(me, w, v)	put(me, w, v, 1)
#define smp_mb(me)		ALL_SEEN(me)

/* Entry @i becomes visible. */
inline flush(me, i)
{
	assert(!gone || !OF_WAIT(buf[me].word[i]));
	mem[buf[me].word[i]] = buf[me].value[i];
	hj = i + 1;
	do
	:: hj < buf[me].n ->
		buf[me].word[hj - 1] = buf[me].word[hj];
		buf[me].value[hj - 1] = buf[me].value[hj];
		buf[me].release[hj - 1] = buf[me].release[hj];
		hj++
	:: else -> break
	od;
	buf[me].word[hj - 1] = 0;
	buf[me].value[hj - 1] = 0;
	buf[me].release[hj - 1] = 0;
	buf[me].n--
}

#ifdef TSO
#define MAY_PASS(me, i)	false
#else
#define MAY_PASS(me, i)	(buf[me].n > i && !buf[me].release[i])
#endif
#define SAME(me, i, j)	(buf[me].word[i] == buf[me].word[j])

proctype drain(byte me)
{
end:	do
	:: d_step { buf[me].n > 0 -> flush(me, 0) }
	:: d_step { MAY_PASS(me, 1) && !SAME(me, 1, 0) -> flush(me, 1) }
	:: d_step { MAY_PASS(me, 2) && !SAME(me, 2, 0) && !SAME(me, 2, 1) ->
		flush(me, 2) }
	od
}

inline lock(me)
{
	/* An acquire: what was stored before may still be in the buffer. */
	d_step { LOAD(me, LOCK) == 0 && !(B(me, 0, LOCK) || B(me, 1, LOCK) ||
		B(me, 2, LOCK) || B(me, 3, LOCK)) -> mem[LOCK] = 1 }
}

#define unlock(me)	store_release(me, LOCK, 0)

/* chp_wait_claim(): a full barrier when it succeeds, none when it fails. */
inline claim(me, won)
{
	if
	:: d_step {
			LOAD(me, STATE) == WAITING && ALL_SEEN(me);
			assert(!gone);
			mem[STATE] = TAKEN;
			won = 1
		}
	:: d_step { LOAD(me, STATE) != WAITING -> assert(!gone); won = 0 }
	fi
}
