/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds; long enough for a server that is rebooted. */
#define REDIAL_DEFAULT 600
#define REDIAL_MAX     (365 * 86400u)
/* A name of l2tpd's has 63 characters, and a number may be added. */
#define NAME_MAX_LEN	  59

#define FLAG_NOT_REQUIRED 4 /* NM_SETTING_SECRET_FLAG_NOT_REQUIRED */

/* What a key of vpn.data becomes. */
enum target {
	TO_LINK,       /* its value is that of a key of [link] */
	TO_PPP,	       /* and of [ppp] */
	TO_PPPD_FLAG,  /* yes: an option of pppd */
	TO_PAP,	       /* no, said: the password may go in clear */
	TO_MPPE,       /* yes: encryption is required */
	TO_ELSEWHERE,  /* looked at by a function below */
	TO_NOTHING,    /* l2tpd does so anyway, or needs no such thing */
	TO_IPSEC,      /* of no meaning without ipsec-enabled, which is refused */
	TO_SECRET_FLAG /* of a secret: NMSettingSecretFlags */
};

enum form { FORM_TEXT, FORM_YESNO, FORM_NUMBER };

struct data_key {
	const char *name;
	enum form form;
	enum target target;
	const char *key; /* there */
};

static const struct data_key data_keys[] = {
	{ "gateway", FORM_TEXT, TO_ELSEWHERE, NULL },
	{ "user", FORM_TEXT, TO_ELSEWHERE, NULL },
	{ "domain", FORM_TEXT, TO_ELSEWHERE, NULL },
	{ "user-auth-type", FORM_TEXT, TO_ELSEWHERE, NULL },
	{ "user-ca", FORM_TEXT, TO_NOTHING, NULL },
	{ "user-cert", FORM_TEXT, TO_NOTHING, NULL },
	{ "user-key", FORM_TEXT, TO_NOTHING, NULL },
	{ "ephemeral-port", FORM_YESNO, TO_ELSEWHERE, NULL },
	{ "xl2tpd-max-retries", FORM_NUMBER, TO_LINK, "retransmits" },
	{ "mtu", FORM_NUMBER, TO_PPP, "mtu" },
	{ "mru", FORM_NUMBER, TO_PPP, "mru" },
	{ "mrru", FORM_NUMBER, TO_ELSEWHERE, NULL },
	/* EAP is never spoken */
	{ "refuse-eap", FORM_YESNO, TO_NOTHING, NULL },
	{ "refuse-pap", FORM_YESNO, TO_PAP, "refuse-pap" },
	{ "refuse-chap", FORM_YESNO, TO_PPPD_FLAG, "refuse-chap" },
	{ "refuse-mschap", FORM_YESNO, TO_PPPD_FLAG, "refuse-mschap" },
	{ "refuse-mschapv2", FORM_YESNO, TO_PPPD_FLAG, "refuse-mschap-v2" },
	{ "require-mppe", FORM_YESNO, TO_MPPE, NULL },
	{ "require-mppe-40", FORM_YESNO, TO_ELSEWHERE, NULL },
	{ "require-mppe-128", FORM_YESNO, TO_MPPE, NULL },
	{ "mppe-stateful", FORM_YESNO, TO_PPPD_FLAG, "mppe-stateful" },
	/* no compression is spoken */
	{ "nobsdcomp", FORM_YESNO, TO_NOTHING, NULL },
	{ "nodeflate", FORM_YESNO, TO_NOTHING, NULL },
	{ "no-vj-comp", FORM_YESNO, TO_NOTHING, NULL },
	{ "nopcomp", FORM_YESNO, TO_NOTHING, NULL },
	{ "noaccomp", FORM_YESNO, TO_NOTHING, NULL },
	{ "lcp-echo-failure", FORM_NUMBER, TO_ELSEWHERE, NULL },
	{ "lcp-echo-interval", FORM_NUMBER, TO_ELSEWHERE, NULL },
	{ "ipcp-peer-ip", FORM_TEXT, TO_ELSEWHERE, NULL },
	{ "unit", FORM_NUMBER, TO_NOTHING, NULL },
	{ "ipsec-enabled", FORM_YESNO, TO_ELSEWHERE, NULL },
	{ "machine-auth-type", FORM_TEXT, TO_IPSEC, NULL },
	{ "machine-ca", FORM_TEXT, TO_IPSEC, NULL },
	{ "machine-cert", FORM_TEXT, TO_IPSEC, NULL },
	{ "machine-key", FORM_TEXT, TO_IPSEC, NULL },
	{ "ipsec-remote-id", FORM_TEXT, TO_IPSEC, NULL },
	{ "ipsec-gateway-id", FORM_TEXT, TO_IPSEC, NULL },
	{ "ipsec-group-name", FORM_TEXT, TO_IPSEC, NULL },
	{ "ipsec-psk", FORM_TEXT, TO_IPSEC, NULL },
	{ "ipsec-ike", FORM_TEXT, TO_IPSEC, NULL },
	{ "ipsec-esp", FORM_TEXT, TO_IPSEC, NULL },
	{ "ipsec-ikelifetime", FORM_NUMBER, TO_IPSEC, NULL },
	{ "ipsec-salifetime", FORM_NUMBER, TO_IPSEC, NULL },
	{ "ipsec-forceencaps", FORM_YESNO, TO_IPSEC, NULL },
	{ "ipsec-ipcomp", FORM_YESNO, TO_IPSEC, NULL },
	{ "ipsec-ikev2", FORM_YESNO, TO_IPSEC, NULL },
	{ "ipsec-pfs", FORM_YESNO, TO_IPSEC, NULL },
	{ "password-flags", FORM_NUMBER, TO_SECRET_FLAG, NULL },
	{ "user-certpass-flags", FORM_NUMBER, TO_SECRET_FLAG, NULL },
	{ "ipsec-psk-flags", FORM_NUMBER, TO_SECRET_FLAG, NULL },
	{ "machine-certpass-flags", FORM_NUMBER, TO_SECRET_FLAG, NULL },
	/* not of NetworkManager-l2tp */
	{ "l2tp-secret-flags", FORM_NUMBER, TO_SECRET_FLAG, NULL },
	{ "hostname", FORM_TEXT, TO_LINK, "hostname" },
	{ "length", FORM_YESNO, TO_LINK, "length" },
	{ "dataseq", FORM_YESNO, TO_LINK, "dataseq" },
	{ "redial", FORM_TEXT, TO_ELSEWHERE, NULL },
};

