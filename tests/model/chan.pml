/*
 * kmod/core/transfer.h, enlist.c, select.c.
 *
 * Included after NPROC, NCH (channels) and NC (cases of a select). Waiter k of
 * activity p is p * NC + k. Elements are p * 4 + 1, p * 4 + 2, ...; 0 is none.
 */
#include "wait.pml"

#define NW	(NPROC * NC)
#define NV	(NPROC * 4 + 4)
#define CAPS	2

#define RECV	0
#define SEND	1

#define WAIT_OF(w)	((w) / NC)
#define FROM(v)		(((v) - 1) / 4)

typedef queue {
	byte n;
	byte w[NW];
};

/* struct chp_chan. Q(c, RECV) is recvq, Q(c, SEND) is sendq. */
#define Q(c, dir)	(2 * (c) + (dir))
bit lock[NCH];
bit closed[NCH];
byte cap[NCH];
byte fill[NCH];
byte ring[NCH * CAPS];
queue q[2 * NCH];

/* struct chp_waiter */
byte elem[NW];
byte dir_of[NW];	/* of cases: tables, written by init */
byte ch_of[NW];
byte cases[NPROC];
bit queued[NW];		/* the waiter's lock is set: it may be in its queue */

/* What is checked. */
bit sent[NV];		/* its send has returned 0 */
bit copied[NV];		/* it has left its channel */
bit got[NV];		/* a receive has returned 0 with it */
byte newest[NPROC];	/* of each sender, the last that has left */

inline q_add(qi, x)
{
	assert(!queued[x]);
	queued[x] = 1;
	q[qi].w[q[qi].n] = x;
	q[qi].n++
}

inline q_del(qi, x)
{
	hi = 0;
	do
	:: hi < q[qi].n && q[qi].w[hi] != x -> hi++
	:: else -> break
	od;
	if
	:: hi < q[qi].n ->
		q[qi].n--;
		do
		:: hi < q[qi].n -> q[qi].w[hi] = q[qi].w[hi + 1]; hi++
		:: else -> q[qi].w[hi] = 0; break
		od
	:: else
	fi
}

/* The first waiter in a queue that is not the caller's own. */
inline q_first(qi, me, x)
{
	hi = 0;
	do
#ifdef MUT_OWN_NOT_SKIPPED
	:: false -> skip
#else
	:: hi < q[qi].n && WAIT_OF(q[qi].w[hi]) == me -> hi++
#endif
	:: else -> break
	od;
	if
	:: hi < q[qi].n -> x = q[qi].w[hi]
	:: else -> x = NONE
	fi
}

#define LIVE(w)	(state[WAIT_OF(w)] == WAITING || state[WAIT_OF(w)] == BUSY)

/* Who goes on at once overtakes nobody: no other live wait is in its queue. */
inline check_order(qi, me)
{
	hi = 0;
	do
	:: hi < q[qi].n ->
		assert(WAIT_OF(q[qi].w[hi]) == me || !LIVE(q[qi].w[hi]));
		hi++
	:: else -> break
	od
}

inline leaves(v)
{
	assert(v != 0 && !copied[v]);
	copied[v] = 1;
	assert(newest[FROM(v)] < v);
	newest[FROM(v)] = v
}

inline chan_push(c, v)
{
	assert(fill[c] < cap[c]);
	ring[(c) * CAPS + fill[c]] = v;
	fill[c]++
}

inline chan_pop(c, v)
{
	v = ring[(c) * CAPS];
	leaves(v);
	hj = 1;
	do
	:: hj < fill[c] -> ring[(c) * CAPS + hj - 1] = ring[(c) * CAPS + hj]; hj++
	:: else -> ring[(c) * CAPS + hj - 1] = 0; break
	od;
	fill[c]--
}

/* The element moves; @peer is a claimed waiter or NONE. */
inline chan_move(me, w, c, dir, peer)
{
	if
	:: peer != NONE -> assert(!gone[WAIT_OF(peer)])
	:: else
	fi;
	check_order(Q(c, dir), me);
	if
	:: dir == SEND && peer != NONE ->
		elem[peer] = elem[w];
		leaves(elem[w])
	:: dir == SEND && peer == NONE ->
		chan_push(c, elem[w])
	:: dir == RECV && fill[c] > 0 ->
		chan_pop(c, elem[w]);
		if
		:: peer != NONE -> chan_push(c, elem[peer])
		:: else
		fi
	:: dir == RECV && fill[c] == 0 ->
		elem[w] = elem[peer];
		leaves(elem[w])
	fi
}

