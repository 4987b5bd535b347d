// SPDX-License-Identifier: GPL-2.0
/* The first end of several; see include/chanpat/mux.h. */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/ctx.h>
#include <chanpat/mux.h>
#include <chanpat/select.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "../core/chan.h"
#include "../core/live.h"
#include "outlet.h"

/* Elements that are carried before other tasks have their turn. */
#define OR_BUDGET 64

/**
 * struct or_done - carries elements until a context ends
 * @task: its task
 * @config: as it was given
 * @ctx: holds a reference
 * @in: holds a reference
 * @out: holds a reference; closed at the end
 * @cases: the end of @ctx, and what is to be done next
 * @parked: in a select, whose result is to come
 * @full: @elem has been received and not been sent
 * @elem: the element in hand
 */
struct or_done {
	struct chp_task task;
	struct chp_mux_config config;
	struct chp_ctx *ctx;
	struct chp_chan *in;
	struct chp_chan *out;
	struct chp_case cases[2];
	bool parked;
	bool full;
	u8 elem[] __aligned(8);
};

/* In order: an ended context wins over what is ready, as everywhere. */
static int or_done_begin(struct or_done *od)
{
	od->cases[0] = (struct chp_case)CHP_CASE_DONE(od->ctx);
	if (od->full)
		od->cases[1] = (struct chp_case)CHP_CASE_SEND(od->out, od->elem);
	else
		od->cases[1] = (struct chp_case)CHP_CASE_RECV(od->in, od->elem);
	return chp_task_select_ordered(&od->task, od->cases, 2);
}

/* False when a context or the input has ended, or the output was closed. */
static bool or_done_did(struct or_done *od, int which)
{
	if (which != 1 || od->cases[1].err)
		return false;
	od->full = !od->full;
	return true;
}

static int or_done_step(struct chp_task *task)
{
	struct or_done *od = container_of(task, struct or_done, task);
	bool more = !od->parked || or_done_did(od, chp_task_result(task));
	int budget = 2 * OR_BUDGET, which;

	od->parked = false;
	while (more && budget--) {
		which = or_done_begin(od);
		if (which == -EINPROGRESS) {
			od->parked = true;
			return which;
		}
		more = or_done_did(od, which);
	}
	return more ? -EAGAIN : 0;
}

static void or_done_free(struct or_done *od)
{
	chp_ctx_put(od->ctx);
	chp_chan_put(od->in);
	chp_chan_put(od->out);
	kfree(od);
	chp_live_dec(CHP_KIND_MUX);
}

static void or_done_gone(struct chp_task *task)
{
	struct or_done *od = container_of(task, struct or_done, task);

	if (od->full && od->config.drop)
		od->config.drop(od->elem);
	if (!od->config.keep)
		chp_close(od->in);
	chp_close(od->out);
	or_done_free(od);
}

static struct or_done *or_done_alloc(struct chp_ctx *ctx, struct chp_chan *in,
				     struct chp_chan *out,
				     const struct chp_mux_config *config)
{
	struct or_done *od;

	od = kzalloc(struct_size(od, elem, in->elem_size), GFP_KERNEL_ACCOUNT);
	if (!od)
		return NULL;
	od->config = *config;
	od->ctx = chp_ctx_get(ctx);
	od->in = chp_chan_get(in);
	od->out = chp_chan_get(out);
	chp_task_init(&od->task, or_done_step, or_done_gone);
	chp_live_inc(CHP_KIND_MUX);
	return od;
}

/**
 * chp_or_done() - read a channel until a context ends
 * @group: owns the task
 * @ctx: closes the output when it ends; NULL for one that never ends
 * @in: the input; a reference is taken
 * @config: copied
 *
 * The readers of the output need not know of @ctx: they see the end. What has
 * come into the output's buffer before can still be received; without a buffer
 * the end is at once. Go: the or-done channel.
 *
 * Context: may sleep.
 * Return: the output, with one reference; ERR_PTR(-EINVAL) without an input or
 * for a capacity beyond the limits; ERR_PTR(-ENOMEM); ERR_PTR(-ESHUTDOWN) when
 * the group has been waited for.
 */
