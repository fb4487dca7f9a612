/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "daemon/call/call.h"
#include "linux/program.h"
#include "version.h"

/* So long a program may take: l2tpd.conf(5), HOOKS. */
#define LIMIT_SECONDS 30
/* Programs at once; the others wait. */
#define AT_ONCE 8
#define ENV_MAX 32

/* One program that waits for its turn, or runs. */
struct hook {
	TAILQ_ENTRY(hook) entry;
	struct daemon *daemon;
	uint32_t link; /* the owner's id */
	uint16_t sid;  /* of a call that the peer placed; 0: ours, of which a link has one */
	char name[64]; /* its */
	const char *event;
	char *path;
	char *env[ENV_MAX + 1];
	size_t env_len;
	struct program *program; /* NULL: it waits */
	sd_event_source *io;
};

/* A call that is up, whose end is somebody's business: by what the configuration said then. */
struct hooked {
	UT_hash_handle hh; /* by sid */
	uint16_t sid;
	char *down;
	bool tell_names;
};

struct hooks {
	TAILQ_HEAD(, hook) list; /* in the order of what happened */
	unsigned running;
	struct hooked *calls;
};

int hooks_new(struct daemon *d)
{
	d->hooks = calloc(1, sizeof(*d->hooks));
	if (!d->hooks)
		return -ENOMEM;
	TAILQ_INIT(&d->hooks->list);
	return 0;
}

static void hook_free(struct hooks *hooks, struct hook *hook)
{
	TAILQ_REMOVE(&hooks->list, hook, entry);
	if (hook->program)
		hooks->running--;
	sd_event_source_disable_unref(hook->io);
	program_free(hook->program);
	while (hook->env_len)
		free(hook->env[--hook->env_len]);
	free(hook->path);
	free(hook);
}

static void hooked_free(struct hooks *hooks, struct hooked *hooked)
{
	HASH_DEL(hooks->calls, hooked);
	free(hooked->down);
	free(hooked);
}

void hooks_free(struct daemon *d)
{
	struct hooks *hooks = d->hooks;
	struct hooked *hooked, *tmp;
	struct hook *hook;

	if (!hooks)
		return;
	while ((hook = TAILQ_FIRST(&hooks->list)))
		hook_free(hooks, hook);
	HASH_ITER (hh, hooks->calls, hooked, tmp)
		hooked_free(hooks, hooked);
	free(hooks);
	d->hooks = NULL;
}

bool hooks_busy(const struct daemon *d)
{
	return !TAILQ_EMPTY(&d->hooks->list);
}

/* --- what a program gets --- */

static void __attribute__((format(printf, 3, 4)))
put(struct hook *hook, const char *name, const char *fmt, ...)
{
	char value[1000], *pair;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (hook->env_len < ENV_MAX && asprintf(&pair, "%s=%s", name, value) >= 0)
		hook->env[hook->env_len++] = pair;
}

/* Network byte order; 0: nothing is known, and nothing put. */
static void put_ip(struct hook *hook, const char *name, uint32_t addr)
{
	char text[INET_ADDRSTRLEN];

	if (addr)
		put(hook, name, "%s", inet_ntop(AF_INET, &addr, text, sizeof(text)));
}

