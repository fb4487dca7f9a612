/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd_import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keep.h"
#include "mpd_build.h"
#include "xl2tpd_build.h"

#define USAGE                                                                                      \
	"usage: l2tpctl import mpd|xl2tpd FILE ... [--secrets FILE] [--options FILE]; "            \
	"see l2tpctl(8)"

static const struct import_format *const formats[] = { &import_mpd, &import_xl2tpd };

/* --- the command line --- */

/* What stands behind the name of the format. */
struct arguments {
	const char **files;
	size_t files_len;
};

static void add_path(const char ***to, size_t *len, const char *path)
{
	*to = keep_grow(*to, *len, sizeof(**to));
	(*to)[(*len)++] = path;
}

/* "--NAME VALUE" or "--NAME=VALUE": 1 and both taken; 0: another word; CLI_USAGE + 1. */
static int take_option(char ***argv, const char *name, const char ***to, size_t *len)
{
	const char *word = (**argv) + 2;
	size_t name_len = strlen(name);

	if (strncmp(**argv, "--", 2) != 0 || strncmp(word, name, name_len) != 0 ||
		(word[name_len] && word[name_len] != '='))
		return 0;
	if (!word[name_len] && !(*argv)[1]) {
		cli_error("--%s needs a value; " USAGE, name);
		return CLI_USAGE + 1;
	}
	add_path(to, len, word[name_len] ? word + name_len + 1 : *++(*argv));
	return 1;
}

static int parse_arguments(struct import *im, char **argv, struct arguments *args)
{
	int r;

	for (; *argv; argv++) {
		r = take_option(&argv, "secrets", &im->secret_paths, &im->secret_paths_len);
		if (!r)
			r = take_option(&argv, "options", &im->option_paths, &im->option_paths_len);
		if (r > 1)
			return r - 1;
		if (r)
			continue;
		if (**argv == '-') {
			cli_error("unknown option %s of import; " USAGE, *argv);
			return CLI_USAGE;
		}
		add_path(&args->files, &args->files_len, *argv);
	}
	if (args->files_len)
		return CLI_DONE;
	cli_error(USAGE);
	return CLI_USAGE;
}

static int take_file(
	struct import *im, const struct import_format *format, void *state, const char *path)
{
	struct secret_file contents;
	struct import_file *file;
	int r = import_read(im, path, &contents, &file);

	if (r < 0) {
		cli_error("%s: cannot be read: %s", path,
			r == -EILSEQ ? "it is no text (UTF-16? save it as UTF-8)"
				     : secret_file_strerror(r));
		return CLI_FAILED;
	}
	format->take(im, state, file, contents.text, contents.len);
	secret_file_free(&contents);
	return CLI_DONE;
}

/* Files that were named for their secrets only. */
static int take_secrets(struct import *im, const struct arguments *args, enum secret_kind kind)
{
	struct secret_file contents;
	struct import_file *file;

	for (size_t i = 0; i < im->secret_paths_len; i++) {
		const char *path = im->secret_paths[i];
		int r;

		if (keep_has(args->files, args->files_len, path) ||
			keep_has(im->option_paths, im->option_paths_len, path))
			continue;
		r = import_read(im, path, &contents, &file);
		if (r < 0) {
			cli_error("%s: cannot be read: %s", path, secret_file_strerror(r));
			return CLI_FAILED;
		}
		secrets_take(&im->secrets, &im->account, file, secrets_kind(path, kind),
			contents.text, contents.len);
		secret_file_free(&contents);
	}
	return CLI_DONE;
}

/* Secrets do not go where others can read them. */
static bool output_is_safe(const struct import *im)
{
	struct stat st;

	if (!plan_has_secret(&im->plan) && !im->users)
		return true;
	if (fstat(STDOUT_FILENO, &st) < 0 || !*secret_file_others(&st))
		return true;
	cli_error("there are secrets in the output, and others can get at the file it goes to: say "
		  "'umask 077' first and write to a new file, or leave out --secrets");
	return false;
}

static void warn_of_modes(const struct import *im)
{
	const struct import_file *file;

	TAILQ_FOREACH (file, &im->account.files, entry)
		if (file->has_secrets && *secret_file_others(&file->stat))
			cli_warning("%s has secrets, and others can get at it: chmod o-%s %s",
				file->path, secret_file_others(&file->stat), file->path);
}

static int finish(struct import *im, const struct import_format *format, const char *first)
{
	int r = CLI_DONE;

	if (plan_is_empty(&im->plan)) {
		account_warn(&im->account);
		cli_error("%s: nothing in it is a link of L2TP", first);
		return CLI_FAILED;
	}
	if (!output_is_safe(im))
		return CLI_FAILED;
	import_print(im, format->name, stdout);
	fflush(stdout);
	account_warn(&im->account);
	warn_of_modes(im);
	return r;
}

static int run_import(struct import *im, const struct import_format *format, char **argv)
{
	struct arguments args = { 0 };
	void *state = format->state_new();
	int r = parse_arguments(im, argv, &args);

	if (!r)
		r = take_secrets(im, &args, format == &import_mpd ? SECRET_MPD : SECRET_TUNNEL);
	for (size_t i = 0; !r && i < args.files_len; i++)
		r = take_file(im, format, state, args.files[i]);
	if (!r) {
		format->build(im, state);
		r = finish(im, format, args.files[0]);
	}
	format->state_free(state);
	free(args.files);
	return r;
}

int cmd_import(struct cli *cli, char **argv)
{
	const struct import_format *format = NULL;
	struct import im;
	int r;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(argv[0], formats[i]->name) == 0)
			format = formats[i];
	if (!format) {
		cli_error("what is imported is mpd or xl2tpd, not \"%s\"; " USAGE, argv[0]);
		return CLI_USAGE;
	}
	import_init(&im);
	r = run_import(&im, format, argv + 1);
	import_clear(&im);
	return r;
}
