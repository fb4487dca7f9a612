/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "reason.h"
#include "screen.h"
#include "table.h"
#include "text.h"
#include "version.h"

static const struct table_column link_columns[] = {
	{ "LINK", "name", false, 0 },
	{ "TYPE", "type", false, 2 },
	{ "STATE", "state", false, 0 },
	{ "PEER", "peer", false, 0 },
	{ "SESSIONS", "sessions", true, 1 },
	{ 0 },
};

static const struct table_column tunnel_columns[] = {
	{ "ID", "id", true, 0 },
	{ "PEER ID", "peer_id", true, 6 },
	{ "LINK", "link", false, 0 },
	{ "STATE", "state", false, 0 },
	{ "PEER", "peer", false, 0 },
	{ "PEER'S NAME", "peer_hostname", false, 3 },
	{ "AUTH", "authenticated", false, 5 },
	{ "SESSIONS", "sessions", true, 1 },
	{ "RTT", "rtt_ms", true, 4 },
	{ "RETRANSMITS", "retransmits", true, 7 },
	{ "UPTIME", "uptime_s", true, 2 },
	{ 0 },
};

static const struct table_column session_columns[] = {
	{ "ID", "id", true, 0 },
	{ "TUNNEL", "tunnel", true, 7 },
	{ "LINK", "link", false, 1 },
	{ "ROLE", "role", false, 8 },
	{ "STATE", "state", false, 6 },
	{ "DATA", "datapath", false, 9 },
	{ "INTERFACE", "ifname", false, 3 },
	{ "LOCAL", "local_ip", false, 5 },
	{ "PEER", "peer_ip", false, 0 },
	{ "USER", "user", false, 0 },
	{ "RECEIVED", "rx_bytes", true, 4 },
	{ "SENT", "tx_bytes", true, 4 },
	{ "UPTIME", "uptime_s", true, 2 },
	{ 0 },
};

static const struct table_column forward_columns[] = {
	{ "FORWARD", "name", false, 0 },
	{ "FROM", "from", false, 0 },
	{ "PROXY", "proxy", false, 2 },
	{ "CALLS", "calls", true, 1 },
	{ "UP", "up", true, 0 },
	{ "REFUSED", "refused", true, 1 },
	{ "TO", "targets", false, 0 },
	{ 0 },
};

static const struct table_column pppoe_columns[] = {
	{ "ID", "id", true, 0 },
	{ "INTERFACE", "interface", false, 2 },
	{ "MAC", "mac", false, 1 },
	{ "SERVICE", "service", false, 4 },
	{ "STATE", "state", false, 0 },
	{ "USER", "user", false, 0 },
	{ "LINK", "link", false, 0 },
	{ "SESSION", "session", true, 3 },
	{ "UPTIME", "uptime_s", true, 2 },
	{ 0 },
};