static void put_call(struct hook *hook, const struct call *call)
{
	struct l2tp_session_info info = { .calling = "", .called = "" };
	char host[L2TP_ADDR_STRLEN];

	put(hook, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	put(hook, "L2TP_EVENT", "%s", hook->event);
	put(hook, "L2TP_LINK", "%s", call->owner->name);
	put(hook, "L2TP_PEER", "%s", l2tp_addr_format_host(&call->conn->path.peer, host));
	put(hook, "L2TP_TUNNEL", "%u", call->tid);
	put(hook, "L2TP_SESSION", "%u", call->sid);
	put(hook, "L2TP_CALL", "%s", call->incoming ? "incoming" : "outgoing");
	put(hook, "L2TP_USER", "%s", call->user);
	put(hook, "IFNAME", "%s", call->ip.ifname);
	put(hook, "MTU", "%u", call->ip.mtu);
	put_ip(hook, "IPLOCAL", call->ip.local);
	put_ip(hook, "IPREMOTE", call->ip.peer);
	put_ip(hook, "DNS1", call->ip.dns[0]);
	/* pppd says the only one twice */
	if (call->ip.dns[1] != call->ip.dns[0])
		put_ip(hook, "DNS2", call->ip.dns[1]);
	l2tp_core_session_info(call->daemon->core, call->tid, call->sid, &info);
	put(hook, "L2TP_CALLING", "%s", info.calling);
	put(hook, "L2TP_CALLED", "%s", info.called);
	if (call->end)
		put(hook, "L2TP_REASON", "%s", call->end->text);
}

static void put_domains(struct hook *hook, const struct config_link *link)
{
	char text[900] = "";
	size_t len = 0;

	for (size_t i = 0; link && i < link->domains.len && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
			link->domains.word[i]);
	put(hook, "L2TP_DOMAINS", "%s", text);
}

/* --- running them --- */

static void run_next(struct hooks *hooks);

static void tell_result(const struct hook *hook, const struct program_result *result)
{
	char words[PROGRAM_WORDS];

	l2tp_text_copy(words, sizeof(words), l2tp_span_of(result->words));
	if (result->error)
		log_warning("%s: %s program %s: %s", hook->name, hook->event, hook->path,
			strerror(-result->error));
	else if (result->timed_out)
		log_warning("%s: %s program %s took more than %d s and was killed", hook->name,
			hook->event, hook->path, LIMIT_SECONDS);
	else if (result->status)
		log_warning("%s: %s program %s ended with %s %d%s%s", hook->name, hook->event,
			hook->path, result->status < 0 ? "signal" : "status",
			result->status < 0 ? -result->status : result->status, *words ? ": " : "",
			words);
}

static int hook_over(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct hook *hook = user;
	struct hooks *hooks = hook->daemon->hooks;
	struct program_result result;

	program_result(hook->program, &result);
	tell_result(hook, &result);
	hook_free(hooks, hook);
	run_next(hooks);
	return 0;
}

static int run(struct hooks *hooks, struct hook *hook)
{
	int r = program_start(hook->path, hook->env, LIMIT_SECONDS, &hook->program);

	if (r < 0)
		return r;
	hooks->running++;
	log_debug("%s: %s program %s", hook->name, hook->event, hook->path);
	return sd_event_add_io(hook->daemon->event, &hook->io, program_fd(hook->program), EPOLLIN,
		hook_over, hook);
}

/* Nothing of its call, or of our call before it, is before it. */
static bool is_its_turn(const struct hooks *hooks, const struct hook *hook)
{
	const struct hook *other;

	TAILQ_FOREACH (other, &hooks->list, entry) {
		if (other == hook)
			return true;
		if (other->link == hook->link && other->sid == hook->sid)
			return false;
	}
	return true;
}

static void run_next(struct hooks *hooks)
{
	struct hook *hook, *next;

	for (hook = TAILQ_FIRST(&hooks->list); hook && hooks->running < AT_ONCE; hook = next) {
		struct program_result result = { .error = 0 };

		next = TAILQ_NEXT(hook, entry);
		if (hook->program || !is_its_turn(hooks, hook))
			continue;
		result.error = run(hooks, hook);
		if (result.error == 0)
			continue;
		tell_result(hook, &result);
		hook_free(hooks, hook);
	}
}

static void add(const struct call *call, const char *event, const char *path, bool names)
{
	struct hooks *hooks = call->daemon->hooks;
	struct hook *hook = calloc(1, sizeof(*hook));

	if (hook)
		hook->path = strdup(path);
	if (!hook || !hook->path) {
		log_error("%s: %s program %s: out of memory", call->owner->name, event, path);
		free(hook);
		return;
	}
	hook->daemon = call->daemon;
	hook->link = call->owner->id;
	hook->sid = call->incoming ? call->sid : 0;
	hook->event = event;
	snprintf(hook->name, sizeof(hook->name), "%s", call->owner->name);
	put_call(hook, call);
	if (names)
		put_domains(hook, call->owner->config);
	TAILQ_INSERT_TAIL(&hooks->list, hook, entry);
}

/* --- what happened --- */

static void call_is_up_now(struct daemon *d, const struct call *call)
{
	const struct config_link *link = call->owner->config;
	struct hooked *hooked;

	if (!link || (!*link->up && !*link->down && !link->domains.len))
		return;
	hooked = calloc(1, sizeof(*hooked));
	if (!hooked)
		return;
	hooked->sid = call->sid;
	hooked->down = *link->down ? strdup(link->down) : NULL;
	hooked->tell_names = link->domains.len && call_is_the_one(call) && call->ip.dns[0];
	HASH_ADD(hh, d->hooks->calls, sid, sizeof(hooked->sid), hooked);
	if (!hooked->hh.tbl) {
		free(hooked->down);
		free(hooked);
		return;
	}
	if (hooked->tell_names)
		add(call, "up", L2TPD_NAMES_PROGRAM, true);
	if (*link->up)
		add(call, "up", link->up, false);
	run_next(d->hooks);
}

static void call_has_ended(struct daemon *d, const struct call *call)
{
	struct hooked *hooked;

	HASH_FIND(hh, d->hooks->calls, &call->sid, sizeof(call->sid), hooked);
	if (!hooked)
		return;
	if (hooked->down)
		add(call, "down", hooked->down, false);
	if (hooked->tell_names)
		add(call, "down", L2TPD_NAMES_PROGRAM, true);
	hooked_free(d->hooks, hooked);
	run_next(d->hooks);
}

void hooks_read_news(struct daemon *d, const struct news *news)
{
	if (news->type == NEWS_CALL_UP)
		call_is_up_now(d, news->call);
	else if (news->type == NEWS_CALL_ENDED)
		call_has_ended(d, news->call);
}
