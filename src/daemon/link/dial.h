/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Placing the call of a link: tries all addresses of the peer, redials with back-off. Posts
 * NEWS_LINK_UP and NEWS_LINK_FAILED.
 */
#ifndef DAEMON_LINK_DIAL_H
#define DAEMON_LINK_DIAL_H

#include "link.h"

/* Start dialling; 0, or -errno with a sentence in why. Up already is success. */
int dial_open(struct link *link, struct why *why);
/* No more redials; ends all its calls. */
void dial_close(struct link *link, const char *why);
/* Reads NEWS_CALL_UP, NEWS_CALL_ENDED and NEWS_NETWORK. */
void dial_read_news(struct daemon *d, const struct news *news);

#endif
