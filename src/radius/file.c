/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/secret_file.h"

#define BLANK	    " \t\r"
#define SEPARATORS  ", \t\r"
#define TIMEOUT_S   3 /* PPP clients give up after half a minute */
#define RETRIES	    2
#define DEADTIME_S  30
#define TIMEOUT_MAX 60
#define RETRIES_MAX 10
#define DEAD_MAX    86400

struct reading {
	const char *path;
	unsigned line;
	struct radius_file *file;
	struct why *why;
	bool has_secret;
};

struct key;
typedef int set_key_fn(struct reading *reading, const struct key *key, char *value);
static set_key_fn set_servers, set_number, set_text, set_address, set_demand, set_udp, refuse,
	ignore;

/* What there is in such files. */
static const struct key {
	const char *name;
	set_key_fn *set;
	size_t offset;
	unsigned min, max;
} keys[] = {
	{ "authserver", set_servers, offsetof(struct radius_file, auth), 0, 0 },
	{ "acctserver", set_servers, offsetof(struct radius_file, acct), 0, 0 },
	{ "servers", set_text, offsetof(struct radius_file, servers), 0, 0 },
	{ "nas-identifier", set_text, offsetof(struct radius_file, nas_identifier), 0, 0 },
	{ "nas-ip", set_address, offsetof(struct radius_file, nas_ip), 0, 0 },
	{ "bindaddr", set_address, offsetof(struct radius_file, bindaddr), 0, 0 },
	{ "radius_timeout", set_number, offsetof(struct radius_file, timeout), 1, TIMEOUT_MAX },
	{ "radius_retries", set_number, offsetof(struct radius_file, retries), 0, RETRIES_MAX },
	{ "radius_deadtime", set_number, offsetof(struct radius_file, deadtime), 0, DEAD_MAX },
	{ "require-message-authenticator", set_demand, 0, 0, 0 },
	{ "serv-type", set_udp, 0, 0, 0 },
	{ "serv-auth-type", set_udp, 0, 0, 0 },
	{ "namespace", refuse, 0, 0, 0 },
	{ "use-public-addr", refuse, 0, 0, 0 },
	{ "tls-ca-file", refuse, 0, 0, 0 },
	{ "tls-cert-file", refuse, 0, 0, 0 },
	{ "tls-key-file", refuse, 0, 0, 0 },
	{ "tls-verify-hostname", refuse, 0, 0, 0 },
	/* for programs that let people in at a terminal; and numbers are known without a dictionary
	 */
	{ "dictionary", ignore, 0, 0, 0 },
	{ "default_realm", ignore, 0, 0, 0 },
	{ "auth_order", ignore, 0, 0, 0 },
	{ "login_tries", ignore, 0, 0, 0 },
	{ "login_timeout", ignore, 0, 0, 0 },
	{ "login_radius", ignore, 0, 0, 0 },
	{ "login_local", ignore, 0, 0, 0 },
	{ "nologin", ignore, 0, 0, 0 },
	{ "issue", ignore, 0, 0, 0 },
	{ "seqfile", ignore, 0, 0, 0 },
	{ "mapfile", ignore, 0, 0, 0 },
	{ "clientdebug", ignore, 0, 0, 0 },
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

static void *field(struct reading *reading, const struct key *key)
{
	return (char *)reading->file + key->offset;
}

static int no_memory(struct reading *reading)
{
	return why_not(reading->why, -ENOMEM, "%s: out of memory", reading->path);
}

static void address_clear(struct radius_address *address)
{
	free(address->host);
	secret_free(address->secret);
	*address = (struct radius_address){ 0 };
}

/* --- values -------------------------------------------------------------------------- */

static int bad_server(struct reading *reading)
{
	return why_not(reading->why, -EINVAL,
		"%s:%u: a server is NAME, NAME:PORT or NAME:PORT:SECRET, an IPv6 address in []",
		reading->path, reading->line);
}

/* "NAME[:PORT[:SECRET]]", "[NAME][:PORT[:SECRET]]" */
static int parse_server(struct reading *reading, char *word, struct radius_address *ret)
{
	char *host = word, *end, *port, *secret;
	unsigned long n = 0;

	if (*word == '[') {
		host++;
		end = strchr(host, ']');
		if (!end || (end[1] && end[1] != ':'))
			return bad_server(reading);
		port = end[1] ? end + 2 : NULL;
		*end = '\0';
	} else {
		port = strchr(word, ':');
		if (port)
			*port++ = '\0';
	}
	secret = port ? strchr(port, ':') : NULL;
	if (secret)
		*secret++ = '\0';
	if (port && *port) {
		n = strtoul(port, &end, 10);
		if (*end || n == 0 || n > 65535)
			return bad_server(reading);
	}
	if (!*host || (secret && (!*secret || strlen(secret) > SECRET_MAX)))
		return bad_server(reading);
	ret->port = (uint16_t)n;
	ret->host = strdup(host);
	ret->secret = secret ? strdup(secret) : NULL;
	reading->has_secret |= secret != NULL;
	return ret->host && (ret->secret || !secret) ? 0 : no_memory(reading);
}

static int set_servers(struct reading *reading, const struct key *key, char *value)
{
	struct radius_address *list = field(reading, key);
	bool auth = list == reading->file->auth;
	size_t *count = auth ? &reading->file->auth_count : &reading->file->acct_count;
	char *save = NULL, *word;
	int r = 0;

	for (word = strtok_r(value, SEPARATORS, &save); word && r == 0;
		word = strtok_r(NULL, SEPARATORS, &save)) {
		if (*count == RADIUS_SERVERS_MAX)
			return why_not(reading->why, -E2BIG, "%s:%u: more than %d servers in '%s'",
				reading->path, reading->line, RADIUS_SERVERS_MAX, key->name);
		r = parse_server(reading, word, &list[*count]);
		(*count)++;
	}
	return r;
}

static int set_number(struct reading *reading, const struct key *key, char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || n < key->min || n > key->max)
		return why_not(reading->why, -EINVAL,
			"%s:%u: '%s' is a number from %u to %u, not \"%s\"", reading->path,
			reading->line, key->name, key->min, key->max, value);
	*(unsigned *)field(reading, key) = (unsigned)n;
	return 0;
}

