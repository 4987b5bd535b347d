/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fan-out and fan-in: a task of its own for each element, the results merged
 * into one channel.
 *
 *	static const struct chp_stage_ops square_ops = { .item = square_item };
 *	struct chp_fan_config config = { .name = "square", .ops = &square_ops };
 *
 *	fan = chp_fan_alloc(&config, sizeof(u64), in, out);
 *	err = chp_stage_start(fan, &group);
 *	while (!chp_recv(ctx, out, &value))
 *		use(value);
 *	err = chp_group_wait(&group);
 *	chp_stage_free(fan);
 *
 * A fan is a stage, see <chanpat/stage.h>, without a number of workers. A pool
 * never has more than these alive; a fan has one for each element in flight, and
 * one that waits for the next. A limit bounds that: at the limit the fan takes no
 * more from its input. The output is closed after the last element.
 */
#ifndef CHANPAT_FAN_H
#define CHANPAT_FAN_H

#include <chanpat/stage.h>

/**
 * struct chp_fan_config - how a fan is made
 * @name: for people; of its threads too
 * @ops: what is done with an element
 * @data: for @ops
 * @limit: elements in flight at most; 0 for no limit; see chp_stage_resize()
 * @ordered: elements leave in the order in which they came
 * @sleeps: @ops block for long: a thread for each element
 */
struct chp_fan_config {
	const char *name;
	const struct chp_stage_ops *ops;
	void *data;
	unsigned int limit;
	bool ordered;
	bool sleeps;
};

struct chp_stage *chp_fan_alloc(const struct chp_fan_config *config,
				size_t elem_size, struct chp_chan *in,
				struct chp_chan *out);

#endif
