/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pppd of a call: which options it gets, how it is started and ended. /etc/ppp/options is read
 * by every pppd before ours, so everything that matters is said explicitly here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/pppd.h"
#include "linux/udp.h"
#include "daemon/call/call.h"
#include "base/log.h"

/*
 * pppd needs a restart timer of LCP (3 s) to end: after our Terminate-Request without an answer,
 * and after it acknowledged one of the peer's. Killing it sooner would leave its files.
 */
#define KILL_AFTER (5 * USEC_PER_SEC)

/* IP + UDP + L2TP + address and control (FF 03, always sent by Linux) + PPP protocol */
#define OVERHEAD_V4	(20 + 8 + 6 + 2 + 2)
#define OVERHEAD_V6	(40 + 8 + 6 + 2 + 2)
#define OVERHEAD_SEQ	4
#define OVERHEAD_LENGTH 2
#define MTU_FALLBACK	1400
#define MTU_MIN		576
#define MTU_MAX		1500 /* PPP's default MRU: nobody has to accept more */

static unsigned auto_mtu(const struct call *call)
{
	int path = udp_path_mtu(call->conn->fd);
	int overhead = call->conn->path.peer.sa.sa_family == AF_INET6 ? OVERHEAD_V6 : OVERHEAD_V4;

	if (path < 0)
		return MTU_FALLBACK;
	/* a peer may turn sequencing on at any time, so its bytes are always left free */
	path -= overhead + OVERHEAD_SEQ + (call->relayed ? OVERHEAD_LENGTH : 0);
	if (path < MTU_MIN)
		return MTU_MIN;
	return path > MTU_MAX ? MTU_MAX : (unsigned)path;
}

static void options_link(
	struct pppd_options *o, const struct call *call, const struct config_ppp *ppp)
{
	unsigned mtu = auto_mtu(call);

	pppd_options_add(o, "nodetach");
	pppd_options_add(o, "noproxyarp");
	pppd_options_add(
		o, "nodefaultroute"); /* the daemon sets it: pppd would only if none is there */
	pppd_options_add(o, "nopcomp");
	pppd_options_add(o, "noaccomp");
	pppd_options_add(o, "noccp");
	pppd_options_add(o, "novj");
	pppd_options_add(o, "nopersist");
	pppd_options_add(o, "maxfail 1");
	pppd_options_add(o, "default-asyncmap");
	pppd_options_add(o, "lcp-max-terminate 1"); /* CDN follows: no need to ask twice */
	pppd_options_addf(o, "mtu %u", ppp->mtu ? ppp->mtu : mtu);
	pppd_options_addf(o, "mru %u", ppp->mru ? ppp->mru : mtu);
	pppd_options_addf(o, "lcp-echo-interval %u", ppp->echo_interval);
	pppd_options_addf(o, "lcp-echo-failure %u", ppp->echo_failure);
	pppd_options_add(o, ppp->ipv6 ? "+ipv6" : "noipv6");
	pppd_options_add_value(o, "ipparam", call->link->name);
	if (call->daemon->config->daemon.pppd_debug)
		pppd_options_add(o, "debug");
}

/* Identity for ip-up and ip-down scripts; option "set NAME=VALUE". */
static void options_script_env(struct pppd_options *o, const struct call *call)
{
	char host[L2TP_ADDR_STRLEN], value[600];
	struct l2tp_session_info info;

	snprintf(value, sizeof(value), "L2TP_PEER=%s",
		l2tp_addr_format_host(&call->conn->path.peer, host));
	pppd_options_add_value(o, "set", value);
	snprintf(value, sizeof(value), "L2TP_LINK=%s", call->link->name);
	pppd_options_add_value(o, "set", value);
	snprintf(value, sizeof(value), "L2TP_SESSION=%u", call->sid);
	pppd_options_add_value(o, "set", value);
	if (!l2tp_core_session_info(call->daemon->core, call->tid, call->sid, &info))
		return;
	if (*info.calling) {
		snprintf(value, sizeof(value), "CALLING_NUMBER=%s", info.calling);
		pppd_options_add_value(o, "set", value);
	}
	if (*info.called) {
		snprintf(value, sizeof(value), "CALLED_NUMBER=%s", info.called);
		pppd_options_add_value(o, "set", value);
	}
}

