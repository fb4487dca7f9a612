/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane.h"

#include <arpa/inet.h>

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

struct plane_lane plane_lane(const struct l2tp_addr *peer)
{
	uint64_t source = 0;

	switch (peer->sa.sa_family) {
	case AF_INET:
		/* no IPv6 prefix of anybody's looks like this (ff00::/8 is multicast) */
		source = UINT64_C(0xffffffff) << 32 | ntohl(peer->in.sin_addr.s_addr);
		break;
	case AF_INET6:
		for (size_t i = 0; i < sizeof(source); i++)
			source = source << 8 | peer->in6.sin6_addr.s6_addr[i];
		break;
	}
	return (struct plane_lane){ .network = source & ~UINT64_C(0xff), .source = source };
}

void plane_close(struct plane *plane, struct plane_lane lane, int fd)
{
	struct plane_job job = { .op = PLANE_CLOSE, .lane = lane, .fd = fd };

	if (fd >= 0 && (!plane || plane_submit(plane, &job) < 0))
		process_close(fd);
}

void plane_close_leg(struct plane *plane, struct plane_lane lane, struct ppp_leg *leg)
{
	plane_close(plane, lane, leg->line);
	plane_close(plane, lane, leg->fd);
	*leg = PPP_LEG_NONE;
}
