/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams as text for people and as JSON; both walk over the core's description. */
#include "decode_show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/out/out_json.h"
#include "ctl/out/text.h"

#define LINE_SIZE (L2TP_DESCRIBE_VALUE + L2TP_DESCRIBE_PROBLEM + 120)

/* No verdict on what was not seen as the receiver sees it; NULL: there is one. */
static const char *why_no_verdict(const struct decode *decode,
	const struct decode_datagram *datagram, const struct l2tp_description *d, bool hidden)
{
	if (datagram->missing)
		return "the capture does not have all of it";
	if (hidden && !decode->secret.data && d->verdict.kind != L2TP_VERDICT_OK)
		return "it has hidden attributes, see --secret-file";
	return NULL;
}

/* --- text --- */

static void put_line(const char *indent, const char *text)
{
	fputs(indent, stdout);
	text_put(stdout, text);
	putchar('\n');
}

static void put_origin(const struct decode_datagram *datagram)
{
	char text[40];
	struct tm tm;

	if (datagram->has_time && localtime_r(&datagram->time.tv_sec, &tm)) {
		strftime(text, sizeof(text), "%F %H:%M:%S", &tm);
		printf("%s.%06ld ", text, (long)datagram->time.tv_usec);
	}
	if (*datagram->source)
		printf("%s > %s ", datagram->source, datagram->destination);
}

static void put_verdict(const struct decode *decode, const struct decode_datagram *datagram,
	const struct l2tp_description *d, bool hidden)
{
	const char *none = why_no_verdict(decode, datagram, d, hidden);
	char text[LINE_SIZE];

	if (none) {
		printf("  verdict: none, %s\n", none);
	} else if (*d->verdict_words && d->type != L2TP_MSG_ZLB) {
		fputs("  verdict: ", stdout);
		put_line("", d->verdict_words);
	}
	if (!datagram->missing && l2tp_describe_deviations(d->deviations, " ", text, sizeof(text)))
		printf("  deviations: %s\n", text);
}

static void show_text(const struct decode *decode, const struct decode_datagram *datagram)
{
	struct l2tp_description d;
	struct l2tp_avp_words avp;
	char text[LINE_SIZE];
	bool hidden = false;

	put_origin(datagram);
	if (datagram->fragment) {
		puts("first fragment of an IP datagram, not decoded");
		return;
	}
	l2tp_describe_begin(&d, datagram->data, datagram->len, &decode->secret);
	l2tp_describe_head(&d, text, sizeof(text));
	put_line("", text);
	while (l2tp_describe_next(&d, &avp)) {
		l2tp_describe_avp(&avp, ": ", text, sizeof(text));
		put_line("  ", text);
		hidden |= avp.hidden;
	}
	if (datagram->missing)
		printf("  %zu octets more were not captured\n", datagram->missing);
	if (d.l2tp && d.hdr.control)
		put_verdict(decode, datagram, &d, hidden);
}

/* --- JSON --- */

static void set_field(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *json_time(const struct decode_datagram *datagram)
{
	char day[40], text[60];
	struct tm tm;

	if (!datagram->has_time || !gmtime_r(&datagram->time.tv_sec, &tm))
		return json_string("");
	strftime(day, sizeof(day), "%FT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06ldZ", day, (long)datagram->time.tv_usec);
	return json_string(text);
}

static json_t *json_problem(const char *problem, size_t offset)
{
	return *problem ? json_pack("{s:I, s:s}", "offset", (json_int_t)offset, "text", problem)
			: json_null();
}

static json_t *json_avp(const struct l2tp_avp_words *avp)
{
	return json_pack("{s:s, s:i, s:i, s:I, s:i, s:b, s:b, s:s, s:o}", "name",
		avp->name ? avp->name : "", "type", avp->type, "vendor", avp->vendor, "offset",
		(json_int_t)avp->offset, "length", avp->length, "mandatory", avp->mandatory,
		"hidden", avp->hidden, "value", avp->value, "problem",
		json_problem(avp->problem, avp->offset));
}

static json_t *json_deviations(uint32_t deviations)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < L2TP_DEV_COUNT; i++)
		if (deviations >> i & 1)
			json_array_append_new(list, json_string(l2tp_deviation_name(i)));
	return list;
}

