/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret_file.h"
#include "base/utf8.h"
#include "salt.h"

#define TAG_MAX 0x1f /* RFC 2868 3: above it is no tag */

/* What was said under one tag. */
struct group {
	struct radius_tunnel tunnel;
	unsigned order; /* the first of its attributes was that far behind; 0: there is none */
	bool has_type, has_medium;
	uint32_t type, medium;
	const char *broken; /* an attribute that cannot be read */
};

struct reading {
	struct radius_reply *reply;
	struct group groups[TAG_MAX + 1];
	unsigned order;
	const char *secret;
	const uint8_t *vector;
	int error;
};

/* A group's string; the same row names it. */
struct text_row {
	uint8_t type;
	const char *name;
	size_t offset;
};

static const struct text_row text_rows[] = {
	{ RADIUS_TUNNEL_SERVER_ENDPOINT, "Tunnel-Server-Endpoint",
		offsetof(struct radius_tunnel, server) },
	{ RADIUS_TUNNEL_CLIENT_ENDPOINT, "Tunnel-Client-Endpoint",
		offsetof(struct radius_tunnel, client) },
	{ RADIUS_TUNNEL_PASSWORD, "Tunnel-Password", offsetof(struct radius_tunnel, secret) },
	{ RADIUS_TUNNEL_CLIENT_AUTH_ID, "Tunnel-Client-Auth-ID",
		offsetof(struct radius_tunnel, client_name) },
	{ RADIUS_TUNNEL_SERVER_AUTH_ID, "Tunnel-Server-Auth-ID",
		offsetof(struct radius_tunnel, server_name) },
	{ RADIUS_TUNNEL_ASSIGNMENT_ID, "Tunnel-Assignment-ID",
		offsetof(struct radius_tunnel, assignment) },
};
#define TEXT_ROWS (sizeof(text_rows) / sizeof(text_rows[0]))

static char **text_of(struct radius_tunnel *tunnel, const struct text_row *row)
{
	return (char **)((char *)tunnel + row->offset);
}

static void tunnel_clear(struct radius_tunnel *tunnel)
{
	for (size_t i = 0; i < TEXT_ROWS; i++)
		secret_free(*text_of(tunnel, &text_rows[i]));
	*tunnel = (struct radius_tunnel){ .preference = RADIUS_NO_PREFERENCE };
}

static struct group *group_of(struct reading *reading, uint8_t tag)
{
	struct group *group = &reading->groups[tag];

	if (!group->order)
		group->order = ++reading->order;
	return group;
}

/* --- values -------------------------------------------------------------------------- */

static void keep_message(struct radius_reply *reply, const char *text, size_t len)
{
	size_t used = strlen(reply->message);

	if (used && used + 1 < sizeof(reply->message))
		reply->message[used++] = ' ';
	for (size_t i = 0; i < len;) {
		size_t n = utf8_harmless(text + i, len - i);

		if (used + (n ? n : 1) >= sizeof(reply->message))
			break;
		memcpy(reply->message + used, n ? text + i : "?", n ? n : 1);
		used += n ? n : 1;
		i += n ? n : 1;
	}
	reply->message[used] = '\0';
}

static void keep_class(struct radius_reply *reply, const uint8_t *value, size_t len)
{
	struct radius_class *class = &reply->classes[reply->class_count];

	if (reply->class_count == RADIUS_CLASSES_MAX)
		return;
	class->len = (uint8_t)len;
	memcpy(class->data, value, len);
	reply->class_count++;
}

static uint32_t number(const uint8_t *value, size_t len)
{
	struct buf_rd rd;

	buf_rd_init(&rd, value, len);
	return len == 4 ? buf_rd_u32(&rd) : 0;
}

/* RFC 2868 3.1, 3.2, 3.8: a tag and three octets */
static void keep_tagged_number(
	struct reading *reading, uint8_t type, const uint8_t *value, size_t len)
{
	struct group *group;
	uint32_t n;

