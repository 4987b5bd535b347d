// SPDX-License-Identifier: GPL-2.0
/* Calls that may wait, made by a thread or by a task. */
#include <linux/slab.h>
#include "../../kmod/core/task.h"
#include "callers.h"

static int caller_done(struct chp_caller *caller, int result)
{
	caller->result = result;
	chp_test_raise(&caller->done);
	return 0;
}

static int caller_thread(struct chp_ctx *ctx, void *data)
{
	struct chp_caller *caller = data;

	caller->thread = current;
	chp_test_raise(&caller->begun);
	return caller_done(caller, caller->kind->call(ctx, caller));
}

static int caller_step(struct chp_task *task)
{
	struct chp_caller *caller = container_of(task, struct chp_caller, task);
	int err;

	if (caller->begun)
		return caller_done(caller, chp_task_result(task));
	chp_test_raise(&caller->begun);
	err = caller->kind->park(task, caller);
	return err == -EINPROGRESS ? err : caller_done(caller, err);
}

struct chp_caller *chp_caller_start(struct kunit *test, struct chp_group *group,
				    const struct chp_caller_kind *kind,
				    enum chp_form form, void *arg, u64 units)
{
	struct chp_caller *caller;
	int err;

	caller = kunit_kzalloc(test, sizeof(*caller), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, caller);
	chp_test_group_finish(test, group);
	caller->kind = kind;
	caller->form = form;
	caller->arg = arg;
	caller->units = units;
	chp_task_init(&caller->task, caller_step, NULL);
	if (form == CHP_TASK)
		err = chp_task_start(&caller->task, group);
	else
		err = chp_go(group, "caller", caller_thread, caller);
	KUNIT_ASSERT_EQ(test, err, 0);
	return caller;
}

bool chp_caller_done(const struct chp_caller *caller)
{
	return chp_test_raised(&caller->done);
}

/*
 * Between @begun and @done nothing else makes a thread idle, or parks a task.
 * The group keeps a thread's struct until the group is waited for.
 */
bool chp_caller_waits(struct chp_caller *caller)
{
	if (!chp_test_raised(&caller->begun) || chp_caller_done(caller))
		return false;
	if (caller->form == CHP_TASK)
		return atomic_read(&caller->task.run) == CHP_TASK_PARKED;
	return chp_test_sleeps(caller->thread);
}
