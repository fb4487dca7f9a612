/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pppd plugin, loaded as pppd loads it: each test opens l2tpd.so afresh ($L2TPD_PLUGIN), plays
 * pppd by plugin_pppd.c and the daemon by the other end of a socket pair. Questions are numbered
 * from 1, so an answer can lie in the socket before the question is asked.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/md5.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "plugin_rig.h"

/* ---- CHAP with MD5, RFC 1994 4.1 ---- */

static int md5_verify(int id, char *name, unsigned char *secret, int secret_len,
	unsigned char *challenge, unsigned char *response, char *message, int message_space)
{
	unsigned char octet = (unsigned char)id, digest[MD5_DIGEST_SIZE];
	struct md5_ctx md5;
	int ok;

	md5_init(&md5);
	md5_update(&md5, 1, &octet);
	md5_update(&md5, (size_t)secret_len, secret);
	md5_update(&md5, challenge[0], challenge + 1);
	md5_digest(&md5, sizeof(digest), digest);
	ok = response[0] == sizeof(digest) && memcmp(digest, response + 1, sizeof(digest)) == 0;
	snprintf(message, (size_t)message_space, ok ? "granted" : "denied");
	return ok;
}

static struct chap_digest_type md5_type = { .code = CHAP_MD5, .verify_response = md5_verify };

/* The peer answers challenge "0123456789abcdef", id 7, with the proof of secret. */
static int chap(const char *name, const char *secret, char *message)
{
	unsigned char challenge[] = "\x10"
				    "0123456789abcdef",
		      response[17] = { 16 }, id = 7;
	char copy[64], server[] = "us";
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, 1, &id);
	md5_update(&md5, strlen(secret), (const uint8_t *)secret);
	md5_update(&md5, challenge[0], challenge + 1);
	md5_digest(&md5, 16, response + 1);
	strlcpy(copy, name, sizeof(copy));
	message[0] = '\0';
	return chap_verify_hook(copy, server, id, &md5_type, challenge, response, message, 64);
}

static int pap(const char *name, const char *password, char **message)
{
	char name_copy[64], password_copy[MAXSECRETLEN];
	struct wordlist *addresses = NULL, *options = NULL;
	int rc;

	strlcpy(name_copy, name, sizeof(name_copy));
	strlcpy(password_copy, password, sizeof(password_copy));
	rc = pap_auth_hook(name_copy, password_copy, message, &addresses, &options);
	assert_null(addresses);
	assert_null(options);
	return rc;
}

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
	start_plugin();
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

/* ---- the peer logs in ---- */

static void test_chap(void **state)
{
	uint32_t address = inet_addr("10.0.0.77");
	char message[64];

	assert_int_equal(chap_check_hook(), 1);
	assert_int_equal(pap_check_hook(), 1);
	assert_true(uselogin);
	assert_int_equal(allowed_address_hook(address), 0);
	answer(1, "secret", NULL);
	assert_int_equal(chap("bob", "secret", message), 1);
	assert_string_equal(message, "granted");
	expect_text(PLUGIN_ASK_PEER, 1, "bob");
	assert_int_equal(allowed_address_hook(address), 1);
	assert_null(ip_choose_hook);
	pppd_notify(NF_AUTH_UP, 0);
	expect_text(PLUGIN_AUTH_UP, 0, "bob");
}

static void test_fixed_address(void **state)
{
	uint32_t address = inet_addr("10.0.0.77");
	char message[64];

	answer(1, "secret", "10.0.0.5");
	assert_int_equal(chap("bob", "secret", message), 1);
	ip_choose_hook(&address);
	assert_int_equal(address, inet_addr("10.0.0.5"));
	assert_int_equal(allowed_address_hook(address), 1);
	assert_int_equal(allowed_address_hook(inet_addr("10.0.0.6")), 0);
	/* A link that comes up anew has to prove it anew, and may find another user. */
	pppd_phase(PHASE_ESTABLISH);
	pppd_phase(PHASE_AUTHENTICATE);
	assert_int_equal(allowed_address_hook(address), 0);
	answer(2, "secret", NULL);
	assert_int_equal(chap("alice", "secret", message), 1);
	ip_choose_hook(&address);
	assert_int_equal(address, inet_addr("10.0.0.77"));
}