static int set_text(struct reading *reading, const struct key *key, char *value)
{
	char **text = field(reading, key);

	free(*text);
	*text = strdup(value);
	return *text ? 0 : no_memory(reading);
}

static int set_address(struct reading *reading, const struct key *key, char *value)
{
	struct in6_addr addr;

	if (strcmp(value, "*") == 0)
		return 0;
	if (inet_pton(AF_INET, value, &addr) != 1 && inet_pton(AF_INET6, value, &addr) != 1)
		return why_not(reading->why, -EINVAL, "%s:%u: '%s' is an address, not \"%s\"",
			reading->path, reading->line, key->name, value);
	return set_text(reading, key, value);
}

static int set_demand(struct reading *reading, const struct key *key, char *value)
{
	static const char *const words[] = { [RADIUS_DEMAND_AUTO] = "auto",
		[RADIUS_DEMAND_NO] = "no",
		[RADIUS_DEMAND_YES] = "yes" };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) == 0) {
			reading->file->demand = (enum radius_demand)i;
			return 0;
		}
	}
	return why_not(reading->why, -EINVAL, "%s:%u: '%s' is yes, no or auto, not \"%s\"",
		reading->path, reading->line, key->name, value);
}

static int set_udp(struct reading *reading, const struct key *key, char *value)
{
	if (strcasecmp(value, "udp") == 0)
		return 0;
	return why_not(reading->why, -EOPNOTSUPP,
		"%s:%u: RADIUS over %s is not done here: leave '%s' out, or set it to udp",
		reading->path, reading->line, value, key->name);
}

static int refuse(struct reading *reading, const struct key *key, char *value)
{
	return why_not(reading->why, -EOPNOTSUPP, "%s:%u: '%s' is not done here: leave it out",
		reading->path, reading->line, key->name);
}

static int ignore(struct reading *reading, const struct key *key, char *value)
{
	return 0;
}

/* --- lines --------------------------------------------------------------------------- */

static int set_key(struct reading *reading, const char *name, char *value)
{
	struct nearest nearest = { .word = name };

	for (size_t i = 0; i < KEYS; i++) {
		/* the samples have keys without a value */
		if (strcmp(name, keys[i].name) == 0)
			return *value ? keys[i].set(reading, &keys[i], value) : 0;
		nearest_offer(&nearest, keys[i].name);
	}
	return why_not(reading->why, -EINVAL, "%s:%u: unknown key '%.40s'%s%s%s", reading->path,
		reading->line, name, nearest.best ? ": did you mean '" : "",
		nearest.best ? nearest.best : "", nearest.best ? "'?" : "");
}

static int read_line(struct reading *reading, char *line)
{
	char *name = line + strspn(line, BLANK), *value, *end;
	size_t len = strcspn(name, BLANK);

	if (!*name || *name == '#')
		return 0;
	value = name + len;
	value += strspn(value, BLANK);
	name[len] = '\0';
	for (end = value + strlen(value); end > value && strchr(BLANK, end[-1]); end--)
		end[-1] = '\0';
	return set_key(reading, name, value);
}

