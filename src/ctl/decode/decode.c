/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret_file.h"
#include "ctl/out/out_json.h"
#include "decode_hex.h"
#include "decode_pcap.h"

#define MAGIC_SIZE 4
#define TEXT_MAX   (64u << 20)
#define PORT_L2TP  1701

/* The secret in the file; NULL, with the reason on stderr. secret_free() it. */
static char *load_secret(const char *path)
{
	struct secret_file file;
	char *secret = NULL;
	int r = secret_file_read_any(path, SECRET_FILE_MAX, &file);

	if (r < 0) {
		cli_error("cannot read %s: %s", path, strerror(-r));
		return NULL;
	}
	r = secret_file_line(&file, &secret);
	secret_file_free(&file);
	if (r == -EINVAL)
		cli_error("%s: its first line is empty, longer than %d bytes or has a NUL in it",
			path, SECRET_MAX);
	else if (r < 0)
		cli_error("%s", strerror(-r));
	return secret;
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

	if (strcmp(what, "-") == 0) {
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
	struct decode decode = {
		.name = argv[0],
		.json = cli->out == &out_json,
		.port = cli->port ? cli->port : PORT_L2TP,
	};
	char *secret = NULL;
	int code;

	if (cli->secret_file) {
		secret = load_secret(cli->secret_file);
		if (!secret)
			return CLI_FAILED;
		decode.secret.data = (const uint8_t *)secret;
		decode.secret.len = strlen(secret);
	}
	code = decode_input(&decode, argv[0]);
	secret_free(secret);
	return code;
}
