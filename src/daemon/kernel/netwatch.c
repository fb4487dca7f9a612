/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netwatch.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/call/call.h"
#include "daemon/conn/pin.h"
#include "daemon/iface.h"
#include "daemon/netaddrs.h"
#include "kernel.h"
#include "linux/ifaddr.h"

/* Changes come in bursts: one look so long after the first of them. */
#define BURST (200 * USEC_PER_MSEC)
/* An address that is gone so long is not coming back. */
#define ADDRESS_GRACE (10 * USEC_PER_SEC)

static void seed_address(void *user, int ifindex, const char *ifname, const struct l2tp_addr *addr)
{
	netaddrs_add(user, ifindex, ifname, addr);
}

/* What was told is incomplete: read it all. */
static void read_addresses(struct daemon *d)
{
	int r;

	netaddrs_clear(d);
	r = ifaddr_read(seed_address, d);
	if (r < 0)
		log_error("reading the addresses of this machine: %s", strerror(-r));
}

/* Interfaces of our own calls come and go all the time and change nothing for anybody. */
static bool is_foreign(struct daemon *d)
{
	const struct kernel *k = d->kernel;

	if (k->changed_len > KERNEL_CHANGED_MAX)
		return true;
	for (unsigned i = 0; i < k->changed_len; i++)
		if (!iface_call(d, k->changed[i]))
			return true;
	return false;
}

static int burst_over(sd_event_source *source, uint64_t usec, void *user)
{
	struct daemon *d = user;
	bool foreign = is_foreign(d);

	d->kernel->burst = false;
	d->kernel->changed_len = 0;
	if (!foreign)
		return 0;
	pins_check(d);
	news_post(d->news, &d->kernel->network_news, &(struct news){ .type = NEWS_NETWORK });
	return 0;
}

/* More in the same burst do not put the look off. */
static void something_changed(struct daemon *d, int ifindex)
{
	sd_event_source *timer = d->kernel->burst_timer;
	struct kernel *k = d->kernel;

	if (iface_call(d, ifindex))
		return;
	if (k->changed_len < KERNEL_CHANGED_MAX)
		k->changed[k->changed_len] = ifindex;
	if (k->changed_len <= KERNEL_CHANGED_MAX)
		k->changed_len++;
	if (k->burst)
		return;
	k->burst = true;
	sd_event_source_set_time(timer, daemon_now(d) + BURST);
	sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

/* ip link set ... name: pppd does not tell */
static void interface_changed(struct daemon *d, const struct monitor_event *event)
{
	struct call *call = iface_call(d, event->ifindex);

	netaddrs_rename(d, event->ifindex, event->ifname);
	if (!call)
		return;
	snprintf(call->ip.ifname, sizeof(call->ip.ifname), "%s", event->ifname);
	call->ip.mtu = event->mtu;
}

static int addresses_settled(sd_event_source *source, uint64_t usec, void *user)
{
	conns_check_local(user);
	return 0;
}

/* It may come back at once, as when DHCP renews it. */
static void address_gone(struct daemon *d)
{
	sd_event_source_set_time(d->kernel->address_timer, daemon_now(d) + ADDRESS_GRACE);
	sd_event_source_set_enabled(d->kernel->address_timer, SD_EVENT_ONESHOT);
}

static void monitor_seen(void *user, const struct monitor_event *event)
{
	struct daemon *d = user;

	switch (event->type) {
	case MONITOR_LINK:
		interface_changed(d, event);
		break; /* routes go with their interface without a word of their own */
	case MONITOR_LINK_GONE:
		netaddrs_drop_interface(d, event->ifindex);
		break;
	case MONITOR_ADDR:
		netaddrs_add(d, event->ifindex, NULL, &event->local);
		break;
	case MONITOR_ADDR_GONE:
		netaddrs_remove(d, event->ifindex, &event->local);
		address_gone(d);
		break;
	case MONITOR_ROUTE:
		break;
	case MONITOR_LOST:
		read_addresses(d);
		break;
	}
	something_changed(d, event->type == MONITOR_LOST ? 0 : event->ifindex);
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
	if (r >= 0)
		r = sd_event_add_time(
			d->event, &k->burst_timer, CLOCK_BOOTTIME, 0, 1, burst_over, d);
	if (r >= 0)
		r = sd_event_add_time(d->event, &k->address_timer, CLOCK_BOOTTIME, 0, USEC_PER_SEC,
			addresses_settled, d);
	if (r < 0) {
		log_error("cannot watch interfaces and routes (rtnetlink): %s", strerror(-r));
		return r;
	}
	sd_event_source_set_enabled(k->burst_timer, SD_EVENT_OFF);
	sd_event_source_set_enabled(k->address_timer, SD_EVENT_OFF);
	read_addresses(d);
	return 0;
}

void netwatch_stop(struct daemon *d)
{
	struct kernel *k = d->kernel;

	k->monitor_io = sd_event_source_disable_unref(k->monitor_io);
	k->burst_timer = sd_event_source_disable_unref(k->burst_timer);
	k->address_timer = sd_event_source_disable_unref(k->address_timer);
	monitor_free(k->monitor);
	k->monitor = NULL;
	netaddrs_clear(d);
}
