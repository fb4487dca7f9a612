/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secret_file.h"
#include "config.h"
#include "users.h"

/* Messages about one thing are read up to here. */
#define ADDRESSES_MAX 10

static struct config_place place_of(
	const struct config_places *places, enum option_section section, const char *key)
{
	struct config_place place = places->of[option_find(section, key) - option_table];

	return place.file ? place : (struct config_place){ .file = "" };
}

static const char *remedy(int error)
{
	switch (-error) {
	case ENOENT:
		return "there is no such file";
	case EACCES:
		return "it may not be read: check as root";
	case EPERM:
		return "others can read it: chmod o-rwx it";
	case EINVAL:
		return "its first line is empty, longer than 255 bytes, or not text";
	default:
		return strerror(-error);
	}
}

static void check_secret(struct config_build *build, const struct config_places *places,
	enum option_section section, const char *key, const char *path)
{
	struct secret_file file;
	char *secret = NULL;
	int r;

	if (!*path)
		return;
	r = secret_file_read(path, SECRET_FILE_MAX, &file);
	if (r == 0) {
		r = *secret_file_others(&file.stat) ? -EPERM : secret_file_line(&file, &secret);
		secret_file_free(&file);
		secret_free(secret);
	}
	if (r < 0)
		config_error(
			build, place_of(places, section, key), "%s: %s: %s", key, path, remedy(r));
}

/* --- users --- */

static bool in_pool(const struct config_ppp *ppp, uint32_t address)
{
	for (size_t i = 0; i < ppp->pool_len; i++)
		if (address >= ppp->pool[i].first && address <= ppp->pool[i].last)
			return true;
	return false;
}

/* Another profile would give this one away. */
static const struct config_ppp *pool_of_another(
	const struct config *config, const struct config_ppp *ppp, uint32_t address)
{
	for (size_t i = 0; i < config->ppps_len; i++)
		if (&config->ppps[i] != ppp && strcmp(config->ppps[i].users, ppp->users) != 0 &&
			in_pool(&config->ppps[i], address))
			return &config->ppps[i];
	return NULL;
}

static void check_addresses(struct config_build *build, const struct config_ppp *ppp,
	struct config_place place, const uint32_t *addresses, size_t len)
{
	unsigned said = 0;

	for (size_t i = 0; i < len && said < ADDRESSES_MAX; i++) {
		struct in_addr in = { .s_addr = htonl(addresses[i]) };
		const struct config_ppp *other;
		char text[INET_ADDRSTRLEN];

		inet_ntop(AF_INET, &in, text, sizeof(text));
		other = pool_of_another(build->config, ppp, addresses[i]);
		if (other)
			config_error(build, place,
				"users: %s: the address %s of a user is in the pool of [ppp %s], "
				"which would give it to others",
				ppp->users, text, other->name);
		if (i && addresses[i] == addresses[i - 1])
			config_error(build, place,
				"users: %s: the address %s stands in several lines; only one "
				"caller "
				"at a time can have it",
				ppp->users, text);
		else if (ppp->address.sa.sa_family == AF_INET &&
			 ppp->address.in.sin_addr.s_addr == in.s_addr)
			config_error(build, place, "users: %s: the address %s of a user is ours",
				ppp->users, text);
		else if (!other)
			continue;
		said++;
	}
}

static void check_users(struct config_build *build, const struct config_ppp *ppp,
	const struct config_places *places)
{
	struct config_place place = place_of(places, OPTION_PPP, "users");
	struct user_entry entry = { 0 };
	const uint32_t *addresses;
	const char *problem = NULL;
	size_t len;
	int r;

	if (!*ppp->users)
		return;
	/* nobody has this name; what is in it: check_users.c */
	r = users_lookup(ppp->users, "", "", &entry, &problem);
	user_entry_clear(&entry);
	if (r < 0 && r != -ENOENT)
		config_error(build, place, "users: %s", problem ? problem : remedy(r));
	if (users_reserved(ppp->users, &addresses, &len) == 0)
		check_addresses(build, ppp, place, addresses, len);
}

