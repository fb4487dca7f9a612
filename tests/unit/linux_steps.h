/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, sockets that are not of the layer under test, and waiting for one. */
#ifndef TESTS_LINUX_STEPS_H
#define TESTS_LINUX_STEPS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <l2tp/types.h>

/* How long something that must come may take, in ms. */
#define WAIT_MS 20000

struct l2tp_addr addr(const char *host, uint16_t port);
bool have_ip6(void);

/* The port udp_local() tells. */
uint16_t local_port(int fd);
bool readable(int fd, int ms);
/* Descriptors this process has open. */
unsigned count_fds(void);

/* A peer: a plain socket with a port of the kernel's choice. */
int peer_socket(const char *host);
void peer_send(int fd, const struct l2tp_addr *to, const void *data, size_t len);

/* cmocka's skip() is "not ok ... # SKIP" in TAP, which readers of TAP take for a failure. */
#define leave_out(why)                                                                             \
	do {                                                                                       \
		fprintf(stderr, "# %s left out: %s\n", __func__, why);                             \
		return;                                                                            \
	} while (0)

#endif
