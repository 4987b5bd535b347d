/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_PATTERNS_STAGE_H
#define CHP_PATTERNS_STAGE_H

#include <chanpat/stage.h>
#include <chanpat/task.h>
#include <chanpat/timer.h>

/* What a worker does next, or is parked in. */
enum chp_worker_phase {
	CHP_W_RECV,	/* wait for an element */
	CHP_W_WORK,	/* the stage's function runs */
	CHP_W_DELAY,	/* sleep as the function has asked */
	CHP_W_TURN,	/* wait until all earlier elements have left */
	CHP_W_SEND,	/* wait until the element is taken */
};

/**
 * struct chp_worker - one of a stage's workers
 * @task: also carries the wait of a worker that is a thread
 * @timer: for @delay
 * @stage: the worker's own
 * @phase: written by the worker, looked at by statistics
 * @parked: the phase's operation has been started, its result is to come
 * @emit: there is an element to send when the turn has come
 * @last: the stage ends after this element
 * @ended: the input has ended, and this is the last worker
 * @delay: nanoseconds, before the element is sent
 * @seq: of the element in hand, from 0
 * @taken: elements received or made
 * @sent: elements sent
 * @elem: the element in hand
 */
struct chp_worker {
	struct chp_task task;
	struct chp_timer timer;
	struct chp_stage *stage;
	enum chp_worker_phase phase;
	bool parked;
	bool emit;
	bool last;
	bool ended;
	u64 delay;
	u64 seq;
	u64 taken;
	u64 sent;
	u8 elem[] __aligned(8);
};

void chp_stage_drain(struct chp_stage *stage);

#endif
