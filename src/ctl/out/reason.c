/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a call or tunnel ended, in words. */
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define NAME(table, n)                                                                             \
	((n) >= 0 && (size_t)(n) < sizeof(table) / sizeof((table)[0]) ? (table)[n] : NULL)

/* RFC 2661 4.4.2 */
static const char *const cdn_results[] = {
	[1] = "loss of carrier",
	[2] = "general error",
	[3] = "administrative reasons",
	[4] = "facilities temporarily not available",
	[5] = "facilities permanently not available",
	[6] = "invalid destination",
	[7] = "no carrier detected",
	[8] = "busy",
	[9] = "no dial tone",
	[10] = "not established in the time allotted",
	[11] = "no appropriate framing detected",
};

static const char *const stopccn_results[] = {
	[1] = "request to clear the control connection",
	[2] = "general error",
	[3] = "control connection already exists",
	[4] = "not authorized to establish a control connection",
	[5] = "protocol version not supported",
	[6] = "shutting down",
	[7] = "finite state machine error",
};

static const char *const general_errors[] = {
	[1] = "no control connection exists yet",
	[2] = "wrong length",
	[3] = "field value out of range",
	[4] = "insufficient resources",
	[5] = "invalid session id",
	[6] = "vendor-specific error",
	[7] = "try another",
	[8] = "unknown mandatory attribute",
};

/* pppd(8) EXIT STATUS; the words are those of the daemon */
static const char *const ppp_exits[] = {
	[0] = "ended normally",
	[1] = "fatal error, a system call or memory",
	[2] = "error in its options",
	[3] = "needs root",
	[4] = "the kernel has no PPP",
	[5] = "ended by a signal",
	[6] = "the device is locked",
	[7] = "the device could not be opened",
	[8] = "the connect script failed",
	[9] = "the pty command could not be run",
	[10] = "PPP negotiation failed, no network protocol came up",
	[11] = "the peer failed to authenticate itself",
	[12] = "ended because it was idle",
	[13] = "ended because the connect time was over",
	[14] = "the peer is to call back",
	[15] = "the peer did not answer echo requests",
	[16] = "hang-up: the session ended",
	[17] = "the line is looped back",
	[18] = "the init script failed",
	[19] = "we failed to authenticate ourselves to the peer",
	[20] = "the traffic limit was reached",
	[21] = "the number of the caller was not accepted",
};

static json_int_t number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static const char *string(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

bool text_has_reason(const json_t *object)
{
	return *string(object, "who") || number(object, "result") > 0;
}

static void put_result(FILE *out, const json_t *reason)
{
	json_int_t result = number(reason, "result"), error = number(reason, "error");
	const char *message = string(reason, "message");
	bool cdn = !strcmp(message, "CDN"), stopccn = !strcmp(message, "StopCCN");
	const char *name = NULL, *error_name = NULL;

	if (result <= 0)
		return;
	if (cdn || stopccn)
		name = cdn ? NAME(cdn_results, result) : NAME(stopccn_results, result);
	if (result == 2)
		error_name = NAME(general_errors, error);
	fprintf(out, ": %s %lld", cdn || stopccn ? message : "result", (long long)result);
	if (name)
		fprintf(out, " %s", name);
	if (error > 0)
		fprintf(out, ", error %lld", (long long)error);
	if (error_name)
		fprintf(out, " %s", error_name);
}

static void put_ppp_exit(FILE *out, const json_t *reason)
{
	json_int_t code = number(reason, "ppp_exit");
	const char *name = NAME(ppp_exits, code);

	if (name)
		fprintf(out, ", pppd: %s", name);
	else if (code >= 0)
		fprintf(out, ", pppd: exit status %lld", (long long)code);
}

char *text_reason(const json_t *reason, bool with_text)
{
	const char *who = string(reason, "who"), *text = string(reason, "text");
	char *words = NULL;
	size_t size;
	FILE *out = open_memstream(&words, &size);

	if (!out)
		return text_printf("out of memory");
	if (!strcmp(who, "local"))
		fputs("by this side", out);
	else if (!strcmp(who, "peer"))
		fputs("by the peer", out);
	else if (!strcmp(who, "timeout"))
		fputs("because the peer did not answer", out);
	else {
		fputs("by ", out);
		text_put(out, *who ? who : "nobody known");
	}
	put_result(out, reason);
	if (with_text && *text) {
		fputs(": ", out);
		text_put(out, text);
	}
	put_ppp_exit(out, reason);
	fclose(out);
	return words ? words : text_printf("out of memory");
}
