/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"

void *text_checked(void *p)
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
	return text_checked(text);
}

/* --- harmless --- */

void text_put(FILE *out, const char *text)
{
	bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
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

char *text_harmless(const char *text)
{
	char *copy = NULL;
	size_t size;
	FILE *out = text_checked(open_memstream(&copy, &size));

	text_put(out, text);
	fclose(out);
	return text_checked(copy);
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
	if (!rest || strcmp(rest, "Z") != 0)
		return text_harmless(rfc3339);
	then = timegm(&utc);
	if (!localtime_r(&then, &here) || !localtime_r(&now, &today))
		return text_harmless(rfc3339);
	strftime(text, sizeof(text),
		here.tm_year == today.tm_year && here.tm_yday == today.tm_yday ? "%H:%M:%S"
									       : "%F %H:%M:%S",
		&here);
	return text_checked(strdup(text));
}