static const char *verdict_name(enum l2tp_verdict_kind kind)
{
	switch (kind) {
	case L2TP_VERDICT_OK:
		return "good";
	case L2TP_VERDICT_DROP:
		return "drop";
	case L2TP_VERDICT_IGNORE:
		return "ignore";
	case L2TP_VERDICT_CLEAR_SESSION:
		return "clear-session";
	case L2TP_VERDICT_CLEAR_TUNNEL:
		return "clear-tunnel";
	}
	return "";
}

static void set_verdict(json_t *o, const struct decode *decode,
	const struct decode_datagram *datagram, const struct l2tp_description *d, bool hidden)
{
	const struct l2tp_verdict *v = &d->verdict;

	if (why_no_verdict(decode, datagram, d, hidden))
		set_field(o, "verdict", json_null());
	else
		set_field(o, "verdict",
			json_pack("{s:s, s:i, s:i, s:s}", "kind", verdict_name(v->kind), "result",
				v->result, "error", v->error, "text", v->text));
	set_field(o, "deviations", json_deviations(datagram->missing ? 0 : d->deviations));
}

static void set_control(json_t *o, const struct decode *decode,
	const struct decode_datagram *datagram, struct l2tp_description *d)
{
	json_t *avps = json_array();
	struct l2tp_avp_words avp;
	bool hidden = false;

	while (l2tp_describe_next(d, &avp)) {
		json_array_append_new(avps, json_avp(&avp));
		hidden |= avp.hidden;
	}
	set_field(o, "avps", avps);
	set_verdict(o, decode, datagram, d, hidden);
}

static void set_datagram(
	json_t *o, const struct decode *decode, const struct decode_datagram *datagram)
{
	struct l2tp_description d;

	l2tp_describe_begin(&d, datagram->data, datagram->len, &decode->secret);
	set_field(o, "type", json_string(!d.l2tp ? "other" : d.hdr.control ? "control" : "data"));
	set_field(o, "message", json_string(d.l2tp && d.hdr.control ? d.name : ""));
	set_field(o, "tunnel", json_integer(d.hdr.tid));
	set_field(o, "session", json_integer(d.hdr.sid));
	set_field(o, "ns", d.hdr.has_seq ? json_integer(d.hdr.ns) : json_null());
	set_field(o, "nr", d.hdr.has_seq ? json_integer(d.hdr.nr) : json_null());
	set_field(o, "size", json_integer((json_int_t)(datagram->len + datagram->missing)));
	set_field(o, "captured", json_integer((json_int_t)datagram->len));
	set_field(o, "problem", json_problem(d.problem, d.problem_offset));
	if (d.l2tp && d.hdr.control) {
		set_control(o, decode, datagram, &d);
	} else if (d.l2tp) {
		set_field(o, "payload", json_integer(d.hdr.payload_len));
		set_field(o, "ppp_protocol", json_integer(d.ppp_protocol));
	}
}

static void show_json(const struct decode *decode, const struct decode_datagram *datagram)
{
	json_t *o = json_object();

	set_field(o, "time", json_time(datagram));
	set_field(o, "source", json_string(datagram->source));
	set_field(o, "destination", json_string(datagram->destination));
	if (datagram->fragment)
		set_field(o, "type", json_string("fragment"));
	else
		set_datagram(o, decode, datagram);
	/* piece by piece: a capture may be larger than memory */
	putchar(decode->count ? ',' : '[');
	json_dumpf(o, stdout, out_json_flags());
	json_decref(o);
}

/* --- both --- */

void decode_show(struct decode *decode, const struct decode_datagram *datagram)
{
	if (decode->json)
		show_json(decode, datagram);
	else
		show_text(decode, datagram);
	decode->count++;
}

void decode_show_end(struct decode *decode, bool complete)
{
	if (decode->json && decode->count)
		puts("]");
	else if (complete && !decode->count)
		puts(decode->json ? "[]" : "no L2TP datagrams");
}
