/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A LAC's PPP (src/ppp) against a real pppd: run as root in a lab guest, in a network namespace of
 * its own. The line is a PPPoE session over veth, made without discovery, or an asynchronous line
 * over two ptys. This program is the LAC, and after the hand-over the LNS as far as its first word.
 * One "ok" or "not ok" line a check; exit status 1 if any failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ppp/numbers.h"
#include "ppp/ppp_proxy.h"
#include "ppp/realm.h"
#include "ppp_check.h"
#include "selftest.h"

#define PATIENCE (90 * USEC_PER_SEC) /* for what should take a second: guests are slow */
#define USER	 "alice@example.net"
#define PASSWORD "sesame"
#define LOG	 "/tmp/ppp_selftest.log"
#define ARGS_MAX 48
#define MAC_V0	 "02:00:00:00:00:00"
#define MAC_V1	 "02:00:00:00:00:01"

/* A step of the setting that must work, or nothing after it means anything. */
static int must(int result, const char *what)
{
	if (result >= 0)
		return result;
	check(false, "%s: %s", what, strerror(errno));
	exit(1);
}

static usec_t clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

static void real_random(void *user, void *buf, size_t len)
{
	must((int)getrandom(buf, len, 0), "getrandom");
}

/* --- a line with a pppd at the other end --- */

struct line {
	const char *name;
	int channel;   /* /dev/ppp, attached */
	int socket;    /* PPPoE, or the tty with the line discipline */
	int master[2]; /* of the two ptys; -1: PPPoE */
	pid_t pppd;
	int status; /* of pppd, once it was waited for */
	struct ppp_proxy *proxy;
	bool done, failed, closed;
	struct ppp_effect failure;
	uint8_t initial[1500], acked[1500]; /* as they were on the line */
	size_t initial_len, acked_len;
	uint16_t seen[256]; /* protocols of frames that the LNS got */
	unsigned seen_count;
	bool seen_terminate;
};

static void attach_channel(struct line *line)
{
	int index;

	must(ioctl(line->socket, PPPIOCGCHAN, &index), "PPPIOCGCHAN");
	line->channel = must(open("/dev/ppp", O_RDWR | O_CLOEXEC | O_NONBLOCK), "/dev/ppp");
	must(ioctl(line->channel, PPPIOCATTCHAN, &index), "PPPIOCATTCHAN");
}

/* Our end of session sid on v0; what pppd needs for its own on v1. */
static void open_pppoe(struct line *line, uint16_t sid, char *session, size_t size)
{
	struct sockaddr_pppox addr = { .sa_family = AF_PPPOX, .sa_protocol = PX_PROTO_OE };

	memcpy(addr.sa_addr.pppoe.remote, "\x02\0\0\0\0\1", 6);
	snprintf(session, size, "%u:%s", sid, MAC_V0);
	addr.sa_addr.pppoe.sid = (uint16_t)(sid << 8 | sid >> 8);
	strcpy(addr.sa_addr.pppoe.dev, "v0");
	line->master[0] = line->master[1] = -1;
	line->socket = must(socket(AF_PPPOX, SOCK_STREAM | SOCK_CLOEXEC, PX_PROTO_OE), "AF_PPPOX");
	must(connect(line->socket, (struct sockaddr *)&addr, sizeof(addr)), "PPPoE session");
	attach_channel(line);
}

/* Two ptys, whose masters this program joins; ours has the line discipline, pppd sets its own. */
static void open_serial(struct line *line, char *device, size_t size)
{
	int slave[2], ldisc = N_PPP;
	struct termios raw;

	for (unsigned i = 0; i < 2; i++) {
		must(openpty(&line->master[i], &slave[i], NULL, NULL, NULL), "openpty");
		tcgetattr(slave[i], &raw);
		cfmakeraw(&raw);
		tcsetattr(slave[i], TCSANOW, &raw);
		fcntl(line->master[i], F_SETFD, FD_CLOEXEC);
		fcntl(slave[i], F_SETFD, FD_CLOEXEC);
		fcntl(line->master[i], F_SETFL, O_NONBLOCK);
	}
	snprintf(device, size, "%s", ttyname(slave[1]));
	close(slave[1]);
	line->socket = slave[0];
	must(ioctl(line->socket, TIOCSETD, &ldisc), "N_PPP");
	attach_channel(line);
}

