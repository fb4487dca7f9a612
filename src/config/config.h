/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration as a whole: what is in it is in <l2tpd/config.h>.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <l2tpd/config.h>

/* Wipes secrets. NULL is allowed. */
void config_free(struct config *config);

const struct config_link *config_find_link(const struct config *config, const char *name);
const struct config_ppp *config_find_ppp(const struct config *config, const char *name);

/*
 * One more link, behind the others, with nothing but its type; or, if type is the name of a link,
 * with all that this one has. Pointers to links are void after it. 0; -EINVAL: neither such a type
 * nor such a link; -ENOMEM. The name is valid and new.
 */
int config_add_link(struct config *config, const char *name, const char *type);

void config_errors_free(struct config_errors *errors);

#endif
