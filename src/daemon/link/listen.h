/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listeners as links with "incoming" want them. A link whose address is not there, or whose port
 * another program has, waits: it says so once (log, link->waiting) and listens when it can.
 */
#ifndef DAEMON_LINK_LISTEN_H
#define DAEMON_LINK_LISTEN_H

#include "daemon/news.h"

/*
 * Open and close listeners as the links of the present configuration want them. 0, or the first
 * -errno of a link that waits now.
 */
int listen_update(struct daemon *d);
/* Reads NEWS_NETWORK. */
void listen_read_news(struct daemon *d, const struct news *news);

#endif
