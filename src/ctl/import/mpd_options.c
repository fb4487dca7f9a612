/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mpd_options.h"

#include <string.h>
#include <strings.h>

#include "keep.h"

#define ON     1u /* enable */
#define OFF    2u /* disable */
#define ACCEPT 4u
#define DENY   8u

/* An option as a line has it. */
struct switched {
	struct mpd *mpd;
	struct import_line *line;
	const char *name; /* written out */
	unsigned how;	  /* ON ... */
	const char *key;  /* of the row: a key of ours, or why */
};

static struct profile *profile_of(const struct mpd *mpd, bool link)
{
	return link ? &mpd->link->profile : &mpd->bundle->profile;
}

/* --- what becomes of an option --- */

static void take_unneeded(const struct switched *s)
{
	account_say(s->line, VERDICT_UNNEEDED, "%s: %s", s->name, s->key);
}

/* It cannot be switched on; off it is. */
static void take_impossible(const struct switched *s)
{
	if (s->how & ON)
		account_say(s->line, VERDICT_IMPOSSIBLE, "%s: %s", s->name, s->key);
	else
		account_say(s->line, VERDICT_UNNEEDED, "%s: there is none", s->name);
}

/* A key that is yes or no, and by default no. */
static void switch_key(const struct switched *s, bool link)
{
	struct profile *profile = profile_of(s->mpd, link);

	if (s->how & ON)
		draft_set(&profile->draft, s->key, s->line, "yes");
	else if (s->how & OFF && draft_has(&profile->draft, s->key))
		draft_set(&profile->draft, s->key, s->line, "no");
	else
		account_say(
			s->line, VERDICT_UNNEEDED, "%s: %s = no is the default", s->name, s->key);
}

static void take_link_key(const struct switched *s)
{
	switch_key(s, true);
}

static void take_bundle_key(const struct switched *s)
{
	switch_key(s, false);
}

static void take_dataseq(const struct switched *s)
{
	struct draft *draft = &s->mpd->link->profile.draft;

	if (s->how & OFF)
		draft_set(draft, "dataseq", s->line, "no");
	else
		account_say(s->line, VERDICT_UNNEEDED, "dataseq = yes is the default");
	if (s->how & ON)
		draft_drop(draft, "dataseq");
}

/* One of the lines that an object remembers. */
static void remember(const struct switched *s, struct import_line **where)
{
	*where = s->how & ON ? s->line : NULL;
	if (!*where)
		account_say(s->line, VERDICT_UNNEEDED, "%s: off is the default", s->name);
}

static void take_incoming(const struct switched *s)
{
	remember(s, &s->mpd->link->incoming);
}

static void take_originate(const struct switched *s)
{
	remember(s, &s->mpd->link->originate);
}

static void take_no_orig_auth(const struct switched *s)
{
	remember(s, &s->mpd->link->no_orig_auth);
}

static void take_method(const struct switched *s, enum method method)
{
	struct login *login = &s->mpd->link->profile.login;

	if (s->how & ON)
		login->require[method] = s->line;
	if (s->how & OFF) {
		login->require[method] = NULL;
		account_say(s->line, VERDICT_UNNEEDED,
			"the peer need not log in where require does not say so");
	}
	if (s->how & DENY)
		login->refuse[method] = s->line;
	if (s->how & (DENY | ACCEPT) && method == METHOD_PAP)
		login->accept_pap = s->how & ACCEPT ? s->line : NULL;
	if (s->how & ACCEPT) {
		login->refuse[method] = NULL;
		if (!(s->how & ON) && method != METHOD_PAP)
			account_say(s->line, VERDICT_UNNEEDED, "what is not refused is accepted");
	}
}

static void take_pap(const struct switched *s)
{
	take_method(s, METHOD_PAP);
}

static void take_md5(const struct switched *s)
{
	take_method(s, METHOD_CHAP);
}

static void take_ms1(const struct switched *s)
{
	take_method(s, METHOD_MSCHAP);
}

