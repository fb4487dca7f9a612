/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "leg.h"

#include <errno.h>

int leg_order(struct daemon *d, struct leg_order *order, struct plane_job *job)
{
	int r;

	job->op = PLANE_LEG_OPEN;
	order->cookie = job->cookie = ++d->calls->last_leg;
	HASH_ADD(hh, d->calls->legs, cookie, sizeof(order->cookie), order);
	if (!order->hh.tbl) {
		order->cookie = 0;
		return -ENOMEM;
	}
	r = d->plane ? plane_submit(d->plane, job) : -ENODEV;
	if (r < 0)
		leg_forget(d, order);
	return r;
}

void leg_forget(struct daemon *d, struct leg_order *order)
{
	if (order->cookie)
		HASH_DEL(d->calls->legs, order);
	order->cookie = 0;
}

void leg_plane_result(struct daemon *d, struct plane_result *result)
{
	struct leg_order *order;

	HASH_FIND(hh, d->calls->legs, &result->job.cookie, sizeof(result->job.cookie), order);
	if (!order) {
		plane_close_leg(d->plane, result->job.lane, &result->leg);
		return;
	}
	leg_forget(d, order);
	order->done(order, result);
}
