/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls whose pppd is started by the thread for it, and what a copy of a ready-made one says. */
#ifndef TESTS_READY_RIG_H
#define TESTS_READY_RIG_H

#include "linux_steps.h"

#include <stdio.h>
#include <sys/types.h>

#include "linux/pppd.h"
#include "linux/pppd_starter.h"

/* The pppd of straw and the real plugin; the thread under test. */
extern const char *fake, *plugin;
extern struct pppd_starter *starter;

/* One call as the daemon has it: its ends of the three descriptors. */
struct test_call {
	int channel, event, log;
	pid_t pid;
	bool ready_made;
};

/* cmocka's set-up and tear-down. */
int set_up(void **state);
int tear_down(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Options with that plugin beside ours (or NULL) and these lines; the three descriptors of a call.
 */
void make_options(struct pppd_options *options, const char *second, const char *lines);
void make_fds(struct test_call *call, int theirs[3]);

/* A ready-made pppd with that plugin beside ours shall wait from now on. */
void keep_with(const char *second);
/* A call is ordered. */
void submit(struct test_call *call, const char *second, const char *lines);
/* What the thread says next: anything; that the call's pppd runs; that ready-made ones do not. */
void next_result(struct pppd_result *result);
void expect_started(struct test_call *call, bool ready_made);
void expect_trouble(const char *why);

/* The copy says of itself what a pppd should; ret_draw: its random number, or NULL. */
void expect_report(struct test_call *call, long *ret_draw);
/* These words are among those of its log. */
void expect_words(struct test_call *call, const char *words);
/* The call's channel is closed: its pppd ends with that code. */
void hang_up(struct test_call *call, int exit_code);

bool is_dead(int pid);
/* Nothing tells of a process: it is looked for until it is there. */
pid_t await_process(bool (*is)(int pid), pid_t but);
/* The pid of the one that waits; its copies have its command line, so they are told apart here. */
pid_t waiting_pid(pid_t copy);

#endif
