/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pppoe_host.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "linux/pppoe_socket.h"
#include "linux/process.h"

/* Frames read in one turn: calls that are up have their share, too. */
#define READ_MAX 64

/* An interface that one of them listens on. */
struct port {
	UT_hash_handle hh; /* by ifindex */
	int ifindex;
	struct concentrator *concentrator;
	char name[16];
	bool seen;
};

struct pppoe_host {
	LIST_HEAD(, concentrator) list;
	struct port *ports;
	int fd; /* -1: nobody listens */
	sd_event_source *io;
	bool said; /* that PPPoE cannot be had */
};

int pppoe_host_new(struct daemon *d)
{
	d->pppoe = calloc(1, sizeof(*d->pppoe));
	if (!d->pppoe)
		return -ENOMEM;
	LIST_INIT(&d->pppoe->list);
	d->pppoe->fd = -1;
	return 0;
}

/* --- frames --- */

static int socket_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct daemon *d = user;
	uint8_t frame[PPPOE_FRAME_MAX];
	struct port *port;
	int ifindex;
	ssize_t len;

	for (int i = 0; i < READ_MAX; i++) {
		len = pppoe_socket_recv(fd, frame, sizeof(frame), &ifindex);
		if (len == -EAGAIN)
			break;
		if (len < 0)
			continue; /* -ENETDOWN is said once and no more */
		HASH_FIND_INT(d->pppoe->ports, &ifindex, port);
		if (port)
			concentrator_input(port->concentrator, ifindex, frame, (size_t)len);
	}
	return 0;
}

static void close_socket(struct pppoe_host *host)
{
	host->io = sd_event_source_disable_unref(host->io);
	process_close(host->fd);
	host->fd = -1;
}

static int open_socket(struct daemon *d)
{
	struct pppoe_host *host = d->pppoe;
	int r;

	if (host->fd >= 0)
		return 0;
	r = pppoe_socket_probe();
	if (r == 0)
		r = pppoe_socket_listen(0, &host->fd);
	if (r == 0)
		r = sd_event_add_io(d->event, &host->io, host->fd, EPOLLIN, socket_io, d);
	/* a PADT before the kernel's word that the session is gone */
	if (r >= 0)
		r = sd_event_source_set_priority(host->io, SD_EVENT_PRIORITY_IMPORTANT + 10);
	if (r >= 0)
		return 0;
	close_socket(host);
	if (!host->said)
		log_error("PPPoE cannot be had: %s%s", strerror(-r),
			r == -EAFNOSUPPORT || r == -EPROTONOSUPPORT
				? ". The kernel has no module pppoe"
			: r == -EPERM ? ". It needs CAP_NET_RAW"
				      : "");
	host->said = true;
	return r;
}

/* --- interfaces --- */

static void remove_port(struct pppoe_host *host, struct port *port)
{
	pppoe_ac_remove_port(port->concentrator->ac, (unsigned)port->ifindex);
	concentrator_settle(port->concentrator);
	HASH_DEL(host->ports, port);
	free(port);
}

static bool is_wanted(const struct config_pppoe *config, const char *ifname)
{
	for (size_t i = 0; i < config->interfaces.len; i++)
		if (fnmatch(config->interfaces.word[i], ifname, 0) == 0)
			return true;
	return false;
}

/* The first section that wants it. */
static struct concentrator *who_wants(struct daemon *d, const char *ifname)
{
	struct concentrator *concentrator;

	for (size_t i = 0; i < d->config->pppoes_len; i++) {
		if (!is_wanted(&d->config->pppoes[i], ifname))
			continue;
		LIST_FOREACH (concentrator, &d->pppoe->list, entry)
			if (strcmp(concentrator->name, d->config->pppoes[i].name) == 0)
				return concentrator;
	}
	return NULL;
}

static struct port *add_port(
	struct daemon *d, struct concentrator *concentrator, const struct pppoe_socket_port *found)
{
	struct port *port = calloc(1, sizeof(*port));

	if (!port)
		return NULL;
	port->ifindex = found->ifindex;
	port->concentrator = concentrator;
	HASH_ADD_INT(d->pppoe->ports, ifindex, port);
	if (!port->hh.tbl) {
		free(port);
		return NULL;
	}
	log_notice("pppoe %s: takes calls on %s", concentrator->name, found->ifname);
	return port;
}

