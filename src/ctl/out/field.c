/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "field.h"

#include <stdlib.h>
#include <string.h>

#include "reason.h"
#include "text.h"

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static char *number_field(const char *key, json_int_t value)
{
	if (value >= 0 && ends_with(key, "_s"))
		return text_duration(value);
	if (value >= 0 && ends_with(key, "bytes"))
		return text_bytes(value);
	if (ends_with(key, "_ms"))
		return text_printf("%lld ms", (long long)value);
	return text_printf("%lld", (long long)value);
}

static char *object_field(const json_t *object)
{
	json_t *fields = (json_t *)object, *value; /* only looked at */
	const char *key, *separator = "";
	char *words = NULL;
	size_t size;
	FILE *out = text_checked(open_memstream(&words, &size));

	if (reason_is_there(object)) {
		char *time = field_text(object, "time"), *reason = reason_text(object, false);

		fprintf(out, "%s %s", time, reason);
		free(time);
		free(reason);
	} else {
		json_object_foreach (fields, key, value) {
			char *text = field_text(object, key);

			fprintf(out, "%s%s %s", separator, key, text);
			separator = ", ";
			free(text);
		}
	}
	fputs(ftell(out) ? "" : "-", out);
	fclose(out);
	return text_checked(words);
}

char *field_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *unit = ends_with(key, "_ms") ? " ms" : ends_with(key, "_s") ? "s" : "";

	if (json_is_string(value) && *json_string_value(value))
		return strcmp(key, "time") == 0 ? text_time(json_string_value(value))
						: text_harmless(json_string_value(value));
	if (json_is_integer(value))
		return number_field(key, json_integer_value(value));
	if (json_is_real(value) && json_real_value(value) > 0)
		return text_printf("%.1f%s", json_real_value(value), unit);
	if (json_is_boolean(value))
		return text_checked(strdup(json_is_true(value) ? "yes" : "no"));
	if (json_is_object(value))
		return object_field(value);
	return text_checked(strdup("-"));
}
