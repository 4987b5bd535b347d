// SPDX-License-Identifier: GPL-2.0
/* Generators; see include/chanpat/generator.h. */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/generator.h>
#include <chanpat/task.h>
#include "../compat.h"
#include "../core/live.h"
#include "../core/maker.h"
#include "member.h"
#include "outlet.h"

/* Elements that a task makes before other tasks have their turn. */
#define GENERATOR_BUDGET 64

/**
 * struct generator - makes elements until it ends, and frees itself then
 * @task: unless it is a thread
 * @config: as it was given
 * @group: owns the task or thread
 * @out: holds a reference
 * @maker: makes the next element in the step of who took the last
 * @err: what the group is told at the end
 * @over: there is no next one
 * @made: @elem has been made and not been sent
 * @elem: the element in hand
 */
struct generator {
	struct chp_task task;
	struct chp_generator_config config;
	struct chp_group *group;
	struct chp_chan *out;
	struct chp_maker maker;
	int err;
	bool over;
	bool made;
	u8 elem[] __aligned(8);
};

static void generator_free(struct generator *g)
{
	chp_chan_put(g->out);
	kfree(g);
	chp_live_dec(CHP_KIND_GENERATOR);
}

static void generator_end(struct generator *g)
{
	if (g->made && g->config.drop)
		g->config.drop(g->elem);
	if (g->config.gone)
		g->config.gone(g->config.data);
	chp_close(g->out);
	generator_free(g);
}

/* False at the end. That of the context is no error, wherever it is met. */
static bool generator_make(struct generator *g)
{
	struct chp_ctx *ctx = g->group->ctx;
	int err = chp_ctx_err(ctx);

	if (!err) {
		err = g->config.next(ctx, g->config.data, g->elem);
		g->made = !err;
		if (err < 0)
			g->err = chp_member_fail(g->group, err);
	}
	g->over = err;
	return !err;
}

static bool generator_make_next(struct chp_maker *maker)
{
	struct generator *g = container_of(maker, struct generator, maker);

	g->made = false;
	return generator_make(g);
}

/* False when the reader has closed the channel, or the context has ended. */
static bool generator_sent(struct generator *g, int err)
{
	g->made = err;
	return !err;
}

/*
 * It was parked with an element in hand, unless this is its first step or it gave
 * way. What that element was is sent; there may be one more that is not.
 */
static bool generator_resume(struct generator *g)
{
	chp_maker_end(&g->maker, &g->task);
	if (g->over)
		return false;
	if (g->maker.has)
		return true;
	return !g->made || generator_sent(g, chp_task_result(&g->task));
}

/* -EINPROGRESS when it is parked; 0 when there is more to do. */
static int generator_send(struct generator *g)
{
	int err;

	g->maker.has = false;
	chp_maker_begin(&g->maker, &g->task);
	err = chp_task_send(&g->task, g->out, g->elem);
	if (err == -EINPROGRESS)
		return err;
	chp_maker_end(&g->maker, &g->task);
	return generator_sent(g, err) ? 0 : -EPIPE;
}

static int generator_step(struct chp_task *task)
{
	struct generator *g = container_of(task, struct generator, task);
	int budget = GENERATOR_BUDGET, err = 0;

	if (!generator_resume(g))
		return g->err;
	while (!err && budget--) {
		if (!g->made && !generator_make(g))
			return g->err;
		err = generator_send(g);
	}
	if (err == -EINPROGRESS)
		return err;
	return err ? g->err : -EAGAIN;
}

static void generator_gone(struct chp_task *task)
{
	generator_end(container_of(task, struct generator, task));
}

static int generator_thread(struct chp_ctx *ctx, void *arg)
{
	struct generator *g = arg;
	int err;

	while (generator_make(g) &&
	       generator_sent(g, chp_send(ctx, g->out, g->elem)))
		;
	err = g->err;
	generator_end(g);
	return err;
}

static struct generator *generator_alloc(struct chp_group *group,
					 const struct chp_generator_config *config,
					 struct chp_chan *out)
{
	struct generator *g;

	g = kzalloc(struct_size(g, elem, config->elem_size),
		    GFP_KERNEL_ACCOUNT);
	if (!g)
		return NULL;
	g->config = *config;
	g->group = group;
	g->out = chp_chan_get(out);
	g->maker.make = generator_make_next;
	chp_maker_announce(out);
	chp_task_init(&g->task, generator_step, generator_gone);
	chp_live_inc(CHP_KIND_GENERATOR);
	return g;
}

static int generator_start(struct generator *g)
{
	if (g->config.sleeps)
		return chp_go(g->group, g->config.name, generator_thread, g);
	return chp_task_start(&g->task, g->group);
}

/**
 * chp_generator() - make elements on demand
 * @group: owns the task or the thread that makes them
 * @config: copied
 *
 * In a group whose context has ended nothing is made, and the channel is
 * closed at once. Go: a function that returns a channel, and fills and closes
 * it in a goroutine.
 *
 * Context: may sleep; where @config sleeps, in a group at its limit, it waits
 * for a place.
 * Return: the channel, with one reference, which is all that there is to drop;
 * ERR_PTR(-EINVAL) without a function or for sizes beyond the limits;
 * ERR_PTR(-ENOMEM); or the error of chp_go() or chp_task_start(). After an
 * error none of @config's functions has been or will be called.
 */
struct chp_chan *chp_generator(struct chp_group *group,
			       const struct chp_generator_config *config)
{
	struct generator *g;
	struct chp_chan *out;
	int err = -ENOMEM;

	if (!config->next)
		return ERR_PTR(-EINVAL);
	out = chp_outlet_alloc(config->elem_size, config->cap, config->name,
			       config->drop);
	if (IS_ERR(out))
		return out;
	g = generator_alloc(group, config, out);
	if (!g)
		goto put;
	err = generator_start(g);
	if (!err)
		return out;
	generator_free(g);
put:
	chp_chan_put(out);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_CHP(chp_generator);
