/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "forwarded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/attach/line_talk.h"
#include "daemon/attach/pppoe_host.h"
#include "daemon/kernel/ready.h"
#include "kinds.h"
#include "linux/resolve.h"
#include "target_addr.h"

static void place_next(struct forwarded *fwd);

static void let_go_of_target(struct forwarded *fwd)
{
	struct target *target = fwd->target;

	if (!target)
		return;
	if (fwd->waits)
		TAILQ_REMOVE(&target->waiting, fwd, wait);
	target->up -= fwd->up;
	fwd->waits = fwd->up = false;
	fwd->target = NULL;
	target_unref(target);
}

/* The call goes on without it. */
static void let_go_of_call(struct forwarded *fwd)
{
	if (fwd->call)
		fwd->call->line = NULL;
	if (fwd->line)
		fwd->line->call = NULL;
	fwd->call = NULL;
}

static void stop_resolving(struct forwarded *fwd)
{
	fwd->resolve_io = sd_event_source_disable_unref(fwd->resolve_io);
	resolve_free(fwd->resolve);
	fwd->resolve = NULL;
}

static void forwarded_free(struct forwarded *fwd)
{
	radius_call_clear(fwd->forward->daemon, &fwd->radius);
	stop_resolving(fwd);
	free(fwd->addrs);
	let_go_of_target(fwd);
	let_go_of_call(fwd);
	if (fwd->line)
		fwd->line->owner = NULL;
	sd_event_source_disable_unref(fwd->timer);
	LIST_REMOVE(fwd, entry);
	fwd->forward->calls_len--;
	free(fwd);
}

static void refuse_line(struct line *line, const struct l2tp_reason *reason)
{
	bool last;

	if (log_may(&line->daemon->forwards->refused, daemon_now(line->daemon), &last))
		log_notice("%s %s: caller %s%s%s refused: %s%s", line->kind->name, line->section,
			line->calling, *line->user ? ", user " : "", line->user, reason->text,
			last ? "; more will not be logged for a minute" : "");
	line_hang_up(line, reason);
}

static void refuse(struct line *line, uint16_t result, const char *text)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = result };

	snprintf(reason.text, sizeof(reason.text), "%s", text);
	refuse_line(line, &reason);
}

/* Nobody takes it. */
static void give_up(struct forwarded *fwd)
{
	struct l2tp_reason reason = fwd->last;
	struct line *line = fwd->line;

	fwd->forward->refused++;
	if (reason.result == 0 && !reason.stopccn)
		reason.result = L2TP_CDN_NO_FACILITY_TEMP;
	forwarded_free(fwd);
	refuse_line(line, &reason);
}

/* --- one try --- */

static void try_failed(struct forwarded *fwd, bool dead)
{
	struct target *target = fwd->target;

	let_go_of_call(fwd);
	if (!target) { /* a tunnel of RADIUS */
		place_next(fwd);
		return;
	}
	if (dead && target_dead(target)) {
		let_go_of_target(fwd); /* its next address */
		place_next(fwd);
		return;
	}
	fwd->tried[fwd->tried_len++] = target;
	let_go_of_target(fwd);
	place_next(fwd);
}

static void say(struct forwarded *fwd, const char *text)
{
	fwd->last =
		(struct l2tp_reason){ .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_NO_FACILITY_TEMP };
	snprintf(fwd->last.text, sizeof(fwd->last.text), "%.*s", (int)sizeof(fwd->last.text) - 1,
		text);
}

/* The LNS has had its time; that of one there is no other choice for is its link's. */
static int try_over(sd_event_source *source, uint64_t usec, void *user)
{
	struct forwarded *fwd = user;
	struct target *tried[FORWARD_TARGETS_MAX + 1];
	struct call *call = fwd->call;

	if (fwd->up || !call)
		return 0;
	memcpy(tried, fwd->tried, sizeof(fwd->tried));
	tried[fwd->tried_len] = fwd->target;
	if (fwd->target ? !target_has_choice(fwd->forward, tried, fwd->tried_len + 1)
			: !radius_call_has_next(&fwd->radius))
		return 0;
	say(fwd, "no answer from the LNS");
	let_go_of_call(fwd);
	call_close(call, "no answer in time; another LNS is tried");
	try_failed(fwd, true);
	return 0;
}

