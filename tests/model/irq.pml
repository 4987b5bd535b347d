/*
 * An interrupt that tries an operation in the middle of a select. SCENE:
 *  1  {recv a, recv b} and a sender of b; an interrupt sends to a
 *  2  {send a, recv b} and {recv a, send b}; one at the first receives from a
 *  3  as 1, a and b have room for one
 */
#define IRQ
#define NPROC	3
#define NCH	2
#define NC	2
#include "chan.pml"

init
{
	atomic {
#if SCENE == 2
		CASE(0, 0, SEND, 0); CASE(0, 1, RECV, 1);
		CASE(1, 0, RECV, 0); CASE(1, 1, SEND, 1);
		run selector(0, 1);
		run selector(1, 1);
		run irq(2, RECV, 0, 1)
#else
		CASE(0, 0, RECV, 0); CASE(0, 1, RECV, 1);
		cap[0] = (SCENE == 3); cap[1] = (SCENE == 3);
		run selector(0, 1);
		run plain(1, SEND, 1, 1);
		run irq(2, SEND, 0, 1)
#endif
	}
	timeout -> check_rest()
}
