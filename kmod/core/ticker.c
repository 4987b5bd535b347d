// SPDX-License-Identifier: GPL-2.0
/*
 * Timers and tickers as channels. The clock belongs to its channel, and holds
 * no reference on it: the last reference on the channel cancels the clock, and
 * waits for its callback, before the memory goes.
 */
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/slab.h>
#include <chanpat/chan.h>
#include <chanpat/ticker.h>
#include "../compat.h"
#include "chan.h"

/**
 * struct ticker - sends the time into a channel
 * @hrtimer: expires in hard interrupts
 * @period: 0 for once; changed only while @hrtimer is stopped
 * @ch: owns this
 */
struct ticker {
	struct hrtimer hrtimer;
	ktime_t period;
	struct chp_chan *ch;
};

/* A tick that nobody has taken yet stays; this one is dropped. */
static enum hrtimer_restart ticker_expired(struct hrtimer *hrtimer)
{
	struct ticker *ticker = container_of(hrtimer, struct ticker, hrtimer);
	ktime_t now = ktime_get();

	chp_try_send(ticker->ch, &now);
	if (!ticker->period)
		return HRTIMER_NORESTART;
	hrtimer_forward(hrtimer, now, ticker->period);
	return HRTIMER_RESTART;
}

static void ticker_release(void *owner)
{
	struct ticker *ticker = owner;

	hrtimer_cancel(&ticker->hrtimer);
	kfree(ticker);
}

static ktime_t ticker_time(u64 ns)
{
	return ns_to_ktime(min_t(u64, ns, KTIME_MAX));
}

static struct chp_chan *ticker_start(const char *name, u64 ns, u64 period)
{
	struct ticker *ticker = kmalloc(sizeof(*ticker), GFP_KERNEL_ACCOUNT);
	struct chp_chan *ch;

	if (!ticker)
		return ERR_PTR(-ENOMEM);
	ch = chp_chan_alloc(sizeof(ktime_t), 1, name);
	if (IS_ERR(ch)) {
		kfree(ticker);
		return ch;
	}
	ticker->ch = ch;
	ticker->period = ticker_time(period);
	chp_hrtimer_setup(&ticker->hrtimer, ticker_expired,
			  HRTIMER_MODE_REL_HARD);
	chp_chan_set_owner(ch, ticker, ticker_release);
	hrtimer_start(&ticker->hrtimer, ticker_time(ns), HRTIMER_MODE_REL_HARD);
	return ch;
}

/**
 * chp_after() - a channel from which the time can be received once
 * @ns: nanoseconds from now
 *
 * Go: After().
 *
 * Context: may sleep.
 * Return: a channel with one reference for the caller, or ERR_PTR(-ENOMEM).
 */
struct chp_chan *chp_after(u64 ns)
{
	return ticker_start("after", ns, 0);
}
EXPORT_SYMBOL_CHP(chp_after);

/**
 * chp_ticker() - a channel from which the time can be received periodically
 * @ns: nanoseconds from one tick to the next, at least CHP_TICK_MIN
 *
 * A slow receiver loses ticks; those that it gets are on time. Go: NewTicker().
 *
 * Context: may sleep.
 * Return: a channel with one reference for the caller; ERR_PTR(-EINVAL) for a
 * period that is too short; ERR_PTR(-ENOMEM).
 */
struct chp_chan *chp_ticker(u64 ns)
{
	if (ns < CHP_TICK_MIN)
		return ERR_PTR(-EINVAL);
	return ticker_start("ticker", ns, ns);
}
EXPORT_SYMBOL_CHP(chp_ticker);

/**
 * chp_ticker_stop() - stop the clock of a channel
 * @ch: made by chp_after() or chp_ticker()
 *
 * What has been sent can still be received. One caller at a time. Go: Stop().
 *
 * Context: process or softirq: waits for a running callback.
 * Return: true when it was going; false for another channel, or NULL.
 */
bool chp_ticker_stop(struct chp_chan *ch)
{
	struct ticker *ticker = chp_chan_owner(ch, ticker_release);

	return ticker && hrtimer_cancel(&ticker->hrtimer) > 0;
}
EXPORT_SYMBOL_CHP(chp_ticker_stop);

/**
 * chp_ticker_reset() - start the clock of a channel anew
 * @ch: made by chp_after() or chp_ticker(), stopped or not
 * @ns: as for the function that made it
 *
 * A time that nobody has received yet stays, and the next one is dropped while
 * it does. One caller at a time. Go: Reset().
 *
 * Context: process or softirq: waits for a running callback.
 * Return: 0; -EINVAL for another channel, NULL, or a period that is too short.
 */
int chp_ticker_reset(struct chp_chan *ch, u64 ns)
{
	struct ticker *ticker = chp_chan_owner(ch, ticker_release);

	if (!ticker || (ticker->period && ns < CHP_TICK_MIN))
		return -EINVAL;
	hrtimer_cancel(&ticker->hrtimer);
	if (ticker->period)
		ticker->period = ticker_time(ns);
	hrtimer_start(&ticker->hrtimer, ticker_time(ns), HRTIMER_MODE_REL_HARD);
	return 0;
}
EXPORT_SYMBOL_CHP(chp_ticker_reset);
