/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control server in a real event loop on a real socket; only who the client is comes from here:
 * getsockopt() and getgrnam_r() below are linked in place of libc's.
 */
#ifndef TESTS_CTL_RIG_H
#define TESTS_CTL_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "control/server.h"

/* The only group there is; this process is in it. */
#define FAKE_GROUP "l2tpd-test"

/* While fake_peer is set, this is what the kernel says of every client. */
extern bool fake_peer;
extern uid_t fake_uid;
extern gid_t fake_gid, fake_groups[100];
extern size_t fake_groups_len;

struct fixture {
	char dir[64], path[96];
	sd_event *event;
	struct ctl_server *server;
	struct request *kept[4];
	unsigned kept_len, cancelled, calls;
	pid_t pid;
	uid_t uid;
};

/* Echo and Big answer, Change does for those who may, Fail fails, Keep keeps its call. */
extern const struct ctl_method methods[];

#define ECHO_HI	  "{\"method\":\"org.l2tpd.Echo\",\"parameters\":{\"text\":\"hi\"}}"
#define REPLY_HI  "{\"parameters\":{\"text\":\"hi\"}}"
#define KEEP	  "{\"method\":\"org.l2tpd.Keep\"}"
#define KEEP_MORE "{\"method\":\"org.l2tpd.Keep\",\"more\":true}"
#define CHANGE	  "{\"method\":\"org.l2tpd.Change\"}"
#define EMPTY	  "{\"parameters\":{}}"

int start(struct fixture *f, const char *group, bool *ret_missing);

/* cmocka's set-up and tear-down: *state is a fixture whose server has started. */
int setup(void **state);
int teardown(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Run the loop until nothing is left to do. */
void pump(struct fixture *f);

int client_connect(struct fixture *f);
void client_send(int fd, const char *data, size_t len);
/* The strings with their NULs. */
void client_say(int fd, const char *text);
/* What is there: the number of bytes, -1: the connection was closed. */
ssize_t client_read(int fd, char *buf, size_t size);

/* Exactly these replies are there, and no more. */
void expect_replies(int fd, const char *const *replies);
#define EXPECT(fd, ...)	   expect_replies(fd, (const char *const[]){ __VA_ARGS__, NULL })
#define EXPECT_NOTHING(fd) expect_replies(fd, (const char *const[]){ NULL })
void expect_closed(int fd);
/* One reply, an error; returns its parameters (decref). */
json_t *expect_error(int fd, const char *error);

#endif