	if (len != 4)
		return;
	group = group_of(reading, value[0] <= TAG_MAX ? value[0] : 0);
	n = number(value, len) & 0xffffff;
	if (type == RADIUS_TUNNEL_TYPE) {
		group->has_type = true;
		group->type = n;
	} else if (type == RADIUS_TUNNEL_MEDIUM_TYPE) {
		group->has_medium = true;
		group->medium = n;
	} else {
		group->tunnel.preference = n;
	}
}

/* A secret may be any characters but NUL; what is shown must be harmless. */
static bool text_is_good(const struct text_row *row, const char *text, size_t len)
{
	if (row->type == RADIUS_TUNNEL_PASSWORD)
		return memchr(text, '\0', len) == NULL;
	if (row->type == RADIUS_TUNNEL_SERVER_ENDPOINT && memchr(text, ' ', len))
		return false;
	return utf8_is_name(text, len);
}

static void keep_text(struct reading *reading, struct group *group, const struct text_row *row,
	const uint8_t *value, size_t len)
{
	char **text = text_of(&group->tunnel, row);

	secret_free(*text);
	*text = NULL;
	if (!text_is_good(row, (const char *)value, len)) {
		group->broken = row->name;
		return;
	}
	if (!len)
		return;
	*text = strndup((const char *)value, len);
	if (!*text)
		reading->error = -ENOMEM;
}

/* RFC 2868 3.3: the tag may be missing. 3.5: of a Tunnel-Password it is always there. */
static void keep_tagged_text(
	struct reading *reading, const struct text_row *row, const uint8_t *value, size_t len)
{
	uint8_t plain[SALT_PLAIN_MAX];
	uint8_t tag = 0;
	int n;

	if (!len)
		return;
	if (value[0] <= TAG_MAX)
		tag = value[0];
	if (value[0] <= TAG_MAX || row->type == RADIUS_TUNNEL_PASSWORD) {
		value++;
		len--;
	}
	if (row->type != RADIUS_TUNNEL_PASSWORD) {
		keep_text(reading, group_of(reading, tag), row, value, len);
		return;
	}
	n = salt_reveal(value, len, reading->secret, reading->vector, plain);
	if (n < 0)
		group_of(reading, tag)->broken = row->name;
	else
		keep_text(reading, group_of(reading, tag), row, plain, (size_t)n);
	explicit_bzero(plain, sizeof(plain));
}

static void keep(struct reading *reading, uint8_t type, const uint8_t *value, size_t len)
{
	struct radius_reply *reply = reading->reply;

	switch (type) {
	case RADIUS_REPLY_MESSAGE:
		keep_message(reply, (const char *)value, len);
		break;
	case RADIUS_CLASS:
		keep_class(reply, value, len);
		break;
	case RADIUS_SESSION_TIMEOUT:
		reply->session_timeout = number(value, len);
		break;
	case RADIUS_IDLE_TIMEOUT:
		reply->idle_timeout = number(value, len);
		break;
	case RADIUS_ACCT_INTERIM_INTERVAL:
		reply->interim_interval = number(value, len);
		break;
	case RADIUS_TUNNEL_TYPE:
	case RADIUS_TUNNEL_MEDIUM_TYPE:
	case RADIUS_TUNNEL_PREFERENCE:
		keep_tagged_number(reading, type, value, len);
		break;
	default:
		for (size_t i = 0; i < TEXT_ROWS; i++) {
			if (text_rows[i].type == type)
				keep_tagged_text(reading, &text_rows[i], value, len);
		}
		break;
	}
}

/* --- tunnels ------------------------------------------------------------------------- */

/* What stands under no tag is that of all who lack it, unless it is a tunnel by itself. */
static void share_untagged(struct reading *reading)
{
	struct group *common = &reading->groups[0];

	if (!common->order || common->tunnel.server || reading->order == 1)
		return;
	for (unsigned tag = 1; tag <= TAG_MAX; tag++) {
		struct group *group = &reading->groups[tag];

		if (!group->order)
			continue;
		for (size_t i = 0; i < TEXT_ROWS; i++) {
			char **text = text_of(&group->tunnel, &text_rows[i]);
			char *shared = *text_of(&common->tunnel, &text_rows[i]);

			if (*text || !shared)
				continue;
			*text = strdup(shared);
			if (!*text)
				reading->error = -ENOMEM;
		}
		if (!group->has_type && common->has_type) {
			group->has_type = true;
			group->type = common->type;
		}
		if (!group->broken)
			group->broken = common->broken;
	}
	common->order = 0;
	tunnel_clear(&common->tunnel);
}

