/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RADIUS servers of the machine: they say what a test wants, at once. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_linux.h"
#include "fake_priv.h"
#include "radius/radius.h"
#include "rig_alloc.h"

struct fake_answer {
	STAILQ_ENTRY(fake_answer) entry;
	struct radius_result result;
};

struct radius {
	int fd;
	STAILQ_HEAD(, fake_answer) answers;
};

int radius_open(const char *path, struct radius **ret, struct why *why)
{
	struct radius *radius;

	fake_charge(1000);
	if (machine.radius_error)
		return why_not(why, machine.radius_error, "%s:1: no authserver", path);
	radius = calloc(1, sizeof(*radius));
	assert(radius);
	radius->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	STAILQ_INIT(&radius->answers);
	*ret = radius;
	return 0;
}

void radius_free(struct radius *radius, unsigned patience_ms)
{
	struct radius_result *result;

	if (!radius)
		return;
	machine.radius_patience = patience_ms;
	while ((result = radius_next(radius)))
		radius_result_free(result);
	close(radius->fd);
	free(radius);
}

int radius_fd(const struct radius *radius)
{
	return radius->fd;
}

static void answer(struct radius *radius, uint64_t cookie, bool record)
{
	struct fake_answer *fake = calloc(1, sizeof(*fake));

	assert(fake);
	fake->result.cookie = cookie;
	fake->result.record = record;
	fake->result.outcome.verdict = record ? RADIUS_ACCEPTED : machine.radius_verdict;
	for (unsigned i = 0; !record && i < MACHINE_TUNNELS && machine.radius_tunnels[i]; i++) {
		struct radius_tunnel *tunnel = &fake->result.reply.tunnels[i];

		tunnel->server = strdup(machine.radius_tunnels[i]);
		tunnel->secret = machine.radius_secret ? strdup(machine.radius_secret) : NULL;
		fake->result.reply.tunnel_count = i + 1;
	}
	fake->result.reply.interim_interval = machine.radius_interim;
	fake->result.reply.session_timeout = machine.radius_limit;
	STAILQ_INSERT_TAIL(&radius->answers, fake, entry);
	eventfd_write(radius->fd, 1);
}

int radius_ask(
	struct radius *radius, const struct radius_call *call, uint64_t cookie, struct why *why)
{
	fake_charge(50);
	snprintf(machine.radius_user, sizeof(machine.radius_user), "%s",
		call->user ? call->user : call->calling);
	answer(radius, cookie, false);
	return 0;
}

int radius_account(
	struct radius *radius, const struct radius_record *record, uint64_t cookie, struct why *why)
{
	fake_charge(50);
	machine.radius_records[record->event]++;
	machine.radius_cause = record->cause;
	answer(radius, cookie, true);
	return 0;
}

struct radius_result *radius_next(struct radius *radius)
{
	struct fake_answer *fake = STAILQ_FIRST(&radius->answers);
	eventfd_t count;

	if (!fake) {
		eventfd_read(radius->fd, &count);
		return NULL;
	}
	STAILQ_REMOVE_HEAD(&radius->answers, entry);
	return &fake->result;
}

void radius_result_free(struct radius_result *result)
{
	struct fake_answer *fake;

	if (!result)
		return;
	fake = (struct fake_answer *)((char *)result - offsetof(struct fake_answer, result));
	radius_reply_clear(&result->reply);
	free(fake);
}
