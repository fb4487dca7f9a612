/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_events.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <l2tpd/plugin.h>

#include "base/reasons.h"
#include "base/secret_file.h"
#include "config/load.h"
#include "daemon/iface.h"
#include "linux/ifaddr.h"
#include "linux/pppd_process.h"
#include "ppp_address.h"
#include "ppp_mppe.h"
#include "ppp_queue.h"
#include "ppp_routes.h"
#include "ppp_starting.h"
#include "ppp_user.h"
#include "profile.h"

/* Text of peers goes to logs and terminals. */
static void copy_printable(char *dst, size_t size, const char *src)
{
	l2tp_text_copy(dst, size, l2tp_span_of(src));
}

/* The same of a field that may have no end. */
static void copy_field(char *dst, size_t size, const char *src, size_t src_size)
{
	struct l2tp_span span = { (const uint8_t *)src, strnlen(src, src_size) };

	l2tp_text_copy(dst, size, span);
}

static void answer(struct ppp *ppp, const struct plugin_msg *question, struct plugin_msg *msg)
{
	int r;

	msg->type = PLUGIN_ANSWER;
	msg->number = question->number;
	r = pppd_send(ppp->plugin_fd, msg, sizeof(*msg));
	if (r < 0)
		call_log(ppp->call, LOG_WARNING, "answering pppd: %s", strerror(-r));
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

static void ask_peer(struct ppp *ppp, const struct plugin_msg *question)
{
	struct call *call = ppp->call;
	struct plugin_msg msg = { 0 };
	struct user_entry entry = { 0 };

	copy_printable(call->user, sizeof(call->user), question->text);
	if (ppp_user_find(ppp, question->text, &entry) == 0)
		put_secret(&msg, entry.secret);
	user_entry_clear(&entry);
	answer(ppp, question, &msg);
}

static void ask_own(struct ppp *ppp, const struct plugin_msg *question)
{
	struct call *call = ppp->call;
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);
	struct plugin_msg msg = { 0 };
	char *secret = NULL;
	int r = profile ? config_secret(profile->password, profile->password_file, &secret)
			: -ENOENT;

	if (r < 0 && profile)
		call_log(call, LOG_ERR, "[ppp %s]: password-file %s: %s", profile->name,
			profile->password_file,
			r == -EPERM ? "others can read it: chmod o-r it" : secret_file_strerror(r));
	if (secret)
		put_secret(&msg, secret);
	secret_free(secret);
	answer(ppp, question, &msg);
}

static void set_interface(struct call *call, const char *ifname, int ifindex)
{
	struct daemon *d = call->daemon;

	if (ifindex != call->ip.ifindex)
		iface_release(d, call->ip.ifindex, call);
	copy_printable(call->ip.ifname, sizeof(call->ip.ifname), ifname);
	call->ip.ifindex = ifindex;
	iface_claim(d, ifindex, call);
}

static void carries_ip(struct ppp *ppp)
{
	ppp_queue_leave(ppp);
	ppp_starting_leave(ppp);
	call_is_up(ppp->call);
}

static void ip_up(struct ppp *ppp, const struct plugin_msg *msg)
{
	struct call *call = ppp->call;
	char local[INET_ADDRSTRLEN], peer[INET_ADDRSTRLEN];

	set_interface(call, msg->ip.ifname, (int)msg->ip.ifindex);
	if (!ppp_mppe_may_pass(ppp) || !ppp_address_up(ppp, ntohl(msg->ip.remote)))
		return;
	call->ip.local = msg->ip.local;
	call->ip.peer = msg->ip.remote;
	call->ip.dns[0] = msg->ip.dns1;
	call->ip.dns[1] = msg->ip.dns2;
	call->ip.mtu = ppp->mtu = msg->ip.mtu;
	inet_ntop(AF_INET, &call->ip.local, local, sizeof(local));
	inet_ntop(AF_INET, &call->ip.peer, peer, sizeof(peer));
	call_proved(call);
	call_log(call, LOG_INFO, "%s is up, %s -> %s%s%s, mtu %u", call->ip.ifname, local, peer,
		*call->user ? ", user " : "", call->user, call->ip.mtu);
	ppp_routes_default(call, AF_INET);
	ppp_routes_nets(call, AF_INET);
	carries_ip(ppp);
}

static void auth_up(struct ppp *ppp, const struct plugin_msg *msg)
{
	struct call *call = ppp->call;
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);

	if (*msg->text) {
		copy_printable(call->user, sizeof(call->user), msg->text);
		ppp_starting_leave(ppp);
		call_proved(call);
		ppp_user_proven(ppp);
		return;
	}
	/* pppd lets a peer pass that rejects PAP if a file of its own allows an empty password */
	if (profile && profile->require != REQUIRE_NONE && *profile->users) {
		ppp->auth_failed_here = true;
		call_close(call, "the peer did not log in");
	}
}

static bool without_ipv4(const struct call *call)
{
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);

	for (size_t i = 0; profile && i < profile->option_len; i++)
		if (strcmp(profile->option[i], "noip") == 0)
			return true;
	return false;
}

