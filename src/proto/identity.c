/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "identity.h"

#include <stdlib.h>
#include <string.h>

static unsigned slot_of(const char *hostname, const uint8_t *secret, size_t secret_len)
{
	unsigned hash = 0;

	for (; *hostname; hostname++)
		hash = hash * 31 + (uint8_t)*hostname;
	for (size_t i = 0; i < secret_len; i++)
		hash = hash * 31 + secret[i];
	return hash % IDENTITIES;
}

static bool is_that(const struct identity *it, const struct l2tp_tunnel_params *params)
{
	const struct l2tp_secret *secret = &params->secret;

	return strcmp(it->hostname, params->hostname) == 0 &&
	       (it->vendor == NULL) == (params->vendor == NULL) &&
	       (!it->vendor || strcmp(it->vendor, params->vendor) == 0) &&
	       (it->secret == NULL) == (secret->data == NULL) &&
	       (!it->secret ||
		       (it->secret_len == secret->len &&
			       l2tp_equal_constant_time(it->secret, secret->data, secret->len)));
}

static struct identity *identity_new(const struct l2tp_tunnel_params *params)
{
	size_t host = strlen(params->hostname) + 1;
	size_t vendor = params->vendor ? strlen(params->vendor) + 1 : 0;
	struct l2tp_secret secret = params->secret;
	struct identity *it;
	char *at;

	if (!secret.data)
		secret.len = 0;
	/* one more, so that an empty secret, too, has an address inside */
	it = malloc(sizeof(*it) + host + vendor + secret.len + 1);
	if (!it)
		return NULL;
	*it = (struct identity){ .refs = 1, .secret_len = (uint32_t)secret.len };
	memcpy(it->hostname, params->hostname, host);
	at = it->hostname + host;
	if (vendor)
		it->vendor = memcpy(at, params->vendor, vendor);
	at += vendor;
	if (secret.data) {
		it->secret = (uint8_t *)at;
		memcpy(it->secret, secret.data, secret.len);
	}
	return it;
}

struct identity *identity_get(
	struct identities *identities, const struct l2tp_tunnel_params *params)
{
	size_t len = params->secret.data ? params->secret.len : 0;
	struct identity **recent =
		&identities->recent[slot_of(params->hostname, params->secret.data, len)];
	struct identity *it;

	if (*recent && is_that(*recent, params)) {
		(*recent)->refs++;
		return *recent;
	}
	it = identity_new(params);
	if (it)
		*recent = it;
	return it;
}

void identity_put(struct identities *identities, struct identity *identity)
{
	struct identity **recent;

	if (!identity || --identity->refs)
		return;
	recent = &identities->recent[slot_of(
		identity->hostname, identity->secret, identity->secret_len)];
	if (*recent == identity)
		*recent = NULL;
	if (identity->secret)
		explicit_bzero(identity->secret, identity->secret_len);
	free(identity);
}
