/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pppd plugin after the login: the peer's address, encryption, the peer's last words. The rest
 * is in test_plugin.c.
 */
#include "plugin_steps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#define ADDRESS(text) inet_addr(text)

/* ---- address ---- */

static void grant(int question, enum plugin_verdict verdict, const char *address, const char *text)
{
	struct plugin_msg msg = { 0 };
	size_t len = offsetof(struct plugin_msg, grant) + sizeof(msg.grant);

	msg.type = PLUGIN_GRANT;
	msg.number = question;
	msg.grant.verdict = verdict;
	msg.grant.address = address ? ADDRESS(address) : 0;
	strcpy(msg.grant.text, text);
	assert_int_equal(send(daemon_end, &msg, len, 0), len);
}

static void expect_question(int number, const char *address, const char *user)
{
	struct plugin_msg msg;

	expect(&msg, PLUGIN_ASK_ADDRESS);
	assert_int_equal(msg.number, number);
	assert_int_equal(msg.ask.address, address ? ADDRESS(address) : 0);
	assert_string_equal(msg.ask.user, user);
}

/* As pppd does when IPCP starts: what the options say goes in. */
static uint32_t choose(const char *configured)
{
	uint32_t address = configured ? ADDRESS(configured) : 0;

	ip_choose_hook(&address);
	return address;
}

static int password_is(int id, char *name, unsigned char *secret, int secret_len,
	unsigned char *challenge, unsigned char *response, char *message, int message_space)
{
	return 1;
}

static void log_in(int question, const char *user)
{
	static struct chap_digest_type digest = { .verify_response = password_is };
	unsigned char challenge[1] = { 0 }, response[1] = { 0 };
	char name[64], server[] = "us", message[64];

	strlcpy(name, user, sizeof(name));
	answer(question, "secret", NULL);
	assert_int_equal(chap_verify_hook(name, server, 7, &digest, challenge, response, message,
				 sizeof(message)),
		1);
	drain();
}

static int start_asking(void **state)
{
	if (start_server(state) < 0)
		return -1;
	assert_int_equal(pppd_option("l2tpd-ask-address", NULL), 1);
	return 0;
}

static void test_address_after_login(void **state)
{
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.5")), 0);
	log_in(1, "bob");
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.5")), 0);
	grant(2, PLUGIN_ADDRESS, "10.0.0.5", "");
	assert_int_equal(choose("10.0.0.1"), ADDRESS("10.0.0.5"));
	expect_question(2, "10.0.0.1", "bob");
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.5")), 1);
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.1")), 0);
	/* IPCP anew: no second question */
	assert_int_equal(choose("10.0.0.1"), ADDRESS("10.0.0.5"));
	expect_nothing();
	assert_int_equal(pppd_timer(), 0);
}

static void test_address_of_the_next_user(void **state)
{
	log_in(1, "bob");
	grant(2, PLUGIN_ADDRESS, "10.0.0.5", "");
	choose(NULL);
	pppd_phase(PHASE_ESTABLISH);
	pppd_phase(PHASE_AUTHENTICATE);
	drain();
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.5")), 0);
	log_in(3, "alice");
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.5")), 0);
	grant(4, PLUGIN_ADDRESS, "10.0.0.6", "");
	assert_int_equal(choose(NULL), ADDRESS("10.0.0.6"));
	expect_question(4, NULL, "alice");
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.5")), 0);
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.6")), 1);
}

static void test_any_address(void **state)
{
	log_in(1, "bob");
	grant(2, PLUGIN_ANY, NULL, "");
	ipcp_wantoptions[0].accept_remote = 0;
	assert_int_equal(choose("10.0.0.1"), 0);
	assert_true(ipcp_wantoptions[0].accept_remote);
	assert_int_equal(allowed_address_hook(ADDRESS("192.0.2.1")), 1);
}

static void expect_refused(const char *text)
{
	assert_int_equal(choose("10.0.0.1"), 0);
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.1")), 0);
	/* not in the middle of pppd's negotiation */
	assert_int_equal(pppd_closed, 0);
	drain();
	lcp_fsm[0].state = OPENED;
	assert_int_equal(pppd_timer(), 1);
	assert_int_equal(pppd_closed, 1);
	assert_int_equal(lcp_fsm[0].term_reason_len, strlen(text));
	assert_memory_equal(lcp_fsm[0].term_reason, text, strlen(text));
	expect_phase(PHASE_TERMINATE, "terminate");
	pppd_phase(PHASE_ESTABLISH);
	expect_down(EXIT_NEGOTIATION_FAILED, 0, text, "");
}