#define READY(c, dir)	(closed[c] || (dir == SEND -> fill[c] < cap[c] : fill[c] > 0))

/* A channel that is ready without a peer. */
inline chan_alone(me, w, c, dir)
{
	if
	:: closed[c] && (dir == SEND || fill[c] == 0) -> result[me] = EPIPE
	:: else -> chan_move(me, w, c, dir, NONE); result[me] = OK
	fi
}

/*
 * Interrupts are off while a lock is held. With IRQ one can come to the processor
 * of the process @interrupted at any other time, and that process stands still
 * until the interrupt is over. Else the processors are as many as the processes.
 */
#ifdef IRQ
#define PROVIDED	provided (interrupted != _pid)
byte interrupted;	/* 0: none */
bit masked[8];
#define MASK(on)	masked[_pid] = on
#else
#define PROVIDED
#define MASK(on)	skip
#endif

inline chan_lock(c)
{
	assert(held == NONE);
	assert(!lock[c]);
	lock[c] = 1;
	MASK(1);
	held = c
}

inline chan_unlock(c)
{
	assert(held == c);
	lock[c] = 0;
	MASK(0);
	held = NONE
}

/* Where an operation stands. */
#define START		0
#define CLAIM		1
#define DONE		2
#define NOTHING		3	/* and it is queued, if it may wait */
#define LOST		4	/* somebody has claimed us */
#define SELF		5
#define LOOK		6
#define PEER		7
#define FALL_BACK	8
#define STAND_BY	9
#define MOVE		10

/* chan_send(), chan_recv(); with @wait 0 they are pass 1 of a select. */
inline chan_try(me, w, c, dir, wait)
{
	at = START;
	do
	:: d_step {
			(at == START && (held == c || !lock[c]));
			if
			:: held == NONE -> chan_lock(c)
			:: else
			fi;
			peer = NONE;
			if
			:: !closed[c] -> q_first(Q(c, 1 - dir), me, peer)
			:: else
			fi;
			if
			:: peer != NONE ->
				q_del(Q(c, 1 - dir), peer);
				at = CLAIM
			:: peer == NONE && READY(c, dir) ->
				chan_alone(me, w, c, dir);
				chan_unlock(c);
				at = DONE
			:: else ->
				if
				:: wait ->
					state[me] = WAITING;
					q_add(Q(c, dir), w)
				:: else
				fi;
				chan_unlock(c);
				at = NOTHING
			fi
		}
	:: at == CLAIM ->
		claim(WAIT_OF(peer), won);
		if
		:: won ->
			d_step {
				chan_move(me, w, c, dir, peer);
				chan_unlock(c);
				won = 0
			};
			complete(WAIT_OF(peer), OK, peer);
			at = DONE
		:: else -> at = START
		fi
	:: at == DONE || at == NOTHING -> peer = NONE; break
	od
}

/* chp_waiter_leave() */
inline waiter_leave(w, c, dir)
{
	if
	:: queued[w] ->
		d_step {
#ifndef MUT_LEAVE_UNLOCKED
			!lock[c];
#endif
			assert(held == NONE);
			q_del(Q(c, dir), w);
			queued[w] = 0
		}
	:: else
	fi
}

/* The served waiter was taken out by the one who served it. */
inline waiter_served(w)
{
	if
	:: w != NONE -> queued[w] = 0
	:: else
	fi
}

inline check_result(me, w)
{
	assert(WAIT_OF(w) == me);
	if
	:: dir_of[w] == SEND && result[me] == OK ->
		assert(!sent[elem[w]]);
		sent[elem[w]] = 1;
		/* A rendezvous: the receiver has it. */
		assert(cap[ch_of[w]] || copied[elem[w]])
	:: dir_of[w] == RECV && result[me] == OK ->
		assert(elem[w] != 0 && copied[elem[w]] && !got[elem[w]]);
		got[elem[w]] = 1
	:: else
	fi
}

inline check_not_queued(me)
{
	hk = 0;
	do
	:: hk < NC -> assert(!queued[me * NC + hk]); elem[me * NC + hk] = 0; hk++
	:: else -> break
	od
}

/*
 * chp_send(), chp_recv(), and their task forms: @times operations of one
 * direction on one channel.
 */
