/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linux_steps.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "linux/udp.h"

struct l2tp_addr addr(const char *host, uint16_t port)
{
	struct l2tp_addr a = { 0 };

	assert_int_equal(l2tp_addr_parse(host, port, &a), 0);
	return a;
}

uint16_t local_port(int fd)
{
	struct l2tp_addr a;

	assert_int_equal(udp_local(fd, &a), 0);
	return l2tp_addr_port(&a);
}

bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

/* A peer: a plain socket, not of the layer under test. */
int peer_socket(const char *host)
{
	struct l2tp_addr a = addr(host, 0);
	int fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &a.sa, l2tp_addr_len(&a)), 0);
	return fd;
}

void peer_send(int fd, const struct l2tp_addr *to, const void *data, size_t len)
{
	assert_int_equal(sendto(fd, data, len, 0, &to->sa, l2tp_addr_len(to)), (int)len);
}

bool have_ip6(void)
{
	struct l2tp_addr a = addr("::1", 0);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	bool ok = fd >= 0 && bind(fd, &a.sa, l2tp_addr_len(&a)) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

unsigned count_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}
