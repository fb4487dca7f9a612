/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Linux layer against a kernel that has L2TP and PPP: run as root in a lab guest, as it makes
 * tunnels and, in a network namespace of its own, interfaces and routes. One "ok" or "not ok" line
 * a check; exit status 1 if any failed.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "linux/pppox.h"
#include "linux/probe.h"
#include "linux_rig.h"
#include "linux_monitor.h"
#include "linux_plane.h"
#include "linux_pppd.h"
#include "linux_routes.h"
#include "linux_tunnels.h"

static void test_probe(void)
{
	struct probe_finding findings[16];
	size_t n;

	n = probe_machine("/usr/sbin/pppd", NULL, findings, 16);
	for (size_t i = 0; i < n; i++)
		printf("# finding: %s; %s\n", findings[i].what, findings[i].remedy);
	check_is((long)n, 0, "nothing is missing");
	/* a blacklist is found, and its file named */
	run("mkdir -p /run/modprobe.d && echo 'blacklist l2tp-ppp' >/run/modprobe.d/no-l2tp.conf");
	run("modprobe -r l2tp_ppp l2tp_netlink && printf 'install %%s /bin/false\\n' "
	    "net-pf-24-proto-1 l2tp_ppp >>/run/modprobe.d/no-l2tp.conf");
	n = probe_machine("/usr/sbin/pppd", NULL, findings, 16);
	check(n > 0 && findings[0].fatal, "a missing module is fatal");
	for (size_t i = 0; i < n; i++)
		printf("# finding: %s; %s\n", findings[i].what, findings[i].remedy);
	check(n > 0 && strstr(findings[0].remedy, "/run/modprobe.d/no-l2tp.conf"),
		"the file that forbids it is named");
	run("rm /run/modprobe.d/no-l2tp.conf && modprobe l2tp_ppp");
}

int main(void)
{
	struct l2tp_genl *genl;
	struct utsname uts;
	bool drains = false;

	setvbuf(stdout, NULL, _IOLBF, 0);
	uname(&uts);
	printf("# kernel %s\n", uts.release);
	test_probe();
	check_is(pppox_probe(), 0, "PPPoX sockets");
	check_is(l2tp_genl_new(&genl), 0, "generic netlink family");
	if (failures)
		return 1;
	selftest_tunnels(genl);
	probe_drain(genl, &drains);
	selftest_plane(false, 320);
	selftest_plane(true, 330);
	selftest_pppd(genl, drains);
	l2tp_genl_free(genl);
	if (unshare(CLONE_NEWNET) < 0)
		check(false, "network namespace");
	else {
		selftest_monitor();
		selftest_routes();
	}
	return check_end();
}
