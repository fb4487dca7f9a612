/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams out of hexadecimal text, in one of two forms:
 *
 *   c8020014 0000 0000 ...                plain: any blanks between octets; an empty line ends a
 *                                         datagram
 *   000000 c8 02 00 14 ...  ....          as od, hexdump -C, xxd and text2pcap know it: an offset,
 *   000010 80 08                          octets, perhaps characters; offset 0 begins a datagram
 */
#include "decode_hex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/cli.h"

struct hex {
	struct decode *decode;
	unsigned line;
	bool offsets;
	uint8_t data[DECODE_MAX_DATAGRAM];
	size_t len;
	size_t line_start; /* len where the present line began */
};

static const char blanks[] = " \t\r\f\v";
static const char digits[] = "0123456789abcdefABCDEF";

static void finish_datagram(struct hex *hex)
{
	struct decode_datagram datagram = { .data = hex->data, .len = hex->len };

	if (hex->len)
		decode_show(hex->decode, &datagram);
	hex->len = hex->line_start = 0;
}

static bool is_hex(const char *word, size_t len)
{
	return strspn(word, digits) >= len;
}

static uint8_t octet(const char *at)
{
	char text[3] = { at[0], at[1], 0 };

	return (uint8_t)strtoul(text, NULL, 16);
}

static int complain_about(const struct hex *hex, const char *what, const char *word, size_t len)
{
	cli_error("%s, line %u: \"%.*s\" %s", hex->decode->name, hex->line,
		(int)(len < 40 ? len : 40), word, what);
	return CLI_FAILED;
}

static int take_octets(struct hex *hex, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i += 2) {
		if (hex->len == sizeof(hex->data))
			return complain_about(hex, "is beyond the longest datagram", word, len);
		hex->data[hex->len++] = octet(word + i);
	}
	return CLI_DONE;
}

/* Where a line's octets belong; hexadecimal as most write it, octal as od does by itself. */
static int take_offset(struct hex *hex, const char *word, size_t len)
{
	size_t at[2] = { strtoul(word, NULL, 16), strtoul(word, NULL, 8) };

	if (!at[0])
		finish_datagram(hex);
	for (size_t i = 0; i < 2; i++) {
		if (at[i] == hex->len) {
			hex->line_start = hex->len;
			return CLI_DONE;
		}
	}
	for (size_t i = 0; i < 2; i++) {
		/* characters after the octets that looked like more of them */
		if (at[i] > hex->line_start && at[i] < hex->len) {
			hex->len = hex->line_start = at[i];
			return CLI_DONE;
		}
	}
	return complain_about(hex, "is not the offset that should come here", word, len);
}

static int plain_line(struct hex *hex, const char *line, const char *end)
{
	const char *word = line + strspn(line, blanks);
	int code = CLI_DONE;

	if (word >= end) {
		finish_datagram(hex);
		return CLI_DONE;
	}
	while (word < end && code == CLI_DONE) {
		size_t len = strcspn(word, " \t\r\f\v\n");

		if (!is_hex(word, len))
			return complain_about(hex, "is not hexadecimal", word, len);
		if (len % 2)
			return complain_about(hex, "has an odd number of digits", word, len);
		code = take_octets(hex, word, len);
		word += len;
		word += strspn(word, blanks);
	}
	return code;
}

static int offset_line(struct hex *hex, const char *line, const char *end)
{
	const char *word = line + strspn(line, blanks);
	size_t len = strspn(word, digits), gap;
	bool colon = word[len] == ':';
	int code;

	if (word >= end)
		return CLI_DONE;
	if (*word == '*')
		return complain_about(
			hex, "stands for lines left out: let od -v write them", word, 1);
	if (!len || !strchr(" \t\r\f\v\n", word[len + colon]))
		return complain_about(hex, "is no offset", word, strcspn(word, " \t\r\n"));
	code = take_offset(hex, word, len);
	word += len + colon;
	while (code == CLI_DONE) {
		gap = strspn(word, blanks);
		word += gap;
		len = strcspn(word, " \t\r\f\v\n");
		/* what is no octet any more is characters; xxd has two blanks before them */
		if (word >= end || !len || len % 2 || len > 16 || !is_hex(word, len) ||
			(colon && gap > 1 && hex->len > hex->line_start))
			break;
		code = take_octets(hex, word, len);
		word += len;
	}
	return code;
}

/* No datagram begins with an octet 00: it has to be an offset. */
static bool has_offsets(const char *line)
{
	const char *word = line + strspn(line, blanks);
	size_t len = strspn(word, "0");

	return len >= 3 && (word[len] == ':' || isspace((unsigned char)word[len]));
}

static int decode_lines(struct hex *hex, const char *text, const char *end)
{
	bool first = true;
	int code = CLI_DONE;

	while (text < end && code == CLI_DONE) {
		const char *line = text, *line_end = memchr(text, '\n', (size_t)(end - text));

		if (!line_end)
			line_end = end;
		text = line_end + 1;
		hex->line++;
		if (*line == '#')
			continue;
		if (first && line + strspn(line, blanks) < line_end) {
			hex->offsets = has_offsets(line);
			first = false;
		}
		code = hex->offsets ? offset_line(hex, line, line_end)
				    : plain_line(hex, line, line_end);
	}
	return code;
}

int decode_hex(struct decode *decode, const char *text, size_t len)
{
	struct hex *hex;
	int code;

	if (memchr(text, '\0', len)) {
		cli_error(
			"%s: neither a capture (pcap, pcapng) nor hexadecimal text", decode->name);
		return CLI_FAILED;
	}
	hex = calloc(1, sizeof(*hex));
	if (!hex) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	hex->decode = decode;
	code = decode_lines(hex, text, text + len);
	if (code == CLI_DONE)
		finish_datagram(hex);
	decode_show_end(decode, code == CLI_DONE);
	free(hex);
	return code;
}
