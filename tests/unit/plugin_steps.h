/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's side of the plugin's socket, the plugin in a pppd that has come so far, the peer's
 * frames. */
#ifndef TESTS_PLUGIN_STEPS_H
#define TESTS_PLUGIN_STEPS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "plugin_pppd.h"

extern int daemon_end, plugin_end;

/* -1: real time. From 0 on waiting takes no time, but is added up here. */
extern int waited_ms;

/* cmocka's set-ups and their tear-down: loaded; connected; that and the peer logs in; or we do. */
int load(void **state);
int start_plain(void **state);
int start_server(void **state);
int start_client(void **state);
int unload(void **state);
#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, unload)

/* What load() leaves out: the socket is handed over. */
void start(void);

/* The plugin's next message, and what it must be. */
int next_msg(struct plugin_msg *msg);
void expect(struct plugin_msg *msg, enum plugin_msg_type type);
void expect_text(enum plugin_msg_type type, int number, const char *text);
void expect_down(int number, int by_peer, const char *words, const char *farewell);
void expect_phase(int number, const char *name);
void expect_nothing(void);
void drain(void);

/* The daemon's answer to a question; secret NULL: no such user. */
void answer(int question, const char *secret, const char *address);

/* A frame from the peer. */
void frame(int proto, int code, const void *data, size_t len);

/* The peer answers challenge "0123456789abcdef", id 7, with the proof of secret. */
int chap(const char *name, const char *secret, char *message);
int pap(const char *name, const char *password, char **message);

#endif