static void take_ms2(const struct switched *s)
{
	take_method(s, METHOD_MSCHAPV2);
}

static void take_eap(const struct switched *s)
{
	take_method(s, METHOD_EAP);
}

static void take_ipcp(const struct switched *s)
{
	if (s->how & OFF)
		profile_option(&s->mpd->bundle->profile, s->line, "noip");
	else
		account_say(s->line, VERDICT_UNNEEDED, "it is the default");
}

static void take_compression(const struct switched *s)
{
	remember(s, &s->mpd->bundle->compression);
}

static void take_crypt_reqd(const struct switched *s)
{
	remember(s, &s->mpd->bundle->crypt_reqd);
}

/* Asked for, or accepted if the peer asks: both mean that it is used. */
static void remember_either(const struct switched *s, struct import_line **where)
{
	if (s->how & (ON | ACCEPT)) {
		*where = s->line;
		return;
	}
	*where = NULL;
	account_say(s->line, VERDICT_UNNEEDED, "%s: off is the default", s->name);
}

static void take_mppc(const struct switched *s)
{
	remember_either(s, &s->mpd->bundle->mppc);
}

static void take_e128(const struct switched *s)
{
	remember_either(s, &s->mpd->bundle->e128);
}

static void take_weak(const struct switched *s)
{
	remember_either(s, &s->mpd->bundle->weak);
}

static void take_noretry(const struct switched *s)
{
	s->mpd->bundle->retries = s->how & OFF ? s->line : NULL;
	if (!(s->how & OFF))
		account_say(s->line, VERDICT_UNNEEDED, "it is the default");
}

static void take_peer_wins(const struct switched *s)
{
	if (s->how & ON)
		profile_option(&s->mpd->bundle->profile, s->line, "usepeerwins");
	else
		account_say(s->line, VERDICT_UNNEEDED, "%s: off is the default", s->name);
}

static void take_radius(const struct switched *s)
{
	struct profile *profile = &s->mpd->link->profile;

	if (!(s->how & ON)) {
		account_say(s->line, VERDICT_UNNEEDED, "%s: off is the default", s->name);
		return;
	}
	if (profile->login.plugin) {
		account_say(s->line, VERDICT_TAKEN, "the plugin radius.so does both");
		return;
	}
	profile->login.plugin = s->line;
	profile_option(profile, s->line, "plugin radius.so");
}

/* --- every option --- */

#define NO_MULTI   "there is no multilink: a call is one link"
#define FRAMES	   "pppd and the kernel see to it"
#define NO_COMP	   "data is not compressed"
#define NFT	   "packets are nftables' business"
#define MSS	   "nft: 'tcp flags syn tcp option maxseg size set rt mtu' in the forward chain"
#define OTHER_AUTH "users are in a file, or a plugin of pppd knows them: 'option = plugin ...'"
#define ACCOUNTING "accounting is RADIUS' or that of 'l2tpctl monitor'"
#define NETFLOW	   "packets are counted by other programs, such as softflowd"
#define RADCLIENT  "radiusclient.conf says it"

