/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far the dial of a link has come, in words for people. */
#ifndef DAEMON_LINK_PROGRESS_H
#define DAEMON_LINK_PROGRESS_H

#include "link.h"

#define PROGRESS_LEN 400

/* "resolving vpn.example.com", "logging in as alice"; "" where there is no dial, or it is over. */
void progress_of(const struct link *link, char ret[static PROGRESS_LEN]);

#endif