static void fail_peer(const char *reason)
{
	char closing[] = "Authentication failed";

	drain();
	ppp_set_status(EXIT_PEER_AUTH_FAILED);
	lcp_close(0, closing);
	expect_text(PLUGIN_AUTH_FAILED, 1, reason);
	expect_phase(PHASE_TERMINATE, "terminate");
}

static void test_chap_wrong(void **state)
{
	char message[64];

	answer(1, "secret", "10.0.0.5");
	assert_int_equal(chap("bob", "guess", message), 0);
	assert_string_equal(message, "denied");
	assert_int_equal(allowed_address_hook(inet_addr("10.0.0.5")), 0);
	assert_true(strstr(pppd_log, "bob: wrong password"));
	fail_peer("bob: wrong password");
}

static void test_chap_unknown(void **state)
{
	char message[64];

	answer(1, NULL, NULL);
	assert_int_equal(chap("eve", "", message), 0);
	assert_string_equal(message, "denied");
	fail_peer("eve: unknown user");
}

static void test_refused_to_authenticate(void **state)
{
	fail_peer("the peer refused to authenticate itself");
}

static void test_no_answer(void **state)
{
	char message[64];

	waited_ms = 0;
	assert_int_equal(chap("bob", "secret", message), 0);
	assert_true(waited_ms >= PLUGIN_ANSWER_TIMEOUT_S * 1000);
	assert_true(strstr(pppd_log, "bob: no answer from l2tpd"));
	/* The late answer to that question is not one to the next. */
	answer(1, "secret", NULL);
	answer(2, "other", NULL);
	assert_int_equal(chap("alice", "secret", message), 0);
	answer(3, "secret", NULL);
	assert_int_equal(chap("bob", "secret", message), 1);
}

static void test_told_to_end(void **state)
{
	char message[64];

	pppd_signal(1);
	assert_int_equal(chap("bob", "secret", message), 0);
	assert_true(strstr(pppd_log, "pppd was told to end"));
}

static void test_bad_answers(void **state)
{
	struct plugin_msg msg = { .type = PLUGIN_ANSWER, .number = 1 };
	const size_t body = offsetof(struct plugin_msg, answer.secret);
	char message[64];

	msg.answer.found = 1;
	msg.answer.secret_len = 6;
	send(daemon_end, &msg, body + 5, 0);
	assert_int_equal(chap("bob", "", message), 0);
	msg.number = 2;
	msg.answer.secret_len = PLUGIN_SECRET_MAX + 1;
	send(daemon_end, &msg, sizeof(msg), 0);
	assert_int_equal(chap("bob", "", message), 0);
	send(daemon_end, &msg, 3, 0);
	assert_int_equal(chap("bob", "", message), 0);
	assert_true(strstr(pppd_log, "bad answer from l2tpd"));
}

static void test_another_user(void **state)
{
	char message[64];

	answer(1, "secret", NULL);
	assert_int_equal(chap("bob", "secret", message), 1);
	answer(2, "secret", NULL);
	assert_int_equal(chap("bob", "secret", message), 1);
	answer(3, "wonder", NULL);
	assert_int_equal(chap("alice", "wonder", message), 0);
	fail_peer("alice: another user than before");
}

static void test_pap(void **state)
{
	char *message;

	answer(1, "secret", "10.0.0.5");
	assert_int_equal(pap("bob", "secret", &message), 1);
	assert_string_equal(message, "Login ok");
	expect_text(PLUGIN_ASK_PEER, 1, "bob");
	assert_int_equal(allowed_address_hook(inet_addr("10.0.0.5")), 1);
}

static void test_pap_wrong(void **state)
{
	char *message;
	int i;
	static const struct {
		const char *given, *secret;
	} rows[] = {
		{ "secre", "secret" },
		{ "secrets", "secret" },
		{ "", "secret" },
		{ "secret", "" },
		{ "secret", NULL },
		{ "Secret", "secret" },
	};

	for (i = 0; i < (int)(sizeof(rows) / sizeof(rows[0])); i++) {
		answer(i + 1, rows[i].secret, NULL);
		assert_int_equal(pap("bob", rows[i].given, &message), 0);
		assert_string_equal(message, "Login incorrect");
	}
	assert_int_equal(allowed_address_hook(inet_addr("10.0.0.5")), 0);
}

