/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l2tpd-nm as a process on a bus of its own, between a client that does what NetworkManager does
 * and a daemon that answers what the test says. Both keep what they hear, a line each, in order.
 */
#ifndef NM_RIG_H
#define NM_RIG_H

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "control/server.h"

struct heard {
	char *lines[64];
	size_t count, read;
};

struct nm_rig {
	char dir[64], bus_path[96], socket[96], log[96];
	sd_event *event;
	sd_bus *bus; /* NetworkManager's */
	pid_t bus_pid, pid;
	struct ctl_server *server;
	struct request *links[8]; /* calls that have not ended */
	size_t links_len;
	struct heard from_bus;	  /* "state 3", "reply ok", "error NAME: text", "config ...", ... */
	struct heard from_daemon; /* "link {...}", "gone" */
	int exit_status;	  /* of l2tpd-nm; -1: it runs */
};

/* cmocka's setup and teardown; the second checks that no password is in the log. */
int nm_rig_start(void **state);
int nm_rig_stop(void **state);

/* Start l2tpd-nm; option may be NULL. Returns when it has its name on the bus. */
void nm_rig_run(struct nm_rig *rig, const char *option);
void nm_rig_kill(struct nm_rig *rig, int signal);
void nm_rig_expect_exit(struct nm_rig *rig, int status);
void nm_rig_start_daemon(struct nm_rig *rig);
void nm_rig_stop_daemon(struct nm_rig *rig);

/* Call with a profile of "section.key=value|..."; the reply is heard. method: "Connect", ... */
void nm_rig_call(struct nm_rig *rig, const char *method, const char *profile);
/* From the daemon to the latest link. */
void nm_rig_event(struct nm_rig *rig, const char *json);
/* The next line is this; a "*" at its end stands for anything. Waits for it. */
void nm_rig_expect_bus(struct nm_rig *rig, const char *line);
void nm_rig_expect_daemon(struct nm_rig *rig, const char *line);
/* The same, without order: a line that has the words in it. */
void nm_rig_expect_log(struct nm_rig *rig, const char *words);
/* Nothing else was heard, from either. */
void nm_rig_expect_silence(struct nm_rig *rig);
/* A systemd on the bus, which starts the fake daemon, or says that it cannot. */
void nm_rig_add_systemd(struct nm_rig *rig, bool works);

#endif