static const char *string_of(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

/* What a person wants to know of a link that is not up. */
static char *link_sentence(const json_t *link)
{
	const json_t *last = json_object_get(link, "last_down");
	const char *waiting = string_of(link, "waiting");
	char *time, *reason, *text;

	if (*waiting) {
		reason = text_harmless(waiting);
		text = text_printf("takes no calls: %s", reason);
		free(reason);
		return text;
	}
	if (!json_is_object(last) || !reason_is_there(last) ||
		strcmp(string_of(link, "state"), "up") == 0)
		return NULL;
	time = field_text(last, "time");
	reason = reason_text(last, true);
	text = text_printf("last call ended %s %s", time, reason);
	free(time);
	free(reason);
	return text;
}

static void show_links(const json_t *links)
{
	table_print(link_columns, links, "no links", link_sentence);
}

static void show_tunnels(const json_t *tunnels)
{
	table_print(tunnel_columns, tunnels, "no tunnels", NULL);
}

static void show_sessions(const json_t *sessions)
{
	table_print(session_columns, sessions, "no sessions", NULL);
}

/* "1 session", "3 sessions" */
static void show_count(size_t count, const char *what)
{
	printf("%zu %.*s\n", count, (int)strlen(what) - (count == 1), what);
}

static void show_chosen(size_t count, size_t of, const char *what)
{
	printf("%zu of %zu %.*s\n", count, of, (int)strlen(what) - (of == 1), what);
}

/* "lns1 (12 up), lns2 (dead)" */
static json_t *targets_text(const json_t *to)
{
	char *text = text_printf("%s", ""), *more;
	const json_t *target;
	json_t *ret;
	size_t i;

	for (i = 0; i < json_array_size(to); i++) {
		target = json_array_get(to, i);
		if (strcmp(string_of(target, "state"), "dead") == 0)
			more = text_printf(
				"%s%s%s (dead)", text, i ? ", " : "", string_of(target, "link"));
		else
			more = text_printf("%s%s%s (%lld up)", text, i ? ", " : "",
				string_of(target, "link"),
				json_integer_value(json_object_get(target, "calls")));
		free(text);
		text = more;
	}
	ret = json_string(text);
	free(text);
	return ret;
}

static void show_forwards(const json_t *forwards)
{
	json_t *copies = json_array(), *copy;

	for (size_t i = 0; i < json_array_size(forwards); i++) {
		copy = json_copy(json_array_get(forwards, i));
		json_object_set_new(copy, "targets", targets_text(json_object_get(copy, "to")));
		json_array_append_new(copies, copy);
	}
	table_print(forward_columns, copies, "no forwards", NULL);
	json_decref(copies);
}

static void show_pppoe(const json_t *pppoe)
{
	table_print(pppoe_columns, pppoe, "no PPPoE calls", NULL);
}

static void show_version(const json_t *reply)
{
	char *version = field_text(reply, "version"), *pid = field_text(reply, "pid");
	char *uptime = field_text(reply, "uptime_s");

	printf("l2tpctl %s\nl2tpd %s, pid %s, up %s\n", L2TPD_VERSION, version, pid, uptime);
	free(version);
	free(pid);
	free(uptime);
}

/* --- show link NAME --- */

static bool is_one_of(const char *key, const char *const *keys)
{
	while (*keys && strcmp(*keys, key) != 0)
		keys++;
	return *keys != NULL;
}

/* "uptime_s" -> "uptime": the unit is part of the value's text */
static void put_name(const char *key)
{
	size_t len = strlen(key), i;

	if (len > 3 && strcmp(key + len - 3, "_ms") == 0)
		len -= 3;
	else if (len > 2 && strcmp(key + len - 2, "_s") == 0)
		len -= 2;
	for (i = 0; i < len; i++)
		putchar(key[i] == '_' ? ' ' : key[i]);
	printf("%*s", len < 16 ? 16 - (int)len : 1, "");
}

/* All simple fields that say something, one a line, in the daemon's order. */
static void put_fields(const json_t *object, const char *const *except)
{
	json_t *fields = (json_t *)object, *value; /* only looked at */
	const char *key;

	json_object_foreach (fields, key, value) {
		char *text = field_text(object, key);

		if (!is_one_of(key, except) && strcmp(text, "-") != 0) {
			fputs("  ", stdout);
			put_name(key);
			puts(text);
		}
		free(text);
	}
}

/* More of them than this are shown as a table. */
#define MEMBERS_MAX 2

static const char *const members_except[] = { "id", "link", NULL };

/* Those of the link called name: each with a heading, or many as a table. */
static void put_members(
	const json_t *array, const char *what, const char *name, const struct table_column *columns)
{
	json_t *mine = json_array(), *object;
	size_t i;

	json_array_foreach ((json_t *)array, i, object) {
		if (strcmp(string_of(object, "link"), name) == 0)
			json_array_append(mine, object);
	}
	if (json_array_size(mine) > MEMBERS_MAX) {
		printf("%ss (%zu)\n", what, json_array_size(mine));
		table_print(columns, mine, "", NULL);
	} else {
		json_array_foreach (mine, i, object) {
			char *id = field_text(object, "id");

			printf("%s %s\n", what, id);
			put_fields(object, members_except);
			free(id);
		}
	}
	json_decref(mine);
}

static void show_session(const json_t *session)
{
	char *id = field_text(session, "id");

	printf("session %s\n", id);
	put_fields(session, members_except + 2);
	free(id);
}

/*
 * As mpd's "show phys": what is set, then what is enabled. yes and no are those of keys that can be
 * enabled; no other key has such a value.
 */
static void put_options(const json_t *options)
{
	json_t *fields = (json_t *)options, *value; /* only looked at */
	const char *key;

	if (!json_is_object(options))
		return;
	puts("configuration");
	for (int flags = 0; flags < 2; flags++) {
		if (flags)
			puts("options");
		json_object_foreach (fields, key, value) {
			const char *text = string_of(options, key);
			bool yes = strcmp(text, "yes") == 0;

			if ((yes || strcmp(text, "no") == 0) != flags)
				continue;
			printf("  %-16s ", key);
			text_put(stdout, flags ? yes ? "enabled" : "disabled" : *text ? text : "-");
			putchar('\n');
		}
	}
}

static void show_link(const json_t *link, const json_t *tunnels, const json_t *sessions)
{
	static const char *const except[] = { "name", "last_down", "options", NULL };
	const json_t *last = json_object_get(link, "last_down");
	const char *name = string_of(link, "name");

	fputs("link ", stdout);
	text_put(stdout, name);
	putchar('\n');
	put_fields(link, except);
	if (json_is_object(last) && reason_is_there(last)) {
		char *time = field_text(last, "time"), *reason = reason_text(last, true);

		char *text = text_printf("%s %s", time, reason);

		fputs("  last call ended ", stdout);
		screen_wrap(text, 18, 18);
		free(text);
		free(time);
		free(reason);
	}
	put_options(json_object_get(link, "options"));
	put_members(tunnels, "tunnel", name, tunnel_columns);
	put_members(sessions, "session", name, session_columns);
}

static void show_counters(const json_t *counters)
{
	static const char *const except[] = { "drops", NULL };

	puts("control messages");
	put_fields(counters, except);
	puts("datagrams dropped");
	put_fields(json_object_get(counters, "drops"), except + 1);
}

/* --- results of orders --- */

static void show_opened(const char *name, const json_t *reply)
{
	const char *ifname = string_of(reply, "ifname"), *local = string_of(reply, "local_ip");
	const char *peer = string_of(reply, "peer_ip");

	text_put(stdout, name);
	if (!*ifname && !*local) {
		puts(": opening");
		return;
	}
	fputs(": up", stdout);
	if (*ifname) {
		fputs(", ", stdout);
		text_put(stdout, ifname);
	}
	if (*local || *peer) {
		fputs(", ", stdout);
		text_put(stdout, *local ? local : "?");
		fputs(" -> ", stdout);
		text_put(stdout, *peer ? peer : "?");
	}
	putchar('\n');
}

static void show_closed(const char *target, const json_t *reply)
{
	json_int_t count = json_integer_value(json_object_get(reply, "closed"));

	text_put(stdout, target);
	if (count == 0)
		puts(": closed, there was no call");
	else
		printf(": closed, %lld call%s\n", (long long)count, count == 1 ? "" : "s");
}

static void show_saved(const json_t *reply)
{
	const char *said = json_string_value(json_object_get(reply, "message"));
	const char *end;

	if (!said || !*said) {
		puts("nothing was set at run time that is not in the files");
		return;
	}
	for (; *said; said = end + (*end != '\0')) {
		char *line;

		end = said + strcspn(said, "\n");
		line = text_printf("saved %.*s", (int)(end - said), said);
		text_put(stdout, line);
		putchar('\n');
		free(line);
	}
}

static void show_reloaded(const json_t *reply)
{
	puts("configuration reloaded");
}

/* Its lines end lines here, too; all else that is no text is made visible. */
static void show_config(const json_t *reply)
{
	const char *line = string_of(reply, "text"), *end;

	for (; *line; line = end + (*end == '\n')) {
		char *copy;

		end = strchrnul(line, '\n');
		copy = text_printf("%.*s", (int)(end - line), line);
		text_put(stdout, copy);
		putchar('\n');
		free(copy);
	}
}

static void show_set(const char *link, const json_t *reply)
{
	const char *message = string_of(reply, "message");

	if (!*message)
		return;
	text_put(stdout, message);
	putchar('\n');
}

static void show_created(const char *link, const json_t *reply)
{
	text_put(stdout, link);
	puts(": made; a reload removes it again unless it is in a configuration file by then");
}

/* --- monitor --- */

/* "12:00:00.123456 > 192.0.2.1:1701 SCCRQ ..."; ">": sent */
static void show_packet(const json_t *event)
{
	const char *fraction = strchr(string_of(event, "time"), '.');
	char *time = field_text(event, "time"), *peer = field_text(event, "peer");
	const char *dropped = string_of(event, "dropped");

	fputs(time, stdout);
	if (fraction && strspn(fraction + 1, "0123456789") >= 6)
		printf("%.7s", fraction);
	printf(" %s %s ", strcmp(string_of(event, "direction"), "sent") != 0 ? "<" : ">", peer);
	if (json_is_true(json_object_get(event, "retransmit")))
		fputs("(again) ", stdout);
	if (*dropped) {
		fputs("(dropped: ", stdout);
		text_put(stdout, dropped);
		fputs(") ", stdout);
	}
	text_put(stdout, string_of(event, "text"));
	putchar('\n');
	free(time);
	free(peer);
}

static void show_event(const json_t *event)
{
	static const char *const known[] = { "time", "event", "link", "tunnel", "session", "who",
		"message", "result", "error", "text", "ppp_exit", "ppp_cause", NULL };
	char *time = field_text(event, "time"), *what = field_text(event, "event");
	char *link = field_text(event, "link"), *tunnel = field_text(event, "tunnel");
	char *session = field_text(event, "session");
	json_t *fields = (json_t *)event, *value; /* only looked at */
	const char *key;

	if (strcmp(what, "packet") == 0) {
		show_packet(event);
		goto out;
	}
	printf("%s  %-14s  %s", time, what, link);
	if (strcmp(tunnel, "-") != 0 && strcmp(tunnel, "0") != 0)
		printf("  tunnel %s", tunnel);
	if (strcmp(session, "-") != 0 && strcmp(session, "0") != 0)
		printf("  session %s", session);
	json_object_foreach (fields, key, value) {
		char *text = field_text(event, key);

		if (!is_one_of(key, known) && strcmp(text, "-") != 0)
			printf("  %s %s", key, text);
		free(text);
	}
	if (reason_is_there(event)) {
		char *reason = reason_text(event, true);

		printf("  ended %s", reason);
		free(reason);
	}
	putchar('\n');
out:
	free(time);
	free(what);
	free(link);
	free(tunnel);
	free(session);
}

const struct cli_out out_text = {
	.links = show_links,
	.tunnels = show_tunnels,
	.forwards = show_forwards,
	.pppoe = show_pppoe,
	.sessions = show_sessions,
	.session = show_session,
	.count = show_count,
	.chosen = show_chosen,
	.version = show_version,
	.counters = show_counters,
	.link = show_link,
	.opened = show_opened,
	.closed = show_closed,
	.reloaded = show_reloaded,
	.saved = show_saved,
	.event = show_event,
	.config = show_config,
	.set = show_set,
	.created = show_created,
};
