/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets files by pppd's rules: words as of base/pppd_words.h, the best line as of scan_authfile()
 * in pppd's auth.c. A line with a mistake is passed over and reported. One rule differs: a line
 * without addresses means any address: pppd takes it as none, but here addresses come from us.
 */
#include "users.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/pppd_words.h"
#include "base/secret_file.h"

#define FILE_SIZE_MAX ((size_t)64 << 20)
/* A file changed so shortly before it was read may change again without its times showing it. */
#define SETTLE_S 2

/* One line, its words behind each other in one allocation. */
struct line {
	char *client, *server, *secret;
	size_t size; /* of what client points to */
	bool has_address, denied;
	uint32_t address;
	unsigned number;
};

struct users_file {
	struct users_file *next;
	char *path;
	struct stat stat; /* when it was read */
	bool settled;
	struct line *lines;
	size_t len;
	uint32_t *addresses; /* of lines, in order */
	size_t addresses_len;
	unsigned bad_line; /* the first line that could not be used; 0: none */
	const char *bad;
};

static struct users_file *cache;

static char problem_text[PATH_MAX + 128];

/* --- lines --- */

/* pppd's list of addresses: ends at "--" (options) and at "-"; "*" is any. */
static void scan_addresses(struct pppd_words *s, struct line *line)
{
	bool first = true, over = false;
	struct in_addr in;

	while (pppd_words_next(s)) {
		if (over)
			continue;
		if (strcmp(s->word, "-") == 0)
			line->denied = first;
		if (strcmp(s->word, "-") == 0 || strcmp(s->word, "--") == 0 ||
			strcmp(s->word, "*") == 0) {
			over = true;
		} else if (inet_pton(AF_INET, s->word, &in) == 1) {
			line->has_address = true;
			line->address = ntohl(in.s_addr);
			over = true;
		}
		first = false;
	}
}

static void line_free(struct line *line)
{
	if (line->client)
		explicit_bzero(line->client, line->size);
	free(line->client);
}

/* Appends the word to the allocation. False: no memory. */
static bool add_word(struct line *line, const char *word)
{
	size_t size = strlen(word) + 1;
	char *more = malloc(line->size + size);

	if (!more)
		return false;
	if (line->client)
		memcpy(more, line->client, line->size);
	memcpy(more + line->size, word, size);
	size += line->size;
	line_free(line);
	line->client = more;
	line->size = size;
	return true;
}

/* 1 and *line; 0: nothing on the line, or s->bad says what; -ENOMEM */
static int scan_line(struct pppd_words *s, struct line *line)
{
	unsigned words = 0;

	memset(line, 0, sizeof(*line));
	s->bad = NULL;
	while (words < 3 && pppd_words_next(s)) {
		if (!add_word(line, s->word)) {
			line_free(line);
			return -ENOMEM;
		}
		words++;
	}
	if (words == 3) {
		line->server = line->client + strlen(line->client) + 1;
		line->secret = line->server + strlen(line->server) + 1;
		scan_addresses(s, line);
	}
	if (words > 0 && words < 3 && !s->bad)
		s->bad = "no secret; a line is CLIENT SERVER SECRET ADDRESS...";
	if (words == 3 && !s->bad)
		return 1;
	line_free(line);
	return 0;
}

static void lines_free(struct users_file *file)
{
	while (file->len)
		line_free(&file->lines[--file->len]);
	free(file->lines);
	free(file->addresses);
	file->lines = NULL;
	file->addresses = NULL;
	file->addresses_len = 0;
	file->bad_line = 0;
}

