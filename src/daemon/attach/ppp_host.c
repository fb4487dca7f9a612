/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "linux/pppd_process.h"
#include "ppp_mppe.h"
#include "ppp_options.h"
#include "ppp_queue.h"

/* The starter keeps no more. */
#define READY_MAX 16

struct ppp_host {
	struct pppd_starter *starter;
	sd_event_source *io;
	struct ppp *starting; /* by cookie */
	uint64_t last_cookie;
};

static void take_result(struct daemon *d, const struct pppd_result *result)
{
	struct ppp_host *host = d->ppp_host;
	struct ppp *ppp;

	if (result->news == PPPD_TROUBLE) {
		log_warning("a ready-made pppd is of no use, calls start theirs by themselves: %s",
			result->text);
		return;
	}
	HASH_FIND(hh, host->starting, &result->cookie, sizeof(result->cookie), ppp);
	if (ppp) {
		HASH_DEL(host->starting, ppp);
		ppp->cookie = 0;
		ppp->start_result(ppp, result);
	} else if (result->news == PPPD_STARTED) {
		pppd_kill_and_reap(result->pid);
	}
}

static int starter_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct pppd_result result;
	struct daemon *d = user;

	while (pppd_starter_next(d->ppp_host->starter, &result))
		take_result(d, &result);
	return 0;
}

int ppp_host_new(struct daemon *d)
{
	struct ppp_host *host = calloc(1, sizeof(*host));
	int r;

	if (!host)
		return -ENOMEM;
	d->ppp_host = host;
	r = pppd_starter_new(&host->starter);
	if (r >= 0)
		r = sd_event_add_io(d->event, &host->io, pppd_starter_fd(host->starter), EPOLLIN,
			starter_io, d);
	return r < 0 ? r : 0;
}

void ppp_host_free(struct daemon *d)
{
	struct ppp_host *host = d->ppp_host;

	if (!host)
		return;
	sd_event_source_disable_unref(host->io);
	if (host->starter)
		pppd_starter_free(host->starter);
	free(host);
	ppp_mppe_free(d);
	d->ppp_host = NULL;
}

void ppp_host_update(struct daemon *d)
{
	struct pppd_options options[READY_MAX] = { 0 };
	const struct pppd_plugins *lists[READY_MAX] = { NULL };
	size_t n = 0;
	int r;

	for (size_t i = 0; i < d->config->ppps_len && n < READY_MAX; i++) {
		if (!d->config->daemon.pppd_ready)
			break;
		ppp_options_plugins(&options[n], d->config, &d->config->ppps[i]);
		lists[n] = &options[n].plugins;
		n++;
	}
	r = pppd_starter_keep(d->ppp_host->starter, d->config->daemon.pppd, lists, n);
	if (r < 0)
		log_warning("ready-made pppds: %s", strerror(-r));
	for (size_t i = 0; i < n; i++)
		pppd_options_clear(&options[i]);
	ppp_queue_update(d);
}

int ppp_host_start(struct ppp *ppp, struct pppd_call *start)
{
	struct ppp_host *host = ppp->call->daemon->ppp_host;
	int r;

	ppp->cookie = start->cookie = ++host->last_cookie;
	HASH_ADD(hh, host->starting, cookie, sizeof(ppp->cookie), ppp);
	r = ppp->hh.tbl ? pppd_starter_submit(host->starter, start) : -ENOMEM;
	if (r < 0)
		ppp_host_forget(ppp);
	return r;
}

void ppp_host_forget(struct ppp *ppp)
{
	struct ppp_host *host = ppp->call->daemon->ppp_host;

	if (ppp->cookie && ppp->hh.tbl)
		HASH_DEL(host->starting, ppp);
	ppp->cookie = 0;
}