static void ip6_up(struct ppp *ppp, const struct plugin_msg *msg)
{
	struct call *call = ppp->call;

	set_interface(call, msg->ip6.ifname, ifaddr_index(msg->ip6.ifname));
	if (!ppp_mppe_may_pass(ppp))
		return;
	call->ip.ip6_local_id = msg->ip6.local_id;
	call->ip.ip6_peer_id = msg->ip6.remote_id;
	call->ip.ip6_up = true;
	call_log(call, LOG_INFO, "%s: IPv6 is up", call->ip.ifname);
	ppp_routes_default(call, AF_INET6);
	ppp_routes_nets(call, AF_INET6);
	/* with IPv4 refused ("option = noip") this is all there will be */
	if (without_ipv4(call))
		carries_ip(ppp);
	else
		call_knows_more(call);
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

/* The peer's last words in LCP are quoted as the peer's. */
static void link_down(struct ppp *ppp, const struct plugin_msg *msg)
{
	char words[PLUGIN_WORDS_MAX];

	ppp->closed_by_peer = msg->down.by_peer;
	if (!msg->down.by_peer)
		copy_field(
			ppp->words, sizeof(ppp->words), msg->down.words, sizeof(msg->down.words));
	copy_field(ppp->login, sizeof(ppp->login), msg->down.login, sizeof(msg->down.login));
	copy_field(words, sizeof(words), msg->down.farewell, sizeof(msg->down.farewell));
	if (*words)
		snprintf(ppp->farewell, sizeof(ppp->farewell), "the peer said \"%s\"", words);
	copy_field(words, sizeof(words), msg->down.rejected, sizeof(msg->down.rejected));
	if (*words && !*ppp->farewell)
		snprintf(ppp->farewell, sizeof(ppp->farewell), "the peer rejected %s", words);
}

static void hello(struct ppp *ppp, const struct plugin_msg *msg)
{
	ppp_queue_step(ppp);
	if (msg->number != PLUGIN_VERSION)
		log_error("the pppd plugin %s speaks version %d, this daemon %d: install both from "
			  "one build",
			ppp->call->daemon->config->daemon.pppd_plugin, msg->number, PLUGIN_VERSION);
}

static void phase(struct ppp *ppp, const struct plugin_msg *msg)
{
	if (strcmp(msg->text, "authenticate") == 0)
		ppp->layer = PPP_AUTH;
	else if (strcmp(msg->text, "network") == 0)
		ppp->layer = PPP_NCP;
	ppp_queue_step(ppp);
	log_debug("session %u: pppd: phase %s", ppp->call->sid, msg->text);
}

/* It ends, or the peer negotiates anew, as after a lost Configure-Ack. */
static void ip_down(const struct call *call)
{
	if (call->state == CALL_UP)
		call_log(call, LOG_INFO, "%s is down", call->ip.ifname);
}

static void auth_failed(struct ppp *ppp, const struct plugin_msg *msg)
{
	const struct call *call = ppp->call;
	char peer[L2TP_ADDR_STRLEN], words[sizeof(ppp->said)];

	copy_printable(ppp->said, sizeof(ppp->said), msg->text);
	if (msg->number == 1) {
		ppp->auth_failed_here = true;
		/* one line with the address: for people, and for programs such as fail2ban */
		call_log(call, LOG_NOTICE, "login failed from %s%s%s",
			l2tp_addr_format_host(&call->conn->path.peer, peer), *ppp->said ? ": " : "",
			ppp->said);
		return;
	}
	ppp->auth_failed_there = true;
	if (reasons_mschap(ppp->said, words, sizeof(words))) {
		log_debug("session %u: MS-CHAP: %s", call->sid, ppp->said);
		snprintf(ppp->said, sizeof(ppp->said), "%s", words);
	}
}

static void handle(struct ppp *ppp, const struct plugin_msg *msg)
{
	switch ((enum plugin_msg_type)msg->type) {
	case PLUGIN_HELLO:
		hello(ppp, msg);
		break;
	case PLUGIN_PHASE:
		phase(ppp, msg);
		break;
	case PLUGIN_AUTH_UP:
		auth_up(ppp, msg);
		break;
	case PLUGIN_IP_UP:
		ip_up(ppp, msg);
		break;
	case PLUGIN_IP6_UP:
		ip6_up(ppp, msg);
		break;
	case PLUGIN_IP_DOWN:
		ip_down(ppp->call);
		break;
	case PLUGIN_IP6_DOWN:
		break;
	case PLUGIN_LINK_DOWN:
		link_down(ppp, msg);
		/* fall through */
	case PLUGIN_EXIT:
		ppp->status = msg->number;
		break;
	case PLUGIN_ACCM:
		accm(ppp->call, msg);
		break;
	case PLUGIN_AUTH_FAILED:
		auth_failed(ppp, msg);
		break;
	case PLUGIN_ASK_PEER:
		ask_peer(ppp, msg);
		break;
	case PLUGIN_ASK_OWN:
		ask_own(ppp, msg);
		break;
	case PLUGIN_ASK_ADDRESS:
		ppp_address_asked(ppp, msg);
		break;
	case PLUGIN_CCP:
		ppp_mppe_ccp(ppp, msg);
		break;
	case PLUGIN_ANSWER:
	case PLUGIN_GRANT:
		break;
	}
}

/* One message; false: none waits, or pppd closed its end. */
static bool take_message(struct ppp *ppp)
{
	struct plugin_msg msg;
	ssize_t n;

	memset(&msg, 0, sizeof(msg));
	n = pppd_receive(ppp->plugin_fd, &msg, sizeof(msg));
	if (n == -EAGAIN)
		return false;
	if (n <= 0) {
		ppp->plugin_io = sd_event_source_disable_unref(ppp->plugin_io);
		return false;
	}
	if ((size_t)n < offsetof(struct plugin_msg, text))
		return true;
	/* whatever the sender did, texts end */
	if (msg.type == PLUGIN_ASK_ADDRESS)
		msg.ask.user[sizeof(msg.ask.user) - 1] = '\0';
	else
		msg.text[sizeof(msg.text) - 1] = '\0';
	handle(ppp, &msg);
	explicit_bzero(&msg, sizeof(msg));
	return true;
}

int ppp_events_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	ppp_events_drain(user);
	return 0;
}

void ppp_events_drain(struct ppp *ppp)
{
	while (ppp->plugin_fd >= 0 && take_message(ppp))
		;
}
