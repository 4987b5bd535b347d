/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers and tickers as channels, after Go's time.After() and time.NewTicker().
 *
 * The elements are the times at which they were sent, as ktime_t of
 * CLOCK_MONOTONIC. The channel holds one; a tick that finds it full is dropped.
 * Dropping the last reference on the channel stops the clock.
 *
 *	struct chp_chan *tick = chp_ticker(10 * NSEC_PER_MSEC);
 *	ktime_t now;
 *
 *	if (IS_ERR(tick))
 *		return PTR_ERR(tick);
 *	while (!(err = chp_recv(ctx, tick, &now)))
 *		sample(now);
 *	chp_chan_put(tick);
 */
#ifndef CHANPAT_TICKER_H
#define CHANPAT_TICKER_H

#include <linux/ktime.h>
#include <linux/types.h>

#define CHP_TICK_MIN	(10 * NSEC_PER_USEC)	/* shortest period of a ticker */

struct chp_chan;

struct chp_chan *chp_after(u64 ns);
struct chp_chan *chp_ticker(u64 ns);
int chp_ticker_reset(struct chp_chan *ch, u64 ns);
bool chp_ticker_stop(struct chp_chan *ch);

#endif
