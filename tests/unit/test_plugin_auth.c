/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pppd plugin where somebody logs in: what it asks the daemon, and what pppd does with the
 * answer. */
#include "plugin_steps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	pppd_notify(NF_AUTH_UP, 0);
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
