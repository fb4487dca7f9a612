/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * radius_ask FILE: the RADIUS client, driven by lines on standard input; every answer is a line of
 * JSON. Words of a line are KEY=VALUE without spaces in the value; HEX is a string of octets.
 *
 *	ask COOKIE [name=N] [pap=P | chap=ID:HEX:HEX] [user=U] [session=S] [calling=C] [called=C]
 *		[port=P] [circuit=C]
 *	record COOKIE start|interim|stop ... [in=N] [out=N] [class=HEX] [peer=ADDRESS]
 *[assignment=A] wait N		the next N results free MS		and the end
 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "radius/radius.h"

#define WAIT_MS 120000

struct words {
	char *word[32];
	size_t count;
};

/* "" if it is not there */
static const char *value_of(const struct words *words, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < words->count; i++) {
		if (strncmp(words->word[i], key, len) == 0 && words->word[i][len] == '=')
			return words->word[i] + len + 1;
	}
	return "";
}

static struct l2tp_span span_of(const char *text)
{
	return (struct l2tp_span){ (const uint8_t *)text, (uint16_t)strlen(text) };
}

/* Up to a colon or the end; how many. */
static size_t unhex(const char *hex, uint8_t *ret, size_t max)
{
	size_t n = 0;
	unsigned octet;

	while (n < max && sscanf(hex + 2 * n, "%2x", &octet) == 1 && hex[2 * n] != ':')
		ret[n++] = (uint8_t)octet;
	return n;
}

static void print(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	printf("%s\n", text);
	fflush(stdout);
	free(text);
	json_decref(object);
}

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

static json_t *tunnel_json(const struct radius_tunnel *tunnel)
{
	json_t *object = json_object();

	json_object_set_new(object, "tag", json_integer(tunnel->tag));
	json_object_set_new(object, "preference", json_integer(tunnel->preference));
	set_text(object, "server", tunnel->server);
	set_text(object, "client", tunnel->client);
	set_text(object, "secret", tunnel->secret);
	set_text(object, "client_name", tunnel->client_name);
	set_text(object, "server_name", tunnel->server_name);
	set_text(object, "assignment", tunnel->assignment);
	return object;
}

static void print_result(const struct radius_result *result)
{
	static const char *const verdicts[] = { "accepted", "rejected", "unanswered", "failed" };
	const struct radius_reply *reply = &result->reply;
	json_t *object = json_object(), *tunnels = json_array(), *classes = json_array();

	json_object_set_new(object, "cookie", json_integer((json_int_t)result->cookie));
	json_object_set_new(object, "record", json_boolean(result->record));
	set_text(object, "verdict", verdicts[result->outcome.verdict]);
	set_text(object, "text", result->outcome.text);
	set_text(object, "message", reply->message);
	set_text(object, "problem", reply->problem);
	json_object_set_new(object, "session_timeout", json_integer(reply->session_timeout));
	json_object_set_new(object, "idle_timeout", json_integer(reply->idle_timeout));
	json_object_set_new(object, "interim_interval", json_integer(reply->interim_interval));
	for (size_t i = 0; i < reply->tunnel_count; i++)
		json_array_append_new(tunnels, tunnel_json(&reply->tunnels[i]));
	for (size_t i = 0; i < reply->class_count; i++)
		json_array_append_new(classes,
			json_stringn((const char *)reply->classes[i].data, reply->classes[i].len));
	json_object_set_new(object, "tunnels", tunnels);
	json_object_set_new(object, "classes", classes);
	print(object);
}

static void wait_results(struct radius *radius, int count)
{
	while (count > 0) {
		struct pollfd pfd = { .fd = radius_fd(radius), .events = POLLIN };
		struct radius_result *result;

		if (poll(&pfd, 1, WAIT_MS) != 1)
			exit(3);
		while (count > 0 && (result = radius_next(radius))) {
			print_result(result);
			radius_result_free(result);
			count--;
		}
	}
}

/* --- orders -------------------------------------------------------------------------- */

struct order {
	struct radius_call call;
	struct l2tp_proxy proxy;
	struct l2tp_line line;
	uint8_t challenge[256], response[256];
};