static const struct option_row {
	const char *menu, *name;
	void (*take)(const struct switched *s);
	const char *key; /* of ours, or why */
} rows[] = {
	{ "l2tp", "originate", take_originate },
	{ "l2tp", "incoming", take_incoming },
	{ "l2tp", "outcall", take_link_key, "outcall" },
	{ "l2tp", "hidden", take_link_key, "hidden" },
	{ "l2tp", "length", take_link_key, "length" },
	{ "l2tp", "dataseq", take_dataseq },
	{ "l2tp", "resolve-once", take_unneeded, "names are looked up for every call" },

	{ "link", "incoming", take_incoming },
	{ "link", "pap", take_pap },
	{ "link", "chap-md5", take_md5 },
	{ "link", "chap-msv1", take_ms1 },
	{ "link", "chap-msv2", take_ms2 },
	{ "link", "eap", take_eap },
	{ "link", "acfcomp", take_unneeded, FRAMES },
	{ "link", "protocomp", take_unneeded, FRAMES },
	{ "link", "magicnum", take_unneeded, FRAMES },
	{ "link", "check-magic", take_unneeded, FRAMES },
	{ "link", "passive", take_unneeded, FRAMES },
	{ "link", "keep-ms-domain", take_unneeded, "names are taken as they come" },
	{ "link", "no-orig-auth", take_no_orig_auth },
	{ "link", "callback", take_impossible, "nobody is called back" },
	{ "link", "multilink", take_unneeded, NO_MULTI },
	{ "link", "shortseq", take_unneeded, NO_MULTI },
	{ "link", "time-remain", take_impossible, "pppd does not tell it" },
	{ "link", "peer-as-calling", take_unneeded,
		"RADIUS is told the calling number, or else the address of the peer" },
	{ "link", "report-mac", take_unneeded, "RADIUS is told the calling number" },
	{ "link", "remove-tee", take_unneeded, FRAMES },

	{ "bundle", "multilink", take_unneeded, NO_MULTI },
	{ "bundle", "shortseq", take_unneeded, NO_MULTI },
	{ "bundle", "ipcp", take_ipcp },
	{ "bundle", "ipv6cp", take_bundle_key, "ipv6" },
	{ "bundle", "compression", take_compression },
	{ "bundle", "encryption", take_impossible, "pppd has no ECP; mppe = required encrypts" },
	{ "bundle", "crypt-reqd", take_crypt_reqd },
	{ "bundle", "bw-manage", take_impossible, NO_MULTI },
	{ "bundle", "round-robin", take_unneeded, NO_MULTI },
	{ "bundle", "noretry", take_noretry },

	{ "ccp", "mppc", take_mppc },
	{ "ccp", "mpp-e40", take_weak },
	{ "ccp", "mpp-e56", take_weak },
	{ "ccp", "mpp-e128", take_e128 },
	{ "ccp", "mpp-stateless", take_unneeded, "MPPE may have a state: fewer packets are lost" },
	{ "ccp", "mpp-compress", take_impossible, NO_COMP },
	{ "ccp", "mppe-policy", take_unneeded, "mppe says it" },
	{ "ccp", "pred1", take_impossible, NO_COMP },
	{ "ccp", "predictor1", take_impossible, NO_COMP },
	{ "ccp", "deflate", take_impossible, NO_COMP },

	{ "mppc", "e40", take_weak },
	{ "mppc", "e56", take_weak },
	{ "mppc", "e128", take_e128 },
	{ "mppc", "stateless", take_unneeded, "MPPE may have a state: fewer packets are lost" },
	{ "mppc", "compress", take_impossible, NO_COMP },
	{ "mppc", "policy", take_unneeded, "mppe says it" },

	{ "ecp", "dese-bis", take_impossible, "pppd has no ECP; mppe = required encrypts" },
	{ "ecp", "dese-old", take_impossible, "pppd has no ECP; mppe = required encrypts" },

	{ "ipcp", "vjcomp", take_unneeded, "headers of TCP are not compressed" },
	{ "ipcp", "req-pri-dns", take_bundle_key, "usepeerdns" },
	{ "ipcp", "req-sec-dns", take_bundle_key, "usepeerdns" },
	{ "ipcp", "req-pri-nbns", take_peer_wins },
	{ "ipcp", "req-sec-nbns", take_peer_wins },
	{ "ipcp", "pretend-ip", take_impossible, "pppd has nothing like it" },

	{ "iface", "on-demand", take_impossible,
		"links are opened by l2tpctl, or by autostart; not on demand" },
	{ "iface", "proxy-arp", take_bundle_key, "proxyarp" },
	{ "iface", "keep-timeout", take_unneeded, "a new call has its own time" },
	{ "iface", "tcpmssfix", take_impossible, MSS },
	{ "iface", "tee", take_impossible, NFT },
	{ "iface", "nat", take_impossible, NFT },
	{ "iface", "netflow-in", take_impossible, NETFLOW },
	{ "iface", "netflow-out", take_impossible, NETFLOW },
	{ "iface", "netflow-once", take_impossible, NETFLOW },
	{ "iface", "ipacct", take_impossible, NETFLOW },

	{ "auth", "radius-auth", take_radius },
	{ "auth", "radius-acct", take_radius },
	{ "auth", "internal", take_unneeded, "without a plugin users are in the users file" },
	{ "auth", "ext-auth", take_impossible, OTHER_AUTH },
	{ "auth", "ext-acct", take_impossible, ACCOUNTING },
	{ "auth", "system", take_impossible, OTHER_AUTH },
	{ "auth", "system-auth", take_impossible, OTHER_AUTH },
	{ "auth", "system-acct", take_impossible, ACCOUNTING },
	{ "auth", "pam-auth", take_impossible, OTHER_AUTH },
	{ "auth", "pam-acct", take_impossible, ACCOUNTING },
	{ "auth", "opie", take_impossible, OTHER_AUTH },
	{ "auth", "utmp-wtmp", take_impossible, ACCOUNTING },
	{ "auth", "acct-mandatory", take_unneeded, RADCLIENT },
	{ "auth", "mppc-pol", take_unneeded, "mppe says it" },

	{ "eap", "md5", take_link_key, "eap" },
	{ "eap", "radius-proxy", take_impossible, "pppd speaks EAP itself" },

	{ "radius", "message-authentic", take_unneeded, RADCLIENT },
	{ "radius", "pptp-workaround", take_unneeded, RADCLIENT },

	{ "global", "tcp-wrapper", take_impossible,
		"nftables, or peer of a link, says who may call" },
	{ "global", "one-shot", take_impossible, "the daemon stays" },
	{ "global", "agent-cid", take_unneeded, RADCLIENT },
	{ "global", "session-time", take_unneeded, "'l2tpctl show sessions' has it" },
};

