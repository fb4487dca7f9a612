/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "l2tpd --check": pppd is asked what it thinks of the options that it would get. */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

#include "daemon.h"

/*
 * Of every profile of d->config that a link has; no part of d need be there. What pppd refuses is
 * added to errors, with the line of "option" that it is about, if it is one. Nothing is said where
 * pppd cannot be asked, as by others than root.
 */
void check_pppd(struct daemon *d, struct config_errors *errors);

/* The files of RADIUS clients that forwards name: read as they would be. */
void check_radius(const struct config *config, struct config_errors *errors);

#endif
