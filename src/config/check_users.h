/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "l2tpd --check" sees in the users files; the daemon itself reads them when somebody logs in.
 */
#ifndef CONFIG_CHECK_USERS_H
#define CONFIG_CHECK_USERS_H

#include <l2tpd/config.h>

/*
 * Look into the users file of every profile: may others get at it, which lines cannot be read, and
 * which are for another server than us (the second column; auth-name), so that these users could
 * never log in. A file that is not there, or that we may not read, is passed over: a configuration
 * may be checked on another machine. Of the files that pppd has for everybody in /etc/ppp only what
 * keeps all users out is told: the rest may be meant for other programs. 0, or -EINVAL with
 * "FILE:LINE: ..." in *errors, or -ENOMEM.
 */
int config_check_users(const struct config *config, struct config_errors *errors);

#endif
