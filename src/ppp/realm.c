/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "realm.h"

#include <string.h>

struct realm_parts realm_split(struct l2tp_span name)
{
	struct realm_parts parts = { .user = name };
	uint16_t at;

	for (at = name.len; at > 0; at--) {
		if (name.data[at - 1] != '@')
			continue;
		parts.user.len = (uint16_t)(at - 1);
		parts.realm = (struct l2tp_span){ name.data + at, (uint16_t)(name.len - at) };
		return parts;
	}
	for (at = 0; at < name.len; at++) {
		if (name.data[at] != '\\')
			continue;
		parts.realm = (struct l2tp_span){ name.data, at };
		parts.user =
			(struct l2tp_span){ name.data + at + 1, (uint16_t)(name.len - at - 1) };
		return parts;
	}
	return parts;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

bool realm_matches(struct l2tp_span name, const char *realm)
{
	struct l2tp_span found = realm_split(name).realm;

	if (strlen(realm) != found.len)
		return false;
	for (uint16_t i = 0; i < found.len; i++)
		if (lower(found.data[i]) != lower((uint8_t)realm[i]))
			return false;
	return true;
}
