/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transient.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "base/log.h"
#include "config/option.h"
#include "config/transient.h"
#include "daemon/json.h"

#define SETTINGS_MAX 500u /* of one section */
#define NAME_TRIES   100

struct transient {
	struct link_owner owner; /* first: the link knows it by this */
	struct request *request;
	struct link *link;
};

/* --- what is told --- */

static json_t *dns_json(const struct call *call)
{
	json_t *list = json_array();

	for (size_t i = 0; i < 2; i++)
		if (call->dns[i])
			json_array_append_new(list, ctl_json_ip(call->dns[i]));
	return list;
}

/* RFC 5072 5: the link-local address of an interface identifier */
static json_t *link_local_json(uint64_t id)
{
	struct in6_addr addr = { .s6_addr = { 0xfe, 0x80 } };
	char text[INET6_ADDRSTRLEN];

	memcpy(&addr.s6_addr[8], &id, sizeof(id));
	return json_string(inet_ntop(AF_INET6, &addr, text, sizeof(text)));
}

static void set_up(json_t *o, const struct call *call)
{
	ctl_json_int(o, "tunnel", call->tid);
	ctl_json_int(o, "session", call->sid);
	ctl_json_set(o, "peer", ctl_json_addr(&call->conn->path.peer));
	ctl_json_set(o, "local", ctl_json_addr(&call->conn->path.local));
	ctl_json_set(o, "ifname", ctl_json_text(call->ifname));
	ctl_json_set(o, "local_ip", ctl_json_ip(call->local_ip));
	ctl_json_set(o, "peer_ip", ctl_json_ip(call->peer_ip));
	ctl_json_set(o, "dns", dns_json(call));
	ctl_json_int(o, "mtu", call->mtu);
	ctl_json_set(o, "user", ctl_json_text(call->user));
	if (!call->ip6_up)
		return;
	ctl_json_set(o, "local_ip6", link_local_json(call->ip6_local_id));
	ctl_json_set(o, "peer_ip6", link_local_json(call->ip6_remote_id));
}

static const char *change_name(enum link_change change)
{
	switch (change) {
	case LINK_CHANGE_DIALLING:
		return "dialling";
	case LINK_CHANGE_UP:
		return "up";
	case LINK_CHANGE_WAITING:
		return "waiting";
	case LINK_CHANGE_DOWN:
		return "down";
	}
	return "";
}

static void changed(struct link_owner *owner, struct link *link, enum link_change change)
{
	struct transient *transient = (struct transient *)owner;
	const struct call *call = link->call;
	json_t *o = json_object();

	ctl_json_set(
		o, "event", json_string(link->daemon->stopping ? "stopping" : change_name(change)));
	ctl_json_set(o, "link", json_string(link->name));
	switch (change) {
	case LINK_CHANGE_DIALLING:
		if (call)
			ctl_json_set(o, "peer", ctl_json_addr(&call->conn->path.peer));
		break;
	case LINK_CHANGE_UP:
		if (call)
			set_up(o, call);
		break;
	case LINK_CHANGE_WAITING:
		ctl_json_int(o, "retry_ms", link->redial_in / USEC_PER_MSEC);
		/* fall through */
	case LINK_CHANGE_DOWN:
		ctl_json_outcome(o, &link->last_down);
		ctl_json_int(o, "errno", (uint64_t)-link->dial_error);
		break;
	}
	request_reply_more(transient->request, json_pack("{s:o}", "event", o));
}

/* --- making and ending it --- */

static void transient_free(struct transient *transient)
{
	if (transient->link)
		link_remove(transient->link, "closed by order");
	config_free(transient->owner.config);
	free(transient);
}

static void transient_cancel(struct request *request, void *data)
{
	struct transient *transient = data;

	log_info("%s: its client is gone", transient->link->name);
	transient_free(transient);
}

/* [[key, value], ...] as an array for free(); the texts stay the JSON's. NULL: *ret_bad or memory.
 */
static struct config_setting *settings_new(const json_t *list, bool *ret_bad)
{
	struct config_setting *settings = calloc(json_array_size(list) + 1, sizeof(*settings));
	json_t *pair;
	size_t i;

	*ret_bad = !json_is_array(list) || json_array_size(list) > SETTINGS_MAX;
	json_array_foreach (list, i, pair) {
		const char *key = json_string_value(json_array_get(pair, 0));
		const char *value = json_string_value(json_array_get(pair, 1));

		if (*ret_bad || !key || !value || json_array_size(pair) != 2) {
			*ret_bad = true;
			break;
		}
		if (settings)
			settings[i] = (struct config_setting){ key, value };
	}
	if (*ret_bad) {
		free(settings);
		return NULL;
	}
	return settings;
}

