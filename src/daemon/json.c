/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

#include <arpa/inet.h>
#include <time.h>

json_t *ctl_json_text(const char *text)
{
	json_t *value = json_string(text);

	/* bytes of a peer that are not UTF-8: shown as the ASCII in them */
	if (!value) {
		char ascii[256];
		size_t i;

		for (i = 0; i + 1 < sizeof(ascii) && text[i]; i++)
			ascii[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
		ascii[i] = '\0';
		value = json_string(ascii);
	}
	return value ? value : json_string("");
}

json_t *ctl_json_addr(const struct l2tp_addr *addr)
{
	char text[L2TP_ADDR_STRLEN];

	return json_string(addr->sa.sa_family ? l2tp_addr_format(addr, text) : "");
}

json_t *ctl_json_ip(uint32_t ip)
{
	char text[INET_ADDRSTRLEN];

	if (!ip)
		return json_string("");
	return json_string(inet_ntop(AF_INET, &ip, text, sizeof(text)));
}

json_t *ctl_json_time(int64_t when)
{
	time_t t = (time_t)when;
	char text[40];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

void ctl_json_set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

void ctl_json_int(json_t *object, const char *key, uint64_t value)
{
	ctl_json_set(object, key, json_integer((json_int_t)value));
}

static const char *who_name(enum l2tp_who who)
{
	switch (who) {
	case L2TP_WHO_LOCAL:
		return "local";
	case L2TP_WHO_PEER:
		return "peer";
	case L2TP_WHO_TIMEOUT:
		return "timeout";
	}
	return "";
}

void ctl_json_outcome(json_t *object, const struct outcome *o)
{
	ctl_json_set(object, "who", json_string(who_name(o->reason.who)));
	if (o->reason.result)
		ctl_json_set(object, "message", json_string(o->reason.stopccn ? "StopCCN" : "CDN"));
	ctl_json_int(object, "result", o->reason.result);
	ctl_json_int(object, "error", o->reason.error);
	ctl_json_set(object, "text", ctl_json_text(o->text));
	ctl_json_int(object, "ppp_cause", o->reason.ppp_cause);
	ctl_json_set(object, "ppp_exit", o->ppp_exit < 0 ? json_null() : json_integer(o->ppp_exit));
}
