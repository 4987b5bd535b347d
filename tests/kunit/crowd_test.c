// SPDX-License-Identifier: GPL-2.0
/*
 * A million tasks, and ten thousand threads, that wait at once: as many as the
 * size of the storms and the memory allow.
 */
#include <linux/mm.h>
#include "helpers.h"
#include "suites.h"

#define PER_CHAN 1000

/**
 * struct crowd - tasks or threads that receive one value each
 * @group: owns them
 * @ch: one for each PER_CHAN of them
 * @tasks: when they are tasks
 * @n: how many
 * @waiting: those that have begun to wait; a task is parked by then, or will be
 *	before its step returns
 * @got: those that have received a value
 * @cancelled: those whose wait the context has ended
 */
struct crowd {
	struct chp_group *group;
	struct chp_chan **ch;
	struct waiting *tasks;
	unsigned int n;
	atomic_t waiting;
	atomic_t got;
	atomic_t cancelled;
};

struct waiting {
	struct chp_task task;
	struct crowd *crowd;
	bool parked;
};

static int crowd_note(struct crowd *crowd, int err)
{
	if (!err)
		atomic_inc(&crowd->got);
	else if (err == -ECANCELED)
		atomic_inc(&crowd->cancelled);
	return 0;
}

static int waiting_step(struct chp_task *task)
{
	struct waiting *w = container_of(task, struct waiting, task);
	struct crowd *crowd = w->crowd;
	struct chp_chan *ch = crowd->ch[(w - crowd->tasks) / PER_CHAN];
	int err;

	if (w->parked)
		return crowd_note(crowd, chp_task_result(task));
	err = chp_task_recv(task, ch, NULL);
	w->parked = err == -EINPROGRESS;
	atomic_inc(&crowd->waiting);
	return w->parked ? err : crowd_note(crowd, err);
}

static int waiting_thread(struct chp_ctx *ctx, void *data)
{
	struct crowd *crowd = data;
	int i = atomic_inc_return(&crowd->waiting) - 1;

	return crowd_note(crowd, chp_recv(ctx, crowd->ch[i / PER_CHAN], NULL));
}

static void free_pages_of(void *data)
{
	kvfree(data);
}

static void *crowd_array(struct kunit *test, size_t n, size_t size)
{
	void *array = kvcalloc(n, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, array);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_pages_of,
							array), 0);
	return array;
}

static void crowd_fill(struct kunit *test, struct crowd *crowd,
		       enum chp_form form)
{
	struct waiting *w;
	unsigned int i;

	for (i = 0; i < crowd->n; i++) {
		if (form == CHP_THREAD) {
			KUNIT_ASSERT_EQ(test, chp_go(crowd->group, "crowd",
						     waiting_thread, crowd), 0);
			continue;
		}
		w = &crowd->tasks[i];
		w->crowd = crowd;
		chp_task_init(&w->task, waiting_step, NULL);
		KUNIT_ASSERT_EQ(test, chp_task_start(&w->task, crowd->group), 0);
	}
}

/* The arrays go after the group has been waited for: they are made before it. */
static struct crowd *crowd_make(struct kunit *test, unsigned int n)
{
	enum chp_form form = chp_test_form(test);
	struct crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	unsigned int i, chans = DIV_ROUND_UP(n, PER_CHAN);

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	crowd->n = n;
	crowd->ch = crowd_array(test, chans, sizeof(*crowd->ch));
	if (form == CHP_TASK)
		crowd->tasks = crowd_array(test, n, sizeof(*crowd->tasks));
	for (i = 0; i < chans; i++)
		crowd->ch[i] = chp_test_chan(test, 0, 0);
	crowd->group = chp_test_group(test, NULL);
	chp_test_group_finish(test, crowd->group);
	crowd_fill(test, crowd, form);
	CHP_EVENTUALLY(test, atomic_read(&crowd->waiting) == n);
	return crowd;
}

/* Debugging makes threads and tasks several times as large. */
static unsigned int crowd_size(struct kunit *test)
{
	unsigned long n = IS_ENABLED(CONFIG_KASAN) ? min(chp_storm, 4000UL) :
						     min(chp_storm, 40000UL);

	/* Threads take no more than a quarter of what the kernel allows. */
	if (chp_test_form(test) == CHP_THREAD)
		return min(n / 4, totalram_pages() * PAGE_SIZE / THREAD_SIZE /
				  32);
	return n * 25;
}

static void all_who_wait_are_woken(struct kunit *test)
{
	struct crowd *crowd = crowd_make(test, crowd_size(test));
	unsigned int i;

	for (i = 0; i < crowd->n; i++)
		KUNIT_ASSERT_EQ(test, chp_send(NULL, crowd->ch[i / PER_CHAN],
					       NULL), 0);
	KUNIT_EXPECT_EQ(test, chp_group_wait(crowd->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd->got), crowd->n);
	kunit_info(test, "%u", crowd->n);
}

static void all_who_wait_end_with_their_context(struct kunit *test)
{
	struct crowd *crowd = crowd_make(test, crowd_size(test));

	chp_group_cancel(crowd->group);
	KUNIT_EXPECT_EQ(test, chp_group_wait(crowd->group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd->cancelled), crowd->n);
	kunit_info(test, "%u", crowd->n);
}

KUNIT_ARRAY_PARAM(form, chp_forms, chp_form_desc);

static struct kunit_case crowd_cases[] = {
	KUNIT_CASE_PARAM_ATTR(all_who_wait_are_woken, form_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	KUNIT_CASE_PARAM_ATTR(all_who_wait_end_with_their_context,
			      form_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	{}
};

struct kunit_suite chp_crowd_suite = {
	.name = "chanpat_storm_crowd",
	.init = chp_test_init,
	.test_cases = crowd_cases,
};
