// SPDX-License-Identifier: GPL-2.0
/*
 * The source "in", and the lines that push items into it.
 *
 * A line's values enter together or not at all: whoever pushes holds the lock of
 * the owner, so when there is room for all of them nobody takes it away.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <chanpat/chan.h>
#include "../compat.h"
#include "charge.h"
#include "input.h"
#include "job.h"
#include "op.h"
#include "reject.h"

static int in_open(struct chp_op_stage *st, struct chp_reject *why)
{
	struct chp_chan *input;

	input = chp_chan_alloc(sizeof(struct chp_item), CHP_INPUT_MAX, "input");
	if (IS_ERR(input))
		return PTR_ERR(input);
	st->input = input;
	return 0;
}

static void in_close(struct chp_op_stage *st)
{
	struct chp_item item;

	while (!chp_try_recv(st->input, &item))
		chp_item_drop(&item);
	chp_chan_put(st->input);
}

static unsigned int input_room(const struct chp_chan *input)
{
	return CHP_INPUT_MAX - chp_len(input);
}

static int in_item(struct chp_op_stage *st, struct chp_worker *worker,
		   struct chp_item *item)
{
	struct chp_job *job = st->job;
	u32 wanted;

	/* Orders that the item was taken; pairs with that in input_lacks_room(). */
	smp_mb();
	wanted = READ_ONCE(job->wanted);
	if (wanted && input_room(st->input) >= wanted) {
		/* Before the news: who reads these later sets it again. */
		WRITE_ONCE(job->wanted, 0);
		job->owner->room(job->owner);
	}
	return CHP_EMIT;
}

const struct chp_op chp_op_in = {
	.desc = {
		.name = "in",
		.help = "what lines push: @JOB VALUE..., up to end JOB",
		.flags = CHP_OP_SOURCE | CHP_OP_INPUT,
		.makes = CHP_T_ANY,
	},
	.light = true,
	.open = in_open,
	.close = in_close,
	.item = in_item,
};

static struct chp_chan *input_of(struct chp_job *job)
{
	unsigned int i;

	for (i = 0; i < job->nr_stages; i++)
		if (job->stages[i].input)
			return job->stages[i].input;
	return NULL;
}

static int input_make_item(struct chp_job *job, const struct chp_arg *value,
			   struct chp_item *item)
{
	struct chp_bytes *bytes;

	*item = (struct chp_item){ };
	if (!value->is_bytes) {
		chp_item_set_num(item, value->num);
		return 0;
	}
	bytes = chp_bytes_alloc(job->owner->quota, value->len);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	memcpy(bytes->data, value->bytes, value->len);
	chp_item_set_bytes(item, bytes);
	return 0;
}

static void input_drop_items(struct chp_item *items, u32 from, u32 to)
{
	for (; from < to; from++)
		chp_item_drop(&items[from]);
}

static int input_make_items(struct chp_job *job,
			    const struct chp_stage_spec *values,
			    struct chp_item *items)
{
	int err;
	u32 i;

	for (i = 0; i < values->nr_more; i++) {
		err = input_make_item(job, &values->more[i], &items[i]);
		if (err) {
			input_drop_items(items, 0, i);
			return err;
		}
	}
	return 0;
}

/*
 * There is room for all of them, and nobody else sends. They are the job's
 * afterwards, or gone.
 */
static int input_send_items(struct chp_chan *input, struct chp_item *items,
			    u32 n)
{
	int sent = n ? chp_try_send_many(input, items, n) : 0;

	/* Only the close of the input can come in between. */
	if (sent < (int)n)
		input_drop_items(items, max(sent, 0), n);
	return sent < (int)n ? -EPIPE : 0;
}

static int input_push_values(struct chp_job *job, struct chp_chan *input,
			     const struct chp_stage_spec *values)
{
	struct chp_item *items;
	int err;

	items = kvmalloc_array(values->nr_more, sizeof(*items),
			       GFP_KERNEL_ACCOUNT);
	if (!items)
		return -ENOMEM;
	err = input_make_items(job, values, items);
	if (!err)
		err = input_send_items(input, items, values->nr_more);
	kvfree(items);
	return err;
}

static int input_explain(struct chp_job *job, int err, u32 col,
			 struct chp_reject *why)
{
	switch (err) {
	case -EPIPE:
		return chp_reject(why, err, col,
				  "job \"%s\" takes no more items", job->label);
	case -EDQUOT:
		*why = (struct chp_reject){ .err = err, .col = min(col, 1U) };
		return chp_charge_reject(why, job->owner->quota,
					 CHP_CHARGE_BYTES);
	default:
		return chp_reject(why, err, min(col, 1U), "out of memory");
	}
}

