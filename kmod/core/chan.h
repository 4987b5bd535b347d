/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_CORE_CHAN_H
#define CHP_CORE_CHAN_H

#include <chanpat/chan.h>

int chp_recv_ticket(struct chp_ctx *ctx, struct chp_chan *ch, void *elem,
		    u64 *ticket);

#endif
