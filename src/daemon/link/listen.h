/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_LINK_LISTEN_H
#define DAEMON_LINK_LISTEN_H

#include "daemon/daemon.h"

/*
 * Open and close listeners as the links of the present configuration want them. 0 or the first
 * -errno (all logged).
 */
int listen_update(struct daemon *d);

#endif