proctype plain(byte me; byte dir; byte c; byte times) PROVIDED
{
	byte w, peer, at, held, i;
	bit won, err, mine;

	d_step {
		w = me * NC;
		peer = NONE;
		held = NONE;
		dir_of[w] = dir;
		ch_of[w] = c;
		cases[me] = 1;
		on_ctx[me] = task[me] && has_ctx[me] && !ctx_err;
		gone[me] = !task[me]
	};
	do
	:: i == times -> break
	:: i < times ->
		d_step {
			wait_init(me);
			i++;
			elem[w] = (dir == SEND -> me * 4 + i : 0)
		};
		if
		:: has_ctx[me] && ctx_err -> result[me] = ECANCELED
		:: else ->
			chan_try(me, w, c, dir, 1);
			if
			:: at == NOTHING ->
				/* chan_call_block() */
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
				:: which[me] == NONE -> waiter_leave(w, c, dir)
				:: else -> waiter_served(which[me])
				fi
			:: else
			fi
		fi;
		d_step {
			at = START;
			mine = 0;
			check_result(me, w);
			check_not_queued(me);
			wait_fini(me)
		}
	od;
	unwatch(me);
	d_step { gone[me] = 1; done[me] = 1 }
}

/*
 * A case of pass 2. Ends with the lock dropped and NOTHING (queued), DONE, or
 * LOST. Entered with the state WAITING, which others can see.
 */
inline select_register(me, w, c, dir)
{
	at = START;
	do
	:: d_step {
			at == START && !lock[c];
			chan_lock(c);
			peer = NONE;
			q_first(Q(c, 1 - dir), me, peer);
#ifdef MUT_NO_SECOND_LOOK
			if
			:: true ->
#else
			if
			:: READY(c, dir) || peer != NONE -> at = SELF
			:: else ->
#endif
				q_add(Q(c, dir), w);
#ifdef MUT_QUEUE_BEGINS
				state[me] = WAITING;
#endif
				chan_unlock(c);
				at = NOTHING
			fi;
			peer = NONE
		}
	:: d_step {
			at == SELF;
#ifdef MUT_NO_SELF_CLAIM
			at = LOOK
#else
			if
			:: state[me] == WAITING -> state[me] = BUSY; at = LOOK
			:: else -> chan_unlock(c); at = LOST
			fi
#endif
		}
	:: d_step {
			at == LOOK;
			peer = NONE;
			if
			:: closed[c]
#ifdef MUT_BUFFER_FIRST
			:: READY(c, dir)
#endif
			:: else -> q_first(Q(c, 1 - dir), me, peer)
			fi;
			if
			:: peer != NONE -> at = PEER
			:: peer == NONE && READY(c, dir) ->
				chan_alone(me, w, c, dir);
#ifndef MUT_BUSY_UNLOCKED
				state[me] = IDLE;
#endif
				chan_unlock(c);
				at = DONE
			:: else ->
				q_add(Q(c, dir), w);
				state[me] = WAITING;
				chan_unlock(c);
				at = NOTHING
			fi
		}
	:: d_step {
#if defined(MUT_BOTH_FALL_BACK)
			at == PEER;
#elif defined(MUT_NO_FALL_BACK)
			at == PEER && state[WAIT_OF(peer)] != BUSY;
#elif defined(MUT_SELECT_SKIPS_BUSY)
			at == PEER;
#else
			at == PEER && (state[WAIT_OF(peer)] != BUSY ||
				       me > WAIT_OF(peer));
#endif
			assert(!gone[WAIT_OF(peer)]);
			if
			:: state[WAIT_OF(peer)] == WAITING ->
				state[WAIT_OF(peer)] = TAKEN;
				wins[WAIT_OF(peer)]++;
				assert(wins[WAIT_OF(peer)] == 1);
				q_del(Q(c, 1 - dir), peer);
				at = MOVE
#ifndef MUT_SELECT_SKIPS_BUSY
			:: state[WAIT_OF(peer)] == BUSY -> at = FALL_BACK
#endif
			:: else ->
				q_del(Q(c, 1 - dir), peer);
				at = LOOK
			fi
		}
	:: d_step {
			at == FALL_BACK;
			assert(state[me] == BUSY);
			state[me] = WAITING;
			at = STAND_BY
		}
	:: d_step {
			at == STAND_BY &&
				(state[WAIT_OF(peer)] != BUSY || state[me] != WAITING);
			assert(!gone[WAIT_OF(peer)]);
			at = SELF
		}
	:: at == MOVE ->
		d_step {
			chan_move(me, w, c, dir, peer);
#ifdef MUT_NO_SELF_CLAIM
			assert(wins[me] == 0);
#else
			assert(state[me] == BUSY && wins[me] == 0);
#endif
			result[me] = OK;
#ifndef MUT_BUSY_UNLOCKED
			state[me] = IDLE;
#endif
			chan_unlock(c)
		};
		complete(WAIT_OF(peer), OK, peer);
		at = DONE
	:: at == NOTHING || at == DONE || at == LOST -> peer = NONE; break
	od
}