static void arm_timer(struct forwarded *fwd)
{
	struct daemon *d = fwd->forward->daemon;

	fwd->timer = sd_event_source_disable_unref(fwd->timer);
	/* without it the link's own times count */
	sd_event_add_time_relative(d->event, &fwd->timer, CLOCK_BOOTTIME,
		fwd->forward->config->try_timeout * USEC_PER_SEC, USEC_PER_SEC / 10, try_over, fwd);
}

static void place_on(struct forwarded *fwd, struct link *link, const struct config_link *config,
	const struct l2tp_addr *peer)
{
	struct daemon *d = fwd->forward->daemon;
	struct l2tp_call_params params;
	struct conn *conn;
	struct why why;
	bool opened;
	int r = conn_get(d, config, link->owner.id, peer, &conn, &opened, &why);

	if (r == 0) {
		call_params(&link->owner, &params);
		line_params(fwd->line, &params);
		r = call_place(d, &link->owner, conn, &params, &fwd->call, &why);
	}
	if (r < 0) {
		log_warning("forward %s: %s: %s", fwd->forward->name, link->owner.name, why.text);
		say(fwd, "the call cannot be placed");
		try_failed(fwd, r != -ENOMEM);
		return;
	}
	fwd->call->line = fwd->line;
	fwd->line->call = fwd->call;
	kinds_choose(fwd->call);
	arm_timer(fwd);
}

static void place(struct forwarded *fwd)
{
	struct target *target = fwd->target;
	struct link *link = link_find(fwd->forward->daemon, target->link);

	if (link && fwd->forward->config) {
		place_on(fwd, link, link->owner.config, &target->addrs[target->addr_next]);
		return;
	}
	say(fwd, "the link was removed from the configuration");
	try_failed(fwd, false);
}

/* --- tunnels that a RADIUS server named --- */

/* What they have in common: the first link of "to". */
static struct link *model_link(const struct forwarded *fwd)
{
	const struct config_forward *config = fwd->forward->config;

	return config && config->to.len ? link_find(fwd->forward->daemon, config->to.list[0].link)
					: NULL;
}

/* fwd->tunnel at the first of these addresses. */
static void place_tunnel(struct forwarded *fwd, struct l2tp_addr *peer)
{
	struct link *link = model_link(fwd);

	if (!link) {
		say(fwd, "the link was removed from the configuration");
		give_up(fwd);
		return;
	}
	l2tp_addr_set_port(
		peer, link->owner.config->peer.port ? link->owner.config->peer.port : L2TP_PORT);
	place_on(fwd, link, &fwd->tunnel, peer);
}

static int tunnel_resolved(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct forwarded *fwd = user;
	const char *problem = NULL;
	size_t len = 0;
	int r;

	free(fwd->addrs);
	fwd->addrs = NULL;
	r = resolve_result(fwd->resolve, &fwd->addrs, &len, &problem);
	if (r == -EAGAIN)
		return 0;
	stop_resolving(fwd);
	if (r == 0 && len > 0) {
		place_tunnel(fwd, fwd->addrs);
		return 0;
	}
	say(fwd, "the name of the LNS cannot be resolved");
	try_failed(fwd, true);
	return 0;
}

static int resolve_tunnel(struct forwarded *fwd)
{
	int r = resolve_start(fwd->tunnel.peer.host, L2TP_PORT, &fwd->resolve);

	if (r == 0)
		r = sd_event_add_io(fwd->forward->daemon->event, &fwd->resolve_io,
			resolve_fd(fwd->resolve), EPOLLIN, tunnel_resolved, fwd);
	if (r < 0)
		stop_resolving(fwd);
	return r < 0 ? r : 0;
}

