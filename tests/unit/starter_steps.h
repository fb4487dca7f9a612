/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that starts calls, with a pppd of straw (fake_pppd.c): calls as the daemon has them,
 * what the starter answers, and the processes it has made.
 */
#ifndef TESTS_STARTER_STEPS_H
#define TESTS_STARTER_STEPS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "linux/pppd_starter.h"

/* How long something that must come may take, in ms. */
#define WAIT_MS 20000

extern const char *fake; /* the program */
extern struct pppd_starter *starter;

/* cmocka's set-up and tear-down: a starter; when it is gone no child must be left. */
int set_up(void **state);
int tear_down(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* One call as the daemon has it: its ends of the three descriptors. */
struct test_call {
	int channel, event, log;
	pid_t pid;
	bool ready_made;
};

bool readable(int fd, int ms);
unsigned count_fds(void);

/* Options with our plugin, another one if there is a second, and lines with ";" between them. */
void make_options(struct pppd_options *options, const char *second, const char *lines);
/* theirs: channel, events, log */
void make_fds(struct test_call *call, int theirs[3]);
void submit(struct test_call *call, const char *second, const char *lines);
/* A ready-made pppd with our plugin and the second one, and no other. */
void keep_with(const char *second);

void next_result(struct pppd_result *result);
void expect_started(struct test_call *call, bool ready_made);
void expect_trouble(const char *why);
/* What a pppd with "report" says of itself; *ret_draw: a random number of it. */
void expect_report(struct test_call *call, long *ret_draw);
/* Reaps it; exit_code -1: by a signal. */
void hang_up(struct test_call *call, int exit_code);

/* A process but one of which that is true; looked for until it is there. */
pid_t await_process(bool (*is)(int pid), pid_t but);
/* A dead child of ours that nobody has reaped. */
bool is_dead(int pid);
/* The one that waits; its copies have its command line, so they are told apart here. */
pid_t waiting_pid(pid_t copy);

#endif
