/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPP with the caller of a line before there is an LNS (RFC 2661 4.4.5): ppp/ppp_proxy.h. */
#ifndef DAEMON_ATTACH_LINE_TALK_H
#define DAEMON_ATTACH_LINE_TALK_H

#include "ppp/ppp_proxy.h"

#include "line.h"

/*
 * Open the line and talk. NEWS_LINE_KNOWN or NEWS_LINE_ENDED tells the rest. params' strings are
 * copied. 0 or -errno.
 */
int line_talk(struct line *line, const struct ppp_proxy_params *params);

#endif
