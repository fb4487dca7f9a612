/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets on demand. "l2tpd-auth-peer" makes the daemon the only judge of who may log in to us,
 * "l2tpd-own-secret" makes it the source of the password we log in with. Neither secret is kept:
 * it is asked for when a proof has to be checked or made, and wiped after that.
 */
#include "auth.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "compat.h"
#include "snoop.h"
#include "talk.h"
#include "l2tpd/plugin.h"

#define DECOY_LEN 16

static struct {
	char user[PLUGIN_NAME_MAX]; /* who has proved to be that; "": nobody yet */
	uint32_t address;	    /* the only one that user may have; 0: any */
	char peer_failure[PLUGIN_NAME_MAX * 2];
	char own_failure[PLUGIN_NAME_MAX * 2];
} auth;

static void peer_failed(const char *name, const char *reason)
{
	slprintf(auth.peer_failure, sizeof(auth.peer_failure), "%s: %s", name, reason);
	warn("l2tpd: peer not authenticated: %v", auth.peer_failure);
}

/* What to make of it: rc is talk_ask()'s, proven whether the peer knew the secret. */
static int judge(const char *name, int rc, int proven, const struct plugin_msg *answer)
{
	if (rc < 0) {
		peer_failed(name, talk_failure(rc));
		return 0;
	}
	if (!proven) {
		peer_failed(name, "wrong password");
		return 0;
	}
	if (!name[0]) {
		peer_failed(name, "no user name");
		return 0;
	}
	/* Another CHAP challenge on a running link is no way to become somebody else. */
	if (auth.user[0] && strcmp(auth.user, name) != 0) {
		peer_failed(name, "another user than before");
		return 0;
	}
	strlcpy(auth.user, name, sizeof(auth.user));
	auth.address = answer->answer.address;
	return 1;
}

/*
 * A user we do not know takes the same way, with a secret nobody knows, as one with a wrong
 * password: the time it takes tells nothing, and the digest writes the refusal in its own form
 * (RFC 2759 6), which MS-CHAP peers want to see. pppd's own answer is one bit: it says no.
 */
static int verify_chap(char *name, char *server, int id, struct chap_digest_type *digest,
	unsigned char *challenge, unsigned char *response, char *message, int message_space)
{
	char peer[PLUGIN_NAME_MAX];
	struct plugin_msg answer;
	int rc, ok;

	strlcpy(peer, snoop_peer_name(name), sizeof(peer));
	rc = talk_ask(PLUGIN_ASK_PEER, peer, &answer);
	if (rc < 0) {
		answer.answer.secret_len = DECOY_LEN;
		if (getrandom(answer.answer.secret, DECOY_LEN, 0) != DECOY_LEN)
			return 0;
	}
	ok = digest->verify_response(id, peer, (unsigned char *)answer.answer.secret,
		(int)answer.answer.secret_len, challenge, response, message, message_space);
	ok = judge(peer, rc, ok, &answer);
	explicit_bzero(&answer, sizeof(answer));
	return ok;
}

/*
 * pppd gives us the password in its printable form and cut to MAXSECRETLEN, so bring the secret
 * into the same form; one that would not fit could be matched by its beginning: it never matches.
 */
static int pap_password_is(const char *password, const char *secret, size_t secret_len)
{
	char given[MAXSECRETLEN] = { 0 }, wanted[MAXSECRETLEN] = { 0 };
	unsigned char difference = 0;
	size_t i;

	if (memchr(secret, '\0', secret_len))
		return 0;
	slprintf(wanted, sizeof(wanted), "%.*v", (int)secret_len, secret);
	strlcpy(given, password, sizeof(given));
	if (strlen(wanted) == sizeof(wanted) - 1)
		difference = 1;
	for (i = 0; i < sizeof(given); i++)
		difference |= (unsigned char)(given[i] ^ wanted[i]);
	explicit_bzero(given, sizeof(given));
	explicit_bzero(wanted, sizeof(wanted));
	return !difference;
}

