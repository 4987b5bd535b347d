// SPDX-License-Identifier: GPL-2.0
/*
 * Copying one channel to several; see include/chanpat/mux.h.
 *
 * An element is first offered to each output without waiting. What is left are
 * the outputs that are full: a select among them, so that none waits for
 * another to get this element. The next one is taken when all have it.
 */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/mux.h>
#include <chanpat/select.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "../core/chan.h"
#include "../core/live.h"
#include "member.h"
#include "outlet.h"

/* Elements that are copied before other tasks have their turn. */
#define TEE_BUDGET 16

/**
 * struct tee_out - an output
 * @ch: holds a reference; closed at the end
 * @closed: by its reader: it is left out
 */
struct tee_out {
	struct chp_chan *ch;
	bool closed;
};

/**
 * struct tee - copies the elements of an input to outputs
 * @task: its task
 * @config: as it was given
 * @group: owns the task
 * @in: holds a reference
 * @err: what the group is told at the end
 * @parked: an operation has been started, its result is to come
 * @open: outputs that their readers have not closed
 * @pending: outputs that wait for the element in hand; the first of @cases
 * @n: outputs
 * @elem_size: bytes of an element
 * @stride: from one of @elems to the next, aligned for what it may hold
 * @cases: of a select among the pending outputs
 * @elems: one for each output, from which it is sent; and one to receive into
 * @outs: the outputs
 */
struct tee {
	struct chp_task task;
	struct chp_mux_config config;
	struct chp_group *group;
	struct chp_chan *in;
	int err;
	bool parked;
	unsigned int open;
	unsigned int pending;
	unsigned int n;
	size_t elem_size;
	size_t stride;
	struct chp_case *cases;
	u8 *elems;
	struct tee_out outs[];
};

static void *tee_elem(const struct tee *tee, unsigned int i)
{
	return tee->elems + i * tee->stride;
}

static unsigned int tee_index(const struct tee *tee, const void *elem)
{
	return ((const u8 *)elem - tee->elems) / tee->stride;
}

static void tee_drop(const struct tee *tee, void *elem)
{
	if (tee->config.drop)
		tee->config.drop(elem);
}

static void tee_lose(struct tee *tee, struct tee_out *out)
{
	out->closed = true;
	tee->open--;
}

/* The element in hand itself goes to the last output, the others get copies. */
static int tee_copy(struct tee *tee, void *to, bool last)
{
	void *from = tee_elem(tee, tee->n);

	if (!last && tee->config.copy)
		return tee->config.copy(to, from);
	memcpy(to, from, tee->elem_size);
	return 0;
}

static int tee_offer(struct tee *tee, unsigned int i, bool last)
{
	struct tee_out *out = &tee->outs[i];
	void *elem = tee_elem(tee, i);
	int err = tee_copy(tee, elem, last);

	if (err)
		return err;
	err = chp_try_send(out->ch, elem);
	if (err == -EAGAIN) {
		tee->cases[tee->pending++] =
			(struct chp_case)CHP_CASE_SEND(out->ch, elem);
	} else if (err) {
		tee_drop(tee, elem);
		tee_lose(tee, out);
	}
	return 0;
}

/* To all that are open; there is one at least. */
static int tee_offer_all(struct tee *tee)
{
	unsigned int i, left = tee->open;
	int err;

	for (i = 0; left; i++) {
		if (tee->outs[i].closed)
			continue;
		err = tee_offer(tee, i, !--left);
		if (err) {
			tee_drop(tee, tee_elem(tee, tee->n));
			return err;
		}
	}
	return 0;
}

/* A select among the pending outputs has done the case @which. */
static void tee_sent(struct tee *tee, unsigned int which)
{
	struct chp_case *c = &tee->cases[which];
	void *elem = c->waiter.elem;

	if (c->err) {
		tee_drop(tee, elem);
		tee_lose(tee, &tee->outs[tee_index(tee, elem)]);
	}
	*c = tee->cases[--tee->pending];
}

static int tee_begin(struct tee *tee)
{
	if (tee->pending)
		return chp_task_select_ordered(&tee->task, tee->cases,
					       tee->pending);
	if (!tee->open)
		return -EPIPE;
	return chp_task_recv(&tee->task, tee->in, tee_elem(tee, tee->n));
}

/* False when the input or the context has ended, or all outputs are closed. */
static bool tee_did(struct tee *tee, int result)
{
	int err;

	if (result < 0)
		return false;
	if (tee->pending) {
		tee_sent(tee, result);
		return true;
	}
	err = tee_offer_all(tee);
	if (err)
		tee->err = chp_member_fail(tee->group, err);
	return !err;
}

