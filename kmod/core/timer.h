/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_CORE_TIMER_H
#define CHP_CORE_TIMER_H

#include <chanpat/timer.h>

void chp_timer_init_on_stack(struct chp_timer *timer);
void chp_timer_destroy_on_stack(struct chp_timer *timer);
void chp_timer_start(struct chp_timer *timer, struct chp_wait *wait, u64 ns,
		     int result);

#endif
