/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "save.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret_file.h"
#include "config.h"
#include "load.h"
#include "option_set.h"

#define FILE_SIZE_MAX ((size_t)16 << 20)

/* --- values --- */

/* The i-th value as a file has it, secrets, too (free it); NULL: there is none, or no memory. */
static char *value(const struct option *option, const struct config_link *link, size_t i)
{
	char *text;

	if (option->flags & OPTION_SECRET) {
		const char *secret = *(char *const *)option_value(option, link);

		return i == 0 && *secret ? strdup(secret) : NULL;
	}
	return option_format(option, link, i, &text) == 0 ? text : NULL;
}

static bool same(
	const struct option *option, const struct config_link *a, const struct config_link *b)
{
	bool equal = true, more = true;

	for (size_t i = 0; equal && more; i++) {
		char *x = value(option, a, i), *y = value(option, b, i);

		more = x && y;
		equal = more ? strcmp(x, y) == 0 : !x && !y;
		if (x)
			explicit_bzero(x, strlen(x));
		if (y)
			explicit_bzero(y, strlen(y));
		free(x);
		free(y);
	}
	return equal;
}

/* "KEY = VALUE" for each value; one that is the default's has no line. */
static void put_lines(FILE *out, const struct option *option, const struct config_link *link,
	const struct config_link *plain)
{
	char *text;

	if (same(option, link, plain))
		return;
	for (size_t i = 0; (text = value(option, link, i)); i++) {
		fprintf(out, "%s = %s\n", option->key, text);
		explicit_bzero(text, strlen(text));
		free(text);
	}
}

/* --- a file --- */