/* Any of the cases that are left, in any order. */
inline pick(left, k, w)
{
	if
	:: left & 1 -> k = 0
	:: left & 2 -> k = 1
#if NC > 2
	:: left & 4 -> k = 2
#endif
	fi;
	d_step { left = left & ~(1 << k); w = me * NC + k }
}

/* chp_select(), @times times. The cases are in dir_of[] and ch_of[]. */
proctype selector(byte me; byte times) PROVIDED
{
	byte w, peer, at, held, i, k, left;
	bit won, err, mine;

	d_step {
		peer = NONE;
		held = NONE;
		on_ctx[me] = task[me] && has_ctx[me] && !ctx_err;
		gone[me] = !task[me]
	};
	do
	:: i == times -> break
	:: i < times ->
		d_step {
			wait_init(me);
			i++;
			k = 0;
			do
			:: k < cases[me] ->
				w = me * NC + k;
				elem[w] = (dir_of[w] == SEND -> me * 4 + i : 0);
				k++
			:: else -> break
			od;
			k = 0; w = 0;
			at = START;
			left = (1 << cases[me]) - 1
		};
		if
		:: has_ctx[me] && ctx_err ->
			result[me] = ECANCELED;
			w = NONE;
			goto finish
		:: else
		fi;

		/* Pass 1: nobody can find this wait yet. */
		do
		:: left == 0 -> break
		:: left != 0 ->
			pick(left, k, w);
			chan_try(me, w, ch_of[w], dir_of[w], 0);
			if
			:: at == DONE -> goto finish
			:: else
			fi
		od;

		/* Pass 2 */
		skip;
		d_step {
#ifndef MUT_TIMER_EARLY
			state[me] = WAITING;
#endif
			if
			:: has_timer[me] -> timer[me] = ARMED
			:: else
			fi;
			k = 0; w = 0;
			left = (1 << cases[me]) - 1
		};
#ifdef MUT_TIMER_EARLY
		state[me] = WAITING;
#endif
		do
		:: left == 0 -> break
		:: left != 0 ->
			pick(left, k, w);
			select_register(me, w, ch_of[w], dir_of[w]);
			if
#ifdef MUT_BUSY_UNLOCKED
			:: at == DONE -> state[me] = IDLE; goto finish
#else
			:: at == DONE -> goto finish
#endif
			:: at == LOST -> break
			:: else
			fi
		od;
		if
		:: at == LOST
		:: else -> commit(me, err, mine)
		fi;
		if
		:: !mine -> sleep(me, won);
			if
			:: !task[me] -> unwatch(me)
			:: else
			fi
		:: else
		fi;
		w = which[me];
		waiter_served(w);
finish:
		skip;
		timer_stop(me);
		k = 0;
		do
		:: k < cases[me] ->
#ifdef MUT_LEAVE_NOT_ALL
			if
			:: k == 0 -> queued[me * NC] = 0
			:: else
			fi;
#endif
			waiter_leave(me * NC + k, ch_of[me * NC + k],
				     dir_of[me * NC + k]);
			k++
		:: k == cases[me] -> break
		od;
		skip;
		d_step {
			if
			:: w != NONE -> check_result(me, w)
			:: else -> assert(result[me] != OK && result[me] != EPIPE)
			fi;
			at = START;
			k = 0; w = 0; left = 0;
			mine = 0;
			check_not_queued(me);
			wait_fini(me)
		}
	od;
	unwatch(me);
	d_step { gone[me] = 1; done[me] = 1 }
}

