/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of one pppd: lines of its options file, and the plugins it loads before it reads
 * them. They stand apart since a ready-made pppd (pppd_ready.h) has loaded them already.
 * Errors are -errno.
 */
#ifndef LINUX_PPPD_OPTIONS_H
#define LINUX_PPPD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define PPPD_PLUGINS_MAX 8

/* In the order pppd loads them: file names, in pppd's own folder if they have no slash. */
struct pppd_plugins {
	char *names[PPPD_PLUGINS_MAX];
	size_t len;
};

/* An options file under construction; start with all zero. The first error sticks. */
struct pppd_options {
	char *text;
	size_t len, size;
	struct pppd_plugins plugins;
	int error;
};

/*
 * A line as it is ("noauth"); a newline or control character in it is -EINVAL. "plugin NAME" at the
 * beginning of a line goes to the plugins, what follows it stays a line.
 */
void pppd_options_add(struct pppd_options *options, const char *line);
/*
 * keyword and one value, quoted by the rules of pppd's getword() so that any text survives; -EINVAL
 * for control characters, -E2BIG for more than the 1023 bytes that pppd reads.
 */
void pppd_options_add_value(struct pppd_options *options, const char *keyword, const char *value);
/* printf form of add(), for values that need no quotes. */
void pppd_options_addf(struct pppd_options *options, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Wipes and frees the text. */
void pppd_options_clear(struct pppd_options *options);

/*
 * A sealed memory file with head (lines, each with its newline) and the text of options. Returns
 * the descriptor, the caller's, which is closed on exec; or the error of options, or -errno.
 */
int pppd_options_file(const struct pppd_options *options, const char *head);

bool pppd_plugins_equal(const struct pppd_plugins *a, const struct pppd_plugins *b);
/* *ret is a copy, empty before; 0 or -ENOMEM (then empty still). */
int pppd_plugins_copy(const struct pppd_plugins *plugins, struct pppd_plugins *ret);
void pppd_plugins_clear(struct pppd_plugins *plugins);

#endif