/* Under the job's lock: its stages are open as long as it has a graph. */
static int input_find(struct chp_job *job, u32 col, struct chp_reject *why,
		      struct chp_chan **input)
{
	lockdep_assert_held(&job->lock);
	if (!job->graph)
		return input_explain(job, -EPIPE, col, why);
	*input = input_of(job);
	if (*input)
		return 0;
	return chp_reject(why, -EINVAL, col,
			  "job \"%s\" does not begin with \"in\"", job->label);
}

/*
 * Whether @n items have to wait. If so, whoever takes one will tell the owner
 * when there is room for them, or was so just now.
 */
static bool input_lacks_room(struct chp_job *job, const struct chp_chan *input,
			     u32 n)
{
	lockdep_assert_held(&job->lock);
	if (input_room(input) >= n || chp_chan_closed(input))
		return false;
	WRITE_ONCE(job->wanted, job->wanted ? min(job->wanted, n) : n);
	/* The room is looked at after that; pairs with that in in_item(). */
	smp_mb();
	return input_room(input) < n;
}

static int input_prepare(struct chp_job *job, u32 n, u32 col,
			 struct chp_reject *why, struct chp_chan **input)
{
	int err = input_find(job, col, why, input);

	if (err)
		return err;
	if (n > CHP_INPUT_MAX)
		return chp_reject(why, -E2BIG, min(col, 1U),
				  "a line pushes at most %u values", CHP_INPUT_MAX);
	return input_lacks_room(job, *input, n) ? -EBUSY : 0;
}

static int input_push(struct chp_job *job, const struct chp_spec *spec,
		      struct chp_reject *why)
{
	const struct chp_stage_spec *values = &spec->stages[0];
	u32 col = spec->label_col;
	struct chp_chan *input;
	int err;

	err = input_prepare(job, values->nr_more, col, why, &input);
	if (err)
		return err;
	err = input_push_values(job, input, values);
	return err ? input_explain(job, err, col, why) : 0;
}

/**
 * chp_input_push() - push the values of a line into a job
 * @job: under the lock of its owner, so that nobody else pushes
 * @spec: of a line "@JOB VALUE..."
 * @why: filled after an error, but for -EBUSY
 *
 * Context: may sleep.
 * Return: 0; -EBUSY when there is no room for all of them now: the owner's room()
 * will tell when there is; -E2BIG when there never is; -EINVAL for a job without
 * input; -EPIPE when it takes no more; -EDQUOT; -ENOMEM.
 */
int chp_input_push(struct chp_job *job, const struct chp_spec *spec,
		   struct chp_reject *why)
{
	int err;

	mutex_lock(&job->lock);
	err = input_push(job, spec, why);
	mutex_unlock(&job->lock);
	return err;
}
EXPORT_SYMBOL_CHP_TESTS(chp_input_push);

/**
 * chp_input_push_items() - push items into a job, all of them or none
 * @job: as for chp_input_push()
 * @items: the job's afterwards, but after an error still the caller's
 * @n: of those
 * @why: filled after an error, but for -EBUSY
 *
 * Context: may sleep.
 * Return: as chp_input_push(), without the errors of memory.
 */
int chp_input_push_items(struct chp_job *job, struct chp_item *items, u32 n,
			 struct chp_reject *why)
{
	struct chp_chan *input;
	int err;

	mutex_lock(&job->lock);
	err = input_prepare(job, n, 0, why, &input);
	if (!err && chp_chan_closed(input))
		err = input_explain(job, -EPIPE, 0, why);
	/* Closed meanwhile: the job has ended, and nobody misses what was sent. */
	if (!err)
		input_send_items(input, items, n);
	mutex_unlock(&job->lock);
	return err;
}
EXPORT_SYMBOL_CHP_TESTS(chp_input_push_items);

/**
 * chp_input_end() - say that the input of a job is complete
 * @job: under the lock of its owner
 * @col: where the line names the job; 0 when it was no line
 * @why: filled after an error
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a job without input; -EPIPE when it had ended before.
 */
int chp_input_end(struct chp_job *job, u32 col, struct chp_reject *why)
{
	struct chp_chan *input;
	int err;

	mutex_lock(&job->lock);
	err = input_find(job, col, why, &input);
	if (!err && chp_close(input))
		err = input_explain(job, -EPIPE, col, why);
	mutex_unlock(&job->lock);
	return err;
}
EXPORT_SYMBOL_CHP_TESTS(chp_input_end);
