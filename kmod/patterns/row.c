// SPDX-License-Identifier: GPL-2.0
/*
 * Rows: workers of adjacent stages that run as one task.
 *
 * To hand an element to another task costs many times what most stages do with
 * it. So where there is one worker in each of several stages, no buffer between
 * them, and nothing that they wait for but elements, the task of the first, the
 * head, takes an element, calls the functions of all, one after the other, and
 * sends what has come out behind the last, the tail. It keeps the numbers of
 * all as if each had done its part.
 *
 * That is for elements that are passed on or dropped at once. As soon as any
 * function says something else (it fails, asks for a delay or for one more call,
 * ends its stage), and when the input or the context ends or the output is
 * closed, the row dissolves for good: each worker has its own task from then on,
 * the one that has the element goes on with it there, and the channels between
 * them are used. So what follows from these, and what overlaps in time, is the
 * same as ever.
 *
 * A plain worker that is alone is a row of one, which ends and begins again.
 */
#include <linux/string.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/group.h>
#include "../core/chan.h"
#include "../core/ctx.h"
#include "../core/maker.h"
#include "stage.h"

/* All is well, and the row goes on. Else what is returned is for the worker. */
#define ROW_ON 1

bool chp_row_may_have(const struct chp_stage_config *config)
{
	return chp_worker_is_plain(config) && !config->fan;
}

static struct chp_worker *row_worker(const struct chp_stage *stage)
{
	return list_first_entry(&stage->spare, struct chp_worker, node);
}

/* Both have one worker each, and have not been started. */
void chp_row_add(struct chp_stage *head, struct chp_stage *stage)
{
	struct chp_worker *worker = row_worker(stage);
	struct chp_worker *first = row_worker(head);

	first->tail->down = worker;
	first->tail = worker;
	worker->led = true;
}

/* From here on each has its own task. What has passed counts as received. */
static void row_dissolve(struct chp_worker *head)
{
	struct chp_worker *worker = head->down, *down;

	head->down = NULL;
	head->tail = head;
	for (; worker; worker = down) {
		down = worker->down;
		worker->down = NULL;
		worker->stage->base -= worker->taken;
		/* The head is a member of the group, so it is not over. */
		WARN_ON_ONCE(chp_worker_start(worker));
	}
}

/* @worker has the element in hand, and goes on in @phase, whose result is @err. */
static noinline int row_leave(struct chp_worker *head,
			      struct chp_worker *worker,
			      enum chp_worker_phase phase, int err)
{
	const struct chp_stage *stage = worker->stage;

	chp_worker_set_phase(worker, phase);
	/* A source that has failed has made nothing. */
	worker->emit = stage->in || phase == CHP_W_SEND;
	if (worker == head) {
		row_dissolve(head);
		return err;
	}
	memcpy(worker->elem, head->elem, stage->elem_size);
	row_dissolve(head);
	return ROW_ON;
}

/* There is no element, and none will come to this row. */
static noinline int row_end(struct chp_worker *head, int err)
{
	row_dissolve(head);
	return err;
}

static inline int row_sent(struct chp_worker *head, int err)
{
	struct chp_worker *tail = head->tail;

	if (unlikely(err || chp_stage_has_surplus(tail->stage)))
		return row_leave(head, tail, CHP_W_SEND, err);
	/* A lone word, for those who look; so are all counts here. */
	WRITE_ONCE(tail->sent, tail->sent + 1);
	if (tail->stage->config.fan && chp_stage_may_leave(tail->stage, false))
		return CHP_ROW_OVER;
	return ROW_ON;
}

static inline int row_send(struct chp_worker *head)
{
	struct chp_worker *tail = head->tail;
	int err;

	/* Before others can make the next one: that writes them, too. */
	chp_worker_set_phase(tail, CHP_W_SEND);
	head->sending = true;
	head->pulled = CHP_ROW_ELEM;
	head->maker.has = false;
	chp_maker_begin(&head->maker, &head->task);
	err = chp_task_send(&head->task, tail->stage->out, head->elem);
	if (err == -EINPROGRESS)
		return err;
	chp_maker_end(&head->maker, &head->task);
	head->sending = false;
	chp_worker_set_phase(tail, CHP_W_RECV);
	return row_sent(head, err);
}

static inline int row_call(struct chp_worker *worker, void *elem)
{
	int verdict;

	chp_worker_set_phase(worker, CHP_W_WORK);
	verdict = worker->item(worker, elem);
	chp_worker_set_phase(worker, CHP_W_RECV);
	return verdict;
}

/* Not where its worker may be too many, as in a fan. */
static bool row_drops(const struct chp_worker *worker, int verdict)
{
	return verdict == CHP_DROP && !worker->delay &&
	       !worker->stage->config.fan &&
	       !chp_stage_has_surplus(worker->stage);
}

/*
 * The head has an element in hand. Returns CHP_ROW_ELEM when it has come out
 * behind the tail; CHP_ROW_NONE when it was dropped; CHP_ROW_ODD when the worker
 * at @head->at has it, and goes on with a phase of its own.
 */
