/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppds that do what a script says, with the socket of the plugin but without a process. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_event.h"
#include "fake_linux.h"
#include "fake_priv.h"
#include "linux/pppd_check.h"
#include "linux/pppd_process.h"
#include "linux/pppd_starter.h"
#include "linux/process.h"
#include "rig_alloc.h"

/* What a pppd takes to say goodbye. */
#define GOODBYE (50 * USEC_PER_MSEC)

static struct fake_pppd *pppd_of(pid_t pid)
{
	struct fake_pppd *pppd;

	TAILQ_FOREACH (pppd, &machine.pppds, entry)
		if (pppd->pid == pid)
			return pppd;
	return NULL;
}

/* What the kernel does when a process ends: its files are closed, its number stays taken. */
static void pppd_end(struct fake_pppd *pppd)
{
	if (pppd->ended)
		return;
	pppd->ended = true;
	fake_plane_pppd_gone(pppd->pid);
	close(pppd->fd);
	close(pppd->log_fd);
	pppd->fd = pppd->log_fd = -1;
}

static void pppd_free(struct fake_pppd *pppd)
{
	pppd_end(pppd);
	TAILQ_REMOVE(&machine.pppds, pppd, entry);
	free(pppd->options);
	free(pppd);
}

void fake_pppd_reset(void)
{
	while (!TAILQ_EMPTY(&machine.pppds))
		pppd_free(TAILQ_FIRST(&machine.pppds));
}

/* --- what the daemon calls --- */

