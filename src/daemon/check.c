/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "daemon/attach/ppp_options.h"
#include "daemon/call/path_kernel.h"
#include "linux/pppd_check.h"
#include "radius/file.h"

/* pppd takes some milliseconds; with a plugin that asks servers it may take longer. */
#define LIMIT_MS 10000

/* A call of the link that nobody made: as far as options are written by it. */
struct nobody {
	struct conn conn;
	struct call_owner owner;
	struct call call;
};

static void nobody_init(struct nobody *nobody, struct daemon *d, const struct config_link *link)
{
	memset(nobody, 0, sizeof(*nobody));
	nobody->conn.fd = -1;
	nobody->conn.path.peer.sa.sa_family = AF_INET;
	nobody->owner.config = link;
	strncpy(nobody->owner.name, link->name, sizeof(nobody->owner.name) - 1);
	nobody->call.daemon = d;
	nobody->call.conn = &nobody->conn;
	nobody->call.owner = &nobody->owner;
	nobody->call.path = &path_kernel;
	nobody->call.role = link->outcall == link->originate ? L2TP_ROLE_LNS : L2TP_ROLE_LAC;
}

/* As pppd_check(), for the profile with option lines [from, to) only. */
static int ask(struct nobody *nobody, const struct config_ppp *profile, size_t from, size_t to,
	char *text, size_t size)
{
	struct config_ppp part = *profile;
	struct pppd_options options = { 0 };
	int r;

	part.option = profile->option + from;
	part.option_len = to - from;
	r = ppp_options_build(&options, &nobody->call, &part);
	if (r == 0)
		r = pppd_check(
			nobody->call.daemon->config->daemon.pppd, &options, LIMIT_MS, text, size);
	pppd_options_clear(&options);
	return r;
}

/*
 * pppd names a word, not a line; the last line of the shortest beginning of the list that it
 * refuses is the one. profile->option_len: none of them, it is our options.
 */
static size_t find_line(struct nobody *nobody, const struct config_ppp *profile)
{
	char text[300];
	size_t n;

	if (ask(nobody, profile, 0, 0, text, sizeof(text)) != 0)
		return profile->option_len;
	for (n = 1; n < profile->option_len; n++)
		if (ask(nobody, profile, 0, n, text, sizeof(text)) != 0)
			break;
	return n - 1;
}

__attribute__((format(printf, 4, 5))) static void add_error(
	struct config_errors *errors, const char *file, unsigned line, const char *fmt, ...)
{
	char what[600], *text, **texts;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	texts = reallocarray(errors->text, errors->len + 1, sizeof(*texts));
	if (texts)
		errors->text = texts;
	if (texts && asprintf(&text, "%s:%u: %s", file, line, what) >= 0)
		texts[errors->len++] = text;
}

static void check_profile(struct daemon *d, const struct config_link *link,
	const struct config_ppp *profile, struct config_errors *errors)
{
	struct nobody nobody;
	char text[300] = "";
	size_t line;
	int r;

	nobody_init(&nobody, d, link);
	r = ask(&nobody, profile, 0, profile->option_len, text, sizeof(text));
	if (r == 0 || r == -EPERM || r == -ENOENT || r == -EACCES) /* what is missing was said */
		return;
	if (r < 0) {
		add_error(errors, profile->file, profile->line,
			"[ppp %s]: pppd could not be asked: %s", profile->name, strerror(-r));
		return;
	}
	/* our own plugin cannot be loaded: that is not said of a profile, a call tells */
	if (strstr(text, d->config->daemon.pppd_plugin))
		return;
	line = find_line(&nobody, profile);
	if (line < profile->option_len)
		add_error(errors, profile->file, profile->option_line[line],
			"option: '%s': pppd refuses it: %s", profile->option[line], text);
	else
		add_error(errors, profile->file, profile->line,
			"[ppp %s]: pppd refuses its options: %s", profile->name, text);
}

void check_pppd(struct daemon *d, struct config_errors *errors)
{
	/* a profile once, by the first link that has it */
	for (size_t i = 0; i < d->config->ppps_len; i++)
		for (size_t j = 0; j < d->config->links_len; j++)
			if (strcmp(d->config->links[j].ppp, d->config->ppps[i].name) == 0) {
				check_profile(d, &d->config->links[j], &d->config->ppps[i], errors);
				break;
			}
}

void check_radius(const struct config *config, struct config_errors *errors)
{
	for (size_t i = 0; i < config->forwards_len; i++) {
		const struct config_forward *forward = &config->forwards[i];
		struct radius_file file;
		struct why why;

		if (!*forward->radius)
			continue;
		if (radius_file_read(forward->radius, &file, &why) == 0)
			radius_file_clear(&file);
		else
			add_error(errors, forward->file, forward->line, "[forward %s]: radius: %s",
				forward->name, why.text);
	}
}
