/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole daemon but main() in virtual time, without root: configuration, links, core, calls,
 * control socket, over a machine in memory (fake_linux.h, fake_event.h). Peers are protocol cores
 * of their own at addresses of a small network.
 */
#ifndef RIG_DAEMON_RIG_H
#define RIG_DAEMON_RIG_H

#include <jansson.h>

#include "daemon/call/call.h"
#include "daemon/daemon.h"
#include "daemon/link/link.h"
#include "fake_event.h"
#include "fake_linux.h"

#define RIG_PEERS 128

/* A peer: answers tunnels and calls by itself. */
struct rig_peer {
	struct l2tp_addr addr;
	struct l2tp_core *core; /* NULL: nobody has this address */
	bool silent;		/* gets everything, says nothing */
	bool unheard;		/* says everything, gets nothing */
	const char *secret;
	enum l2tp_stopccn_result refuse_tunnel; /* 0: it does not */
	uint16_t refuse_call;			/* CDN result; 0: it does not */
	struct l2tp_call_params call_params;
	uint16_t tid; /* of the newest tunnel that came up */
	unsigned tunnels_up, tunnels_down, sessions_up, sessions_down;
	uint16_t sid;		 /* of the newest session */
	struct l2tp_reason last; /* why the newest session or tunnel ended */
};

struct rig {
	struct daemon d;
	char dir[64], config[96], socket[96];
	bool running;
	int result; /* of start_daemon() */
	struct rig_peer peers[RIG_PEERS];
	unsigned loss; /* percent of the datagrams */
	bool (*filter)(struct rig *rig, const struct datagram *datagram); /* false: dropped */
};

/* Start a daemon with this configuration. The result of start_daemon(). */
int rig_start(struct rig *rig, const char *config);
/* The same on a kernel that finds the session of a packet by its socket (before 6.11). */
int rig_start_on(struct rig *rig, const char *config, bool by_socket);
/* End it at once, and check that nothing is left. */
void rig_end(struct rig *rig);
/* SIGTERM, and run until it leaves the loop; then rig_end(). Virtual time that took. */
usec_t rig_stop(struct rig *rig);
/* Another configuration file, and SIGHUP. */
void rig_reload(struct rig *rig, const char *config);

/* Everything that can happen without time going on. */
void rig_pump(struct rig *rig);
/* One event after another until done(rig); false: nothing more can happen before that. */
bool rig_step_until(struct rig *rig, bool (*done)(struct rig *rig));
/* So many rounds of one event, the network and the pppds. */
void rig_steps(struct rig *rig, unsigned steps);
/* Time goes on by so much, or until done(rig) is true. */
void rig_run(struct rig *rig, usec_t time);
bool rig_run_until(struct rig *rig, usec_t time, bool (*done)(struct rig *rig));

/* A peer at "ADDR"; port 1701, or this one. */
struct rig_peer *rig_peer(struct rig *rig, const char *addr);
struct rig_peer *rig_peer_at(struct rig *rig, const char *addr, uint16_t port);
/* It opens a tunnel to the machine's address; its id there, or -errno. */
int rig_peer_opens_tunnel(struct rig_peer *peer, const char *machine_addr);
/* The same, and places a call in it. */
void rig_peer_opens(struct rig_peer *peer, const char *machine_addr);
/* The same, and everything that comes of it without time going on. */
void rig_peer_calls(struct rig *rig, struct rig_peer *peer, const char *machine_addr);
void rig_peer_places_call(struct rig *rig, struct rig_peer *peer);

struct link *rig_link(struct rig *rig, const char *name);
unsigned rig_calls(const struct rig *rig);
/* The newest call of the link; NULL: none. */
struct call *rig_call(struct rig *rig, const char *link);

/* --- control clients --- */

/* Connects; the descriptor is the caller's to close. */
int rig_client(struct rig *rig);
/* Send a request, and let nothing happen yet. */
void rig_send(int fd, const char *method, const char *params);
/* The same to a daemon that may be gone or full. */
void rig_try_send(int fd, const char *method, const char *params);
/* The same, and everything that comes of it without time going on: {"link":"x"} etc. */
void rig_request(struct rig *rig, int fd, const char *method, const char *params);
/* The next reply (decref); NULL: none yet. */
json_t *rig_reply(struct rig *rig, int fd);
/* A whole exchange on a connection of its own: the reply (decref), NULL: none came by now. */
json_t *rig_exchange(struct rig *rig, const char *method, const char *params);
/* What a reply says: the error's name without "org.l2tpd.", "" if it is none. */
const char *rig_error(const json_t *reply);
/* The message of an error. */
const char *rig_message(const json_t *reply);

#endif