static void options_auth(
	struct pppd_options *o, const struct call *call, const struct config_ppp *ppp)
{
	static const char *const require[] = {
		[REQUIRE_NONE] = "noauth",
		[REQUIRE_PAP] = "require-pap",
		[REQUIRE_CHAP_MD5] = "require-chap",
		[REQUIRE_MSCHAPV2] = "require-mschap-v2",
	};

	if (ppp->require != REQUIRE_NONE)
		pppd_options_add(o, "auth");
	pppd_options_add(o, require[ppp->require]);
	if (*ppp->auth_name)
		pppd_options_add_value(o, "name", ppp->auth_name);
	else
		pppd_options_add_value(o, "name",
			call->link->config && *call->link->config->hostname
				? call->link->config->hostname
				: call->daemon->hostname);
	if (ppp->require != REQUIRE_NONE && *ppp->users)
		pppd_options_add(o, "l2tpd-auth-peer");
	if (*ppp->user) {
		pppd_options_add_value(o, "user", ppp->user);
		pppd_options_add(o, "l2tpd-own-secret");
	} else {
		/* else pppd would log in to whoever asks, with an empty password */
		pppd_options_add(o, "refuse-pap");
		pppd_options_add(o, "refuse-chap");
		pppd_options_add(o, "refuse-mschap");
		pppd_options_add(o, "refuse-mschap-v2");
	}
	pppd_options_add(o, "refuse-eap");
}

static void options_addresses(
	struct pppd_options *o, const struct call *call, const struct config_ppp *ppp)
{
	char local[INET_ADDRSTRLEN] = "", remote[INET_ADDRSTRLEN] = "";
	struct in_addr addr;

	if (ppp->address.sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &ppp->address.in.sin_addr, local, sizeof(local));
	if (call->has_lease) {
		addr.s_addr = htonl(call->lease);
		inet_ntop(AF_INET, &addr, remote, sizeof(remote));
	}
	pppd_options_add(o, "noipdefault");
	if (*local || *remote)
		pppd_options_addf(o, "%s:%s", local, remote);
	if (!*local)
		pppd_options_add(o, "ipcp-accept-local");
	if (!*remote)
		pppd_options_add(o, "ipcp-accept-remote");
	for (size_t i = 0; i < 2; i++) {
		if (ppp->dns[i].sa.sa_family != AF_INET)
			continue;
		inet_ntop(AF_INET, &ppp->dns[i].in.sin_addr, remote, sizeof(remote));
		pppd_options_addf(o, "ms-dns %s", remote);
	}
	if (ppp->usepeerdns)
		pppd_options_add(o, "usepeerdns");
}

static int build_options(
	struct pppd_options *o, const struct call *call, const struct config_ppp *ppp)
{
	options_link(o, call, ppp);
	pppd_options_add(o, "plugin pppol2tp.so");
	pppd_options_add_value(o, "plugin", call->daemon->config->daemon.pppd_plugin);
	options_auth(o, call, ppp);
	options_addresses(o, call, ppp);
	options_script_env(o, call);
	for (size_t i = 0; i < ppp->option_len; i++)
		pppd_options_add(o, ppp->option[i]);
	return o->error;
}

/* --- life of the process --- */

/* pppd could not: it was killed. Only the file that is its own. */
static void remove_pid_file(const struct call *call, pid_t pid)
{
	char path[64];
	FILE *file;
	int owner;

	if (!*call->ifname)
		return;
	snprintf(path, sizeof(path), "/run/%s.pid", call->ifname);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fscanf(file, "%d", &owner) == 1 && owner == (int)pid)
		unlink(path);
	fclose(file);
}

static int pppd_reaped(sd_event_source *source, const siginfo_t *si, void *user)
{
	struct call *call = user;

	(void)source;
	ppp_events_drain(call); /* its last words */
	call->pid = 0;
	if (si->si_code != CLD_EXITED) {
		remove_pid_file(call, si->si_pid);
		log_debug("session %u: pppd ended by signal %d", call->sid, si->si_status);
		if (!call->killed && !*call->ppp_text)
			snprintf(call->ppp_text, sizeof(call->ppp_text),
				"pppd was killed by signal %d", si->si_status);
	} else if (call->ppp_status < 0) {
		call->ppp_status = si->si_status;
	}
	if (call->ppp_status >= 0)
		call->outcome.ppp_exit = call->ppp_status;
	ppp_close(call);
	call_ppp_exited(call);
	return 0;
}