static inline enum chp_row_pull row_pass(struct chp_worker *head)
{
	struct chp_ctx *ctx = head->stage->group->ctx;
	struct chp_worker *worker = head, *down;
	int verdict;

	for (;; worker = down) {
		verdict = row_call(worker, head->elem);
		if (unlikely(verdict != CHP_EMIT || worker->delay))
			goto odd;
		if (!worker->stage->in)
			WRITE_ONCE(worker->taken, worker->taken + 1);
		down = worker->down;
		if (!down)
			return CHP_ROW_ELEM;
		/* It would not be sent, and no other function called. */
		if (unlikely(chp_ctx_look(ctx)))
			goto odd;
		WRITE_ONCE(worker->sent, worker->sent + 1);
		down->seq = down->taken;
		WRITE_ONCE(down->taken, down->taken + 1);
	}
odd:
	if (row_drops(worker, verdict))
		return CHP_ROW_NONE;
	worker->verdict = verdict;
	head->at = worker;
	return CHP_ROW_ODD;
}

/*
 * A function has said what is for its worker alone to judge; or it has passed the
 * element on, and that has met the end of the context.
 */
static int row_odd(struct chp_worker *head)
{
	struct chp_worker *worker = head->at;
	int err;

	if (worker->verdict != CHP_EMIT || worker->delay)
		return row_leave(head, worker, CHP_W_JUDGE, 0);
	err = chp_ctx_err(head->stage->group->ctx);
	return row_leave(head, worker, CHP_W_SEND, err);
}

static inline int row_work(struct chp_worker *head)
{
	switch (row_pass(head)) {
	case CHP_ROW_ELEM:
		return row_send(head);
	case CHP_ROW_NONE:
		return ROW_ON;
	default:
		return row_odd(head);
	}
}

static inline int row_received(struct chp_worker *head)
{
	struct chp_stage *stage = head->stage;

	head->seq = chp_task_ticket(&head->task) - stage->base;
	WRITE_ONCE(head->taken, head->taken + 1);
	if (stage->config.fan) {
		/* It does not receive any more. */
		chp_worker_set_phase(head, CHP_W_WORK);
		chp_stage_relay(stage);
	}
	return row_work(head);
}

static int row_recv(struct chp_worker *head)
{
	struct chp_stage *stage = head->stage;
	int err;

	if (READ_ONCE(stage->stopped))
		return row_end(head, -EPIPE);
	head->task.waiter.tag = stage;
	err = chp_task_recv(&head->task, stage->in, head->elem);
	if (!err)
		return row_received(head);
	if (err != -EINPROGRESS)
		return row_end(head, err);
	chp_worker_look_again(stage);
	return err;
}

static int row_make(struct chp_worker *head)
{
	struct chp_stage *stage = head->stage;
	int err = READ_ONCE(stage->stopped) ? -EPIPE :
					      chp_ctx_look(stage->group->ctx);

	if (err)
		return row_end(head, err);
	head->seq = head->taken;
	return row_work(head);
}

/*
 * For who has taken the element of a row that is parked with it: the next one. Not
 * where several workers are to work at the same time: all would in the step of
 * the one reader.
 */
bool chp_row_make(struct chp_maker *maker)
{
	struct chp_worker *head = container_of(maker, struct chp_worker, maker);
	struct chp_worker *tail = head->tail;
	struct chp_stage *stage = head->stage;

	if (stage->config.fan || READ_ONCE(stage->target) != 1 ||
	    chp_stage_has_surplus(stage) || READ_ONCE(stage->stopped) ||
	    chp_ctx_look(stage->group->ctx))
		return false;
	if (stage->in &&
	    chp_try_recv_ticket(stage->in, head->elem, &head->seq))
		return false;
	WRITE_ONCE(tail->sent, tail->sent + 1);
	chp_worker_set_phase(tail, CHP_W_RECV);
	if (stage->in) {
		head->seq -= stage->base;
		WRITE_ONCE(head->taken, head->taken + 1);
	} else {
		head->seq = head->taken;
	}
	head->pulled = row_pass(head);
	if (head->pulled != CHP_ROW_ELEM)
		return false;
	chp_worker_set_phase(tail, CHP_W_SEND);
	return true;
}

/* The task was parked with an element, and that has come to @err. */
static int row_resume_send(struct chp_worker *head, int err)
{
	chp_maker_end(&head->maker, &head->task);
	head->sending = false;
	chp_worker_set_phase(head->tail, CHP_W_RECV);
	switch (head->pulled) {
	case CHP_ROW_ELEM:
		return head->maker.has ? row_send(head) : row_sent(head, err);
	case CHP_ROW_NONE:
		return ROW_ON;
	default:
		return row_odd(head);
	}
}

/* What the task was parked with has come to @err. */
static int row_resume(struct chp_worker *head, int err)
{
	head->parked = false;
	if (head->sending)
		return row_resume_send(head, err);
	return err ? row_end(head, err) : row_received(head);
}

/**
 * chp_row_run() - take elements, and pass them on
 * @head: chp_row_is_at() it
 * @budget: of elements; what was used is taken off
 *
 * Context: a step of @head.
 * Return: -EINPROGRESS when the task is parked; -EAGAIN when the budget has been
 * used up; CHP_ROW_OVER when the worker has left; otherwise the result of the
 * phase that the head is in: it is to go on alone.
 */
int chp_row_run(struct chp_worker *head, int *budget)
{
	int err = head->parked ? row_resume(head, chp_task_result(&head->task)) :
				 ROW_ON;

	while (err == ROW_ON && (*budget)-- > 0)
		err = head->stage->in ? row_recv(head) : row_make(head);
	return err == ROW_ON ? -EAGAIN : err;
}
