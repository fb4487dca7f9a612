/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Option "l2tpd-no-scripts": /etc/ppp/ip-up and its likes cost as much as the rest of a call, and
 * on most machines do nothing. pppd has options that name other ones, but each version has more of
 * them than the one before (2.4.9: two, 2.5.3: ten), and an option it does not know is an error. So
 * the variables behind them are set here, those that this pppd has; it says nothing of a script
 * that is not there, and makes no process for it. For the others it makes one, which ends before it
 * runs anything.
 *
 * An option that names a script after this one has its way; the others are run then, too, where
 * pppd has no option for them.
 */
#include "scripts.h"

#include <string.h>
#include <unistd.h>

#include "compat.h"

#define NO_SCRIPT "/nonexistent"

#define MAYBE	  __attribute__((weak)) /* NULL in a pppd that has none */
extern char path_ipup[] MAYBE, path_ipdown[] MAYBE, path_ippreup[] MAYBE;
extern char path_ipv6up[] MAYBE, path_ipv6down[] MAYBE;
extern char path_auth_up[] MAYBE, path_auth_down[] MAYBE;
extern char path_net_init[] MAYBE, path_net_preup[] MAYBE, path_net_down[] MAYBE;

static char *const paths[] = { path_ipup, path_ipdown, path_ippreup, path_ipv6up, path_ipv6down,
	path_auth_up, path_auth_down, path_net_init, path_net_preup, path_net_down };

#define PATHS (sizeof(paths) / sizeof(paths[0]))

static int none;

int scripts_none_option(char **argv)
{
	none = 1;
	for (size_t i = 0; i < PATHS; i++)
		if (paths[i])
			strcpy(paths[i], NO_SCRIPT); /* each of MAXPATHLEN */
	return 1;
}

/* A script and nothing else: there is no other process for a channel that is a socket. */
void scripts_forked(void)
{
	if (!none)
		return;
	for (size_t i = 0; i < PATHS; i++)
		if (paths[i] && strcmp(paths[i], NO_SCRIPT) != 0)
			return;
	_exit(0);
}
