/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin_steps.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <nettle/md5.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void *plugin;
int daemon_end = -1, plugin_end = -1;

/* ---- time that passes only when the plugin waits ---- */

int waited_ms = -1;

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int rc = (int)syscall(SYS_clock_gettime, id, ts);

	if (waited_ms > 0)
		ts->tv_sec += waited_ms / 1000;
	return rc;
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	if (waited_ms < 0)
		return (int)syscall(SYS_ppoll, fds, n, timeout, mask, 8);
	waited_ms += (int)(timeout->tv_sec + 1) * 1000;
	return 0;
}

/* ---- the daemon's side ---- */

int next_msg(struct plugin_msg *msg)
{
	memset(msg, 0, sizeof(*msg));
	return (int)recv(daemon_end, msg, sizeof(*msg), MSG_DONTWAIT);
}

void expect(struct plugin_msg *msg, enum plugin_msg_type type)
{
	assert_true(next_msg(msg) >= (int)offsetof(struct plugin_msg, text));
	assert_int_equal(msg->type, type);
}

void expect_text(enum plugin_msg_type type, int number, const char *text)
{
	struct plugin_msg msg;

	expect(&msg, type);
	assert_int_equal(msg.number, number);
	assert_string_equal(msg.text, text);
}

void expect_down(int number, int by_peer, const char *words, const char *farewell)
{
	struct plugin_msg msg;

	expect(&msg, PLUGIN_LINK_DOWN);
	assert_int_equal(msg.number, number);
	assert_int_equal(msg.down.by_peer, by_peer);
	assert_string_equal(msg.down.words, words);
	assert_string_equal(msg.down.farewell, farewell);
}

void expect_phase(int number, const char *name)
{
	expect_text(PLUGIN_PHASE, number, name);
}

void expect_nothing(void)
{
	struct plugin_msg msg;

	assert_int_equal(next_msg(&msg), -1);
	assert_int_equal(errno, EAGAIN);
}

void drain(void)
{
	struct plugin_msg msg;

	while (next_msg(&msg) > 0)
		;
}

void answer(int question, const char *secret, const char *address)
{
	struct plugin_msg msg = { .type = PLUGIN_ANSWER, .number = question };
	size_t len = secret ? strlen(secret) : 0;

	msg.answer.found = secret != NULL;
	msg.answer.secret_len = (uint32_t)len;
	if (len)
		memcpy(msg.answer.secret, secret, len);
	if (address)
		msg.answer.address = inet_addr(address);
	len += offsetof(struct plugin_msg, answer.secret);
	assert_int_equal(send(daemon_end, &msg, len, 0), len);
}

/* ---- set up ---- */

int load(void **state)
{
	const char *path = getenv("L2TPD_PLUGIN");
	void (*init)(void);
	int fds[2];

	pppd_reset();
	waited_ms = -1;
	plugin = dlopen(path ? path : "./l2tpd.so", RTLD_GLOBAL | RTLD_NOW);
	if (!plugin) {
		fprintf(stderr, "%s\n", dlerror());
		return -1;
	}
	assert_non_null(dlsym(plugin, "pppd_version"));
	assert_string_equal((char *)dlsym(plugin, "pppd_version"), COMPAT_VERSION);
	init = (void (*)(void))dlsym(plugin, "plugin_init");
	assert_non_null(init);
	init();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	daemon_end = fds[0];
	plugin_end = fds[1];
	return 0;
}

int unload(void **state)
{
	if (daemon_end >= 0)
		close(daemon_end);
	close(plugin_end);
	dlclose(plugin);
	return 0;
}

void start(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", plugin_end);
	assert_int_equal(pppd_option("l2tpd-fd", number), 1);
	expect_text(PLUGIN_HELLO, PLUGIN_VERSION, COMPAT_VERSION);
}

int start_plain(void **state)
{
	if (load(state) < 0)
		return -1;
	start();
	pppd_phase(PHASE_SERIALCONN);
	pppd_phase(PHASE_ESTABLISH);
	drain();
	return 0;
}

int start_server(void **state)
{
	if (start_plain(state) < 0)
		return -1;
	assert_int_equal(pppd_option("l2tpd-auth-peer", NULL), 1);
	pppd_phase(PHASE_AUTHENTICATE);
	drain();
	return 0;
}

int start_client(void **state)
{
	if (start_plain(state) < 0)
		return -1;
	assert_int_equal(pppd_option("l2tpd-own-secret", NULL), 1);
	pppd_phase(PHASE_AUTHENTICATE);
	drain();
	return 0;
}

/* ---- frames from the peer ---- */

void frame(int proto, int code, const void *data, size_t len)
{
	unsigned char *copy = malloc(8 + len), head[8] = { 0xff, 0x03, proto >> 8, proto & 0xff,
		code, 7, (4 + len) >> 8, (4 + len) & 0xff };

	/* In heap of just this size, so that a sanitizer sees a read too far. */
	assert_non_null(copy);
	memcpy(copy, head, 8);
	memcpy(copy + 8, data, len);
	snoop_recv_hook(copy, (int)(8 + len));
	free(copy);
}

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
int chap(const char *name, const char *secret, char *message)
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

int pap(const char *name, const char *password, char **message)
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
