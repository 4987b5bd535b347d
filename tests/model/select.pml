/*
 * Select against select. SCENE:
 *  1  {send a, recv b} and {recv a, send b}
 *  2  {send a, recv a} twice
 *  3  {send a, recv a} three times
 *  4  three in a ring: {send a, recv c}, {recv a, send b}, {recv b, send c}
 *  5  as 1, two times each
 *  6  {send a, recv b, send c} and {recv a, send b, recv c}
 */
#if SCENE == 1 || SCENE == 2 || SCENE == 5
#define NPROC	2
#define NCH	2
#define NC	2
#elif SCENE == 6
#define NPROC	2
#define NCH	3
#define NC	3
#else
#define NPROC	3
#define NCH	3
#define NC	2
#endif
#include "chan.pml"

init
{
	atomic {
#if SCENE == 1 || SCENE == 5
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 1);
		CASE(1, 0, RECV, 0); CASE(1, 1, SEND, 1);
#elif SCENE == 2
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 0);
		CASE(1, 0, SEND, 0); CASE(1, 1, RECV, 0);
#elif SCENE == 3
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 0);
		CASE(1, 0, SEND, 0); CASE(1, 1, RECV, 0);
		CASE(2, 0, SEND, 0); CASE(2, 1, RECV, 0);
#elif SCENE == 4
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 2);
		CASE(1, 0, RECV, 0); CASE(1, 1, SEND, 1);
		CASE(2, 0, RECV, 1); CASE(2, 1, SEND, 2);
#else
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 1); CASE(0, 2, SEND, 2);
		CASE(1, 0, RECV, 0); CASE(1, 1, SEND, 1); CASE(1, 2, RECV, 2);
#endif
#if SCENE == 5
		run selector(0, 2);
		run selector(1, 2);
#else
		run selector(0, 1);
		run selector(1, 1);
#endif
#if NPROC == 3
		run selector(2, 1);
#endif
	}
	timeout -> check_rest()
}
