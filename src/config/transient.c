/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transient.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "check.h"
#include "config.h"
#include "option_set.h"
#include "section.h"

/* Keys of [link] that would make the link something else than a call of its maker. */
static const char *const not_here[] = { "ppp", "incoming", "autostart", "originate" };

static void unknown_key(struct config_build *build, enum option_section section,
	const struct config_place place, const char *key)
{
	const char *near = option_nearest(section, key);

	if (near)
		config_error(build, place, "unknown key '%.64s'; did you mean '%s'?", key, near);
	else
		config_error(build, place, "unknown key '%.64s' of a %s", key,
			option_section_name(section));
}

static bool is_not_here(enum option_section section, const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(not_here) / sizeof(not_here[0]); i++)
		if (section == OPTION_LINK && strcmp(key, not_here[i]) == 0)
			return true;
	return false;
}

static void set_one(struct config_build *build, enum option_section section, void *object,
	struct config_places *places, const struct config_setting *setting)
{
	const struct option *option = option_find(section, setting->key);
	const struct config_place place = { .file = "" };
	char error[OPTION_ERROR_LEN];
	struct config_place *set;
	int r;

	if (!option) {
		unknown_key(build, section, place, setting->key);
		return;
	}
	if (is_not_here(section, setting->key)) {
		config_error(build, place, "%s: cannot be set for a transient link", setting->key);
		return;
	}
	set = &places->of[option - option_table];
	if (set->file && !(option->flags & OPTION_LIST)) {
		config_error(build, place, "%s: given twice", setting->key);
		return;
	}
	*set = place;
	r = option_set(option, object, setting->value, error);
	if (r == -ENOMEM)
		build->no_memory = true;
	else if (r < 0)
		config_error(build, place, "%s", error);
}

static void originate(struct config_build *build, struct config_link *link)
{
	const struct option *option = option_find(OPTION_LINK, "originate");
	char error[OPTION_ERROR_LEN];

	build->places[OPTION_LINK]->of[option - option_table].file = "";
	if (option_set(option, link, "yes", error) < 0)
		build->no_memory = true; /* the value is good */
}

/* One link and one profile with their defaults. 0 or -ENOMEM. */
static int begin(struct config_build *build, const char *name)
{
	struct config_place nowhere = { .file = "" };
	struct config *config = build->config;

	if (config_section_add(build, OPTION_LINK, name, nowhere) < 0 ||
		config_section_add(build, OPTION_PPP, name, nowhere) < 0)
		return -ENOMEM;
	config->links->own_ppp = config->ppps;
	originate(build, config->links);
	return build->no_memory ? -ENOMEM : 0;
}

static int take(struct config_build *build, const struct config_errors *errors, struct config **ret,
	char error[static CONFIG_TRANSIENT_ERROR])
{
	int r = config_build_take(build, ret);

	if (r < 0)
		snprintf(error, CONFIG_TRANSIENT_ERROR, "%s",
			errors->len && r == -EINVAL ? errors->text[0] : strerror(-r));
	return r;
}

int config_transient(const char *name, const struct config_setting *link, size_t link_len,
	const struct config_setting *ppp, size_t ppp_len, struct config **ret,
	char error[static CONFIG_TRANSIENT_ERROR])
{
	struct config_errors errors = { 0 };
	struct config_build build;
	size_t i;
	int r;

	r = config_build_init(&build, &errors);
	if (r == 0)
		r = begin(&build, name);
	for (i = 0; r == 0 && i < link_len; i++)
		set_one(&build, OPTION_LINK, build.config->links, build.places[OPTION_LINK],
			&link[i]);
	for (i = 0; r == 0 && i < ppp_len; i++)
		set_one(&build, OPTION_PPP, build.config->ppps, build.places[OPTION_PPP], &ppp[i]);
	if (r == 0) {
		config_check(&build);
		r = take(&build, &errors, ret, error);
	} else {
		snprintf(error, CONFIG_TRANSIENT_ERROR, "%s", strerror(-r));
	}
	config_build_free(&build);
	config_errors_free(&errors);
	return r;
}