/* What is wrong with it, in ret; false: nothing. */
static bool group_is_unusable(const struct group *group, char *ret, size_t size)
{
	if (group->broken)
		return snprintf(ret, size, "%s cannot be read", group->broken) >= 0;
	if (!group->tunnel.server)
		return snprintf(ret, size, "it has no Tunnel-Server-Endpoint") >= 0;
	if (!group->has_type)
		return snprintf(ret, size, "it has no Tunnel-Type: it must be L2TP (3)") >= 0;
	if (group->type != RADIUS_TUNNEL_L2TP)
		return snprintf(ret, size, "Tunnel-Type is %u, and not L2TP (3)",
			       (unsigned)group->type) >= 0;
	if (group->has_medium && group->medium != RADIUS_MEDIUM_IPV4 &&
		group->medium != RADIUS_MEDIUM_IPV6)
		return snprintf(ret, size, "Tunnel-Medium-Type is %u, and not IPv4 (1) or IPv6 (2)",
			       (unsigned)group->medium) >= 0;
	return false;
}

static void add_tunnel(struct radius_reply *reply, struct group *group)
{
	char why[120];

	if (group_is_unusable(group, why, sizeof(why))) {
		if (!reply->unusable++)
			snprintf(reply->problem, sizeof(reply->problem), "tunnel %u: %s",
				(unsigned)group->tunnel.tag, why);
		return;
	}
	reply->tunnels[reply->tunnel_count++] = group->tunnel;
	group->tunnel = (struct radius_tunnel){ 0 };
}

static int by_preference(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	if (a->tunnel.preference != b->tunnel.preference)
		return a->tunnel.preference < b->tunnel.preference ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static void add_tunnels(struct reading *reading)
{
	share_untagged(reading);
	for (unsigned tag = 0; tag <= TAG_MAX; tag++)
		reading->groups[tag].tunnel.tag = (uint8_t)tag;
	qsort(reading->groups, TAG_MAX + 1, sizeof(reading->groups[0]), by_preference);
	for (unsigned i = 0; i <= TAG_MAX; i++) {
		if (reading->groups[i].order)
			add_tunnel(reading->reply, &reading->groups[i]);
	}
}

int radius_reply_read(struct radius_reply *ret, const uint8_t *attrs, size_t len,
	const char *secret, const uint8_t vector[static RADIUS_VECTOR_LEN])
{
	struct reading reading = { .reply = ret, .secret = secret, .vector = vector };
	struct buf_rd rd;

	*ret = (struct radius_reply){ 0 };
	for (unsigned tag = 0; tag <= TAG_MAX; tag++)
		reading.groups[tag].tunnel.preference = RADIUS_NO_PREFERENCE;
	buf_rd_init(&rd, attrs, len);
	while (!reading.error && buf_rd_left(&rd)) {
		uint8_t type = buf_rd_u8(&rd), size = buf_rd_u8(&rd);
		const uint8_t *value = size < 2 ? NULL : buf_rd_bytes(&rd, size - 2u);

		if (!value)
			reading.error = -EBADMSG;
		else
			keep(&reading, type, value, size - 2u);
	}
	if (!reading.error)
		add_tunnels(&reading);
	for (unsigned tag = 0; tag <= TAG_MAX; tag++)
		tunnel_clear(&reading.groups[tag].tunnel);
	if (reading.error)
		radius_reply_clear(ret);
	return reading.error;
}

void radius_reply_clear(struct radius_reply *reply)
{
	for (size_t i = 0; i < reply->tunnel_count; i++)
		tunnel_clear(&reply->tunnels[i]);
	*reply = (struct radius_reply){ 0 };
}
