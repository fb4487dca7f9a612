/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The backend of plane.h that is used: one thread that makes the blocking kernel calls. */
#ifndef LINUX_PLANE_THREAD_H
#define LINUX_PLANE_THREAD_H

#include "plane.h"

/*
 * Takes genl over if it succeeds. bind_channel: call pppox_channel() on every new socket (see
 * probe_drain).
 */
int plane_thread_new(struct l2tp_genl *genl, bool bind_channel, struct plane **ret);
/*
 * The same with everything that has to be found out before: modules, the genl family, whether
 * early frames reach the channel by themselves. 0 or -errno.
 */
struct plane_traits {
	int family;	/* l2tp_genl_family(), for statistics */
	bool drains;	/* probe_drain() */
	bool by_socket; /* probe_by_socket() */
};
int plane_thread_open(struct plane **ret, struct plane_traits *ret_traits);

#endif
