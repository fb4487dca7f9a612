/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pppd reports and asks through our plugin (include/l2tpd/plugin.h). A pppd is a child that
 * parses what a peer sends: nothing it says is trusted further than its own call.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <l2tpd/plugin.h>

#include "linux/pppd.h"
#include "daemon/call/call.h"
#include "base/log.h"
#include "config/users.h"

/* How the plugin's LINK_DOWN starts then (src/pppd-plugin/l2tpd_plugin.c). */
#define CLOSED_BY_PEER "closed by the peer"

/* Text of peers goes to logs and terminals. */
static void copy_printable(char *dst, size_t size, const char *src)
{
	l2tp_text_copy(dst, size, l2tp_span_of(src));
}

static void answer(struct call *call, const struct plugin_msg *question, struct plugin_msg *msg)
{
	msg->type = PLUGIN_ANSWER;
	msg->number = question->number;
	if (send(call->plugin_fd, msg, sizeof(*msg), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_warning("session %u: answering pppd: %m", call->sid);
	explicit_bzero(msg, sizeof(*msg));
}

static void put_secret(struct plugin_msg *msg, const char *secret)
{
	size_t len = strlen(secret);

	if (len > sizeof(msg->answer.secret))
		return; /* longer than pppd can use: not found rather than cut */
	memcpy(msg->answer.secret, secret, len);
	msg->answer.secret_len = (uint32_t)len;
	msg->answer.found = 1;
}

static void ask_peer(struct call *call, const struct plugin_msg *question)
{
	const struct config_ppp *ppp = profile_config(call->daemon, call->link);
	struct plugin_msg msg = { 0 };
	const char *problem = NULL;
	const char *server;
	struct user_entry entry = { 0 };
	int r;

	copy_printable(call->user, sizeof(call->user), question->text);
	if (!ppp) {
		answer(call, question, &msg);
		return;
	}
	server = *ppp->auth_name		 ? ppp->auth_name
		 : *call->link->config->hostname ? call->link->config->hostname
						 : call->daemon->hostname;
	r = users_lookup(ppp->users, question->text, server, &entry, &problem);
	if (r < 0 && r != -ENOENT) {
		log_error("[ppp %s]: users: %s", ppp->name, problem ? problem : strerror(-r));
	} else if (r < 0) {
		log_notice("%s: session %u: no user \"%s\" in %s", call->link->name, call->sid,
			call->user, ppp->users);
		if (problem)
			log_warning("[ppp %s]: users: %s", ppp->name, problem);
	} else if (entry.denied) {
		log_notice(
			"%s: session %u: user \"%s\" may not log in (no address is allowed in %s)",
			call->link->name, call->sid, call->user, ppp->users);
	} else if (entry.has_address && profile_lease_address(call, ppp, entry.address) < 0) {
		log_notice("%s: session %u: the address of user \"%s\" is in use by another call",
			call->link->name, call->sid, call->user);
	} else {
		put_secret(&msg, entry.secret);
		if (entry.has_address)
			msg.answer.address = htonl(entry.address);
	}
	user_entry_clear(&entry);
	answer(call, question, &msg);
}

static void ask_own(struct call *call, const struct plugin_msg *question)
{
	const struct config_ppp *ppp = profile_config(call->daemon, call->link);
	struct plugin_msg msg = { 0 };
	char *secret = NULL;
	int r = ppp ? config_secret(ppp->password, ppp->password_file, &secret) : -ENOENT;

	if (r < 0 && ppp)
		log_error("[ppp %s]: password-file %s: %s", ppp->name, ppp->password_file,
			r == -EPERM ? "others can read it: chmod o-r it" : strerror(-r));
	if (secret)
		put_secret(&msg, secret);
	config_secret_free(secret);
	answer(call, question, &msg);
}

static void call_up(struct call *call)
{
	struct daemon *d = call->daemon;

	if (call->state != CALL_PPP)
		return;
	call->state = CALL_UP;
	/*
	 * The kernel stops numbering when a frame without a number comes, as the first ones of a
	 * LAC are that has not seen any of ours. By now it has. And the option may have changed
	 * since.
	 */
	if (call->kernel.send_seq || call->link->dataseq)
		call_set_dataseq(call, call->link->dataseq);
	call->up_since = daemon_now(d);
	ctl_event(d, "session-up", call->link, call->conn, call, NULL);
	link_call_up(call->link, call);
}

static void default_route(struct call *call, int family)
{
	const struct config_ppp *ppp = profile_config(call->daemon, call->link);
	int r;

	if (!ppp || !ppp->defaultroute)
		return;
	r = route_default_add(call->ifindex, family);
	if (r < 0)
		log_error("%s: default route through %s: %s", call->link->name, call->ifname,
			strerror(-r));
}

static void ip_up(struct call *call, const struct plugin_msg *msg)
{
	char local[INET_ADDRSTRLEN], peer[INET_ADDRSTRLEN];

	copy_printable(call->ifname, sizeof(call->ifname), msg->ip.ifname);
	call->ifindex = (int)msg->ip.ifindex;
	call->local_ip = msg->ip.local;
	call->peer_ip = msg->ip.remote;
	call->dns[0] = msg->ip.dns1;
	call->dns[1] = msg->ip.dns2;
	call->mtu = msg->ip.mtu;
	inet_ntop(AF_INET, &call->local_ip, local, sizeof(local));
	inet_ntop(AF_INET, &call->peer_ip, peer, sizeof(peer));
	log_info("%s: session %u: %s is up, %s -> %s%s%s, mtu %u", call->link->name, call->sid,
		call->ifname, local, peer, *call->user ? ", user " : "", call->user, call->mtu);
	default_route(call, AF_INET);
	call_up(call);
}

static void auth_up(struct call *call, const struct plugin_msg *msg)
{
	const struct config_ppp *ppp = profile_config(call->daemon, call->link);

	if (*msg->text) {
		copy_printable(call->user, sizeof(call->user), msg->text);
		return;
	}
	/* pppd lets a peer pass that rejects PAP if a file of its own allows an empty password */
	if (ppp && ppp->require != REQUIRE_NONE && *ppp->users) {
		call->auth_failed_here = true;
		call_close(call, "the peer did not log in");
	}
}

static bool without_ipv4(const struct call *call)
{
	const struct config_ppp *ppp = profile_config(call->daemon, call->link);

	for (size_t i = 0; ppp && i < ppp->option_len; i++)
		if (strcmp(ppp->option[i], "noip") == 0)
			return true;
	return false;
}

static void ip6_up(struct call *call, const struct plugin_msg *msg)
{
	copy_printable(call->ifname, sizeof(call->ifname), msg->ip6.ifname);
	call->ifindex = (int)if_nametoindex(call->ifname);
	call->ip6_local_id = msg->ip6.local_id;
	call->ip6_remote_id = msg->ip6.remote_id;
	call->ip6_up = true;
	log_info("%s: session %u: %s: IPv6 is up", call->link->name, call->sid, call->ifname);
	default_route(call, AF_INET6);
	/* with IPv4 refused ("option = noip") this is all there will be */
	if (without_ipv4(call))
		call_up(call);
	else if (call->state == CALL_UP && call->link->call == call)
		link_tell_owner(call->link, LINK_CHANGE_UP);
}

/* RFC 2661 6.14: of interest to a LAC with an asynchronous line; the core knows our role */
static void accm(struct call *call, const struct plugin_msg *msg)
{
	struct daemon *d = call->daemon;
	struct l2tp_session_info info;

	if (!l2tp_core_session_info(d->core, call->tid, call->sid, &info) ||
		!(info.framing_type & L2TP_FRAMING_ASYNC))
		return;
	l2tp_core_send_accm(
		d->core, daemon_now(d), call->tid, call->sid, msg->accm.send, msg->accm.recv);
}

static void handle(struct call *call, const struct plugin_msg *msg)
{
	switch ((enum plugin_msg_type)msg->type) {
	case PLUGIN_HELLO:
		if (msg->number != PLUGIN_VERSION)
			log_error("the pppd plugin %s speaks version %d, this daemon %d: install "
				  "both "
				  "from one build",
				call->daemon->config->daemon.pppd_plugin, msg->number,
				PLUGIN_VERSION);
		break;
	case PLUGIN_PHASE:
		if (strcmp(msg->text, "authenticate") == 0)
			call->ppp_layer = PPP_AUTH;
		else if (strcmp(msg->text, "network") == 0)
			call->ppp_layer = PPP_NCP;
		log_debug("session %u: pppd: phase %s", call->sid, msg->text);
		break;
	case PLUGIN_AUTH_UP:
		auth_up(call, msg);
		break;
	case PLUGIN_IP_UP:
		ip_up(call, msg);
		break;
	case PLUGIN_IP6_UP:
		ip6_up(call, msg);
		break;
	case PLUGIN_IP_DOWN:
		/* it ends, or the peer negotiates anew, as after a lost Configure-Ack */
		if (call->state == CALL_UP)
			log_info("%s: session %u: %s is down", call->link->name, call->sid,
				call->ifname);
		break;
	case PLUGIN_IP6_DOWN:
		break;
	case PLUGIN_LINK_DOWN:
		call->ppp_closed_by_peer =
			strncmp(msg->text, CLOSED_BY_PEER, strlen(CLOSED_BY_PEER)) == 0;
		/* fall through */
	case PLUGIN_EXIT:
		call->ppp_status = msg->number;
		break;
	case PLUGIN_ACCM:
		accm(call, msg);
		break;
	case PLUGIN_AUTH_FAILED:
		if (msg->number == 1)
			call->auth_failed_here = true;
		else
			call->auth_failed_there = true;
		copy_printable(call->ppp_text, sizeof(call->ppp_text), msg->text);
		break;
	case PLUGIN_ASK_PEER:
		ask_peer(call, msg);
		break;
	case PLUGIN_ASK_OWN:
		ask_own(call, msg);
		break;
	case PLUGIN_ANSWER:
		break;
	}
}

/* One message; false: none waits, or pppd closed its end. */
static bool receive(struct call *call)
{
	struct plugin_msg msg;
	ssize_t n;

	memset(&msg, 0, sizeof(msg));
	n = recv(call->plugin_fd, &msg, sizeof(msg), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		call->plugin_io = sd_event_source_disable_unref(call->plugin_io);
		return false;
	}
	if ((size_t)n < offsetof(struct plugin_msg, text))
		return true;
	/* whatever the sender did, texts end */
	msg.text[sizeof(msg.text) - 1] = '\0';
	handle(call, &msg);
	explicit_bzero(&msg, sizeof(msg));
	return true;
}

int ppp_events_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	(void)source;
	(void)fd;
	(void)revents;
	ppp_events_drain(user);
	return 0;
}

void ppp_events_drain(struct call *call)
{
	while (call->plugin_fd >= 0 && receive(call))
		;
}