static void test_no_address(void **state)
{
	log_in(1, "bob");
	grant(2, PLUGIN_REFUSED, NULL, "all addresses are in use");
	expect_refused("all addresses are in use");
}

static void test_no_address_and_no_words(void **state)
{
	log_in(1, "bob");
	grant(2, PLUGIN_ADDRESS, NULL, "");
	expect_refused("no address for the peer");
}

static void test_no_grant(void **state)
{
	log_in(1, "bob");
	waited_ms = 0;
	expect_refused("no answer from l2tpd");
	assert_true(waited_ms >= PLUGIN_ANSWER_TIMEOUT_S * 1000);
}

static void test_bad_grants(void **state)
{
	struct plugin_msg msg = { .type = PLUGIN_GRANT, .number = 2 };

	log_in(1, "bob");
	/* a secret is no answer to this, nor is half a grant */
	answer(2, "secret", "10.0.0.1");
	send(daemon_end, &msg, offsetof(struct plugin_msg, grant) + sizeof(msg.grant) - 1, 0);
	expect_refused("bad answer from l2tpd");
}

static void endless_text(void)
{
	struct plugin_msg msg;

	memset(&msg, 'x', sizeof(msg));
	msg.type = PLUGIN_GRANT;
	msg.number = 1;
	msg.grant.verdict = PLUGIN_REFUSED;
	send(daemon_end, &msg, sizeof(msg), 0);
}

static void test_endless_text(void **state)
{
	char text[PLUGIN_WORDS_MAX];

	endless_text();
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	expect_refused(text);
}

static uint32_t radius_address;

static void radius_choose(uint32_t *address)
{
	*address = radius_address;
}

static int radius_allowed(uint32_t address)
{
	return address == radius_address;
}

/* radius.so checks the login and chooses; the daemon hears of it and has the last word. */
static void test_beside_radius(void **state)
{
	ip_choose_hook = radius_choose;
	allowed_address_hook = radius_allowed;
	radius_address = ADDRESS("10.0.0.9");
	assert_int_equal(pppd_option("l2tpd-ask-address", NULL), 1);
	lcp_gotoptions[0].neg_chap = 1;
	pppd_set_peer_name("ruth");
	grant(1, PLUGIN_ADDRESS, "10.0.0.9", "");
	assert_int_equal(choose("10.0.0.1"), ADDRESS("10.0.0.9"));
	expect_question(1, "10.0.0.9", "ruth");
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.9")), 1);
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.1")), 0);
}

/* ---- encryption ---- */

static void expect_ccp(int up, uint32_t send_bits, uint32_t recv_bits, uint32_t stateful)
{
	struct plugin_msg msg;

	expect(&msg, PLUGIN_CCP);
	assert_int_equal(msg.number, up);
	assert_int_equal(msg.ccp.send_bits, send_bits);
	assert_int_equal(msg.ccp.recv_bits, recv_bits);
	assert_int_equal(msg.ccp.stateful, stateful);
}

static void test_ccp_reports(void **state)
{
	pppd_ccp(1, MPPE_OPT_128 | MPPE_OPT_STATEFUL, MPPE_OPT_128 | MPPE_OPT_STATEFUL);
	expect_ccp(1, 128, 128, 1);
	pppd_ccp(0, 0, 0);
	expect_ccp(0, 0, 0, 0);
	pppd_ccp(1, MPPE_OPT_128, MPPE_OPT_40);
	expect_ccp(1, 40, 128, 0);
	pppd_ccp(0, 0, 0);
	expect_ccp(0, 0, 0, 0);
	pppd_ccp(1, 0, 0); /* another compression */
	expect_ccp(1, 0, 0, 0);
	expect_nothing();
	/* nobody demands it: pppd does as it does */
	assert_int_equal(pppd_networks, 1);
	assert_int_equal(pppd_npmode[0], NPMODE_PASS);
	assert_int_equal(pppd_timer(), 0);
}

static int start_encrypted(void **state)
{
	if (start_plain(state) < 0)
		return -1;
	assert_int_equal(pppd_option("l2tpd-require-mppe", NULL), 1);
	ccp_wantoptions[0].mppe = MPPE_OPT_128;
	return 0;
}

static void test_encrypted(void **state)
{
	pppd_phase(PHASE_NETWORK);
	assert_int_equal(pppd_timer(), 0);
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.1")), 0);
	pppd_ccp(1, MPPE_OPT_128, MPPE_OPT_128);
	assert_int_equal(pppd_networks, 1);
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.1")), -1);
	assert_int_equal(pppd_npmode[0], NPMODE_PASS);
	pppd_ccp(0, 0, 0);
	assert_int_equal(pppd_npmode[0], NPMODE_DROP);
	assert_int_equal(pppd_npmode[1], NPMODE_DROP);
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.1")), 0);
	assert_int_equal(pppd_timer(), 0); /* pppd closes LCP itself */
}

