/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pppd as the Linux layer starts it, by exec and ready-made, over kernel sessions: run as root in a
 * lab guest. $L2TPD_BUILD/l2tpd.so is the plugin. One "ok" or "not ok" line for each check.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <l2tpd/plugin.h>

#include "linux/l2tp_genl.h"
#include "linux/pppd_check.h"
#include "linux/pppd_log.h"
#include "linux/pppd_process.h"
#include "linux/pppd_starter.h"
#include "linux/pppox.h"
#include "linux/probe.h"
#include "linux/udp.h"
#include "selftest.h"

#define PPPD	"/usr/sbin/pppd"
#define WAIT_MS 60000
#define SID	7001

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

/* --- two ends of a tunnel in one machine, a session, and the pppds at its ends --- */

struct end {
	uint16_t tid;
	int udp, pppox, event, log;
	pid_t pid;
};

static void make_session(struct l2tp_genl *genl, struct end ends[2], uint16_t tid)
{
	struct l2tp_addr any = { 0 }, local[2];
	struct l2tp_genl_session session = { .sid = SID, .peer_sid = SID };

	l2tp_addr_parse("127.0.0.1", 0, &any);
	for (int i = 0; i < 2; i++) {
		ends[i].tid = (uint16_t)(tid + i);
		check_is(udp_tunnel_open(-1, &any, &ends[i].udp), 0, "tunnel socket");
		udp_local(ends[i].udp, &local[i]);
	}
	for (int i = 0; i < 2; i++) {
		udp_connect(ends[i].udp, &local[!i]);
		session.tid = ends[i].tid;
		check_is(l2tp_genl_tunnel_create(genl, ends[i].tid, ends[!i].tid, ends[i].udp), 0,
			"tunnel");
		check_is(l2tp_genl_session_create(genl, &session), 0, "session");
		check_is(
			pppox_connect(AF_INET, ends[i].tid, SID, ends[!i].tid, SID, &ends[i].pppox),
			0, "its socket");
	}
}

static void end_session(struct l2tp_genl *genl, struct end ends[2])
{
	for (int i = 0; i < 2; i++) {
		l2tp_genl_tunnel_delete(genl, ends[i].tid);
		close(ends[i].udp);
		close(ends[i].event);
		close(ends[i].log);
	}
}

static void make_options(struct pppd_options *options, int end)
{
	static const char *const plain[] = { "nodetach", "noauth", "noccp", "novj", "nopcomp",
		"noaccomp", "noipv6", "mtu 1400", "mru 1400", "lcp-max-terminate 1",
		"lcp-restart 6", "ipcp-restart 6", "plugin pppol2tp.so",
		"ip-up-script /nonexistent", "ip-down-script /nonexistent" };
	const char *build = getenv("L2TPD_BUILD");

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		pppd_options_add(options, plain[i]);
	pppd_options_addf(options, "plugin %s/l2tpd.so", build ? build : "build");
	pppd_options_add_value(options, "ipparam", "a \"call\" of #1");
	pppd_options_add(options, end ? "10.7.0.2:10.7.0.1" : "10.7.0.1:10.7.0.2");
}

static void start(struct pppd_starter *starter, struct end *end, int number, const char *more)
{
	struct pppd_options options = { 0 };
	struct pppd_call call = { .program = PPPD,
		.options = &options,
		.channel_fd = end->pppox,
		.nice = 5,
		.cookie = (uint64_t)number };
	int log[2];

	make_options(&options, number);
	pppd_options_add(&options, more);
	pppd_socket(&end->event, &call.event_fd);
	pppd_log_pipe(log);
	end->log = log[0];
	call.log_fd = log[1];
	check_is(pppd_starter_submit(starter, &call), 0, "ordered");
	pppd_options_clear(&options);
}

static void await_start(struct pppd_starter *starter, struct end ends[2], bool ready_made)
{
	struct pollfd pollfd = { .fd = pppd_starter_fd(starter), .events = POLLIN };
	struct pppd_result result = { 0 };

	poll(&pollfd, 1, WAIT_MS);
	check(pppd_starter_next(starter, &result), "a result");
	check_is(result.news, PPPD_STARTED, *result.text ? result.text : "started");
	check_is(result.ready_made, ready_made, "ready-made");
	ends[result.cookie].pid = result.pid;
}

static bool await_message(struct end *end, enum plugin_msg_type type, struct plugin_msg *msg)
{
	const long begin = now_ms();
	struct pollfd pollfd = { .fd = end->event, .events = POLLIN };
	ssize_t n;

	while (now_ms() - begin < WAIT_MS) {
		poll(&pollfd, 1, WAIT_MS);
		n = pppd_receive(end->event, msg, sizeof(*msg));
		if (n == 0 || (n < 0 && n != -EAGAIN))
			return false;
		if (n > 0 && msg->type == type)
			return true;
	}
	return false;
}

