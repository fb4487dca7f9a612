/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netwatch.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/call/call.h"
#include "daemon/conn/pin.h"
#include "daemon/iface.h"
#include "kernel.h"

/* ip link set ... name: pppd does not tell */
static void interface_changed(struct daemon *d, const struct monitor_event *event)
{
	struct call *call = iface_call(d, event->ifindex);

	if (!call)
		return;
	snprintf(call->ip.ifname, sizeof(call->ip.ifname), "%s", event->ifname);
	call->ip.mtu = event->mtu;
}

static void monitor_seen(void *user, const struct monitor_event *event)
{
	struct daemon *d = user;

	switch (event->type) {
	case MONITOR_LINK:
		interface_changed(d, event);
		pins_changed(d); /* routes go with their interface without a word of their own */
		break;
	case MONITOR_LINK_GONE:
	case MONITOR_ADDR:
	case MONITOR_ADDR_GONE:
	case MONITOR_ROUTE:
	case MONITOR_LOST:
		pins_changed(d);
		break;
	}
}

static int monitor_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct daemon *d = user;
	int r = monitor_process(d->kernel->monitor, monitor_seen, d);

	if (r < 0)
		log_warning("watching interfaces and routes: %s", strerror(-r));
	return 0;
}

int netwatch_start(struct daemon *d)
{
	struct kernel *k = d->kernel;
	int r = monitor_new(&k->monitor);

	if (r >= 0)
		r = sd_event_add_io(
			d->event, &k->monitor_io, monitor_fd(k->monitor), EPOLLIN, monitor_io, d);
	if (r < 0)
		log_error("cannot watch interfaces and routes (rtnetlink): %s", strerror(-r));
	return r < 0 ? r : 0;
}

void netwatch_stop(struct daemon *d)
{
	struct kernel *k = d->kernel;

	k->monitor_io = sd_event_source_disable_unref(k->monitor_io);
	monitor_free(k->monitor);
	k->monitor = NULL;
}
