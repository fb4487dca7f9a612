/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "linux/udp.h"

/* How many words of that kind are believed: the first request, and one more try. */
#define WORDS_MAX 2u

static void close_unreachable(struct conn *conn, const char *text)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.stopccn = true,
		.result = L2TP_STOPCCN_ERROR,
		.error = L2TP_ERR_NONE };

	snprintf(reason.text, sizeof(reason.text), "%s", text);
	l2tp_core_close_tunnel(conn->daemon->core, daemon_now(conn->daemon), conn->tid, &reason);
}

/* True: it is time to give up. */
static bool enough(struct conn *conn)
{
	return conn->initiator && !conn->up_since && !conn->down &&
	       ++conn->unreachable == WORDS_MAX;
}

void reach_send_failed(struct conn *conn, const struct l2tp_addr *peer, int error)
{
	char host[L2TP_ADDR_STRLEN], text[320];

	if (error == -EAGAIN || error == -ENOBUFS || error == -ENOMEM || !enough(conn))
		return;
	l2tp_addr_format_host(peer, host);
	if (error == -ENETUNREACH || error == -EHOSTUNREACH)
		snprintf(text, sizeof(text),
			"no route to %s (%s). Is this machine connected, and has it a default "
			"route?",
			host, strerror(-error));
	else if (error == -EPERM)
		snprintf(text, sizeof(text),
			"a firewall of this machine forbids UDP to %s port %u (%s)", host,
			l2tp_addr_port(peer), strerror(-error));
	else
		snprintf(text, sizeof(text), "sending to %s port %u: %s", host,
			l2tp_addr_port(peer), strerror(-error));
	close_unreachable(conn, text);
}

static void tell(struct conn *conn, const struct udp_refusal *refusal)
{
	char host[L2TP_ADDR_STRLEN], who[L2TP_ADDR_STRLEN], text[320];
	const struct l2tp_addr *peer = &conn->path.peer;

	l2tp_addr_format_host(peer, host);
	l2tp_addr_format_host(&refusal->who, who);
	if (refusal->prohibited)
		snprintf(text, sizeof(text),
			"a firewall, %s, forbids UDP to %s port %u (ICMP prohibited)", who, host,
			l2tp_addr_port(peer));
	else if (refusal->error == ECONNREFUSED)
		snprintf(text, sizeof(text),
			"nothing listens on UDP port %u of %s (ICMP port unreachable). Is an L2TP "
			"server running there?",
			l2tp_addr_port(peer), host);
	else
		snprintf(text, sizeof(text),
			"%s cannot reach %s (ICMP: %s). Is \"peer\" right, and is it on?", who,
			host, strerror(refusal->error));
	close_unreachable(conn, text);
}

void reach_read(struct conn *conn)
{
	struct udp_refusal refusal;

	while (conn->fd >= 0 && udp_refused(conn->fd, &refusal) == 0)
		if (refusal.error != EMSGSIZE && enough(conn))
			tell(conn, &refusal);
}
