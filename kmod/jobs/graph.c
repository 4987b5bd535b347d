// SPDX-License-Identifier: GPL-2.0
/* Graphs; see graph.h. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/mux.h>
#include "../compat.h"
#include "../core/group.h"
#include "../patterns/stage.h"
#include "chain.h"
#include "graph.h"
#include "job.h"
#include "work.h"

/* Neighbours in the graph, while it is built. */
struct builder {
	struct chp_graph *graph;
	struct chp_job *job;
	u32 end;	/* the first stage of the chain */
};

static struct chp_chan *build_pipe(struct builder *b, u32 i,
				   struct chp_chan *in);

static const struct chp_stage_spec *spec_of(const struct builder *b, u32 i)
{
	return &b->job->spec->stages[i];
}

/* Items that wait behind a stage: before the next one, if there is one. */
static u32 cap_behind(const struct builder *b, u32 i)
{
	u32 next = spec_of(b, i)->next;

	return next ? spec_of(b, next)->buf : 0;
}

static struct chp_chan *build_stage(struct builder *b, u32 i,
				    struct chp_chan *in)
{
	struct chp_op_stage *st = &b->job->stages[i];
	struct chp_stage_config config;
	struct chp_stage *stage;
	struct chp_chan *out;

	chp_work_config(st, &config);
	out = chp_chan_alloc(sizeof(struct chp_item), cap_behind(b, i),
			     config.name);
	if (IS_ERR(out))
		return out;
	stage = chp_stage_alloc(&config, sizeof(struct chp_item),
				st->input ?: in, out);
	if (IS_ERR(stage)) {
		chp_chan_put(out);
		return ERR_CAST(stage);
	}
	b->graph->stages[i] = stage;
	return out;
}

static unsigned int count_branches(const struct builder *b, u32 i)
{
	unsigned int n = 0;

	for (i = spec_of(b, i)->branch; i; i = spec_of(b, i)->sibling)
		n++;
	return n;
}

static void put_all(struct chp_chan **chans, unsigned int n)
{
	while (n--)
		chp_chan_put(chans[n]);
}

/* The pipes of stage @i's branches. @ins are theirs, or NULL for sources. */
static int build_pipes(struct builder *b, u32 i, struct chp_chan **ins,
		       struct chp_chan **outs)
{
	unsigned int n = 0;
	u32 first;

	for (first = spec_of(b, i)->branch; first;
	     first = spec_of(b, first)->sibling) {
		outs[n] = build_pipe(b, first, ins ? ins[n] : NULL);
		if (IS_ERR(outs[n])) {
			int err = PTR_ERR(outs[n]);

			put_all(outs, n);
			return err;
		}
		n++;
	}
	return 0;
}

static struct chp_chan *merge_pipes(struct builder *b, u32 i,
				    struct chp_chan **outs, unsigned int n)
{
	struct chp_mux_config config = {
		.name = b->job->stages[i].op->desc.name,
		.cap = cap_behind(b, i),
		.drop = chp_work_drop,
	};

	return chp_merge(&b->graph->group, outs, n, &config);
}

static struct chp_chan *build_merge(struct builder *b, u32 i,
				    struct chp_chan **ins)
{
	unsigned int n = count_branches(b, i);
	struct chp_chan **outs, *out;
	int err;

	outs = kcalloc(n, sizeof(*outs), GFP_KERNEL_ACCOUNT);
	if (!outs)
		return ERR_PTR(-ENOMEM);
	err = build_pipes(b, i, ins, outs);
	if (err) {
		out = ERR_PTR(err);
	} else {
		out = merge_pipes(b, i, outs, n);
		put_all(outs, n);
	}
	kfree(outs);
	return out;
}

static int tee_pipes(struct builder *b, u32 i, struct chp_chan *in,
		     struct chp_chan **ins, unsigned int n)
{
	struct chp_mux_config config = {
		.name = b->job->stages[i].op->desc.name,
		.cap = spec_of(b, i)->branch ?
		       spec_of(b, spec_of(b, i)->branch)->buf : 0,
		.copy = chp_work_copy,
		.drop = chp_work_drop,
	};

