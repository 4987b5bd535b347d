/*
 * Senders and receivers, threads and tasks. SCENE:
 *  1  two senders (2 and 1 elements), two receivers (2 and 1)
 *  2  three senders, one receiver: who is left over stays in the queue
 *  3  as 1, all of them tasks
 * CAP: the channel's capacity.
 */
#define NPROC	4
#define NCH	1
#define NC	1
#include "chan.pml"

init
{
	atomic {
		cap[0] = CAP;
#if SCENE == 3
		task[0] = 1; task[1] = 1; task[2] = 1; task[3] = 1;
#endif
		run plain(0, SEND, 0, 2);
		run plain(1, SEND, 0, 1);
#if SCENE == 2
		run plain(2, SEND, 0, 1);
		run plain(3, RECV, 0, 1);
#else
		run plain(2, RECV, 0, 2);
		run plain(3, RECV, 0, 1);
#endif
	}
	timeout -> check_rest()
}
