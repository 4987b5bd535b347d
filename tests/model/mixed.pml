/*
 * Select with plain operations. SCENE:
 *  1  {recv a, recv b} twice over, a sender on each
 *  2  {send a, recv a}, a sender and a receiver of a
 *  3  {recv a, recv a} and {send a, recv b}, a sender of b
 *  4  as 2, a has room for one; the receiver comes twice
 *  5  {send a, recv b} and {recv a, send b}, a sender of b
 *  6  {recv a, send b}, both with room for one, a sender of a (2), a receiver of b
 *  7  {recv a, recv b} and {send b, recv a}, a sender of a (2)
 */
#define NPROC	3
#define NCH	2
#define NC	2
#include "chan.pml"

init
{
	atomic {
#if SCENE == 1
		CASE(0, 0, RECV, 0); CASE(0, 1, RECV, 1);
		run selector(0, 2);
		run plain(1, SEND, 0, 1);
		run plain(2, SEND, 1, 1);
#elif SCENE == 2 || SCENE == 4
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 0);
		cap[0] = (SCENE == 4);
		run selector(0, 1);
		run plain(1, SEND, 0, 1);
		run plain(2, RECV, 0, (SCENE == 4 -> 2 : 1));
#elif SCENE == 3
		CASE(0, 0, RECV, 0); CASE(0, 1, RECV, 0);
		CASE(1, 0, SEND, 0); CASE(1, 1, RECV, 1);
		run selector(0, 1);
		run selector(1, 1);
		run plain(2, SEND, 1, 1);
#elif SCENE == 5
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 1);
		CASE(1, 0, RECV, 0); CASE(1, 1, SEND, 1);
		run selector(0, 1);
		run selector(1, 1);
		run plain(2, SEND, 1, 1);
#elif SCENE == 7
		CASE(0, 0, RECV, 0); CASE(0, 1, RECV, 1);
		CASE(1, 0, SEND, 1); CASE(1, 1, RECV, 0);
		run selector(0, 1);
		run selector(1, 1);
		run plain(2, SEND, 0, 2);
#else
		CASE(0, 0, RECV, 0); CASE(0, 1, SEND, 1);
		cap[0] = 1; cap[1] = 1;
		run selector(0, 2);
		run plain(1, SEND, 0, 2);
		run plain(2, RECV, 1, 1);
#endif
	}
	timeout -> check_rest()
}