static void expect_no_networks(int ours, int peers)
{
	pppd_ccp(1, ours, peers);
	assert_int_equal(pppd_networks, 0);
	assert_int_equal(allowed_address_hook(ADDRESS("10.0.0.1")), 0);
	assert_int_equal(pppd_timer(), 1);
	assert_int_equal(pppd_closed, 1);
	assert_int_equal(ppp_status(), EXIT_NEGOTIATION_FAILED);
	assert_true(strstr(pppd_log, "l2tpd: MPPE with 128 bits required"));
}

/* The peer acknowledges what we want to receive and asks for nothing: we would send in clear. */
static void test_peer_wants_clear(void **state)
{
	expect_no_networks(MPPE_OPT_128, 0);
}

static void test_weak_key(void **state)
{
	expect_no_networks(MPPE_OPT_40, MPPE_OPT_40);
}

static void expect_switched_off(void)
{
	pppd_phase(PHASE_NETWORK);
	assert_int_equal(pppd_timer(), 1);
	assert_int_equal(pppd_closed, 1);
	assert_true(strstr(pppd_log, "an option of pppd switches it off"));
}

static void test_noccp(void **state)
{
	ccp_protent.enabled_flag = 0;
	expect_switched_off();
}

static void test_nomppe(void **state)
{
	ccp_wantoptions[0].mppe = 0;
	expect_switched_off();
}

/* "dryrun": no link is started, and pppd ends content. */
static void test_dry_run(void **state)
{
	assert_int_equal(load(state), 0);
	start();
	assert_int_equal(pppd_option("l2tpd-require-mppe", NULL), 1);
	ccp_wantoptions[0].mppe = MPPE_OPT_128;
	pppd_notify(NF_EXIT, EXIT_OK);
	assert_string_equal(pppd_log, "");
	ccp_protent.enabled_flag = 0;
	pppd_notify(NF_EXIT, EXIT_OPTION_ERROR);
	assert_string_equal(pppd_log, "");
	pppd_notify(NF_EXIT, EXIT_OK);
	assert_string_equal(
		pppd_log, "l2tpd: MPPE required, but an option of pppd switches it off\n");
}

/* ---- the peer's last words ---- */

static void expect_rejected(const char *rejected)
{
	struct plugin_msg msg;

	drain();
	lcp_fsm[0].state = STOPPED;
	pppd_phase(PHASE_DISCONNECT);
	expect(&msg, PLUGIN_LINK_DOWN);
	assert_string_equal(msg.down.rejected, rejected);
}

static void test_rejected(void **state)
{
	static const unsigned char options[] = { CI_MRU, 4, 5, 0xb4, CI_AUTHTYPE, 5, 0xc2, 0x23,
		0x81, CI_AUTHTYPE, 4, 0xc0, 0x23, CI_MAGICNUMBER, 6, 1, 2, 3, 4, CI_MRU, 4, 5, 0xb4,
		200, 2 };

	frame(0xc021, CONFREJ, options, sizeof(options));
	frame(0xc021, PROTREJ, "\x80\xfdxx", 4);
	frame(0xc021, PROTREJ, "\x12\x34xx", 4);
	expect_rejected("MRU, MS-CHAP version 2, PAP, magic number, an option of LCP, CCP");
}

/* Which login it asks us for, and whether we agreed. */
static void expect_login(int agreed, const char *login)
{
	static const unsigned char options[] = { CI_MRU, 4, 5, 0xb4, CI_AUTHTYPE, 5, 0xc2, 0x23,
		0x81 };
	struct plugin_msg msg;

	frame(0xc021, CONFREQ, options, sizeof(options));
	frame(0xc021, CONFREQ, "\x03\x09\xc2\x23", agreed < 0 ? 4 : 0);
	if (agreed >= 0)
		frame(0xc021, CONFREQ, options, sizeof(options));
	lcp_hisoptions[0].neg_chap = agreed > 0;
	drain();
	lcp_fsm[0].state = STOPPED;
	pppd_phase(PHASE_DISCONNECT);
	expect(&msg, PLUGIN_LINK_DOWN);
	assert_string_equal(msg.down.login, login);
}

static void test_login_wanted(void **state)
{
	expect_login(0, "MS-CHAP version 2");
}

