/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin ends the link by itself. Its hooks run in the middle of pppd's negotiation, where a
 * lower layer that vanishes is not expected; so LCP is closed by a timer that is due at once: pppd
 * looks at timers before it reads the next frame, so nothing is agreed on in between.
 */
#include "end.h"

#include <string.h>

#include "compat.h"
#include "l2tpd/plugin.h"

/*
 * The only one of which radius.so makes NAS-Request: "traffic limit", which pppd.h names only where
 * that is built in.
 */
#define STATUS_NAS_REQUEST 20

static int ordered;		       /* the status is that one for RADIUS's sake */
static char closing[PLUGIN_WORDS_MAX]; /* pppd keeps a pointer to it */

static void close_link(void *unused)
{
	lcp_close(0, closing);
}

void end_link(int code, const char *reason)
{
	if (closing[0])
		return;
	strlcpy(closing, reason, sizeof(closing));
	error("l2tpd: %v", closing);
	ppp_set_status(code);
	ppp_timeout(close_link, NULL, 0, 0);
}

const char *end_reason(void)
{
	return closing;
}

void end_is_ordered(void)
{
	/* pppd sets it for a signal only, which it has forgotten by now */
	ordered = ppp_status() == EXIT_USER_REQUEST;
	if (ordered)
		ppp_set_status(STATUS_NAS_REQUEST);
}

int end_true_status(int status)
{
	return ordered && status == STATUS_NAS_REQUEST ? EXIT_USER_REQUEST : status;
}

void end_is_over(void)
{
	ppp_set_status(end_true_status(ppp_status()));
	ordered = 0;
}

void end_restart(void)
{
	ordered = 0;
	closing[0] = '\0';
}
