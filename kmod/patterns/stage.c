// SPDX-License-Identifier: GPL-2.0
/*
 * Stages: their staff.
 *
 * A stage has as many workers as it was made with, or as it was resized to. A
 * fan has one that receives; when that has an element, it hires the next one to
 * receive and ends when its element is gone: one for each element in flight.
 *
 * Workers are counted before they run, and those that are hired later when they
 * begin, so that the one that ends as the last is the last. All of it happens
 * in process context.
 */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/group.h>
#include "../compat.h"
#include "../core/chan.h"
#include "../core/live.h"
#include "stage.h"

static struct chp_worker *stage_alloc_worker(struct chp_stage *stage)
{
	struct chp_worker *worker;

	worker = kzalloc(struct_size(worker, elem, stage->elem_size),
			 GFP_KERNEL_ACCOUNT);
	if (!worker)
		return NULL;
	worker->stage = stage;
	worker->item = stage->config.ops->item;
	worker->tail = worker;
	worker->maker.make = chp_row_make;
	worker->plain = stage->out && chp_worker_is_plain(&stage->config);
	INIT_LIST_HEAD(&worker->node);
	chp_timer_init(&worker->timer);
	return worker;
}

/* Under the lock: one more, and it runs soon. */
static void stage_count(struct chp_stage *stage, struct chp_worker *worker)
{
	list_add_tail(&worker->node, &stage->staff);
	/* Pairs with the lockless look in chp_stage_has_surplus(). */
	WRITE_ONCE(stage->alive, stage->alive + 1);
	stage->most = max(stage->most, stage->alive);
}

/* Under the lock. */
static void stage_uncount(struct chp_stage *stage)
{
	/* Pairs with the lockless look in chp_stage_has_surplus(). */
	WRITE_ONCE(stage->alive, stage->alive - 1);
}

/* Of a fan, under the lock: one more is to receive, and none is on its way. */
static bool stage_takes_receiver(const struct chp_stage *stage)
{
	return !stage->receivers && !stage->hiring && stage->alive &&
	       stage->alive < stage->target && !READ_ONCE(stage->stopped);
}

static bool stage_wants_receiver(struct chp_stage *stage)
{
	bool wants = stage_takes_receiver(stage);

	stage->hiring += wants;
	return wants;
}

/* One that was hired later begins. False when it is not needed any more. */
bool chp_stage_join(struct chp_stage *stage, struct chp_worker *worker)
{
	bool joins;

	spin_lock(&stage->lock);
	stage->hiring--;
	if (stage->config.fan) {
		joins = stage_takes_receiver(stage);
		stage->receivers |= joins;
	} else {
		joins = stage->alive && stage->alive < stage->target;
	}
	if (joins)
		stage_count(stage, worker);
	spin_unlock(&stage->lock);
	return joins;
}

/* Under the lock: one too many after a resize, or, in a fan, another receives. */
static bool stage_is_surplus(const struct chp_stage *stage, bool receives)
{
	return stage->alive > stage->target ||
	       (stage->config.fan && stage->receivers && !receives);
}

/*
 * For a worker between two elements; @receives: it was waiting for the next one.
 * True when it is one too many, and ends. Never the last one: a target is 1 at
 * least. In a fan those that are left have an element in hand, and the first that
 * has done with it receives, if nobody else does.
 */
bool chp_stage_may_leave(struct chp_stage *stage, bool receives)
{
	bool leaves;

	if (!stage->config.fan && !chp_stage_has_surplus(stage))
		return false;
	spin_lock(&stage->lock);
	leaves = stage_is_surplus(stage, receives);
	if (leaves)
		stage_uncount(stage);
	if (stage->config.fan && (!leaves || receives))
		stage->receivers = !leaves;
	spin_unlock(&stage->lock);
	return leaves;
}

/* A worker ends for good. True when it is the last one. */
bool chp_stage_leave(struct chp_stage *stage, bool receives)
{
	bool last;

	spin_lock(&stage->lock);
	stage_uncount(stage);
	if (stage->config.fan && receives)
		stage->receivers--;
	last = !stage->alive;
	spin_unlock(&stage->lock);
	return last;
}