struct chp_chan *chp_or_done(struct chp_group *group, struct chp_ctx *ctx,
			     struct chp_chan *in,
			     const struct chp_mux_config *config)
{
	struct chp_chan *out;
	struct or_done *od;
	int err = -ENOMEM;

	if (!in)
		return ERR_PTR(-EINVAL);
	out = chp_outlet_alloc(in->elem_size, config->cap, config->name,
			       config->drop);
	if (IS_ERR(out))
		return out;
	od = or_done_alloc(ctx, in, out, config);
	if (!od)
		goto put;
	err = chp_task_start(&od->task, group);
	if (!err)
		return out;
	or_done_free(od);
put:
	chp_chan_put(out);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_CHP(chp_or_done);

/**
 * struct or - waits for the first of several channels
 * @task: its task
 * @parked: in the select
 * @out: holds a reference; closed at the end
 * @n: of @cases
 * @cases: each holds a reference on its channel; the last is @out itself, that
 *	nobody sends to: ready when its reader has closed it
 */
struct or {
	struct chp_task task;
	bool parked;
	struct chp_chan *out;
	unsigned int n;
	struct chp_case cases[];
};

static int or_step(struct chp_task *task)
{
	struct or *or = container_of(task, struct or, task);

	if (or->parked)
		return 0;
	or->parked = true;
	if (chp_task_select_ordered(task, or->cases, or->n) == -EINPROGRESS)
		return -EINPROGRESS;
	return 0;
}

static void or_free(struct or *or)
{
	unsigned int i;

	for (i = 0; i < or->n; i++)
		chp_chan_put(or->cases[i].ch);
	chp_chan_put(or->out);
	kvfree(or);
	chp_live_dec(CHP_KIND_MUX);
}

static void or_gone(struct chp_task *task)
{
	struct or *or = container_of(task, struct or, task);

	chp_close(or->out);
	or_free(or);
}

static void or_add(struct or *or, struct chp_chan *ch)
{
	struct chp_case *c = &or->cases[or->n++];

	*c = (struct chp_case)CHP_CASE_RECV(chp_chan_get(ch), NULL);
}

static struct or *or_alloc(struct chp_chan *const chans[], unsigned int n,
			   struct chp_chan *out)
{
	struct or *or;
	unsigned int i;

	or = kvzalloc(struct_size(or, cases, n + 1), GFP_KERNEL_ACCOUNT);
	if (!or)
		return NULL;
	for (i = 0; i < n; i++)
		or_add(or, chans[i]);
	or_add(or, out);
	or->out = chp_chan_get(out);
	chp_task_init(&or->task, or_step, or_gone);
	chp_live_inc(CHP_KIND_MUX);
	return or;
}

/**
 * chp_or() - a channel that is closed when the first of several ends
 * @group: owns the task
 * @chans: references are taken; NULL for one that never ends
 * @n: how many, up to CHP_MUX_MAX
 *
 * For channels that say something by their close, or by a signal: an element
 * that one of them has is taken, thrown away, and counts as its end. Closed also
 * when the group's context ends. Go: the or-channel.
 *
 * Context: may sleep.
 * Return: a channel of elements of size 0, with one reference, to be received
 * from: that waits, and then returns -EPIPE. ERR_PTR(-EINVAL) for too many;
 * ERR_PTR(-ENOMEM); ERR_PTR(-ESHUTDOWN) when the group has been waited for.
 */
struct chp_chan *chp_or(struct chp_group *group,
			struct chp_chan *const chans[], unsigned int n)
{
	struct chp_chan *out;
	int err = -ENOMEM;
	struct or *or;

	if (n > CHP_MUX_MAX)
		return ERR_PTR(-EINVAL);
	out = chp_chan_alloc(0, 0, "or");
	if (IS_ERR(out))
		return out;
	or = or_alloc(chans, n, out);
	if (!or)
		goto put;
	err = chp_task_start(&or->task, group);
	if (!err)
		return out;
	or_free(or);
put:
	chp_chan_put(out);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_CHP(chp_or);
