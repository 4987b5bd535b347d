/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Graphs: the stages of a job at work, joined by channels as its line says. Each
 * pipe ends in a channel; those of branches are merged into one. The light stages
 * at the end are a chain, see chain.h.
 */
#ifndef CHP_JOBS_GRAPH_H
#define CHP_JOBS_GRAPH_H

#include <chanpat/group.h>
#include <chanpat/stage.h>

struct chp_chain;
struct chp_chan;
struct chp_ctx;
struct chp_job;

/**
 * struct chp_graph - the stages of a job
 * @group: owns all workers
 * @chain: the stages that the sink runs; NULL when it could not be built
 * @out: what comes before @chain sends to it; NULL when nothing does
 * @nr_stages: of @stages
 * @stages: as in the spec; NULL for an operation with branches, and for those
 *	in @chain
 */
struct chp_graph {
	struct chp_group group;
	struct chp_chain *chain;
	struct chp_chan *out;
	unsigned int nr_stages;
	struct chp_stage *stages[];
};

struct chp_graph *chp_graph_alloc(struct chp_ctx *parent, struct chp_job *job);
int chp_graph_start(struct chp_graph *graph, struct chp_job *job);
void chp_graph_wait(struct chp_graph *graph);

#endif
