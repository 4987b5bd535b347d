/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pipelines: a source and stages, joined by channels.
 *
 *	struct chp_pipeline *p = chp_pipeline_alloc(ctx, sizeof(u64), 3);
 *	u64 value;
 *
 *	err = chp_pipeline_add(p, &numbers, 0);
 *	err = chp_pipeline_add(p, &square, 0);
 *	err = chp_pipeline_start(p);
 *	while (!chp_recv(ctx, chp_pipeline_out(p), &value))
 *		use(value);
 *	err = chp_pipeline_wait(p);
 *
 * Each stage closes its output when its input has ended. A reader that stops
 * early closes the pipeline's output, or cancels the pipeline.
 *
 * Stages with one worker each and no buffer between them are one task as long as
 * they pass elements on at once. They still count, fail and end one by one.
 */
#ifndef CHANPAT_PIPELINE_H
#define CHANPAT_PIPELINE_H

#include <chanpat/stage.h>

struct chp_chan;
struct chp_ctx;
struct chp_group;
struct chp_pipeline;

struct chp_pipeline *chp_pipeline_alloc(struct chp_ctx *parent,
					size_t elem_size,
					unsigned int max_stages);
int chp_pipeline_add(struct chp_pipeline *pipeline,
		     const struct chp_stage_config *config, unsigned int buf);
int chp_pipeline_start(struct chp_pipeline *pipeline);
void chp_pipeline_cancel(struct chp_pipeline *pipeline);
int chp_pipeline_wait(struct chp_pipeline *pipeline);

struct chp_chan *chp_pipeline_out(struct chp_pipeline *pipeline);
struct chp_group *chp_pipeline_group(struct chp_pipeline *pipeline);
unsigned int chp_pipeline_len(const struct chp_pipeline *pipeline);
void chp_pipeline_stats(const struct chp_pipeline *pipeline, unsigned int i,
			struct chp_stage_stats *stats);

#endif