static void terminate(struct end *end)
{
	struct rusage usage;
	int status = 0;

	pppd_terminate(end->pid);
	check(wait4(end->pid, &status, 0, &usage) == end->pid, "pppd ends");
	/* the other end's farewell may be quicker than our signal */
	check(WEXITSTATUS(status) == 5 || WEXITSTATUS(status) == 16, "by a signal, or its peer");
	printf("# %ld ms of processor\n",
		(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
			(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000);
}

static void check_words(struct end *end, const char *wanted)
{
	struct pppd_log log = { 0 };
	char line[PPPD_LOG_LINE];
	bool found = false;

	while (pppd_log_next(&log, end->log, line) == 1) {
		found = found || strstr(line, wanted);
		if (pppd_log_is_complaint(line))
			printf("# complaint: %s\n", line);
	}
	check(found, "\"%s\" is heard", wanted);
	pppd_log_clear(&log);
}

/* --- checks --- */

static void test_call(
	struct l2tp_genl *genl, struct pppd_starter *starter, bool ready_made, uint16_t tid)
{
	struct plugin_msg msg;
	struct end ends[2];
	long begin;
	bool drains = false;

	printf("# a call, %s\n", ready_made ? "ready-made" : "by exec");
	probe_drain(genl, &drains);
	make_session(genl, ends, tid);
	for (int i = 0; i < 2 && !drains; i++)
		pppox_channel(ends[i].pppox);
	begin = now_ms();
	for (int i = 0; i < 2; i++)
		start(starter, &ends[i], i, "");
	for (int i = 0; i < 2; i++)
		await_start(starter, ends, ready_made);
	for (int i = 0; i < 2; i++)
		check(await_message(&ends[i], PLUGIN_IP_UP, &msg), "PPP is up");
	printf("# up after %ld ms\n", now_ms() - begin);
	check_is(getpriority(PRIO_PROCESS, (id_t)ends[0].pid), getpriority(PRIO_PROCESS, 0) + 5,
		"nice level");
	for (int i = 0; i < 2; i++)
		terminate(&ends[i]);
	check_words(&ends[0], "local  IP address 10.7.0.1");
	check_words(&ends[1], "local  IP address 10.7.0.2");
	end_session(genl, ends);
}

/* What is wrong with its options is heard, and the next one starts. */
static void test_bad_option(struct l2tp_genl *genl, struct pppd_starter *starter, uint16_t tid)
{
	struct end ends[2];
	int status = 0;

	printf("# an option that is none\n");
	make_session(genl, ends, tid);
	for (int i = 0; i < 2; i++)
		start(starter, &ends[i], i, "no-such-option");
	for (int i = 0; i < 2; i++)
		await_start(starter, ends, true);
	for (int i = 0; i < 2; i++) {
		waitpid(ends[i].pid, &status, 0);
		check_is(WEXITSTATUS(status), 2, "error in its options");
		check_words(&ends[i], "unrecognized option 'no-such-option'");
	}
	end_session(genl, ends);
}

/* /etc/ppp/options is read by the one that waits: a change of it must count for the next call. */
static void test_own_options(struct l2tp_genl *genl, struct pppd_starter *starter, uint16_t tid)
{
	FILE *file = fopen("/etc/ppp/options", "we");

	printf("# /etc/ppp/options changes\n");
	fputs("lcp-echo-interval 77\n", file);
	fclose(file);
	test_call(genl, starter, true, tid);
}

static void expect_check(const char *line, int result, const char *words)
{
	struct pppd_options options = { 0 };
	char text[300] = "";

	make_options(&options, 0);
	pppd_options_add(&options, "nodefaultroute");
	pppd_options_add(&options, line);
	check_is(pppd_check(PPPD, &options, WAIT_MS, text, sizeof(text)), result, line);
	check(strcmp(text, words) == 0, "\"%s\"", text);
	pppd_options_clear(&options);
}

static void test_check(void)
{
	printf("# pppd is asked\n");
	expect_check("l2tpd-quiet", 0, "");
	expect_check("no-such-option", 1, "unrecognized option 'no-such-option'");
	expect_check("defaultroute", 1, "defaultroute option is disabled");
	expect_check("file /nonexistent", 1,
		"Can't open options file /nonexistent: No such file or directory");
	expect_check(
		"l2tpd-require-mppe", 1, "MPPE required, but an option of pppd switches it off");
}

int main(void)
{
	struct pppd_options options = { 0 };
	const struct pppd_plugins *list = &options.plugins;
	struct pppd_starter *starter;
	struct l2tp_genl *genl;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (pppox_probe() < 0 || l2tp_genl_new(&genl) < 0) {
		check(false, "the kernel has L2TP");
		return 1;
	}
	if (system("mkdir -p /etc/ppp && rm -f /etc/ppp/options && touch /etc/ppp/options") != 0)
		return 1;
	check_is(pppd_starter_new(&starter), 0, "starter");
	test_call(genl, starter, false, 400);
	make_options(&options, 0);
	check_is(pppd_starter_keep(starter, PPPD, &list, 1), 0, "a ready-made pppd");
	test_call(genl, starter, true, 410);
	test_bad_option(genl, starter, 420);
	test_own_options(genl, starter, 430);
	test_check();
	pppd_options_clear(&options);
	pppd_starter_free(starter);
	l2tp_genl_free(genl);
	return selftest_end();
}
