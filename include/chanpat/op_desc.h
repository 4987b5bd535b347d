/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an operation of the job language looks like in a line: its name, its
 * parameters, and the types of the items that it takes and makes. What it does is
 * in <chanpat/op.h>.
 */
#ifndef CHANPAT_OP_DESC_H
#define CHANPAT_OP_DESC_H

#include <linux/types.h>

#define CHP_PARAM_MAX	4	/* parameters of one operation */

/* The types of items, as bits: what an operation takes and makes. */
#define CHP_T_NUM	1
#define CHP_T_BYTES	2
#define CHP_T_ANY	(CHP_T_NUM | CHP_T_BYTES)
#define CHP_T_SAME	4	/* makes what it takes */

/**
 * enum chp_param_kind - what text a parameter takes
 * @CHP_P_END: ends an operation's list of parameters
 * @CHP_P_NUM: a signed 64-bit number
 * @CHP_P_LAST: a number, or the word "inf"
 * @CHP_P_DUR: a duration, in nanoseconds; 0 is allowed
 * @CHP_P_BYTES: a word or a quoted string
 * @CHP_P_NAME: a name, as labels are; bytes
 * @CHP_P_VALUE: a number, or else a string
 * @CHP_P_FD: a file descriptor: a number from 0 to INT_MAX
 * @CHP_P_ERRNO: the name of an error, as EIO; its positive number
 * @CHP_P_SIZE: a number of bytes, as 512, 4k or 1M
 * @CHP_P_FLAG: a keyword without a value: given, or not; optional
 */
enum chp_param_kind {
	CHP_P_END,
	CHP_P_NUM,
	CHP_P_LAST,
	CHP_P_DUR,
	CHP_P_BYTES,
	CHP_P_NAME,
	CHP_P_VALUE,
	CHP_P_FD,
	CHP_P_ERRNO,
	CHP_P_SIZE,
	CHP_P_FLAG,
};

/**
 * struct chp_param - one parameter of an operation
 * @name: as the usage line shows it (FIRST), or the key of a keyword (every)
 * @kind: what text it takes
 * @keyword: written NAME=VALUE, or NAME where @kind is CHP_P_FLAG, in any
 *	place after the positional ones or between the attributes
 * @optional: may be left out; optional positional ones come last
 * @many: takes one or more words; only for the last positional one
 * @min: smallest number that makes sense (CHP_P_NUM and CHP_P_SIZE only)
 * @bounded: @min is to be looked at
 */
struct chp_param {
	const char *name;
	enum chp_param_kind kind;
	bool keyword;
	bool optional;
	bool many;
	bool bounded;
	long long min;
};

#define CHP_OP_SOURCE	1	/* stands first, and only there */
#define CHP_OP_STATE	2	/* keeps state from item to item: one worker */
#define CHP_OP_BRANCHES	4	/* is followed by { ... ; ... } */
#define CHP_OP_INPUT	8	/* a source whose items are pushed by lines */
#define CHP_OP_MANY	16	/* may make more or fewer items than it takes */

/**
 * struct chp_op_desc - what the parser has to know of an operation
 * @name: the word in the line
 * @help: one line for people
 * @flags: CHP_OP_*
 * @takes: the types that it accepts, CHP_T_* (0 for a source)
 * @makes: the types that it can hand on, CHP_T_*; 0 for a sink
 * @params: ended by one of kind CHP_P_END
 */
struct chp_op_desc {
	const char *name;
	const char *help;
	unsigned int flags;
	unsigned int takes;
	unsigned int makes;
	struct chp_param params[CHP_PARAM_MAX + 1];
};

#endif