static void place_next_tunnel(struct forwarded *fwd)
{
	struct link *model = model_link(fwd);
	struct l2tp_addr peer;

	if (!model || !radius_call_next(&fwd->radius, model->owner.config, &fwd->tunnel)) {
		give_up(fwd);
		return;
	}
	peer = fwd->tunnel.peer.addr;
	if (peer.sa.sa_family != AF_UNSPEC) {
		place_tunnel(fwd, &peer);
	} else if (resolve_tunnel(fwd) < 0) {
		say(fwd, "the address of the LNS cannot be looked up");
		try_failed(fwd, false);
	}
}

/* --- the address of the LNS --- */

static void place_waiting(struct target *target)
{
	struct forwarded *fwd;

	target->refs++;
	while ((fwd = TAILQ_FIRST(&target->waiting))) {
		TAILQ_REMOVE(&target->waiting, fwd, wait);
		fwd->waits = false;
		if (target->addrs_len) {
			place(fwd);
		} else {
			say(fwd, "the name of the LNS cannot be resolved");
			try_failed(fwd, true);
		}
	}
	target_unref(target);
}

static void place_next(struct forwarded *fwd)
{
	struct forward *forward = fwd->forward;
	struct daemon *d = forward->daemon;
	int r;

	if (forward->config && !d->stopping && radius_call_has_tunnels(&fwd->radius)) {
		place_next_tunnel(fwd);
		return;
	}
	if (!forward->config || d->stopping || fwd->tried_len == FORWARD_TARGETS_MAX ||
		!(fwd->target = target_choose(forward, fwd->tried, fwd->tried_len))) {
		give_up(fwd);
		return;
	}
	if (!kernel_ready(d)) {
		say(fwd, "no data path");
		give_up(fwd);
		return;
	}
	r = target_find_addr(
		fwd->target, &link_find(d, fwd->target->link)->owner.config->peer, place_waiting);
	if (r == 0) {
		place(fwd);
	} else if (r > 0) {
		TAILQ_INSERT_TAIL(&fwd->target->waiting, fwd, wait);
		fwd->waits = true;
	} else {
		say(fwd, "the address of the LNS cannot be looked up");
		try_failed(fwd, false);
	}
}

/* --- news of lines --- */

static void radius_answered(struct radius_order *order, struct radius_result *result)
{
	struct forwarded *fwd =
		(struct forwarded *)((char *)order - offsetof(struct forwarded, radius.order));
	bool rejected = result->outcome.verdict == RADIUS_REJECTED;

	if (result->outcome.verdict == RADIUS_ACCEPTED) {
		fwd->radius.reply = result->reply;
		fwd->radius.has_reply = true;
		result->reply = (struct radius_reply){ .tunnel_count = 0 };
		place_next(fwd);
		return;
	}
	log_notice("forward %s: caller %s: RADIUS: %s", fwd->forward->name, fwd->line->calling,
		result->outcome.text);
	say(fwd, !rejected		  ? "the RADIUS server does not answer"
		 : *result->reply.message ? result->reply.message
					  : "the login is not accepted");
	if (rejected) {
		fwd->last.result = L2TP_CDN_ADMIN;
		fwd->last.ppp_cause = L2TP_PPP_CAUSE_AUTH_FAILED;
	}
	give_up(fwd);
}

static void ask_radius(struct forwarded *fwd)
{
	struct why why;

	fwd->radius.order.answered = radius_answered;
	if (radius_call_ask(&fwd->radius, fwd->forward->config->radius, fwd->line, &why) == 0)
		return;
	log_warning("forward %s: RADIUS: %s", fwd->forward->name, why.text);
	say(fwd, "the RADIUS server cannot be asked");
	give_up(fwd);
}

