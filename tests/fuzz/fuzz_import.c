/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as files of mpd, xl2tpd and pppd: the first byte says which, the byte 1 separates the main
 * file, one that it names and one of secrets. What is printed must load, every line must be told
 * what became of it, and no secret that nobody asked for may be printed.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/check.h"
#include "config/config.h"
#include "config/parse.h"
#include "ctl/cli.h"
#include "ctl/console/words.h"
#include "ctl/import/mpd_build.h"
#include "ctl/import/xl2tpd_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- the rest of l2tpctl, and files --- */

void cli_error(const char *fmt, ...)
{
}

void cli_error_prefix(const char *prefix)
{
}

void cli_warning(const char *fmt, ...)
{
}

/* What every file holds that an import names. */
static const char *named_text;
static size_t named_len;

int secret_file_read_any(const char *path, size_t max, struct secret_file *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (strstr(path, "none"))
		return -ENOENT;
	ret->stat.st_mode = S_IFREG | 0600;
	ret->text = malloc(named_len + 1);
	if (!ret->text)
		return -ENOMEM;
	if (named_len)
		memcpy(ret->text, named_text, named_len);
	ret->text[named_len] = '\0';
	ret->len = named_len;
	return 0;
}

void secret_file_free(struct secret_file *file)
{
	free(file->text);
	file->text = NULL;
}

const char *secret_file_strerror(int r)
{
	return strerror(-r);
}

const char *secret_file_others(const struct stat *stat)
{
	return "";
}

/* --- what must hold --- */

/*
 * A demand for encryption that nothing could meet is not dropped: the file does not load until
 * somebody has decided.
 */
static bool is_to_decide(const char *message)
{
	static const char *const allowed[] = { "mppe: its keys come from",
		"switches off what mppe asks for" };

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (strstr(message, allowed[i]))
			return true;
	return false;
}

/*
 * "f:LINE: ..." is about a section of forwarded calls. What mpd's file leaves open there (an
 * interface, a device, two lines that want the same callers) a person has to say.
 */
static bool is_forwarding(const char *text, const char *message)
{
	unsigned long line = strtoul(message + 2, NULL, 10);
	bool in = false;

	while (text && *text && line--) {
		if (*text == '[')
			in = strncmp(text, "[pppoe ", 7) == 0 ||
			     strncmp(text, "[serial ", 8) == 0 ||
			     strncmp(text, "[forward ", 9) == 0;
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return in;
}

static void must_load(const char *text, size_t len)
{
	struct config_errors errors = { 0 };
	struct config_build build;

	if (config_build_init(&build, &errors) < 0)
		return;
	config_parse(&build, "f", text, len);
	config_check(&build);
	for (size_t i = 0; i < errors.len; i++) {
		bool fine = is_to_decide(errors.text[i]) || is_forwarding(text, errors.text[i]);

		if (!fine)
			fprintf(stderr, "%s\n%s", errors.text[i], text);
		assert(fine);
	}
	config_build_free(&build);
	config_errors_free(&errors);
}

static void check_import(struct import *im, const struct import_format *format)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (plan_is_empty(&im->plan))
		return;
	out = open_memstream(&text, &len);
	if (!out)
		return;
	import_print(im, format->name, out);
	fclose(out);
	must_load(text, len);
	if (!im->secret_paths_len)
		assert(!plan_has_secret(&im->plan) && !strstr(text, "\nsecret = ") &&
			!strstr(text, "\npassword = ") && !strstr(text, "\n#users: "));
	free(text);
}

static void fuzz_format(
	const struct import_format *format, const char *text, size_t len, bool with_secrets)
{
	static const char *paths[] = { "main", "secrets" };
	void *state = format->state_new();
	struct import_file *file;
	struct import im;

	import_init(&im);
	if (with_secrets) {
		im.secret_paths = malloc(sizeof(paths));
		if (im.secret_paths)
			memcpy(im.secret_paths, paths, sizeof(paths));
		im.secret_paths_len = im.secret_paths ? 2 : 0;
	}
	file = account_file(&im.account, "secrets");
	file->show_secrets = with_secrets;
	secrets_take(&im.secrets, &im.account, file,
		format == &import_mpd ? SECRET_MPD : SECRET_TUNNEL, named_text, named_len);
	file = account_file(&im.account, "chap-secrets");
	file->show_secrets = with_secrets;
	secrets_take(&im.secrets, &im.account, file, SECRET_PPP, named_text, named_len);
	file = account_file(&im.account, format == &import_mpd ? "mpd.conf" : "main");
	file->show_secrets = with_secrets;
	format->take(&im, state, file, text, len);
	if (format == &import_mpd) {
		file = account_file(&im.account, "mpd.links");
		format->take(&im, state, file, named_text, named_len);
	}
	format->build(&im, state);
	check_import(&im, format);
	format->state_free(state);
	import_clear(&im);
}

/* A line is words of what it is made of, and quoting them gives them back. */
static void fuzz_words(const char *text, size_t len)
{
	char *line = malloc(len + 1);
	struct words words;

	if (!line)
		return;
	if (len)
		memcpy(line, text, len);
	line[len] = '\0';
	words_split(line, &words);
	for (int i = 0; i < words.count; i++)
		assert(words.word[i] >= words.text &&
			words.word[i] + strlen(words.word[i]) <= words.text + 2 * len + 1);
	words_clear(&words);
	line_is_label(line);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1, *separator;
	size_t len;

	if (!size || memchr(data + 1, '\0', size - 1))
		return 0;
	separator = memchr(text, 1, size - 1);
	len = separator ? (size_t)(separator - text) : size - 1;
	named_text = separator ? separator + 1 : text;
	named_len = separator ? size - 2 - len : 0;
	if (data[0] & 4)
		fuzz_words(text, len);
	fuzz_format(data[0] & 1 ? &import_mpd : &import_xl2tpd, text, len, data[0] & 2);
	return 0;
}
