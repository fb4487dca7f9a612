/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line_pppoe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/pppoe_socket.h"
#include "linux/process.h"
#include "ppp/lcp.h"

struct pppoe_line {
	struct line line; /* first */
	struct concentrator *concentrator;
	uint16_t sid;
};

static const struct line_kind kind_pppoe;

static struct pppoe_line *of(const struct line *line)
{
	return (struct pppoe_line *)line;
}

/* --- the kind --- */

static void pppoe_describe_leg(struct line *line, struct plane_job *job)
{
	struct pppoe_info info;

	if (!pppoe_ac_info(of(line)->concentrator->ac, of(line)->sid, &info))
		return;
	job->pppoe.ifindex = (int)info.port;
	job->pppoe.sid = info.sid;
	memcpy(job->pppoe.mac, info.mac, sizeof(job->pppoe.mac));
}

static void pppoe_ready(struct line *line)
{
	struct concentrator *concentrator = of(line)->concentrator;

	pppoe_ac_accept(concentrator->ac, daemon_now(line->daemon), of(line)->sid);
	concentrator_settle(concentrator);
}

static uint32_t speed(uint64_t rate)
{
	return rate > UINT32_MAX ? UINT32_MAX : (uint32_t)rate;
}

static void pppoe_params(const struct line *line, struct l2tp_call_params *params)
{
	struct pppoe_info info;

	if (!pppoe_ac_info(of(line)->concentrator->ac, of(line)->sid, &info) || !info.line)
		return;
	params->line = info.line;
	if (l2tp_line_has(info.line, L2TP_LINE_ACTUAL_RATE_DOWN))
		params->tx_speed = speed(info.line->actual.down);
	if (l2tp_line_has(info.line, L2TP_LINE_ACTUAL_RATE_UP))
		params->rx_speed = speed(info.line->actual.up);
}

/* RFC 2516 7: no ACCM and no compression; RFC 4638: an MRU above 1492 if both sides said so. */
static void pppoe_lcp(const struct line *line, struct lcp_params *lcp)
{
	struct pppoe_info info;

	if (pppoe_ac_info(of(line)->concentrator->ac, of(line)->sid, &info))
		lcp->mru = info.max_payload;
}

static void pppoe_hang_up(struct line *line, const struct l2tp_reason *reason)
{
	struct concentrator *concentrator = of(line)->concentrator;

	pppoe_ac_own(concentrator->ac, of(line)->sid, 0);
	pppoe_ac_close(concentrator->ac, daemon_now(line->daemon), of(line)->sid,
		reason->result == L2TP_CDN_INVALID_DESTINATION ? PPPOE_TAG_SERVICE_NAME_ERROR
							       : PPPOE_TAG_AC_SYSTEM_ERROR,
		*reason->text ? reason->text : NULL);
	concentrator_settle(concentrator);
}

static void pppoe_free(struct line *line)
{
	free(of(line));
}

/* Its PADT, if there was one, has been read: that has the higher priority. */
static void pppoe_lost(struct line *line)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.result = L2TP_CDN_LOST_CARRIER,
		.text = "the caller's PPPoE session is gone: its interface went down or changed" };

	pppoe_hang_up(line, &reason);
	line_gone(line, &reason);
}

static const struct line_kind kind_pppoe = {
	.name = "pppoe",
	.source = SOURCE_PPPOE,
	.describe_leg = pppoe_describe_leg,
	.ready = pppoe_ready,
	.params = pppoe_params,
	.lcp = pppoe_lcp,
	.hang_up = pppoe_hang_up,
	.free = pppoe_free,
	.lost = pppoe_lost,
};

const struct concentrator *line_pppoe_info(const struct line *line, struct pppoe_info *ret)
{
	if (line->kind != &kind_pppoe ||
		!pppoe_ac_info(of(line)->concentrator->ac, of(line)->sid, ret))
		return NULL;
	return of(line)->concentrator;
}

/* --- what the concentrator wants done --- */