/* pppd hands over "pässword" as "pM-CM-$ssword". */
static void test_pap_beyond_ascii(void **state)
{
	char *message, longest[PLUGIN_SECRET_MAX + 1];

	answer(1, "p\xc3\xa4ssword", NULL);
	assert_int_equal(pap("bob", "pM-CM-$ssword", &message), 1);
	/* A secret pppd would have cut may not be matched by its beginning. */
	memset(longest, 'x', PLUGIN_SECRET_MAX);
	longest[PLUGIN_SECRET_MAX] = '\0';
	answer(2, longest, NULL);
	longest[MAXSECRETLEN - 1] = '\0';
	assert_int_equal(pap("bob", longest, &message), 0);
}

static void test_true_name(void **state)
{
	char message[64];

	frame(0xc223, CHAP_RESPONSE,
		"\x02"
		"ab"
		"B\xc3\xa4r",
		7);
	answer(1, "secret", NULL);
	assert_int_equal(chap("BM-CM-$r", "secret", message), 1);
	expect_text(PLUGIN_ASK_PEER, 1, "B\xc3\xa4r");
	/* Not what pppd speaks of; not UTF-8; control characters. */
	answer(2, "secret", NULL);
	chap("carol", "secret", message);
	expect_text(PLUGIN_ASK_PEER, 2, "carol");
	frame(0xc023, UPAP_AUTHREQ,
		"\x03"
		"B\xe4r"
		"\x01"
		"x",
		6);
	answer(3, "secret", NULL);
	chap("BM-dr", "secret", message);
	expect_text(PLUGIN_ASK_PEER, 3, "BM-dr");
	frame(0xc023, UPAP_AUTHREQ,
		"\x03"
		"B\nr"
		"\x01"
		"x",
		6);
	answer(4, "secret", NULL);
	chap("B^Jr", "secret", message);
	expect_text(PLUGIN_ASK_PEER, 4, "B^Jr");
}

static void test_no_eap(void **state)
{
	lcp_wantoptions[0].neg_eap = 1;
	lcp_wantoptions[0].neg_chap = 1;
	pppd_phase(PHASE_SERIALCONN);
	assert_false(lcp_wantoptions[0].neg_eap);
	assert_true(lcp_wantoptions[0].neg_chap);
}

/* ---- we log in ---- */

static void test_own(void **state)
{
	char name[] = "me", password[MAXSECRETLEN] = "";

	assert_null(chap_verify_hook);
	assert_null(pap_auth_hook);
	assert_null(allowed_address_hook);
	assert_int_equal(chap_check_hook(), 1);
	assert_int_equal(pap_passwd_hook(name, NULL), 1);
	expect_nothing();
	answer(1, "secret", NULL);
	assert_int_equal(pap_passwd_hook(name, password), 1);
	assert_string_equal(password, "secret");
	expect_text(PLUGIN_ASK_OWN, 1, "me");
	answer(2, "other", NULL);
	assert_int_equal(chap_passwd_hook(name, password), 0);
	assert_string_equal(password, "other");
	expect_text(PLUGIN_ASK_OWN, 2, "me");
	assert_int_equal(pppd_closed, 0);
}

static void test_own_none(void **state)
{
	char name[] = "me", password[MAXSECRETLEN] = "";

	answer(1, NULL, NULL);
	assert_int_equal(pap_passwd_hook(name, password), 0);
	assert_int_equal(pppd_closed, 1);
	assert_int_equal(ppp_status(), EXIT_AUTH_TOPEER_FAILED);
	expect_text(PLUGIN_ASK_OWN, 1, "me");
	expect_text(PLUGIN_AUTH_FAILED, 2, "no password: me: l2tpd has none");
	waited_ms = 0;
	assert_int_equal(chap_passwd_hook(name, password), -1);
	assert_string_equal(password, "");
	assert_true(strstr(pppd_log, "me: no answer from l2tpd"));
}

