/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where control messages can be watched. While nobody does, daemon.tap is NULL and costs one
 * comparison a datagram. The watcher is watch/packets.c, above everything that calls these.
 */
#ifndef DAEMON_TAP_H
#define DAEMON_TAP_H

#include <stddef.h>

#include "daemon.h"

struct tap {
	/* A datagram arrived; before the core decrypts it in place. */
	void (*arrived)(
		struct daemon *d, const struct l2tp_path *path, const uint8_t *buf, size_t len);
	/* It is an SCCRQ, and this the secret of the link it is for. */
	void (*secret)(
		struct daemon *d, const uint8_t *buf, size_t len, const struct l2tp_secret *secret);
	/* The core has taken it. */
	void (*taken)(struct daemon *d, const struct l2tp_path *path);
	/* One is about to leave. */
	void (*sent)(struct daemon *d, const struct l2tp_effect *effect);
};

#endif