static void test_login_agreed(void **state)
{
	expect_login(1, "");
}

static void test_login_crooked(void **state)
{
	expect_login(-1, "");
}

/* Lengths that lie: what was right before them counts. */
static void test_rejected_crooked(void **state)
{
	static const unsigned char options[][8] = {
		{ CI_MRU, 4, 5, 0xb4, CI_AUTHTYPE, 9, 0xc2, 0x23 },
		{ CI_MRU, 4, 5, 0xb4, CI_AUTHTYPE, 1, 0xc2, 0x23 },
		{ CI_MRU, 4, 5, 0xb4, CI_AUTHTYPE, 0, 0xc2, 0x23 },
		{ CI_MRU, 8, 5, 0xb4, CI_AUTHTYPE, 4, 0xc2, 0x23 },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		for (size_t len = 0; len <= sizeof(options[i]); len++)
			frame(0xc021, CONFREJ, options[i], len);
	frame(0xc021, CONFREJ, "\x03\x02", 2);
	frame(0xc021, CONFREJ, "\x03\x04\xc2\x23", 4);
	frame(0xc021, PROTREJ, "\x80", 1);
	frame(0xc021, PROTREJ, "", 0);
	expect_rejected("MRU, login");
}

/* Another link starts: nothing of the one before is left. */
static void test_rejected_before(void **state)
{
	frame(0xc021, PROTREJ, "\x80\x21", 2);
	pppd_phase(PHASE_SERIALCONN);
	pppd_phase(PHASE_ESTABLISH);
	expect_rejected("");
}

static void test_farewell_before_the_link_is_up(void **state)
{
	frame(0xc021, TERMREQ, "no more licences", 16);
	drain();
	lcp_fsm[0].state = STOPPED;
	pppd_phase(PHASE_DISCONNECT);
	expect_down(EXIT_OK, 0, "no agreement on LCP", "no more licences");
}

/* ---- of each process ---- */

static void test_quiet(void **state)
{
	setlogmask(LOG_UPTO(LOG_INFO));
	assert_int_equal(pppd_option("l2tpd-quiet", NULL), 1);
	assert_int_equal(setlogmask(0), LOG_MASK(LOG_EMERG));
	setlogmask(LOG_UPTO(LOG_DEBUG)); /* pppd's option "debug" */
	pppd_phase(PHASE_SERIALCONN);
	assert_int_equal(setlogmask(0), LOG_MASK(LOG_EMERG));
}

/* The exit status of a child that pppd makes for a script which returns 7. */
static int script_exits(void)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		pppd_notify(NF_FORK, 0);
		_exit(7);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void test_no_scripts(void **state)
{
	assert_int_equal(script_exits(), 7);
	assert_int_equal(pppd_option("l2tpd-no-scripts", NULL), 1);
	assert_string_equal(path_ipup, "/nonexistent");
	assert_string_equal(path_ipdown, "/nonexistent");
	assert_int_equal(script_exits(), 0);
	strcpy(path_ipup, "/usr/local/sbin/of-the-user"); /* "ip-up-script" after it */
	assert_int_equal(script_exits(), 7);
}

/* Two that have the same seed draw different numbers. */
static void test_random(void **state)
{
	long expected;

	srand48(1);
	expected = mrand48();
	srand48(1);
	assert_int_equal(load(state), 0);
	start();
	assert_true(mrand48() != expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_address_after_login, start_asking),
		TEST(test_address_of_the_next_user, start_asking),
		TEST(test_any_address, start_asking),
		TEST(test_no_address, start_asking),
		TEST(test_no_address_and_no_words, start_asking),
		TEST(test_no_grant, start_asking),
		TEST(test_bad_grants, start_asking),
		TEST(test_endless_text, start_asking),
		TEST(test_beside_radius, start_plain),
		TEST(test_ccp_reports, start_plain),
		TEST(test_encrypted, start_encrypted),
		TEST(test_peer_wants_clear, start_encrypted),
		TEST(test_weak_key, start_encrypted),
		TEST(test_noccp, start_encrypted),
		TEST(test_nomppe, start_encrypted),
		TEST(test_dry_run, NULL),
		TEST(test_rejected, start_plain),
		TEST(test_rejected_crooked, start_plain),
		TEST(test_login_wanted, start_plain),
		TEST(test_login_agreed, start_plain),
		TEST(test_login_crooked, start_plain),
		TEST(test_rejected_before, start_plain),
		TEST(test_farewell_before_the_link_is_up, start_plain),
		TEST(test_quiet, start_plain),
		TEST(test_no_scripts, start_plain),
		TEST(test_random, NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
