/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/cli.h"
#include "ctl/out/text.h"
#include "keep.h"

static const char *const verdict_words[VERDICT_COUNT] = {
	[VERDICT_UNNEEDED] = "not needed",
	[VERDICT_TAKEN] = "taken",
	[VERDICT_IMPOSSIBLE] = "NOT POSSIBLE",
};

#define WITHOUT_EFFECT "nothing that is in use has it"

void account_init(struct account *account)
{
	TAILQ_INIT(&account->files);
	TAILQ_INIT(&account->lines);
}

void account_clear(struct account *account)
{
	struct import_file *file;
	struct import_line *line;

	while ((line = TAILQ_FIRST(&account->lines))) {
		TAILQ_REMOVE(&account->lines, line, entry);
		while (line->says_len)
			free(line->says[--line->says_len].text);
		free(line->says);
		keep_wipe(line->text);
		free(line);
	}
	while ((file = TAILQ_FIRST(&account->files))) {
		TAILQ_REMOVE(&account->files, file, entry);
		free(file->path);
		free(file);
	}
}

struct import_file *account_file(struct account *account, const char *path)
{
	struct import_file *file = keep_alloc(sizeof(*file));

	file->path = keep_text(path);
	TAILQ_INSERT_TAIL(&account->files, file, entry);
	return file;
}

struct import_line *account_line(
	struct account *account, struct import_file *file, unsigned number, const char *text)
{
	struct import_line *line = keep_alloc(sizeof(*line));

	line->file = file;
	line->number = number;
	line->text = keep_text(text);
	TAILQ_INSERT_TAIL(&account->lines, line, entry);
	return line;
}

void account_mask(struct import_line *line, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = keep_text("******");
	va_end(ap);
	keep_wipe(line->text);
	line->text = text;
}

void account_say(struct import_line *line, enum verdict verdict, const char *fmt, ...)
{
	va_list ap;
	char *text;
	size_t i;

	if (!line)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = keep_text("(out of memory)");
	va_end(ap);
	for (i = 0; i < line->says_len; i++)
		if (line->says[i].verdict == verdict && strcmp(line->says[i].text, text) == 0)
			break;
	if (i < line->says_len) {
		free(text);
		return;
	}
	line->says = keep_grow(line->says, line->says_len, sizeof(*line->says));
	line->says[line->says_len++] = (struct import_say){ verdict, text };
}

static enum verdict heaviest_verdict(const struct import_line *line)
{
	enum verdict heaviest = VERDICT_UNNEEDED;
	size_t i;

	for (i = 0; i < line->says_len; i++)
		if (line->says[i].verdict > heaviest)
			heaviest = line->says[i].verdict;
	return heaviest;
}

void account_count(const struct account *account, unsigned ret[VERDICT_COUNT])
{
	const struct import_line *line;

	memset(ret, 0, VERDICT_COUNT * sizeof(*ret));
	TAILQ_FOREACH (line, &account->lines, entry)
		ret[heaviest_verdict(line)]++;
}

static void print_line(const struct import_line *line, FILE *out)
{
	size_t i;

	fputs("# ", out);
	text_put(out, line->file->path);
	fprintf(out, ":%u: ", line->number);
	text_put(out, line->text);
	for (i = 0; i < line->says_len; i++) {
		const struct import_say *say = &line->says[i];

		fputs(i ? "; " : " => ", out);
		if (!i || say->verdict != say[-1].verdict)
			fprintf(out, "%s: ", verdict_words[say->verdict]);
		text_put(out, say->text);
	}
	if (!line->says_len)
		fprintf(out, " => %s: " WITHOUT_EFFECT, verdict_words[VERDICT_UNNEEDED]);
	fputc('\n', out);
}

void account_print(const struct account *account, FILE *out)
{
	const struct import_file *file;
	const struct import_line *line;
	unsigned counts[VERDICT_COUNT];

	account_count(account, counts);
	fprintf(out, "# What became of every line: %u taken, %u not needed, %u not possible.\n",
		counts[VERDICT_TAKEN], counts[VERDICT_UNNEEDED], counts[VERDICT_IMPOSSIBLE]);
	TAILQ_FOREACH (file, &account->files, entry) {
		fputs("#\n# ", out);
		text_put(out, file->path);
		fprintf(out, ", mode %03o, and %u lines that are empty or comments\n",
			(unsigned)file->stat.st_mode & 07777u, file->empty);
		TAILQ_FOREACH (line, &account->lines, entry)
			if (line->file == file)
				print_line(line, out);
	}
}

void account_warn(const struct account *account)
{
	const struct import_line *line;
	size_t i;

	TAILQ_FOREACH (line, &account->lines, entry) {
		char *prefix = text_printf("%s:%u: ", line->file->path, line->number);

		cli_error_prefix(prefix);
		for (i = 0; i < line->says_len; i++)
			if (line->says[i].verdict == VERDICT_IMPOSSIBLE)
				cli_warning(
					"'%s' is not possible: %s", line->text, line->says[i].text);
		cli_error_prefix(NULL);
		free(prefix);
	}
}
