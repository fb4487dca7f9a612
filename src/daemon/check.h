/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "l2tpd --check": pppd is asked what it thinks of the options that it would get. */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

#include "daemon.h"

/*
 * Of every link of d->config with a profile; no part of d need be there. One line to the log for
 * each profile that pppd refuses, which names the line of "option" that it is about, if it is one.
 * False: there were such. True where pppd cannot be asked, as by others than root.
 */
bool check_pppd(struct daemon *d);

#endif