/* chp_try_send(), chp_try_recv() in an interrupt on the processor of @victim. */
#ifdef IRQ
proctype irq(byte me; byte dir; byte c; byte victim)
{
	byte w, peer, at, held;
	bit won;

	d_step {
		w = me * NC;
		peer = NONE;
		held = NONE;
		dir_of[w] = dir;
		ch_of[w] = c
	};
	d_step {
		!masked[victim] && interrupted == 0;
		interrupted = victim;
		wait_init(me);
		elem[w] = (dir == SEND -> me * 4 + 1 : 0)
	};
	chan_try(me, w, c, dir, 0);
	skip;
	d_step {
		if
		:: at == DONE -> check_result(me, w)
		:: else
		fi;
		check_not_queued(me);
		wait_fini(me);
		gone[me] = 1;
		done[me] = 1;
		interrupted = 0
	}
}
#endif

/* chp_close() */
proctype close(byte c)
{
	byte w, held, n, woken_n;
	byte list[NW];
	bit won;

	held = NONE;
	if
	:: goto out
	:: skip
	fi;
	d_step {
		!lock[c];
		chan_lock(c);
#ifndef MUT_CLOSED_LATE
		closed[c] = 1
#endif
	};
	do
	:: d_step {
			if
			:: q[Q(c, RECV)].n > 0 ->
				w = q[Q(c, RECV)].w[0];
				q_del(Q(c, RECV), w)
			:: q[Q(c, RECV)].n == 0 && q[Q(c, SEND)].n > 0 ->
				w = q[Q(c, SEND)].w[0];
				q_del(Q(c, SEND), w)
			:: else -> w = NONE
			fi
		};
		if
		:: w == NONE -> break
		:: else
		fi;
		claim(WAIT_OF(w), won);
		if
		:: won -> d_step { list[n] = w; n++ }
		:: else
		fi;
		won = 0
	od;
	skip;	/* a break cannot lead into a d_step */
	d_step { chan_unlock(c) };
	do
	:: woken_n < n ->
		complete(WAIT_OF(list[woken_n]), EPIPE, list[woken_n]);
		d_step { list[woken_n] = 0; woken_n++ }
	:: woken_n == n -> break
	od;
#ifdef MUT_CLOSED_LATE
	skip;
	d_step { !lock[c] -> closed[c] = 1 };
#endif
out:
	skip
}

/* Called when nothing can go on: whoever has not returned must be right. */
inline check_rest()
{
	d_step {
		assert(!ctx_lock);
#ifdef IRQ
		assert(interrupted == 0);
#endif
		hi = 0;
		do
		:: hi < NCH -> assert(!lock[hi]); hi++
		:: else -> break
		od;
		/* Who waits stands in all its queues, and nobody has claimed it. */
		hi = 0;
		do
		:: hi < NPROC ->
			if
			:: !done[hi] ->
				assert(state[hi] == WAITING);
				assert(!(has_ctx[hi] && ctx_err));
				assert(!sig[hi] || task[hi] || deaf[hi]);
				assert(!late[hi]);
				assert(cases[hi] > 0)
			:: else
			fi;
			hi++
		:: else -> break
		od;
		/* Each live waiter in a queue; those that are not there are lost. */
		hk = 0;
		do
		:: hk < NW ->
			if
			:: !done[WAIT_OF(hk)] && hk % NC < cases[WAIT_OF(hk)] ->
				hi = 0;
				hj = Q(ch_of[hk], dir_of[hk]);
				do
				:: hi < q[hj].n && q[hj].w[hi] != hk -> hi++
				:: else -> break
				od;
				assert(hi < q[hj].n);
				/* Nothing could be done for it, */
				assert(!READY(ch_of[hk], dir_of[hk]));
				/* nor is there a partner. */
				hi = 0;
				hj = Q(ch_of[hk], 1 - dir_of[hk]);
				do
				:: hi < q[hj].n ->
					assert(WAIT_OF(q[hj].w[hi]) == WAIT_OF(hk));
					hi++
				:: else -> break
				od
			:: else
			fi;
			hk++
		:: else -> break
		od;
		/* What was sent was received or is still in a buffer, once. */
		hk = 1;
		do
		:: hk < NV ->
			hj = got[hk];
			hi = 0;
			do
			:: hi < NCH * CAPS ->
				if
				:: ring[hi] == hk -> hj++
				:: else
				fi;
				hi++
			:: else -> break
			od;
			assert(hj == sent[hk]);
			hk++
		:: else -> break
		od
	}
}

/* A case of a select: activity, its number, direction, channel. */
#define CASE(p, k, dir, c) \
	dir_of[(p) * NC + (k)] = dir; ch_of[(p) * NC + (k)] = c; cases[p] = k + 1
