/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration files and secret files: finding, reading and guarding them.
 */
#include "build.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret_file.h"

#define FILE_SIZE_MAX	     ((size_t)16 << 20)
#define SECRET_FILE_SIZE_MAX ((size_t)64 << 10)
#define SECRET_MAX	     255 /* as of the keys secret and password */

void config_errors_free(struct config_errors *errors)
{
	while (errors->len)
		free(errors->text[--errors->len]);
	free(errors->text);
	errors->text = NULL;
}

void config_error(struct config_build *build, struct config_place place, const char *fmt, ...)
{
	struct config_errors *errors = build->errors;
	char **text, *what = NULL;
	va_list ap;

	if (!build->failed)
		build->wrong = place;
	build->failed = true;
	if (errors->len >= CONFIG_ERRORS_MAX)
		return;
	text = reallocarray(errors->text, errors->len + 1, sizeof(*text));
	if (text)
		errors->text = text;
	va_start(ap, fmt);
	if (!text || vasprintf(&what, fmt, ap) < 0) {
		what = NULL;
		build->no_memory = true;
	} else if (!*place.file) {
		text[errors->len++] = what;
		what = NULL;
	} else if (asprintf(&text[errors->len], "%s:%u: %s", place.file, place.line, what) < 0) {
		build->no_memory = true;
	} else {
		errors->len++;
	}
	va_end(ap);
	free(what);
}

int config_build_init(struct config_build *build, struct config_errors *errors)
{
	memset(build, 0, sizeof(*build));
	build->errors = errors;
	build->config = calloc(1, sizeof(*build->config));
	if (!build->config || option_reset_all(OPTION_DAEMON, &build->config->daemon) < 0) {
		config_build_free(build);
		return -ENOMEM;
	}
	return 0;
}

void config_build_free(struct config_build *build)
{
	free(build->link_places);
	free(build->ppp_places);
	config_free(build->config);
	memset(build, 0, sizeof(*build));
}

int config_build_take(struct config_build *build, struct config **ret)
{
	int r = build->no_memory ? -ENOMEM : build->failed ? -EINVAL : 0;

	if (!r) {
		*ret = build->config;
		build->config = NULL;
	}
	return r;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	while (config->links_len) {
		struct config_link *link = &config->links[--config->links_len];

		option_clear_all(OPTION_LINK, link);
		free(link->name);
	}
	while (config->ppps_len) {
		struct config_ppp *ppp = &config->ppps[--config->ppps_len];

		option_clear_all(OPTION_PPP, ppp);
		free(ppp->name);
	}
	option_clear_all(OPTION_DAEMON, &config->daemon);
	while (config->files_len)
		free(config->files[--config->files_len]);
	free(config->links);
	free(config->ppps);
	free(config->files);
	free(config);
}

const struct config_link *config_find_link(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->links_len; i++)
		if (!strcmp(config->links[i].name, name))
			return &config->links[i];
	return NULL;
}

const struct config_ppp *config_find_ppp(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->ppps_len; i++)
		if (!strcmp(config->ppps[i].name, name))
			return &config->ppps[i];
	return NULL;
}

int config_add_link(struct config *config, const char *name, const char *type)
{
	struct config_link *links, link = { .file = "" };
	const struct config_link *model;
	char error[OPTION_ERROR_LEN];
	int r;

	links = reallocarray(config->links, config->links_len + 1, sizeof(*links));
	if (!links)
		return -ENOMEM;
	config->links = links;
	link.name = strdup(name);
	r = link.name ? option_reset_all(OPTION_LINK, &link) : -ENOMEM;
	if (!r)
		r = option_set(option_find(OPTION_LINK, "type"), &link, type, error);
	model = r == -EINVAL ? config_find_link(config, type) : NULL;
	if (model)
		r = option_copy_all(OPTION_LINK, &link, model);
	if (r < 0) {
		option_clear_all(OPTION_LINK, &link);
		free(link.name);
		return r;
	}
	config->links[config->links_len++] = link;
	return 0;
}

static void load_file(struct config_build *build, const char *path)
{
	struct config_place place = { .file = path };
	struct secret_file file;
	const char *others;
	int r;

	r = secret_file_read(path, FILE_SIZE_MAX, &file);
	if (r == -ENOMEM) {
		build->no_memory = true;
		return;
	}
	if (r < 0) {
		config_error(build, place, "cannot be read: %s", secret_file_strerror(r));
		return;
	}
	config_parse(build, path, file.text, file.len);
	others = secret_file_others(&file.stat);
	if (build->secret.file && *others)
		config_error(build, build->secret,
			"a secret in a file that others can get at: chmod o-%s %s", others, path);
	secret_file_free(&file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && !strcmp(entry->d_name + len - 5, ".conf");
}

static void load_dir(struct config_build *build, const char *dir)
{
	struct config_place place = { .file = dir };
	struct dirent **entries;
	int i, n;

	n = scandir(dir, &entries, is_conf, by_name);
	if (n < 0) {
		if (errno != ENOENT)
			config_error(build, place, "cannot be read: %s", strerror(errno));
		return;
	}
	for (i = 0; i < n; i++) {
		char *path;

		if (asprintf(&path, "%s/%s", dir, entries[i]->d_name) < 0) {
			build->no_memory = true;
		} else {
			load_file(build, path);
			free(path);
		}
		free(entries[i]);
	}
	free(entries);
}

int config_load(
	const char *file, const char *dir, struct config **ret, struct config_errors *errors)
{
	struct config_build build;
	int r;

	r = config_build_init(&build, errors);
	if (r < 0)
		return r;
	load_file(&build, file);
	if (dir)
		load_dir(&build, dir);
	config_check(&build);
	r = config_build_take(&build, ret);
	config_build_free(&build);
	return r;
}

int config_secret(const char *inline_text, const char *path, char **ret)
{
	struct secret_file file;
	char *secret = NULL;
	size_t len;
	bool nul;
	int r;

	if (!path || !*path) {
		if (inline_text && *inline_text) {
			secret = strdup(inline_text);
			if (!secret)
				return -ENOMEM;
		}
		*ret = secret;
		return 0;
	}
	r = secret_file_read(path, SECRET_FILE_SIZE_MAX, &file);
	if (r < 0)
		return r;
	len = strcspn(file.text, "\n");
	nul = len < file.len && !file.text[len];
	if (len && file.text[len - 1] == '\r')
		len--;
	if (*secret_file_others(&file.stat))
		r = -EPERM;
	else if (!len || len > SECRET_MAX || nul)
		r = -EINVAL;
	else if (!(secret = strndup(file.text, len)))
		r = -ENOMEM;
	else
		*ret = secret;
	secret_file_free(&file);
	return r;
}

void config_secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}
