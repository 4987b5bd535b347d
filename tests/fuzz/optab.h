/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations as the job language knows them, without what they do: for tests
 * of the parser.
 */
#ifndef CHP_FUZZ_OPTAB_H
#define CHP_FUZZ_OPTAB_H

#include "../../kmod/jobs/spec.h"

#define OPTAB_NUM(word)	{ .name = (word), .kind = CHP_P_NUM }
#define OPTAB_MIN(word, least)						\
	{ .name = (word), .kind = CHP_P_NUM, .bounded = true, .min = (least) }

static const struct chp_op_desc optab[] = {
	{ "gen", "numbers from FIRST to LAST", CHP_OP_SOURCE, 0, CHP_T_NUM, {
		OPTAB_NUM("FIRST"),
		{ .name = "LAST", .kind = CHP_P_LAST },
		{ .name = "STEP", .kind = CHP_P_NUM, .optional = true },
	} },
	{ "rand", "COUNT random numbers", CHP_OP_SOURCE, 0, CHP_T_NUM, {
		OPTAB_MIN("COUNT", 0),
		OPTAB_MIN("MAX", 1),
		{ .name = "seed", .kind = CHP_P_NUM, .keyword = true,
		  .optional = true },
	} },
	{ "values", "the values", CHP_OP_SOURCE, 0, CHP_T_ANY, {
		{ .name = "V", .kind = CHP_P_VALUE, .many = true },
	} },
	{ "tick", "a number every DUR", CHP_OP_SOURCE, 0, CHP_T_NUM, {
		{ .name = "DUR", .kind = CHP_P_DUR },
		OPTAB_MIN("COUNT", 0),
	} },
	{ "lines", "the lines of a file", CHP_OP_SOURCE, 0, CHP_T_BYTES, {
		{ .name = "fd", .kind = CHP_P_FD, .keyword = true },
	} },
	{ "in", "what is pushed", CHP_OP_SOURCE | CHP_OP_INPUT, 0, CHP_T_ANY },
	{ "merge", "what its jobs make", CHP_OP_SOURCE | CHP_OP_BRANCHES },
	{ "tee", "what its branches make", CHP_OP_BRANCHES, CHP_T_ANY,
	  CHP_T_SAME },
	{ "chunks", "a file in pieces", CHP_OP_SOURCE, 0, CHP_T_BYTES, {
		{ .name = "fd", .kind = CHP_P_FD, .keyword = true },
		{ .name = "size", .kind = CHP_P_SIZE, .keyword = true,
		  .bounded = true, .min = 1 },
	} },
	{ "double", "twice the number", 0, CHP_T_NUM, CHP_T_NUM },
	{ "add", "adds N", 0, CHP_T_NUM, CHP_T_NUM, { OPTAB_NUM("N") } },
	{ "mul", "N times the number", 0, CHP_T_NUM, CHP_T_NUM, {
		OPTAB_NUM("N"),
	} },
	{ "gt", "numbers over N", 0, CHP_T_NUM, CHP_T_SAME, { OPTAB_NUM("N") } },
	{ "lt", "numbers under N", 0, CHP_T_NUM, CHP_T_SAME, { OPTAB_NUM("N") } },
	{ "even", "even numbers", 0, CHP_T_NUM, CHP_T_SAME },
	{ "odd", "odd numbers", 0, CHP_T_NUM, CHP_T_SAME },
	{ "take", "the first N items", CHP_OP_STATE, CHP_T_ANY, CHP_T_SAME, {
		OPTAB_MIN("N", 0),
	} },
	{ "count", "how many items", CHP_OP_STATE, CHP_T_ANY, CHP_T_NUM },
	{ "sum", "the sum", CHP_OP_STATE, CHP_T_NUM, CHP_T_NUM },
	{ "min", "the smallest", CHP_OP_STATE, CHP_T_NUM, CHP_T_NUM },
	{ "max", "the largest", CHP_OP_STATE, CHP_T_NUM, CHP_T_NUM },
	{ "grep", "strings with TEXT in them", 0, CHP_T_BYTES, CHP_T_SAME, {
		{ .name = "TEXT", .kind = CHP_P_BYTES, .many = true },
		{ .name = "icase", .kind = CHP_P_FLAG, .keyword = true,
		  .optional = true },
	} },
	{ "split", "the pieces", CHP_OP_STATE, CHP_T_BYTES, CHP_T_BYTES, {
		{ .name = "SEP", .kind = CHP_P_BYTES },
	} },
	{ "join", "all in one", CHP_OP_STATE, CHP_T_ANY, CHP_T_BYTES, {
		{ .name = "SEP", .kind = CHP_P_BYTES, .optional = true },
	} },
	{ "upper", "in capital letters", 0, CHP_T_BYTES, CHP_T_BYTES },
	{ "len", "the number of bytes", 0, CHP_T_BYTES, CHP_T_NUM },
	{ "crc32c", "the CRC32C", 0, CHP_T_BYTES, CHP_T_NUM },
	{ "sha256", "the SHA-256", 0, CHP_T_BYTES, CHP_T_BYTES },
	{ "sleep", "waits for DUR", 0, CHP_T_ANY, CHP_T_SAME, {
		{ .name = "DUR", .kind = CHP_P_DUR },
	} },
	{ "fail", "an error for each Nth item", 0, CHP_T_ANY, CHP_T_SAME, {
		{ .name = "every", .kind = CHP_P_NUM, .keyword = true,
		  .bounded = true, .min = 1 },
		{ .name = "errno", .kind = CHP_P_ERRNO, .keyword = true,
		  .optional = true },
	} },
	{ "null", "nothing", 0, CHP_T_ANY, 0 },
	{ "out", "to a file", CHP_OP_STATE, CHP_T_ANY, 0, {
		{ .name = "fd", .kind = CHP_P_FD, .keyword = true },
		{ .name = "raw", .kind = CHP_P_FLAG, .keyword = true,
		  .optional = true },
	} },
	{ }
};

static const struct chp_op_desc *optab_next(const struct chp_op_set *set,
					    const struct chp_op_desc *prev)
{
	const struct chp_op_desc *op = prev ? prev + 1 : optab;

	return op->name ? op : NULL;
}

static const struct chp_op_set optab_set = { .next = optab_next };

#endif