/* options: up to a NULL. What /etc/ppp/options says is undone where it disturbs. */
static void start_pppd(struct line *line, const char *const *options, const char *const *more)
{
	static const char *const usual[] = { "pppd", "nodetach", "noauth", "nolock", "local",
		"nocrtscts", "nodefaultroute", "noipdefault", "noipv6", "noccp", "novj",
		"lcp-echo-interval", "1", "lcp-echo-failure", "3", "user", USER, "password",
		PASSWORD, "debug", "logfile", LOG, NULL };
	const char *const *lists[] = { usual, options, more };
	char *argv[ARGS_MAX];
	unsigned argc = 0;

	for (unsigned l = 0; l < 3; l++)
		for (unsigned i = 0; lists[l] && lists[l][i] && argc < ARGS_MAX - 1; i++)
			argv[argc++] = (char *)lists[l][i];
	argv[argc] = NULL;
	unlink(LOG);
	line->pppd = must(fork(), "fork");
	if (line->pppd)
		return;
	if (!freopen("/dev/null", "r+", stdin) || !freopen("/dev/null", "w", stdout))
		_exit(126);
	execv("/usr/sbin/pppd", argv);
	_exit(127);
}

/* --- what happens on it --- */

static void write_frame(struct line *line, const uint8_t *data, size_t len)
{
	if (data[0] == 0xc0 && data[1] == 0x21 && data[2] == CP_CONFACK) {
		line->acked_len = len - 6;
		memcpy(line->acked, data + 6, len - 6);
	}
	if (write(line->channel, data, len) != (ssize_t)len)
		printf("# write: %s\n", strerror(errno));
}

static void carry_out(struct line *line)
{
	const struct ppp_effect *effect;

	while ((effect = ppp_proxy_next_effect(line->proxy))) {
		switch (effect->type) {
		case PPP_EFFECT_SEND:
			write_frame(line, effect->send.data, effect->send.len);
			break;
		case PPP_EFFECT_DONE:
			line->done = true;
			break;
		case PPP_EFFECT_FAILED:
			line->failed = true;
			line->failure = *effect;
			printf("# %s\n", effect->failed.text);
			break;
		case PPP_EFFECT_CLOSED:
			line->closed = true;
			break;
		case PPP_EFFECT_TRACE:
			printf("# LCP %s --%s--> %s\n", effect->trace.from, effect->trace.event,
				effect->trace.to);
			break;
		}
	}
}

static void read_frames(struct line *line)
{
	uint8_t frame[2000];
	ssize_t len;

	while ((len = read(line->channel, frame, sizeof(frame))) > 0) {
		if (len >= 6 && frame[0] == 0xc0 && frame[1] == 0x21 && frame[2] == CP_CONFREQ &&
			!line->initial_len) {
			line->initial_len = (size_t)(frame[4] << 8 | frame[5]) - 4;
			memcpy(line->initial, frame + 6, line->initial_len);
		}
		ppp_proxy_input(line->proxy, clock_now(), frame, (size_t)len);
	}
}

static void join_masters(struct line *line)
{
	uint8_t octets[4096];
	ssize_t len;

	for (unsigned i = 0; i < 2 && line->master[0] >= 0; i++)
		while ((len = read(line->master[i], octets, sizeof(octets))) > 0)
			if (write(line->master[!i], octets, (size_t)len) != len)
				printf("# pty: %s\n", strerror(errno));
}

/* What the LNS gets. */
static void take_frames(struct line *line)
{
	const struct ppp_frame *f;

	while ((f = ppp_proxy_next_frame(line->proxy))) {
		if (line->seen_count < 256 && f->len >= 2)
			line->seen[line->seen_count++] = (uint16_t)(f->data[0] << 8 | f->data[1]);
		line->seen_terminate |= f->len > 2 && f->data[0] == 0xc0 && f->data[1] == 0x21 &&
					f->data[2] == CP_TERMREQ;
	}
}

