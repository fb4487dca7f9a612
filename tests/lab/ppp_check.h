/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an LNS would compute to check a login that it is told of: RFC 1994, RFC 2759. */
#ifndef TESTS_LAB_PPP_CHECK_H
#define TESTS_LAB_PPP_CHECK_H

#include <stdbool.h>

#include <l2tp/core.h>

/* The response in proxy is that of a client with this password. PAP: it is the password. */
bool ppp_check_login(const struct l2tp_proxy *proxy, const char *password);
/* RFC 2759 8.7: "S=" and 40 digits, which prove to the client that we know its password, too. */
void ppp_check_success(const struct l2tp_proxy *proxy, const char *password, char out[static 43]);

#endif