static int lines_scan(struct users_file *file, const char *text, size_t len)
{
	struct pppd_words s = { .p = text, .end = text + len };
	size_t room = 0;
	struct line line;
	int r = 0;

	while (s.p < s.end && r >= 0) {
		unsigned begin = ++s.line;

		r = scan_line(&s, &line);
		if (s.bad && !file->bad_line) {
			file->bad_line = begin;
			file->bad = s.bad;
		}
		if (s.p < s.end)
			s.p++; /* the newline */
		if (r <= 0)
			continue;
		if (file->len == room) {
			struct line *more;

			room = room ? 2 * room : 16;
			more = reallocarray(file->lines, room, sizeof(*more));
			if (!more) {
				line_free(&line);
				r = -ENOMEM;
				continue;
			}
			file->lines = more;
		}
		line.number = begin;
		file->lines[file->len++] = line;
	}
	explicit_bzero(&s, sizeof(s));
	return r < 0 ? r : 0;
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int addresses_collect(struct users_file *file)
{
	file->addresses = calloc(file->len ? file->len : 1, sizeof(*file->addresses));
	if (!file->addresses)
		return -ENOMEM;
	for (size_t i = 0; i < file->len; i++)
		if (file->lines[i].has_address && strcmp(file->lines[i].client, "*") != 0)
			file->addresses[file->addresses_len++] = file->lines[i].address;
	qsort(file->addresses, file->addresses_len, sizeof(*file->addresses), by_value);
	return 0;
}

/* --- files --- */

static void file_free(struct users_file *file)
{
	lines_free(file);
	free(file->path);
	free(file);
}

void users_forget(void)
{
	while (cache) {
		struct users_file *next = cache->next;

		file_free(cache);
		cache = next;
	}
}

static struct users_file *file_find(const char *path)
{
	struct users_file *file;

	for (file = cache; file; file = file->next)
		if (strcmp(file->path, path) == 0)
			return file;
	file = calloc(1, sizeof(*file));
	if (file)
		file->path = strdup(path);
	if (!file || !file->path) {
		free(file);
		return NULL;
	}
	file->next = cache;
	cache = file;
	return file;
}

static bool same_stat(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

__attribute__((format(printf, 3, 4))) static const char *problem(
	const char *path, unsigned line, const char *fmt, ...)
{
	va_list ap;
	int n;

	n = snprintf(problem_text, sizeof(problem_text), "%s:%u: ", path, line);
	if (n > 0 && (size_t)n < sizeof(problem_text)) {
		va_start(ap, fmt);
		vsnprintf(problem_text + n, sizeof(problem_text) - (size_t)n, fmt, ap);
		va_end(ap);
	}
	return problem_text;
}

/* -EIO or -EPERM with *ret_problem, or -ENOMEM */
static int read_checked(const char *path, struct secret_file *ret, const char **ret_problem)
{
	int r = secret_file_read(path, FILE_SIZE_MAX, ret);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		*ret_problem = problem(path, 0, "cannot be read: %s", secret_file_strerror(r));
		return -EIO;
	}
	if (*secret_file_others(&ret->stat)) {
		*ret_problem =
			problem(path, 0, "secrets in a file that others can get at: chmod o-%s %s",
				secret_file_others(&ret->stat), path);
		secret_file_free(ret);
		return -EPERM;
	}
	return 0;
}

/* The lines of path, read again if it changed. */
static int file_get(const char *path, struct users_file **ret, const char **ret_problem)
{
	struct users_file *file = file_find(path);
	struct secret_file contents;
	struct stat now;
	int r;

	if (!file)
		return -ENOMEM;
	if (file->settled && !stat(path, &now) && same_stat(&now, &file->stat) &&
		!*secret_file_others(&now)) {
		*ret = file;
		return 0;
	}
	lines_free(file);
	file->settled = false;
	r = read_checked(path, &contents, ret_problem);
	if (r < 0)
		return r;
	r = lines_scan(file, contents.text, contents.len);
	file->stat = contents.stat;
	secret_file_free(&contents);
	if (r == 0)
		r = addresses_collect(file);
	if (r < 0) {
		lines_free(file);
		return r;
	}
	file->settled =
		S_ISREG(file->stat.st_mode) && file->stat.st_ctim.tv_sec + SETTLE_S < time(NULL);
	*ret = file;
	return 0;
}

/* A secret "@/PATH" is the first word of that file. */
static int indirect_secret(const char *path, char **ret, const char **ret_problem)
{
	struct secret_file contents;
	struct pppd_words s = { .line = 1 };
	int r;

	r = read_checked(path, &contents, ret_problem);
	if (r < 0)
		return r;
	s.p = contents.text;
	s.end = contents.text + contents.len;
	while (s.p < s.end && *s.p == '\n' ? s.p++ : NULL)
		s.line++;
	if (!pppd_words_next(&s) || s.bad) {
		*ret_problem = problem(path, s.line, "%s", s.bad ? s.bad : "there is no secret");
		r = -EIO;
	} else if (!(*ret = strdup(s.word))) {
		r = -ENOMEM;
	}
	explicit_bzero(&s, sizeof(s));
	secret_file_free(&contents);
	return r;
}

/* How well a line fits, as in pppd: a named server outweighs a named client; -1: not at all. */
static int line_quality(const struct line *line, const char *user, const char *server)
{
	int quality = 0;

	if (strcmp(line->client, "*") != 0) {
		if (strcmp(line->client, user) != 0)
			return -1;
		quality += 1;
	}
	if (strcmp(line->server, "*") != 0) {
		if (strcmp(line->server, server) != 0)
			return -1;
		quality += 2;
	}
	return quality;
}

/* What in the file may be the reason that there is no such user; NULL: nothing. */
static const char *why_unknown(const struct users_file *file, const char *user, const char *server)
{
	size_t i;

	for (i = 0; i < file->len; i++)
		if (strcmp(file->lines[i].client, user) == 0)
			return problem(file->path, file->lines[i].number,
				"this user is for the server \"%s\", but we are \"%s\": write * in "
				"its place, or set auth-name",
				file->lines[i].server, server);
	return file->bad_line ? problem(file->path, file->bad_line, "%s", file->bad) : NULL;
}

int users_lookup(const char *path, const char *user, const char *server, struct user_entry *ret,
	const char **ret_problem)
{
	const struct line *best = NULL;
	struct users_file *file;
	int quality, best_quality = -1, r;
	size_t i;
	char *secret = NULL;

	*ret_problem = NULL;
	r = file_get(path, &file, ret_problem);
	if (r < 0)
		return r;
	for (i = 0; i < file->len; i++) {
		quality = line_quality(&file->lines[i], user, server);
		if (quality > best_quality) {
			best_quality = quality;
			best = &file->lines[i];
		}
	}
	if (!best) {
		*ret_problem = why_unknown(file, user, server);
		return -ENOENT;
	}
	if (best->secret[0] == '@' && best->secret[1] == '/')
		r = indirect_secret(best->secret + 1, &secret, ret_problem);
	else if (!(secret = strdup(best->secret)))
		r = -ENOMEM;
	if (r < 0)
		return r;
	*ret = (struct user_entry){ secret, best->has_address, best->address, best->denied };
	return 0;
}

int users_reserved(const char *path, const uint32_t **ret, size_t *ret_len)
{
	const char *problem;
	struct users_file *file;
	int r = file_get(path, &file, &problem);

	*ret_len = r < 0 ? 0 : file->addresses_len;
	*ret = r < 0 ? NULL : file->addresses;
	return r;
}

int users_visit(const char *path, const struct users_visitor *visitor, const char **ret_problem)
{
	struct users_file *file;
	size_t i;
	int r;

	*ret_problem = NULL;
	r = file_get(path, &file, ret_problem);
	if (r < 0)
		return r;
	if (file->bad_line)
		visitor->bad_line(visitor->user, file->bad_line, file->bad);
	for (i = 0; i < file->len; i++)
		if (!file->lines[i].denied)
			visitor->entry(visitor->user, file->lines[i].number, file->lines[i].client,
				file->lines[i].server);
	return 0;
}

void user_entry_clear(struct user_entry *entry)
{
	if (entry->secret)
		explicit_bzero(entry->secret, strlen(entry->secret));
	free(entry->secret);
	memset(entry, 0, sizeof(*entry));
}