static void turn(struct line *line)
{
	struct pollfd polled[3] = { { .fd = line->channel, .events = POLLIN },
		{ .fd = line->master[0], .events = POLLIN },
		{ .fd = line->master[1], .events = POLLIN } };
	usec_t next = ppp_proxy_next_timeout(line->proxy), now = clock_now();
	int ms = next <= now			    ? 0
		 : next - now > 100 * USEC_PER_MSEC ? 100
						    : 1 + (int)((next - now) / 1000);

	poll(polled, 3, ms);
	join_masters(line);
	read_frames(line);
	ppp_proxy_timeout(line->proxy, clock_now());
	carry_out(line);
}

static bool is_done(struct line *line)
{
	return line->done || line->failed;
}

static bool is_closed(struct line *line)
{
	return line->closed;
}

static bool has_exited(struct line *line)
{
	if (line->pppd && waitpid(line->pppd, &line->status, WNOHANG) == line->pppd)
		line->pppd = 0;
	return !line->pppd;
}

static bool is_seen(const struct line *line, uint16_t protocol)
{
	for (unsigned i = 0; i < line->seen_count; i++)
		if (line->seen[i] == protocol)
			return true;
	return false;
}

static bool has_ipcp(struct line *line)
{
	take_frames(line);
	return is_seen(line, 0x8021);
}

static bool has_response(struct line *line)
{
	take_frames(line);
	return is_seen(line, PPP_PROTO_CHAP);
}

static bool has_terminate(struct line *line)
{
	take_frames(line);
	return line->seen_terminate;
}

static bool wait_for(struct line *line, bool (*happened)(struct line *), const char *what)
{
	usec_t end = clock_now() + PATIENCE;

	while (!happened(line)) {
		if (clock_now() > end)
			return check(false, "%s: %s: not within %u s", line->name, what,
				(unsigned)(PATIENCE / USEC_PER_SEC));
		turn(line);
	}
	return check(true, "%s: %s", line->name, what);
}

static void let_pass(struct line *line, usec_t time)
{
	for (usec_t end = clock_now() + time; clock_now() < end;)
		turn(line);
}

/* --- stories --- */

static const char *const only_pap[] = { "refuse-chap", "refuse-mschap", "refuse-mschap-v2",
	"refuse-eap", NULL };
static const char *const only_chap[] = { "refuse-pap", "refuse-mschap", "refuse-mschap-v2",
	"refuse-eap", NULL };
static const char *const only_mschapv2[] = { "refuse-pap", "refuse-chap", "refuse-mschap",
	"refuse-eap", NULL };

#define ALL_METHODS ((1u << PPP_METHOD_COUNT) - 1)

/* A line with our PPP at this end and a pppd at the other, both just begun. */
static void begin(struct line *line, const char *name, const struct ppp_proxy_params *params,
	const char *const *options)
{
	static uint16_t sid = 100;
	struct l2tp_env env = { .random = real_random };
	char session[64], device[64];
	const char *const pppoe[] = { "plugin", "rp-pppoe.so", "rp_pppoe_sess", session, "nic-v1",
		"mtu", "1492", "mru", "1492", NULL };
	const char *const serial[] = { device, "115200", NULL };

	*line = (struct line){ .name = name };
	if (params->lcp.accm)
		open_serial(line, device, sizeof(device));
	else
		open_pppoe(line, sid++, session, sizeof(session));
	line->proxy = ppp_proxy_new(&env, params, clock_now());
	must(line->proxy ? 0 : -1, "memory");
	start_pppd(line, options, params->lcp.accm ? serial : pppoe);
}

static void end(struct line *line)
{
	if (line->pppd) {
		kill(line->pppd, SIGKILL);
		waitpid(line->pppd, NULL, 0);
	}
	ppp_proxy_free(line->proxy);
	close(line->channel);
	close(line->socket);
	for (unsigned i = 0; i < 2; i++)
		if (line->master[i] >= 0)
			close(line->master[i]);
}