/* A worker that may have been hired later goes; nobody else can find it. */
static void stage_free_worker(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	if (worker->hired && stage->config.ops->leave)
		stage->config.ops->leave(stage->config.data);
	kfree(worker);
}

/* A worker has ended, and its numbers stay; it may not have begun. */
void chp_stage_forget(struct chp_worker *worker)
{
	struct chp_stage *stage = worker->stage;

	spin_lock(&stage->lock);
	list_del(&worker->node);
	stage->taken += worker->taken;
	stage->sent += worker->sent;
	spin_unlock(&stage->lock);
	stage_free_worker(worker);
}

/*
 * Who is hired counts once it runs. If it never does, in a fan whoever has an
 * element in hand receives again.
 */
static int stage_start_hired(struct chp_stage *stage)
{
	struct chp_worker *worker = stage_alloc_worker(stage);
	int err;

	if (!worker)
		return -ENOMEM;
	worker->joins = true;
	worker->hired = true;
	err = chp_worker_start(worker);
	if (err)
		kfree(worker);
	return err;
}

static int stage_hire_one(struct chp_stage *stage)
{
	const struct chp_stage_ops *ops = stage->config.ops;
	int err = ops->hire ? ops->hire(stage->config.data) : 0;

	if (err)
		return err;
	err = stage_start_hired(stage);
	if (err && ops->leave)
		ops->leave(stage->config.data);
	return err;
}

static int stage_hire(struct chp_stage *stage, unsigned int n)
{
	int err = 0;

	while (n && !err) {
		err = stage_hire_one(stage);
		if (!err)
			n--;
	}
	spin_lock(&stage->lock);
	stage->hiring -= n;
	spin_unlock(&stage->lock);
	return err;
}

/* The worker of a fan that was to receive has an element. */
void chp_stage_relay(struct chp_stage *stage)
{
	bool more;

	spin_lock(&stage->lock);
	stage->receivers = 0;
	more = stage_wants_receiver(stage);
	spin_unlock(&stage->lock);
	if (more)
		stage_hire(stage, 1);
}

/* Disposes of what was sent and not received; the stage's group is over. */
void chp_stage_drain(struct chp_stage *stage)
{
	const struct chp_stage_ops *ops = stage->config.ops;

	if (!stage->out || !ops->drop)
		return;
	while (!chp_try_recv(stage->out, stage->scratch))
		ops->drop(stage->scratch);
}

static bool stage_config_is_valid(const struct chp_stage_config *config,
				  size_t elem_size, bool generates)
{
	if (elem_size > CHP_ELEM_MAX || config->workers > CHP_WORKERS_MAX)
		return false;
	if (generates)
		return config->workers == 1 && !config->fan;
	/* Who has to wait for its turn would hold what the first one needs. */
	if (config->admit && config->ordered &&
	    (config->fan || config->workers > 1))
		return false;
	return config->workers || config->fan;
}

static bool stage_fits(const struct chp_chan *ch, size_t elem_size)
{
	return !ch || ch->elem_size == elem_size;
}

static int stage_alloc_spare(struct chp_stage *stage)
{
	unsigned int n = stage->config.fan ? 1 : stage->config.workers;
	struct chp_worker *worker;

	while (n--) {
		worker = stage_alloc_worker(stage);
		if (!worker)
			return -ENOMEM;
		list_add(&worker->node, &stage->spare);
	}
	return 0;
}

static unsigned int stage_target(const struct chp_stage *stage, unsigned int n)
{
	return stage->config.fan && !n ? UINT_MAX : n;
}

/**
 * chp_stage_alloc() - make a stage
 * @config: copied
 * @elem_size: bytes of an element, on both sides
 * @in: where it receives; NULL for a generator
 * @out: where it sends, and what it closes; NULL for a pool
 *
 * Context: may sleep.
 * Return: a stage; ERR_PTR(-EINVAL) for more than CHP_WORKERS_MAX workers, for
 * none where it is no fan, a generator with more than one, several in order with
 * admission, or an element beyond CHP_ELEM_MAX or of another size than those of
 * the channels; ERR_PTR(-ENOMEM).
 */