/* The next line, without its end; NULL: there is none. */
static char *next_line(char **rest)
{
	char *line = *rest;

	if (line) {
		*rest = strchr(line, '\n');
		if (*rest)
			*(*rest)++ = '\0';
	}
	return line;
}

/* --- secrets ------------------------------------------------------------------------- */

static int check_mode(const char *path, const struct secret_file *text, struct why *why)
{
	if (!*secret_file_others(&text->stat))
		return 0;
	return why_not(
		why, -EPERM, "%s: others can get at the secrets in it: chmod o-rwx it", path);
}

/* "NAME SECRET", or "NAME/NAME SECRET": one of them is the client */
static int read_secret(struct radius_file *file, char *line)
{
	char *save = NULL, *hosts = strtok_r(line, BLANK, &save), *host;
	const char *secret = hosts && *hosts != '#' ? strtok_r(NULL, BLANK, &save) : NULL;

	if (!secret || strlen(secret) > SECRET_MAX)
		return 0;
	for (host = strtok_r(hosts, "/", &save); host; host = strtok_r(NULL, "/", &save)) {
		for (size_t i = 0; i < file->auth_count + file->acct_count; i++) {
			struct radius_address *address =
				i < file->auth_count ? &file->auth[i]
						     : &file->acct[i - file->auth_count];

			if (address->secret || strcasecmp(address->host, host) != 0)
				continue;
			address->secret = strdup(secret);
			if (!address->secret)
				return -ENOMEM;
		}
	}
	return 0;
}

static int read_secrets(struct radius_file *file, const char *path, struct why *why)
{
	struct secret_file text;
	char *rest, *line;
	int r;

	r = secret_file_read(file->servers, SECRET_FILE_MAX, &text);
	if (r < 0)
		return why_not(why, r, "%s: file %s of 'servers' cannot be read: %s", path,
			file->servers, secret_file_strerror(r));
	r = check_mode(file->servers, &text, why);
	rest = text.text;
	while (r == 0 && (line = next_line(&rest))) {
		r = read_secret(file, line);
		if (r < 0)
			why_not(why, r, "%s: out of memory", path);
	}
	secret_file_free(&text);
	return r;
}

static int check_secrets(const struct radius_file *file, const char *path, struct why *why)
{
	if (!file->auth_count)
		return why_not(why, -EINVAL,
			"%s: no server: write 'authserver NAME:PORT:SECRET', or 'authserver NAME' "
			"and 'servers FILE'",
			path);
	for (size_t i = 0; i < file->auth_count + file->acct_count; i++) {
		const struct radius_address *address =
			i < file->auth_count ? &file->auth[i] : &file->acct[i - file->auth_count];

		if (!address->secret && file->servers)
			return why_not(why, -EINVAL,
				"%s: no secret for server %s: write a line '%s SECRET' into %s",
				path, address->host, address->host, file->servers);
		if (!address->secret)
			return why_not(why, -EINVAL,
				"%s: no secret for server %s: write NAME:PORT:SECRET, or 'servers "
				"FILE'",
				path, address->host);
	}
	return 0;
}

int radius_file_read(const char *path, struct radius_file *ret, struct why *why)
{
	struct radius_file file = {
		.timeout = TIMEOUT_S, .retries = RETRIES, .deadtime = DEADTIME_S
	};
	struct reading reading = { .path = path, .file = &file, .why = why };
	struct secret_file text;
	char *rest, *line;
	int r = secret_file_read(path, SECRET_FILE_MAX, &text);

	if (r < 0)
		return why_not(why, r, "%s: cannot be read: %s", path, secret_file_strerror(r));
	rest = text.text;
	while (r == 0 && (line = next_line(&rest))) {
		reading.line++;
		r = read_line(&reading, line);
	}
	if (r == 0 && reading.has_secret)
		r = check_mode(path, &text, why);
	secret_file_free(&text);
	if (r == 0 && file.servers)
		r = read_secrets(&file, path, why);
	if (r == 0)
		r = check_secrets(&file, path, why);
	if (r < 0)
		radius_file_clear(&file);
	else
		*ret = file;
	return r;
}

void radius_file_clear(struct radius_file *file)
{
	for (size_t i = 0; i < RADIUS_SERVERS_MAX; i++) {
		address_clear(&file->auth[i]);
		address_clear(&file->acct[i]);
	}
	free(file->servers);
	free(file->nas_identifier);
	free(file->nas_ip);
	free(file->bindaddr);
	*file = (struct radius_file){ 0 };
}
