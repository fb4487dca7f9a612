/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pppd plugin, loaded as pppd loads it: each test opens l2tpd.so afresh ($L2TPD_PLUGIN), plays
 * pppd by plugin_pppd.c and the daemon by the other end of a socket pair. Questions are numbered
 * from 1, so an answer can lie in the socket before the question is asked. Who logs in:
 * test_plugin_auth.c.
 */
#include "plugin_steps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- options and the socket ---- */

static void test_nothing_without_fd(void **state)
{
	pppd_phase(PHASE_ESTABLISH);
	pppd_notify(NF_EXIT, 0);
	expect_nothing();
	assert_null(snoop_recv_hook);
	assert_null(chap_verify_hook);
}

static void test_fd(void **state)
{
	char number[16];
	int fds[2];

	assert_int_equal(pppd_option("l2tpd-fd", "987"), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	snprintf(number, sizeof(number), "%d", fds[0]);
	assert_int_equal(pppd_option("l2tpd-fd", number), 0);
	close(fds[0]);
	close(fds[1]);
	assert_true(strstr(pppd_log, "l2tpd-fd 987: "));
	start();
	assert_true(fcntl(plugin_end, F_GETFD) & FD_CLOEXEC);
	snprintf(number, sizeof(number), "%d", plugin_end);
	assert_int_equal(pppd_option("l2tpd-fd", number), 0);
}

static void test_no_auth_hooks(void **state)
{
	assert_null(chap_check_hook);
	assert_null(chap_verify_hook);
	assert_null(chap_passwd_hook);
	assert_null(pap_check_hook);
	assert_null(pap_auth_hook);
	assert_null(pap_passwd_hook);
	assert_null(allowed_address_hook);
	assert_null(ip_choose_hook);
	assert_false(uselogin);
}

static void test_daemon_gone(void **state)
{
	char message[64];

	close(daemon_end);
	daemon_end = -1;
	pppd_phase(PHASE_NETWORK);
	pppd_phase(PHASE_RUNNING);
	pppd_notify(NF_IP_UP, 0);
	assert_string_equal(pppd_log, "");
	assert_int_equal(chap("bob", "secret", message), 0);
	assert_true(strstr(pppd_log, "bob: no connection to l2tpd"));
	pppd_notify(NF_EXIT, 5);
}

static void test_daemon_does_not_read(void **state)
{
	int i;

	for (i = 0; i < 10000; i++) {
		pppd_phase(PHASE_NETWORK);
		pppd_phase(PHASE_RUNNING);
	}
	expect_phase(PHASE_NETWORK, "network");
}

static void test_child_has_no_socket(void **state)
{
	pppd_notify(NF_FORK, 0);
	pppd_phase(PHASE_NETWORK);
	assert_int_equal(fcntl(plugin_end, F_GETFD), -1);
}

/* ---- a link's life ---- */

static void test_up(void **state)
{
	struct plugin_msg msg;

	lcp_gotoptions[0].neg_mru = 1;
	lcp_gotoptions[0].mru = 1446;
	lcp_hisoptions[0].neg_asyncmap = 1;
	lcp_hisoptions[0].asyncmap = 0x000a0000;
	pppd_phase(PHASE_AUTHENTICATE);
	expect(&msg, PLUGIN_ACCM);
	assert_int_equal(msg.accm.send, 0x000a0000);
	assert_int_equal(msg.accm.recv, 0xffffffff);
	expect_phase(PHASE_AUTHENTICATE, "authenticate");
	pppd_notify(NF_AUTH_UP, 0);
	expect_text(PLUGIN_AUTH_UP, 0, "");
	pppd_phase(PHASE_NETWORK);
	pppd_phase(PHASE_RUNNING);
	expect_phase(PHASE_NETWORK, "network");
	expect_phase(PHASE_RUNNING, "running");

	pppd_set_interface("lo", 1400);
	ipcp_gotoptions[0].ouraddr = inet_addr("10.0.0.1");
	ipcp_gotoptions[0].dnsaddr[0] = inet_addr("9.9.9.9");
	ipcp_hisoptions[0].hisaddr = inet_addr("10.0.0.2");
	pppd_notify(NF_IP_UP, 0);
	expect(&msg, PLUGIN_IP_UP);
	assert_string_equal(msg.ip.ifname, "lo");
	assert_int_equal(msg.ip.ifindex, 1);
	assert_int_equal(msg.ip.local, inet_addr("10.0.0.1"));
	assert_int_equal(msg.ip.remote, inet_addr("10.0.0.2"));
	assert_int_equal(msg.ip.dns1, inet_addr("9.9.9.9"));
	assert_int_equal(msg.ip.dns2, 0);
	assert_int_equal(msg.ip.mtu, 1400);
	assert_int_equal(msg.ip.mru, 1446);
	pppd_notify(NF_IP_DOWN, 0);
	pppd_notify(NF_IP_DOWN, 0);
	expect_text(PLUGIN_IP_DOWN, 0, "");
	expect_nothing();

	memset(&ipv6cp_gotoptions[0].ourid, 1, 8);
	memset(&ipv6cp_hisoptions[0].hisid, 2, 8);
	pppd_notify(NF_IPV6_UP, 0);
	expect(&msg, PLUGIN_IP6_UP);
	assert_string_equal(msg.ip6.ifname, "lo");
	assert_memory_equal(&msg.ip6.local_id, "\1\1\1\1\1\1\1\1", 8);
	assert_memory_equal(&msg.ip6.remote_id, "\2\2\2\2\2\2\2\2", 8);
	pppd_notify(NF_IPV6_DOWN, 0);
	expect_text(PLUGIN_IP6_DOWN, 0, "");
}

static void test_auth_up_without_our_hooks(void **state)
{
	pppd_set_peer_name("radius-user");
	pppd_notify(NF_AUTH_UP, 0);
	expect_text(PLUGIN_AUTH_UP, 0, "");
	lcp_gotoptions[0].neg_chap = 1;
	pppd_notify(NF_AUTH_UP, 0);
	expect_text(PLUGIN_AUTH_UP, 0, "radius-user");
}

static void run_link(void)
{
	pppd_phase(PHASE_AUTHENTICATE);
	pppd_phase(PHASE_NETWORK);
	ppp_set_status(EXIT_OK);
	pppd_phase(PHASE_RUNNING);
	lcp_fsm[0].state = OPENED;
	drain();
}

/* How 2.4.9 and 2.5 go on after the last timer: read once more, "Modem hangup", status 16. */
static void end_of_link(int code)
{
	lcp_fsm[0].state = CLOSED;
	pppd_phase(PHASE_DISCONNECT);
	pppd_phase(PHASE_DEAD);
	ppp_set_status(EXIT_HANGUP);
	pppd_notify(NF_EXIT, EXIT_HANGUP);
	expect_phase(PHASE_DISCONNECT, "disconnect");
	expect_phase(PHASE_DEAD, "dead");
	expect_text(PLUGIN_EXIT, code, "");
	expect_nothing();
}

static void test_peer_dead(void **state)
{
	char reason[] = "Peer not responding";

	run_link();
	ppp_set_status(EXIT_PEER_DEAD);
	lcp_close(0, reason);
	pppd_phase(PHASE_NETWORK);
	pppd_phase(PHASE_ESTABLISH);
	expect_phase(PHASE_TERMINATE, "terminate");
	expect_down(EXIT_PEER_DEAD, 0, "Peer not responding", "");
	end_of_link(EXIT_PEER_DEAD);
}

static void test_peer_closes(void **state)
{
	run_link();
	frame(0xc021, TERMREQ, "Session-\nTimeout", 16);
	lcp_fsm[0].state = STOPPING;
	pppd_phase(PHASE_NETWORK);
	pppd_phase(PHASE_ESTABLISH);
	expect_phase(PHASE_TERMINATE, "terminate");
	expect_down(EXIT_OK, 1, "closed by the peer", "Session-^JTimeout");
	end_of_link(EXIT_OK);
}

static void test_hangup(void **state)
{
	run_link();
	ppp_set_status(EXIT_HANGUP);
	pppd_phase(PHASE_NETWORK);
	pppd_phase(PHASE_ESTABLISH);
	expect_phase(PHASE_NETWORK, "network");
	expect_down(EXIT_HANGUP, 0, "hangup", "");
	expect_phase(PHASE_ESTABLISH, "establish");
	end_of_link(EXIT_HANGUP);
}

static void test_signal_then_hangup(void **state)
{
	char reason[] = "User request";

	run_link();
	ppp_set_status(EXIT_USER_REQUEST);
	lcp_close(0, reason);
	pppd_phase(PHASE_ESTABLISH);
	expect_phase(PHASE_TERMINATE, "terminate");
	expect_down(EXIT_USER_REQUEST, 0, "User request", "");
	ppp_set_status(EXIT_HANGUP);
	end_of_link(EXIT_USER_REQUEST);
}

/* Plugins such as radius.so see NAS-Request's status, the daemon the true one. */
static void test_ordered_end(void **state)
{
	char reason[] = "User request";

	run_link();
	ppp_set_status(EXIT_USER_REQUEST);
	lcp_close(0, reason);
	assert_int_equal(ppp_status(), 20);
	pppd_phase(PHASE_ESTABLISH);
	expect_phase(PHASE_TERMINATE, "terminate");
	expect_down(EXIT_USER_REQUEST, 0, "User request", "");
	lcp_fsm[0].state = CLOSED;
	pppd_phase(PHASE_DISCONNECT);
	expect_phase(PHASE_DISCONNECT, "disconnect");
	assert_int_equal(ppp_status(), EXIT_USER_REQUEST); /* what pppd exits with */
	pppd_notify(NF_EXIT, EXIT_USER_REQUEST);
	expect_text(PLUGIN_EXIT, EXIT_USER_REQUEST, "");
	expect_nothing();
}

static void test_no_lcp(void **state)
{
	ppp_set_status(EXIT_NEGOTIATION_FAILED);
	lcp_fsm[0].state = STOPPED;
	pppd_phase(PHASE_DISCONNECT);
	expect_down(EXIT_NEGOTIATION_FAILED, 0, "no agreement on LCP", "");
	end_of_link(EXIT_NEGOTIATION_FAILED);
}

static void lcp_anew(void)
{
	run_link();
	pppd_phase(PHASE_NETWORK);
	pppd_phase(PHASE_ESTABLISH);
	expect_phase(PHASE_NETWORK, "network");
	expect_down(EXIT_OK, 0, "LCP starts anew", "");
	expect_phase(PHASE_ESTABLISH, "establish");
}

static void test_lcp_anew(void **state)
{
	struct plugin_msg msg;

	lcp_anew();
	pppd_phase(PHASE_AUTHENTICATE);
	expect(&msg, PLUGIN_ACCM);
	expect_phase(PHASE_AUTHENTICATE, "authenticate");
	test_peer_dead(state);
}

static void test_lcp_anew_in_vain(void **state)
{
	lcp_anew();
	lcp_fsm[0].state = STOPPED;
	pppd_phase(PHASE_DISCONNECT);
	expect_down(EXIT_OK, 0, "no agreement on LCP", "");
	end_of_link(EXIT_OK);
}

static void test_lcp_anew_then_hangup(void **state)
{
	lcp_anew();
	ppp_set_status(EXIT_HANGUP);
	pppd_phase(PHASE_DISCONNECT);
	expect_down(EXIT_HANGUP, 0, "hangup", "");
	end_of_link(EXIT_HANGUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_without_fd, load),
		TEST(test_fd, load),
		TEST(test_no_auth_hooks, start_plain),
		TEST(test_daemon_gone, start_server),
		TEST(test_daemon_does_not_read, start_plain),
		TEST(test_child_has_no_socket, start_plain),
		TEST(test_up, start_plain),
		TEST(test_auth_up_without_our_hooks, start_plain),
		TEST(test_peer_dead, start_plain),
		TEST(test_peer_closes, start_plain),
		TEST(test_hangup, start_plain),
		TEST(test_signal_then_hangup, start_plain),
		TEST(test_ordered_end, start_plain),
		TEST(test_no_lcp, start_plain),
		TEST(test_lcp_anew, start_plain),
		TEST(test_lcp_anew_in_vain, start_plain),
		TEST(test_lcp_anew_then_hangup, start_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
