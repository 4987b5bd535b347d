// SPDX-License-Identifier: GPL-2.0
/* Pipelines; see include/chanpat/pipeline.h. */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/group.h>
#include <chanpat/pipeline.h>
#include "../compat.h"
#include "stage.h"

/**
 * struct pipeline_slot - a stage to be, then a stage
 * @config: as it was added
 * @buf: capacity of the channel before it
 * @stage: NULL until the pipeline is started
 */
struct pipeline_slot {
	struct chp_stage_config config;
	unsigned int buf;
	struct chp_stage *stage;
};

/**
 * struct chp_pipeline - see include/chanpat/pipeline.h
 * @group: owns the workers of all stages
 * @elem_size: bytes of an element
 * @out: of the last stage; NULL until the pipeline is started
 * @len: slots in use
 * @max: slots
 * @slots: slot 0 is the source
 */
struct chp_pipeline {
	struct chp_group group;
	size_t elem_size;
	struct chp_chan *out;
	unsigned int len;
	unsigned int max;
	struct pipeline_slot slots[];
};

/**
 * chp_pipeline_alloc() - make an empty pipeline
 * @parent: its end cancels the pipeline; may be NULL
 * @elem_size: bytes of an element, the same from end to end
 * @max_stages: how many can be added, the source included
 *
 * Context: may sleep.
 * Return: a pipeline, which chp_pipeline_wait() frees; or ERR_PTR(-ENOMEM).
 */
struct chp_pipeline *chp_pipeline_alloc(struct chp_ctx *parent,
					size_t elem_size,
					unsigned int max_stages)
{
	struct chp_pipeline *pipeline;
	int err;

	pipeline = kvzalloc(struct_size(pipeline, slots, max_stages),
			    GFP_KERNEL_ACCOUNT);
	if (!pipeline)
		return ERR_PTR(-ENOMEM);
	err = chp_group_init(&pipeline->group, parent);
	if (err) {
		kvfree(pipeline);
		return ERR_PTR(err);
	}
	pipeline->elem_size = elem_size;
	pipeline->max = max_stages;
	return pipeline;
}
EXPORT_SYMBOL_CHP(chp_pipeline_alloc);

/**
 * chp_pipeline_add() - add a stage at the end
 * @pipeline: not started
 * @config: copied; for the first one it is the source
 * @buf: capacity of the channel before the stage; nothing to the source
 *
 * Context: any.
 * Return: 0, or -E2BIG when it is full.
 */
int chp_pipeline_add(struct chp_pipeline *pipeline,
		     const struct chp_stage_config *config, unsigned int buf)
{
	if (pipeline->len == pipeline->max)
		return -E2BIG;
	pipeline->slots[pipeline->len].config = *config;
	pipeline->slots[pipeline->len].buf = buf;
	pipeline->len++;
	return 0;
}
EXPORT_SYMBOL_CHP(chp_pipeline_add);

/* The channel behind slot @i: before the next one, or the pipeline's output. */
static struct chp_chan *pipeline_link(struct chp_pipeline *pipeline,
				      unsigned int i)
{
	bool last = i + 1 == pipeline->len;

	return chp_chan_alloc(pipeline->elem_size,
			      last ? 0 : pipeline->slots[i + 1].buf,
			      pipeline->slots[i].config.name);
}

/*
 * Stages that pass each element on at once run in one row. What is buffered is
 * between two rows.
 */
static void pipeline_make_rows(struct chp_pipeline *pipeline)
{
	struct pipeline_slot *slot = pipeline->slots, *head = NULL;

	for (; slot < pipeline->slots + pipeline->len; slot++) {
		if (!chp_row_may_have(&slot->config) ||
		    slot->config.workers != 1)
			head = NULL;
		else if (head && !slot->buf)
			chp_row_add(head->stage, slot->stage);
		else
			head = slot;
	}
}

/* Each stage holds its channels; what stays with the pipeline is the output. */
static int pipeline_build(struct chp_pipeline *pipeline)
{
	struct chp_chan *in = NULL, *out;
	struct pipeline_slot *slot;
	struct chp_stage *stage;
	unsigned int i;

	for (i = 0; i < pipeline->len; i++) {
		slot = &pipeline->slots[i];
		out = pipeline_link(pipeline, i);
		if (IS_ERR(out)) {
			chp_chan_put(in);
			return PTR_ERR(out);
		}
		stage = chp_stage_alloc(&slot->config, pipeline->elem_size, in,
					out);
		chp_chan_put(in);
		in = out;
		if (IS_ERR(stage)) {
			chp_chan_put(in);
			return PTR_ERR(stage);
		}
		slot->stage = stage;
	}
	pipeline->out = in;
	return 0;
}

