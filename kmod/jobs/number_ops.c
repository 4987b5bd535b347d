// SPDX-License-Identifier: GPL-2.0
/* Operations on numbers. Overflow is an item error, never a wrong value. */
#include <linux/overflow.h>
#include "op.h"

static int number_add(struct chp_item *item, s64 n)
{
	return check_add_overflow(item->num, n, &item->num) ? -EOVERFLOW :
							      CHP_EMIT;
}

static int double_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	return number_add(item, item->num);
}

static int add_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	return number_add(item, chp_op_num(st, 0));
}

static int mul_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	return check_mul_overflow(item->num, chp_op_num(st, 0), &item->num) ?
		       -EOVERFLOW :
		       CHP_EMIT;
}

static int gt_item(struct chp_op_stage *st, struct chp_worker *worker,
		   struct chp_item *item)
{
	return item->num > chp_op_num(st, 0) ? CHP_EMIT : CHP_DROP;
}

static int lt_item(struct chp_op_stage *st, struct chp_worker *worker,
		   struct chp_item *item)
{
	return item->num < chp_op_num(st, 0) ? CHP_EMIT : CHP_DROP;
}

static int even_item(struct chp_op_stage *st, struct chp_worker *worker,
		     struct chp_item *item)
{
	return item->num & 1 ? CHP_DROP : CHP_EMIT;
}

static int odd_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	return item->num & 1 ? CHP_EMIT : CHP_DROP;
}

/* NAME, its HELP for people, and its parameters: none, or { NUMBER }. */
#define NUMBER_OP(NAME, HELP, ...)					\
	const struct chp_op chp_op_##NAME = {				\
		.desc = {						\
			.name = #NAME,					\
			.help = HELP,					\
			.takes = CHP_T_NUM,				\
			.makes = CHP_T_NUM,				\
			.params = { __VA_ARGS__ },			\
		},							\
		.item = NAME##_item,					\
	}

#define NUMBER { .name = "N", .kind = CHP_P_NUM }

NUMBER_OP(double, "twice the number");
NUMBER_OP(add, "the number plus N", NUMBER);
NUMBER_OP(mul, "the number times N", NUMBER);
NUMBER_OP(gt, "only numbers greater than N", NUMBER);
NUMBER_OP(lt, "only numbers less than N", NUMBER);
NUMBER_OP(even, "only even numbers");
NUMBER_OP(odd, "only odd numbers");