/* name itself, or with a number that makes it the only one. 0, -EINVAL: no name; -EEXIST. */
static int find_name(struct daemon *d, const char *name, char ret[static OPTION_NAME_MAX + 1])
{
	char text[OPTION_NAME_MAX + 1];

	if (!option_name_valid(name))
		return -EINVAL;
	for (unsigned i = 1; i <= NAME_TRIES; i++) {
		if (i == 1)
			snprintf(text, sizeof(text), "%s", name);
		else
			snprintf(text, sizeof(text), "%.*s-%u", OPTION_NAME_MAX - 4, name, i);
		if (!link_find(d, text)) {
			memcpy(ret, text, sizeof(text));
			return 0;
		}
	}
	return -EEXIST;
}

static void open_it(struct request *request, struct daemon *d, struct config *config)
{
	struct transient *transient = calloc(1, sizeof(*transient));
	char text[400] = "";
	pid_t pid;
	uid_t uid;
	int r;

	if (!transient) {
		config_free(config);
		request_error(request, CTL_ERR_FAILED, "%s", strerror(ENOMEM));
		return;
	}
	transient->owner = (struct link_owner){ .config = config, .changed = changed };
	transient->request = request;
	transient->link = link_new_owned(d, &transient->owner);
	snprintf(text, sizeof(text), "%s", strerror(ENOMEM));
	r = transient->link ? link_open(transient->link, text, sizeof(text)) : -ENOMEM;
	if (r < 0) {
		transient_free(transient);
		request_error(request, CTL_ERR_FAILED, "%s", text);
		return;
	}
	request_peer(request, &pid, &uid);
	log_notice("%s: made by process %d of uid %u, to last as long as that",
		transient->link->name, (int)pid, (unsigned)uid);
	request_on_cancel(request, transient_cancel, transient);
	request_reply_more(request, json_pack("{s:{s:s, s:s}}", "event", "event", "opened", "link",
					    transient->link->name));
}

static bool may_add(struct request *request)
{
	pid_t pid;
	uid_t uid;

	request_peer(request, &pid, &uid);
	return uid == 0 || uid == geteuid();
}

static void add(struct request *request, struct daemon *d, const json_t *params,
	const struct config_setting *link, const struct config_setting *ppp)
{
	const char *name = json_string_value(json_object_get(params, "name"));
	char own_name[OPTION_NAME_MAX + 1], error[CONFIG_TRANSIENT_ERROR];
	struct config *config;
	int r = find_name(d, name, own_name);

	if (r == -EINVAL) {
		request_error(request, CTL_ERR_REFUSED,
			"\"%s\" is not a name (1 to %d of A-Z a-z 0-9 _ . -)", name,
			OPTION_NAME_MAX);
		return;
	}
	if (r < 0) {
		request_error(request, CTL_ERR_REFUSED, "too many links are called \"%s\"", name);
		return;
	}
	r = config_transient(own_name, link, json_array_size(json_object_get(params, "settings")),
		ppp, json_array_size(json_object_get(params, "ppp")), &config, error);
	if (r < 0)
		request_error(
			request, r == -EINVAL ? CTL_ERR_REFUSED : CTL_ERR_FAILED, "%s", error);
	else
		open_it(request, d, config);
}

void ctl_add_transient_link(struct request *request, const json_t *params, void *user)
{
	struct config_setting *link = NULL, *ppp = NULL;
	bool bad = !json_is_string(json_object_get(params, "name"));
	const char *what = "name";

	if (!may_add(request)) {
		request_error(request, CTL_ERR_REFUSED, "only root may add transient links");
		return;
	}
	if (!request_wants_more(request)) {
		request_error(
			request, CTL_ERR_MORE, "AddTransientLink wants to be called with \"more\"");
		return;
	}
	if (!bad) {
		what = "settings";
		link = settings_new(json_object_get(params, what), &bad);
	}
	if (!bad) {
		what = "ppp";
		ppp = settings_new(json_object_get(params, what), &bad);
	}
	if (bad)
		request_bad_parameter(request, what);
	else if (!link || !ppp)
		request_error(request, CTL_ERR_FAILED, "%s", strerror(ENOMEM));
	else
		add(request, user, params, link, ppp);
	free(link);
	free(ppp);
}
