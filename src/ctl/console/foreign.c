/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpd is a PPP daemon, too; here pppd is, and it gets its options from [ppp] sections. A script
 * goes on after most of these: they only say what the [ppp] section of the link says. It stops
 * where calls would go elsewhere, or in the clear, without what it asks for. "l2tpctl import mpd"
 * (import/) makes such sections of whole files.
 */
#include "foreign.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PPP "key of the [ppp PROFILE] section, which 'set link ppp PROFILE' chooses"

static const struct foreign {
	const char *words; /* written out */
	bool stop;
	const char *advice;
} foreign[] = {
	{ "set iface", false,
		"is not used here: address, defaultroute, mtu and proxyarp are a " PPP
		"; route, ifname, up and down are keys of the link" },
	{ "set ipcp", false, "is not used here: address, pool, dns and usepeerdns are a " PPP },
	{ "set ipv6cp", false, "is not used here: ipv6 is a " PPP },
	{ "set ippool", false, "is not used here: pool is a " PPP },
	{ "set auth", false,
		"is not used here: user with password or password-file (our login), require, users "
		"and single-session (theirs) are a " PPP },
	{ "set bundle", false, "is not used here: there are no bundles; every key is a " PPP },
	{ "set ccp", false, "is not used here: mppe = no, yes or required is a " PPP },
	{ "set mppc", false, "is not used here: mppe = no, yes or required is a " PPP },
	{ "set ecp", false,
		"is not used here: pppd's own options stand in 'option = ...', a " PPP },
	{ "set eap", false, "is not used here: eap is a " PPP },
	{ "set radius", false,
		"is not used here: 'option = plugin radius.so' and its options are a " PPP },
	{ "set nat", false, "is not used here: address translation is nftables' business" },
	{ "set netflow", false, "is not used here: it is not a daemon of PPP interfaces" },
	{ "set console", false,
		"is not used here: the control socket is for root and the group that control-group "
		"in "
		"[daemon] names" },
	{ "set web", false, "is not used here: l2tpctl --json is for programs" },
	{ "set user", false,
		"is not used here: the control socket is for root and the group that control-group "
		"in "
		"[daemon] names" },
	{ "set log", false, "is not used here: log-level in [daemon] says what is logged" },
	{ "set global", false,
		"is not used here: linger, max-calls and max-tunnels are keys of the "
		"configuration" },
	{ "set link mtu", false, "is not used here: mtu is a " PPP },
	{ "set link mru", false, "is not used here: mru is a " PPP },
	{ "set link mrru", false, "is not used here: there is no multilink" },
	{ "set link keep-alive", false,
		"is not used here: lcp-echo-interval and lcp-echo-failure are a " PPP },
	{ "set link ident", false, "is not used here: pppd does not tell it" },
	{ "set link accmap", false,
		"is not used here: pppd's asyncmap stands in 'option = ...', a " PPP },
	{ "set link bandwidth", false, "is not used here: there is no multilink" },
	{ "set link latency", false, "is not used here: there is no multilink" },
	{ "set link fsm-timeout", false,
		"is not used here: pppd's lcp-restart stands in 'option = ...', a " PPP },
	{ "set link max-children", true, "is called here: set link max-calls N" },
	{ "set link action forward", true,
		"stands in a file: a section [forward NAME], with from = and to = link:LINK" },
	{ "set link action drop", true, "is not supported: leave out incoming, or set peer" },
	{ "set link action", false, "is not used here: 'set link ppp PROFILE' says what answers" },
	{ "set link yes", false, "is not used here: what PPP asks for is a " PPP },
	{ "set link no", false, "is not used here: what PPP asks for is a " PPP },
	{ "set link accept", false, "is not used here: what PPP accepts is a " PPP },
	{ "set link deny", false, "is not used here: what PPP accepts is a " PPP },
	{ "set l2tp pmask", true, "is called here: set l2tp peer-hostname PATTERN" },
	{ "set pptp", true, "cannot be done: there are no links of type pptp" },
	{ "set pppoe", true, "stands in a file: a section [pppoe NAME], with interface =" },
	{ "set modem", true, "stands in a file: a section [serial NAME], with device =" },
	{ "set tcp", true, "cannot be done: there are no links of type tcp" },
	{ "set udp", true, "cannot be done: there are no links of type udp" },
	{ "set ng", true, "cannot be done: there are no links of type ng" },
	{ "set rep", true,
		"stands in a file: a section [forward NAME], with from = and to = link:LINK" },
	{ "set repeater", true,
		"stands in a file: a section [forward NAME], with from = and to = link:LINK" },
	{ "rnew", true,
		"stands in a file: a section [forward NAME], with from = and to = link:LINK" },
	{ "repeater", true,
		"stands in a file: a section [forward NAME], with from = and to = link:LINK" },
	{ "create repeater", true,
		"stands in a file: a section [forward NAME], with from = and to = link:LINK" },
	{ "create bundle", false,
		"is not used here: there are no bundles; a [ppp PROFILE] section takes their "
		"place, "
		"which 'set link ppp PROFILE' chooses" },
	{ "destroy", true, "cannot be done: a reload removes links that are in no file" },
	{ "bundle", false, "is not used here: there are no bundles; 'link NAME' selects a link" },
	{ "session", false, "is not used here: 'show sessions' shows calls, 'close ID' ends one" },
	{ "msession", false, "is not used here: 'show sessions' shows calls, 'close ID' ends one" },
	{ "authname", false,
		"is not used here: 'show sessions' shows calls, 'close USER' ends them" },
	{ "unset", false, "is not used here: 'set l2tp KEY \"\"' sets a key back" },
	{ "log", false, "is not used here: log-level in [daemon] says what is logged" },
	{ "shutdown", true, "cannot be done from here: systemctl stop l2tpd" },
};

/* words as far as they go; each written out */
static bool fits(const char *pattern, char *const *words)
{
	while (*pattern) {
		size_t len = strcspn(pattern, " ");

		if (!*words || strlen(*words) != len || strncasecmp(*words, pattern, len) != 0)
			return false;
		words++;
		pattern += len;
		pattern += *pattern == ' ';
	}
	return true;
}

static bool has_word(char *const *words, const char *word)
{
	while (*words && strcasecmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

const char *foreign_advice(char *const *words, bool *ret_stop)
{
	static char text[400];
	const char *advice;
	size_t i;

	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (!fits(foreign[i].words, words))
			continue;
		if (ret_stop)
			*ret_stop = foreign[i].stop;
		/* "encrypt, or do not connect" */
		if (has_word(words, "crypt-reqd") && !has_word(words, "disable")) {
			if (ret_stop)
				*ret_stop = true;
			advice = "demands encryption, which is not to be passed over: "
				 "'mppe = required' is a " PPP;
		} else {
			advice = foreign[i].advice;
		}
		snprintf(text, sizeof(text), "'%s ...' %s", foreign[i].words, advice);
		return text;
	}
	return NULL;
}

bool foreign_link_flag(const char *word)
{
	static const char *const flags[] = { "pap", "chap", "chap-md5", "chap-msv1", "chap-msv2",
		"eap", "acfcomp", "protocomp", "keep-ms-domain", "magicnum", "check-magic",
		"passive", "no-orig-auth", "callback", "multilink", "shortseq", "time-remain",
		"peer-as-calling", "report-mac" };
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcasecmp(word, flags[i]) == 0)
			return true;
	return false;
}
