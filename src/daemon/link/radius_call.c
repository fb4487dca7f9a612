/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius_call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 2661 5.1, and Ns with Nr: what the kernel's counters have beside PPP. */
#define L2TP_HEADER	6
#define L2TP_HEADER_SEQ 4

/* --- the question --- */

static enum radius_port port_type(const struct line *line)
{
	switch (line->kind->source) {
	case SOURCE_PPPOE:
		return RADIUS_PORT_PPPOE;
	case SOURCE_SERIAL:
		return RADIUS_PORT_ASYNC;
	case SOURCE_LINK:
	case SOURCE_NONE:
		break;
	}
	return RADIUS_PORT_VIRTUAL;
}

/* Strings and spans of *ret live until the next input. */
static void describe(const struct radius_part *part, const struct line *line,
	struct l2tp_call_params *params, struct radius_call *ret)
{
	*params = (struct l2tp_call_params){ .calling = NULL };
	line_params(line, params);
	*ret = (struct radius_call){ .proxy = params->proxy,
		.session_id = part->session_id,
		.calling = params->calling,
		.called = params->called,
		.port_id = line->section,
		.port = port_type(line),
		.line = params->line };
	if (*line->user)
		ret->user = line->user;
}

int radius_call_ask(
	struct radius_part *part, const char *file, const struct line *line, struct why *why)
{
	struct l2tp_call_params params;
	struct radius_call call;

	part->file = strdup(file);
	if (!part->file)
		return why_not(why, -ENOMEM, "%s", strerror(ENOMEM));
	radius_desk_session_id(line->daemon, part->session_id);
	describe(part, line, &params, &call);
	return radius_desk_ask(line->daemon, &part->order, file, &call, why);
}

bool radius_call_has_tunnels(const struct radius_part *part)
{
	return part->has_reply && part->reply.tunnel_count > 0;
}

bool radius_call_has_next(const struct radius_part *part)
{
	return part->has_reply && part->next < part->reply.tunnel_count;
}

bool radius_call_next(
	struct radius_part *part, const struct config_link *model, struct config_link *ret)
{
	const struct radius_tunnel *tunnel;

	if (!radius_call_has_next(part))
		return false;
	tunnel = &part->reply.tunnels[part->next++];
	*ret = *model;
	ret->peer = (struct config_endpoint){ .host = tunnel->server };
	if (l2tp_addr_parse(tunnel->server, 0, &ret->peer.addr) < 0)
		ret->peer.addr.sa.sa_family = AF_UNSPEC;
	if (tunnel->secret) {
		ret->secret = tunnel->secret;
		ret->secret_file = (char *)"";
	}
	if (tunnel->client_name)
		ret->hostname = tunnel->client_name;
	return true;
}

/* --- the account --- */

static uint64_t octets(uint64_t bytes, uint64_t packets, bool seq)
{
	uint64_t headers = packets * (L2TP_HEADER + (seq ? L2TP_HEADER_SEQ : 0));

	return bytes > headers ? bytes - headers : 0;
}

static void tell(struct radius_part *part, enum radius_event event, enum radius_cause cause)
{
	const struct call *call = part->call;
	const struct session_stats *stats = &call->stats;
	struct daemon *d = call->daemon;
	struct l2tp_call_params params;
	struct radius_call asked;
	struct radius_record record = { .event = event,
		.call = &asked,
		.classes = part->reply.classes,
		.class_count = part->reply.class_count,
		.path = &call->conn->path,
		.seconds = (uint32_t)((daemon_now(d) - call->up_since) / USEC_PER_SEC),
		.cause = cause };

	describe(part, part->line, &params, &asked);
	/* what the caller sent went out to the LNS */
	record.counts.packets_in = stats->tx_packets;
	record.counts.octets_in = octets(stats->tx_bytes, stats->tx_packets, stats->send_seq);
	record.counts.packets_out = stats->rx_packets;
	record.counts.octets_out = octets(stats->rx_bytes, stats->rx_packets, stats->recv_seq);
	radius_desk_tell(d, part->file, &record);
}

static int interim_due(sd_event_source *source, uint64_t usec, void *user)
{
	struct radius_part *part = user;

	tell(part, RADIUS_INTERIM, RADIUS_CAUSE_NONE);
	sd_event_source_set_time(source,
		daemon_now(part->call->daemon) + part->reply.interim_interval * USEC_PER_SEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int time_is_up(sd_event_source *source, uint64_t usec, void *user)
{
	struct radius_part *part = user;

	call_close(part->call, "its time is up (Session-Timeout of the RADIUS server)");
	return 0;
}

static int after(struct radius_part *part, sd_event_source **source, uint32_t seconds,
	sd_event_time_handler_t handler)
{
	return seconds ? sd_event_add_time_relative(part->call->daemon->event, source,
				 CLOCK_BOOTTIME, seconds * USEC_PER_SEC, USEC_PER_SEC, handler,
				 part)
		       : 0;
}

void radius_call_up(struct radius_part *part, struct line *line, struct call *call)
{
	if (!part->file)
		return;
	part->line = line;
	part->call = call;
	part->started = true;
	tell(part, RADIUS_START, RADIUS_CAUSE_NONE);
	if (after(part, &part->interim, part->reply.interim_interval, interim_due) < 0 ||
		after(part, &part->limit, part->reply.session_timeout, time_is_up) < 0)
		call_close(call, "out of memory");
}

static enum radius_cause cause_of(const struct radius_part *part, const struct l2tp_reason *reason)
{
	uint32_t limit = part->reply.session_timeout;

	if (limit && daemon_now(part->call->daemon) - part->call->up_since >= limit * USEC_PER_SEC)
		return RADIUS_CAUSE_SESSION_TIMEOUT;
	if (reason->stopccn || reason->who == L2TP_WHO_TIMEOUT)
		return RADIUS_CAUSE_LOST_SERVICE;
	if (reason->who == L2TP_WHO_PEER)
		return RADIUS_CAUSE_NAS_REQUEST;
	switch (reason->result) {
	case L2TP_CDN_LOST_CARRIER:
		return part->line->kind->source == SOURCE_PPPOE ? RADIUS_CAUSE_USER_REQUEST
								: RADIUS_CAUSE_LOST_CARRIER;
	case L2TP_CDN_ADMIN:
		return RADIUS_CAUSE_ADMIN_RESET;
	default:
		return RADIUS_CAUSE_NAS_ERROR;
	}
}

void radius_call_over(struct radius_part *part, const struct l2tp_reason *reason)
{
	if (!part->started)
		return;
	part->started = false;
	tell(part, RADIUS_STOP, cause_of(part, reason));
}

void radius_call_clear(struct daemon *d, struct radius_part *part)
{
	radius_desk_forget(d, &part->order);
	sd_event_source_disable_unref(part->interim);
	sd_event_source_disable_unref(part->limit);
	if (part->has_reply)
		radius_reply_clear(&part->reply);
	free(part->file);
	*part = (struct radius_part){ .file = NULL };
}