struct chp_stage *chp_stage_alloc(const struct chp_stage_config *config,
				  size_t elem_size, struct chp_chan *in,
				  struct chp_chan *out)
{
	struct chp_stage *stage;

	if (!stage_config_is_valid(config, elem_size, !in) ||
	    !stage_fits(in, elem_size) || !stage_fits(out, elem_size))
		return ERR_PTR(-EINVAL);
	stage = kzalloc(struct_size(stage, scratch, elem_size),
			GFP_KERNEL_ACCOUNT);
	if (!stage)
		return ERR_PTR(-ENOMEM);
	stage->config = *config;
	stage->elem_size = elem_size;
	stage->ordered = config->ordered && in;
	stage->target = stage_target(stage, config->workers);
	chp_turns_init(&stage->turns);
	spin_lock_init(&stage->lock);
	INIT_LIST_HEAD(&stage->staff);
	INIT_LIST_HEAD(&stage->spare);
	stage->in = chp_chan_get(in);
	stage->out = chp_chan_get(out);
	if (out && chp_row_may_have(config))
		chp_maker_announce(out);
	chp_live_inc(CHP_KIND_STAGE);
	if (!stage_alloc_spare(stage))
		return stage;
	chp_stage_free(stage);
	return ERR_PTR(-ENOMEM);
}
EXPORT_SYMBOL_CHP(chp_stage_alloc);

/**
 * chp_stage_free() - free a stage
 * @stage: never started, or its group has been waited for; or NULL
 *
 * Context: may sleep.
 */
void chp_stage_free(struct chp_stage *stage)
{
	struct chp_worker *worker, *next;

	if (!stage)
		return;
	WARN_ON_ONCE(!list_empty(&stage->staff));
	list_for_each_entry_safe(worker, next, &stage->spare, node)
		kfree(worker);
	chp_chan_put(stage->in);
	chp_chan_put(stage->out);
	kfree(stage);
	chp_live_dec(CHP_KIND_STAGE);
}
EXPORT_SYMBOL_CHP(chp_stage_free);

/* All are counted before the first can end and take itself for the last. */
static void stage_count_spare(struct chp_stage *stage, struct list_head *first)
{
	struct chp_worker *worker, *next;

	spin_lock(&stage->lock);
	stage->receivers = stage->config.fan;
	list_for_each_entry_safe(worker, next, &stage->spare, node) {
		list_move_tail(&worker->node, first);
		WRITE_ONCE(stage->alive, stage->alive + 1);
	}
	stage->most = stage->alive;
	spin_unlock(&stage->lock);
}

/* It could not be started, nor those after it. */
static void stage_give_up(struct chp_stage *stage, struct list_head *rest)
{
	struct chp_worker *worker, *next;
	bool last = false;

	list_for_each_entry_safe(worker, next, rest, node) {
		last = chp_stage_leave(stage, true);
		list_move(&worker->node, &stage->spare);
	}
	if (last)
		chp_close(stage->out);
}

/* The head could not be started: so those that it leads never are. */
void chp_row_give_up(struct chp_worker *head)
{
	struct chp_worker *worker = head->down, *down;
	struct chp_stage *stage;
	LIST_HEAD(rest);

	for (; worker; worker = down) {
		down = worker->down;
		stage = worker->stage;
		spin_lock(&stage->lock);
		list_move(&worker->node, &rest);
		spin_unlock(&stage->lock);
		stage_give_up(stage, &rest);
	}
}

/* How many elements have left the channel. */
static u64 stage_recvs(struct chp_chan *in)
{
	unsigned long flags;
	u64 recvs;

	if (!in)
		return 0;
	raw_spin_lock_irqsave(&in->lock, flags);
	recvs = in->recvs;
	raw_spin_unlock_irqrestore(&in->lock, flags);
	return recvs;
}

/**
 * chp_stage_start() - let the workers work
 * @stage: started once
 * @group: owns them
 *
 * Context: may sleep.
 * Return: 0, or the error of chp_go() or chp_task_start(): then the caller
 * cancels the group and waits for it, since some may be at work already.
 */
