/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The D-Bus service that NetworkManager talks to: org.freedesktop.NetworkManager.VPN.Plugin, one
 * connection at a time. Keeps no state of L2TP or PPP: that is the daemon's, and what it tells is
 * passed on. If this process dies the daemon ends the call; if NetworkManager dies, this does.
 */
#ifndef NM_SERVICE_H
#define NM_SERVICE_H

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

struct nm_service;

/*
 * Serves on bus (attached to event) until the loop ends. socket: l2tpd's, borrowed. persist: stay
 * when the connection is over; else the loop is left then, or if none comes. 0 or -errno.
 */
int nm_service_new(
	sd_event *event, sd_bus *bus, const char *socket, bool persist, struct nm_service **ret);
/* NULL is allowed. */
void nm_service_free(struct nm_service *service);

#endif
