/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes, interfaces, names, counters and the process itself. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_event.h"
#include "fake_linux.h"
#include "linux/alone.h"
#include "fake_priv.h"
#include "linux/ifaddr.h"
#include "linux/probe.h"
#include "linux/process.h"
#include "linux/resolve.h"
#include "linux/route_table.h"
#include "rig_alloc.h"

struct machine machine;

/* --- process --- */

void process_harden(void)
{
}

void process_random(void *buf, size_t len)
{
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++) {
		machine.random =
			machine.random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		out[i] = (uint8_t)(machine.random >> 56);
	}
}

int64_t process_wall_clock(void)
{
	return machine.wall_clock + (int64_t)(fake_now / USEC_PER_SEC);
}

void process_wall_time(struct timespec *ret)
{
	*ret = (struct timespec){ .tv_sec = process_wall_clock() };
}

unsigned process_files(void)
{
	return 1u << 20;
}

char fake_status[100];

void process_notify(const char *state)
{
	fake_charge(20);
	snprintf(fake_status, sizeof(fake_status), "%s", state);
}

unsigned process_tasks(void)
{
	return 1u << 20;
}

unsigned process_cpus(void)
{
	return 1;
}

int process_id(void)
{
	return 4711;
}

void process_close(int fd)
{
	if (fd < 0)
		return;
	fake_udp_closed(fd);
	/* the last close of a session waits for all processors before Linux 6.12 */
	fake_charge(fake_plane_closed(fd) ? 12000 : 10);
	fake_leg_closed(fd);
	close(fd);
}

size_t probe_machine(
	const char *pppd, const char *plugin, struct probe_finding *findings, size_t max)
{
	fake_charge(5000);
	if (!machine.missing)
		return 0;
	snprintf(findings->what, sizeof(findings->what), "%s", machine.missing);
	snprintf(findings->remedy, sizeof(findings->remedy), "bring it");
	findings->fatal = true;
	return 1;
}

/* --- routes --- */

int route_lookup(const struct l2tp_addr *dst, struct route *ret)
{
	fake_charge(100);
	*ret = (struct route){ .dst = *dst, .ifindex = 2, .gateway = machine.gateway };
	return machine.route_error;
}

int route_pin(const struct l2tp_addr *dst, struct route *ret_route)
{
	fake_charge(300);
	if (machine.route_error)
		return machine.route_error;
	*ret_route = (struct route){ .dst = *dst, .ifindex = 2, .gateway = machine.gateway };
	machine.pinned = *ret_route;
	machine.routes++;
	return 0;
}

int route_unpin(const struct route *route)
{
	fake_charge(200);
	machine.routes--;
	return 0;
}

int route_pin_to(const struct route *route)
{
	fake_charge(200);
	machine.routes++;
	machine.pinned = *route;
	return 0;
}

int route_block(const struct l2tp_addr *dst)
{
	fake_charge(200);
	machine.blocks++;
	return 0;
}

int route_unblock(const struct l2tp_addr *dst)
{
	fake_charge(200);
	machine.blocks--;
	return 0;
}

bool machine_has_another;
unsigned machine_flushed;

int alone_claim(const char *path, int *ret_fd)
{
	*ret_fd = -1;
	return !machine_has_another;
}

void alone_settle(int fd)
{
}

int route_flush(void)
{
	fake_charge(2000);
	machine_flushed++;
	return 0;
}

int route_default_add(int ifindex, int family)
{
	fake_charge(200);
	machine.default_routes++;
	return 0;
}

struct route_table {
	bool read;
};

int route_add(int ifindex, const struct l2tp_addr *net, unsigned width)
{
	fake_charge(200);
	machine.net_routes++;
	return machine.route_error;
}

int route_table_read(struct route_table **ret)
{
	fake_charge(5000);
	*ret = calloc(1, sizeof(**ret));
	assert(*ret);
	return 0;
}

void route_table_free(struct route_table *table)
{
	free(table);
}

int route_table_best(const struct route_table *table, const struct l2tp_addr *dst,
	bool (*skip)(void *user, int ifindex), void *user, struct route *ret)
{
	return route_lookup(dst, ret);
}

bool route_table_has_pin(const struct route_table *table, const struct l2tp_addr *dst)
{
	return machine.routes > 0 && !machine.pin_lost;
}

bool route_table_has_default(const struct route_table *table, int ifindex, int family)
{
	return machine.default_routes > 0;
}

/* --- interfaces --- */

int ifaddr_read(
	void (*cb)(void *user, int ifindex, const char *ifname, const struct l2tp_addr *addr),
	void *user)
{
	fake_charge(2500);
	for (int i = 0; i < MACHINE_ADDRS; i++)
		if (*machine.addrs[i].ifname)
			cb(user, 2 + i, machine.addrs[i].ifname, &machine.addrs[i].addr);
	return 0;
}

bool ifaddr_name(int ifindex, char *ret)
{
	fake_charge(50);
	if (ifindex < 2 || ifindex >= 2 + MACHINE_ADDRS)
		return false;
	strcpy(ret, machine.addrs[ifindex - 2].ifname);
	return *ret != '\0';
}

int ifaddr_set_mtu(const char *ifname, unsigned mtu)
{
	fake_charge(100);
	machine.mtu_set = mtu;
	return 0;
}

int ifaddr_index(const char *ifname)
{
	fake_charge(50);
	return 99;
}

/* --- names --- */

struct resolve {
	int fd;
	struct l2tp_addr *addrs;
	size_t len;
};