static int verify_pap(char *name, char *password, char **msgp, struct wordlist **addresses,
	struct wordlist **options)
{
	static char granted[] = "Login ok", refused[] = "Login incorrect";
	char peer[PLUGIN_NAME_MAX];
	struct plugin_msg answer;
	int rc, ok;

	strlcpy(peer, snoop_peer_name(name), sizeof(peer));
	rc = talk_ask(PLUGIN_ASK_PEER, peer, &answer);
	ok = rc == 0 && pap_password_is(password, answer.answer.secret, answer.answer.secret_len);
	ok = judge(peer, rc, ok, &answer);
	*msgp = ok ? granted : refused;
	explicit_bzero(&answer, sizeof(answer));
	return ok;
}

/* "Could there be a secret?", asked while options are checked and before each negotiation. */
static int may_have_secret(void)
{
	return 1;
}

/* Ends the link rather than show the peer an empty password, which it would count as an attempt. */
static void own_failed(const char *name, const char *reason)
{
	static char closing[] = "No password";

	slprintf(auth.own_failure, sizeof(auth.own_failure), "no password: %s: %s", name, reason);
	error("l2tpd: %v", auth.own_failure);
	ppp_set_status(EXIT_AUTH_TOPEER_FAILED);
	lcp_close(0, closing);
}

static int own_secret(const char *name, char *password)
{
	struct plugin_msg answer;
	int rc = talk_ask(PLUGIN_ASK_OWN, name, &answer);
	size_t len;

	if (rc < 0) {
		own_failed(name, rc == -ENOENT ? "l2tpd has none" : talk_failure(rc));
		return 0;
	}
	len = answer.answer.secret_len;
	if (len >= MAXSECRETLEN || memchr(answer.answer.secret, '\0', len)) {
		own_failed(name, "too long for pppd, or not text");
		rc = -EBADMSG;
	} else {
		memcpy(password, answer.answer.secret, len);
		password[len] = '\0';
	}
	explicit_bzero(&answer, sizeof(answer));
	return rc == 0;
}

/* password NULL: could we have one? 1: yes, or here it is; 0: no, and look no further. */
static int own_pap(char *name, char *password)
{
	return !password || own_secret(name, password);
}

/* 0: here it is; -1: there is none. */
static int own_chap(char *name, char *password)
{
	return own_secret(name, password) ? 0 : -1;
}

int auth_peer_option(char **argv)
{
	chap_check_hook = may_have_secret;
	chap_verify_hook = verify_chap;
	pap_check_hook = may_have_secret;
	pap_auth_hook = verify_pap;
	/*
	 * A peer that refuses the PAP we demand is let in by pppd as user "" if pap-secrets has a
	 * line that fits, such as the "* hostname "" *" of Debian's default file; only "login"
	 * keeps pppd from looking. As our hooks decide first, "login" changes nothing else.
	 */
	uselogin = 1;
	return 1;
}

int auth_own_option(char **argv)
{
	if (!chap_check_hook)
		chap_check_hook = may_have_secret;
	chap_passwd_hook = own_chap;
	pap_passwd_hook = own_pap;
	return 1;
}

void auth_restart(void)
{
	memset(&auth, 0, sizeof(auth));
	/* EAP would be checked against pppd's own files, behind the daemon's back. */
	if (auth_is_ours())
		lcp_wantoptions[0].neg_eap = 0;
}

int auth_is_ours(void)
{
	return chap_verify_hook == verify_chap;
}

const char *auth_peer_user(void)
{
	return auth.user[0] ? auth.user : NULL;
}

uint32_t auth_peer_address(void)
{
	return auth.address;
}

const char *auth_peer_name(void)
{
	const lcp_options *go = &lcp_gotoptions[0];

	if (auth.user[0])
		return auth.user;
	return go->neg_upap || go->neg_chap || go->neg_eap ? ppp_peer_authname(NULL, 0) : "";
}

const char *auth_peer_failure(void)
{
	return auth.peer_failure;
}

const char *auth_own_failure(void)
{
	return auth.own_failure;
}
