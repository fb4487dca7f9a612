/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linux_pppd.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/reasons.h"
#include "linux/pppd.h"
#include "linux/pppd_check.h"
#include "linux/pppd_log.h"
#include "linux/pppd_starter.h"
#include "linux/pppox.h"
#include "linux_monitor.h"
#include "linux_rig.h"

/* One end of the pair: what the daemon holds of its pppd. */
struct pppd_end {
	int event, log;
	pid_t pid;
};

static void pppd_options(struct pppd_options *options, const char *ifname, const char *addrs)
{
	static const char *const plain[] = {
		"nodetach",
		"noauth",
		"noccp",
		"novj",
		"nopcomp",
		"noaccomp",
		"noipv6",
		"nomultilink",
		"mtu 1400",
		"mru 1400",
		"lcp-echo-interval 30",
		"lcp-echo-failure 4",
		"lcp-max-terminate 1",
		"debug",
		"plugin pppol2tp.so",
		"ip-up-script /nonexistent",
		"ip-down-script /nonexistent",
	};
	const char *build = getenv("L2TPD_BUILD");

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		pppd_options_add(options, plain[i]);
	pppd_options_addf(options, "plugin %s/l2tpd.so", build ? build : "build");
	pppd_options_add_value(options, "ifname", ifname);
	pppd_options_add_value(options, "ipparam", "a \"call\" of #1");
	pppd_options_add(options, addrs);
}

static void start_pppd(struct pppd_starter *starter, struct pppd_end *end, int pppox,
	const char *ifname, const char *addrs)
{
	struct pppd_options options = { 0 };
	struct pppd_call call = {
		.program = "/usr/sbin/pppd", .options = &options, .channel_fd = pppox, .nice = 5
	};
	int event[2], log[2];

	pppd_options(&options, ifname, addrs);
	socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, event);
	pppd_log_pipe(log);
	end->event = event[0];
	end->log = log[0];
	call.event_fd = event[1];
	call.log_fd = log[1];
	check_is(pppd_starter_submit(starter, &call), 0, "pppd is ordered");
	pppd_options_clear(&options);
}

static void pppd_is_started(struct pppd_starter *starter, struct pppd_end *end, bool ready_made)
{
	struct pollfd pollfd = { .fd = pppd_starter_fd(starter), .events = POLLIN };
	struct pppd_result result = { 0 };

	poll(&pollfd, 1, 60000);
	check(pppd_starter_next(starter, &result), "there is a result");
	check_is(result.news, PPPD_STARTED, *result.text ? result.text : "pppd is started");
	check_is(result.ready_made, ready_made, ready_made ? "ready-made" : "by exec");
	end->pid = result.pid;
}

static void pppd_words(const struct pppd_end *end, const char *wanted)
{
	struct pppd_log log = { 0 };
	char line[PPPD_LOG_LINE];
	bool found = false;

	while (pppd_log_next(&log, end->log, line) == 1) {
		found = found || strstr(line, wanted);
		if (pppd_log_is_complaint(line))
			printf("# complaint: %s\n", line);
	}
	check(found, "pppd's words arrive");
	pppd_log_clear(&log);
	close(end->log);
	close(end->event);
}

static void pppd_pair(struct l2tp_genl *genl, struct pppd_starter *starter, bool drains,
	bool ready_made, uint16_t tid)
{
	struct l2tp_addr local = addr("10.7.0.1", 0), remote = addr("10.7.0.2", 0);
	struct seen seen = { .ifname = "l2tp-a" };
	struct monitor *monitor;
	struct pair pair;
	int pppox[2], status = 0;
	struct pppd_end ends[2];
	struct rusage usage;
	long start;

	pair_sockets(&pair, AF_INET, tid);
	pair_tunnels(&pair, genl);
	pair_session(&pair, genl, 7001, pppox);
	for (int i = 0; i < 2 && !drains; i++)
		pppox_channel(pppox[i]);
	check_is(monitor_new(&monitor), 0, "monitor");
	start = now_us();
	start_pppd(starter, &ends[0], pppox[0], "l2tp-a", "10.7.0.1:10.7.0.2");
	start_pppd(starter, &ends[1], pppox[1], "l2tp-b", "10.7.0.2:10.7.0.1");
	for (int i = 0; i < 2; i++)
		pppd_is_started(starter, &ends[i], ready_made);
	/* the address comes alone first, then with the peer's */
	for (unsigned n = 1; !l2tp_addr_same_host(&seen.remote, &remote); n++)
		if (!monitor_until(monitor, &seen, &seen.addr, n))
			break;
	printf("# PPP up in %ld ms\n", (now_us() - start) / 1000);
	check(l2tp_addr_same_host(&seen.local, &local), "PPP is up: our address");
	check(l2tp_addr_same_host(&seen.remote, &remote), "the peer's address");
	check_is(getpriority(PRIO_PROCESS, (id_t)ends[0].pid), 5, "the daemon runs before it");
	kill(ends[0].pid, SIGTERM);
	check(wait4(ends[0].pid, &status, 0, &usage) == ends[0].pid && WIFEXITED(status),
		"pppd ends");
	printf("# exit status %d: %s; %ld ms of processor\n", WEXITSTATUS(status),
		reasons_pppd(WEXITSTATUS(status)),
		(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
			(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000);
	check_is(WEXITSTATUS(status), 5, "by a signal");
	kill(ends[1].pid, SIGTERM);
	waitpid(ends[1].pid, &status, 0);
	pppd_words(&ends[0], "local  IP address 10.7.0.1");
	pppd_words(&ends[1], "local  IP address 10.7.0.2");
	check(monitor_until(monitor, &seen, &seen.link_gone, 1), "and its interface is gone");
	monitor_free(monitor);
	pair_close(&pair, genl);
}

/* Both ways to a pppd, and what one says of an option that is none. */
void selftest_pppd(struct l2tp_genl *genl, bool drains)
{
	struct pppd_options options = { 0 };
	const struct pppd_plugins *list = &options.plugins;
	struct pppd_starter *starter;
	char text[200] = "";

	printf("# pppd\n");
	run("mkdir -p /etc/ppp && rm -f /etc/ppp/options && touch /etc/ppp/options");
	check_is(pppd_starter_new(&starter), 0, "starter");
	pppd_pair(genl, starter, drains, false, 400);
	pppd_options(&options, "l2tp-a", "10.7.0.1:10.7.0.2");
	check_is(pppd_starter_keep(starter, "/usr/sbin/pppd", &list, 1), 0, "a ready-made pppd");
	pppd_pair(genl, starter, drains, true, 410);
	check_is(pppd_check("/usr/sbin/pppd", &options, 60000, text, sizeof(text)), 0, text);
	pppd_options_add(&options, "no-such-option");
	check_is(pppd_check("/usr/sbin/pppd", &options, 60000, text, sizeof(text)), 1, text);
	check(strcmp(text, "unrecognized option 'no-such-option'") == 0, "it says which");
	pppd_options_clear(&options);
	/* what a user says after us wins, but for what pppd will not hear of any more */
	pppd_options(&options, "l2tp-a", "10.7.0.1:10.7.0.2");
	pppd_options_add(&options, "nodefaultroute");
	pppd_options_add(&options, "defaultroute");
	check_is(pppd_check("/usr/sbin/pppd", &options, 60000, text, sizeof(text)), 1, text);
	pppd_options_clear(&options);
	pppd_starter_free(starter);
}