static void start(struct forward *forward, struct line *line)
{
	struct forwarded *fwd;

	if (forward->config->max_calls && forward->calls_len >= forward->config->max_calls) {
		forward->refused++;
		refuse(line, L2TP_CDN_NO_FACILITY_TEMP, "no more calls are taken now");
		return;
	}
	fwd = calloc(1, sizeof(*fwd));
	if (!fwd) {
		refuse(line, L2TP_CDN_NO_FACILITY_TEMP, "out of memory");
		return;
	}
	fwd->forward = forward;
	fwd->line = line;
	line->owner = fwd;
	forward->taken++;
	forward->calls_len++;
	LIST_INSERT_HEAD(&forward->calls, fwd, entry);
	say(fwd, "there is no LNS to place the call on");
	if (*forward->config->radius)
		ask_radius(fwd);
	else
		place_next(fwd);
}

/* PPP is agreed with the caller first. */
static void talk(const struct config_forward *config, struct line *line)
{
	struct ppp_proxy_params params = { .login = config->proxy == PROXY_AUTH,
		.name = line->daemon->hostname };
	int r;

	line->kind->lcp(line, &params.lcp);
	for (size_t i = 0; params.login && i < config->auth.len; i++)
		for (int method = 0; method < PPP_METHOD_COUNT; method++)
			if (strcmp(config->auth.word[i], ppp_method_name(method)) == 0)
				params.lcp.methods |= PPP_METHOD_BIT(method);
	r = line_talk(line, &params);
	if (r < 0)
		refuse(line, L2TP_CDN_NO_FACILITY_TEMP, strerror(-r));
}

static void line_called(struct daemon *d, struct line *line)
{
	struct forward *forward;

	if (line->state == LINE_ENDED)
		return;
	if (d->stopping) {
		refuse(line, L2TP_CDN_NO_FACILITY_TEMP, "the daemon stops");
		return;
	}
	forward = forward_find(d, line, line->kind->source == SOURCE_LINK);
	if (!forward)
		refuse(line, L2TP_CDN_INVALID_DESTINATION, "no [forward] takes this call");
	else if (forward->config->proxy != PROXY_NONE && line->kind->lcp)
		talk(forward->config, line);
	else
		start(forward, line);
}

static void line_known(struct daemon *d, struct line *line)
{
	struct forward *forward;

	if (line->state != LINE_TALKING)
		return;
	forward = d->stopping ? NULL : forward_find(d, line, true);
	if (forward)
		start(forward, line);
	else
		refuse(line, L2TP_CDN_INVALID_DESTINATION, "no [forward] has this realm");
}

static void line_ended(struct line *line)
{
	struct forwarded *fwd = line->owner;
	struct call *call;

	if (!fwd)
		return;
	call = fwd->call;
	log_info("forward %s: caller %s: %s", fwd->forward->name, line->calling, line->reason.text);
	radius_call_over(&fwd->radius, &line->reason);
	forwarded_free(fwd);
	if (call)
		call_end(call, &line->reason);
}

/* --- news of calls --- */

static void call_up(struct forwarded *fwd, const struct call *call)
{
	fwd->timer = sd_event_source_disable_unref(fwd->timer);
	fwd->up = true;
	if (fwd->target) {
		fwd->target->up++;
		target_alive(fwd->target);
	}
	radius_call_up(&fwd->radius, fwd->line, fwd->call);
	log_info("forward %s: caller %s%s%s is on link %s, session %u", fwd->forward->name,
		fwd->line->calling, *fwd->line->user ? ", user " : "", fwd->line->user,
		call->owner->name, call->sid);
}

