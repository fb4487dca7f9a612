/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of the plane's jobs, to the tunnels and calls that ordered them. */
#ifndef DAEMON_KERNEL_RESULTS_H
#define DAEMON_KERNEL_RESULTS_H

#include "daemon/daemon.h"

/* sd-event handler of plane_fd(); user is the daemon. */
int results_io(sd_event_source *source, int fd, uint32_t revents, void *user);

#endif