static const char *const secret_keys[] = { NM_SECRET_PASSWORD, NM_SECRET_TUNNEL, NM_SECRET_NONE,
	"user-certpass", "ipsec-psk", "machine-certpass" };

struct maker {
	const struct nm_profile *profile;
	struct nm_settings *settings;
	char *error;
};

static int settings_fail(struct maker *maker, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int settings_fail(struct maker *maker, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(maker->error, NM_SETTINGS_ERROR, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* --- values --- */

static const char *data_of(const struct nm_profile *profile, const char *key)
{
	const char *value = nm_profile_get(profile, "data", key);

	return value && *value ? value : NULL;
}

static bool is_yes(const struct nm_profile *profile, const char *key)
{
	const char *value = data_of(profile, key);

	return value && strcmp(value, "yes") == 0;
}

static bool is_number(const char *text, unsigned long max, unsigned long *ret)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret = strtoul(text, &end, 10);
	return !*end && errno == 0 && *ret <= max;
}

static int add_pair(json_t *list, const char *key, const char *value)
{
	/* -EINVAL: not UTF-8, which D-Bus does not let through */
	return json_array_append_new(list, json_pack("[s, s]", key, value)) < 0 ? -ENOMEM : 0;
}

static int add_link(struct maker *maker, const char *key, const char *value)
{
	return add_pair(maker->settings->link, key, value);
}

static int add_ppp(struct maker *maker, const char *key, const char *value)
{
	return add_pair(maker->settings->ppp, key, value);
}

static int add_option(struct maker *maker, const char *option, const char *value)
{
	char *line;
	int r;

	if (asprintf(&line, "%s%s%s", option, *value ? " " : "", value) < 0)
		return -ENOMEM;
	r = add_ppp(maker, "option", line);
	free(line);
	return r;
}

/* --- vpn.data, key by key --- */

static const struct data_key *find_key(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(data_keys) / sizeof(data_keys[0]); i++)
		if (strcmp(data_keys[i].name, name) == 0)
			return &data_keys[i];
	return NULL;
}

static int check_form(struct maker *maker, const struct data_key *key, const char *value)
{
	unsigned long number;

	switch (key->form) {
	case FORM_TEXT:
		return 0;
	case FORM_YESNO:
		if (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0)
			return 0;
		return settings_fail(maker, "%s: '%.40s' is neither yes nor no", key->name, value);
	case FORM_NUMBER:
		if (is_number(value, UINT_MAX, &number))
			return 0;
		return settings_fail(maker, "%s: '%.40s' is not a number", key->name, value);
	}
	return 0;
}

static int make_item(struct maker *maker, const char *name, const char *value)
{
	const struct data_key *key = find_key(name);
	bool yes = strcmp(value, "yes") == 0;
	int r;

	if (!key)
		return settings_fail(maker,
			"unknown key '%.60s' in vpn.data; l2tpd-nm(8) lists those there are", name);
	if (!*value) /* as editors leave it behind */
		return 0;
	r = check_form(maker, key, value);
	if (r < 0)
		return r;
	switch (key->target) {
	case TO_LINK:
		return add_link(maker, key->key, value);
	case TO_PPP:
		return add_ppp(maker, key->key, value);
	case TO_PPPD_FLAG:
		return yes ? add_option(maker, key->key, "") : 0;
	case TO_PAP:
		return yes ? add_option(maker, key->key, "")
			   : add_ppp(maker, "auth", "mschapv2 chap-md5 pap");
	case TO_MPPE:
	case TO_ELSEWHERE:
	case TO_NOTHING:
	case TO_IPSEC:
	case TO_SECRET_FLAG:
		break;
	}
	return 0;
}

static int make_items(struct maker *maker)
{
	const char *key, *value;
	size_t i, j;
	int r = 0;

	for (i = 0; r == 0 && (key = nm_profile_item(maker->profile, "data", i, &value)); i++)
		r = make_item(maker, key, value);
	for (i = 0; r == 0 && (key = nm_profile_item(maker->profile, "secrets", i, &value)); i++) {
		for (j = 0; j < sizeof(secret_keys) / sizeof(secret_keys[0]); j++)
			if (strcmp(key, secret_keys[j]) == 0)
				break;
		if (j == sizeof(secret_keys) / sizeof(secret_keys[0]))
			r = settings_fail(maker,
				"unknown key '%.60s' in vpn.secrets; l2tpd-nm(8) lists those there "
				"are",
				key);
	}
	return r;
}

/* --- what needs more than its own key --- */

static int refuse_what_cannot_be(struct maker *maker)
{
	const char *auth = data_of(maker->profile, "user-auth-type");

	/* IPsec first: whoever wants that must never get a connection in clear */
	if (is_yes(maker->profile, "ipsec-enabled"))
		return settings_fail(maker,
			"this profile asks for IPsec (ipsec-enabled=yes), which l2tpd cannot do "
			"yet; it is not dialled without");
	if (auth && strcmp(auth, "tls") == 0)
		return settings_fail(
			maker, "user-auth-type: l2tpd cannot log in by certificate (EAP-TLS) yet");
	if (auth && strcmp(auth, "password") != 0)
		return settings_fail(
			maker, "user-auth-type: '%.40s' is neither password nor tls", auth);
	if (is_yes(maker->profile, "require-mppe-40"))
		return settings_fail(maker,
			"require-mppe-40: 40 bits protect nothing, and l2tpd does not do them; use "
			"require-mppe-128");
	return 0;
}

/* A host name, or an address, which may stand in brackets as in a URL. */
static int make_gateway(struct maker *maker)
{
	const char *gateway = data_of(maker->profile, "gateway");
	size_t len = gateway ? strlen(gateway) : 0;
	char *host;
	int r;

	if (!gateway)
		return settings_fail(maker,
			"gateway: it is missing; name the server: nmcli connection modify ID "
			"+vpn.data gateway=NAME");
	if (strpbrk(gateway, " \t\r\n/,"))
		return settings_fail(maker, "gateway: '%.80s' is not a name or address", gateway);
	if (*gateway == '[' && gateway[len - 1] == ']') {
		gateway++;
		len -= 2;
	}
	host = strndup(gateway, len);
	if (!host)
		return -ENOMEM;
	r = add_link(maker, "peer", host);
	free(host);
	return r;
}

/* NetworkManager-l2tp's default is the well-known port, which some servers insist on. */
static int make_port(struct maker *maker)
{
	const char *gateway = data_of(maker->profile, "gateway");

	maker->settings->fixed_port = !is_yes(maker->profile, "ephemeral-port");
	if (!maker->settings->fixed_port)
		return 0;
	return add_link(maker, "self", strchr(gateway, ':') ? ":: 1701" : "0.0.0.0 1701");
}

static bool secret_not_required(const struct nm_profile *profile, const char *name)
{
	const char *flags;
	unsigned long number;
	char key[64];

	snprintf(key, sizeof(key), "%s-flags", name);
	flags = data_of(profile, key);
	return flags && is_number(flags, UINT_MAX, &number) && number & FLAG_NOT_REQUIRED;
}

static const char *user_of(const struct nm_profile *profile)
{
	const char *user = data_of(profile, "user");

	return user ? user : nm_profile_get(profile, "vpn", "user-name");
}

static int make_login(struct maker *maker)
{
	const char *password = nm_profile_get(maker->profile, "secrets", NM_SECRET_PASSWORD);
	const char *domain = data_of(maker->profile, "domain");
	const char *user = user_of(maker->profile);
	char *name;
	int r;

	/* a server that asks nobody to log in */
	if (!user || !*user)
		return 0;
	if (!password || !*password) {
		if (secret_not_required(maker->profile, NM_SECRET_PASSWORD))
			return 0;
		return settings_fail(maker, "password: it is missing");
	}
	if (asprintf(&name, "%s%s%s", domain ? domain : "", domain ? "\\" : "", user) < 0)
		return -ENOMEM;
	r = add_ppp(maker, "user", name);
	free(name);
	return r ? r : add_ppp(maker, "password", password);
}

static int make_tunnel_secret(struct maker *maker)
{
	const char *secret = nm_profile_get(maker->profile, "secrets", NM_SECRET_TUNNEL);

	if (!secret || !*secret)
		return 0;
	maker->settings->tunnel_secret = true;
	return add_link(maker, "secret", secret);
}

/* Without them NetworkManager-l2tp never notices a dead peer; we do by default, 0 says not to. */
static int make_echo(struct maker *maker)
{
	const char *interval = data_of(maker->profile, "lcp-echo-interval");
	const char *failure = data_of(maker->profile, "lcp-echo-failure");
	unsigned long n;
	int r = 0;

	if (failure && is_number(failure, UINT_MAX, &n) && n == 0)
		interval = "0";
	else if (failure)
		r = add_ppp(maker, "lcp-echo-failure", failure);
	return r == 0 && interval ? add_ppp(maker, "lcp-echo-interval", interval) : r;
}

static int make_encryption(struct maker *maker)
{
	bool required = is_yes(maker->profile, "require-mppe") ||
			is_yes(maker->profile, "require-mppe-128");

	return required ? add_ppp(maker, "mppe", "required") : 0;
}

static int make_multilink(struct maker *maker)
{
	const char *mrru = data_of(maker->profile, "mrru");
	int r = mrru ? add_option(maker, "multilink", "") : 0;

	return r == 0 && mrru ? add_option(maker, "mrru", mrru) : r;
}

static bool method_is(const struct nm_profile *profile, const char *section, const char *method)
{
	const char *value = nm_profile_get(profile, section, "method");

	return value && strcmp(value, method) == 0;
}

static int make_addresses(struct maker *maker)
{
	const char *ignore = nm_profile_get(maker->profile, "ipv4", "ignore-auto-dns");
	const char *address = nm_profile_get(maker->profile, "ipv4", "address");
	const char *peer = data_of(maker->profile, "ipcp-peer-ip");
	bool v4 = !method_is(maker->profile, "ipv4", "disabled");
	bool v6 = !method_is(maker->profile, "ipv6", "disabled") &&
		  !method_is(maker->profile, "ipv6", "ignore");
	int r = add_ppp(maker, "ipv6", v6 ? "yes" : "no");

	if (!v4 && !v6)
		return settings_fail(maker, "both IPv4 and IPv6 are switched off");
	if (r == 0 && !v4)
		return add_option(maker, "noip", "");
	if (r == 0 && (!ignore || strcmp(ignore, "true") != 0))
		r = add_ppp(maker, "usepeerdns", "yes");
	if (r < 0 || !method_is(maker->profile, "ipv4", "manual") || !address)
		return r;
	r = add_ppp(maker, "address", address);
	if (r == 0 && peer) {
		char pair[100];

		if (strspn(peer, "0123456789.") != strlen(peer))
			return settings_fail(
				maker, "ipcp-peer-ip: '%.40s' is not an IPv4 address", peer);
		snprintf(pair, sizeof(pair), "%.40s:%.40s", address, peer);
		r = add_option(maker, pair, "");
	}
	return r;
}

static int make_redial(struct maker *maker)
{
	const char *redial = data_of(maker->profile, "redial");
	unsigned long seconds = REDIAL_DEFAULT;
	int r;

	if (redial && strcmp(redial, "no") == 0)
		seconds = 0;
	else if (redial && strcmp(redial, "yes") != 0 && !is_number(redial, REDIAL_MAX, &seconds))
		return settings_fail(
			maker, "redial: '%.40s' is not yes, no or a number of seconds", redial);
	maker->settings->redial_s = (unsigned)seconds;
	if (!seconds)
		return 0;
	r = add_link(maker, "max-redial", "0");
	return r ? r : add_link(maker, "redial-max-delay", "15");
}

/*
 * For scripts in /etc/ppp: NetworkManager looks after name servers. Debian's goes by this form of
 * ipparam, which NetworkManager's plugins have.
 */
static int make_mark(struct maker *maker)
{
	char value[NAME_MAX_LEN + 40];

	snprintf(value, sizeof(value), "nm-l2tpd-service-%s", maker->settings->name);
	return add_option(maker, "ipparam", value);
}

/* --- all together --- */

static int make_name(struct maker *maker)
{
	const char *id = nm_profile_get(maker->profile, "connection", "id");
	char *name = strdup(id && *id ? id : "nm"), *c;

	maker->settings->name = name;
	if (!name)
		return -ENOMEM;
	for (c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_.-", *c))
			*c = '-';
	if (strlen(name) > NAME_MAX_LEN)
		name[NAME_MAX_LEN] = '\0';
	return 0;
}

int nm_settings_make(const struct nm_profile *profile, struct nm_settings *ret,
	char error[static NM_SETTINGS_ERROR])
{
	static int (*const steps[])(struct maker * maker) = { refuse_what_cannot_be, make_name,
		make_items, make_gateway, make_port, make_login, make_tunnel_secret, make_echo,
		make_encryption, make_multilink, make_addresses, make_redial, make_mark };
	struct nm_settings settings = { .link = json_array(), .ppp = json_array() };
	struct maker maker = { .profile = profile, .settings = &settings, .error = error };
	int r = settings.link && settings.ppp ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = steps[i](&maker);
	if (r < 0) {
		nm_settings_clear(&settings);
		if (r == -ENOMEM)
			settings_fail(&maker, "out of memory");
		return r;
	}
	*ret = settings;
	return 0;
}

int nm_settings_free_port(struct nm_settings *settings)
{
	json_t *link = json_array(), *pair;
	size_t i;

	if (!link)
		return -ENOMEM;
	json_array_foreach (settings->link, i, pair)
		if (strcmp(json_string_value(json_array_get(pair, 0)), "self") != 0)
			json_array_append(link, pair);
	json_decref(settings->link);
	settings->link = link;
	settings->fixed_port = false;
	return 0;
}

static const json_t *value_of(const json_t *list, const char *key)
{
	json_t *pair;
	size_t i;

	json_array_foreach (list, i, pair)
		if (strcmp(json_string_value(json_array_get(pair, 0)), key) == 0)
			return json_array_get(pair, 1);
	return NULL;
}

static bool same_value(const json_t *a, const json_t *b, const char *key)
{
	const json_t *x = value_of(a, key), *y = value_of(b, key);

	return x == y || json_equal(x, y);
}

bool nm_settings_same_secrets(const struct nm_settings *a, const struct nm_settings *b)
{
	return same_value(a->ppp, b->ppp, "password") && same_value(a->link, b->link, "secret");
}

void nm_settings_clear(struct nm_settings *settings)
{
	free(settings->name);
	json_decref(settings->link);
	json_decref(settings->ppp);
	*settings = (struct nm_settings){ 0 };
}

bool nm_settings_lack_secret(const struct nm_profile *profile, const char *name)
{
	const char *value = nm_profile_get(profile, "secrets", name), *flags;
	const char *user = user_of(profile);
	char key[64];

	if ((value && *value) || secret_not_required(profile, name))
		return false;
	if (strcmp(name, NM_SECRET_PASSWORD) == 0)
		return user && *user;
	snprintf(key, sizeof(key), "%s-flags", name);
	flags = data_of(profile, key);
	return flags && strcmp(flags, "0") != 0;
}

bool nm_settings_need_secrets(const struct nm_profile *profile)
{
	/* it is refused, which is said before anybody has to type */
	if (is_yes(profile, "ipsec-enabled"))
		return false;
	return nm_settings_lack_secret(profile, NM_SECRET_PASSWORD) ||
	       nm_settings_lack_secret(profile, NM_SECRET_TUNNEL);
}