/* --- programs --- */

static bool is_set(struct config_place place)
{
	return place.file && *place.file;
}

/* pppd, which calls need; the plugin if the file names it: else a call tells. */
static void check_programs(struct config_build *build)
{
	const struct config_daemon *daemon = &build->config->daemon;
	struct config_place pppd = place_of(build->places[OPTION_DAEMON], OPTION_DAEMON, "pppd");
	struct config_place plugin =
		place_of(build->places[OPTION_DAEMON], OPTION_DAEMON, "pppd-plugin");

	if (!is_set(pppd)) /* the default one has no line */
		pppd.file = "";
	if (access(daemon->pppd, X_OK) < 0)
		config_error(build, pppd,
			"pppd: %s: %s. Install the package \"ppp\", or correct \"pppd\" in "
			"[daemon]",
			daemon->pppd, strerror(errno));
	if (is_set(plugin) && access(daemon->pppd_plugin, R_OK) < 0)
		config_error(build, plugin,
			"pppd-plugin: %s: %s. Install l2tpd's plugin, or correct \"pppd-plugin\" "
			"in [daemon]",
			daemon->pppd_plugin, strerror(errno));
}

/* --- what a link cannot do --- */

/* One that is a side of a [forward]: lines answer PPP, or LNSs do. */
static bool is_forwarded(const struct config *config, const struct config_link *link)
{
	for (size_t i = 0; i < config->forwards_len; i++) {
		const struct config_forward *forward = &config->forwards[i];

		if (forward->from.kind == SOURCE_LINK &&
			strcmp(forward->from.name, link->name) == 0)
			return true;
		for (size_t j = 0; j < forward->to.len; j++)
			if (strcmp(forward->to.list[j].link, link->name) == 0)
				return true;
	}
	return false;
}

/* A program that is run when something has happened: it would only be told of then. */
static void check_program(struct config_build *build, const struct config_places *places,
	const char *key, const char *path)
{
	if (*path && access(path, X_OK) < 0)
		config_error(build, place_of(places, OPTION_LINK, key), "%s: %s: %s%s", key, path,
			strerror(errno), errno == EACCES ? ": chmod +x it" : "");
}

static void check_use(struct config_build *build, const struct config_places *places,
	const struct config_link *link)
{
	struct config_place place = { link->file, link->line };

	/* "incoming = no" is somebody's will */
	if (!link->originate && !link->incoming &&
		!*place_of(places, OPTION_LINK, "originate").file &&
		!*place_of(places, OPTION_LINK, "incoming").file)
		config_error(build, place,
			"link %s: neither originate nor incoming is set: it can neither place nor "
			"take calls",
			link->name);
	if (!*link->ppp && !is_forwarded(build->config, link))
		config_error(build, place,
			"link %s: nobody answers PPP in its calls: name a [ppp] section with ppp",
			link->name);
}

void config_check_files(struct config_build *build)
{
	struct config *config = build->config;
	bool needs_pppd = false;

	for (size_t i = 0; i < config->links_len; i++) {
		check_secret(build, &build->places[OPTION_LINK][i], OPTION_LINK, "secret-file",
			config->links[i].secret_file);
		check_use(build, &build->places[OPTION_LINK][i], &config->links[i]);
		check_program(build, &build->places[OPTION_LINK][i], "up", config->links[i].up);
		check_program(build, &build->places[OPTION_LINK][i], "down", config->links[i].down);
		needs_pppd |= *config->links[i].ppp != '\0';
	}
	for (size_t i = 0; i < config->ppps_len; i++) {
		check_secret(build, &build->places[OPTION_PPP][i], OPTION_PPP, "password-file",
			config->ppps[i].password_file);
		check_users(build, &config->ppps[i], &build->places[OPTION_PPP][i]);
	}
	if (needs_pppd)
		check_programs(build);
	users_forget();
}
