/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations: named functions on items, for stages of the job language. A module
 * adds its own:
 *
 *	static int scale_item(struct chp_op_stage *st, struct chp_worker *worker,
 *			      struct chp_item *item)
 *	{
 *		chp_item_to_num(item, chp_item_num(item) * chp_op_arg(st, 0));
 *		return CHP_EMIT;
 *	}
 *
 *	static struct chp_op scale = {
 *		.desc = {
 *			.name = "scale",
 *			.help = "N times the number",
 *			.takes = CHP_T_NUM,
 *			.makes = CHP_T_NUM,
 *			.params = { { .name = "N", .kind = CHP_P_NUM } },
 *		},
 *		.item = scale_item,
 *	};
 *
 *	err = chp_op_register(&scale);		// the last thing in module_init()
 *	chp_op_unregister(&scale);		// the first in module_exit()
 *
 * From then on anybody can write "gen 1 3 | scale 10". A line is refused, with the
 * column, when an item that arrives at the operation could not be of a type that
 * it takes, or when the next one does not take what it makes.
 *
 * The verdicts that @item returns are those of <chanpat/stage.h>, where also
 * chp_worker_delay(), chp_worker_ctx(), chp_worker_seq() and chp_worker_piece() are.
 * CHP_EMIT hands the item on. An operation with the flag CHP_OP_MANY can also return
 * CHP_DROP or CHP_STOP, after chp_item_drop(); CHP_LAST; and CHP_MORE, after which
 * it is called again, with the number 0, for the next piece. Without that flag
 * such a verdict makes the item an error EPROTO. A negative errno makes an error
 * in the place of the item, and the job goes on.
 *
 * Functions run in steps of tasks, in process context: they may allocate, but are
 * not to sleep for long. With @sleeps they run in threads and may. Workers of one
 * stage run at the same time; CHP_OP_STATE allows no more than one worker.
 *
 * A job that uses the operation holds its module, from the line until the job's
 * end was read.
 */
#ifndef CHANPAT_OP_H
#define CHANPAT_OP_H

#include <linux/atomic.h>
#include <linux/compiler_attributes.h>
#include <linux/list.h>
#include <linux/types.h>
#include <chanpat/op_desc.h>
#include <chanpat/stage.h>

struct chp_item;
struct chp_op_stage;
struct chp_reject;
struct module;

/**
 * struct chp_op - an operation
 * @desc: what the parser has to know
 * @state: bytes of state for a stage
 * @sleeps: @item blocks for long, so the workers are threads
 * @lacks: what it needs and the kernel was built without, such as "CONFIG_XXHASH";
 *	a line with it is refused with -EOPNOTSUPP, and @item may be NULL; NULL:
 *	nothing
 * @light: @item takes next to no time, but for a look at each byte, and returns
 *	neither CHP_MORE nor delays; neighbours of this kind at the end of a line run as one
 *	task, unless they have attributes
 * @open: in the context of the one who submits the line, may sleep; a negative
 *	errno rejects the line, with the reason of chp_op_refuse() if there is
 *	one; may be NULL
 * @close: undoes @open, after all workers have ended; may sleep; may be NULL
 * @item: as in struct chp_stage_ops; the item is of a type that @desc takes.
 *	A negative errno makes it an item error, and the stage goes on. After
 *	CHP_MORE the item is the number 0. What is kept of an input between
 *	its pieces is in the state, and @close disposes of it
 * @end: as in struct chp_stage_ops; the item is to be set, whatever it was. A
 *	negative errno makes it an item error; may be NULL
 * @owner: set by chp_op_register(), as what follows
 * @node: in the list of registered operations, under its lock
 * @users: stages of jobs that have not been let go of
 */
struct chp_op {
	struct chp_op_desc desc;
	size_t state;
	bool sleeps;
	bool light;
	const char *lacks;
	int (*open)(struct chp_op_stage *st, struct chp_reject *why);
	void (*close)(struct chp_op_stage *st);
	int (*item)(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item);
	int (*end)(struct chp_op_stage *st, struct chp_item *item);
	struct module *owner;
	struct list_head node;
	atomic_t users;
};

int chp_op_register_owned(struct chp_op *op, struct module *owner);
int chp_op_unregister(struct chp_op *op);

/**
 * chp_op_register() - add an operation to the job language
 * @op: stays until chp_op_unregister()
 *
 * Its name is made of small letters, digits and "_".
 *
 * Context: may sleep.
 * Return: 0; -EINVAL when @op->desc makes no sense; -EEXIST when there is one of
 * this name.
 */
#define chp_op_register(op)	chp_op_register_owned(op, THIS_MODULE)

/* What a line says, for an operation in it. */
bool chp_op_given(const struct chp_op_stage *st, unsigned int i);
s64 chp_op_arg(const struct chp_op_stage *st, unsigned int i);
const char *chp_op_arg_bytes(const struct chp_op_stage *st, unsigned int i,
			     size_t *len);
void *chp_op_state(const struct chp_op_stage *st);
int chp_op_fail_job(struct chp_op_stage *st, int err);
__printf(3, 4)
int chp_op_refuse(struct chp_reject *why, int err, const char *fmt, ...);

/* Items: a number or a byte string. */
bool chp_item_is_num(const struct chp_item *item);
s64 chp_item_num(const struct chp_item *item);
const void *chp_item_bytes(const struct chp_item *item, size_t *len);
void chp_item_to_num(struct chp_item *item, s64 num);
int chp_item_to_bytes(struct chp_op_stage *st, struct chp_item *item,
		      const void *data, size_t len);
void *chp_item_edit(struct chp_item *item, size_t *len);
void chp_item_drop(struct chp_item *item);

#endif
