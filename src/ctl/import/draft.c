/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "draft.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "ctl/out/text.h"
#include "keep.h"
#include "ranges.h"

#define FOLDER	     "/etc/l2tpd/"
#define LINE_MAX_LEN 16384 /* longest line of the configuration */

enum kind { TEXT, WORD, NUMBER, FLAG, ADDRESS, ADDRESSES, ENDPOINT, NETS, PATH, PPPD };

#define LIST   1u /* may stand several times */
#define SECRET 2u

/* Every key that an importer may set, in the order of l2tpd.conf(5). */
static const struct draft_row {
	enum draft_section section;
	const char *key;
	enum kind kind;
	long min, max; /* of a number; max of a text is its length */
	unsigned flags;
} rows[] = {
	{ DRAFT_LINK, "type", WORD },
	{ DRAFT_LINK, "self", ENDPOINT },
	{ DRAFT_LINK, "peer", ENDPOINT },
	{ DRAFT_LINK, "hostname", WORD, 0, 255 },
	{ DRAFT_LINK, "peer-hostname", WORD, 0, 255 },
	{ DRAFT_LINK, "secret", TEXT, 0, 255, SECRET },
	{ DRAFT_LINK, "callingnum", TEXT, 0, 63 },
	{ DRAFT_LINK, "callednum", TEXT, 0, 63 },
	{ DRAFT_LINK, "originate", FLAG },
	{ DRAFT_LINK, "incoming", FLAG },
	{ DRAFT_LINK, "outcall", FLAG },
	{ DRAFT_LINK, "hidden", FLAG },
	{ DRAFT_LINK, "length", FLAG },
	{ DRAFT_LINK, "dataseq", FLAG },
	{ DRAFT_LINK, "ppp", WORD, 0, 63 },
	{ DRAFT_LINK, "route", NETS },
	{ DRAFT_LINK, "ifname", WORD, 0, 15 },
	{ DRAFT_LINK, "up", PATH },
	{ DRAFT_LINK, "down", PATH },
	{ DRAFT_LINK, "autostart", FLAG },
	{ DRAFT_LINK, "retransmits", NUMBER, 1, 100 },
	{ DRAFT_LINK, "linger", NUMBER, 1, 86400 },
	{ DRAFT_LINK, "max-redial", NUMBER, -1, 1000000 },
	{ DRAFT_LINK, "redial-delay", NUMBER, 1, 3600 },
	{ DRAFT_LINK, "redial-max-delay", NUMBER, 1, 86400 },
	{ DRAFT_LINK, "max-calls", NUMBER, 0, 65535 },

	{ DRAFT_PPP, "user", TEXT, 0, 255 },
	{ DRAFT_PPP, "password", TEXT, 0, 255, SECRET },
	{ DRAFT_PPP, "auth", TEXT, 0, 255 },
	{ DRAFT_PPP, "require", WORD },
	{ DRAFT_PPP, "users", PATH },
	{ DRAFT_PPP, "auth-name", WORD, 0, 255 },
	{ DRAFT_PPP, "single-session", WORD },
	{ DRAFT_PPP, "eap", FLAG },
	{ DRAFT_PPP, "mppe", WORD },
	{ DRAFT_PPP, "address", ADDRESS },
	{ DRAFT_PPP, "pool", ADDRESSES, 0, 0, LIST },
	{ DRAFT_PPP, "dns", ADDRESS, 0, 0, LIST },
	{ DRAFT_PPP, "usepeerdns", FLAG },
	{ DRAFT_PPP, "mtu", NUMBER, 128, 16384 },
	{ DRAFT_PPP, "mru", NUMBER, 128, 16384 },
	{ DRAFT_PPP, "defaultroute", FLAG },
	{ DRAFT_PPP, "proxyarp", FLAG },
	{ DRAFT_PPP, "ipv6", FLAG },
	{ DRAFT_PPP, "lcp-echo-interval", NUMBER, 0, 3600 },
	{ DRAFT_PPP, "lcp-echo-failure", NUMBER, 1, 100 },
	{ DRAFT_PPP, "option", PPPD, 0, 0, LIST },

	{ DRAFT_PPPOE, "interface", WORD, 0, 15 },
	{ DRAFT_PPPOE, "service-name", TEXT, 0, 255 },
	{ DRAFT_PPPOE, "ac-name", TEXT, 0, 255 },
	{ DRAFT_SERIAL, "device", PATH },
	{ DRAFT_SERIAL, "speed", NUMBER, 50, 4000000 },
	{ DRAFT_FORWARD, "from", WORD },
	{ DRAFT_FORWARD, "to", TEXT },
	{ DRAFT_FORWARD, "proxy", WORD },
	{ DRAFT_FORWARD, "realm", TEXT },
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct draft_row *find_row(const char *key)
{
	size_t i;

	for (i = 0; i < ROW_COUNT; i++)
		if (strcmp(rows[i].key, key) == 0)
			return &rows[i];
	return NULL;
}

/* --- what a value can be --- */

/* What a line "key = value" of the configuration cannot hold. */
static const char *line_problem(const struct draft_row *row, const char *value)
{
	const char *p;

	if (!*value)
		return "it is empty";
	if (strlen(row->key) + strlen(" = ") + strlen(value) > LINE_MAX_LEN)
		return "it is too long for a line";
	if (!utf8_is_text(value, strlen(value)))
		return "it has a control character, or is not UTF-8";
	for (p = value; *p; p++)
		if ((*p == '#' || *p == ';') && (p == value || strchr(" \t", p[-1])))
			return "it has a comment sign in it";
	if (strchr(" \t", *value) || strchr(" \t", p[-1]))
		return "it begins or ends with a blank";
	if ((*value == '"' || *value == '\'') && row->kind != PPPD)
		return "it begins with a quote";
	return NULL;
}

/* Digits, and -1 where that is allowed */
static bool is_number(const struct draft_row *row, const char *value)
{
	if (strcmp(value, "-1") == 0)
		return row->min <= -1;
	return *value && strlen(value) <= 9 && !value[strspn(value, "0123456789")] &&
	       strtol(value, NULL, 10) >= row->min && strtol(value, NULL, 10) <= row->max;
}

/* IPv4, and only of hosts: one or "FIRST-LAST" */
static bool is_range(const char *value)
{
	struct range range;

	return range_parse(value, &range) && range.first >> 24 != 0 && range.last >> 24 < 224 &&
	       (range.last >> 24 < 127 || range.first >> 24 > 127);
}

static bool is_address(const char *value)
{
	uint32_t address;

	return range_address(value, &address) && is_range(value);
}

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

/* The bits of an address; 0: it is none. An IPv6 address may name its interface. */
static unsigned address_bits(const char *host)
{
	const char *scope = strchr(host, '%');
	struct in6_addr in6;
	bool good;
	char *plain;

	if (inet_pton(AF_INET, host, &in6) == 1)
		return 32;
	plain = keep_bytes(host, strcspn(host, "%"));
	good = inet_pton(AF_INET6, plain, &in6) == 1 &&
	       (!scope || (scope[1] && !scope[1 + strspn(scope + 1, NAME_CHARS)]));
	free(plain);
	return good ? 128 : 0;
}

/* An address, or the name of a host or an interface; what is made of digits is no name. */
static bool is_host(const char *host)
{
	return address_bits(host) ||
	       (*host && strlen(host) <= 253 && !host[strspn(host, NAME_CHARS)] &&
		       host[strspn(host, "0123456789.")]);
}

static bool is_decimal(const char *text, unsigned long max)
{
	return *text && strlen(text) <= 5 && !text[strspn(text, "0123456789")] &&
	       strtoul(text, NULL, 10) <= max;
}

/* "HOST[/WIDTH] [PORT]"; only a peer has a width, and only an address. */
static bool is_endpoint(const struct draft_row *row, const char *value)
{
	char *host = keep_bytes(value, strcspn(value, " ")), *width = strchr(host, '/');
	const char *port = value + strlen(host);
	bool good;

	if (width)
		*width++ = '\0';
	good = is_host(host) && (!*port || is_decimal(port + 1, 65535)) &&
	       (!width || (strcmp(row->key, "peer") == 0 && !strchr(host, '%') &&
				  is_decimal(width, address_bits(host))));
	free(host);
	return good;
}

/* One word: "ADDR/WIDTH" without bits behind the width, or "ADDR". */
static bool is_net(char *word)
{
	char *width = strchr(word, '/');
	unsigned char octets[sizeof(struct in6_addr)];
	unsigned bits, used;

	if (width)
		*width++ = '\0';
	bits = strchr(word, '%') ? 0 : address_bits(word);
	if (!bits || (width && !is_decimal(width, bits)) || strlen(word) > 45)
		return false;
	used = width ? (unsigned)strtoul(width, NULL, 10) : bits;
	inet_pton(bits == 32 ? AF_INET : AF_INET6, word, octets);
	for (unsigned bit = used; bit < bits; bit++)
		if (octets[bit / 8] & 0x80u >> bit % 8)
			return false;
	return true;
}

static bool are_nets(const char *value)
{
	char *copy = keep_text(value), *save = NULL, *word;
	bool good = true;

	for (word = strtok_r(copy, " \t", &save); word && good; word = strtok_r(NULL, " \t", &save))
		good = is_net(word);
	free(copy);
	return good;
}

static const char *kind_problem(const struct draft_row *row, const char *value)
{
	switch (row->kind) {
	case NUMBER:
		return is_number(row, value) ? NULL : "it is no number, or out of range";
	case FLAG:
		return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0
			       ? NULL
			       : "it is neither yes nor no";
	case ADDRESS:
		return is_address(value) ? NULL : "it is not the IPv4 address of a host";
	case ADDRESSES:
		return is_range(value) ? NULL : "they are not IPv4 addresses of hosts";
	case ENDPOINT:
		return is_endpoint(row, value) ? NULL : "it is not 'ADDR|NAME [PORT]'";
	case NETS:
		return are_nets(value) ? NULL : "it is not a network (ADDR/WIDTH)";
	case PATH:
		return *value == '/' ? NULL : "it is not an absolute path";
	case WORD:
		if (value[strcspn(value, " \t")])
			return "it has a blank in it";
		break;
	case TEXT:
	case PPPD:
		break;
	}
	return row->max && strlen(value) > (size_t)row->max ? "it is too long" : NULL;
}

static const char *row_problem(const struct draft_row *row, const char *value)
{
	const char *problem = line_problem(row, value);

	return problem ? problem : kind_problem(row, value);
}

const char *draft_problem(const char *key, const char *value)
{
	const struct draft_row *row = find_row(key);

	return row ? row_problem(row, value) : "there is no such key";
}

/* --- collecting --- */

void draft_init(struct draft *draft)
{
	TAILQ_INIT(&draft->keys);
}

static void remove_key(struct draft *draft, struct draft_key *key)
{
	TAILQ_REMOVE(&draft->keys, key, entry);
	keep_wipe(key->value);
	free(key);
}

void draft_clear(struct draft *draft)
{
	while (!TAILQ_EMPTY(&draft->keys))
		remove_key(draft, TAILQ_FIRST(&draft->keys));
}

static struct draft_key *find_key(const struct draft *draft, const char *key)
{
	struct draft_key *k;

	TAILQ_FOREACH (k, &draft->keys, entry)
		if (strcmp(k->row->key, key) == 0)
			return k;
	return NULL;
}

/* Does a list have the value already? */
static bool has_value(const struct draft *draft, const struct draft_row *row, const char *value)
{
	const struct draft_key *k;

	TAILQ_FOREACH (k, &draft->keys, entry)
		if (k->row == row && k->value && strcmp(k->value, value) == 0)
			return true;
	return false;
}

static void add_key(struct draft *draft, const struct draft_row *row, struct import_line *from,
	const char *value)
{
	struct draft_key *key = find_key(draft, row->key);

	if (key && !(row->flags & LIST)) {
		if (key->from != from && from)
			account_say(key->from, VERDICT_UNNEEDED, "%s is set again at %s:%u",
				row->key, from->file->path, from->number);
		remove_key(draft, key);
	}
	if (row->flags & LIST && has_value(draft, row, value)) {
		account_say(from, VERDICT_TAKEN, "%s = %s", row->key, value);
		return;
	}
	key = keep_alloc(sizeof(*key));
	key->row = row;
	key->value = keep_text(value);
	key->from = from;
	if (row->flags & SECRET && value && from)
		from->file->has_secrets = true;
	TAILQ_INSERT_TAIL(&draft->keys, key, entry);
}

bool draft_set(struct draft *draft, const char *key, struct import_line *from, const char *value)
{
	const struct draft_row *row = find_row(key);
	/* a secret goes into a file of its own if need be, which holds anything on one line */
	const char *problem = row->flags & SECRET
				      ? (!*value		      ? "it is empty"
						: strlen(value) > 255 ? "it is too long"
						: strchr(value, '\n') ? "it has a line break in it"
								      : NULL)
				      : row_problem(row, value);

	if (problem && row->flags & SECRET)
		account_say(from, VERDICT_IMPOSSIBLE, "as %s: %s", key, problem);
	else if (problem)
		account_say(from, VERDICT_IMPOSSIBLE, "as '%s = %s': %s", key, value, problem);
	else
		add_key(draft, row, from, value);
	return !problem;
}

bool draft_setf(
	struct draft *draft, const char *key, struct import_line *from, const char *fmt, ...)
{
	char *value;
	va_list ap;
	bool good;

	va_start(ap, fmt);
	if (vasprintf(&value, fmt, ap) < 0)
		value = keep_text("");
	va_end(ap);
	good = draft_set(draft, key, from, value);
	keep_wipe(value);
	return good;
}

void draft_lacks(struct draft *draft, const char *key, struct import_line *from)
{
	add_key(draft, find_row(key), from, NULL);
}

bool draft_is(const struct draft_key *key, const char *name)
{
	return strcmp(key->row->key, name) == 0;
}

const char *draft_get(const struct draft *draft, const char *key)
{
	const struct draft_key *k = find_key(draft, key);

	return k ? k->value : NULL;
}

bool draft_has(const struct draft *draft, const char *key)
{
	return find_key(draft, key) != NULL;
}

struct import_line *draft_from(const struct draft *draft, const char *key)
{
	const struct draft_key *k = find_key(draft, key);

	return k ? k->from : NULL;
}

void draft_drop(struct draft *draft, const char *key)
{
	struct draft_key *k;

	while ((k = find_key(draft, key)))
		remove_key(draft, k);
}

void draft_merge(struct draft *draft, const struct draft *other)
{
	const struct draft_key *k;
	struct draft_key *old;

	TAILQ_FOREACH (k, &other->keys, entry) {
		old = find_key(draft, k->row->key);
		if (old && !(k->row->flags & LIST))
			remove_key(draft, old);
		add_key(draft, k->row, k->from, k->value);
	}
}

static const struct draft_key *next_of(const struct draft_key *key, enum draft_section section)
{
	while (key && key->row->section != section)
		key = TAILQ_NEXT(key, entry);
	return key;
}

static size_t count_of(const struct draft *draft, enum draft_section section)
{
	const struct draft_key *key = next_of(TAILQ_FIRST(&draft->keys), section);
	size_t n = 0;

	for (; key; key = next_of(TAILQ_NEXT(key, entry), section))
		n++;
	return n;
}

static bool has_same(const struct draft *draft, const struct draft_key *key)
{
	const struct draft_key *k;

	TAILQ_FOREACH (k, &draft->keys, entry)
		if (k->row == key->row && !k->value == !key->value &&
			(!k->value || strcmp(k->value, key->value) == 0))
			return true;
	return false;
}

bool draft_equal(const struct draft *a, const struct draft *b, enum draft_section section)
{
	const struct draft_key *key = next_of(TAILQ_FIRST(&a->keys), section);

	for (; key; key = next_of(TAILQ_NEXT(key, entry), section))
		if (!has_same(b, key))
			return false;
	return count_of(a, section) == count_of(b, section);
}

bool draft_has_secret(const struct draft *draft)
{
	const struct draft_key *k;

	TAILQ_FOREACH (k, &draft->keys, entry)
		if (k->row->flags & SECRET && k->value && k->from && k->from->file->show_secrets &&
			!row_problem(k->row, k->value))
			return true;
	return false;
}

/* --- printing --- */

/* A file that the reader has to make. */
static void print_secret_file(const struct draft_key *key, const char *name, FILE *out)
{
	char *path = text_printf(FOLDER "%s.%s", name, key->row->key);
	const struct import_line *from = key->from;

	fprintf(out, "# %s: make it, with mode 600; its first line is the %s", path, key->row->key);
	if (from) {
		fputs(key->value ? " of " : " for ", out);
		text_put(out, from->file->path);
		fprintf(out, ":%u", from->number);
	}
	if (!key->value)
		fputs(", which no file read here has", out);
	else if (from && from->file->show_secrets)
		fprintf(out, ", which cannot stand here: %s", row_problem(key->row, key->value));
	fprintf(out, "\n%s-file = %s\n", key->row->key, path);
	account_say(key->from, VERDICT_TAKEN, "%s-file = %s", key->row->key, path);
	free(path);
}

/* True: in a file of its own. */
static bool print_key(const struct draft_key *key, const char *name, FILE *out)
{
	if (!(key->row->flags & SECRET)) {
		fprintf(out, "%s = %s\n", key->row->key, key->value);
		account_say(key->from, VERDICT_TAKEN, "%s = %s", key->row->key, key->value);
		return false;
	}
	if (!key->value || !key->from || !key->from->file->show_secrets ||
		row_problem(key->row, key->value)) {
		print_secret_file(key, name, out);
		return true;
	}
	fprintf(out, "%s = %s\n", key->row->key, key->value);
	account_say(key->from, VERDICT_TAKEN, "%s = ******", key->row->key);
	return false;
}

void draft_tell(const struct draft *draft, enum draft_section section)
{
	const struct draft_key *key = next_of(TAILQ_FIRST(&draft->keys), section);

	for (; key; key = next_of(TAILQ_NEXT(key, entry), section))
		account_say(key->from, VERDICT_TAKEN, "%s = %s", key->row->key,
			key->row->flags & SECRET ? "******" : key->value);
}

bool draft_print(const struct draft *draft, enum draft_section section, const char *name, FILE *out)
{
	static const char *const kinds[] = {
		[DRAFT_LINK] = "link",
		[DRAFT_PPP] = "ppp",
		[DRAFT_PPPOE] = "pppoe",
		[DRAFT_SERIAL] = "serial",
		[DRAFT_FORWARD] = "forward",
	};
	const struct draft_key *k;
	bool files = false;
	size_t i;

	fprintf(out, "\n[%s %s]\n", kinds[section], name);
	for (i = 0; i < ROW_COUNT; i++) {
		if (rows[i].section != section)
			continue;
		TAILQ_FOREACH (k, &draft->keys, entry)
			if (k->row == &rows[i])
				files |= print_key(k, name, out);
	}
	return files;
}