/* What is written over path is there whole, or not at all. */
static int write_over(const char *path, const char *text, const struct stat *like)
{
	char *real = realpath(path, NULL), *beside = NULL;
	int fd = -1, r = 0;
	size_t len = strlen(text);
	ssize_t n;

	if (!real || asprintf(&beside, "%s.XXXXXX", real) < 0) {
		r = -errno;
		free(real);
		return r;
	}
	fd = mkstemp(beside);
	if (fd < 0 || fchmod(fd, like->st_mode & 07777) < 0 ||
		fchown(fd, like->st_uid, like->st_gid) < 0)
		r = -errno;
	while (!r && len) {
		n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			r = -errno;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	if (!r && (fsync(fd) < 0 || rename(beside, real) < 0))
		r = -errno;
	if (fd >= 0) {
		close(fd);
		if (r)
			unlink(beside);
	}
	free(beside);
	free(real);
	return r;
}

/* --- a section --- */

/* What is done to one link in its file. */
struct edit {
	const struct config_link *link;	 /* as it is in force */
	const struct config_link *saved; /* as the files have it; NULL: not at all */
	struct config_link plain;	 /* defaults */
	FILE *out;
	bool written[OPTION_COUNT];
};

static bool differs(const struct edit *edit, const struct option *option)
{
	return !edit->saved || !same(option, edit->link, edit->saved);
}

static void put_option(struct edit *edit, const struct option *option)
{
	size_t index = (size_t)(option - option_table);

	if (!edit->written[index])
		put_lines(edit->out, option, edit->link, &edit->plain);
	edit->written[index] = true;
}

/* Those that have had no line in the section so far. */
static void put_rest(struct edit *edit)
{
	const struct option *option = NULL;

	while ((option = option_next(OPTION_LINK, option)))
		if (differs(edit, option))
			put_option(edit, option);
}

static bool is_header(const char *line, size_t len, const char *name)
{
	char header[OPTION_NAME_MAX + 16];

	while (len && strchr(" \t\r", line[len - 1]))
		len--;
	snprintf(header, sizeof(header), "[link %s]", name);
	return len == strlen(header) && memcmp(line, header, len) == 0;
}

/* The option that a line of a [link] sets; NULL: none. */
static const struct option *option_of(const char *line, size_t len)
{
	const char *equals = memchr(line, '=', len);
	char key[64];
	size_t n = equals ? (size_t)(equals - line) : 0;

	while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	if (!n || n >= sizeof(key))
		return NULL;
	snprintf(key, sizeof(key), "%.*s", (int)n, line);
	return option_find(OPTION_LINK, key);
}

/* Copy text with the link's section as it is to be. */
static void copy_edited(struct edit *edit, const char *text)
{
	bool inside = false;

	while (*text) {
		size_t len = strcspn(text, "\n"), all = len + (text[len] == '\n');
		const struct option *option = NULL;

		if (*text == '[') {
			if (inside)
				put_rest(edit);
			inside = is_header(text, len, edit->link->name);
		} else if (inside) {
			option = option_of(text, len);
		}
		if (option && differs(edit, option))
			put_option(edit, option);
		else
			fwrite(text, 1, all, edit->out);
		if (!text[len])
			fputc('\n', edit->out);
		text += all;
	}
	if (inside)
		put_rest(edit);
	if (edit->saved)
		return;
	fprintf(edit->out, "\n[link %s]\n", edit->link->name);
	put_rest(edit);
}

static int save_in(struct edit *edit, const char *path, struct why *why)
{
	struct secret_file file;
	char *text = NULL;
	size_t size;
	int r = secret_file_read(path, FILE_SIZE_MAX, &file);

	if (r < 0)
		return why_not(why, r, "%s: %s", path, secret_file_strerror(r));
	if (*edit->link->secret && *secret_file_others(&file.stat)) {
		secret_file_free(&file);
		return why_not(why, -EPERM,
			"link %s has a secret, and others can read %s: chmod o-rwx it, or use "
			"secret-file",
			edit->link->name, path);
	}
	edit->out = open_memstream(&text, &size);
	if (edit->out)
		copy_edited(edit, file.text);
	r = edit->out && fclose(edit->out) == 0 ? write_over(path, text, &file.stat) : -ENOMEM;
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	secret_file_free(&file);
	return r < 0 ? why_not(why, r, "%s cannot be written: %s", path, strerror(-r)) : 0;
}

/* --- all --- */

/* "link office: peer, hello in FILE"; false: nothing differs. */
static bool say(FILE *said, const struct edit *edit, const char *path)
{
	const struct option *option = NULL;
	const char *separator = "";

	if (!edit->saved) {
		fprintf(said, "link %s in %s\n", edit->link->name, path);
		return true;
	}
	while ((option = option_next(OPTION_LINK, option))) {
		if (!differs(edit, option))
			continue;
		if (!*separator)
			fprintf(said, "link %s: ", edit->link->name);
		fprintf(said, "%s%s", separator, option->key);
		separator = ", ";
	}
	if (*separator)
		fprintf(said, " in %s\n", path);
	return *separator;
}

static int save_link(
	const struct config_link *link, const struct config *files, FILE *said, struct why *why)
{
	struct edit edit = { .link = link, .saved = config_find_link(files, link->name) };
	/* a new one is the last: the order of links may decide who takes a call */
	const char *path = edit.saved ? edit.saved->file : files->files[files->files_len - 1];
	int r = option_reset_all(OPTION_LINK, &edit.plain);

	if (r == 0 && say(said, &edit, path))
		r = save_in(&edit, path, why);
	else if (r < 0)
		why_not(why, r, "%s", strerror(-r));
	option_clear_all(OPTION_LINK, &edit.plain);
	return r;
}

int config_save(const struct config *config, const char *file, const char *dir, char **ret_said,
	struct why *why)
{
	struct config_errors errors = { 0 };
	struct config *files = NULL;
	char *text = NULL;
	size_t size;
	FILE *said;
	int r = config_load(file, dir, &files, &errors);

	if (r < 0)
		why_not(why, r, "the files cannot be read as they are: %s",
			errors.len ? errors.text[0] : strerror(-r));
	config_errors_free(&errors);
	if (r < 0)
		return r;
	said = open_memstream(&text, &size);
	if (!said)
		r = why_not(why, -ENOMEM, "%s", strerror(ENOMEM));
	for (size_t i = 0; r == 0 && i < config->links_len; i++)
		r = save_link(&config->links[i], files, said, why);
	if (said)
		fclose(said);
	config_free(files);
	if (r < 0)
		free(text);
	else
		*ret_said = text;
	return r;
}
