/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret_file.h"
#include "build.h"
#include "check.h"
#include "check_files.h"
#include "parse.h"

#define FILE_SIZE_MAX ((size_t)16 << 20)

/* It says which programs run as root: who may write it is root. */
static void check_writers(struct config_build *build, const char *path, const struct stat *stat)
{
	struct config_place place = { .file = path };
	const char *who = secret_file_written_by(stat);

	if (who)
		config_error(build, place,
			"%s, and it says what runs as root: chown root %s; chmod o-w %s", who, path,
			path);
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
	else
		check_writers(build, path, &file.stat);
	secret_file_free(&file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
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

static int load(const char *file, const char *dir, bool with_files, struct config **ret,
	struct config_errors *errors)
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
	if (with_files && !build.failed && !build.no_memory)
		config_check_files(&build);
	r = config_build_take(&build, ret);
	config_build_free(&build);
	return r;
}

int config_load(
	const char *file, const char *dir, struct config **ret, struct config_errors *errors)
{
	return load(file, dir, false, ret, errors);
}

int config_load_with_files(
	const char *file, const char *dir, struct config **ret, struct config_errors *errors)
{
	return load(file, dir, true, ret, errors);
}

int config_secret(const char *inline_text, const char *path, char **ret)
{
	struct secret_file file;
	char *secret = NULL;
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
	r = secret_file_read(path, SECRET_FILE_MAX, &file);
	if (r < 0)
		return r;
	r = *secret_file_others(&file.stat) ? -EPERM : secret_file_line(&file, ret);
	secret_file_free(&file);
	return r;
}
