/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answer.h"

#include "base/secret_file.h"
#include "daemon/conn/twin.h"
#include "daemon/kernel/ready.h"
#include "daemon/tap.h"
#include "kinds.h"
#include "match.h"

/* A link that only lacks "incoming" for this peer; NULL: none. */
static const char *would_take(struct daemon *d, const struct l2tp_path *path)
{
	const struct link *link;

	TAILQ_FOREACH (link, &d->links->list, entry) {
		const struct config_link *c = link->owner.config;

		if (c && !c->incoming && !c->originate && c->peer.addr.sa.sa_family &&
			l2tp_addr_in_prefix(&path->peer, &c->peer.addr, c->peer.width))
			return link->owner.name;
		if (c && !c->incoming && !c->originate && !*c->peer.host)
			return link->owner.name;
	}
	return NULL;
}

static void no_link(struct daemon *d, const struct l2tp_path *path, uint8_t *buf, size_t len)
{
	const char *name = would_take(d, path);
	char peer[L2TP_ADDR_STRLEN];
	bool last;

	l2tp_core_refuse(d->core, daemon_now(d), path, buf, len, L2TP_STOPCCN_NOT_AUTHORIZED,
		L2TP_ERR_NONE, "no link for this address");
	if (!log_may(&d->links->refused_tunnels, daemon_now(d), &last))
		return;
	if (name)
		log_notice("tunnel from %s refused: [link %s] has no \"incoming = yes\"%s",
			l2tp_addr_format(&path->peer, peer), name,
			last ? "; more will not be logged for a minute" : "");
	else
		log_notice("tunnel from %s refused: no link with \"incoming\" has this address as "
			   "\"peer\" (and, if set, its name as \"peer-hostname\")%s",
			l2tp_addr_format(&path->peer, peer),
			last ? "; more will not be logged for a minute" : "");
}

static void answer_tunnel(struct daemon *d, const struct l2tp_path *path, uint8_t *buf, size_t len,
	struct l2tp_span host)
{
	struct link *link = d->stopping ? NULL : match_tunnel(d, path, host);
	struct l2tp_tunnel_params params;
	struct why why;
	char *secret;
	bool last;

	if (!link) {
		no_link(d, path, buf, len);
		return;
	}
	if (!kernel_ready_for_peer(d)) {
		l2tp_core_refuse(d->core, daemon_now(d), path, buf, len, L2TP_STOPCCN_ERROR,
			L2TP_ERR_RESOURCES, "no data path");
		return;
	}
	twin_warn(d, path);
	if (conn_params(d, link->owner.config, link->owner.id, &params, &secret, &why) < 0) {
		if (log_may(&d->links->refused_tunnels, daemon_now(d), &last))
			log_error("%s", why.text);
		l2tp_core_refuse(d->core, daemon_now(d), path, buf, len, L2TP_STOPCCN_ERROR,
			L2TP_ERR_RESOURCES, NULL);
		return;
	}
	if (d->tap) /* before, nobody knew whose it is */
		d->tap->secret(d, buf, len, &params.secret);
	l2tp_core_accept(d->core, daemon_now(d), path, buf, len, &params);
	secret_free(secret);
}

static void no_link_for_call(struct daemon *d, const struct conn *conn, const struct l2tp_effect *e)
{
	char peer[L2TP_ADDR_STRLEN];
	bool last;

	call_refuse(d, e->tid, e->sid, L2TP_CDN_NO_FACILITY_TEMP, 0, "no free link");
	if (log_may(&d->links->refused_calls, daemon_now(d), &last))
		log_notice("call from %s (\"%s\") refused: no link takes it (max-calls reached, or "
			   "none with \"incoming\", a profile, and the secret of the tunnel for "
			   "this peer)%s",
			l2tp_addr_format(&e->path.peer, peer), conn->peer_hostname,
			last ? "; more such calls will not be logged for a minute" : "");
}

static void answer_call(struct daemon *d, const struct l2tp_effect *e)
{
	struct conn *conn = conn_find(d, e->tid);
	struct l2tp_call_params params;
	struct link *link;
	struct call *call;

	if (!conn || d->stopping) {
		call_refuse(d, e->tid, e->sid, L2TP_CDN_NO_FACILITY_TEMP, 0, "going down");
		return;
	}
	link = match_call(d, conn);
	if (!link) {
		no_link_for_call(d, conn, e);
		return;
	}
	call = call_take(d, &link->owner, conn, e);
	if (!call)
		return;
	kinds_choose(call);
	call_params(&link->owner, &params);
	params.outgoing = false;
	params.calling = params.called = NULL;
	/* told to the next LNS; there may be a password in it, so it is kept for nobody else */
	params.keep_proxy = match_forwarded(d, link->owner.config);
	l2tp_core_accept_call(d->core, daemon_now(d), e->tid, e->sid, &params);
}

static const char *answer_link_name(struct daemon *d, uint64_t cookie)
{
	const struct link *link = link_by_id(d, cookie);

	return link ? link->owner.name : "";
}

const struct policy answer_policy = {
	.want_tunnel = answer_tunnel,
	.want_call = answer_call,
	.link_name = answer_link_name,
};
