/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an importer has read, and what became of each line: everything is either taken, or not
 * needed here, or not possible, and a line of which nobody has said anything had no effect.
 */
#ifndef CTL_IMPORT_ACCOUNT_H
#define CTL_IMPORT_ACCOUNT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/queue.h>
#include <sys/stat.h>

/* In order of weight: a line that says several things is what the heaviest of them is. */
enum verdict { VERDICT_UNNEEDED, VERDICT_TAKEN, VERDICT_IMPOSSIBLE };
#define VERDICT_COUNT 3

struct import_file {
	TAILQ_ENTRY(import_file) entry;
	char *path;
	const struct import_file *named_by; /* NULL: no other file */
	struct stat stat;
	unsigned empty;	   /* lines that are empty or a comment */
	bool show_secrets; /* the user asked for them: --secrets */
	bool has_secrets;
};

/* A line, or one of several things that a line says. */
struct import_line {
	TAILQ_ENTRY(import_line) entry;
	struct import_file *file;
	unsigned number;
	char *text; /* as it is shown: a secret is masked */
	struct import_say {
		enum verdict verdict;
		char *text;
	} * says;
	size_t says_len;
};

struct account {
	TAILQ_HEAD(account_files, import_file) files;
	TAILQ_HEAD(account_lines, import_line) lines;
};

void account_init(struct account *account);
void account_clear(struct account *account);

/* Lives as long as the account. */
struct import_file *account_file(struct account *account, const char *path);
/* One more line; text is copied. Lives as long as the account. */
struct import_line *account_line(
	struct account *account, struct import_file *file, unsigned number, const char *text);
/* What is shown of the line from now on, because there is a secret in it. */
void account_mask(struct import_line *line, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* What became of it; the same said twice counts once. line may be NULL: then nothing. */
void account_say(struct import_line *line, enum verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* How many lines have each verdict. */
void account_count(const struct account *account, unsigned ret[VERDICT_COUNT]);
/* All of it as comments of a configuration file. */
void account_print(const struct account *account, FILE *out);
/* The lines that are not possible, each with "FILE:LINE: ", as warnings on stderr. */
void account_warn(const struct account *account);

#endif
