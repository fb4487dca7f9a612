/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd as a child. */
#include "pppd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
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

#define FIRST_FREE_FD 6
#define OPTIONS_PATH  "/proc/self/fd/4"

/* --- options --- */

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

void pppd_options_add(struct pppd_options *options, const char *line)
{
	if (!options->error && !is_printable(line))
		options->error = -EINVAL;
	append(options, line);
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

	if (!options->error && (!is_printable(keyword) || !is_printable(value)))
		options->error = -EINVAL;
	if (!options->error && strlen(value) > PPPD_WORD_MAX)
		options->error = -E2BIG;
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
		if (!options->error)
			options->error = -ENOMEM;
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
	*options = (struct pppd_options){ 0 };
}

/* --- spawn --- */

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

static int options_file(const struct pppd_options *options)
{
	int fd, r;

	fd = memfd_new();
	if (fd < 0)
		return fd;
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

/*
 * Descriptors are copied to 3, 4 and 5 one after the other: a source that has one of those numbers
 * would be overwritten before its turn. So all sources are moved out of the way first.
 */
static int dup_high(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);

	return copy < 0 ? -errno : copy;
}

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* Copies of the three for the child, in the order 3, 4, 5. */
static int child_fds(const struct pppd_options *options, int channel_fd, int event_fd, int fds[3])
{
	int options_fd;

	options_fd = options_file(options);
	if (options_fd < 0)
		return options_fd;
	fds[0] = dup_high(channel_fd);
	fds[1] = dup_high(options_fd);
	fds[2] = dup_high(event_fd);
	close(options_fd);
	for (int i = 0; i < 3; i++) {
		if (fds[i] < 0) {
			int r = fds[i];

			close_all(fds, 3);
			return r;
		}
	}
	return 0;
}

/* Both in the child's view: what is opened, and how it is set up otherwise. */
static int spawn_setup(
	posix_spawn_file_actions_t *actions, posix_spawnattr_t *attr, const int fds[3])
{
	sigset_t set;
	int r = 0;

	for (int fd = 0; r == 0 && fd < 3; fd++)
		r = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, fds[0], PPPD_CHANNEL_FD);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, fds[1], PPPD_OPTIONS_FD);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, fds[2], PPPD_EVENT_FD);
	/* pppd closes nothing it inherits: with a socket of a tunnel the tunnel would outlive us */
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(actions, FIRST_FREE_FD);

	sigemptyset(&set);
	if (r == 0)
		r = posix_spawnattr_setsigmask(attr, &set);
	sigfillset(&set);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(attr, &set);
	/* pppd signals its whole process group when it ends */
	if (r == 0)
		r = posix_spawnattr_setflags(
			attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return -r;
}

static int spawn(const char *program, const int fds[3], pid_t *ret_pid)
{
	char *const argv[] = { (char *)program, (char *)"file", (char *)OPTIONS_PATH, NULL };
	char *const envp[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int r;

	r = -posix_spawn_file_actions_init(&actions);
	if (r < 0)
		return r;
	r = -posix_spawnattr_init(&attr);
	if (r == 0) {
		r = spawn_setup(&actions, &attr, fds);
		if (r == 0)
			r = -posix_spawn(ret_pid, program, &actions, &attr, argv, envp);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

int pppd_spawn(const char *program, const struct pppd_options *options, int channel_fd,
	int event_fd, pid_t *ret_pid)
{
	int fds[3], r;
	pid_t pid;

	if (options->error)
		return options->error;
	r = child_fds(options, channel_fd, event_fd, fds);
	if (r < 0)
		return r;
	r = spawn(program, fds, &pid);
	close_all(fds, 3);
	if (r == 0)
		*ret_pid = pid;
	return r;
}
