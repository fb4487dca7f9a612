/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conn_log.h"

#include <stdio.h>

void conn_log_about(const struct conn *conn, int level, struct log_about *about, const char *prefix,
	const char *fmt, va_list ap)
{
	struct daemon *d = conn->daemon;
	char text[1800], peer[L2TP_ADDR_STRLEN];
	bool last = false;

	if (!conn->proven && !log_may(&d->conns->strangers, daemon_now(d), &last))
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	about->tunnel = conn->tid;
	about->peer = l2tp_addr_format_host(&conn->path.peer, peer);
	log_write_about(level, about, "%s: %s", prefix, text);
}

void conn_log(const struct conn *conn, int level, const char *fmt, ...)
{
	struct log_about about = { .link = conn->link_name };
	char prefix[20];
	va_list ap;

	snprintf(prefix, sizeof(prefix), "tunnel %u", conn->tid);
	va_start(ap, fmt);
	conn_log_about(conn, level, &about, prefix, fmt, ap);
	va_end(ap);
}

void conn_log_unsaid(struct daemon *d)
{
	unsigned unsaid = log_unsaid(&d->conns->abandoned, daemon_now(d));

	if (unsaid)
		log_info("%u more tunnels of peers were not established", unsaid);
	unsaid = log_unsaid(&d->conns->strangers, daemon_now(d));
	if (unsaid)
		log_info("%u more lines about peers that had proved nothing were not written",
			unsaid);
}

void conn_log_abandoned(struct daemon *d, const struct l2tp_effect *e)
{
	char peer[L2TP_ADDR_STRLEN];
	bool last;

	conn_log_unsaid(d);
	if (log_may(&d->conns->abandoned, daemon_now(d), &last))
		log_info("tunnel %u from %s was not established: %s", e->tid,
			l2tp_addr_format(&e->path.peer, peer), e->reason.text);
}
