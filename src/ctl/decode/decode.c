/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode.h"

#define MAGIC_SIZE 4
#define TEXT_MAX   (64u << 20)
/* As in the daemon's configuration: the first line, and no longer. */
#define SECRET_MAX 255
#define PORT_L2TP  1701

/* --- the secret --- */

/* The octets of the file that fit, or -1. Not by stdio, whose buffers nobody wipes. */
static ssize_t read_secret(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (len < size && (n = read(fd, buf + len, size - len)) != 0) {
		if (n > 0)
			len += (size_t)n;
		else if (errno != EINTR)
			break;
	}
	close(fd);
	return n < 0 ? -1 : (ssize_t)len;
}

/* The first line of the file to secret; its length, or 0 with the reason on stderr. */
static size_t load_secret(const char *path, char secret[static SECRET_MAX + 3])
{
	ssize_t size = read_secret(path, secret, SECRET_MAX + 2);
	const char *end;
	size_t len;

	if (size < 0) {
		cli_error("cannot read %s: %s", path, strerror(errno));
		return 0;
	}
	end = memchr(secret, '\n', (size_t)size);
	len = end ? (size_t)(end - secret) : (size_t)size;
	if (len && secret[len - 1] == '\r')
		len--;
	if (len && len <= SECRET_MAX && !memchr(secret, '\0', len))
		return len;
	cli_error("%s: its first line is empty, longer than %u bytes or has a NUL in it", path,
		SECRET_MAX);
	return 0;
}

/* --- the input --- */

static char *read_text(FILE *file, size_t *ret_len)
{
	size_t len = 0, size = 0;
	char *text = NULL;

	for (;;) {
		if (size - len < 2) {
			char *grown = size < TEXT_MAX ? realloc(text, size + 65536) : NULL;

			errno = size < TEXT_MAX ? ENOMEM : EFBIG;
			if (!grown)
				break;
			text = grown;
			size += 65536;
		}
		*ret_len = len += fread(text + len, 1, size - len - 1, file);
		if (ferror(file))
			break;
		text[len] = '\0';
		if (feof(file))
			return text;
	}
	free(text);
	return NULL;
}

static int decode_text(struct decode *decode, FILE *file)
{
	size_t len;
	char *text = read_text(file, &len);
	int code;

	fclose(file);
	if (!text) {
		cli_error("cannot read %s: %s", decode->name, strerror(errno));
		return CLI_FAILED;
	}
	code = decode_hex(decode, text, len);
	free(text);
	return code;
}

/*
 * A capture or text, by its first octets. They are put back one by one, so that a pipe will do, and
 * what comes through it is shown as it comes.
 */
static int decode_file(struct decode *decode, FILE *file)
{
	uint8_t magic[MAGIC_SIZE];
	size_t len = fread(magic, 1, sizeof(magic), file), i;

	for (i = len; i > 0; i--) {
		if (ungetc(magic[i - 1], file) == EOF) {
			cli_error("cannot read %s: it cannot be read again from its start",
				decode->name);
			fclose(file);
			return CLI_FAILED;
		}
	}
	return decode_is_pcap(magic, len) ? decode_pcap(decode, file) : decode_text(decode, file);
}

static bool looks_like_hex(const char *text)
{
	return *text && !text[strspn(text, "0123456789abcdefABCDEF \t\r\n")];
}

static int decode_input(struct decode *decode, const char *what)
{
	FILE *file;

	if (!strcmp(what, "-")) {
		decode->name = "standard input";
		return decode_file(decode, stdin);
	}
	file = fopen(what, "re");
	if (file)
		return decode_file(decode, file);
	if ((errno == ENOENT || errno == ENAMETOOLONG) && looks_like_hex(what)) {
		decode->name = "the hexadecimal text";
		return decode_hex(decode, what, strlen(what));
	}
	cli_error("cannot open %s: %s", what, strerror(errno));
	return CLI_FAILED;
}

int cmd_decode(struct cli *cli, char **argv)
{
	char secret[SECRET_MAX + 3] = "";
	struct decode decode = {
		.name = argv[0],
		.json = cli->out == &out_json,
		.port = cli->port ? cli->port : PORT_L2TP,
	};
	int code = CLI_FAILED;

	if (cli->secret_file) {
		decode.secret.data = (const uint8_t *)secret;
		decode.secret.len = load_secret(cli->secret_file, secret);
	}
	if (!cli->secret_file || decode.secret.len)
		code = decode_input(&decode, argv[0]);
	explicit_bzero(secret, sizeof(secret));
	return code;
}
