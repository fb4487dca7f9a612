/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "match.h"

#include <fnmatch.h>
#include <string.h>

#include "base/secret_file.h"
#include "config/load.h"
#include "daemon/attach/profile.h"
#include "daemon/conn/self.h"

/* --- matching: longest prefix of the peer first, then the order of definition --- */

static bool self_matches(const struct link *link, const struct l2tp_path *path)
{
	uint16_t port = link->owner.config->self.port ? link->owner.config->self.port : L2TP_PORT;
	struct l2tp_addr self;
	struct why why;

	if (l2tp_addr_port(&path->local) != port)
		return false;
	if (self_address(link->daemon, link->owner.config, path->local.sa.sa_family, &self, &why) <
		0)
		return false;
	return l2tp_addr_is_any(&self) || l2tp_addr_same_host(&self, &path->local);
}

/* Width of the prefix that matches, -1: no match. Names match nobody who calls. */
static int peer_match(const struct link *link, const struct l2tp_path *path)
{
	const struct config_endpoint *peer = &link->owner.config->peer;

	if (peer->port && peer->port != l2tp_addr_port(&path->peer))
		return -1;
	if (!*peer->host || l2tp_addr_is_any(&peer->addr))
		return *peer->host && peer->addr.sa.sa_family == AF_UNSPEC ? -1 : 0;
	return l2tp_addr_in_prefix(&path->peer, &peer->addr, peer->width) ? (int)peer->width : -1;
}

/* How well a link fits, -1: not at all. A name that fits breaks the tie of equal prefixes. */
static int link_fit(const struct link *link, const struct l2tp_path *path, const char *host)
{
	const char *pattern;
	int width;

	if (!link->owner.config || !link->owner.config->incoming || !self_matches(link, path))
		return -1;
	pattern = link->owner.config->peer_hostname;
	/* host names are compared without case (RFC 1035 2.3.3) */
	if (*pattern && fnmatch(pattern, host, FNM_CASEFOLD) != 0)
		return -1;
	width = peer_match(link, path);
	return width < 0 ? -1 : 2 * width + (*pattern != '\0');
}

struct link *match_tunnel(struct daemon *d, const struct l2tp_path *path, struct l2tp_span host)
{
	struct link *link, *best = NULL;
	char name[sizeof(((struct conn *)0)->peer_hostname)] = "";
	int best_fit = -1;

	/* of a longer or stranger one only a part is kept, which might not match for the calls */
	if (host.len < sizeof(name)) {
		l2tp_text_copy(name, sizeof(name), host);
		if (strlen(name) != host.len || memcmp(name, host.data, host.len) != 0)
			name[0] = '\0';
	}
	TAILQ_FOREACH (link, &d->links->list, entry) {
		int how = link_fit(link, path, name);

		if (how > best_fit) {
			best = link;
			best_fit = how;
		}
	}
	return best;
}

/* A link that has a secret is for peers that proved it when they opened the tunnel. */
static bool secret_suffices(const struct conn *conn, const struct link *called)
{
	const struct config_link *wants = called->owner.config;
	struct l2tp_secret secret;
	char *text = NULL;
	bool knows;

	if (!*wants->secret && !*wants->secret_file)
		return true;
	if (config_secret(wants->secret, wants->secret_file, &text) < 0)
		return false;
	secret = (struct l2tp_secret){ .data = (const uint8_t *)text, .len = strlen(text) };
	knows = l2tp_core_peer_knows(called->daemon->core, conn->tid, &secret);
	secret_free(text);
	return knows;
}

bool match_forwarded(const struct daemon *d, const struct config_link *link)
{
	for (size_t i = 0; i < d->config->forwards_len; i++) {
		const struct config_source *from = &d->config->forwards[i].from;

		if (from->kind == SOURCE_LINK && strcmp(from->name, link->name) == 0)
			return true;
	}
	return false;
}

/* Somebody answers them. */
static bool takes_calls(const struct daemon *d, const struct config_link *link)
{
	return profile_of(d, link) || match_forwarded(d, link);
}

struct link *match_call(struct daemon *d, const struct conn *conn)
{
	struct link *link, *best = NULL;
	int best_fit = -1;

	TAILQ_FOREACH (link, &d->links->list, entry) {
		int how = link_fit(link, &conn->path, conn->peer_hostname);

		if (how <= best_fit || !secret_suffices(conn, link) ||
			!takes_calls(d, link->owner.config) ||
			(link->owner.config->max_calls &&
				link->owner.calls_len >= link->owner.config->max_calls))
			continue;
		best = link;
		best_fit = how;
	}
	return best;
}
