/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AddTransientLink: a link that stands in no file and lives as long as the request that made it,
 * that is, until its client closes the connection or dies. For programs that place calls for a
 * person, such as NetworkManager's service. What it was given, secrets too, is in memory only and
 * goes with it; no reload touches it and GetConfig does not show it.
 */
#ifndef DAEMON_API_TRANSIENT_H
#define DAEMON_API_TRANSIENT_H

#include "control/request.h"
#include "daemon/news.h"

/* The method; for root alone: pppd, which runs as root, obeys its option lines. */
void transient_add(struct request *request, const json_t *params, void *user);

/* Reads NEWS_LINK_UP, NEWS_LINK_FAILED and NEWS_CALL_MORE. */
void transient_read_news(struct daemon *d, const struct news *news);

#endif
