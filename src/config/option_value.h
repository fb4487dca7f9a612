/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside option*.c: what parsers of values share. They return 0, -EINVAL with error filled, or
 * -ENOMEM, and leave the field alone unless they return 0.
 */
#ifndef CONFIG_OPTION_VALUE_H
#define CONFIG_OPTION_VALUE_H

#include <netinet/in.h>
#include <stdint.h>

#include <l2tpd/config.h>

#include "option.h"

#define OPTION_BLANKS	    " \t"
#define OPTION_QUOTE_MAX    64
#define OPTION_RANGE_STRLEN (2 * INET_ADDRSTRLEN)

struct option_quoted {
	char text[OPTION_QUOTE_MAX + 8];
};

/* Fills error. Always -EINVAL. */
int option_fail(char error[static OPTION_ERROR_LEN], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* 'text', cut at a character's border if it is long */
struct option_quoted option_quote(const char *text, size_t len);
#define OPTION_QUOTE(what) option_quote(what, strlen(what)).text
/* The word at *text, its length in *ret_len, and *text behind it; NULL at the end. */
const char *option_word(const char **text, size_t *ret_len);
/* Only digits; false also if it is beyond max. */
bool option_digits(const char *text, size_t len, unsigned long max, unsigned long *ret);
/* Wipes. NULL is allowed. */
void option_free_text(char *text);

/* --- option_net.c --- */

int option_endpoint_parse(const struct option *option, struct config_endpoint *field,
	const char *text, char error[static OPTION_ERROR_LEN]);
int option_address_parse(
	struct l2tp_addr *field, const char *text, char error[static OPTION_ERROR_LEN]);
int option_dns_parse(
	struct l2tp_addr field[2], const char *text, char error[static OPTION_ERROR_LEN]);
int option_pool_parse(
	struct config_ppp *ppp, const char *text, char error[static OPTION_ERROR_LEN]);
int option_endpoint_format(const struct config_endpoint *ep, char **ret);
void option_range_format(const struct config_range *range, char buf[static OPTION_RANGE_STRLEN]);

#endif