int chp_stage_start(struct chp_stage *stage, struct chp_group *group)
{
	struct chp_worker *worker, *next;
	LIST_HEAD(first);
	int err;

	stage->group = group;
	stage->base = stage_recvs(stage->in);
	stage_count_spare(stage, &first);
	list_for_each_entry_safe(worker, next, &first, node) {
		spin_lock(&stage->lock);
		list_move_tail(&worker->node, &stage->staff);
		spin_unlock(&stage->lock);
		/* Who is led is started by its head. */
		err = worker->led ? 0 : chp_worker_start(worker);
		if (!err)
			continue;
		chp_row_give_up(worker);
		spin_lock(&stage->lock);
		list_move(&worker->node, &first);
		spin_unlock(&stage->lock);
		stage_give_up(stage, &first);
		return err;
	}
	return 0;
}
EXPORT_SYMBOL_CHP(chp_stage_start);

/*
 * A worker that waits for an element is told to look whether it is too many. One
 * that is about to wait looks after it has entered the queue: the lock of the
 * channel is between the two, so one of them sees the other.
 */
static int stage_set_target(struct chp_stage *stage, unsigned int target)
{
	unsigned int surplus = 0, missing = 0;

	spin_lock(&stage->lock);
	/* Pairs with the lockless look in chp_stage_has_surplus(). */
	WRITE_ONCE(stage->target, target);
	if (stage->alive > target)
		surplus = stage->alive - target;
	else if (stage->alive && stage->alive + stage->hiring < target)
		missing = target - stage->alive - stage->hiring;
	stage->hiring += missing;
	spin_unlock(&stage->lock);
	chp_chan_end_recvs(stage->in, stage, surplus, -ESHUTDOWN);
	return stage_hire(stage, missing);
}

/**
 * chp_stage_resize() - change the number of workers
 * @stage: started, and its group is not over
 * @n: how many work at the same time from now on; for a fan the limit, 0 for
 *	none
 *
 * Those that are too many finish what they have in hand; no element is lost or
 * worked on twice. A stage that has ended stays so.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a generator, or for numbers that chp_stage_alloc()
 * would refuse; -ENOMEM, or the error of chp_stage_ops.hire, or of chp_try_go()
 * where the stage sleeps: then it has more workers than before, but fewer than @n.
 */
int chp_stage_resize(struct chp_stage *stage, unsigned int n)
{
	struct chp_stage_config config = stage->config;
	bool more;

	config.workers = n;
	if (!stage->in ||
	    !stage_config_is_valid(&config, stage->elem_size, false))
		return -EINVAL;
	if (!stage->config.fan)
		return stage_set_target(stage, n);
	spin_lock(&stage->lock);
	/* Pairs with the lockless look in chp_stage_has_surplus(). */
	WRITE_ONCE(stage->target, stage_target(stage, n));
	more = stage_wants_receiver(stage);
	spin_unlock(&stage->lock);
	return more ? stage_hire(stage, 1) : 0;
}
EXPORT_SYMBOL_CHP(chp_stage_resize);

/**
 * chp_stage_stats() - look at a stage while it works
 * @stage: a stage
 * @stats: filled; the numbers are read one after the other
 *
 * Context: process.
 */
void chp_stage_stats(struct chp_stage *stage, struct chp_stage_stats *stats)
{
	const struct chp_worker *worker;

	spin_lock(&stage->lock);
	*stats = (struct chp_stage_stats){
		.workers = stage->alive,
		.most = stage->most,
		.taken = stage->taken,
		.sent = stage->sent,
	};
	list_for_each_entry(worker, &stage->staff, node) {
		/* Lone words, written by the worker; nothing is ordered. */
		stats->taken += READ_ONCE(worker->taken);
		stats->sent += READ_ONCE(worker->sent);
		stats->busy += READ_ONCE(worker->phase) != CHP_W_RECV;
	}
	spin_unlock(&stage->lock);
}
EXPORT_SYMBOL_CHP(chp_stage_stats);

/**
 * chp_stage_name() - the name that the stage was made with
 * @stage: a stage
 *
 * Context: any.
 */
const char *chp_stage_name(const struct chp_stage *stage)
{
	return stage->config.name;
}
EXPORT_SYMBOL_CHP(chp_stage_name);
