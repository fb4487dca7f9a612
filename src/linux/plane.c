/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane.h"

#include "process.h"

int plane_submit(struct plane *plane, const struct plane_job *job)
{
	return plane->backend->submit(plane, job);
}

int plane_fd(const struct plane *plane)
{
	return plane->backend->fd(plane);
}

bool plane_next(struct plane *plane, struct plane_result *ret)
{
	return plane->backend->next(plane, ret);
}

void plane_free(struct plane *plane)
{
	if (plane)
		plane->backend->free(plane);
}

void plane_close(struct plane *plane, int fd)
{
	struct plane_job job = { .op = PLANE_CLOSE, .fd = fd };

	if (fd >= 0 && (!plane || plane_submit(plane, &job) < 0))
		process_close(fd);
}

void plane_close_leg(struct plane *plane, struct ppp_leg *leg)
{
	plane_close(plane, leg->line);
	plane_close(plane, leg->fd);
	*leg = PPP_LEG_NONE;
}
