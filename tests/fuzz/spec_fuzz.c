// SPDX-License-Identifier: GPL-2.0
/*
 * Random lines for the parser of the job language, by libFuzzer.
 *
 * Whatever the line is: no byte outside of it is read, a reject can be shown
 * to people, and what is accepted keeps every limit.
 */
#include <stdlib.h>

#include "optab.h"

#define MUST(condition)							\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "broken: %s\n", #condition);	\
			abort();					\
		}							\
	} while (0)

static const struct chp_limits wide = {
	.line = 4096, .stages = 32, .workers = 1024, .buf = 65536,
};

static const struct chp_limits narrow = {
	.line = 64, .stages = 3, .workers = 2, .buf = 1,
};

static bool is_known(const struct chp_op_desc *wanted)
{
	const struct chp_op_desc *op = NULL;

	while ((op = optab_next(&optab_set, op)))
		if (op == wanted)
			return true;
	return false;
}

/* Length of the UTF-8 character at @s, or 0; enough for what was checked. */
static size_t utf8_size(const u8 *s)
{
	size_t size = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	size_t i;

	if (s[0] > 0xf4)
		return 0;
	for (i = 1; i < size; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

static void check_reason(const char *reason)
{
	const u8 *s = (const u8 *)reason;
	size_t len = strnlen(reason, CHP_REASON_MAX);

	MUST(len > 0 && len < CHP_REASON_MAX);
	while (*s) {
		if (*s < 0x80) {
			MUST(*s >= 0x20 && *s != 0x7f);
			s++;
		} else {
			MUST(utf8_size(s));
			MUST(s[0] != 0xc2 || s[1] >= 0xa0);
			s += utf8_size(s);
		}
	}
}

static void check_reject(const struct chp_reject *why, int err, size_t len)
{
	MUST(err < 0 && why->err == err);
	MUST(err == -EINVAL || err == -ERANGE || err == -E2BIG ||
	     err == -EMSGSIZE || err == -ENOMEM);
	MUST(why->col >= 1 && why->col <= len + 1);
	check_reason(why->reason);
}

static size_t sum_of_bytes(const struct chp_arg *arg)
{
	size_t sum = 0;
	u32 i;

	if (arg->is_bytes) {
		MUST(arg->given && !arg->inf && !arg->num);
		for (i = 0; i < arg->len; i++)
			sum += (u8)arg->bytes[i];
	} else {
		MUST(!arg->bytes && !arg->len);
	}
	MUST(arg->given || (!arg->inf && !arg->num));
	return sum;
}

static size_t check_args(const struct chp_stage_spec *stage)
{
	const struct chp_param *param = stage->op->params;
	const struct chp_arg *arg = stage->args;
	size_t sum = 0;
	u32 i;

	for (; param->kind != CHP_P_END; param++, arg++) {
		MUST(arg->given || param->optional);
		MUST(!param->many || (stage->nr_more && stage->more));
		if (param->bounded)
			MUST(!arg->given || arg->num >= param->min);
		if (param->kind == CHP_P_FD)
			MUST(arg->num >= 0 && arg->num <= INT_MAX);
		if (param->kind == CHP_P_FLAG)
			MUST(param->optional && !arg->num && !arg->is_bytes);
		if (param->kind == CHP_P_DUR)
			MUST(arg->num >= 0);
		if (param->kind == CHP_P_ERRNO && arg->given)
			MUST(chp_errno_name(arg->num));
		sum += sum_of_bytes(arg);
	}
	for (i = 0; i < stage->nr_more; i++) {
		MUST(stage->more[i].given);
		sum += sum_of_bytes(&stage->more[i]);
	}
	return sum;
}

static void check_stage(const struct chp_stage_spec *stage, bool source,
			const struct chp_limits *limits)
{
	MUST(is_known(stage->op));
	MUST(!(stage->op->flags & CHP_OP_SOURCE) == !source);
	MUST(stage->fan || stage->workers >= 1);
	MUST(stage->workers <= limits->workers);
	MUST(stage->buf <= limits->buf);
	MUST(!(stage->op->flags & CHP_OP_STATE) ||
	     (stage->workers == 1 && !stage->fan));
	MUST(!source || (stage->workers == 1 && !stage->buf &&
			 !stage->ordered && !stage->fan));
	MUST(!(stage->op->flags & CHP_OP_BRANCHES) == !stage->branch);
	MUST(!stage->sem || stage->sem_len);
	check_args(stage);
}

/* Returns the stages that it has seen: each is in one branch, and only once. */
static u32 check_pipe(const struct chp_spec *spec, u32 i, bool source,
		      unsigned int depth, const struct chp_limits *limits)
{
	const struct chp_stage_spec *stage;
	u32 branch, seen = 0;

	MUST(depth <= 4);
	for (;;) {
		MUST(i < spec->nr_stages);
		stage = &spec->stages[i];
		check_stage(stage, source, limits);
		seen++;
		for (branch = stage->branch; branch;
		     branch = spec->stages[branch].sibling) {
			MUST(branch > i);
			seen += check_pipe(spec, branch, source, depth + 1,
					   limits);
		}
		MUST(!stage->next || stage->next > i);
		if (!stage->next)
			return seen;
		i = stage->next;
		source = false;
	}
}

static void check_control(const struct chp_spec *spec)
{
	MUST(spec->kind == CHP_LINE_EMPTY || spec->kind == CHP_LINE_SEM ||
	     *spec->label);
	MUST(spec->kind == CHP_LINE_CANCEL || strcmp(spec->label, "all"));
	MUST(spec->nr_stages <= 1);
	if (spec->nr_stages)
		check_args(&spec->stages[0]);
}

static void check_spec(const struct chp_spec *spec, size_t len,
		       const struct chp_limits *limits)
{
	u32 i;

	MUST(len <= limits->line + 1);
	MUST(strnlen(spec->label, CHP_LABEL_MAX) < CHP_LABEL_MAX);
	if (spec->kind != CHP_LINE_JOB) {
		check_control(spec);
		return;
	}
	MUST(strcmp(spec->label, "all"));
	MUST(spec->nr_stages <= limits->stages);
	MUST(check_pipe(spec, 0, true, 0, limits) == spec->nr_stages);
	for (i = 0; i < spec->nr_stages; i++) {
		MUST(spec->stages[i].col >= 1 && spec->stages[i].col <= len);
		MUST(!i || spec->stages[i].col > spec->stages[i - 1].col);
	}
}

/* Returns the error; the line is gone before the spec is looked at. */
static int try_line(const u8 *data, size_t size,
		    const struct chp_limits *limits, bool no_memory)
{
	struct chp_spec *spec = (void *)1;
	char *line = malloc(size ? size : 1);
	struct chp_reject why;
	int err;

	memcpy(line, data, size);
	chp_fail_alloc = no_memory ? 0 : -1;
	err = chp_spec_parse(line, size, &optab_set, limits, &spec, &why);
	free(line);
	if (err) {
		MUST(!spec);
		check_reject(&why, err, size);
	} else {
		MUST(spec && !why.err);
		check_spec(spec, size, limits);
	}
	chp_spec_free(spec);
	MUST(!chp_live_allocs);
	return err;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	int err = try_line(data, size, &wide, false);

	MUST(try_line(data, size, &wide, true) == (err ? err : -ENOMEM));
	if (err)
		MUST(try_line(data, size, &narrow, false));
	else
		try_line(data, size, &narrow, false);
	return 0;
}
