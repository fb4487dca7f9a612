/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "option_set.h"
#include "section.h"

void config_free(struct config *config)
{
	if (!config)
		return;
	config_sections_free(config);
	while (config->files_len)
		free(config->files[--config->files_len]);
	free(config->files);
	free(config);
}

const struct config_link *config_find_link(const struct config *config, const char *name)
{
	return (const struct config_link *)config_section_find(config, OPTION_LINK, name);
}

const struct config_ppp *config_find_ppp(const struct config *config, const char *name)
{
	return (const struct config_ppp *)config_section_find(config, OPTION_PPP, name);
}

int config_add_link(struct config *config, const char *name, const char *type)
{
	struct config_link *links, link = { .file = "" };
	const struct config_link *model;
	char error[OPTION_ERROR_LEN];
	int r;

	links = reallocarray(config->links, config->links_len + 1, sizeof(*links));
	if (!links)
		return -ENOMEM;
	config->links = links;
	link.name = strdup(name);
	r = link.name ? option_reset_all(OPTION_LINK, &link) : -ENOMEM;
	if (!r)
		r = option_set(option_find(OPTION_LINK, "type"), &link, type, error);
	model = r == -EINVAL ? config_find_link(config, type) : NULL;
	if (model)
		r = option_copy_all(OPTION_LINK, &link, model);
	if (r < 0) {
		option_clear_all(OPTION_LINK, &link);
		free(link.name);
		return r;
	}
	config->links[config->links_len++] = link;
	return 0;
}

void config_errors_free(struct config_errors *errors)
{
	while (errors->len)
		free(errors->text[--errors->len]);
	free(errors->text);
	errors->text = NULL;
}