static bool same(struct l2tp_span span, const uint8_t *data, size_t len)
{
	return span.data && span.len == len && memcmp(span.data, data, len) == 0;
}

static void show(const char *what, struct l2tp_span span)
{
	printf("#   %s ", what);
	for (unsigned i = 0; i < span.len; i++)
		printf("%02x", span.data[i]);
	putchar('\n');
}

static void check_result(struct line *line, enum ppp_method method)
{
	const struct ppp_proxy_result *r = ppp_proxy_result(line->proxy);
	const struct l2tp_proxy *p;

	if (!check(r != NULL, "%s: there is a result", line->name))
		return;
	p = &r->proxy;
	show("initial received", p->initial_lcp);
	show("last sent", p->last_sent_lcp);
	show("last received", p->last_received_lcp);
	check(same(p->initial_lcp, line->initial, line->initial_len), "%s: initial request",
		line->name);
	check(same(p->last_received_lcp, line->acked, line->acked_len), "%s: last received request",
		line->name);
	check(r->has_method && r->method == method, "%s: method is %s", line->name,
		ppp_method_name(method));
	if (!p->authen_type)
		return;
	check(p->authen_type == (method == PPP_METHOD_PAP ? 3 : 2), "%s: authen type", line->name);
	check(same(p->authen_name, (const uint8_t *)USER, strlen(USER)), "%s: name", line->name);
	check(realm_matches(p->authen_name, "example.net"), "%s: realm", line->name);
	check(ppp_check_login(p, PASSWORD), "%s: the response is right", line->name);
}

/* The word of the LNS to what it was told. */
static void lns_accepts(struct line *line)
{
	const struct ppp_proxy_result *r = ppp_proxy_result(line->proxy);
	uint8_t frame[256] = { 0xc2, 0x23, CHAP_SUCCESS, r->proxy.authen_id };
	size_t len = 6;

	if (r->method == PPP_METHOD_PAP) {
		frame[0] = 0xc0;
		frame[2] = PAP_ACK;
		frame[len++] = 0;
	} else if (r->method == PPP_METHOD_MSCHAPV2) {
		ppp_check_success(&r->proxy, PASSWORD, (char *)frame + len);
		len += 42;
	}
	frame[5] = (uint8_t)(len - 2);
	write_frame(line, frame, len);
}

/* Login, some time without an LNS, hand-over, NCPs, and the client hangs up. */
static void test_login(const char *name, const struct ppp_proxy_params *params,
	enum ppp_method method, const char *const *options)
{
	struct line line;

	begin(&line, name, params, options);
	if (wait_for(&line, is_done, "login is read")) {
		check_result(&line, method);
		/* more than three Echo-Requests, and one PAP request more */
		let_pass(&line, 5 * USEC_PER_SEC);
		check(!line.failed && !has_exited(&line), "%s: the client waits", name);
		check(ppp_proxy_hand_over(line.proxy), "%s: hand-over", name);
		take_frames(&line);
		if (method == PPP_METHOD_PAP)
			check(is_seen(&line, PPP_PROTO_PAP), "%s: the repeated request has waited",
				name);
		lns_accepts(&line);
		wait_for(&line, has_ipcp, "IPCP arrives at the LNS");
		kill(line.pppd, SIGTERM);
		wait_for(&line, has_terminate, "and so does the Terminate-Request");
		wait_for(&line, has_exited, "pppd ends");
	}
	end(&line);
}

/* LCP only; the LNS asks by the method that was agreed on. */
static void test_lcp_only(void)
{
	static const uint8_t challenge[] = { 0xc2, 0x23, CHAP_CHALLENGE, 7, 0, 24, 16, 1, 2, 3, 4,
		5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 'l', 'n', 's' };
	const struct ppp_proxy_params params = {
		.lcp = { .mru = 1492, .methods = PPP_METHOD_BIT(PPP_METHOD_CHAP_MD5) }
	};
	struct line line;

	begin(&line, "LCP only", &params, NULL);
	if (wait_for(&line, is_done, "LCP is open")) {
		check_result(&line, PPP_METHOD_CHAP_MD5);
		check(ppp_proxy_hand_over(line.proxy), "LCP only: hand-over");
		write_frame(&line, challenge, sizeof(challenge));
		wait_for(&line, has_response, "the response arrives at the LNS");
	}
	end(&line);
}

