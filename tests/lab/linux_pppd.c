/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linux_pppd.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/reasons.h"
#include "linux/pppd.h"
#include "linux/pppox.h"
#include "linux_rig.h"
#include "linux_monitor.h"

static pid_t start_pppd(int pppox, int event, const char *ifname, const char *addrs)
{
	static const char *const plain[] = {
		"nodetach",
		"nolock",
		"noauth",
		"local",
		"nodefaultroute",
		"noproxyarp",
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
		"pppol2tp 3",
		"nodefaultroute",
		"ip-up-script /nonexistent",
		"ip-down-script /nonexistent",
	};
	struct pppd_options options = { 0 };
	pid_t pid = -1;

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		pppd_options_add(&options, plain[i]);
	pppd_options_add_value(&options, "ifname", ifname);
	pppd_options_add_value(&options, "ipparam", "a \"call\" of #1");
	pppd_options_addf(&options, "%s", addrs);
	check_is(pppd_spawn("/usr/sbin/pppd", &options, pppox, event, &pid), 0, "pppd is started");
	pppd_options_clear(&options);
	return pid;
}

void selftest_pppd(struct l2tp_genl *genl, bool drains)
{
	struct l2tp_addr local = addr("10.7.0.1", 0), remote = addr("10.7.0.2", 0);
	struct seen seen = { .ifname = "l2tp-a" };
	struct monitor *monitor;
	struct pair pair;
	int pppox[2], event, status = 0;
	pid_t pid[2];
	long start;

	printf("# pppd\n");
	run("mkdir -p /etc/ppp && rm -f /etc/ppp/options && touch /etc/ppp/options");
	pair_sockets(&pair, AF_INET, 400);
	pair_tunnels(&pair, genl);
	pair_session(&pair, genl, 7001, pppox);
	for (int i = 0; i < 2 && !drains; i++)
		pppox_channel(pppox[i]);
	check_is(monitor_new(&monitor), 0, "monitor");
	event = open("/dev/null", O_RDWR | O_CLOEXEC);
	start = now_us();
	pid[0] = start_pppd(pppox[0], event, "l2tp-a", "10.7.0.1:10.7.0.2");
	pid[1] = start_pppd(pppox[1], event, "l2tp-b", "10.7.0.2:10.7.0.1");
	close(pppox[0]);
	close(pppox[1]);
	close(event);
	/* the address comes alone first, then with the peer's */
	for (unsigned n = 1; !l2tp_addr_same_host(&seen.remote, &remote); n++)
		if (!monitor_until(monitor, &seen, &seen.addr, n))
			break;
	printf("# PPP up in %ld ms\n", (now_us() - start) / 1000);
	check(l2tp_addr_same_host(&seen.local, &local), "PPP is up: our address");
	check(l2tp_addr_same_host(&seen.remote, &remote), "the peer's address");
	kill(pid[0], SIGTERM);
	check(waitpid(pid[0], &status, 0) == pid[0] && WIFEXITED(status), "pppd ends");
	printf("# exit status %d: %s\n", WEXITSTATUS(status), reasons_pppd(WEXITSTATUS(status)));
	check_is(WEXITSTATUS(status), 5, "by a signal");
	kill(pid[1], SIGTERM);
	waitpid(pid[1], &status, 0);
	check(monitor_until(monitor, &seen, &seen.link_gone, 1), "and its interface is gone");
	monitor_free(monitor);
	pair_close(&pair, genl);
}
