/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of the log about peers. Anybody can cause some at any rate, so of those that have proved
 * nothing only so many are written; of others all.
 */
#ifndef DAEMON_CONN_CONN_LOG_H
#define DAEMON_CONN_CONN_LOG_H

#include <stdarg.h>

#include "conn.h"

/* Lines a minute about peers that have proved nothing. */
#define CONN_LOG_STRANGERS 40

/*
 * A line of the log about conn, or a call in it, after "PREFIX: ". Of peers that have proved
 * nothing yet only so many are written in a minute; how many more there were is said then.
 * about: what is known beside the tunnel and its peer, which are filled in.
 */
void conn_log_about(const struct conn *conn, int level, struct log_about *about, const char *prefix,
	const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));
/* The same after "tunnel TID: ". */
void conn_log(const struct conn *conn, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The peer's attempt, never established: refused or abandoned. */
void conn_log_abandoned(struct daemon *d, const struct l2tp_effect *effect);
/* How many lines about strangers were not written, now that their minute is over. */
void conn_log_unsaid(struct daemon *d);

#endif