int pppd_socket(int *ret_ours, int *ret_pppds)
{
	int fds[2];

	fake_charge(50);
	assert(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
	*ret_ours = fds[0];
	*ret_pppds = fds[1];
	return 0;
}

ssize_t pppd_receive(int fd, void *buf, size_t size)
{
	ssize_t n = recv(fd, buf, size, MSG_DONTWAIT);

	fake_charge(10);
	return n < 0 ? -errno : n;
}

int pppd_send(int fd, const void *buf, size_t len)
{
	fake_charge(20);
	return send(fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* --- the starter: results come with the next look at its descriptor --- */

struct fake_start {
	STAILQ_ENTRY(fake_start) entry;
	struct pppd_result result;
};

struct pppd_starter {
	int fd;
	STAILQ_HEAD(, fake_start) results;
};

int pppd_starter_new(struct pppd_starter **ret)
{
	struct pppd_starter *starter = calloc(1, sizeof(*starter));

	assert(starter);
	starter->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	STAILQ_INIT(&starter->results);
	*ret = starter;
	return 0;
}

void pppd_starter_free(struct pppd_starter *starter)
{
	struct pppd_result result;

	while (pppd_starter_next(starter, &result))
		if (result.news == PPPD_STARTED)
			pppd_free(pppd_of(result.pid));
	close(starter->fd);
	free(starter);
}

int pppd_starter_fd(const struct pppd_starter *starter)
{
	return starter->fd;
}

int pppd_starter_keep(struct pppd_starter *starter, const char *program,
	const struct pppd_plugins *const *plugins, size_t n)
{
	fake_charge(200);
	machine.ready_made = (unsigned)n;
	return 0;
}

static pid_t fake_start(const struct pppd_call *call)
{
	struct fake_pppd *pppd = calloc(1, sizeof(*pppd));

	assert(pppd);
	pppd->pid = 1000 + (int)++machine.spawned;
	pppd->fd = call->event_fd;
	pppd->log_fd = call->log_fd;
	pppd->options = strndup(call->options->text ? call->options->text : "", call->options->len);
	pppd->mode = machine.pppd_mode;
	pppd->deaf = machine.pppd_deaf;
	fake_plane_handed(call->channel_fd, pppd->pid);
	close(call->channel_fd);
	TAILQ_INSERT_TAIL(&machine.pppds, pppd, entry);
	return pppd->pid;
}

int pppd_starter_submit(struct pppd_starter *starter, const struct pppd_call *call)
{
	struct fake_start *start;

	fake_charge(20);
	if (call->options->error)
		return call->options->error;
	start = calloc(1, sizeof(*start));
	assert(start);
	start->result.cookie = call->cookie;
	if (machine.spawn_error) {
		start->result.news = PPPD_FAILED;
		start->result.error = machine.spawn_error;
		close(call->event_fd);
		close(call->log_fd);
		fake_elsewhere(true); /* the starter's thread */
		process_close(call->channel_fd);
		fake_elsewhere(false);
	} else {
		start->result.news = PPPD_STARTED;
		start->result.pid = fake_start(call);
	}
	STAILQ_INSERT_TAIL(&starter->results, start, entry);
	eventfd_write(starter->fd, 1);
	return 0;
}

bool pppd_starter_next(struct pppd_starter *starter, struct pppd_result *ret)
{
	struct fake_start *start = STAILQ_FIRST(&starter->results);
	eventfd_t count;

	fake_charge(10);
	if (!start) {
		eventfd_read(starter->fd, &count);
		return false;
	}
	STAILQ_REMOVE_HEAD(&starter->results, entry);
	*ret = start->result;
	free(start);
	return true;
}

void pppd_terminate(pid_t pid)
{
	struct fake_pppd *pppd = pppd_of(pid);

	fake_charge(10);
	assert(pppd);
	pppd->terminated = true;
	pppd->ends_at = fake_now + GOODBYE;
}

void pppd_kill(pid_t pid)
{
	struct fake_pppd *pppd = pppd_of(pid);

	fake_charge(10);
	assert(pppd);
	pppd->killed = true;
}

void pppd_kill_and_reap(pid_t pid)
{
	fake_charge(1000);
	pppd_free(pppd_of(pid));
}

void pppd_remove_pid_file(const char *ifname, pid_t pid)
{
	fake_charge(50);
}

int pppd_check(const char *program, const struct pppd_options *options, int limit_ms, char *text,
	size_t size)
{
	struct fake_pppd pppd = { .options = NULL };
	bool refused;

	fake_charge(1000000);
	if (options->error)
		return options->error;
	pppd.options = strndup(options->text, options->len);
	refused = machine.pppd_refuses && pppd_has_option(&pppd, machine.pppd_refuses);
	free(pppd.options);
	if (refused)
		snprintf(text, size, "unrecognized option");
	return refused;
}

/* --- what a script does --- */

struct fake_pppd *machine_pppd(void)
{
	struct fake_pppd *pppd;

	TAILQ_FOREACH_REVERSE(pppd, &machine.pppds, fake_pppds, entry)
	if (!pppd->ended)
		return pppd;
	return NULL;
}

void pppd_says(struct fake_pppd *pppd, const struct plugin_msg *msg)
{
	send(pppd->fd, msg, sizeof(*msg), MSG_NOSIGNAL);
}

void pppd_says_text(struct fake_pppd *pppd, enum plugin_msg_type type, int number, const char *text)
{
	struct plugin_msg msg = { .type = type, .number = number };

	snprintf(msg.text, sizeof(msg.text), "%s", text);
	pppd_says(pppd, &msg);
}

void pppd_comes_up(struct fake_pppd *pppd, const char *local, const char *peer)
{
	struct plugin_msg up = { .type = PLUGIN_IP_UP, .ip = { .mtu = 1400, .mru = 1400 } };

	snprintf(up.ip.ifname, sizeof(up.ip.ifname), "ppp%d", (int)pppd->pid - 1001);
	up.ip.ifindex = (uint32_t)pppd->pid;
	inet_pton(AF_INET, local, &up.ip.local);
	inet_pton(AF_INET, peer, &up.ip.remote);
	pppd_says_text(pppd, PLUGIN_PHASE, 5, "authenticate");
	pppd_says_text(pppd, PLUGIN_AUTH_UP, 0, "bob");
	pppd_says_text(pppd, PLUGIN_PHASE, 7, "network");
	pppd_says(pppd, &up);
	if (machine.ipv6) {
		struct plugin_msg up6 = { .type = PLUGIN_IP6_UP, .ip6 = { .local_id = 1 } };

		memcpy(up6.ip6.ifname, up.ip.ifname, sizeof(up6.ip6.ifname));
		pppd_says(pppd, &up6);
	}
}

void pppd_asks(struct fake_pppd *pppd, enum plugin_msg_type type, int number, const char *text)
{
	pppd_says_text(pppd, type, number, text);
}

void pppd_asks_address(struct fake_pppd *pppd, int number, const char *user, const char *suggested)
{
	struct plugin_msg msg = { .type = PLUGIN_ASK_ADDRESS, .number = number };

	snprintf(msg.ask.user, sizeof(msg.ask.user), "%s", user);
	if (*suggested)
		assert(inet_pton(AF_INET, suggested, &msg.ask.address) == 1);
	pppd_says(pppd, &msg);
}

bool pppd_answer(struct fake_pppd *pppd, struct plugin_msg *ret)
{
	memset(ret, 0, sizeof(*ret));
	return recv(pppd->fd, ret, sizeof(*ret), MSG_DONTWAIT) > 0;
}

void pppd_writes(struct fake_pppd *pppd, const char *line)
{
	dprintf(pppd->log_fd, "%s\n", line);
}

bool pppd_has_option(const struct fake_pppd *pppd, const char *line)
{
	const char *at = pppd->options;
	size_t len = strlen(line);

	for (; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (strncmp(at, line, len) == 0 && (at[len] == '\n' || !at[len]))
			return true;
	return false;
}

/* It has ended. Until the daemon has heard of it, its number may still be signalled. */
static void reap(struct sd_event *event, struct fake_pppd *pppd, int code, int status)
{
	if (fake_event_child(event, pppd->pid, code, status))
		pppd_end(pppd);
}

void pppd_exits(struct sd_event *event, struct fake_pppd *pppd, int status)
{
	pppd_says_text(pppd, PLUGIN_EXIT, status, "");
	reap(event, pppd, CLD_EXITED, status);
}

/* --- time --- */

static void start(struct sd_event *event, struct fake_pppd *pppd)
{
	char peer[INET_ADDRSTRLEN + 8];

	pppd->started = true;
	pppd_says_text(pppd, PLUGIN_HELLO, PLUGIN_VERSION, "2.4.9");
	switch (pppd->mode) {
	case PPPD_COMES_UP:
		snprintf(peer, sizeof(peer), "10.64.%u.%u", (unsigned)pppd->pid >> 8 & 255,
			(unsigned)pppd->pid & 255);
		pppd_comes_up(pppd, "10.64.0.1", peer);
		break;
	case PPPD_SILENT:
		break;
	case PPPD_EXITS:
		pppd_exits(event, pppd, machine.pppd_status);
		break;
	}
}

void machine_run_pppds(struct sd_event *event)
{
	struct fake_pppd *pppd, *next;

	for (pppd = TAILQ_FIRST(&machine.pppds); pppd; pppd = next) {
		next = TAILQ_NEXT(pppd, entry);
		if (pppd->ended) {
			if (!fake_event_child_waits(event, pppd->pid))
				pppd_free(pppd);
		} else if (pppd->killed) {
			reap(event, pppd, CLD_KILLED, SIGKILL);
		} else if (pppd->terminated && !pppd->deaf && pppd->ends_at <= fake_now) {
			pppd_exits(event, pppd, 5);
		} else if (!pppd->started && fake_event_has_child(event, pppd->pid)) {
			start(event, pppd);
		}
	}
}

usec_t machine_next(void)
{
	const struct fake_pppd *pppd;
	usec_t next = USEC_INFINITY;

	TAILQ_FOREACH (pppd, &machine.pppds, entry)
		if (!pppd->ended && pppd->terminated && !pppd->deaf && pppd->ends_at < next)
			next = pppd->ends_at;
	return next;
}