/* Another LNS may take what this one did not: it does not answer, or has no room, or says so. */
static bool is_worth_another(const struct l2tp_reason *r, bool *ret_dead)
{
	*ret_dead = r->who == L2TP_WHO_TIMEOUT || r->stopccn;
	if (*ret_dead)
		return true;
	if (r->who == L2TP_WHO_LOCAL) /* this machine cannot do it */
		return false;
	switch (r->result) {
	case L2TP_CDN_ERROR:
		return r->error == L2TP_ERR_RESOURCES || r->error == L2TP_ERR_TRY_ANOTHER;
	case L2TP_CDN_NO_FACILITY_TEMP:
	case L2TP_CDN_NO_FACILITY_PERM:
	case L2TP_CDN_BUSY:
	case L2TP_CDN_TIMEOUT:
		return true;
	default:
		return false;
	}
}

static void call_ended(struct forwarded *fwd, const struct call *call)
{
	struct line *line = fwd->line;
	bool dead;

	fwd->timer = sd_event_source_disable_unref(fwd->timer);
	fwd->last = call->end->reason;
	snprintf(fwd->last.text, sizeof(fwd->last.text), "%.*s", (int)sizeof(fwd->last.text) - 1,
		call->end->text);
	if (fwd->up) {
		struct l2tp_reason reason = fwd->last;

		radius_call_over(&fwd->radius, &reason);
		forwarded_free(fwd);
		line_hang_up(line, &reason);
	} else if (is_worth_another(&fwd->last, &dead)) {
		try_failed(fwd, dead);
	} else {
		give_up(fwd);
	}
}

/* The one that placed the call, if it still wants it. */
static struct forwarded *forwarded_of(const struct call *call)
{
	struct forwarded *fwd = call->line ? call->line->owner : NULL;

	return fwd && fwd->call == call ? fwd : NULL;
}

void forwarded_read_news(struct daemon *d, const struct news *news)
{
	struct forwarded *fwd = news->call ? forwarded_of(news->call) : NULL;

	if (news->type == NEWS_LINE_CALLS)
		line_called(d, news->line);
	else if (news->type == NEWS_LINE_KNOWN)
		line_known(d, news->line);
	else if (news->type == NEWS_LINE_ENDED)
		line_ended(news->line);
	else if (news->type == NEWS_CALL_UP && fwd)
		call_up(fwd, news->call);
	else if (news->type == NEWS_CALL_ENDED && fwd)
		call_ended(fwd, news->call);
}

/* --- orders --- */

static void end_all(struct forward *forward, const char *why)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_ADMIN };
	struct forwarded *fwd;

	snprintf(reason.text, sizeof(reason.text), "%s", why);
	while ((fwd = LIST_FIRST(&forward->calls))) {
		struct line *line = fwd->line;
		struct call *call = fwd->call;

		radius_call_over(&fwd->radius, &reason);
		forwarded_free(fwd);
		line_hang_up(line, &reason);
		if (call)
			call_close(call, why);
	}
}

void forwarded_update(struct daemon *d)
{
	struct forward *forward;

	forwards_update(d);
	TAILQ_FOREACH (forward, &d->forwards->list, entry)
		if (!forward->config)
			end_all(forward, "removed from the configuration");
	forwards_update(d); /* without them they can go */
}

void forwarded_stop(struct daemon *d)
{
	struct l2tp_reason reason = {
		.who = L2TP_WHO_LOCAL, .result = L2TP_CDN_ADMIN, .text = "the daemon stops"
	};
	struct forward *forward;
	struct line *line, *next;

	pppoe_host_stop(d);
	TAILQ_FOREACH (forward, &d->forwards->list, entry)
		end_all(forward, "the daemon stops");
	for (line = LIST_FIRST(&d->lines->list); line; line = next) {
		next = LIST_NEXT(line, all);
		line_hang_up(line, &reason);
	}
}

void forwarded_free_all(struct daemon *d)
{
	struct forward *forward;

	if (!d->forwards)
		return;
	TAILQ_FOREACH (forward, &d->forwards->list, entry)
		while (!LIST_EMPTY(&forward->calls))
			forwarded_free(LIST_FIRST(&forward->calls));
}
