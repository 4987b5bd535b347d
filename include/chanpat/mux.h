/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Multiplexing: several channels read as one, and one copied to several.
 *
 *	struct chp_chan *sources[] = { north, south };
 *	const struct chp_mux_config config = { .name = "both", .cap = 8 };
 *	struct chp_chan *both = chp_merge(group, sources, 2, &config);
 *
 *	if (IS_ERR(both))
 *		return PTR_ERR(both);
 *	while (!chp_recv(group->ctx, both, &value))
 *		use(value);
 *	chp_close(both);		// it may have stopped early
 *	chp_chan_put(both);
 *
 * chp_merge()	what comes from any input goes to the output, each in turn
 * chp_tee()	what comes from the input goes to every output
 * chp_or_done()	what comes from the input, until a context ends
 * chp_or()	nothing, but the end when the first of several channels ends
 *
 * All of them run as tasks of a group, and free themselves. The outputs are made
 * here, for elements of the inputs' size. They are closed when the inputs have
 * ended, each closed and drained, or when the group's context ends. A reader that
 * stops early closes its output; that is noticed with the next element, and then
 * the inputs are closed too, so that upstream stops. As they are when the
 * context has ended: who reads a channel through one of these reads it alone,
 * unless it says @keep.
 *
 * Nothing is lost but what is in hand when it ends early: one element, in a
 * merge one for each input. That is dropped, and so is, by who drops the last
 * reference on an output, what nobody has received from it. What has not been
 * taken from an input stays there.
 */
#ifndef CHANPAT_MUX_H
#define CHANPAT_MUX_H

#include <linux/types.h>

struct chp_chan;
struct chp_ctx;
struct chp_group;

#define CHP_MUX_MAX	65536	/* inputs of a merge or an or */
#define CHP_TEE_MAX	1024	/* outputs of a tee */

/**
 * struct chp_mux_config - how elements come from inputs to outputs
 * @name: of the outputs, for people; must live as long as they do
 * @cap: of each output, up to CHP_CAP_MAX
 * @keep: the input has other readers, or will have: it is left open when this
 *	ends early; not for a merge
 * @sleeps: @copy may sleep for long; only for a tee
 * @copy: makes @to a copy of @from, both of them to be dropped then, and returns
 *	0; or a negative errno that ends the group; NULL when bytes are enough;
 *	only for a tee
 * @drop: disposes of an element that nobody has received; may be NULL
 */
struct chp_mux_config {
	const char *name;
	unsigned int cap;
	bool keep;
	bool sleeps;
	int (*copy)(void *to, const void *from);
	void (*drop)(void *elem);
};

struct chp_chan *chp_merge(struct chp_group *group,
			   struct chp_chan *const ins[], unsigned int n,
			   const struct chp_mux_config *config);
int chp_tee(struct chp_group *group, struct chp_chan *in,
	    struct chp_chan *outs[], unsigned int n,
	    const struct chp_mux_config *config);
struct chp_chan *chp_or_done(struct chp_group *group, struct chp_ctx *ctx,
			     struct chp_chan *in,
			     const struct chp_mux_config *config);
struct chp_chan *chp_or(struct chp_group *group,
			struct chp_chan *const chans[], unsigned int n);

#endif
