/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Methods about options: shown, and set until the next reload. What is set is logged by its key,
 * never with its value.
 */
#ifndef DAEMON_API_CONFIG_H
#define DAEMON_API_CONFIG_H

#include <l2tpd/config.h>

#include "control/server.h"

void config_set_link(struct request *request, const json_t *params, void *user);
void config_create_link(struct request *request, const json_t *params, void *user);
void config_get(struct request *request, const json_t *params, void *user);
void config_list_options(struct request *request, const json_t *params, void *user);
/* All options of a link, {key: value}. */
/* What was set at run time goes into the files. */
void config_save_files(struct request *request, const json_t *params, void *user);
json_t *config_options_json(const struct config_link *link);

#endif
