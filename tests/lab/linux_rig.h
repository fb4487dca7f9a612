/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every check of linux_selftest uses: one line each, commands that must work, tunnels in
 * pairs. */
#ifndef TESTS_LINUX_RIG_H
#define TESTS_LINUX_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "linux/l2tp_genl.h"
#include "linux/monitor.h"
#include "linux/udp.h"

/* How long something that must come may take, in ms: guests are emulated and slow. */
#define WAIT_MS 30000

extern unsigned failures;

/* One line, "ok" or "not ok", with a text; what good was. */
bool check(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same with both values in the line when they differ; below 0 is -errno. */
void check_is(long got, long wanted, const char *what);
/* The end of the lines; the exit status. */
int check_end(void);

/* A step of the setting that must work, or nothing after it means anything. */
void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

struct l2tp_addr addr(const char *host, uint16_t port);
bool readable(int fd, int ms);
long now_us(void);

/* Two tunnel ends in one machine: side 0 has tid, side 1 tid + 1. */
struct pair {
	int family;
	uint16_t tid[2];
	int udp[2];
};

void pair_sockets(struct pair *pair, int family, uint16_t tid);
/* The same, with side 0 as the one that was called: on the listener's port. */
void pair_accept(struct pair *pair, int listener, int family, uint16_t tid);
void pair_tunnels(struct pair *pair, struct l2tp_genl *genl);
void pair_close(struct pair *pair, struct l2tp_genl *genl);

struct l2tp_genl_session session_of(const struct pair *pair, int side, uint16_t sid);
/* Session sid on both sides, and its PPPoX sockets. */
void pair_session(struct pair *pair, struct l2tp_genl *genl, uint16_t sid, int pppox[2]);

/* A PPP frame goes in on one side, and what comes out on the other is the same. */
void check_frame(const int pppox[2], int from);

struct wanted_stats {
	uint16_t tid, sid;
	unsigned seen, all;
	struct session_stats stats;
};

/* A dump; wanted says what it gave of the session in it, and of all. */
void dump_stats(struct l2tp_genl *genl, struct wanted_stats *wanted);
/* The kernel removes sessions some time after their last user has gone: soon there is none. */
void check_no_session(struct l2tp_genl *genl, const char *what);

#endif
