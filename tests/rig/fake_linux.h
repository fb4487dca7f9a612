/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine in memory: src/linux for the daemon in the rig, linked in place of the real one. UDP
 * sockets of a small network, a kernel plane, pppds, routes, interfaces. What a test wants to go
 * wrong it says in struct machine.
 */
#ifndef RIG_FAKE_LINUX_H
#define RIG_FAKE_LINUX_H

#include <stdbool.h>
#include <sys/queue.h>

#include <l2tp/types.h>
#include <l2tpd/plugin.h>

#include "linux/monitor.h"
#include "linux/plane.h"
#include "linux/pppoe_socket.h"
#include "linux/route.h"
#include "linux/udp.h"
#include "radius/radius.h"

#define MACHINE_DATAGRAM_MAX 2048
#define MACHINE_ADDRS	     8
#define MACHINE_PORTS	     8
#define MACHINE_TUNNELS	     4

struct datagram {
	STAILQ_ENTRY(datagram) entry;
	struct l2tp_path path; /* local and peer of the machine */
	size_t len;
	uint8_t data[MACHINE_DATAGRAM_MAX];
};
STAILQ_HEAD(datagram_list, datagram);

/* What a pppd does by itself. */
enum pppd_mode {
	PPPD_COMES_UP, /* says everything up to IP */
	PPPD_SILENT,   /* says hello, then waits for the test */
	PPPD_EXITS,    /* with machine.pppd_status, at once */
};

struct fake_pppd {
	TAILQ_ENTRY(fake_pppd) entry;
	pid_t pid;
	int fd, log_fd; /* its ends of the plugin's socket and of its words */
	char *options;
	enum pppd_mode mode;
	bool started;	 /* it has done what its mode says */
	bool terminated; /* SIGTERM was sent */
	bool deaf;	 /* it does not care about SIGTERM */
	bool killed;
	bool ended; /* waits to be reaped */
	int status;
	usec_t ends_at; /* after SIGTERM */
};

/* An address of an interface of the machine. */
struct fake_addr {
	char ifname[16];
	struct l2tp_addr addr;
};

/* A PPP channel that the daemon has. */
struct fake_leg {
	TAILQ_ENTRY(fake_leg) entry;
	int far;	    /* what is written here the daemon reads, and the other way round */
	int line, ours;	    /* its descriptors; -1: closed */
	int channel;	    /* its number */
	int joined;	    /* that of the other one; 0: none */
	uint16_t pppoe_sid; /* 0: of an L2TP session */
};

struct machine {
	struct datagram_list sent; /* by the daemon, not delivered yet */
	bool no_network;	   /* sending fails with ENETUNREACH */
	struct udp_refusal
		icmp;	   /* what becomes of datagrams of unconnected sockets; error 0: sent */
	unsigned path_mtu; /* 0: 1500 */
	int listen_error, tunnel_socket_error, accept_error; /* -errno; 0: none */
	const char *missing; /* what probe_machine() finds; NULL: nothing */

	int plane_error[PLANE_CLOSE + 1]; /* -errno for jobs of that kind */
	bool plane_held;		  /* results wait until it is false */
	bool by_socket;			  /* as kernels before 6.11; see rig_start_on() */
	bool plane_no_memory;		  /* nothing can be ordered */
	unsigned kernel_tunnels, kernel_sessions, loopbacks; /* there now */

	TAILQ_HEAD(fake_pppds, fake_pppd) pppds; /* not reaped */
	enum pppd_mode pppd_mode;		 /* of new ones */
	bool pppd_deaf;
	int pppd_status, spawn_error;
	const char *pppd_refuses; /* a line that pppd_check() does not like; NULL: none */
	unsigned spawned, ready_made;
	bool ipv6; /* new ones bring IPv6 up, too */