static void test_refused(const char *name, enum ppp_method method, const char *const *options)
{
	const struct ppp_proxy_params params = { .lcp = { .mru = 1492,
							 .methods = PPP_METHOD_BIT(method) },
		.login = true,
		.name = "lac" };
	struct line line;

	begin(&line, name, &params, options);
	if (wait_for(&line, is_done, "login is read")) {
		ppp_proxy_refuse(line.proxy, clock_now(), "no such user");
		carry_out(&line);
		wait_for(&line, is_closed, "the client says goodbye");
		wait_for(&line, has_exited, "pppd ends");
		/* pppd(8): 19 is "We failed to authenticate ourselves to the peer" */
		check(WIFEXITED(line.status) && WEXITSTATUS(line.status) == 19,
			"%s: pppd's exit code is %d, wanted 19", name, WEXITSTATUS(line.status));
	}
	end(&line);
}

static void test_no_method_in_common(void)
{
	const struct ppp_proxy_params params = {
		.lcp = { .mru = 1492, .methods = PPP_METHOD_BIT(PPP_METHOD_PAP) },
		.login = true,
		.name = "lac"
	};
	struct line line;

	begin(&line, "no method", &params, only_chap);
	wait_for(&line, is_closed, "it ends");
	check(!line.done && line.failure.failed.cause == L2TP_PPP_CAUSE_AUTH_PROTOCOL,
		"no method: that is the reason");
	end(&line);
}

static void test_client_goes(void)
{
	const struct ppp_proxy_params params = {
		.lcp = { .mru = 1492, .methods = ALL_METHODS }, .login = true, .name = "lac"
	};
	struct line line;

	begin(&line, "client goes", &params, NULL);
	if (wait_for(&line, is_done, "login is read")) {
		kill(line.pppd, SIGTERM);
		wait_for(&line, is_closed, "it ends while no LNS is there");
		check(line.failure.failed.cause == L2TP_PPP_CAUSE_NORMAL &&
				strstr(line.failure.failed.text, "User request"),
			"client goes: and says why");
	}
	end(&line);
}

static void set_up(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	must(unshare(CLONE_NEWNET | CLONE_NEWNS), "namespaces");
	if (system("modprobe -qa pppoe ppp_async; ip link set lo up &&"
		   "ip link add v0 address " MAC_V0 " type veth peer name v1 address " MAC_V1
		   " && ip link set v0 up && ip link set v1 up"))
		must(-1, "veth");
}

int main(void)
{
	const struct ppp_proxy_params pppoe = {
		.lcp = { .mru = 1492, .methods = ALL_METHODS }, .login = true, .name = "lac"
	};
	const struct ppp_proxy_params serial = {
		.lcp = { .methods = ALL_METHODS, .accm = true, .compression = true },
		.login = true,
		.name = "lac"
	};

	set_up();
	test_login("PPPoE, MS-CHAPv2", &pppoe, PPP_METHOD_MSCHAPV2, only_mschapv2);
	test_login("PPPoE, CHAP-MD5", &pppoe, PPP_METHOD_CHAP_MD5, only_chap);
	test_login("PPPoE, PAP", &pppoe, PPP_METHOD_PAP, only_pap);
	test_login("PPPoE, whatever", &pppoe, PPP_METHOD_MSCHAPV2, NULL);
	test_login("serial", &serial, PPP_METHOD_MSCHAPV2, only_mschapv2);
	test_lcp_only();
	test_refused("refused PAP", PPP_METHOD_PAP, only_pap);
	test_refused("refused CHAP-MD5", PPP_METHOD_CHAP_MD5, only_chap);
	test_refused("refused MS-CHAPv2", PPP_METHOD_MSCHAPV2, only_mschapv2);
	test_no_method_in_common();
	test_client_goes();
	return selftest_end();
}