static void fill_login(struct order *order, const struct words *words)
{
	struct l2tp_proxy *proxy = &order->proxy;
	const char *chap = value_of(words, "chap");
	size_t n;

	proxy->authen_name = span_of(value_of(words, "name"));
	if (!*value_of(words, "name"))
		return;
	order->call.proxy = proxy;
	proxy->authen_type = *chap ? 2 : 3;
	if (!*chap) {
		proxy->authen_response = span_of(value_of(words, "pap"));
		return;
	}
	proxy->authen_id = (uint8_t)strtoul(chap, NULL, 10);
	chap = strchr(chap, ':') + 1;
	n = unhex(chap, order->challenge, sizeof(order->challenge));
	proxy->authen_challenge = (struct l2tp_span){ order->challenge, (uint16_t)n };
	n = unhex(strchr(chap, ':') + 1, order->response, sizeof(order->response));
	proxy->authen_response = (struct l2tp_span){ order->response, (uint16_t)n };
}

static void fill_call(struct order *order, const struct words *words)
{
	struct radius_call *call = &order->call;

	fill_login(order, words);
	call->user = value_of(words, "user");
	call->session_id = value_of(words, "session");
	call->calling = value_of(words, "calling");
	call->called = value_of(words, "called");
	call->port_id = value_of(words, "port");
	call->port = RADIUS_PORT_PPPOE;
	if (*value_of(words, "circuit")) {
		order->line.circuit_id = span_of(value_of(words, "circuit"));
		call->line = &order->line;
	}
}

static int tell_record(struct radius *radius, const struct order *order, const struct words *words,
	uint64_t cookie, struct why *why)
{
	struct radius_class class;
	struct l2tp_path path = { 0 };
	struct radius_record record = {
		.event = strcmp(words->word[2], "start") == 0  ? RADIUS_START
			 : strcmp(words->word[2], "stop") == 0 ? RADIUS_STOP
							       : RADIUS_INTERIM,
		.call = &order->call,
		.classes = &class,
		.path = &path,
		.assignment = value_of(words, "assignment"),
		.seconds = 77,
		.counts = { .octets_in = strtoull(value_of(words, "in"), NULL, 10),
			.octets_out = strtoull(value_of(words, "out"), NULL, 10),
			.packets_in = 3,
			.packets_out = 4 },
		.cause = RADIUS_CAUSE_LOST_SERVICE,
	};

	class.len = (uint8_t)unhex(value_of(words, "class"), class.data, sizeof(class.data));
	record.class_count = class.len ? 1 : 0;
	l2tp_addr_parse(value_of(words, "peer"), 1701, &path.peer);
	return radius_account(radius, &record, cookie, why);
}

static void do_order(struct radius *radius, const struct words *words)
{
	uint64_t cookie = strtoull(words->word[1], NULL, 10);
	struct order order = { 0 };
	struct why why;
	int r;

	fill_call(&order, words);
	r = strcmp(words->word[0], "ask") == 0 ? radius_ask(radius, &order.call, cookie, &why)
					       : tell_record(radius, &order, words, cookie, &why);
	if (r < 0)
		print(json_pack("{s:I,s:s,s:s}", "cookie", (json_int_t)cookie, "error",
			strerror(-r), "text", why.text));
}

int main(int argc, char **argv)
{
	struct radius *radius;
	struct why why;
	char line[4096];
	int r = argc == 2 ? radius_open(argv[1], &radius, &why) : -EINVAL;

	if (r < 0) {
		print(json_pack("{s:s}", "error", argc == 2 ? why.text : "radius_ask FILE"));
		return 2;
	}
	while (fgets(line, sizeof(line), stdin)) {
		struct words words = { .count = 0 };
		char *save = NULL, *word;

		for (word = strtok_r(line, " \n", &save); word && words.count < 32;
			word = strtok_r(NULL, " \n", &save))
			words.word[words.count++] = word;
		if (words.count < 2)
			continue;
		if (strcmp(words.word[0], "free") == 0) {
			radius_free(radius, (unsigned)atoi(words.word[1]));
			return 0;
		}
		if (strcmp(words.word[0], "wait") == 0)
			wait_results(radius, atoi(words.word[1]));
		else
			do_order(radius, &words);
	}
	radius_free(radius, 0);
	return 0;
}
