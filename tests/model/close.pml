/*
 * Close. SCENE:
 *  1  two senders (one of two elements) and a receiver of two
 *  2  {recv a, send b}, a sender of a; both a and b are closed
 *  3  {send a, recv a} twice
 *  4  {send a, recv b} and {recv a, send b}; b is closed
 * CAP: the capacity of a.
 */
#define NPROC	3
#define NCH	2
#define NC	2
#include "chan.pml"

init
{
	atomic {
		cap[0] = CAP;
#if SCENE == 1
		run plain(0, SEND, 0, 2);
		run plain(1, SEND, 0, 1);
		run plain(2, RECV, 0, 2);
		run close(0);
#elif SCENE == 2
		CASE(0, 0, RECV, 0); CASE(0, 1, SEND, 1);
		run selector(0, 1);
		run plain(1, SEND, 0, 1);
		done[2] = 1;
		run close(0);
		run close(1);
#elif SCENE == 3
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 0);
		CASE(1, 0, SEND, 0); CASE(1, 1, RECV, 0);
		run selector(0, 1);
		run selector(1, 1);
		done[2] = 1;
		run close(0);
#else
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 1);
		CASE(1, 0, RECV, 0); CASE(1, 1, SEND, 1);
		run selector(0, 1);
		run selector(1, 1);
		done[2] = 1;
		run close(1);
#endif
	}
	timeout -> check_rest()
}
