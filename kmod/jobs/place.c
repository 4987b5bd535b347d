// SPDX-License-Identifier: GPL-2.0
/* What may stand where in a job, and what types of items arrive there. */
#ifdef __KERNEL__
#include <linux/errno.h>
#endif

#include "parser.h"

/* The stage stands where its kind allows it. */
static int check_kind(struct chp_parser *p)
{
	const struct chp_op_desc *op = p->stage.op;

	if (!p->before && !(op->flags & CHP_OP_SOURCE))
		return chp_reject(p->why, -EINVAL, p->stage.col,
				  "\"%s\" is not a source, a job begins with one such as gen 1 10",
				  op->name);
	if (p->before && op->flags & CHP_OP_SOURCE)
		return chp_reject(p->why, -EINVAL, p->stage.col,
				  "\"%s\" is a source and can only begin a job",
				  op->name);
	if (p->before && !p->types)
		return chp_reject(p->why, -EINVAL, p->stage.col,
				  "\"%s\" hands nothing on, so nothing can stand after it",
				  p->before->name);
	return 0;
}

static const char *type_name(unsigned int types)
{
	switch (types & CHP_T_ANY) {
	case CHP_T_NUM:
		return "numbers";
	case CHP_T_BYTES:
		return "byte strings";
	default:
		return "items";
	}
}

/* It takes what arrives. */
static int check_types(struct chp_parser *p)
{
	const struct chp_op_desc *op = p->stage.op;

	if (op->flags & CHP_OP_SOURCE || p->types & op->takes)
		return 0;
	return chp_reject(p->why, -EINVAL, p->stage.col,
			  "\"%s\" takes %s, but \"%s\" %s %s", op->name,
			  type_name(op->takes), p->before->name,
			  p->before->makes & CHP_T_SAME ? "hands on" : "makes",
			  type_name(p->types));
}

/* Lines push into the job, not into one of its sources. */
static int check_input(struct chp_parser *p)
{
	if (!(p->stage.op->flags & CHP_OP_INPUT))
		return 0;
	if (p->has_input)
		return chp_reject(p->why, -EINVAL, p->stage.col,
				  "a job has only one \"%s\"",
				  p->stage.op->name);
	p->has_input = true;
	return 0;
}

int chp_check_place(struct chp_parser *p)
{
	int err = check_kind(p);

	if (!err)
		err = check_types(p);
	return err ? err : check_input(p);
}

/* The types that leave the stage, from those that arrive. */
unsigned int chp_types_after(const struct chp_parser *p)
{
	const struct chp_op_desc *op = p->stage.op;
	unsigned int types = op->makes & CHP_T_ANY;

	if (op->makes & CHP_T_SAME)
		types |= p->types & op->takes;
	if (op->flags & CHP_OP_SOURCE && p->value_types)
		types &= p->value_types;
	return types;
}
