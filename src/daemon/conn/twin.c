/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twin.h"

#include "base/log.h"
#include "conn_log.h"

#define MIXED "and this kernel (before 6.11) mixes up the data of two between the same ports"

void twin_warn(struct daemon *d, const struct l2tp_path *path)
{
	char peer[L2TP_ADDR_STRLEN];
	bool last;

	if (!d->conns->by_socket ||
		l2tp_core_twin(d->core, daemon_now(d), path, 0) != L2TP_TWIN_LIVES)
		return;
	if (log_may(&d->conns->twins, daemon_now(d), &last))
		log_warning("another tunnel from %s is refused: the one there is alive, " MIXED
			    ". Let the peer use another port for it%s",
			l2tp_addr_format(&path->peer, peer),
			last ? "; more will not be logged for a minute" : "");
}

bool twin_ends(struct conn *conn)
{
	struct daemon *d = conn->daemon;
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.stopccn = true,
		.result = L2TP_STOPCCN_ERROR,
		.error = L2TP_ERR_RESOURCES,
		.text = "another tunnel to this peer is up, " MIXED };
	enum l2tp_twin twin;

	if (!d->conns->by_socket)
		return false;
	twin = l2tp_core_twin(d->core, daemon_now(d), &conn->path, conn->tid);
	if (twin == L2TP_TWIN_NONE)
		return false;
	/* ours, of a link whose port is fixed, may be there since the other one failed */
	if (twin == L2TP_TWIN_ASKED && conn->initiator) {
		conn_log(conn, LOG_WARNING, "an older tunnel to this peer is not over yet, " MIXED);
		return false;
	}
	conn_log(conn, LOG_WARNING, "%s. Give one of them a port of its own (\"self\")",
		reason.text);
	l2tp_core_close_tunnel(d->core, daemon_now(d), conn->tid, &reason);
	return true;
}
