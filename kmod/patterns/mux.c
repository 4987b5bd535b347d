// SPDX-License-Identifier: GPL-2.0
/*
 * Merging; see include/chanpat/mux.h.
 *
 * Each input has a task that carries its elements to the output. A single task
 * that selects would look at all inputs for each element; this costs the same
 * with two inputs and with all that are allowed, and holds one element of each
 * ahead. While the reader is what all wait for the output's queue of senders is
 * the fairness: who has sent stands behind all others when it comes with its
 * next. While there is room none of them waits, and then they yield often.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/mux.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "../core/chan.h"
#include "../core/group.h"
#include "../core/live.h"
#include "outlet.h"

/* Elements of an input in a row, while others wait to run. */
#define MERGE_BUDGET 8

/**
 * struct merge - the tasks of a merge, and what they share
 * @out: holds a reference; closed by the last of them
 * @drop: disposes of what cannot be sent
 * @alive: tasks that have not ended; the last frees all of this
 * @stopped: the output was closed by its reader, and so are the inputs
 * @n: how many there are
 * @stride: bytes from one to the next
 * @inlets: one for each input
 */
struct merge {
	struct chp_chan *out;
	void (*drop)(void *elem);
	atomic_t alive;
	atomic_t stopped;
	unsigned int n;
	size_t stride;
	u8 inlets[] __aligned(8);
};

/**
 * struct inlet - carries the elements of one input to the output
 * @task: its task
 * @merge: what it belongs to
 * @in: holds a reference
 * @parked: the operation has been started, its result is to come
 * @full: @elem has been received and not been sent
 * @elem: the element in hand
 */
struct inlet {
	struct chp_task task;
	struct merge *merge;
	struct chp_chan *in;
	bool parked;
	bool full;
	u8 elem[] __aligned(8);
};

static struct inlet *merge_inlet(struct merge *merge, unsigned int i)
{
	return (struct inlet *)(merge->inlets + i * merge->stride);
}

static void merge_free(struct merge *merge)
{
	unsigned int i;

	for (i = 0; i < merge->n; i++)
		chp_chan_put(merge_inlet(merge, i)->in);
	chp_chan_put(merge->out);
	kvfree(merge);
	chp_live_dec(CHP_KIND_MUX);
}

/*
 * Inlets whose input is quiet would not notice: the close ends their wait. An
 * inlet that still finds an element meets the closed output with that one. Only
 * the first that meets it does this: with many inputs it takes long.
 */
static void merge_stop(struct merge *merge)
{
	unsigned int i;

	if (atomic_xchg(&merge->stopped, 1))
		return;
	for (i = 0; i < merge->n; i++)
		chp_close(merge_inlet(merge, i)->in);
}

static int inlet_begin(struct inlet *inlet)
{
	struct merge *merge = inlet->merge;

	if (inlet->full)
		return chp_task_send(&inlet->task, merge->out, inlet->elem);
	return chp_task_recv(&inlet->task, inlet->in, inlet->elem);
}

/* False when the input has ended, the output was closed, or the context is. */
static bool inlet_done(struct inlet *inlet, int err)
{
	if (!err)
		inlet->full = !inlet->full;
	else if (inlet->full && err == -EPIPE)
		merge_stop(inlet->merge);
	return !err;
}

static int inlet_step(struct chp_task *task)
{
	struct inlet *inlet = container_of(task, struct inlet, task);
	bool more = !inlet->parked || inlet_done(inlet, chp_task_result(task));
	int budget = 2 * MERGE_BUDGET, err;

	inlet->parked = false;
	while (more && budget--) {
		err = inlet_begin(inlet);
		if (err == -EINPROGRESS) {
			inlet->parked = true;
			return err;
		}
		more = inlet_done(inlet, err);
	}
	return more ? -EAGAIN : 0;
}

/* Nobody reads the input any more, however the inlet has ended. */
static void inlet_gone(struct chp_task *task)
{
	struct inlet *inlet = container_of(task, struct inlet, task);
	struct merge *merge = inlet->merge;

	if (inlet->full && merge->drop)
		merge->drop(inlet->elem);
	chp_close(inlet->in);
	if (!atomic_dec_and_test(&merge->alive))
		return;
	chp_close(merge->out);
	merge_free(merge);
}

static struct merge *merge_alloc(struct chp_chan *const ins[], unsigned int n)
{
	size_t stride = ALIGN(sizeof(struct inlet) + ins[0]->elem_size, 8);
	struct merge *merge;
	struct inlet *inlet;
	unsigned int i;

	merge = kvzalloc(sizeof(*merge) + stride * n, GFP_KERNEL_ACCOUNT);
	if (!merge)
		return NULL;
	merge->n = n;
	merge->stride = stride;
	atomic_set(&merge->alive, n);
	for (i = 0; i < n; i++) {
		inlet = merge_inlet(merge, i);
		inlet->merge = merge;
		inlet->in = chp_chan_get(ins[i]);
		chp_task_init(&inlet->task, inlet_step, inlet_gone);
	}
	chp_live_inc(CHP_KIND_MUX);
	return merge;
}

/*
 * As a member of the group, that cannot be over then: so all tasks start. The
 * last to be started may free @merge.
 */
static int merge_start(struct merge *merge, struct chp_group *group)
{
	unsigned int i, n = merge->n;
	int err = chp_group_enter(group);

	if (err)
		return err;
	for (i = 0; i < n; i++)
		WARN_ON(chp_task_start(&merge_inlet(merge, i)->task, group));
	chp_group_leave(group, 0, false, NULL);
	return 0;
}

static bool merge_valid(const struct chp_group *group,
			struct chp_chan *const ins[], unsigned int n,
			const struct chp_mux_config *config)
{
	unsigned int i;

	if (!n || n > CHP_MUX_MAX || config->keep || chp_group_limited(group))
		return false;
	for (i = 0; i < n; i++)
		if (!ins[i] || ins[i]->elem_size != ins[0]->elem_size)
			return false;
	return true;
}

/**
 * chp_merge() - read several channels as one
 * @group: owns the tasks, one for each input; without a limit, for those that
 *	wait for a place would not be read
 * @ins: the inputs; references are taken, the array is not needed afterwards
 * @n: how many, 1 to CHP_MUX_MAX
 * @config: copied
 *
 * The elements of an input keep their order. When all inputs are ready each has
 * its turn; an input that never sends holds up nobody, but the end. An input
 * that occurs twice has two turns, and no order. Go: fan-in.
 *
 * Context: may sleep.
 * Return: the output, with one reference; ERR_PTR(-EINVAL) for numbers beyond
 * the limits, elements of different sizes, a NULL input, or a group with a
 * limit; ERR_PTR(-ENOMEM); ERR_PTR(-ESHUTDOWN) when the group has been waited
 * for. After an error the inputs are as they were.
 */
struct chp_chan *chp_merge(struct chp_group *group,
			   struct chp_chan *const ins[], unsigned int n,
			   const struct chp_mux_config *config)
{
	struct chp_chan *out;
	struct merge *merge;
	int err = -ENOMEM;

	if (!merge_valid(group, ins, n, config))
		return ERR_PTR(-EINVAL);
	out = chp_outlet_alloc(ins[0]->elem_size, config->cap, config->name,
			       config->drop);
	if (IS_ERR(out))
		return out;
	merge = merge_alloc(ins, n);
	if (!merge)
		goto put;
	merge->drop = config->drop;
	merge->out = chp_chan_get(out);
	err = merge_start(merge, group);
	if (!err)
		return out;
	merge_free(merge);
put:
	chp_chan_put(out);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_CHP(chp_merge);
