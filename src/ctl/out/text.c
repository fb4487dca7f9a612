/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"

static void *checked(void *p)
{
	if (!p) {
		fputs("l2tpctl: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

char *text_printf(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	return checked(text);
}

/* --- harmless --- */

void text_put(FILE *out, const char *text)
{
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	const char *end = text + strlen(text);
	uint32_t c;

	while (text < end) {
		size_t len = utf8_decode(text, (size_t)(end - text), &c);

		if (!len)
			fprintf(out, "\\x%02x", (unsigned char)*text);
		else if (utf8_is_harmless(c) && (utf8 || c < 0x80))
			fwrite(text, 1, len, out);
		else if (c < 0x80)
			fprintf(out, "\\x%02x", c);
		else
			fprintf(out, "\\u{%x}", c);
		text += len ? len : 1;
	}
}

static char *harmless_copy(const char *text)
{
	char *copy = NULL;
	size_t size;
	FILE *out = checked(open_memstream(&copy, &size));

	text_put(out, text);
	fclose(out);
	return checked(copy);
}

/* --- units --- */

char *text_bytes(json_int_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	size_t i = 0;

	if (bytes < 1024)
		return text_printf("%lld B", (long long)bytes);
	/* 1023.95 would be printed as 1024.0 */
	while (value >= 1023.95 && i + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		i++;
	}
	return text_printf("%.1f %s", value, units[i]);
}

char *text_duration(json_int_t seconds)
{
	long long s = seconds, m = s / 60, h = m / 60, d = h / 24;

	if (s < 60)
		return text_printf("%llds", s);
	if (m < 60)
		return text_printf("%lldm %llds", m, s % 60);
	if (h < 24)
		return text_printf("%lldh %lldm", h, m % 60);
	return text_printf("%lldd %lldh", d, h % 24);
}

char *text_time(const char *rfc3339)
{
	struct tm utc = { 0 }, here, today;
	const char *rest = strptime(rfc3339, "%Y-%m-%dT%H:%M:%S", &utc);
	time_t now = time(NULL), then;
	char text[64];

	if (rest && *rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (!rest || strcmp(rest, "Z"))
		return harmless_copy(rfc3339);
	then = timegm(&utc);
	if (!localtime_r(&then, &here) || !localtime_r(&now, &today))
		return harmless_copy(rfc3339);
	strftime(text, sizeof(text),
		here.tm_year == today.tm_year && here.tm_yday == today.tm_yday ? "%H:%M:%S"
									       : "%F %H:%M:%S",
		&here);
	return checked(strdup(text));
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
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
	FILE *out = checked(open_memstream(&words, &size));

	if (text_has_reason(object)) {
		char *time = text_field(object, "time"), *reason = text_reason(object, false);

		fprintf(out, "%s %s", time, reason);
		free(time);
		free(reason);
	} else {
		json_object_foreach (fields, key, value) {
			char *text = text_field(object, key);

			fprintf(out, "%s%s %s", separator, key, text);
			separator = ", ";
			free(text);
		}
	}
	fputs(ftell(out) ? "" : "-", out);
	fclose(out);
	return checked(words);
}

char *text_field(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *unit = ends_with(key, "_ms") ? " ms" : ends_with(key, "_s") ? "s" : "";

	if (json_is_string(value) && *json_string_value(value))
		return !strcmp(key, "time") ? text_time(json_string_value(value))
					    : harmless_copy(json_string_value(value));
	if (json_is_integer(value))
		return number_field(key, json_integer_value(value));
	if (json_is_real(value) && json_real_value(value) > 0)
		return text_printf("%.1f%s", json_real_value(value), unit);
	if (json_is_boolean(value))
		return checked(strdup(json_is_true(value) ? "yes" : "no"));
	if (json_is_object(value))
		return object_field(value);
	return checked(strdup("-"));
}

/* --- tables --- */

/* Columns on the screen: characters, not bytes. Wide ones are rare enough in names of hosts. */
static int width(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static void put_row(
	const struct text_column *columns, const int *widths, char *const *cells, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *text = cells ? cells[i] : columns[i].head;
		int pad = widths[i] - width(text);

		if (columns[i].right)
			printf("%*s%s", pad, "", text);
		else if (i + 1 < count)
			printf("%s%*s", text, pad, "");
		else
			fputs(text, stdout);
		fputs(i + 1 < count ? "  " : "\n", stdout);
	}
}

void text_table(const struct text_column *columns, const json_t *array, const char *none)
{
	size_t rows = json_array_size(array), count = 0, i;
	char **cells;
	int *widths;

	if (!rows) {
		puts(none);
		return;
	}
	while (columns[count].head)
		count++;
	cells = checked(calloc(rows * count, sizeof(*cells)));
	widths = checked(calloc(count, sizeof(*widths)));
	for (i = 0; i < count; i++)
		widths[i] = width(columns[i].head);
	for (i = 0; i < rows * count; i++) {
		int w;

		cells[i] = text_field(json_array_get(array, i / count), columns[i % count].key);
		w = width(cells[i]);
		if (w > widths[i % count])
			widths[i % count] = w;
	}
	put_row(columns, widths, NULL, count);
	for (i = 0; i < rows; i++)
		put_row(columns, widths, cells + i * count, count);
	for (i = 0; i < rows * count; i++)
		free(cells[i]);
	free(cells);
	free(widths);
}
