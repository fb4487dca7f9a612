/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin ends the link. */
#ifndef PPPD_PLUGIN_END_H
#define PPPD_PLUGIN_END_H

/*
 * Closes LCP as soon as pppd has control again; the peer is told reason in the Terminate-Request.
 * Only the first call counts. code: what pppd shall exit with.
 */
void end_link(int code, const char *reason);
/* What it was called with; "": it was not. */
const char *end_reason(void);
/*
 * The link begins to end. If the daemon ordered that (SIGTERM), plugins of pppd see another status
 * than that of a user's request from now on: radius.so makes NAS-Request (RFC 2866 5.10) of it.
 */
void end_is_ordered(void);
/* What the status was before that. */
int end_true_status(int status);
/* The link is down, and who wanted to know has been told: pppd exits with the true status. */
void end_is_over(void);
/* A new link starts. */
void end_restart(void);

#endif