void ppp_close(struct call *call)
{
	struct daemon *d = call->daemon;

	call->child = sd_event_source_disable_unref(call->child);
	call->plugin_io = sd_event_source_disable_unref(call->plugin_io);
	call->kill_timer = sd_event_source_disable_unref(call->kill_timer);
	if (call->plugin_fd >= 0)
		close(call->plugin_fd);
	call->plugin_fd = -1;
	if (call->pppox_fd >= 0) {
		struct worker_job job = { .op = WORKER_CLOSE, .fd = call->pppox_fd };

		/* ends the kernel session, which may block */
		if (!d->worker || worker_submit(d->worker, &job) < 0)
			close(call->pppox_fd);
	}
	call->pppox_fd = -1;
}

static int spawn(
	struct call *call, const struct pppd_options *options, char *text, size_t text_size)
{
	const char *program = call->daemon->config->daemon.pppd;
	struct pppd_start start = { .program = program,
		.plugins = &options->plugins,
		.channel_fd = call->pppox_fd,
		.options_fd = pppd_options_file(options, pppd_call_head),
		.log_fd = -1 };
	int fds[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0) {
		r = -errno;
		snprintf(text, text_size, "socket to pppd: %s", strerror(-r));
		return r;
	}
	start.event_fd = fds[1];
	r = start.options_fd < 0 ? start.options_fd : pppd_exec(&start, &call->pid);
	if (start.options_fd >= 0)
		close(start.options_fd);
	close(fds[1]);
	if (r < 0) {
		close(fds[0]);
		call->pid = 0;
		snprintf(text, text_size, "cannot start %s: %s%s", program, strerror(-r),
			r == -ENOENT
				? ". Install the package \"ppp\", or correct \"pppd\" in [daemon]"
				: "");
		return r;
	}
	call->plugin_fd = fds[0];
	return 0;
}

static int prepare(struct call *call, const struct config_ppp *ppp, struct pppd_options *options,
	char *text, size_t text_size)
{
	int r = profile_lease(call, ppp);

	if (r < 0) {
		snprintf(text, text_size, "all addresses of the pool of [ppp %s] are in use",
			ppp->name);
		return r;
	}
	r = build_options(options, call, ppp);
	if (r < 0)
		snprintf(text, text_size, "[ppp %s]: pppd's options cannot be written: %s%s",
			ppp->name, strerror(-r),
			r == -EINVAL ? " (a control character in a value)" : "");
	return r;
}

int ppp_start(struct call *call, char *text, size_t text_size)
{
	const struct config_ppp *ppp = profile_config(call->daemon, call->link);
	struct pppd_options options = { 0 };
	int r, fd;

	if (!ppp) {
		snprintf(text, text_size, "the link has no ppp profile any more");
		return -ENOENT;
	}
	r = prepare(call, ppp, &options, text, text_size);
	if (r == 0)
		r = spawn(call, &options, text, text_size);
	pppd_options_clear(&options);
	if (r < 0)
		return r;
	/* from here on pppd's exit is the end of the kernel session; its copy is the only one */
	fd = call->pppox_fd;
	call->pppox_fd = -1;
	close(fd);
	call->state = CALL_PPP;
	if (*ppp->user)
		snprintf(call->user, sizeof(call->user), "%s", ppp->user);
	r = sd_event_add_child(
		call->daemon->event, &call->child, call->pid, WEXITED, pppd_reaped, call);
	if (r >= 0)
		r = sd_event_add_io(call->daemon->event, &call->plugin_io, call->plugin_fd, EPOLLIN,
			ppp_events_io, call);
	if (r < 0)
		log_error("session %u: cannot watch pppd: %s", call->sid, strerror(-r));
	log_debug("session %u: pppd %d started", call->sid, (int)call->pid);
	return 0;
}

static int kill_timeout(sd_event_source *source, uint64_t usec, void *user)
{
	struct call *call = user;

	(void)source;
	(void)usec;
	if (call->pid) {
		log_debug("session %u: pppd %d does not end: killed", call->sid, (int)call->pid);
		kill(call->pid, SIGKILL); /* not reaped yet, so the id is still its own */
	}
	return 0;
}

void ppp_stop(struct call *call)
{
	if (!call->pid || call->killed)
		return;
	call->killed = true;
	kill(call->pid, SIGTERM);
	sd_event_add_time_relative(call->daemon->event, &call->kill_timer, CLOCK_BOOTTIME,
		KILL_AFTER, USEC_PER_SEC / 10, kill_timeout, call);
}
