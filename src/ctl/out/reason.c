/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reason.h"

#include <stdlib.h>
#include <string.h>

#include "base/reasons.h"
#include "text.h"

/* pppd(8), EXIT STATUS */
#define PPPD_BY_SIGNAL 5
#define PPPD_HANGUP    16

static json_int_t number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

bool reason_is_there(const json_t *object)
{
	return *string_of(object, "who") || number_of(object, "result") > 0;
}

static void put_result(FILE *out, const json_t *reason)
{
	json_int_t result = number_of(reason, "result"), error = number_of(reason, "error");
	const char *message = string_of(reason, "message");
	bool cdn = strcmp(message, "CDN") == 0, stopccn = strcmp(message, "StopCCN") == 0;
	const char *name = NULL, *error_name = NULL;

	if (result <= 0)
		return;
	if (cdn || stopccn)
		name = cdn ? reasons_cdn((unsigned)result) : reasons_stopccn((unsigned)result);
	if (result == 2 && error > 0)
		error_name = reasons_error((unsigned)error);
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
	json_int_t code = number_of(reason, "ppp_exit");
	const char *name = reasons_pppd((unsigned)code);

	/* the daemon's own signal, and a hang-up, are how pppd hears of an end, not why it came */
	if (code == PPPD_BY_SIGNAL || code == PPPD_HANGUP)
		return;
	if (name)
		fprintf(out, ", pppd: %s", name);
	else if (code >= 0)
		fprintf(out, ", pppd: exit status %lld", (long long)code);
}

char *reason_text(const json_t *reason, bool with_text)
{
	const char *who = string_of(reason, "who"), *text = string_of(reason, "text");
	char *words = NULL;
	size_t size;
	FILE *out = open_memstream(&words, &size);

	if (!out)
		return text_printf("out of memory");
	if (strcmp(who, "local") == 0)
		fputs("by this side", out);
	else if (strcmp(who, "peer") == 0)
		fputs("by the peer", out);
	else if (strcmp(who, "timeout") == 0)
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
