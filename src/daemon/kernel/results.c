/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results.h"

#include "daemon/call/call.h"
#include "daemon/call/leg.h"
#include "daemon/conn/conn.h"

int results_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct plane_result result;
	struct daemon *d = user;

	while (plane_next(d->plane, &result)) {
		switch (result.job.op) {
		case PLANE_TUNNEL_CREATE:
		case PLANE_TUNNEL_DELETE:
			conn_plane_result(d, &result);
			break;
		case PLANE_SESSION_CREATE:
		case PLANE_SESSION_MODIFY:
		case PLANE_LOOPBACK_OPEN:
			call_plane_result(d, &result);
			break;
		case PLANE_LEG_OPEN:
			leg_plane_result(d, &result);
			break;
		case PLANE_CLOSE:
			break;
		}
	}
	return 0;
}
