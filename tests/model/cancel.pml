/*
 * The end of a context, a timer and a signal, in the middle of hand-overs.
 * TASK: who has a context is a task. SCENE:
 *  1  a sender with the context and a receiver; and two elements each
 *  2  {send a, recv b} with the context and {recv a, send b} without
 *  3  as 2, and the first has a timer
 *  4  {recv a, recv b} with context, timer and signal; a sender of a
 *  5  a sender (2) with a signal and the context, a receiver (2), buffer of one
 *  6  as 2, both with the context
 *  7  {recv a, recv b} with context and timer, and nobody else
 */
#define NPROC	2
#define NCH	2
#define NC	2
#include "chan.pml"

init
{
	atomic {
		task[0] = TASK;
		has_ctx[0] = 1;
#if SCENE == 1
		run plain(0, SEND, 0, 2);
		run plain(1, RECV, 0, 2);
#elif SCENE == 2 || SCENE == 3 || SCENE == 6
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 1);
		CASE(1, 0, RECV, 0); CASE(1, 1, SEND, 1);
		has_timer[0] = (SCENE == 3);
		has_ctx[1] = (SCENE == 6);
		task[1] = TASK && SCENE == 6;
		run selector(0, 1);
		run selector(1, 1);
#elif SCENE == 4
		CASE(0, 0, RECV, 0); CASE(0, 1, RECV, 1);
		has_timer[0] = 1;
		run selector(0, 1);
		run plain(1, SEND, 0, 1);
		run signal(0);
#elif SCENE == 7
		CASE(0, 0, RECV, 0); CASE(0, 1, RECV, 1);
		has_timer[0] = 1;
		run selector(0, 1);
		done[1] = 1;
#else
		cap[0] = 1;
		run plain(0, SEND, 0, 2);
		run plain(1, RECV, 0, 2);
		run signal(0);
#endif
		if
		:: has_timer[0] -> run expire(0)
		:: else
		fi;
		run ctx_end()
	}
	timeout -> check_rest()
}
