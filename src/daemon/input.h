/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams into the core. */
#ifndef DAEMON_INPUT_H
#define DAEMON_INPUT_H

#include "daemon.h"

/* Who may have tunnels and calls: decided above (link/answer.c), asked from here. */
struct policy {
	/*
	 * A peer asks for a tunnel: answer by l2tp_core_accept() or l2tp_core_refuse() with the
	 * same datagram, or not at all. host: its Host Name AVP, inside buf.
	 */
	void (*want_tunnel)(struct daemon *d, const struct l2tp_path *path, uint8_t *buf,
		size_t len, struct l2tp_span host);
	/* SESSION_OFFER: answer by l2tp_core_accept_call() or l2tp_core_close_session(). */
	void (*want_call)(struct daemon *d, const struct l2tp_effect *offer);
	/* The name behind a cookie that want_tunnel gave; "" if it is gone. */
	const char *(*link_name)(struct daemon *d, uint64_t cookie);
};

/* As udp_recv(): one datagram of fd, its length or -errno (-EAGAIN: none waits). */
typedef ssize_t input_source(
	struct daemon *d, int fd, uint8_t *buf, size_t size, struct l2tp_path *ret_path);

/*
 * Read fd (empty, or a fair part of it) and give every datagram to the core: it is judged by what
 * it says, never by the socket it came through. source NULL: a UDP socket.
 */
void input_read(struct daemon *d, int fd, input_source *source);

#endif