/**
 * chp_pipeline_start() - let it run
 * @pipeline: with a source at least
 *
 * Context: may sleep.
 * Return: 0; -EINVAL when it is empty or a stage's configuration is wrong;
 * -ENOMEM, or the error of chp_go() where a stage sleeps. After an error the
 * pipeline is cancelled, and chp_pipeline_wait() is called as ever.
 */
int chp_pipeline_start(struct chp_pipeline *pipeline)
{
	unsigned int i;
	int err;

	if (!pipeline->len)
		return -EINVAL;
	err = pipeline_build(pipeline);
	if (!err)
		pipeline_make_rows(pipeline);
	/* The last first: a head may need those that it leads at once. */
	for (i = pipeline->len; !err && i--;)
		err = chp_stage_start(pipeline->slots[i].stage,
				      &pipeline->group);
	if (err)
		chp_pipeline_cancel(pipeline);
	return err;
}
EXPORT_SYMBOL_CHP(chp_pipeline_start);

/**
 * chp_pipeline_cancel() - end it before its source does
 * @pipeline: started or not
 *
 * Context: any.
 */
void chp_pipeline_cancel(struct chp_pipeline *pipeline)
{
	chp_group_cancel(&pipeline->group);
}
EXPORT_SYMBOL_CHP(chp_pipeline_cancel);

/**
 * chp_pipeline_wait() - wait for all stages, and let go of the pipeline
 * @pipeline: freed
 *
 * Elements that nobody has received are disposed of.
 *
 * Context: may sleep.
 * Return: the first error of a stage's function, or 0.
 */
int chp_pipeline_wait(struct chp_pipeline *pipeline)
{
	int err = chp_group_wait(&pipeline->group);
	unsigned int i;

	for (i = 0; i < pipeline->len; i++) {
		if (!pipeline->slots[i].stage)
			break;
		chp_stage_drain(pipeline->slots[i].stage);
		chp_stage_free(pipeline->slots[i].stage);
	}
	chp_chan_put(pipeline->out);
	kvfree(pipeline);
	return err;
}
EXPORT_SYMBOL_CHP(chp_pipeline_wait);

/**
 * chp_pipeline_out() - where the results come out
 * @pipeline: started
 *
 * Context: any.
 * Return: a channel that is closed when the last stage has ended. It lives as
 * long as the pipeline.
 */
struct chp_chan *chp_pipeline_out(struct chp_pipeline *pipeline)
{
	return pipeline->out;
}
EXPORT_SYMBOL_CHP(chp_pipeline_out);

/**
 * chp_pipeline_group() - the group that owns the workers
 * @pipeline: not waited for
 *
 * Context: any.
 * Return: for chp_task_join(); only chp_pipeline_wait() lets go of it.
 */
struct chp_group *chp_pipeline_group(struct chp_pipeline *pipeline)
{
	return &pipeline->group;
}
EXPORT_SYMBOL_CHP(chp_pipeline_group);

/**
 * chp_pipeline_len() - how many stages it has, the source included
 * @pipeline: a pipeline
 *
 * Context: any.
 */
unsigned int chp_pipeline_len(const struct chp_pipeline *pipeline)
{
	return pipeline->len;
}
EXPORT_SYMBOL_CHP(chp_pipeline_len);

/**
 * chp_pipeline_stats() - look at a stage while it works
 * @pipeline: a pipeline; before it is started all is zero
 * @i: which stage; 0 is the source
 * @stats: filled
 *
 * Context: process.
 */
void chp_pipeline_stats(const struct chp_pipeline *pipeline, unsigned int i,
			struct chp_stage_stats *stats)
{
	*stats = (struct chp_stage_stats){ };
	if (pipeline->slots[i].stage)
		chp_stage_stats(pipeline->slots[i].stage, stats);
}
EXPORT_SYMBOL_CHP(chp_pipeline_stats);