static void call_wanted(struct concentrator *concentrator, uint16_t sid)
{
	struct daemon *d = concentrator->daemon;
	struct pppoe_line *line;
	struct pppoe_info info;

	if (!pppoe_ac_info(concentrator->ac, sid, &info))
		return;
	line = calloc(1, sizeof(*line));
	if (!line) {
		pppoe_ac_close(concentrator->ac, daemon_now(d), sid, PPPOE_TAG_AC_SYSTEM_ERROR,
			"out of memory");
		return;
	}
	line->concentrator = concentrator;
	line->sid = sid;
	snprintf(line->line.calling, sizeof(line->line.calling), "%02x%02x%02x%02x%02x%02x",
		info.mac[0], info.mac[1], info.mac[2], info.mac[3], info.mac[4], info.mac[5]);
	l2tp_text_copy(line->line.called, sizeof(line->line.called), info.service);
	pppoe_ac_own(concentrator->ac, sid, (uintptr_t)line);
	line_calls(&line->line, d, &kind_pppoe, concentrator->name);
}

static void call_over(const struct pppoe_effect *e)
{
	struct line *line = (struct line *)(uintptr_t)e->owner;
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_LOST_CARRIER };
	char said[120] = "";

	if (!line)
		return;
	l2tp_text_copy(said, sizeof(said), e->end.text);
	switch (e->end.why) {
	case PPPOE_END_PADT:
		snprintf(reason.text, sizeof(reason.text), "the caller hung up (PADT)%s%s",
			*said ? ": " : "", said);
		break;
	case PPPOE_END_REPLACED:
		snprintf(reason.text, sizeof(reason.text), "the caller calls anew");
		break;
	case PPPOE_END_PORT:
		snprintf(reason.text, sizeof(reason.text), "the caller's interface is gone");
		break;
	}
	line_gone(line, &reason);
}

void concentrator_settle(struct concentrator *concentrator)
{
	const struct pppoe_effect *e;

	while ((e = pppoe_ac_next_effect(concentrator->ac))) {
		switch (e->type) {
		case PPPOE_EFFECT_SEND:
			/* what is lost is asked for again */
			pppoe_socket_send(
				concentrator->fd, (int)e->port, e->send.data, e->send.len);
			break;
		case PPPOE_EFFECT_CALL_WANTED:
			call_wanted(concentrator, e->sid);
			break;
		case PPPOE_EFFECT_CALL_END:
			call_over(e);
			break;
		}
	}
}

void concentrator_input(
	struct concentrator *concentrator, int port, const uint8_t *frame, size_t len)
{
	pppoe_ac_input(
		concentrator->ac, daemon_now(concentrator->daemon), (unsigned)port, frame, len);
	concentrator_settle(concentrator);
}

/* --- life --- */

static void make_config(
	const struct daemon *d, const struct config_pppoe *config, struct pppoe_config *ret)
{
	*ret = (struct pppoe_config){
		.ac_name = *config->ac_name ? config->ac_name : d->hostname,
		.services = (const char *const *)config->services.word,
		.service_count = config->services.len,
		.any_service = config->services.len == 0,
		.max_payload = (uint16_t)config->mtu,
		.max_sessions = config->max_calls,
		.max_sessions_per_mac = config->max_calls_per_mac,
		.replace = true,
		.padi_rate = config->padi_rate,
		.closed = d->stopping,
	};
}

struct concentrator *concentrator_new(struct daemon *d, const struct config_pppoe *config, int fd)
{
	struct concentrator *concentrator = calloc(1, sizeof(*concentrator));
	uint8_t seed[PPPOE_SEED_LEN];
	struct pppoe_config pppoe;

	if (!concentrator)
		return NULL;
	process_random(seed, sizeof(seed));
	make_config(d, config, &pppoe);
	concentrator->daemon = d;
	concentrator->fd = fd;
	snprintf(concentrator->name, sizeof(concentrator->name), "%s", config->name);
	concentrator->ac = pppoe_ac_new(&pppoe, seed);
	if (concentrator->ac)
		return concentrator;
	free(concentrator);
	return NULL;
}

void concentrator_free(struct concentrator *concentrator)
{
	pppoe_ac_free(concentrator->ac);
	free(concentrator);
}

int concentrator_configure(struct concentrator *concentrator, const struct config_pppoe *config)
{
	struct pppoe_config pppoe;

	make_config(concentrator->daemon, config, &pppoe);
	return pppoe_ac_configure(concentrator->ac, &pppoe);
}

void concentrator_close(struct concentrator *concentrator, const char *why)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_ADMIN };
	struct line *line, *next;

	snprintf(reason.text, sizeof(reason.text), "%s", why);
	for (line = LIST_FIRST(&concentrator->daemon->lines->list); line; line = next) {
		next = LIST_NEXT(line, all);
		if (line->kind != &kind_pppoe || of(line)->concentrator != concentrator)
			continue;
		pppoe_hang_up(line, &reason);
		line_gone(line, &reason);
	}
}
