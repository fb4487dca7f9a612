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
 * early frames reach the channel by themselves. *ret_family: l2tp_genl_family(), for statistics.
 * *ret_drains: probe_drain(). 0 or -errno.
 */
int plane_thread_open(struct plane **ret, int *ret_family, bool *ret_drains);

#endif
