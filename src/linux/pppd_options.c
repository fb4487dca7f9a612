/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of pppd, written as pppd/options.c reads them. */
#include "pppd_options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* pppd/options.h MAXWORDLEN: a word is cut there, with no more than a warning. */
#define PPPD_WORD_MAX 1023

/* A text that can be said in one line of an options file. */
static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

/* Room for more bytes; the text may hold secrets, so no realloc() that leaves a copy behind. */
static bool make_room(struct pppd_options *options, size_t more)
{
	size_t size = options->size ? options->size : 1024;
	char *text;

	if (options->error)
		return false;
	while (size - options->len < more)
		size *= 2;
	if (size == options->size)
		return true;
	text = malloc(size);
	if (!text) {
		options->error = -ENOMEM;
		return false;
	}
	if (options->text) {
		memcpy(text, options->text, options->len);
		explicit_bzero(options->text, options->size);
		free(options->text);
	}
	options->text = text;
	options->size = size;
	return true;
}

static void append(struct pppd_options *options, const char *text)
{
	size_t len = strlen(text);

	if (!make_room(options, len))
		return;
	memcpy(options->text + options->len, text, len);
	options->len += len;
}

static void set_error(struct pppd_options *options, int error)
{
	if (!options->error)
		options->error = error;
}

/*
 * The word at the beginning of a line, as it is or in double quotes. Returns what follows it, NULL
 * if it is none or written in a way that only pppd should read.
 */
static const char *read_word(const char *line, char *word)
{
	bool quoted = *line == '"';
	size_t len = 0;

	for (line += quoted; *line && (quoted ? *line != '"' : *line != ' '); line++) {
		if (quoted && *line == '\\' && (line[1] == '"' || line[1] == '\\'))
			line++;
		else if (*line == '\\' || (!quoted && strchr("\"'#", *line)))
			return NULL;
		if (len == PPPD_WORD_MAX)
			return NULL;
		word[len++] = *line;
	}
	if (quoted && *line++ != '"')
		return NULL;
	word[len] = '\0';
	return len > 0 && (!*line || *line == ' ') ? line : NULL;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " ");
}

static bool add_plugin(struct pppd_options *options, const char *name)
{
	struct pppd_plugins *plugins = &options->plugins;

	if (plugins->len == PPPD_PLUGINS_MAX)
		return false;
	plugins->names[plugins->len] = strdup(name);
	if (!plugins->names[plugins->len]) {
		set_error(options, -ENOMEM);
		return false;
	}
	plugins->len++;
	return true;
}

/* Returns what follows "plugin NAME", which was taken; line itself if it does not begin so. */
static const char *take_plugin(struct pppd_options *options, const char *line)
{
	char word[PPPD_WORD_MAX + 1];
	const char *rest = read_word(line, word);

	if (!rest || strcmp(word, "plugin") != 0)
		return line;
	rest = read_word(skip_blanks(rest), word);
	return rest && add_plugin(options, word) ? skip_blanks(rest) : line;
}

void pppd_options_add(struct pppd_options *options, const char *line)
{
	const char *rest = skip_blanks(line), *before;

	if (!is_printable(line))
		set_error(options, -EINVAL);
	do {
		before = rest;
		rest = take_plugin(options, before);
	} while (rest != before);
	if (!*rest && *line)
		return;
	append(options, rest);
	append(options, "\n");
}

/*
 * pppd/options.c getword(): inside double quotes blanks, # and ' are plain; a backslash makes the
 * next character plain unless that is a letter of its own meaning (\n), a digit, or x. So the quote
 * and the backslash are escaped and nothing else.
 */
void pppd_options_add_value(struct pppd_options *options, const char *keyword, const char *value)
{
	char *out;

	if (!is_printable(keyword) || !is_printable(value))
		set_error(options, -EINVAL);
	if (strlen(value) > PPPD_WORD_MAX)
		set_error(options, -E2BIG);
	if (strcmp(keyword, "plugin") == 0 && add_plugin(options, value))
		return;
	append(options, keyword);
	append(options, " \"");
	if (!make_room(options, 2 * strlen(value)))
		return;
	out = options->text + options->len;
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			*out++ = '\\';
		*out++ = *value;
	}
	options->len = (size_t)(out - options->text);
	append(options, "\"\n");
}

void pppd_options_addf(struct pppd_options *options, const char *fmt, ...)
{
	char *line;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (r < 0) {
		set_error(options, -ENOMEM);
		return;
	}
	pppd_options_add(options, line);
	explicit_bzero(line, (size_t)r);
	free(line);
}

void pppd_options_clear(struct pppd_options *options)
{
	if (options->text)
		explicit_bzero(options->text, options->size);
	free(options->text);
	pppd_plugins_clear(&options->plugins);
	*options = (struct pppd_options){ 0 };
}

/* --- the file --- */

/* Since 6.3 a system may refuse memory files that could be executed (vm.memfd_noexec). */
static int memfd_new(void)
{
	int fd = memfd_create("pppd-options", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("pppd-options", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t done;

	for (; len > 0; text += done, len -= (size_t)done) {
		done = write(fd, text, len);
		if (done < 0 && errno == EINTR)
			done = 0;
		else if (done < 0)
			return -errno;
	}
	return 0;
}

int pppd_options_file(const struct pppd_options *options, const char *head)
{
	int fd, r;

	if (options->error)
		return options->error;
	fd = memfd_new();
	if (fd < 0)
		return fd;
	r = write_all(fd, head, strlen(head));
	if (r == 0)
		r = write_all(fd, options->text, options->len);
	if (r == 0 && fcntl(fd, F_ADD_SEALS,
			      F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		r = -errno;
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/* --- plugins --- */

bool pppd_plugins_equal(const struct pppd_plugins *a, const struct pppd_plugins *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (strcmp(a->names[i], b->names[i]) != 0)
			return false;
	return true;
}

int pppd_plugins_copy(const struct pppd_plugins *plugins, struct pppd_plugins *ret)
{
	struct pppd_plugins copy = { 0 };

	for (; copy.len < plugins->len; copy.len++) {
		copy.names[copy.len] = strdup(plugins->names[copy.len]);
		if (!copy.names[copy.len]) {
			pppd_plugins_clear(&copy);
			return -ENOMEM;
		}
	}
	*ret = copy;
	return 0;
}

void pppd_plugins_clear(struct pppd_plugins *plugins)
{
	for (size_t i = 0; i < plugins->len; i++)
		free(plugins->names[i]);
	*plugins = (struct pppd_plugins){ 0 };
}