	return chp_tee(&b->graph->group, in, ins, n, &config);
}

static struct chp_chan *build_tee(struct builder *b, u32 i, struct chp_chan *in)
{
	unsigned int n = count_branches(b, i);
	struct chp_chan **ins, *out;
	int err;

	ins = kcalloc(n, sizeof(*ins), GFP_KERNEL_ACCOUNT);
	if (!ins)
		return ERR_PTR(-ENOMEM);
	err = tee_pipes(b, i, in, ins, n);
	if (err) {
		out = ERR_PTR(err);
	} else {
		out = build_merge(b, i, ins);
		put_all(ins, n);
	}
	kfree(ins);
	return out;
}

static struct chp_chan *build_node(struct builder *b, u32 i,
				   struct chp_chan *in)
{
	const struct chp_op_desc *desc = spec_of(b, i)->op;

	if (!(desc->flags & CHP_OP_BRANCHES))
		return build_stage(b, i, in);
	return in ? build_tee(b, i, in) : build_merge(b, i, NULL);
}

/* From stage @i to the end of its pipe, or to the chain. Each stage holds its channels. */
static struct chp_chan *build_pipe(struct builder *b, u32 i,
				   struct chp_chan *in)
{
	struct chp_chan *out;

	chp_chan_get(in);
	do {
		out = build_node(b, i, in);
		chp_chan_put(in);
		in = out;
		i = spec_of(b, i)->next;
	} while (!IS_ERR(out) && i && i != b->end);
	return out;
}

static int build_all(struct builder *b)
{
	struct chp_chan *out = b->end ? build_pipe(b, 0, NULL) : NULL;
	struct chp_chain *chain;

	if (IS_ERR(out))
		return PTR_ERR(out);
	b->graph->out = out;
	chain = chp_chain_alloc(b->job, b->end, out);
	if (IS_ERR(chain))
		return PTR_ERR(chain);
	b->graph->chain = chain;
	return 0;
}

/**
 * chp_graph_alloc() - make an empty graph
 * @parent: its end ends all
 * @job: whose stages it is for
 *
 * Context: may sleep.
 * Return: a graph, which chp_graph_wait() frees, or ERR_PTR(-ENOMEM).
 */
struct chp_graph *chp_graph_alloc(struct chp_ctx *parent, struct chp_job *job)
{
	struct chp_graph *graph;
	int err;

	graph = kvzalloc(struct_size(graph, stages, job->nr_stages),
			 GFP_KERNEL_ACCOUNT);
	if (!graph)
		return ERR_PTR(-ENOMEM);
	err = chp_group_init(&graph->group, parent);
	if (err) {
		kvfree(graph);
		return ERR_PTR(err);
	}
	/* It has no members yet. */
	chp_group_set_share(&graph->group, job->owner->share);
	graph->nr_stages = job->nr_stages;
	return graph;
}

/**
 * chp_graph_start() - build what the line says, and let it run
 * @graph: empty
 * @job: with its stages open
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM, or the error of chp_go() where a stage sleeps: then the
 * caller cancels the job; chp_graph_wait() is called as ever.
 */
int chp_graph_start(struct chp_graph *graph, struct chp_job *job)
{
	struct builder b = {
		.graph = graph,
		.job = job,
		.end = chp_chain_first(job),
	};
	unsigned int i;
	int err;

	err = build_all(&b);
	for (i = 0; !err && i < graph->nr_stages; i++)
		if (graph->stages[i])
			err = chp_stage_start(graph->stages[i], &graph->group);
	return err;
}

/**
 * chp_graph_wait() - wait for all stages, and let go of the graph
 * @graph: freed
 *
 * Items that nobody has received are disposed of.
 *
 * Context: may sleep.
 */
void chp_graph_wait(struct chp_graph *graph)
{
	unsigned int i;

	chp_group_wait(&graph->group);
	for (i = 0; i < graph->nr_stages; i++) {
		if (!graph->stages[i])
			continue;
		chp_stage_drain(graph->stages[i]);
		chp_stage_free(graph->stages[i]);
	}
	if (graph->chain)
		chp_chain_free(graph->chain);
	chp_chan_put(graph->out);
	kvfree(graph);
}
