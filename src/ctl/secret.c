/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret_file.h"
#include "cli.h"

#define CTRL_C	  3
#define CTRL_D	  4
#define BACKSPACE 8
#define CTRL_U	  21
#define DELETE	  127

/* One key of a terminal that edits nothing itself. False: it is given up. */
static bool take_key(char c, char *line, size_t *len)
{
	if (c == CTRL_C || !c || (*len == SECRET_MAX && c != DELETE && c != BACKSPACE))
		return false;
	if (c == CTRL_U)
		*len = 0;
	else if (c != DELETE && c != BACKSPACE)
		line[(*len)++] = c;
	else
		while (*len && (line[--*len] & 0xc0) == 0x80)
			; /* a character of UTF-8 has several bytes */
	return true;
}

/*
 * A line of at most SECRET_MAX bytes, byte by byte: what comes behind it is somebody else's. False:
 * too long, or given up with Ctrl-C.
 */
static bool read_line(int fd, bool keys, char *line)
{
	size_t len = 0;
	ssize_t n;
	char c = 0;

	for (;;) {
		n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || c == '\n' || (keys && (c == '\r' || c == CTRL_D)))
			break;
		if (keys ? !take_key(c, line, &len) : !c || len == SECRET_MAX)
			return false;
		if (!keys)
			line[len++] = c;
	}
	if (len && line[len - 1] == '\r')
		len--;
	/* keys that were taken back are behind it */
	explicit_bzero(line + len, SECRET_MAX + 1 - len);
	return true;
}

/* Signals wait meanwhile: the terminal must not stay without echo. */
static bool read_terminal(int fd, const char *prompt, char *line)
{
	struct termios old, quiet;
	bool good;

	if (tcgetattr(fd, &old) < 0)
		return false;
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG | ICANON);
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	tcsetattr(fd, TCSAFLUSH, &quiet);
	dprintf(fd, "%s", prompt);
	good = read_line(fd, true, line);
	tcsetattr(fd, TCSAFLUSH, &old);
	dprintf(fd, "\n");
	return good;
}

char *cli_read_secret(const char *prompt, bool script_on_stdin)
{
	char *line = calloc(1, SECRET_MAX + 1);
	bool good = false;
	int fd;

	if (!line) {
		cli_error("%s", strerror(ENOMEM));
		return NULL;
	}
	if (isatty(STDIN_FILENO)) {
		fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
		good = read_terminal(fd < 0 ? STDIN_FILENO : fd, prompt, line);
		if (fd >= 0)
			close(fd);
	} else if (!script_on_stdin) {
		good = read_line(STDIN_FILENO, false, line);
	} else {
		cli_error("a script on standard input cannot ask there for a secret: write it into "
			  "the script, or use secret-file");
		secret_free(line);
		return NULL;
	}
	if (!good || !*line) {
		cli_error("no secret was given (1 to %d bytes); nothing was changed", SECRET_MAX);
		secret_free(line);
		return NULL;
	}
	return line;
}
