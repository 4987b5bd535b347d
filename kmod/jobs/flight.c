// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/xarray.h>
#include "flight.h"

static DEFINE_XARRAY_ALLOC1(flights);

/* Context: may sleep. Return: 0, or -ENOMEM. */
int chp_flight_init(struct chp_flight *flight, u32 limit)
{
	chp_sem_init(&flight->sem, limit);
	return xa_alloc(&flights, &flight->id, flight, xa_limit_32b,
			GFP_KERNEL_ACCOUNT);
}

/* No item carries its number any more. */
void chp_flight_free(struct chp_flight *flight)
{
	if (flight->id)
		xa_erase(&flights, flight->id);
	flight->id = 0;
}

/* An item with this number has ended: its flight is there, for it was counted. */
void chp_flight_end(u32 id)
{
	struct chp_flight *flight;

	if (!id)
		return;
	flight = xa_load(&flights, id);
	if (!WARN_ON_ONCE(!flight))
		chp_sem_release(&flight->sem, 1);
}