/* As mpd's FindOpt(): the only one that begins so. NULL: none or several. */
static const struct option_row *find_option(const char *menu, const char *word)
{
	const struct option_row *found = NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].menu, menu) != 0 ||
			strncasecmp(rows[i].name, word, strlen(word)) != 0)
			continue;
		if (strlen(rows[i].name) == strlen(word))
			return &rows[i];
		if (found)
			return NULL;
		found = &rows[i];
	}
	return found;
}

static void switch_option(const struct mpd_command *c, const char *word, unsigned how)
{
	const struct option_row *row = find_option(c->key, word);
	struct switched s = { .mpd = c->mpd, .line = c->line, .how = how };

	if (!row) {
		account_say(c->line, VERDICT_IMPOSSIBLE, "mpd has no option \"%s\" there", word);
		return;
	}
	s.name = row->name;
	s.key = row->key;
	row->take(&s);
}

static void switch_all(const struct mpd_command *c, unsigned how)
{
	static const char *const chap[] = { "chap-md5", "chap-msv1", "chap-msv2" };

	for (char *const *word = c->args; *word; word++) {
		/* mpd's own short form */
		if (strcmp(c->key, "link") == 0 && strcasecmp(*word, "chap") == 0)
			for (size_t i = 0; i < 3; i++)
				switch_option(c, chap[i], how);
		else
			switch_option(c, *word, how);
	}
}

void mpd_enable(const struct mpd_command *command)
{
	switch_all(command, ON);
}

void mpd_disable(const struct mpd_command *command)
{
	switch_all(command, OFF);
}

void mpd_accept(const struct mpd_command *command)
{
	switch_all(command, ACCEPT);
}

void mpd_deny(const struct mpd_command *command)
{
	switch_all(command, DENY);
}

void mpd_yes(const struct mpd_command *command)
{
	switch_all(command, ON | ACCEPT);
}

void mpd_no(const struct mpd_command *command)
{
	switch_all(command, OFF | DENY);
}
