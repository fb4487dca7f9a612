/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as a capture, which "l2tpctl decode" puts into words: the first byte says whether as JSON,
 * and whether a secret is known. What it prints goes nowhere.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/cli.h"
#include "ctl/decode/decode_pcap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define AS_JSON	    1u
#define WITH_SECRET 2u

/* --- the rest of l2tpctl --- */

void cli_error(const char *fmt, ...)
{
	char text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert(*text);
}

bool cli_stdout_closed(void)
{
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char secret[] = "secret";
	static bool quiet;
	struct decode decode = { .name = "capture", .port = 1701 };
	FILE *file;

	if (size < 2)
		return 0;
	if (!quiet)
		quiet = freopen("/dev/null", "w", stdout);
	decode.json = data[0] & AS_JSON;
	if (data[0] & WITH_SECRET)
		decode.secret = (struct l2tp_secret){ .data = (const uint8_t *)secret,
			.len = strlen(secret) };
	file = fmemopen((void *)(data + 1), size - 1, "r");
	assert(file);
	decode_pcap(&decode, file);
	return 0;
}
