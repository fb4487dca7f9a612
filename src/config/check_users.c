/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_users.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "config.h"
#include "users.h"

/* One users file, and the names that the profiles which have it go by. */
struct users_check {
	const struct config *config;
	struct config_build *build;
	const char *path;
	char machine[256];
	bool shared; /* with other programs */
	bool found;  /* an entry that somebody can log in with */
	bool telling;
};

/* The name of a profile on a link, as the plugin asks for it. */
static const char *name_on(const struct users_check *check, const struct config_ppp *ppp,
	const struct config_link *link)
{
	if (*ppp->auth_name)
		return ppp->auth_name;
	return *link->hostname ? link->hostname : check->machine;
}

/* The next profile with this file and link that uses it, from *link on; NULL: no more. */
static const struct config_ppp *next_user(const struct users_check *check, size_t *link)
{
	for (; *link < check->config->links_len; (*link)++) {
		const struct config_ppp *ppp =
			config_find_ppp(check->config, check->config->links[*link].ppp);

		if (ppp && strcmp(ppp->users, check->path) == 0)
			return ppp;
	}
	return NULL;
}

static bool is_us(const struct users_check *check, const char *server)
{
	const struct config_ppp *ppp;
	size_t i;

	for (i = 0; (ppp = next_user(check, &i)); i++)
		if (strcmp(name_on(check, ppp, &check->config->links[i]), server) == 0)
			return true;
	return strcmp(server, "*") == 0;
}

static void see_entry(void *user, unsigned line, const char *client, const char *server)
{
	struct users_check *check = user;
	struct config_place place = { check->path, line };
	const struct config_ppp *ppp;
	size_t i = 0;

	if (is_us(check, server)) {
		check->found = true;
		return;
	}
	ppp = next_user(check, &i);
	if (check->telling && ppp)
		config_error(check->build, place,
			"user \"%s\" is for the server \"%s\", but we are \"%s\": write * in its "
			"place, or auth-name = %s in [ppp %s]",
			client, server, name_on(check, ppp, &check->config->links[i]), server,
			ppp->name);
}

static void see_bad_line(void *user, unsigned line, const char *what)
{
	struct users_check *check = user;
	struct config_place place = { check->path, line };

	if (check->telling && !check->shared)
		config_error(check->build, place, "%s; the line is passed over", what);
}

static void check_file(struct users_check *check)
{
	const struct users_visitor visitor = { see_entry, see_bad_line, check };
	const char *problem = NULL;
	int r = users_visit(check->path, &visitor, &problem);

	check->telling = true;
	if (r == -EPERM && problem)
		config_error(check->build, (struct config_place){ .file = "" }, "%s", problem);
	else if (r == -ENOMEM)
		check->build->no_memory = true;
	/* once more, now that it is known whether anybody can log in */
	else if (r == 0 && !(check->shared && check->found))
		users_visit(check->path, &visitor, &problem);
}

/* Is it the first profile that has this file? */
static bool is_first(const struct config *config, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(config->ppps[j].users, config->ppps[i].users) == 0)
			return false;
	return true;
}

int config_check_users(const struct config *config, struct config_errors *errors)
{
	struct config_build build = { .errors = errors };

	for (size_t i = 0; i < config->ppps_len; i++) {
		struct users_check check = { .config = config, .build = &build };

		check.path = config->ppps[i].users;
		if (!*check.path || !is_first(config, i))
			continue;
		if (gethostname(check.machine, sizeof(check.machine) - 1) < 0)
			*check.machine = '\0';
		check.shared = strncmp(check.path, "/etc/ppp/", strlen("/etc/ppp/")) == 0;
		check_file(&check);
	}
	users_forget();
	return build.no_memory ? -ENOMEM : build.failed ? -EINVAL : 0;
}
