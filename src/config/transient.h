/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link and its profile that stand in no file: made of single values, which may hold what a line
 * of a file cannot, and judged by the same rows and checks as a file.
 */
#ifndef CONFIG_TRANSIENT_H
#define CONFIG_TRANSIENT_H

#include <l2tpd/config.h>

#include "option_text.h"

#define CONFIG_TRANSIENT_ERROR (OPTION_ERROR_LEN + 64)

/* A key of [link] or [ppp], and its value; what is a list may come several times. */
struct config_setting {
	const char *key, *value;
};

/*
 * A configuration of one link called name, with "ppp" as its profile (own_ppp, of the same name)
 * and originate set. 0; -EINVAL with error = what is wrong, never any of a secret; -ENOMEM. *ret is
 * for config_free().
 */
int config_transient(const char *name, const struct config_setting *link, size_t link_len,
	const struct config_setting *ppp, size_t ppp_len, struct config **ret,
	char error[static CONFIG_TRANSIENT_ERROR]);

#endif
