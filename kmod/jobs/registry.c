// SPDX-License-Identifier: GPL-2.0
/* Operations of other modules; see registry.h. */
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/string.h>
#include <chanpat/op.h>
#include "../compat.h"
#include "op.h"
#include "parser.h"
#include "registry.h"

/*
 * Not held when a job opens its stages: that may load a module, and that one may
 * register operations.
 */
static DECLARE_RWSEM(ops_lock);

/* Of struct chp_op, under @ops_lock. */
static LIST_HEAD(ops_registered);

void chp_ops_lock(void)
{
	down_read(&ops_lock);
}
EXPORT_SYMBOL_CHP_TESTS(chp_ops_lock);

void chp_ops_unlock(void)
{
	up_read(&ops_lock);
}
EXPORT_SYMBOL_CHP_TESTS(chp_ops_unlock);

/* The one after @prev, which is registered, or the first one for NULL. */
const struct chp_op_desc *chp_registry_next(const struct chp_op_desc *prev)
{
	const struct list_head *node = &ops_registered;

	lockdep_assert_held(&ops_lock);
	if (prev)
		node = &chp_op_of(prev)->node;
	if (list_is_last(node, &ops_registered))
		return NULL;
	return &list_entry(node->next, struct chp_op, node)->desc;
}

static bool name_ok(const char *name)
{
	const char *p = name;

	if (!name || !chp_is_name_start(*p))
		return false;
	for (; *p; p++)
		if (!(*p >= 'a' && *p <= 'z') && !chp_is_digit(*p) && *p != '_')
			return false;
	return p - name < CHP_LABEL_MAX;
}

/* Words that begin other lines, or stand in stages, name no operation. */
static bool name_free(const char *name)
{
	const struct chp_text text = { .at = name, .len = strlen(name) };
	const struct chp_word word = { .kind = CHP_WORD_TEXT, .all = text };

	return !chp_is_control(&word) && !chp_is_attribute(&text);
}

static bool keyword_ok(const struct chp_param *param)
{
	const struct chp_text text = { .at = param->name,
				       .len = strlen(param->name) };

	return !param->many && !chp_is_attribute(&text);
}

/* The positional ones in their order: needed, optional, many. */
static bool params_ok(const struct chp_param *param)
{
	bool optional = false, many = false;
	unsigned int i;

	for (i = 0; i < CHP_PARAM_MAX && param->kind != CHP_P_END; i++, param++) {
		if (!param->name || param->kind > CHP_P_FLAG ||
		    (param->kind == CHP_P_FLAG && !param->keyword))
			return false;
		if (param->keyword) {
			if (!keyword_ok(param))
				return false;
			continue;
		}
		if (many || (optional && !param->optional))
			return false;
		optional = param->optional;
		many = param->many;
	}
	return param->kind == CHP_P_END;
}

static bool types_ok(const struct chp_op_desc *desc)
{
	bool source = desc->flags & CHP_OP_SOURCE;

	return !(desc->takes & ~CHP_T_ANY) && !desc->takes == source &&
	       !(desc->makes & ~(CHP_T_ANY | CHP_T_SAME)) &&
	       !(source && (desc->makes & CHP_T_SAME || !desc->makes));
}

static bool op_ok(const struct chp_op *op)
{
	const struct chp_op_desc *desc = &op->desc;

	return name_ok(desc->name) && name_free(desc->name) && desc->help &&
	       (op->item || op->lacks) && params_ok(desc->params) && types_ok(desc) &&
	       !(desc->flags & ~(CHP_OP_SOURCE | CHP_OP_STATE | CHP_OP_MANY));
}

static bool name_taken(const char *name)
{
	const struct chp_op_desc *desc = NULL;

	while ((desc = chp_ops.next(&chp_ops, desc)))
		if (!strcmp(desc->name, name))
			return true;
	return false;
}

/**
 * chp_op_register_owned() - what chp_op_register() does
 * @op: stays until chp_op_unregister()
 * @owner: is held while a job uses the operation
 *
 * Context: may sleep.
 * Return: 0; -EINVAL when @op->desc makes no sense; -EEXIST when there is one of
 * this name.
 */
