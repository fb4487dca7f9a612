/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that are addresses: functions for rows of option_ops, see option_value.h.
 */
#ifndef CONFIG_OPTION_NET_H
#define CONFIG_OPTION_NET_H

#include <netinet/in.h>

#include <l2tpd/config.h>

#include "option.h"
#include "option_text.h"

/* struct config_endpoint: kinds SELF and PEER, of which only PEER takes a /WIDTH */
int option_endpoint_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
void option_endpoint_clear(const struct option *option, void *object);
int option_endpoint_copy(const struct option *option, void *object, const void *from);
int option_endpoint_format(
	const struct option *option, const void *object, size_t index, char **ret);

/* struct l2tp_addr with the IPv4 address of a host */
int option_address_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
int option_address_format(
	const struct option *option, const void *object, size_t index, char **ret);

/* two of them; every line of the list adds */
int option_dns_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
int option_dns_format(const struct option *option, const void *object, size_t index, char **ret);

/* the pool of a struct config_ppp */
int option_pool_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
void option_pool_clear(const struct option *option, void *object);
int option_pool_copy(const struct option *option, void *object, const void *from);
int option_pool_format(const struct option *option, const void *object, size_t index, char **ret);

/* "FIRST-LAST" or one address */
#define OPTION_RANGE_STRLEN (2 * INET_ADDRSTRLEN)
void option_range_format(const struct config_range *range, char buf[static OPTION_RANGE_STRLEN]);

/*
 * "ADDR/WIDTH", or "ADDR" for that address alone. 0; -EINVAL: it is none; -ERANGE: there are bits
 * behind the width.
 */
int option_net(const char *text, struct l2tp_addr *ret, unsigned *ret_width);

#endif
