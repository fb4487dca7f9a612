/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "utf8.h"

size_t utf8_decode(const char *text, size_t len, uint32_t *ret)
{
	/* the least number that needs so many bytes: below it the form is too long */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	uint32_t c = s[0];
	size_t n, i;

	if (c < 0x80) {
		*ret = c;
		return 1;
	}
	n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4 || n > len)
		return 0;
	c &= 0x7fu >> n;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[n] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	*ret = c;
	return n;
}

/* Of ASCII, DEL, or of ISO 8859. */
static bool is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

bool utf8_is_harmless(uint32_t character)
{
	static const struct {
		uint32_t first, last;
	} harmful[] = {
		{ 0xad, 0xad },	    /* soft hyphen */
		{ 0x61c, 0x61c },   /* Arabic letter mark */
		{ 0x200b, 0x200f }, /* without width; marks of direction */
		{ 0x2028, 0x202e }, /* separators of lines and paragraphs; embeddings, overrides */
		{ 0x2060, 0x206f }, /* invisible operators; isolates */
		{ 0xfeff, 0xfeff }, /* byte order mark */
		{ 0xfff9, 0xfffb }, /* annotations between lines */
	};
	size_t i;

	if (is_control(character))
		return false;
	for (i = 0; i < sizeof(harmful) / sizeof(harmful[0]); i++)
		if (character >= harmful[i].first && character <= harmful[i].last)
			return false;
	return true;
}

bool utf8_is_text(const char *text, size_t len)
{
	uint32_t c;
	size_t n;

	for (; len; text += n, len -= n) {
		n = utf8_decode(text, len, &c);
		if (!n || (is_control(c) && c != '\t'))
			return false;
	}
	return true;
}

size_t utf8_harmless_other(const char *text, size_t len)
{
	uint32_t c;
	size_t n = utf8_decode(text, len, &c);

	return n && utf8_is_harmless(c) ? n : 0;
}

bool utf8_is_name(const char *text, size_t len)
{
	size_t n;

	for (; len; text += n, len -= n) {
		n = utf8_harmless(text, len);
		if (!n)
			return false;
	}
	return true;
}
