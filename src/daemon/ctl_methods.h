/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_CTL_METHODS_H
#define DAEMON_CTL_METHODS_H

#include "daemon.h"

/*
 * Read the configuration files again and follow them: running calls stay, links that are gone are
 * closed, changes of a link apply to its next call. On an error nothing changes. 0 or -errno.
 */
int daemon_reload(struct daemon *d, struct config_errors *errors);

#endif
