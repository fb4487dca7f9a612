/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the pppd plugin share: it is loaded afresh for each ($L2TPD_PLUGIN), pppd is
 * played by plugin_pppd.c, the daemon by the other end of a socket pair. Questions are numbered
 * from 1, so an answer can lie in the socket before the question is asked.
 */
#ifndef TEST_PLUGIN_RIG_H
#define TEST_PLUGIN_RIG_H

#include <stddef.h>

#include "plugin_pppd.h"

extern int daemon_end, plugin_end;
/* Time that passes only when the plugin waits; -1: real time. */
extern int waited_ms;

/* Set-up of cmocka tests: the plugin and no option; l2tpd-fd; and l2tpd-auth-peer; l2tpd-own-secret
 */
int load(void **state);
int start_plain(void **state);
int start_server(void **state);
int start_client(void **state);
int unload(void **state);
void start_plugin(void);

/* The next message to the daemon; its size, -1 if there is none. */
int next_msg(struct plugin_msg *msg);
void expect(struct plugin_msg *msg, enum plugin_msg_type type);
void expect_text(enum plugin_msg_type type, int number, const char *text);
void expect_phase(int number, const char *name);
void expect_down(int number, int by_peer, const char *words, const char *farewell);
void expect_nothing(void);
void drain(void);
/* secret NULL: no such user */
void answer(int question, const char *secret, const char *address);

/* A frame from the peer. */
void frame(int proto, int code, const void *data, size_t len);

#endif
