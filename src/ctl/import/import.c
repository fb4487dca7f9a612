/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/out/text.h"
#include "keep.h"

#define FILE_SIZE_MAX ((size_t)16 << 20)

void import_init(struct import *im)
{
	memset(im, 0, sizeof(*im));
	account_init(&im->account);
	plan_init(&im->plan);
	secrets_init(&im->secrets);
}

void import_clear(struct import *im)
{
	plan_clear(&im->plan);
	secrets_clear(&im->secrets);
	account_clear(&im->account);
	keep_wipe(im->users);
	free(im->secret_paths);
	free(im->option_paths);
}

int import_read(
	struct import *im, const char *path, struct secret_file *ret, struct import_file **ret_file)
{
	int r = secret_file_read_any(path, FILE_SIZE_MAX, ret);

	if (r == 0 && memchr(ret->text, '\0', ret->len)) {
		secret_file_free(ret);
		r = -EILSEQ;
	}
	if (r < 0)
		return r;
	*ret_file = account_file(&im->account, path);
	(*ret_file)->stat = ret->stat;
	(*ret_file)->show_secrets = keep_has(im->secret_paths, im->secret_paths_len, path);
	return 0;
}

/* --- what is printed --- */

/* In one line. */
static void print_paths(const struct import *im, FILE *out)
{
	const struct import_file *file;
	const char *separator = "";

	TAILQ_FOREACH (file, &im->account.files, entry) {
		fputs(separator, out);
		text_put(out, file->path);
		separator = ", ";
	}
}

static void print_head(const struct import *im, const char *format, bool files, FILE *out)
{
	bool secrets = plan_has_secret(&im->plan) || im->users;
	unsigned counts[VERDICT_COUNT];

	account_count(&im->account, counts);
	fprintf(out, "# l2tpd.conf(5), made by \"l2tpctl import %s\" from ", format);
	print_paths(im, out);
	fputs(".\n# What became of every line of it stands at the end.", out);
	if (counts[VERDICT_IMPOSSIBLE])
		fprintf(out, " Not possible: %u.", counts[VERDICT_IMPOSSIBLE]);
	fputc('\n', out);
	if (secrets)
		fputs("# There are secrets in here: mode 600, or l2tpd refuses it.\n", out);
	if (files)
		fputs("# Secrets that are not in here go into files, as is said above their keys; "
		      "\"--secrets FILE\"\n# prints those of FILE.\n",
			out);
	fputs("# To try it: l2tpd --check -c FILE\n", out);
}

static void print_users(const struct import *im, FILE *out)
{
	const char *line = im->users, *end;

	if (!line) {
		if (im->needs_users)
			fputs("\n# /etc/l2tpd/users: make it, with mode 600, of lines as in pppd's "
			      "chap-secrets;\n# \"--secrets mpd.secret\" prints those of "
			      "mpd.secret\n",
				out);
		return;
	}
	fputs("\n# /etc/l2tpd/users: make it, with mode 600, by sed -n 's/^#users: //p' FILE\n",
		out);
	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		fprintf(out, "#users: %.*s\n", (int)(end - line), line);
	}
}

void import_print(const struct import *im, const char *format, FILE *out)
{
	char *sections = NULL;
	size_t size = 0;
	FILE *memory = keep_or_end(open_memstream(&sections, &size));
	bool files = plan_print(&im->plan, memory);

	if (fclose(memory) != 0)
		keep_or_end(NULL);
	print_head(im, format, files, out);
	fputs(sections, out);
	print_users(im, out);
	fputc('\n', out);
	account_print(&im->account, out);
	keep_wipe(sections);
}