static int tee_step(struct chp_task *task)
{
	struct tee *tee = container_of(task, struct tee, task);
	bool more = !tee->parked || tee_did(tee, chp_task_result(task));
	int budget = TEE_BUDGET, result;

	tee->parked = false;
	while (more && budget--) {
		result = tee_begin(tee);
		if (result == -EINPROGRESS) {
			tee->parked = true;
			return result;
		}
		more = tee_did(tee, result);
	}
	return more ? -EAGAIN : tee->err;
}

static void tee_free(struct tee *tee)
{
	unsigned int i;

	for (i = 0; i < tee->n; i++)
		chp_chan_put(tee->outs[i].ch);
	chp_chan_put(tee->in);
	kvfree(tee->cases);
	kvfree(tee->elems);
	kvfree(tee);
	chp_live_dec(CHP_KIND_MUX);
}

static void tee_gone(struct chp_task *task)
{
	struct tee *tee = container_of(task, struct tee, task);
	unsigned int i;

	for (i = 0; i < tee->pending; i++)
		tee_drop(tee, tee->cases[i].waiter.elem);
	if (!tee->config.keep)
		chp_close(tee->in);
	for (i = 0; i < tee->n; i++)
		chp_close(tee->outs[i].ch);
	tee_free(tee);
}

static int tee_open(struct tee *tee, unsigned int n)
{
	struct chp_chan *ch;

	while (tee->n < n) {
		ch = chp_outlet_alloc(tee->elem_size, tee->config.cap,
				      tee->config.name, tee->config.drop);
		if (IS_ERR(ch))
			return PTR_ERR(ch);
		tee->outs[tee->n++].ch = ch;
	}
	tee->open = n;
	return 0;
}

/* With all its outputs. */
static struct tee *tee_alloc(struct chp_group *group, struct chp_chan *in,
			     unsigned int n,
			     const struct chp_mux_config *config)
{
	struct tee *tee;
	int err = -ENOMEM;

	tee = kvzalloc(struct_size(tee, outs, n), GFP_KERNEL_ACCOUNT);
	if (!tee)
		return ERR_PTR(-ENOMEM);
	chp_live_inc(CHP_KIND_MUX);
	tee->config = *config;
	tee->group = group;
	tee->in = chp_chan_get(in);
	tee->elem_size = in->elem_size;
	/* Not 0 for signals: an element's address says whose it is. */
	tee->stride = ALIGN(max_t(size_t, in->elem_size, 1), 8);
	tee->cases = kvcalloc(n, sizeof(*tee->cases), GFP_KERNEL_ACCOUNT);
	tee->elems = kvcalloc(n + 1, tee->stride, GFP_KERNEL_ACCOUNT);
	if (tee->cases && tee->elems)
		err = tee_open(tee, n);
	if (!err)
		return tee;
	tee_free(tee);
	return ERR_PTR(err);
}

/* The caller's references, before the task can let go of its own. */
static int tee_start(struct tee *tee, struct chp_chan *outs[])
{
	unsigned int i, n = tee->n;
	int err;

	for (i = 0; i < n; i++)
		outs[i] = chp_chan_get(tee->outs[i].ch);
	chp_task_init(&tee->task, tee_step, tee_gone);
	if (tee->config.sleeps)
		chp_task_may_sleep(&tee->task);
	err = chp_task_start(&tee->task, tee->group);
	for (i = 0; err && i < n; i++)
		chp_chan_put(outs[i]);
	if (err)
		tee_free(tee);
	return err;
}

/**
 * chp_tee() - copy each element of a channel to several
 * @group: owns the task
 * @in: the input; a reference is taken
 * @outs: filled with the outputs, each with one reference
 * @n: how many, 1 to CHP_TEE_MAX
 * @config: copied
 *
 * Each reader has its own pace, up to the size of its buffer: a slow one holds
 * up the others only while its buffer is full, and then from the next element
 * on. One that closes its output is left out, and when all have, the input is
 * closed. An element costs a try for each output, and for each of those that are
 * full a select among them.
 *
 * When @config's copy fails, that is the group's error: by then some outputs
 * have got the element. Go: the tee-channel.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL without an input or for numbers beyond the limits;
 * -ENOMEM; -ESHUTDOWN when the group has been waited for. After an error @outs
 * says nothing, and the input is as it was.
 */
int chp_tee(struct chp_group *group, struct chp_chan *in,
	    struct chp_chan *outs[], unsigned int n,
	    const struct chp_mux_config *config)
{
	struct tee *tee;

	if (!in || !n || n > CHP_TEE_MAX)
		return -EINVAL;
	tee = tee_alloc(group, in, n, config);
	return IS_ERR(tee) ? PTR_ERR(tee) : tee_start(tee, outs);
}
EXPORT_SYMBOL_CHP(chp_tee);