static void resolve_all(struct resolve *resolve, const char *list, uint16_t port)
{
	char copy[300], *word, *save = NULL;

	snprintf(copy, sizeof(copy), "%s", list);
	resolve->addrs = calloc(8, sizeof(*resolve->addrs));
	assert(resolve->addrs);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		assert(l2tp_addr_parse(word, port, &resolve->addrs[resolve->len++]) == 0);
}

int resolve_start(const char *host, uint16_t port, struct resolve **ret)
{
	struct resolve *resolve = calloc(1, sizeof(*resolve));

	fake_charge(50);
	assert(resolve);
	resolve->fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	for (size_t i = 0; i < MACHINE_ADDRS; i++)
		if (machine.names[i] && strcmp(machine.names[i], host) == 0)
			resolve_all(resolve, machine.resolved[i], port);
	*ret = resolve;
	return 0;
}

int resolve_fd(const struct resolve *resolve)
{
	return resolve->fd;
}

int resolve_result(
	struct resolve *resolve, struct l2tp_addr **ret, size_t *ret_len, const char **ret_problem)
{
	eventfd_t count;

	fake_charge(20);
	if (machine.resolve_held) {
		eventfd_read(resolve->fd, &count);
		return -EAGAIN;
	}
	if (!resolve->addrs) {
		*ret_problem = "Name or service not known";
		return -EHOSTUNREACH;
	}
	*ret = resolve->addrs;
	*ret_len = resolve->len;
	resolve->addrs = NULL;
	return 0;
}

void resolve_free(struct resolve *resolve)
{
	if (!resolve)
		return;
	close(resolve->fd);
	free(resolve->addrs);
	free(resolve);
}

/* --- rtnetlink --- */

struct fake_change {
	STAILQ_ENTRY(fake_change) entry;
	struct monitor_event event;
};
struct monitor {
	int fd;
};

static struct monitor *the_monitor;

int monitor_new(struct monitor **ret)
{
	*ret = calloc(1, sizeof(**ret));
	assert(*ret);
	(*ret)->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	the_monitor = *ret;
	return 0;
}

void monitor_free(struct monitor *monitor)
{
	if (!monitor)
		return;
	close(monitor->fd);
	free(monitor);
	the_monitor = NULL;
}

int monitor_fd(const struct monitor *monitor)
{
	return monitor->fd;
}

void machine_changes(const struct monitor_event *event)
{
	struct fake_change *change = calloc(1, sizeof(*change));

	assert(change);
	change->event = *event;
	STAILQ_INSERT_TAIL(&machine.changes, change, entry);
	if (the_monitor)
		eventfd_write(the_monitor->fd, 1);
}

int monitor_process(struct monitor *monitor,
	void (*cb)(void *user, const struct monitor_event *event), void *user)
{
	struct fake_change *change;
	eventfd_t count;

	fake_charge(100);
	eventfd_read(monitor->fd, &count);
	while ((change = STAILQ_FIRST(&machine.changes))) {
		STAILQ_REMOVE_HEAD(&machine.changes, entry);
		cb(user, &change->event);
		free(change);
	}
	return 0;
}

/* --- counters --- */

struct stats_stream {
	int fd;
	bool running;
};

int stats_new(int family, struct stats_stream **ret)
{
	*ret = calloc(1, sizeof(**ret));
	assert(*ret);
	(*ret)->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return 0;
}

void stats_free(struct stats_stream *stats)
{
	if (!stats)
		return;
	close(stats->fd);
	free(stats);
}

int stats_fd(const struct stats_stream *stats)
{
	return stats->fd;
}

int stats_request(struct stats_stream *stats)
{
	fake_charge(50);
	if (stats->running)
		return -EBUSY;
	stats->running = true;
	eventfd_write(stats->fd, 1);
	return 0;
}

int stats_process(struct stats_stream *stats,
	void (*cb)(void *user, const struct session_stats *session), void *user, bool *ret_done)
{
	eventfd_t count;

	fake_charge(500);
	eventfd_read(stats->fd, &count);
	for (size_t i = 0; i < machine.stats_len; i++)
		cb(user, &machine.stats[i]);
	stats->running = false;
	*ret_done = true;
	return 0;
}

/* --- all of it --- */

void fake_net_reset(void)
{
	struct fake_change *change;

	while ((change = STAILQ_FIRST(&machine.changes))) {
		STAILQ_REMOVE_HEAD(&machine.changes, entry);
		free(change);
	}
}

static void drop_sent(void)
{
	struct datagram *d;

	while ((d = machine_sent()))
		free(d);
}

void machine_reset(void)
{
	memset(&machine, 0, sizeof(machine));
	STAILQ_INIT(&machine.sent);
	STAILQ_INIT(&machine.changes);
	TAILQ_INIT(&machine.pppds);
	machine.random = 1;
	machine.wall_clock = 1700000000;
	fake_now = 1000 * USEC_PER_SEC;
	fake_longest = 0;
}

void machine_check_clean(void)
{
	drop_sent();
	fake_net_reset();
	fake_pppd_reset();
	fake_line_reset();
	assert(machine.pppoe_sessions == 0 && machine.ttys == 0);
	assert(fake_udp_count() == 0);
	assert(machine.kernel_tunnels == 0);
	assert(machine.kernel_sessions == 0);
	assert(machine.loopbacks == 0);
	assert(machine.routes == 0);
	assert(machine.blocks == 0);
}
