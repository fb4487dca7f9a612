/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people are told about a connection: NetworkManager passes on hardly any reason, but nmcli
 * names the command that shows the journal of the connection. So messages go there, marked with its
 * UUID. Without a journal they go to stderr, which is NetworkManager's.
 */
#ifndef NM_TELL_H
#define NM_TELL_H

#include <stdbool.h>

/* Finds out where messages go: NM_VPN_LOG_LEVEL and NM_VPN_LOG_SYSLOG of NetworkManager. */
void nm_tell_init(void);
/* Also what is only for those who look for a fault. */
void nm_tell_all(bool all);
/* uuid: of the connection; NULL: of none. level: LOG_*. */
void nm_tell(const char *uuid, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
