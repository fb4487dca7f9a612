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
/* A new link starts. */
void end_restart(void);

#endif