static void test_own_too_long(void **state)
{
	char name[] = "me", password[MAXSECRETLEN] = "", longest[PLUGIN_SECRET_MAX + 1];

	memset(longest, 'x', PLUGIN_SECRET_MAX);
	longest[PLUGIN_SECRET_MAX] = '\0';
	answer(1, longest, NULL);
	assert_int_equal(pap_passwd_hook(name, password), 0);
	longest[PLUGIN_SECRET_MAX - 1] = '\0';
	answer(2, longest, NULL);
	assert_int_equal(pap_passwd_hook(name, password), 1);
	assert_string_equal(password, longest);
}

static void test_refused(void **state)
{
	char closing[] = "Failed to authenticate ourselves to peer";

	frame(0xc023, UPAP_AUTHNAK,
		"\x05"
		"go\aaway",
		6);
	ppp_set_status(EXIT_AUTH_TOPEER_FAILED);
	lcp_close(0, closing);
	expect_text(PLUGIN_AUTH_FAILED, 2, "go^Gaw");
	expect_phase(PHASE_TERMINATE, "terminate");
	lcp_close(0, closing);
	expect_nothing();
}

static void test_refused_by_chap(void **state)
{
	char closing[] = "Failed to authenticate ourselves to peer";

	frame(0xc223, CHAP_FAILURE, "E=691 R=0 M=no", 14);
	ppp_set_status(EXIT_AUTH_TOPEER_FAILED);
	lcp_close(0, closing);
	expect_text(PLUGIN_AUTH_FAILED, 2, "E=691 R=0 M=no");
}

/* Lengths that lie; what counts is that nothing beyond the frame is read. */
static void test_crooked_frames(void **state)
{
	static const unsigned char frames[][12] = {
		{ 0xff, 3, 0xc0, 0x23, 3, 1, 0, 5, 200 },
		{ 0xff, 3, 0xc0, 0x23, 3, 1, 0, 200, 2, 'x' },
		{ 0xff, 3, 0xc0, 0x23, 1, 1, 0, 4 },
		{ 0xff, 3, 0xc2, 0x23, 2, 1, 0, 6, 2, 'x' },
		{ 0xff, 3, 0xc2, 0x23, 2, 1, 0, 3, 2, 'x' },
		{ 0xff, 3, 0xc2, 0x23, 4, 1, 0, 4 },
		{ 0xff, 3, 0xc0, 0x21, 5, 1, 0xff, 0xff, 'x' },
	};
	size_t i, len;

	for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		for (len = 0; len <= sizeof(frames[0]); len++) {
			unsigned char *copy = malloc(len ? len : 1);

			assert_non_null(copy);
			memcpy(copy, frames[i], len);
			snoop_recv_hook(copy, (int)len);
			free(copy);
		}
	}
	ppp_set_status(EXIT_AUTH_TOPEER_FAILED);
	pppd_phase(PHASE_TERMINATE);
	expect_text(PLUGIN_AUTH_FAILED, 2, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, unload)
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
		TEST(test_no_lcp, start_plain),
		TEST(test_lcp_anew, start_plain),
		TEST(test_lcp_anew_in_vain, start_plain),
		TEST(test_lcp_anew_then_hangup, start_plain),
		TEST(test_chap, start_server),
		TEST(test_fixed_address, start_server),
		TEST(test_chap_wrong, start_server),
		TEST(test_chap_unknown, start_server),
		TEST(test_refused_to_authenticate, start_server),
		TEST(test_no_answer, start_server),
		TEST(test_told_to_end, start_server),
		TEST(test_bad_answers, start_server),
		TEST(test_another_user, start_server),
		TEST(test_pap, start_server),
		TEST(test_pap_wrong, start_server),
		TEST(test_pap_beyond_ascii, start_server),
		TEST(test_true_name, start_server),
		TEST(test_no_eap, start_server),
		TEST(test_own, start_client),
		TEST(test_own_none, start_client),
		TEST(test_own_too_long, start_client),
		TEST(test_refused, start_client),
		TEST(test_refused_by_chap, start_client),
		TEST(test_crooked_frames, start_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