/* An Ethernet interface of this machine, as it is now. */
static void port_seen(void *user, const struct pppoe_socket_port *found)
{
	struct daemon *d = user;
	struct concentrator *concentrator = found->up ? who_wants(d, found->ifname) : NULL;
	struct port *port;

	HASH_FIND_INT(d->pppoe->ports, &found->ifindex, port);
	if (port && port->concentrator != concentrator) {
		remove_port(d->pppoe, port);
		port = NULL;
	}
	if (!port && concentrator)
		port = add_port(d, concentrator, found);
	if (!port)
		return;
	port->seen = true;
	snprintf(port->name, sizeof(port->name), "%s", found->ifname);
	if (pppoe_ac_set_port(concentrator->ac, (unsigned)found->ifindex, found->mac, found->mtu) <
		0)
		remove_port(d->pppoe, port);
	else
		concentrator_settle(concentrator); /* another address ends its calls */
}

static void update_ports(struct daemon *d)
{
	struct pppoe_host *host = d->pppoe;
	struct port *port, *tmp;
	int r;

	if (LIST_EMPTY(&host->list))
		return;
	HASH_ITER (hh, host->ports, port, tmp)
		port->seen = false;
	r = pppoe_socket_ports(port_seen, d);
	if (r < 0) {
		log_error("reading the interfaces for PPPoE: %s", strerror(-r));
		return;
	}
	HASH_ITER (hh, host->ports, port, tmp) {
		if (port->seen)
			continue;
		log_notice("pppoe %s: takes no calls on %s any more: it is down or gone",
			port->concentrator->name, port->name);
		remove_port(host, port);
	}
}

unsigned pppoe_host_ports(const struct daemon *d, const struct concentrator *concentrator)
{
	struct port *port, *tmp;
	unsigned n = 0;

	HASH_ITER (hh, d->pppoe->ports, port, tmp)
		n += port->concentrator == concentrator;
	return n;
}

const char *pppoe_host_ifname(const struct daemon *d, int ifindex)
{
	struct port *port;

	HASH_FIND_INT(d->pppoe->ports, &ifindex, port);
	return port ? port->name : "";
}

void pppoe_host_read_news(struct daemon *d, const struct news *news)
{
	if (news->type == NEWS_NETWORK && !d->stopping)
		update_ports(d);
}

/* --- sections --- */

static struct concentrator *find(const struct pppoe_host *host, const char *name)
{
	struct concentrator *concentrator;

	LIST_FOREACH (concentrator, &host->list, entry)
		if (strcmp(concentrator->name, name) == 0)
			return concentrator;
	return NULL;
}

static void keep_or_add(struct daemon *d, const struct config_pppoe *config)
{
	struct concentrator *concentrator = find(d->pppoe, config->name);

	if (concentrator) {
		if (concentrator_configure(concentrator, config) < 0)
			log_error("pppoe %s: out of memory", config->name);
	} else {
		concentrator = concentrator_new(d, config, d->pppoe->fd);
		if (!concentrator) {
			log_error("pppoe %s: out of memory", config->name);
			return;
		}
		LIST_INSERT_HEAD(&d->pppoe->list, concentrator, entry);
	}
	concentrator->kept = true;
}

static void drop(struct daemon *d, struct concentrator *concentrator, const char *why)
{
	struct port *port, *tmp;

	concentrator_close(concentrator, why);
	HASH_ITER (hh, d->pppoe->ports, port, tmp)
		if (port->concentrator == concentrator)
			remove_port(d->pppoe, port);
	LIST_REMOVE(concentrator, entry);
	concentrator_free(concentrator);
}

void pppoe_host_update(struct daemon *d)
{
	struct pppoe_host *host = d->pppoe;
	struct concentrator *concentrator, *next;

	LIST_FOREACH (concentrator, &host->list, entry)
		concentrator->kept = false;
	if (d->config->pppoes_len && open_socket(d) == 0)
		for (size_t i = 0; i < d->config->pppoes_len; i++)
			keep_or_add(d, &d->config->pppoes[i]);
	for (concentrator = LIST_FIRST(&host->list); concentrator; concentrator = next) {
		next = LIST_NEXT(concentrator, entry);
		if (!concentrator->kept)
			drop(d, concentrator, "removed from the configuration");
	}
	if (LIST_EMPTY(&host->list))
		close_socket(host);
	update_ports(d);
}

void pppoe_host_stop(struct daemon *d)
{
	struct concentrator *concentrator;

	LIST_FOREACH (concentrator, &d->pppoe->list, entry)
		pppoe_ac_set_closed(concentrator->ac, true);
}

void pppoe_host_free(struct daemon *d)
{
	struct pppoe_host *host = d->pppoe;

	if (!host)
		return;
	while (!LIST_EMPTY(&host->list))
		drop(d, LIST_FIRST(&host->list), "the daemon stops");
	lines_reap(d);
	close_socket(host);
	free(host);
	d->pppoe = NULL;
}

const struct concentrator *pppoe_host_next(const struct daemon *d, const struct concentrator *prev)
{
	return prev ? LIST_NEXT(prev, entry) : LIST_FIRST(&d->pppoe->list);
}
