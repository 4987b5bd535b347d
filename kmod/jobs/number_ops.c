// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on numbers. Overflow is an item error, never a wrong value. A
 * division cuts off towards zero, as in C and Go; a divisor of 0 is refused
 * with the line.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
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

static int sub_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	return check_sub_overflow(item->num, chp_op_num(st, 0), &item->num) ?
		       -EOVERFLOW :
		       CHP_EMIT;
}

static int neg_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	return check_sub_overflow(0LL, item->num, &item->num) ? -EOVERFLOW :
								CHP_EMIT;
}

static int abs_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	return item->num < 0 ? neg_item(st, worker, item) : CHP_EMIT;
}

static int square_item(struct chp_op_stage *st, struct chp_worker *worker,
		       struct chp_item *item)
{
	return check_mul_overflow(item->num, item->num, &item->num) ?
		       -EOVERFLOW :
		       CHP_EMIT;
}

static int div_open(struct chp_op_stage *st, struct chp_reject *why)
{
	if (chp_op_num(st, 0))
		return 0;
	scnprintf(why->reason, sizeof(why->reason), "\"%s\" cannot divide by 0",
		  st->op->desc.name);
	return -EDOM;
}

/* The processor faults where a quotient does not fit: only by -1. */
static int div_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	s64 n = chp_op_num(st, 0);

	if (n == -1)
		return neg_item(st, worker, item);
	item->num = div64_s64(item->num, n);
	return CHP_EMIT;
}

/* What div leaves: it has the sign of the number. */
static int mod_item(struct chp_op_stage *st, struct chp_worker *worker,
		    struct chp_item *item)
{
	s64 n = chp_op_num(st, 0);

	if (n == -1)
		item->num = 0;
	else
		item->num -= div64_s64(item->num, n) * n;
	return CHP_EMIT;
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

static int ge_item(struct chp_op_stage *st, struct chp_worker *worker,
		   struct chp_item *item)
{
	return item->num >= chp_op_num(st, 0) ? CHP_EMIT : CHP_DROP;
}

static int le_item(struct chp_op_stage *st, struct chp_worker *worker,
		   struct chp_item *item)
{
	return item->num <= chp_op_num(st, 0) ? CHP_EMIT : CHP_DROP;
}

static int eq_item(struct chp_op_stage *st, struct chp_worker *worker,
		   struct chp_item *item)
{
	return item->num == chp_op_num(st, 0) ? CHP_EMIT : CHP_DROP;
}

static int ne_item(struct chp_op_stage *st, struct chp_worker *worker,
		   struct chp_item *item)
{
	return item->num != chp_op_num(st, 0) ? CHP_EMIT : CHP_DROP;
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

/* NAME, FLAGS, OPEN or NULL, HELP for people, and parameters: none, or NUMBER. */
#define NUMBER_OP_FULL(NAME, FLAGS, OPEN, HELP, ...)			\
	const struct chp_op chp_op_##NAME = {				\
		.desc = {						\
			.name = #NAME,					\
			.help = HELP,					\
			.flags = FLAGS,					\
			.takes = CHP_T_NUM,				\
			.makes = CHP_T_NUM,				\
			.params = { __VA_ARGS__ },			\
		},							\
		.open = OPEN,						\
		.light = true,						\
		.item = NAME##_item,					\
	}

#define NUMBER_OP(NAME, HELP, ...) \
	NUMBER_OP_FULL(NAME, 0, NULL, HELP, __VA_ARGS__)

#define NUMBER_FILTER(NAME, HELP, ...) \
	NUMBER_OP_FULL(NAME, CHP_OP_MANY, NULL, HELP, __VA_ARGS__)

#define NUMBER { .name = "N", .kind = CHP_P_NUM }

NUMBER_OP(double, "twice the number");
NUMBER_OP(add, "the number plus N", NUMBER);
NUMBER_OP(sub, "the number minus N", NUMBER);
NUMBER_OP(mul, "the number times N", NUMBER);
NUMBER_OP_FULL(div, 0, div_open, "the number divided by N, cut off towards zero",
	       NUMBER);
NUMBER_OP_FULL(mod, 0, div_open,
	       "what a division by N leaves, with the number's sign",
	       NUMBER);
NUMBER_OP(neg, "the number with the other sign");
NUMBER_OP(abs, "the number without its sign");
NUMBER_OP(square, "the number times itself");
NUMBER_FILTER(gt, "only numbers greater than N", NUMBER);
NUMBER_FILTER(ge, "only numbers greater than N, or N", NUMBER);
NUMBER_FILTER(lt, "only numbers less than N", NUMBER);
NUMBER_FILTER(le, "only numbers less than N, or N", NUMBER);
NUMBER_FILTER(eq, "only the number N", NUMBER);
NUMBER_FILTER(ne, "only numbers other than N", NUMBER);
NUMBER_FILTER(even, "only even numbers");
NUMBER_FILTER(odd, "only odd numbers");