int chp_op_register_owned(struct chp_op *op, struct module *owner)
{
	int err = -EEXIST;

	if (!op_ok(op))
		return -EINVAL;
	down_write(&ops_lock);
	if (!name_taken(op->desc.name)) {
		op->owner = owner;
		atomic_set(&op->users, 0);
		list_add_tail(&op->node, &ops_registered);
		err = 0;
	}
	up_write(&ops_lock);
	return err;
}
EXPORT_SYMBOL_CHP(chp_op_register_owned);

/**
 * chp_op_unregister() - take an operation out of the job language
 * @op: registered
 *
 * Never waits for jobs: as long as one uses the operation it stays, and lines can
 * name it. A module that is being removed is used by none, for they hold it.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY when a job uses it, or its end was not read yet.
 */
int chp_op_unregister(struct chp_op *op)
{
	int err = -EBUSY;

	down_write(&ops_lock);
	/*
	 * Falls without the lock, and rises only with it. Pairs with the release in
	 * op_put(): whoever has let go of it is done with the memory.
	 */
	if (!atomic_read_acquire(&op->users)) {
		list_del(&op->node);
		err = 0;
	}
	up_write(&ops_lock);
	return err;
}
EXPORT_SYMBOL_CHP(chp_op_unregister);

/* What the line names is built in, or held from here on. */
static bool op_get(const struct chp_op_desc *desc)
{
	struct chp_op *op = (struct chp_op *)chp_op_of(desc);

	if (!op->node.next)
		return true;
	if (!try_module_get(op->owner))
		return false;
	atomic_inc(&op->users);
	return true;
}

static void op_put(const struct chp_op_desc *desc)
{
	struct chp_op *op = (struct chp_op *)chp_op_of(desc);
	struct module *owner = op->owner;

	if (!op->node.next)
		return;
	/* Pairs with the acquire in chp_op_unregister(): the memory may go. */
	atomic_dec_return_release(&op->users);
	module_put(owner);
}

static void ops_put(struct chp_spec *spec, u32 n)
{
	while (n--)
		op_put(spec->stages[n].op);
}

static int ops_get(struct chp_spec *spec, struct chp_reject *why)
{
	struct chp_stage_spec *stage;
	u32 i;

	if (spec->kind != CHP_LINE_JOB)
		return 0;
	for (i = 0; i < spec->nr_stages; i++) {
		stage = &spec->stages[i];
		if (op_get(stage->op))
			continue;
		ops_put(spec, i);
		return chp_reject(why, -EINVAL, stage->col,
				  "the operation \"%s\" is being removed",
				  stage->op->name);
	}
	return 0;
}

/**
 * chp_ops_parse() - chp_spec_parse() with all operations that there are
 * @line: as there
 * @len: as there
 * @limits: as there
 * @spec: to be freed with chp_ops_free(), by which the operations stay
 * @why: as there
 *
 * Context: may sleep.
 * Return: as there.
 */
int chp_ops_parse(const char *line, size_t len, const struct chp_limits *limits,
		  struct chp_spec **spec, struct chp_reject *why)
{
	int err;

	chp_ops_lock();
	err = chp_spec_parse(line, len, &chp_ops, limits, spec, why);
	if (!err)
		err = ops_get(*spec, why);
	chp_ops_unlock();
	if (err) {
		chp_spec_free(*spec);
		*spec = NULL;
	}
	return err;
}
EXPORT_SYMBOL_CHP_TESTS(chp_ops_parse);

/**
 * chp_ops_free() - let go of a line and of the operations in it
 * @spec: of chp_ops_parse(), or NULL
 *
 * Context: may sleep.
 */
void chp_ops_free(struct chp_spec *spec)
{
	if (spec && spec->kind == CHP_LINE_JOB)
		ops_put(spec, spec->nr_stages);
	chp_spec_free(spec);
}
EXPORT_SYMBOL_CHP_TESTS(chp_ops_free);