	struct fake_addr addrs[MACHINE_ADDRS];
	const char *names[MACHINE_ADDRS];    /* host names that resolve ... */
	const char *resolved[MACHINE_ADDRS]; /* ... to these addresses, with blanks between */
	bool resolve_held;
	unsigned guarded; /* sessions behind the fence now */
	int guard_error;
	unsigned net_routes; /* route_add(), since the start */
	unsigned routes, blocks, default_routes, mtu_set;
	struct l2tp_addr gateway; /* of all ways */
	struct route pinned;	  /* the last host route that was set */
	bool pin_lost;
	int route_error;

	struct pppoe_socket_port ports[MACHINE_PORTS]; /* ends with ifindex 0 */
	int pppoe_error, join_error, tty_error;
	unsigned ttys; /* serial lines that are open */
	uint32_t tty_errors[6], accm;
	unsigned pppoe_sessions; /* of the kernel, there now */

	int radius_error;
	enum radius_verdict radius_verdict;	     /* of every question */
	const char *radius_tunnels[MACHINE_TUNNELS]; /* servers it names, up to NULL */
	const char *radius_secret;
	uint32_t radius_interim, radius_limit;
	unsigned radius_patience;   /* of the last one that was closed, milliseconds */
	char radius_user[128];	    /* of the last question */
	unsigned radius_records[4]; /* by event */
	enum radius_cause radius_cause;

	STAILQ_HEAD(, fake_change) changes; /* of rtnetlink, not read yet */
	struct session_stats stats[64];
	size_t stats_len;
	uint64_t random;
	int64_t wall_clock; /* at fake_now 0 */
};

extern struct machine machine;
/* Of all that were started: does another l2tpd live, and how often were leftovers removed. */
extern bool machine_has_another;
extern unsigned machine_flushed;

/* What the manager of services was told last. */
extern char fake_status[100];

/* A machine as after power-on. */
void machine_reset(void);
/* Everything of it is closed and freed; asserts that the daemon left nothing. */
void machine_check_clean(void);

/* A datagram for the machine arrived; false: no socket takes it. */
bool machine_deliver(const struct l2tp_path *path, const void *data, size_t len);
/* The oldest datagram sent (free() it); NULL: none. */
struct datagram *machine_sent(void);

/* Let pppds do what their mode says, and end those whose time has come. event: of the daemon. */
struct sd_event;
void machine_run_pppds(struct sd_event *event);
/* When the next pppd ends by itself; USEC_INFINITY: none does. */
usec_t machine_next(void);
/* The newest pppd that runs; NULL: none does. */
struct fake_pppd *machine_pppd(void);
void pppd_says(struct fake_pppd *pppd, const struct plugin_msg *msg);
void pppd_says_text(
	struct fake_pppd *pppd, enum plugin_msg_type type, int number, const char *text);
/* Everything that leads to IP with these addresses. */
void pppd_comes_up(struct fake_pppd *pppd, const char *local, const char *peer);
void pppd_exits(struct sd_event *event, struct fake_pppd *pppd, int status);
/* Ask as the plugin does; the answer arrives when the daemon has run: pppd_answer(). */
void pppd_asks(struct fake_pppd *pppd, enum plugin_msg_type type, int number, const char *text);
/* The same for PLUGIN_ASK_ADDRESS. suggested: "": none */
void pppd_asks_address(struct fake_pppd *pppd, int number, const char *user, const char *suggested);
bool pppd_answer(struct fake_pppd *pppd, struct plugin_msg *ret);
/* A line on its stdout. */
void pppd_writes(struct fake_pppd *pppd, const char *line);
bool pppd_has_option(const struct fake_pppd *pppd, const char *line);

/* The channel of that number, the oldest first; NULL: there is none. */
struct fake_leg *machine_leg(unsigned index);
/* The kernel takes it away. */
void machine_leg_lost(struct fake_leg *leg);
/* An Ethernet frame arrives at an interface. */
void machine_ethernet_in(int ifindex, const uint8_t *octets, size_t len);
/* The oldest one that was sent; its length, 0: none. */
size_t machine_ethernet_out(int *ret_ifindex, uint8_t *buf, size_t size);

/* Results that were held come now. */
void machine_release_plane(void);
/* An event of rtnetlink. */
void machine_changes(const struct monitor_event *event);

#endif
