/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Monitor, and what it tells of control messages; for the reactor and ctl_methods.c. */
#ifndef DAEMON_WATCH_MONITOR_H
#define DAEMON_WATCH_MONITOR_H

#include <time.h>

#include <l2tp/describe.h>

#include "daemon/daemon.h"

/* The method. */
void ctl_monitor(struct request *request, const json_t *params, void *user);

/* A control message in words, made before the core decrypts it in place. */
struct packet_words {
	struct timespec time; /* CLOCK_REALTIME */
	char message[sizeof(((struct l2tp_description *)0)->name)];
	struct l2tp_header hdr;
	char text[L2TP_DESCRIBE_LINE];
};

/*
 * Only worth while if d->packet_watchers is not 0, as all below. Hidden attributes are shown with
 * the secret of tunnel tid, or with secret if that is not NULL.
 */
void packet_describe(struct daemon *d, uint16_t tid, const uint8_t *buf, size_t len,
	const struct l2tp_secret *secret, struct packet_words *ret);
/* The core took a datagram; before: its counters until then, which tell what it thought of it. */
void packet_received(struct daemon *d, const struct l2tp_path *path,
	const struct l2tp_core_stats *before, const struct packet_words *words);
/* The effect is being carried out. */
void packet_sent(struct daemon *d, const struct l2tp_effect *e);

#endif
