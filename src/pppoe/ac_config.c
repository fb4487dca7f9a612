/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ac_config.h"

#include <assert.h>
#include <stdlib.h>

#define NAME_MAX_LEN	     200u
#define DEFAULT_REFUSAL_RATE 100u
#define DEFAULT_REFUSAL_HOLD USEC_PER_SEC
#define DEFAULT_COOKIE_LIFE  (60 * USEC_PER_SEC)

static bool is_name(const char *name)
{
	size_t len = name ? strlen(name) : 0;

	return len >= 1 && len <= NAME_MAX_LEN;
}

static void fill_in_defaults(struct pppoe_config *config)
{
	if (!config->max_payload)
		config->max_payload = PPPOE_PAYLOAD_STD;
	if (!config->max_sessions || config->max_sessions > PPPOE_SID_MAX)
		config->max_sessions = PPPOE_SID_MAX;
	if (!config->max_sessions_per_mac)
		config->max_sessions_per_mac = 1;
	if (!config->refusal_rate)
		config->refusal_rate = DEFAULT_REFUSAL_RATE;
	if (!config->refusal_hold)
		config->refusal_hold = DEFAULT_REFUSAL_HOLD;
	if (!config->cookie_life)
		config->cookie_life = DEFAULT_COOKIE_LIFE;
}

/* The strings stand behind the copy, the pointers to the services between them. */
struct pppoe_config *pppoe_config_copy(const struct pppoe_config *config)
{
	size_t size = sizeof(*config) + config->service_count * sizeof(char *);
	struct pppoe_config *copy;
	const char **services;
	char *at;

	assert(is_name(config->ac_name));
	size += strlen(config->ac_name) + 1;
	for (size_t i = 0; i < config->service_count; i++) {
		assert(is_name(config->services[i]));
		size += strlen(config->services[i]) + 1;
	}
	copy = malloc(size);
	if (!copy)
		return NULL;
	*copy = *config;
	services = (const char **)(copy + 1);
	at = (char *)(services + config->service_count);
	copy->services = services;
	copy->ac_name = at;
	at = stpcpy(at, config->ac_name) + 1;
	for (size_t i = 0; i < config->service_count; i++) {
		services[i] = at;
		at = stpcpy(at, config->services[i]) + 1;
	}
	fill_in_defaults(copy);
	return copy;
}

void pppoe_config_free(struct pppoe_config *copy)
{
	free(copy);
}
